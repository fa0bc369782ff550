"""What follows alpha in the browser: plots that keep their DOM, the headline, and saving a plot as an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lsviz.core.marked import parts
from lsviz.figures.live import LiveFigure
from lsviz.figures.theme import LIGHT
from lsviz.texts.catalogue import unbroken
from lsviz.ui import prose
from lsviz.ui.apart import runs_apart
from lsviz.ui.assets import plotly_sources, served_component

_plot = served_component("lsviz_plot", "plot")
_headline = served_component("lsviz_headline", "headline", waiting_height="4.2rem")
_image_buttons = served_component("lsviz_image_buttons", "image_buttons")

_EXPORT_FONT = (
    "'Source Sans', 'Source Sans 3', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'NanumGothic', Arial, sans-serif"
)


def live_plot(live: LiveFigure, *, key: str, picked: Callable[[int], None] | None = None, lasso: str | None = None):
    """Mount a live figure. Same key = same chart: DOM, zoom, hover and selection outlive reruns and moves of alpha.

    `picked` is called with the image of a linked point that was clicked. With `lasso`, a sentence with "{count}", dragging
    marks images in every linked chart instead of zooming.
    """
    if runs_apart():
        return None
    data = live.payload | {"key": key, "source": plotly_sources(), "picks": picked is not None, "lasso": lasso}
    if picked is None:
        return _plot(key=key, data=data)
    return _plot(key=key, data=data, on_picked_change=lambda: _hear(key, picked))


def _hear(key: str, picked: Callable[[int], None]) -> None:
    said = st.session_state[key].get("picked")
    if isinstance(said, int) and not isinstance(said, bool):
        picked(said)


def headline(stops: Sequence[float], heads: Sequence[str], subs: Sequence[str], *, key: str = "headline"):
    """The page's finding (h1) and one muted sentence below it, one string per stop, shown live as alpha moves.

    Markup: `:orange[hard] :blue[smoothed] :violet[under] **bold** *italic*`; a colour may hold bold or italic.
    Raises ValueError when the numbers of stops, heads and subs differ.
    """
    if not len(stops) == len(heads) == len(subs):
        raise ValueError(f"{len(stops)} stops, {len(heads)} heads and {len(subs)} subs: give one of each per stop")
    below = [prose.pieces(text) for text in subs]
    data = {"stops": list(stops), "heads": [parts(unbroken(text)) for text in heads], "subs": below, "terms": prose.cards(below)}
    return _headline(key=key, data=data)


def image_buttons(plot_key: str, filename: str):
    """Buttons "SVG" and "PNG" that save the plot mounted under `plot_key` as it stands, in the light theme."""
    data = {
        "plot": plot_key,
        "filename": filename,
        "formats": [["svg", "SVG"], ["png", "PNG"]],
        "light": dict(LIGHT),
        "font": _EXPORT_FONT,
    }
    return _image_buttons(key=f"image_{plot_key}", data=data)
