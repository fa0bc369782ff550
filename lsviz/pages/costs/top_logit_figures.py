"""Why answers lose their order: the force of smoothing on the top logit, and where it leaves right and wrong answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from lsviz.core.comparing.top_logit import TopLogitNumbers, pressure
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 300


def pressure_figure(networks: Mapping[float, TopLogitNumbers], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """Three bars: the exact force on a right answer, on a wrong one, and their mean over these answers; down is to the left."""
    alphas = tuple(networks)
    forces = [pressure(num_classes, alpha, one.error) for alpha, one in networks.items()]
    values = np.array([[-one.mean, -one.wrong, -one.right] for one in forces])
    far = max(0.05, float(np.abs(values).max()))
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    said = [[f" <b>{_signed(v)}</b> " for v in row] for row in values]
    bars = go.Bar(
        orientation="h", y=[0, 1, 2], x=values[0], width=0.52, marker=dict(color=colors[0], line=dict(width=0)), text=said[0], textposition="outside",
        textfont=dict(size=16, color=token("text")), hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    moves = (Move(0, "x", values), Move(0, "marker.color", colors), Move(0, "text", said))
    names = (words["force_mean"], words["force_wrong"], words["force_right"])
    title = [
        words["title_force"].format(alpha=numbers.alpha_text(a), right=_signed(-f.right), wrong=_signed(-f.wrong))
        for a, f in zip(alphas, forces)
    ]
    notes = [
        theme.note(words["force_down"], 0.02, -0.16, xref="paper", yref="paper", xanchor="left", ground=False),
        theme.note(words["force_up"], 0.98, -0.16, xref="paper", yref="paper", xanchor="right", ground=False),
    ]
    figure = go.Figure(
        [bars],
        theme.layout(
            f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=128, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(range=[-1.4 * far, 0.75 * far], showticklabels=False, showgrid=False, zeroline=True, zerolinecolor=token("muted"), zerolinewidth=1.5),
            yaxis=theme.axis(range=[-0.6, 2.6], tickvals=[0, 1, 2], ticktext=names, showgrid=False, tickfont=dict(size=15, color=token("text"))),
        ),
    )  # fmt: skip
    table = {
        "alpha": list(alphas),
        "right": [f.right for f in forces],
        "wrong": [f.wrong for f in forces],
        "mean": [f.mean for f in forces],
        "error": [o.error for o in networks.values()],
    }
    frames = Frames(alphas, moves, {"title.text": [f"<b>{text}</b>" for text in title]})
    return LiveFigure(figure, tuple(title), table, frames, narrow={"height": 270, "title.font.size": 14, "margin.l": 108})


def top_logit_figure(networks: Mapping[float, TopLogitNumbers], words: Mapping[str, str]) -> LiveFigure:
    """Histograms of the top logit of right and of wrong answers, each as a share of its kind, on the scale of the right ones' mean."""
    alphas = tuple(networks)
    edges = networks[alphas[0]].edges
    centres = (edges[:-1] + edges[1:]) / 2
    right = np.stack([100 * one.right / one.right.sum() for one in networks.values()])
    wrong = np.stack([100 * one.wrong / one.wrong.sum() for one in networks.values()])
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    line = dict(width=3, shape="linear")
    traces = [
        go.Scatter(mode="lines", x=centres, y=wrong[0], line=line | dict(color=token("ctx")), hoverinfo="skip"),
        go.Scatter(mode="lines", x=centres, y=right[0], line=line | dict(color=colors[0]), hoverinfo="skip"),
    ]
    top = 1.2 * float(max(right.max(), wrong.max()))
    title, known = [], []
    for alpha, one in networks.items():
        known.append(
            dict(
                alpha=numbers.alpha_text(alpha),
                ratio=_times(one.ratio),
                low=_times(one.low),
                high=_times(one.high),
                pairs=numbers.percent(one.disordered, 1),
            )
        )
        title.append(words["title_top"].format(**known[-1]))
    peak = lambda rows: [float(centres[row.argmax()]) for row in rows]
    notes = [
        theme.note(words["top_wrong"], 0.02, 0.98, xref="paper", yref="paper", size=15, xanchor="left", yanchor="top"),
        theme.note(
            f"<b>{words['top_right']}</b>", peak(right)[0], float(right[0].max()), color="text", size=15, yanchor="bottom", yshift=3
        ),
    ]
    moves = (Move(0, "y", wrong), Move(1, "y", right), Move(1, "line.color", colors))
    layout: dict[str, Column] = {
        "title.text": [f"<b>{text}</b>" for text in title],
        "annotations[1].x": peak(right),
        "annotations[1].y": [float(row.max()) for row in right],
    }
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=52, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_top"], range=[0, 2], tickvals=[0, 0.5, 1, 1.5, 2], ticktext=["0", "0.5", "1", "1.5", "2"], showgrid=False),
            yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=4),
        ),
    )  # fmt: skip
    alt = tuple(words["alt_top"].format(**one) for one in known)
    table = {"alpha": list(alphas), "ratio": [one.ratio for one in networks.values()]}
    table["ratio_low"], table["ratio_high"] = [one.low for one in networks.values()], [one.high for one in networks.values()]
    table["pairs_out_of_order"] = [one.disordered for one in networks.values()]
    return LiveFigure(figure, alt, table, Frames(alphas, moves, layout), narrow={"height": 270, "title.font.size": 14})


def _times(value: float) -> str:
    return f"{value:.2f}{numbers.TIMES}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", numbers.MINUS) if abs(value) >= 5e-4 else "0"
