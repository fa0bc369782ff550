"""How many of their true neighbours the images of a map keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move


def kept_figure(alphas: Sequence[float], shares: NDArray[np.float64], words: Mapping[str, str]) -> LiveFigure:
    """`shares` (S, 16): of the images, those that keep 0, 1 ... 15 of 15; the hard network's, the first, stay as outlines."""
    count = np.arange(shares.shape[1])
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    figure = go.Figure(
        [
            go.Bar(x=count, y=shares[0], width=0.84, marker=dict(color=colors[0]), hoverinfo="skip"),
            go.Scatter(
                mode="lines", x=np.stack([count - 0.5, count + 0.5], axis=1).ravel(), y=np.repeat(shares[0], 2),
                line=dict(color=theme.HARD, width=2.5), hoverinfo="skip",
            ),
        ],
        theme.layout(
            words["kept_title"], 230, margin=dict(l=52, r=16, t=40, b=52), bargap=0,
            xaxis=theme.axis(title=words["kept_axis"], range=[-0.7, 15.7], tickvals=[0, 5, 10, 15], showgrid=False),
            yaxis=theme.axis(range=[0, float(shares.max()) * 1.12], tickformat=".0%"),
        ),
    )  # fmt: skip
    moves = (Move(0, "y", shares.copy()), Move(0, "marker.color", colors))
    mean = shares @ count
    alt = tuple(
        words["kept_alt"].format(alpha=numbers.alpha_text(a), mean=f"{mean[s]:.1f}", hard=f"{mean[0]:.1f}")
        for s, a in enumerate(alphas)
    )
    table = {"alpha": np.repeat(alphas, len(count)), "kept": np.tile(count, len(alphas)), "share_of_images": shares.ravel()}
    return LiveFigure(figure, alt, table, Frames(tuple(alphas), moves))
