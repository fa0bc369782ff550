"""Other losses beside smoothing, a row each: how much more of one measure they have, with its interval."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, LiveFigure
from lsviz.figures.theme import token
from lsviz.lab.trials.five_losses import Loss


def losses_figure(losses: Mapping[str, Loss], measure: str, words: Mapping[str, str]) -> LiveFigure:
    """Each loss minus smoothing, by name; smoothing itself is the line at 0. Marked is what is clear of it among all comparisons."""
    names = [name for name in losses if name != "smoothing"]
    against = {name: losses[name].against[measure] for name in names}
    factor = 1 if measure == "spread" else 100
    digits = {"spread": 3, "aurc": 2}.get(measure, 1)
    shown = lambda v: f"{factor * v:+.{digits}f}".replace("-", numbers.MINUS)
    mean, low, high = ([factor * against[name][i] for name in names] for i in range(3))
    rows = list(range(len(names)))[::-1]
    traces = [
        go.Scatter(mode="lines", x=[0, 0], y=[-0.6, len(names) - 0.4], line=dict(color=token("soft"), width=2), hoverinfo="skip"),
        go.Scatter(
            mode="lines", x=[v for a, b in zip(low, high) for v in (a, b, None)], y=[v for row in rows for v in (row, row, None)],
            line=dict(color=token("muted"), width=2), hoverinfo="skip",
        ),
        go.Scatter(
            mode="markers", x=mean, y=rows, text=[shown(against[name][0]) for name in names], hovertemplate="%{text}<extra></extra>",
            marker=dict(size=13, opacity=1, color=[theme.HARD if name == "hard" else token("text") for name in names]),
        ),
    ]  # fmt: skip
    mark = lambda name: words["losses_mark"] if losses[name].moved[measure] else ""
    notes = [
        theme.note(shown(against[name][0]) + mark(name), end, row, color="text", size=14, xanchor="left", xshift=8, ground=False)
        for name, end, row in zip(names, high, rows)
    ]
    notes.append(
        theme.note(
            words["losses_name.smoothing"], 0, len(names) - 0.42, color="soft", size=14, xanchor="left", xshift=5, ground=False
        )
    )
    left, right = min(0, *low), max(0, *high)
    room = 0.25 * (right - left or 1)
    title = words[f"losses_title.{measure}"]
    figure = go.Figure(
        traces,
        theme.layout(
            title, 90 + 52 * len(names), margin=dict(l=150, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words[f"losses_axis.{measure}"], range=[left - room / 2, right + room], nticks=6),
            yaxis=theme.axis(range=[-0.6, len(names) - 0.1], showgrid=False, tickvals=rows, ticktext=[words[f"losses_name.{name}"] for name in names]),
        ),
    )  # fmt: skip
    alt = f"{title}: " + "; ".join(
        f"{words[f'losses_name.{name}']} {shown(against[name][0])} ({numbers.between(*map(shown, against[name][1:3]))})"
        for name in names
    )
    table: dict[str, Column] = {
        "loss": names,
        "difference": [v / factor for v in mean],
        "low": [v / factor for v in low],
        "high": [v / factor for v in high],
    }
    return LiveFigure(figure, (alt,), table, narrow={"margin.l": 104, "title.font.size": 14})
