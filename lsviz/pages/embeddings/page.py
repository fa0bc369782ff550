"""Embeddings: networks side by side in the template plane, PCA and UMAP, with the numbers that prove what the eye sees."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.pages.embeddings.controls import cluster_controls
from lsviz.pages.embeddings.kept import tightness
from lsviz.pages.embeddings.neighbours import neighbours
from lsviz.pages.embeddings.numbers import findings, most_seeds, number_rows, number_table, umap_parameters
from lsviz.pages.embeddings.over_alpha import geometry_details
from lsviz.pages.embeddings.projector_files import projector
from lsviz.pages.embeddings.side_by_side import Sides, panels, projections, sides
from lsviz.pages.embeddings.training_time import training_time
from lsviz.pages.embeddings.umap_live import live_umap
from lsviz.pages.embeddings.umap_map import map_headline, map_problems, umap_map, under_map
from lsviz.pages.embeddings.under_picture import spread_trend
from lsviz.state import ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import controls, notices, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.pictures import gallery, gallery_runs, trio_within


def behind(state: ViewState, n: int, trio: tuple[int, ...], two: Sides) -> None:
    """The numbers behind the pictures, and files for other programs."""
    runs = tuple(run.id for run in gallery_runs(n)) if state.strip else two.runs
    number_table(number_rows(runs, state.split, trio))
    records = [networks.store().record(run) for run in runs]
    count = most_seeds(records)
    note = t("embeddings.numbers_note", split=t(f"embeddings.split.{state.split}").lower(), parameters=umap_parameters(records[-1]))
    prose.caption(f"{note} {t('embeddings.numbers_seeds', count=count)}" if count > 1 else note)
    projector(networks.store().record(two.now), state.split)


def neighbours_of(state: ViewState, n: int) -> None:
    if state.image:
        at_alpha("neighbours", lambda now: neighbours(now, sides(now, n).runs))
    else:
        prose.caption(t("embeddings.near_none"))


def render() -> None:
    state = controls.view_state()
    n = networks.snapped(state.num_classes)
    runs = gallery_runs(n)
    if not runs:
        st.title(t("nav.embeddings"), anchor=False)
        notices.sorry(350, *(networks.problems(n) or (LsvizError("store.features", n=n),)))
        return
    trio, two = trio_within(state.classes, n) if n >= 3 else (), sides(state, n)
    views = projections(state.view, trio)
    on_map = views == ("umap",)
    said = map_headline(state, n) if on_map else None
    headline(*(said or ([run.config.alpha for run in runs], *findings(n, trio))))
    if n != state.num_classes:
        prose.caption(t("dock.nearest_n", asked=state.num_classes, shown=n))
    view = cluster_controls(n, two)
    if view in ("plane", "all") and not trio:
        prose.caption(t("embeddings.no_plane"))
    missing = (
        map_problems(n, state.split)
        if on_map
        else [wrong for each in views for wrong in gallery(n, each, state.split, trio).problems]
    )
    notices.mention((*networks.problems(n), *missing))
    if on_map:
        umap_map(state, n, two)
        under_map(state, n, two, trio)
    else:
        panels(state, n, views, trio, two)
        neighbours_of(state, n)
    figure(tightness(n, trio), "embeddings_tight")
    fold("falls", lambda: spread_trend(n, trio))
    fold("behind", lambda: at_alpha("behind", lambda now: behind(now, n, trio, sides(now, n))))
    fold("geometry", lambda: geometry_details(state, n, views[-1], trio))
    fold("live", lambda: at_alpha("umap_live", lambda now: live_umap(now, *sides(now, n).runs)))
    fold("time", lambda: training_time(state, n, trio))


if __name__ == "__main__":
    render()
