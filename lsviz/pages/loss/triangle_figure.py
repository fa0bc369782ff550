"""Three classes as a triangle: what cross-entropy, label smoothing and the confidence penalty ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core.smoothing.simplex import PENALTIES, level_curves
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move, escape

LEVELS = (0.1, 0.3, 0.7, 1.3, 2.2)  # nats above the least loss
_HEIGHT = float(np.sqrt(3) / 2)
_CORNERS = np.array([[0.5, _HEIGHT], [0, 0], [1, 0]])  # the true class on top
_ROOM = dict(x=(-0.12, 1.12), y=(-0.11, 1.08))
PANELS = ("hard", *PENALTIES)


def on_triangle(probs: np.ndarray) -> np.ndarray:
    """Probabilities (..., 3) -> points (..., 2): each corner is certainty of one class."""
    return probs @ _CORNERS


def _sure(probability: float) -> str:
    """A probability that may be 1 in double precision, though it is not."""
    return numbers.percent(probability) if probability < 0.9999 else f"> 99.99{percent_sign()}"


def simplex_figure(stops: Sequence[float], names: Sequence[str], words: Mapping[str, str]) -> LiveFigure:
    """One triangle a loss, lines of equal loss, and the point where the loss is least. `names`: the three classes."""
    alphas = np.asarray(stops)
    found = {"hard": level_curves(np.zeros(1), LEVELS)} | {penalty: level_curves(alphas, LEVELS, penalty) for penalty in PENALTIES}
    traces: list[go.Scatter] = []
    moves, notes, axes = [], [], {}
    for i, panel in enumerate(PANELS):
        x, y = (f"{letter}{i + 1 if i else ''}" for letter in "xy")
        place = dict(xaxis=x, yaxis=y, hoverinfo="skip", cliponaxis=False)
        lines = on_triangle(found[panel].curves.reshape(len(found[panel].best), -1, 3))
        best = found[panel].best
        point = on_triangle(np.stack([best, (1 - best) / 2, (1 - best) / 2], axis=-1))
        outline = _CORNERS[[0, 1, 2, 0]]
        first = len(traces)
        traces += [
            go.Scatter(mode="lines", x=outline[:, 0], y=outline[:, 1], line=dict(color=theme.token("line"), width=1.5), **place),
            go.Scatter(mode="markers", x=[0.5], y=[_HEIGHT / 3], marker=dict(symbol="cross", size=8, color=theme.CONTEXT), **place),
            go.Scatter(mode="lines", x=lines[0, :, 0], y=lines[0, :, 1], line=dict(color=theme.HARD, width=1.6), **place),
            go.Scatter(
                mode="markers", x=point[0, :1], y=point[0, 1:],
                marker=dict(symbol="circle-open" if panel == "hard" else "circle", size=16, color=theme.HARD, line=dict(width=2.5, color=theme.HARD if panel == "hard" else theme.token("text"))),
                **place,
            ),
            go.Scatter(
                mode="text", x=[point[0, 0] + 0.05], y=point[0, 1:], text=[words["simplex_never"] if panel == "hard" else ""], textposition="middle right",
                textfont=dict(size=14 if panel == "hard" else 17, color=theme.token("hard" if panel == "hard" else "text")), **place,
            ),
        ]  # fmt: skip
        if panel != "hard":
            colors = [theme.alpha_color(a) for a in alphas]
            moves += [
                Move(first + 2, "x", lines[:, :, 0]),
                Move(first + 2, "y", lines[:, :, 1]),
                Move(first + 2, "line.color", colors),
                Move(first + 3, "x", point[:, :1]),
                Move(first + 3, "y", point[:, 1:]),
                Move(first + 3, "marker.color", colors),
                Move(first + 4, "x", point[:, :1] + 0.05),
                Move(first + 4, "y", point[:, 1:]),
                Move(
                    first + 4, "text", [[f"<b>{_sure(p)}</b>" if a > 0 else words["simplex_never"]] for a, p in zip(alphas, best)]
                ),
            ]
        notes.append(
            theme.note(
                words[f"simplex_{panel}"],
                0.5,
                1.08,
                size=15,
                color="hard" if panel == "hard" else "text",
                xref=x,
                yref=y,
                yanchor="top",
                ground=False,
            )
        )
        corners = zip(
            _CORNERS, names, ((-0.05, -0.02, "right", "bottom"), (0, -0.03, "center", "top"), (0, -0.03, "center", "top"))
        )
        for (cx, cy), name, (dx, dy, xanchor, yanchor) in corners:
            notes.append(
                theme.note(escape(name), cx + dx, cy + dy, size=13, xref=x, yref=y, xanchor=xanchor, yanchor=yanchor, ground=False)
            )
        left = i / 3
        axes[f"xaxis{x[1:]}"] = theme.axis(domain=[left, left + 1 / 3], range=_ROOM["x"], visible=False)
        axes[f"yaxis{y[1:]}"] = theme.axis(range=_ROOM["y"], visible=False, scaleanchor=x, anchor=x)
    figure = go.Figure(
        traces, theme.layout(words["simplex_title"], 420, margin=dict(l=4, r=4, t=36, b=4), annotations=notes, **axes)
    )
    _, smooth, penalty = (found[panel].best for panel in PANELS)
    alt = tuple(
        words["simplex_alt"].format(alpha=numbers.alpha_text(a), smooth=_sure(s), penalty=_sure(p))
        if a > 0
        else words["simplex_alt_hard"]
        for a, s, p in zip(alphas, smooth, penalty)
    )
    table = {"alpha": alphas, "best_probability_smoothed": smooth, "best_probability_confidence_penalty": penalty}
    stacked: dict[str, list[float]] = {}  # phones: one triangle below the other
    for i in range(3):
        name = str(i + 1) if i else ""
        stacked |= {f"xaxis{name}.domain": [0, 1], f"yaxis{name}.domain": [(2 - i) / 3, (3 - i) / 3]}
    return LiveFigure(
        figure,
        alt,
        table,
        Frames(tuple(stops), tuple(moves)),
        narrow={"height": 1020, "title.font.size": 16, "title.text": f"<b>{words['simplex_title_short']}</b>"} | stacked,
    )
