"""Prices: NLL for never claiming certainty, beside accuracy; what a linear probe finds on unseen classes; the verdict's table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.after_training import confidence_ceiling
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import SELECT_ALPHA, Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 360


@dataclass(frozen=True)
class Loss:
    """Test NLL in nats of one network: as it stands, at the temperature fitted on validation images, and of its right answers alone."""

    nll: float
    at_temperature: float
    right: float
    accuracy: float
    count: int  # test images


def tax_figure(networks: Mapping[float, Loss], num_classes: int, words: Mapping[str, str], *, tempered: bool = False) -> LiveFigure:
    """NLL over alpha, and of the right answers alone, above -log t: what a network that hits its smoothed targets exactly still pays.

    `tempered` adds the NLL at each network's own temperature.
    """
    alphas = tuple(networks)
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    fine = np.linspace(0, max(alphas), 60)
    owed = lambda alpha: -math.log(confidence_ceiling(num_classes, alpha))
    tax = [owed(alpha) for alpha in fine]
    series = {"right": [one.right for one in networks.values()], "nll": [one.nll for one in networks.values()]}
    if tempered:
        series["cooled"] = [one.at_temperature for one in networks.values()]
    right = x[-1] + 0.2
    lines = [
        go.Scatter(
            mode="lines",
            x=theme.alpha_position(fine),
            y=tax,
            line=dict(color=token("muted"), width=2, dash="dot"),
            hoverinfo="skip",
        ),
        go.Scatter(mode="lines", x=x, y=series["right"], line=dict(color=token("ctx"), width=2.5, dash="dash"), hoverinfo="skip"),
        go.Scatter(mode="lines", x=x, y=series["nll"], line=dict(color=token("text"), width=3), hoverinfo="skip"),
        _dots(x, series["nll"], alphas, [f"{value:.3f}" for value in series["nll"]]),
    ]
    if tempered:
        lines.append(
            go.Scatter(
                mode="lines",
                x=x,
                y=series["cooled"],
                line=dict(color=token("text"), width=2),
                hovertemplate="%{y:.3f}<extra></extra>",
            )
        )
    ends = {"tax": tax[-1], "right": series["right"][-1], "nll": series["nll"][-1]} | (
        {"cooled": series["cooled"][-1]} if tempered else {}
    )
    top = 1.12 * max(map(max, series.values()))
    places = dict(zip(ends, theme.stacked(list(ends.values()), 0.09 * top)))
    notes = [
        theme.note(words[f"line_{name}"], x[-1], places[name], size=14, color="text" if name in ("nll", "cooled") else "muted", xanchor="left", xshift=12, ground=False)
        for name in ends
    ]  # fmt: skip
    title = [
        words["title_tax"].format(alpha=numbers.alpha_text(alpha), right=f"{one.right:.2f}", tax=f"{owed(alpha):.2f}")
        for alpha, one in networks.items()
    ]
    table = {
        "alpha": list(alphas),
        "nll": series["nll"],
        "nll_of_right_answers": series["right"],
        "minus_log_target": [owed(alpha) for alpha in alphas],
    }
    if tempered:
        table["nll_at_temperature"] = series["cooled"]
    live = _over_alpha(lines, alphas, x, series["nll"], right, [0, top], notes, title, table, words)
    return replace(live, narrow={**live.narrow, "xaxis.range": [-0.05, x[-1] + 0.52]})


def price_figure(networks: Mapping[float, Loss], words: Mapping[str, str], *, tempered: bool = False) -> LiveFigure:
    """NLL against accuracy, one dot a network, whiskers of accuracy over images; `tempered` adds open dots: the same at its own temperature."""
    alphas = tuple(networks)
    each = list(networks.values())
    x, y, cooled = [100 * one.accuracy for one in each], [one.nll for one in each], [one.at_temperature for one in each]
    half = [100 * 1.96 * math.sqrt(one.accuracy * (1 - one.accuracy) / one.count) for one in each]
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    gapped = lambda pairs: [value for pair in pairs for value in (*pair, None)]
    lines = [
        go.Scatter(
            mode="lines",
            x=gapped((a - h, a + h) for a, h in zip(x, half)),
            y=gapped((v, v) for v in y),
            line=dict(color=token("line"), width=2),
            hoverinfo="skip",
        ),
        *(
            [
                go.Scatter(
                    mode="lines",
                    x=gapped((a, a) for a in x),
                    y=gapped(zip(y, cooled)),
                    line=dict(color=token("ctx"), width=1.2, dash="dot"),
                    hoverinfo="skip",
                ),
                go.Scatter(
                    mode="markers",
                    x=x,
                    y=cooled,
                    marker=dict(size=9, color=token("bg"), opacity=1, line=dict(width=2, color=colors)),
                    hoverinfo="skip",
                ),
            ]
            if tempered
            else []
        ),
        _dots(x, y, alphas, [f"{words['hard'] if a == 0 else numbers.alpha_text(a)}: {v:.3f}" for a, v in zip(alphas, y)]),
    ]
    wide, tall = max(a + h for a, h in zip(x, half)) - min(a - h for a, h in zip(x, half)), max(y + cooled) - min(y + cooled) or 0.1
    left, right = min(a - h for a, h in zip(x, half)) - 0.03 * wide, max(a + h for a, h in zip(x, half)) + 0.03 * wide
    notes = [
        theme.note(words["hard"] if alpha == 0 else numbers.alpha_tick(alpha), a, v, size=14, color="hard" if alpha == 0 else "muted", xanchor="left", xshift=12, yshift=10, ground=False)
        for alpha, a, v in zip(alphas, x, y)
    ]  # fmt: skip
    title = [
        words["title_price_tempered" if tempered else "title_price"].format(
            alpha=numbers.alpha_text(alpha),
            accuracy=numbers.percent(one.accuracy, 1),
            nll=f"{one.nll:.2f}",
            cooled=f"{one.at_temperature:.2f}",
        )
        for alpha, one in networks.items()
    ]
    table = {"alpha": list(alphas), "accuracy": [one.accuracy for one in each], "nll": y, "nll_at_temperature": cooled}
    axes = dict(
        xaxis=theme.axis(title=words["axis_accuracy"], range=[left, right], ticksuffix=percent_sign(), nticks=5, showgrid=False),
        yaxis=theme.axis(range=[min(y + cooled) - 0.14 * tall, max(y + cooled) + 0.2 * tall], nticks=6),
    )
    return _over_alpha(lines, alphas, x, y, 0, None, notes, title, table, words, **axes)


def probe_figure(accuracy: Mapping[float, float], separation: Mapping[float, float], words: Mapping[str, str]) -> LiveFigure:
    """Accuracy (per cent) of a linear probe on 20 classes the network never saw, against its class separation R^2."""
    alphas = tuple(accuracy)
    x, y = [separation[alpha] for alpha in alphas], [100 * accuracy[alpha] for alpha in alphas]
    wide, tall = 0.12 * (max(x) - min(x) or 0.1), 0.25 * (max(y) - min(y) or 4)
    lines = [
        go.Scatter(mode="lines", x=x, y=y, line=dict(color=token("line"), width=2), hoverinfo="skip"),
        _dots(x, y, alphas, [f"{v:.1f}{percent_sign()}" for v in y]),
    ]
    notes = [
        theme.note(words["hard"] if alpha == 0 else numbers.alpha_text(alpha), a, b, size=14, color="hard" if alpha == 0 else "muted", yshift=16, ground=False)
        for alpha, a, b in zip(alphas, x, y)
    ]  # fmt: skip
    title = [
        words["title_probe"].format(alpha=numbers.alpha_text(alpha), accuracy=numbers.percent(accuracy[alpha], 1))
        for alpha in alphas
    ]
    table = {"alpha": list(alphas), "probe_accuracy": list(accuracy.values()), "class_separation": x}
    axes = dict(
        xaxis=theme.axis(title=words["axis_separation"], range=[min(x) - wide, max(x) + wide], nticks=6),
        yaxis=theme.axis(range=[min(y) - tall, max(y) + 1.6 * tall], ticksuffix=percent_sign(), nticks=5),
    )
    return _over_alpha(lines, alphas, x, y, 0, None, notes, title, table, words, **axes)


def _over_alpha(lines, alphas, x, y, right, y_range, notes, title, table, words, **axes) -> LiveFigure:
    """The shared end of both: a ring that moves along the dots, a title that says its number."""
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    lines.append(
        go.Scatter(
            mode="markers", x=x[:1], y=y[:1], hoverinfo="skip", cliponaxis=False,
            marker=dict(size=18, color=colors[0], opacity=1, line=dict(width=2.5, color=token("text"))),
        )
    )  # fmt: skip
    ring = len(lines) - 1
    moves = (Move(ring, "x", np.array(x)[:, None]), Move(ring, "y", np.array(y)[:, None]), Move(ring, "marker.color", colors))
    if not axes:
        axes = dict(
            xaxis=theme.alpha_axis_to(right, words["tick_hard"], words["axis_alpha"]), yaxis=theme.axis(range=y_range, nticks=6)
        )
    bold = [f"<b>{text}</b>" for text in title]
    figure = go.Figure(lines, theme.layout(bold[0], _HEIGHT, margin=dict(l=58, r=20, t=44, b=54), annotations=notes, **axes))
    return LiveFigure(
        figure, tuple(title), table, Frames(alphas, moves, {"title.text": bold}), narrow={"height": 320, "title.font.size": 15}
    )


def _dots(x: Sequence[float], y: Sequence[float], alphas: Sequence[float], said: Sequence[str]) -> go.Scatter:
    return go.Scatter(
        mode="markers", x=x, y=y, customdata=list(alphas), meta=SELECT_ALPHA, cliponaxis=False, text=list(said), hovertemplate="%{text}<extra></extra>",
        marker=dict(size=10, color=[theme.alpha_color(alpha) for alpha in alphas], opacity=1, line=dict(width=1.5, color=token("bg"))),
    )  # fmt: skip
