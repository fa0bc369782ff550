"""ECE of one network and of the seeds together, side by side for every alpha."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from lsviz.core.comparing.changes import Change
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move
from lsviz.figures.theme import token


def ensemble_figure(changes: Mapping[float, Change], words: Mapping[str, str]) -> LiveFigure:
    """ECE alone (hollow) and together (filled), per cent; the bar is the 95 % interval of the change. The ring and the title follow alpha."""
    alphas, places = tuple(changes), list(range(len(changes)))
    first, second = (100 * np.array([getattr(one, name) for one in changes.values()]) for name in ("first", "second"))
    low, high = (first + 100 * np.array([getattr(one, name) for one in changes.values()]) for name in ("low", "high"))
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    left, right = [p - 0.12 for p in places], [p + 0.12 for p in places]
    lined = lambda x, a, b: dict(x=[v for p in x for v in (p, p, None)], y=[v for pair in zip(a, b) for v in (*pair, None)])
    traces = [
        go.Scatter(mode="lines", **lined(right, low, high), line=dict(color=token("muted"), width=2), hoverinfo="skip"),
        go.Scatter(
            mode="markers", x=left, y=first, hovertemplate=words["ens_alone"] + f" %{{y:.1f}}{percent_sign()}<extra></extra>",
            marker=dict(size=13, opacity=1, color=token("bg"), line=dict(width=3, color=colors)),
        ),
        go.Scatter(
            mode="markers", x=right, y=second, hovertemplate=words["ens_together"] + f" %{{y:.1f}}{percent_sign()}<extra></extra>", marker=dict(size=14, opacity=1, color=colors)
        ),
        go.Scatter(mode="markers", x=right[:1], y=second[:1], hoverinfo="skip", marker=dict(size=20, opacity=1, color="rgba(0,0,0,0)", line=dict(width=2, color=token("text")))),
    ]  # fmt: skip
    moves = (Move(3, "x", np.array(right)[:, None]), Move(3, "y", second[:, None]))
    title = [
        words["ens_title"].format(
            alpha=words["hard"] if alpha == 0 else f"α = {numbers.alpha_text(alpha)}", first=numbers.percent(one.first, 1), second=numbers.percent(one.second, 1)
        )
        for alpha, one in changes.items()
    ]  # fmt: skip
    notes = [
        theme.note(words["ens_alone"], left[-1], first[-1], xanchor="right", xshift=-12, ground=False),
        theme.note(words["ens_together"], right[-1], second[-1], xanchor="left", xshift=12, color="text", ground=False),
    ]
    bold = [f"<b>{text}</b>" for text in title]
    figure = go.Figure(
        traces,
        theme.layout(
            bold[0], 350, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(
                title=words["axis_alpha"], range=[-0.5, len(places) - 0.2], showgrid=False, tickvals=places,
                ticktext=[numbers.alpha_tick(alpha, words["hard"]) for alpha in alphas],
            ),
            yaxis=theme.axis(range=[0, 1.1 * max(*high, *first)], nticks=5, ticksuffix=percent_sign()),
        ),
    )  # fmt: skip
    table: dict[str, Column] = {"alpha": list(alphas), "ece15_alone": list(first / 100), "ece15_together": list(second / 100)}
    table |= {"low": [one.low for one in changes.values()], "high": [one.high for one in changes.values()]}
    return LiveFigure(
        figure, tuple(title), table, Frames(alphas, moves, {"title.text": bold}), narrow={"height": 310, "title.font.size": 14}
    )
