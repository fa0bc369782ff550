"""One small reliability diagram a group, all on the same axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.diagram_numbers import DiagramNumbers
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, LiveFigure, escape

COLUMNS, NAME = 4, 22


def group_figure(groups: Sequence[tuple[str, DiagramNumbers]], words: Mapping[str, str]) -> LiveFigure:
    """Groups by name, which is text from outside: accuracy over confidence in 15 bins with 95 % intervals, the diagonal in grey."""
    columns = min(COLUMNS, max(2, len(groups)))
    lines = -(-len(groups) // columns)
    traces, notes, axes, alts = [], [], {}, []
    narrow: dict[str, object] = {"height": 60 + 300 * len(groups)}
    for i, (called, counted) in enumerate(groups):
        number = str(i + 1) if i else ""
        place = dict(xaxis=f"x{number}", yaxis=f"y{number}")
        column, line = i % columns, i // columns
        diagram, low, high = counted.bins, counted.low, counted.high
        used = diagram.counts > 0
        x, y = diagram.confidence[used], diagram.accuracy[used]
        error = dict(type="data", symmetric=False, array=high[used] - y, arrayminus=y - low[used], width=0, thickness=1.5)
        sizes = 5 + 11 * np.sqrt(diagram.counts[used] / diagram.counts.sum())
        mark = dict(size=sizes, color=theme.alpha_color(0.1), opacity=1)
        traces += [
            go.Scatter(mode="lines", x=[0, 1], y=[0, 1], line=dict(color=theme.CONTEXT, width=1.2, dash="4px,4px"), hoverinfo="skip", **place),
            go.Scatter(mode="markers", x=x, y=y, error_y=error, marker=mark, hovertemplate="%{x:.1%}: %{y:.1%}<extra></extra>", **place),
        ]  # fmt: skip
        name = called if len(called) <= NAME else f"{called[: NAME - 1]}…"
        notes.append(theme.note(f"<b>{escape(name)}</b> {numbers.whole(diagram.num_samples)}", 0, 1.02, color="text", xref=f"x{number} domain", yref=f"y{number} domain", xanchor="left", yanchor="bottom", ground=False))  # fmt: skip
        alts.append(words["group_alt"].format(name=name, gap=numbers.points(counted.network.signed_gap)))
        left, top = column / columns + 0.012, 1 - line / lines
        axes[f"xaxis{number}"] = theme.axis(
            domain=[left, left + 0.82 / columns], range=[0, 1.02], tickformat=".0%", nticks=3, anchor=f"y{number}", showgrid=False
        )
        axes[f"yaxis{number}"] = theme.axis(domain=[top - 0.72 / lines, top - 0.08 / lines], range=[0, 1.02], tickformat=".0%", nticks=3, anchor=f"x{number}")  # fmt: skip
        narrow |= {
            f"xaxis{number}.domain": [0.04, 1],
            f"yaxis{number}.domain": [1 - (i + 0.82) / len(groups), 1 - (i + 0.1) / len(groups)],
        }
    figure = go.Figure(
        traces,
        theme.layout(words["group_figure"], 60 + 270 * lines, margin=dict(l=48, r=14, t=46, b=30), annotations=notes, **axes),
    )
    bins = [(name, counted.bins) for name, counted in groups]
    table: dict[str, Column] = {
        "group": [name for name, diagram in bins for _ in diagram.counts],
        "confidence": np.concatenate([diagram.confidence for _, diagram in bins]),
        "accuracy": np.concatenate([diagram.accuracy for _, diagram in bins]),
        "count": np.concatenate([diagram.counts for _, diagram in bins]),
    }
    return LiveFigure(figure, ("; ".join(alts),), table, narrow=narrow)
