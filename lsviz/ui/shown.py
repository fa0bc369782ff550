"""A figure on a page: its plot and the foot below it, under one key; and a row of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from lsviz.figures.live import LiveFigure
from lsviz.texts.catalogue import t
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot


def figure(
    live: LiveFigure,
    key: str,
    *,
    badge: str = "",
    source: str = "measured",
    how: str = "",
    picked: Callable[[int], None] | None = None,
    lasso: str | None = None,
    brushed: Callable[[Sequence[float]], None] | None = None,
) -> None:
    """The live plot and its foot. `key` is section_name: "How to read" is the text section.how_name, or the one at `how`.

    `badge` is that of one stored network a value unless it says otherwise; `picked`, `lasso` and `brushed` are live_plot's.
    """
    section, _, name = key.partition("_")
    live_plot(live, key=key, picked=picked, lasso=lasso, brushed=brushed)
    figure_foot(live, key=key, badge=badge or t("badge.measured_one"), source=source, how=t(how or f"{section}.how_{name}"))


def row(
    lives: Mapping[str, LiveFigure | None],
    widths: int | Sequence[int] = 2,
    *,
    badge: str = "",
    source: str = "measured",
    how: str = "",
) -> None:
    """Figures by their keys side by side, each with its foot; the place of one that is missing stays empty."""
    for column, (key, live) in zip(st.columns(widths, gap="large"), lives.items(), strict=True):
        if live is not None:
            with column:
                figure(live, key, badge=badge, source=source, how=how)
