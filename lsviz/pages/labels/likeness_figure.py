"""Similar classes: where probability that is not on the label goes, hard beside smoothed, as two maps on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.comparing.changes import Change
from lsviz.figures import numbers, theme
from lsviz.figures.class_axes import FEW, class_axes
from lsviz.figures.live import Column, Frames, LiveFigure, Move, escape

_SCALE = [[0, "#f4f5f3"], [1, "#4a5464"]]  # its end stands out from the page in both themes: what is blank is the diagonal


@dataclass(frozen=True)
class Likeness:
    """One network: its map (m, m), NaN where there is none, and over all images the share on look-alikes and the flatness."""

    map: NDArray[np.float64]
    share: float
    even: float  # the share an even spread would give
    flatness: float
    against_hard: tuple[float, float, float] | None = None  # paired difference of the share: (mean, low, high)
    likeliest: Change | None = None  # from hard: how often the likeliest wrong class is a look-alike


def likeness_figure(
    networks: Mapping[float, Likeness], names: Sequence[str], words: Mapping[str, str], *, top: float, pinned: bool, title: str = ""
) -> LiveFigure:  # fmt: skip
    """Row: true class; column: the wrong class the remaining probability goes to. `pinned` keeps the hard network, else alpha moves it.

    Cells of `top` and above are darkest; `title` is another title than that of stored networks.
    """
    shown = {alpha: one for alpha, one in networks.items() if not pinned or alpha == min(networks)}
    plain = [escape(name) for name in names]
    cells = {alpha: [[None if np.isnan(v) else round(float(v), 3) for v in row] for row in one.map] for alpha, one in shown.items()}
    said = [title or _said(alpha, one, words) for alpha, one in shown.items()]
    axes = class_axes(names)
    side = (300 if len(names) <= FEW else 350) + axes.below
    figure = go.Figure(
        [
            go.Heatmap(
                z=cells[min(shown)], zmin=0, zmax=top, colorscale=_SCALE, showscale=False, hoverongaps=False, xgap=1, ygap=1,
                customdata=[[f"{row}: {column}" for column in plain] for row in plain], hovertemplate="%{customdata} %{z:.1%}<extra></extra>",
            )
        ],
        theme.layout(
            f"<b>{said[0]}</b>", side, margin=axes.margin, xaxis=axes.x, yaxis=axes.y,
        ),
    )  # fmt: skip
    count = len(names)
    table: dict[str, Column] = {
        "alpha": [alpha for alpha in shown for _ in range(count * count)],
        "true": [name for _ in shown for name in names for _ in names],
        "other": [name for _ in shown for _ in names for name in names],
        "share": [float(v) for one in shown.values() for v in one.map.ravel()],
    }
    narrow = {"height": 340 if count <= FEW else 430, "title.font.size": 14} | axes.narrow
    if pinned:
        return LiveFigure(figure, tuple(said), table, narrow=narrow)
    frames = Frames(tuple(shown), (Move(0, "z", list(cells.values())),), {"title.text": [f"<b>{text}</b>" for text in said]})
    return LiveFigure(figure, tuple(said), table, frames, narrow=narrow)


def _said(alpha: float, one: Likeness, words: Mapping[str, str]) -> str:
    return words["title_alike_hard" if alpha == 0 else "title_alike"].format(
        alpha=numbers.alpha_text(alpha), share=numbers.percent(one.share, 0), even=numbers.percent(one.even, 0)
    )
