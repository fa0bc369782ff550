"""Confidence over the distance from the data, and how well learnt and unseen digits are told apart over alpha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 360


def far_figure(
    distances: Sequence[float], sure: NDArray[np.float64], alphas: Sequence[float], caps: Sequence[float], words: Mapping[str, str]
) -> LiveFigure:
    """Mean top probability `sure` (M, D), per cent, over distances (D,); the hard network stays, the smoothed one and its cap follow alpha."""
    y = 100 * sure
    ends = [min(distances), max(distances)]
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    cap = [[100 * value] * 2 for value in caps]
    traces = [
        go.Scatter(mode="lines", x=ends, y=cap[0], line=dict(color=token("muted"), width=2, dash="dash"), hoverinfo="skip"),
        go.Scatter(mode="lines", x=list(distances), y=list(y[0]), line=dict(color=theme.HARD, width=3), hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>"),
        go.Scatter(
            mode="lines+markers", x=list(distances), y=list(y[0]), line=dict(color=colors[0], width=3), marker=dict(size=8, color=colors[0], opacity=1),
            hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
        ),
    ]  # fmt: skip
    moves = (
        Move(0, "y", np.array(cap)),
        Move(2, "y", y),
        Move(2, "line.color", colors),
        Move(2, "marker.color", colors),
    )
    title = [
        words["far_title_hard" if alpha == 0 else "far_title"].format(alpha=numbers.alpha_text(alpha), sure=numbers.percent(float(one[-1]), 1), far=f"{distances[-1]:g}")
        for alpha, one in zip(alphas, sure)
    ]  # fmt: skip
    notes = [theme.note(words["far_data"], 0, 4, size=14, xanchor="left", yanchor="bottom", xshift=5, ground=False)]  # x is log10 1
    figure = go.Figure(
        traces,
        theme.layout(
            title[0], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            shapes=[dict(type="line", x0=1, x1=1, y0=0, y1=100, line=dict(color=token("ctx"), width=1))],
            xaxis=theme.axis(title=words["far_axis_x"], type="log", tickvals=list(distances), ticktext=[f"{d:g}" for d in distances], showgrid=False),
            yaxis=theme.axis(range=[0, 102], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table = {
        "alpha": np.repeat(alphas, len(distances)),
        "distance": np.tile(distances, len(alphas)),
        "confidence": sure.ravel(),
        "cap": np.repeat(caps, len(distances)),
    }
    return _moving(figure, title, table, alphas, moves)


def unseen_figure(alphas: Sequence[float], auroc: Mapping[str, Sequence[float]], words: Mapping[str, str]) -> LiveFigure:
    """AUROC of learnt against unseen over alpha, a line for each score; rings and title follow alpha."""
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    style = {
        "probability": dict(width=3, color=token("text")),
        "logit": dict(width=2.5, color=token("ctx"), dash="dash"),
        "norm": dict(width=2.5, color=token("ctx")),
    }
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    traces = [
        go.Scatter(mode="lines", x=x, y=list(values), line=style[score], hovertemplate="%{y:.3f}<extra></extra>")
        for score, values in auroc.items()
    ]
    traces += [
        go.Scatter(
            mode="markers", x=x[:1], y=[values[0]], hoverinfo="skip", cliponaxis=False,
            marker=dict(size=12, color=colors[0], opacity=1, line=dict(width=2, color=token("text"))),
        )
        for values in auroc.values()
    ]  # fmt: skip
    moves = tuple(
        move
        for i, values in enumerate(auroc.values(), start=len(auroc))
        for move in (Move(i, "x", np.array(x)[:, None]), Move(i, "y", np.array(values)[:, None]), Move(i, "marker.color", colors))
    )
    low = max(0.0, min(map(min, auroc.values())) - 0.03)
    names = [
        theme.note(f"{stroke} {words[f'unseen_score.{score}']}", 0.3, 0.24 - 0.1 * place, yref="paper", size=14, xanchor="left", color=color, ground=False)
        for place, (score, stroke, color) in enumerate((("probability", "━", "text"), ("logit", "╌", "muted"), ("norm", "─", "muted")))
    ]  # fmt: skip
    title = [
        words["unseen_title"].format(alpha=numbers.alpha_text(alpha), area=f"{area:.3f}")
        for alpha, area in zip(alphas, auroc["probability"])
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=names,
            xaxis=theme.alpha_axis(words["tick_hard"], title="α"), yaxis=theme.axis(range=[low, 1.005], nticks=6),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas)} | {f"auroc_{score}": list(values) for score, values in auroc.items()}
    return _moving(figure, title, table, alphas, moves)


def _moving(
    figure: go.Figure, titles: Sequence[str], table: Mapping[str, Column], alphas: Sequence[float], moves: tuple[Move, ...]
) -> LiveFigure:
    """The figure with a title for every alpha, which is its alternative text too."""
    frames = Frames(tuple(alphas), moves, {"title.text": [f"<b>{text}</b>" for text in titles]})
    return LiveFigure(figure, tuple(titles), table, frames, narrow={"height": 310, "title.font.size": 14})
