"""The pictures on Embeddings: the pinned alpha beside the moving one, or all trained alphas as a strip."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import theme
from lsviz.figures.embeddings import cluster_figure
from lsviz.figures.live import LiveFigure
from lsviz.figures.strip import MOST_IMAGES, strip_figure
from lsviz.state import ViewState
from lsviz.ui import zoo
from lsviz.ui.foot import figure_foot
from lsviz.ui.neighbours import pick_image
from lsviz.ui.pictures import Gallery, gallery, gallery_runs
from lsviz.ui.plots import live_plot
from lsviz.ui.texts import cached_words, t, words


def panels(state: ViewState, n: int, view: str, trio: tuple[int, ...], shown: Gallery) -> None:
    """Draws `shown`, the gallery of this `view` and `trio`, as the state asks."""
    same, seed, count = state.same_scale and view != "umap", gallery_runs(n)[0].config.seed, len(shown.pictures[0].points)
    asked = (zoo.stamp(), n, view, state.split, trio, same, state.color)
    lasso = marking(state)
    if state.strip:
        live, key, count = _strip(*asked), f"embeddings_strip_{view}", min(count, MOST_IMAGES)
        live_plot(live, key=key, picked=pick_image, lasso=lasso)
    else:
        hard, live = _pair(*asked, state.pin)
        key = f"embeddings_soft_{view}"
        for column, panel, name in zip(st.columns(2, gap="small", wrap=False), (hard, live), ("hard", "soft")):
            with column:
                live_plot(panel, key=f"embeddings_{name}_{view}", picked=pick_image, lasso=lasso)
    badge = t("embeddings.badge", count=theme.whole(count), seed=seed)
    figure_foot(live, key=key, badge=badge, source="measured", how=t(f"embeddings.how_{view}"))


def marking(state: ViewState) -> str | None:
    """What a picture says of images marked with the lasso; None while dragging zooms."""
    return t("embeddings.marked", count="{count}") if state.lasso else None


@cached_words(max_entries=48)
def _pair(stamp: str, n: int, view: str, split: str, trio: tuple[int, ...], same: bool, color: str, pin: float) -> tuple[LiveFigure, LiveFigure]:
    shown = gallery(n, view, split, trio)
    first = sorted(shown.pictures, key=lambda picture: picture.alpha != pin)  # the pinned one leads, the others keep their order
    make = lambda pictures, pinned: cluster_figure(
        pictures, shown.names, shown.places, words("embeddings"), same_scale=same, pinned=pinned, color=color
    )
    return make(first, True), make(shown.pictures, False)


@cached_words(max_entries=24)
def _strip(stamp: str, n: int, view: str, split: str, trio: tuple[int, ...], same: bool, color: str) -> LiveFigure:
    shown = gallery(n, view, split, trio)
    return strip_figure(
        shown.pictures, shown.names, shown.places, words("embeddings"), color=color, same_scale=same, spread=view != "umap"
    )
