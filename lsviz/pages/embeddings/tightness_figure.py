"""How tight the clusters are over alpha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move


def tightness_figure(alphas: Sequence[float], rows: Mapping[str, Sequence[float]], words: Mapping[str, str]) -> LiveFigure:
    """Each measure of spread as a share of its value with hard targets (the first alpha), on a log axis; 1 = hard."""
    labels = list(rows)
    ratios = np.array([np.asarray(values, float) / values[0] for values in rows.values()])  # (rows, stops)
    y = np.arange(len(labels), dtype=float)
    low = min(1 / 8, float(np.nanmin(ratios)) * 0.5)
    high = max(1.6, float(np.nanmax(ratios)) * 1.6)  # both with room for the number beside the dot
    # one line a row, broken by gaps, so that all rows move as one trace
    across = np.full((len(alphas), 3 * len(labels)), np.nan)
    across[:, 0::3], across[:, 1::3] = 1.0, ratios.T
    down = np.repeat(y, 3).astype(float)
    texts = [[f"<b>{numbers.ratio(v)}</b>" if alphas[s] > 0 else "" for v in ratios[:, s]] for s in range(len(alphas))]
    places = [["middle left" if v < 1 else "middle right" for v in ratios[:, s]] for s in range(len(alphas))]
    pad = [
        [f"{text}\u2002" if place == "middle left" else f"\u2002{text}" for text, place in zip(*pair)]
        for pair in zip(texts, places)
    ]
    figure = go.Figure(
        [
            go.Scatter(mode="lines", x=[1, 1], y=[-0.5, len(labels) - 0.5], hoverinfo="skip", line=dict(color=theme.token("line"), width=1.5)),
            go.Scatter(mode="lines", x=across[0], y=down, hoverinfo="skip", line=dict(color=theme.HARD, width=3)),
            go.Scatter(
                mode="markers", x=np.ones(len(y)), y=y, hoverinfo="skip",
                marker=dict(size=11, color=theme.token("bg"), line=dict(color=theme.HARD, width=2.5)),
            ),
            go.Scatter(
                mode="markers+text", x=ratios[:, 0], y=y, text=pad[0], textposition=places[0], hoverinfo="skip", cliponaxis=False,
                marker=dict(size=14, color=theme.HARD, line=dict(color=theme.token("bg"), width=1.5)),
                textfont=dict(size=16, color=theme.token("text")),
            ),
        ],
        theme.layout(
            words["tight_title"], 270, margin=dict(l=170, r=24, t=40, b=44),
            xaxis=theme.axis(
                type="log", range=[float(np.log10(low)), float(np.log10(high))], tickvals=[0.125, 0.25, 0.5, 1],
                ticktext=["1/8", "1/4", "1/2", words["tight_same"]],
            ),
            yaxis=theme.axis(
                range=[len(labels) - 0.4, -0.6], tickvals=list(y), ticktext=[words[label] for label in labels], showgrid=False,
                tickfont=dict(size=15, color=theme.token("text")),
            ),
        ),
    )  # fmt: skip
    colors = [theme.alpha_color(a) for a in alphas]
    moves = (
        Move(1, "x", across),
        Move(1, "line.color", colors),
        Move(3, "x", ratios.T.copy()),
        Move(3, "text", pad),
        Move(3, "textposition", places),
        Move(3, "marker.color", colors),
    )
    alt = tuple(
        words["tight_alt"].format(
            alpha=numbers.alpha_text(a), numbers=", ".join(f"{words[k]} {numbers.ratio(v)}" for k, v in zip(labels, ratios[:, s]))
        )
        for s, a in enumerate(alphas)
    )
    table = {"alpha": np.tile(alphas, len(labels)), "measure": np.repeat(labels, len(alphas)), "share_of_hard": ratios.ravel()}
    return LiveFigure(
        figure,
        alt,
        table,
        Frames(tuple(alphas), moves),
        narrow={"height": 280, "margin.l": 132, "title.font.size": 16, "yaxis.tickfont.size": 14},
    )
