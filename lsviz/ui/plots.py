"""What follows alpha in the browser: plots that keep their DOM, the headline, and saving a plot as an image."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from lsviz.core.marked import parts
from lsviz.figures.live import LiveFigure
from lsviz.figures.theme import LIGHT
from lsviz.texts.catalogue import unbroken
from lsviz.ui import prose
from lsviz.ui.apart import runs_apart
from lsviz.ui.assets import packed, plotly_sources, served_component

_plot = served_component("lsviz_plot", "plot")
_headline = served_component("lsviz_headline", "headline", waiting_height="4.2rem")
_caption = served_component("lsviz_caption", "headline", waiting_height="1.3rem")
_along = served_component("lsviz_along", "along", waiting_height="12rem")
_image_buttons = served_component("lsviz_image_buttons", "image_buttons")

_EXPORT_FONT = (
    "'Source Sans', 'Source Sans 3', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'NanumGothic', Arial, sans-serif"
)


def live_plot(
    live: LiveFigure,
    *,
    key: str,
    picked: Callable[[int], None] | None = None,
    lasso: str | None = None,
    brushed: Callable[[Sequence[float]], None] | None = None,
):
    """Mount a live figure. Same key = same chart: DOM, zoom, hover and selection outlive reruns and moves of alpha.

    `picked` is called with the image of a linked point that was clicked. With `lasso`, a sentence with "{count}", dragging
    marks images in every linked chart instead of zooming. `brushed` is called with both ends of a stretch
    of the x axis that was dragged over, in its units.
    """
    if runs_apart():
        return None
    told = {"key": key, "source": plotly_sources(), "picks": picked is not None, "lasso": lasso, "brush": brushed is not None}
    data = packed(told, live.packed)
    if brushed is not None:
        return _plot(key=key, data=data, on_brushed_change=lambda: _hear_ends(key, brushed))
    if picked is None:
        return _plot(key=key, data=data)
    return _plot(key=key, data=data, on_picked_change=lambda: _hear(key, picked))


def _hear(key: str, picked: Callable[[int], None]) -> None:
    said = st.session_state[key].get("picked")
    if isinstance(said, int) and not isinstance(said, bool):
        picked(said)


def _hear_ends(key: str, brushed: Callable[[Sequence[float]], None]) -> None:
    said = st.session_state[key].get("brushed")
    if isinstance(said, list) and len(said) == 2 and all(isinstance(end, (int, float)) and math.isfinite(end) for end in said):
        brushed(said)


def headline(stops: Sequence[float], heads: Sequence[str], subs: Sequence[str], *, key: str = "headline"):
    """The page's finding (h1) and one muted sentence below it, one string per stop, shown live as alpha moves.

    Markup: `:orange[hard] :blue[smoothed] :violet[under] **bold** *italic*`; a colour may hold bold or italic.
    Raises ValueError when the numbers of stops, heads and subs differ.
    """
    if not len(stops) == len(heads) == len(subs):
        raise ValueError(f"{len(stops)} stops, {len(heads)} heads and {len(subs)} subs: give one of each per stop")
    told = _told(subs, key)
    return _headline(key=key, data={"stops": list(stops), "heads": [parts(unbroken(text)) for text in heads], **told})


def caption_along(stops: Sequence[float], texts: Sequence[str], *, key: str, plain: bool = False) -> None:
    """A caption (a `plain` paragraph) that follows alpha as the headline does, one text per stop, "" where there is nothing to say.

    Raises ValueError as there.
    """
    if len(stops) != len(texts):
        raise ValueError(f"{len(stops)} stops and {len(texts)} texts: give one of each per stop")
    if any(texts):
        _caption(key=key, data={"stops": list(stops), "look": "plain" if plain else "caption", **_told(texts, key)})


def along(stops: Sequence[float], values: Sequence[Sequence[str]], blocks: Sequence[tuple[str, object]], *, key: str):
    """Formulas, sentences and numbers that follow alpha as the headline does.

    `blocks`: ("formula", `core.formula.tree`), ("sentence", `core.marked.parts`) or ("numbers", [(name, text), ...]), in which `place(i)`
    stands for the i-th value; `values`: those of each stop. Raises ValueError if the lengths differ.
    """
    if len(stops) != len(values):
        raise ValueError(f"{len(stops)} stops and values of {len(values)}: give a row for each stop")
    _along(key=key, data={"stops": list(stops), "values": values, "blocks": blocks})


def place(value: int) -> str:
    """Stands for the value of this number in what `along` shows."""
    return chr(0xE000 + value)


def _told(texts: Sequence[str], where: str) -> dict[str, object]:
    """Texts that stand in one place in turn as pieces, and the cards of their terms."""
    subs = [prose.pieces(text, where) for text in texts]
    return {"subs": subs, "terms": prose.cards(subs)}


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
