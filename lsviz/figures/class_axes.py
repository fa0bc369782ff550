"""The two axes of a map whose rows and columns are classes: names that fit their cells, and room for the longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsviz.figures import numbers, theme
from lsviz.figures.live import escape

FEW = 10  # classes whose names stay as large on a phone


@dataclass(frozen=True)
class ClassAxes:
    """For `theme.layout`: `x`, `y` and `margin`; `narrow` is what a phone changes of them; `below` pixels are left under the map."""

    x: dict[str, Any]
    y: dict[str, Any]
    margin: dict[str, int]
    narrow: dict[str, float]
    below: int


def class_axes(names: Sequence[str]) -> ClassAxes:
    """The first class on top; column names slant where they are longer than two letters."""
    count, longest = len(names), max(map(numbers.letters, names))
    left, below = 16 + 7 * longest, 30 + 5 * longest
    ticks = dict(
        tickvals=list(range(count)), ticktext=[escape(name) for name in names], showgrid=False, zeroline=False, fixedrange=True, ticks="",
        tickfont=dict(size=13 if count <= FEW else 12, color=theme.token("muted")),
    )  # fmt: skip
    narrow: dict[str, float] = {
        "margin.l": 12 + 5 * longest,
        "margin.b": 14 + 4 * longest,
        "xaxis.tickfont.size": 9,
        "yaxis.tickfont.size": 9,
    }
    return ClassAxes(
        {"tickangle": -45 if longest > 2 else 0, **ticks},
        {"autorange": "reversed", **ticks},
        dict(l=left, r=8, t=44, b=below),
        narrow if count > FEW else {},
        below,
    )
