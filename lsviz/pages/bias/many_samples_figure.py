"""Bias and variance over every alpha, as three lines: what many small trainings come to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from lsviz.core.comparing.bias_variance import Decomposition
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.theme import token


def samples_figure(parts: Mapping[float, Decomposition], which: str, words: Mapping[str, str]) -> LiveFigure:
    """Expected loss, bias and variance over alpha; `which` is brier or nll. The ring follows alpha, the title says its numbers."""
    alphas = tuple(parts)
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    lines = {name: [getattr(one, name) for one in parts.values()] for name in ("expected", "bias", "variance")}
    style = {
        "expected": dict(width=3, color=token("text")),
        "bias": dict(width=2.5, color=token("ctx"), dash="dash"),
        "variance": dict(width=2.5, color=token("ctx")),
    }
    traces = [
        go.Scatter(mode="lines", x=x, y=values, line=style[name], hovertemplate=words[name] + " %{y:.3f}<extra></extra>")
        for name, values in lines.items()
    ]
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    ring = dict(opacity=1, line=dict(width=2.5, color=token("text")))
    traces += [
        go.Scatter(
            mode="markers",
            x=x[:1],
            y=values[:1],
            hoverinfo="skip",
            cliponaxis=False,
            marker=ring | dict(size=16 if name == "expected" else 11, color=colors[0]),
        )
        for name, values in lines.items()
    ]
    moves = tuple(
        move
        for i, values in enumerate(lines.values(), start=3)
        for move in (Move(i, "x", np.array(x)[:, None]), Move(i, "y", np.array(values)[:, None]), Move(i, "marker.color", colors))
    )
    top = 1.1 * max(lines["expected"])
    # names where the lines stand apart: a third of the way for what falls, at the end for what rises
    at = {"expected": -1, "bias": int(np.argmin(np.abs(np.array(x) - 0.55))), "variance": int(np.argmin(np.abs(np.array(x) - 0.4)))}
    shift = {
        "expected": dict(yanchor="bottom", xanchor="right", yshift=6),
        "bias": dict(yanchor="top", xanchor="left", xshift=8),
        "variance": dict(yanchor="bottom", xanchor="left", yshift=6),
    }
    notes = [
        theme.note(
            words[name],
            x[at[name]],
            values[at[name]],
            size=14,
            color="text" if name == "expected" else "muted",
            ground=False,
            **shift[name],
        )
        for name, values in lines.items()
    ]
    title = [
        words[f"title_{which}"].format(alpha=numbers.alpha_text(alpha), bias=f"{one.bias:.3f}", variance=f"{one.variance:.3f}")
        for alpha, one in parts.items()
    ]
    bold = [f"<b>{text}</b>" for text in title]
    figure = go.Figure(
        traces,
        theme.layout(
            bold[0], 350, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis(words["hard"], title=words["axis_alpha"]), yaxis=theme.axis(range=[0, top], nticks=6),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas)} | lines | {"seeds": [one.seeds for one in parts.values()]}
    return LiveFigure(
        figure, tuple(title), table, Frames(alphas, moves, {"title.text": bold}), narrow={"height": 310, "title.font.size": 14}
    )
