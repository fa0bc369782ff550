"""ECE and NLL over the temperature, for the hard network and the one under the hand, with the fitted T on each curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.assessment import Scaled
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.theme import token

_TICKS = (0.25, 0.5, 1, 2, 4, 8)


def temperature_figure(networks: Mapping[float, Scaled], temperature: float, words: Mapping[str, str]) -> LiveFigure:
    """Test ECE (above) and NLL (below) over T; `temperature` is the one chosen, drawn as an upright line."""
    alphas = tuple(networks)
    first, hard = networks[alphas[0]], networks.get(0.0)
    panels = [
        ("y", lambda s: 100 * s.curve.ece, lambda s: 100 * s.after.ece.ece, words["hover_temperature_ece"]),
        ("y2", lambda s: s.curve.nll, lambda s: s.after.nll, words["hover_temperature_nll"]),
    ]
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    fitted = np.array([scaled.curve.fitted for scaled in networks.values()])
    labels = [words["fitted"].format(t=f"{value:.2f}") for value in fitted]
    x = first.curve.temperatures
    traces, moves, ranges = [], [], []
    for axis, over_t, at_fit, hover in panels:
        lines = np.array([over_t(scaled) for scaled in networks.values()])
        points = np.array([at_fit(scaled) for scaled in networks.values()])
        # Both explode at the ends: the axes hold every curve's valley and its place at T = 1, and cut the rest.
        at_one = [np.interp(0, np.log(x), curve) for curve in lines]
        ceiling = 1.35 * max(*at_one, 4 if axis == "y" else 0)
        ranges.append([0 if axis == "y" else lines.min() - 0.5 * (ceiling - lines.min()), ceiling])
        shown = dict(yaxis=axis, hovertemplate=hover + "<extra></extra>")
        if hard:
            traces += [
                go.Scatter(mode="lines", x=x, y=over_t(hard), line=dict(color=theme.HARD, width=2), **shown),
                go.Scatter(
                    mode="markers", x=[hard.curve.fitted], y=[at_fit(hard)], cliponaxis=False, **shown,
                    marker=dict(size=10, color=token("bg"), line=dict(color=theme.HARD, width=2), opacity=1),
                ),
            ]  # fmt: skip
        line, dot = len(traces), len(traces) + 1
        traces += [
            go.Scatter(mode="lines", x=x, y=lines[0], line=dict(color=colors[0], width=3), **shown),
            go.Scatter(
                mode="markers+text" if axis == "y2" else "markers", x=fitted[:1], y=points[:1],
                text=[f"<b>{labels[0]}</b>"], textposition="bottom center",
                textfont=dict(size=15, color=token("text")), cliponaxis=False, **shown,
                marker=dict(size=14, color=colors[0], line=dict(color=token("text"), width=2.5), opacity=1),
            ),
        ]  # fmt: skip
        moves += [
            Move(line, "y", lines),
            Move(line, "line.color", colors),
            Move(dot, "x", fitted[:, None]),
            Move(dot, "y", points[:, None]),
            Move(dot, "text", [[f"<b>{label}</b>"] for label in labels]),
            Move(dot, "marker.color", colors),
        ]
    names = [] if hard is None else [
        theme.note(f"<b>{words['hard']}</b>", float(np.log10(x[-1])), hard.after.nll, yref="y2", color="hard", ground=False,
                   xanchor="right", yanchor="top")
    ]  # fmt: skip
    chosen = dict(
        type="line", x0=temperature, x1=temperature, y0=0, y1=1, line=dict(color=token("ctx"), width=1.5, dash="dot"), layer="below"
    )
    figure = go.Figure(
        traces,
        theme.layout(
            words["title_temperature_ece"],
            430,
            margin=dict(l=50, r=14, t=44, b=50),
            shapes=[chosen | {"yref": "y domain"}, chosen | {"yref": "y2 domain"}],
            annotations=[
                theme.note(
                    words["title_temperature_nll"], 0, 1, xref="paper", yref="y2 domain", color="text", size=15, ground=False,
                    xanchor="left", yanchor="bottom", xshift=-50, yshift=8,
                ),
                *names,
            ],
            xaxis=theme.axis(
                title=words["axis_temperature"], type="log", range=[np.log10(0.25), np.log10(8)], tickvals=list(_TICKS),
                ticktext=[f"{tick:g}" for tick in _TICKS], anchor="y2", showgrid=False,
            ),
            yaxis=theme.axis(range=ranges[0], domain=[0.56, 1], nticks=4),
            yaxis2=theme.axis(range=ranges[1], domain=[0, 0.4], nticks=4),
        ),
    )  # fmt: skip
    alt = tuple(
        words["alt_temperature"].format(
            a=numbers.alpha_text(alpha), t=f"{scaled.curve.fitted:.2f}", before=numbers.percent(scaled.before.ece.ece, 1),
            after=numbers.percent(scaled.after.ece.ece, 1),
        )
        for alpha, scaled in networks.items()
    )  # fmt: skip
    rows = [
        (alpha, *row)
        for alpha, scaled in networks.items()
        for row in zip(*(column.tolist() for column in (scaled.curve.temperatures, scaled.curve.ece, scaled.curve.nll)))
    ]
    table = {name: [row[i] for row in rows] for i, name in enumerate(("alpha", "temperature", "ece15", "nll"))}
    return LiveFigure(figure, alt, table, Frames(alphas, tuple(moves)), narrow={"height": 400, "title.font.size": 16})
