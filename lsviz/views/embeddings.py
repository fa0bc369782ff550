"""Embeddings: hard beside smoothed in the template plane, PCA and UMAP, with the numbers that prove what the eye sees."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.figures.embeddings import tightness_figure
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.state import ViewState
from lsviz.ui import controls, zoo
from lsviz.ui.cluster_controls import cluster_controls
from lsviz.ui.cluster_numbers import findings, most_seeds, number_table, spread_rows, umap_parameters
from lsviz.ui.foot import figure_foot
from lsviz.ui.geometry_details import geometry_details
from lsviz.ui.live_umap import live_umap
from lsviz.ui.neighbours import neighbours
from lsviz.ui.panels import panels
from lsviz.ui.pictures import gallery, gallery_runs, trio_within
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.projector import projector
from lsviz.ui.texts import cached_words, t, words
from lsviz.ui.training_time import training_time


@cached_words(max_entries=16)
def tightness(stamp: str, n: int, trio: tuple[int, ...]) -> LiveFigure:
    alphas = [run.config.alpha for run in gallery_runs(n)]
    return tightness_figure(alphas, spread_rows(n, trio), words("embeddings"))


def below(state: ViewState, n: int, trio: tuple[int, ...]) -> None:
    left, right = st.columns([8, 4], gap="large")
    with left:
        live = tightness(zoo.stamp(), n, trio)
        live_plot(live, key="embeddings_tight")
        figure_foot(live, key="embeddings_tight", badge=t("badge.measured_one"), source="measured", how=t("embeddings.how_tight"))
    with right:
        st.subheader(t("embeddings.cost_title"))
        st.markdown(t("embeddings.cost"))
    runs = gallery_runs(n)
    chosen = runs[nearest_stop([run.config.alpha for run in runs], state.alpha)]
    st.subheader(t("embeddings.numbers_title"))
    st.markdown(number_table(runs[0], chosen, state.split, trio))
    count = most_seeds((runs[0], chosen))
    note = t("embeddings.numbers_note", split=t(f"embeddings.split.{state.split}").lower(), parameters=umap_parameters(chosen))
    st.caption(f"{note} {t('embeddings.numbers_seeds', count=count)}" if count > 1 else note)
    projector(chosen, state.split)


def render() -> None:
    state = controls.view_state()
    n = zoo.snapped(state.num_classes)
    runs = gallery_runs(n)
    if not runs:
        st.title(t("nav.embeddings"), anchor=False)
        zoo.sorry(350, *(zoo.problems(n) or (LsvizError("store.features", n=n),)))
        return
    trio = trio_within(state.classes, n) if n >= 3 else ()
    headline([run.config.alpha for run in runs], *findings(zoo.stamp(), n, trio))
    if n != state.num_classes:
        st.caption(t("dock.nearest_n", asked=state.num_classes, shown=n))
    view = cluster_controls(n)
    if view == "plane" and not trio:
        st.caption(t("embeddings.no_plane"))
        view = "pca"
    shown = gallery(n, view, state.split, trio)
    zoo.mention((*zoo.problems(n), *shown.problems))
    if shown.pictures:
        panels(state, n, view, trio, shown)
    else:
        zoo.sorry(350, *shown.problems)
    neighbours(state, runs)
    below(state, n, trio)
    geometry_details(state, n)
    live_umap(state, runs[0], runs[nearest_stop([run.config.alpha for run in runs], state.alpha)])
    training_time(state, n, trio)


if __name__ == "__main__":
    render()
