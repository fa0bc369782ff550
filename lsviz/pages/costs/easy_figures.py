"""Easy tasks: published ECE over alpha, above the bound that can be drawn before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.after_training import ece_bound
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.theme import token


@dataclass(frozen=True)
class Task:
    """One data set of the literature: how many classes, and by alpha the accuracy and the ECE that were published."""

    num_classes: int
    accuracy: Mapping[float, float]
    ece: Mapping[float, float]


def easy_figure(tasks: Mapping[str, Task], words: Mapping[str, str]) -> LiveFigure:
    """ECE (per cent) over alpha, a line a task, dots in alpha's colour; dotted: accuracy - (1 - alpha + alpha/N)."""
    traces, ends, rows = [], [], []
    for name, task in tasks.items():
        alphas = sorted(task.accuracy.keys() & task.ece.keys())
        x = [float(theme.alpha_position(alpha)) for alpha in alphas]
        ece, bound = [100 * task.ece[a] for a in alphas], [100 * ece_bound(task.accuracy[a], task.num_classes, a) for a in alphas]
        rows += [(name, task.num_classes, a, task.accuracy[a], task.ece[a], b / 100) for a, b in zip(alphas, bound)]
        traces.append(
            go.Scatter(mode="lines", x=x, y=bound, line=dict(color=token("muted"), width=1.8, dash="dot"), hoverinfo="skip")
        )
        traces.append(
            go.Scatter(
                mode="lines+markers", x=x, y=ece, line=dict(color=token("ctx"), width=2), hovertemplate=name + f" %{{y:.1f}}{percent_sign()}<extra></extra>",
                marker=dict(size=9, color=[theme.alpha_color(a) for a in alphas], opacity=1, line=dict(width=1.5, color=token("bg"))),
            )
        )  # fmt: skip
        ends.append((name, x[-1], ece[-1]))
    top = 1.12 * max(end[2] for end in ends)
    places = theme.stacked([end[2] for end in ends], 0.075 * top)
    notes = [theme.note(name, x, y, size=14, xanchor="left", xshift=12, ground=False) for (name, x, _), y in zip(ends, places)]
    notes.append(
        theme.note(words["easy_bound"], 0.02, 0.97, xref="paper", yref="paper", xanchor="left", yanchor="top", ground=False)
    )
    first = next(iter(tasks))
    most = max(tasks[first].ece)
    title = words["title_easy"].format(
        task=first,
        start=numbers.percent(tasks[first].ece[0.0], 1),
        alpha=numbers.alpha_text(most),
        end=numbers.percent(tasks[first].ece[most], 1),
    )
    right = max(x for _, x, _ in ends)
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title}</b>", 340, margin=dict(l=58, r=20, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis_to(right + 0.2, words["tick_hard"], words["axis_alpha"]), yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table = {
        name: [row[i] for row in rows] for i, name in enumerate(("task", "num_classes", "alpha", "accuracy", "ece15", "bound"))
    }
    return LiveFigure(figure, (title,), table, narrow={"height": 310, "title.font.size": 14, "xaxis.range": [-0.05, right + 0.28]})


def foretold_figure(
    foretold: Mapping[float, float], ece: Mapping[float, float], tempered: Mapping[float, float], right: float, words: Mapping[str, str]
) -> LiveFigure:  # fmt: skip
    """The bound (per cent) over alpha from an accuracy that is only expected, then the ECE that came out, then with one temperature each.

    `ece` is empty before anything is trained, `tempered` while the remedy is off.
    """
    alphas = tuple(foretold)
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    per_cent = lambda values: [100 * values[alpha] for alpha in alphas]
    traces = [
        go.Scatter(
            mode="lines",
            x=x,
            y=per_cent(foretold),
            line=dict(color=token("text"), width=2, dash="dot"),
            hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
        )
    ]
    notes = [
        theme.note(
            words["easy_foretold"], 0.02, 0.97, xref="paper", yref="paper", size=14, xanchor="left", yanchor="top", ground=False
        )
    ]
    said: tuple[str, ...] = (words["title_foretold"].format(right=numbers.percent(right, 0)),)
    frames: Frames | None = None
    if ece:
        colors = [theme.alpha_color(alpha) for alpha in alphas]
        for values, name in ((ece, "easy_raw"), (tempered, "easy_tempered")):
            if values:
                y = per_cent(values)
                traces.append(
                    go.Scatter(
                        mode="lines+markers", x=x, y=y, line=dict(color=token("ctx"), width=2, dash="solid" if values is ece else "dash"), hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
                        marker=dict(size=8, color=colors if values is ece else token("bg"), opacity=1, line=dict(width=1.5, color=token("bg") if values is ece else colors)),
                    )
                )  # fmt: skip
                notes.append(
                    theme.note(
                        words[name],
                        x[-6],
                        y[-6],
                        size=14,
                        color="text",
                        xanchor="right",
                        yanchor="bottom",
                        xshift=-10,
                        yshift=2,
                        ground=False,
                    )
                )
        shown = tempered or ece
        traces.append(
            go.Scatter(
                mode="markers",
                x=x[:1],
                y=[100 * shown[alphas[0]]],
                hoverinfo="skip",
                cliponaxis=False,
                marker=dict(size=17, color=colors[0], opacity=1, line=dict(width=2.5, color=token("text"))),
            )
        )
        moves = (
            Move(len(traces) - 1, "x", np.array(x)[:, None]),
            Move(len(traces) - 1, "y", np.array(per_cent(shown))[:, None]),
            Move(len(traces) - 1, "marker.color", colors),
        )
        key = "title_easy_tempered" if tempered else "title_easy_live"
        said = tuple(
            words[key].format(
                alpha=numbers.alpha_text(a),
                ece=numbers.percent(ece[a], 1),
                bound=numbers.percent(foretold[a], 1),
                cooled=numbers.percent(tempered.get(a, 0.0), 1),
            )
            for a in alphas
        )
        frames = Frames(alphas, moves, {"title.text": [f"<b>{text}</b>" for text in said]})
    top = 110 * max([*foretold.values(), *ece.values()])
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{said[0]}</b>", 340, margin=dict(l=58, r=20, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis(words["tick_hard"], title=words["axis_alpha"]), yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas), "bound": list(foretold.values())} | {
        name: list(values.values()) for name, values in (("ece15", ece), ("ece15_at_temperature", tempered)) if values
    }
    return LiveFigure(figure, said, table, frames, narrow={"height": 310, "title.font.size": 14})
