"""Signed gap and calibration error over every trained alpha, on the slider's scale; a click on a dot chooses its alpha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.assessment import Assessment, seed_interval
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.reliability_words import alt_text
from lsviz.figures.theme import token

_TALL = 490
_UPPER, _LOWER = [0.47, 1], [0, 0.33]


def trend_figure(
    networks: Mapping[float, Assessment],
    seeds: Mapping[float, Sequence[tuple[float, float]]],
    words: Mapping[str, str],
) -> LiveFigure:
    """Gap (points, above) and ECE (per cent, below) of each network; `networks` maps rising alphas to assessments.

    `seeds` maps an alpha to (signed gap, ECE) of every network trained there. With three or more, the whisker is the
    interval of their mean; else it is that of the one network over its images.
    """
    alphas = tuple(networks)
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    gap = [100 * network.signed_gap for network in networks.values()]
    ece = [100 * network.ece.ece for network in networks.values()]
    floor = [100 * network.ece.floor.upper for network in networks.values()]
    gap_ends = [_ends(a, 0, (n.gap_low, n.gap_high), seeds) for a, n in networks.items()]
    ece_ends = [_ends(a, 1, (n.ece.low, n.ece.high), seeds) for a, n in networks.items()]
    left, right = -0.05, 1.02 if x[-1] > 0.75 else x[-1] + 0.12
    low, high = _gap_range(gap_ends)
    top = 1.22 * max(max(end for _, end in ece_ends), max(floor))
    dots = dict(mode="markers", customdata=list(alphas), meta="select-alpha", cliponaxis=False)
    ring = dict(line=dict(width=2.5, color=token("text")), color=colors[0], opacity=1)
    traces = [
        _zone(left, right, 0, high, "overbg"),
        _zone(left, right, low, 0, "underbg"),
        go.Scatter(mode="lines", x=[left, right], y=[0, 0], line=dict(color=token("muted"), width=1.5), hoverinfo="skip"),
        go.Scatter(mode="lines", x=x, y=gap, line=dict(color=token("line"), width=2), hoverinfo="skip"),
        _whiskers(x, gap_ends, "y"),
        go.Scatter(
            **dots, x=x, y=gap, marker=dict(size=10, color=colors, opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[numbers.points(value / 100) for value in gap], hovertemplate=words["hover_gap"] + "<extra></extra>",
        ),
        go.Scatter(
            mode="markers+text", x=x[:1], y=gap[:1], marker=dict(size=18) | ring, text=[_bold(numbers.points(gap[0] / 100))],
            textposition=_beside(x, gap, right)[0], textfont=dict(size=18, color=token("text")), hoverinfo="skip", cliponaxis=False,
        ),
        go.Scatter(
            mode="lines", x=[left, *x, right], y=[floor[0], *floor, floor[-1]], yaxis="y2", fill="tozeroy",
            fillcolor=token("grid"), line=dict(width=0), hoverinfo="skip",
        ),
        go.Scatter(mode="lines", x=x, y=ece, yaxis="y2", line=dict(color=token("line"), width=2), hoverinfo="skip"),
        _whiskers(x, ece_ends, "y2"),
        go.Scatter(
            **dots, x=x, y=ece, yaxis="y2",
            marker=dict(size=9, color=colors, opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[numbers.percent(value / 100, 1) for value in ece], hovertemplate=words["hover_ece"] + "<extra></extra>",
        ),
        go.Scatter(
            mode="markers+text", x=x[:1], y=ece[:1], yaxis="y2", marker=dict(size=16) | ring,
            text=[_bold(numbers.percent(ece[0] / 100, 1))], textposition=_beside(x, ece, right)[0],
            textfont=dict(size=16, color=token("text")), hoverinfo="skip", cliponaxis=False,
        ),
    ]  # fmt: skip
    upper, lower = 6, 11
    moves = [
        Move(upper, "x", np.array(x)[:, None]),
        Move(upper, "y", np.array(gap)[:, None]),
        Move(upper, "text", [[_bold(numbers.points(value / 100))] for value in gap]),
        Move(lower, "x", np.array(x)[:, None]),
        Move(lower, "y", np.array(ece)[:, None]),
        Move(lower, "text", [[_bold(numbers.percent(value / 100, 1))] for value in ece]),
        *(Move(trace, "marker.color", colors) for trace in (upper, lower)),
        *(Move(trace, "textposition", _beside(x, y, right)) for trace, y in ((upper, gap), (lower, ece))),
    ]
    has_hard = alphas[0] == 0
    hard = f"<b>{words['hard']}</b> {numbers.points(gap[0] / 100)}"
    notes = [
        theme.note(words["over"], right, high, color="over", size=15, ground=False, xanchor="right", yanchor="top", yshift=-4),
        theme.note(words["under"], left, low, color="under", size=15, ground=False, xanchor="left", yanchor="bottom", xshift=8, yshift=4),
        theme.note(hard, 0, gap[0], color="hard", ground=False, xanchor="left", yanchor="bottom", xshift=-8, yshift=12, visible=False),
        theme.note(
            words["title_ece"], 0, 1, xref="paper", yref="y2 domain", color="text", size=15, ground=False, xanchor="left",
            yanchor="bottom", xshift=-50, yshift=8,
        ),
        theme.note(words["chance"], right, 0, yref="y2", size=13, ground=False, xanchor="right", yanchor="bottom", xshift=-2),
    ]  # fmt: skip
    ticks = [alpha for alpha in theme.ALPHA_TICKS if theme.alpha_position(alpha) <= right]
    figure = go.Figure(
        traces,
        theme.layout(
            words["title_gap"],
            _TALL,
            margin=dict(l=50, r=14, t=44, b=50),
            annotations=notes,
            xaxis=theme.alpha_axis(
                words["tick_hard"], title=words["axis_alpha"], range=[left, right], anchor="y2",
                tickvals=[float(theme.alpha_position(alpha)) for alpha in ticks],
                ticktext=[numbers.alpha_tick(alpha, words["tick_hard"]) for alpha in ticks],
            ),
            yaxis=theme.axis(range=[low, high], domain=_UPPER, showgrid=False, **_point_ticks(low, high)),
            yaxis2=theme.axis(range=[0, top], domain=_LOWER, nticks=4),
        ),
    )  # fmt: skip
    return LiveFigure(
        figure,
        tuple(alt_text(alpha, network, words) for alpha, network in networks.items()),
        _table(networks, gap_ends, ece_ends, seeds),
        Frames(alphas, tuple(moves), {"annotations[2].visible": [has_hard and stop > 0 for stop in range(len(alphas))]}),
        narrow={"height": 460, "title.font.size": 16},
    )


def _ends(
    alpha: float, which: int, one: tuple[float, float], seeds: Mapping[float, Sequence[tuple[float, float]]]
) -> tuple[float, float]:
    """The whisker at `alpha` in per cent: over seeds where there are enough, else over the images of the one network."""
    trained = seeds.get(alpha, ())
    low, high = seed_interval([pair[which] for pair in trained]) if len(trained) >= LEAST_SEEDS else one
    return 100 * low, 100 * high


def _gap_range(ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Both zones stay in sight, with room for their names."""
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    room = 0.16 * (max(high, 4) - min(low, -4))
    return min(low, -4) - room, max(high, 4) + 1.5 * room


def _point_ticks(low: float, high: float) -> dict:
    step = next(step for step in (5, 10, 20, 25, 50) if (high - low) / step <= 6 or step == 50)
    values = [int(value) for value in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]
    return {"tickvals": values, "ticktext": [f"{value:+d}".replace("-", numbers.MINUS) if value else "0" for value in values]}


def _beside(x: Sequence[float], y: Sequence[float], right: float) -> list[str]:
    """Where the ring's number stands clear of the line: on the outer side of a slope, over a valley or a peak."""
    places = []
    for i in range(len(y)):
        before = y[i] - y[i - 1] if i else None
        after = y[i + 1] - y[i] if i + 1 < len(y) else None
        slopes = {step > 0 for step in (before, after) if step is not None}
        at_edge = x[i] > 0.86 * right
        places.append("top left" if slopes == {True} or at_edge else "top right" if slopes <= {False} else "top center")
    return places


def _zone(left: float, right: float, low: float, high: float, fill: str) -> go.Scatter:
    return go.Scatter(
        x=[left, right, right, left], y=[low, low, high, high], fill="toself", mode="none", fillcolor=token(fill),
        hoverinfo="skip",
    )  # fmt: skip


def _whiskers(x: Sequence[float], ends: Sequence[tuple[float, float]], yaxis: str) -> go.Scatter:
    xs = [value for position in x for value in (position, position, None)]
    ys = [value for low, high in ends for value in (low, high, None)]
    return go.Scatter(
        mode="lines", x=xs, y=ys, yaxis=yaxis, line=dict(color=token("muted"), width=1.5), hoverinfo="skip", cliponaxis=False
    )


def _bold(text: str) -> str:
    return f"<b>{text}</b>"


def _table(networks, gap_ends, ece_ends, seeds) -> dict[str, list]:
    """Fractions, as everywhere in files."""
    each = list(networks.values())
    return {
        "alpha": list(networks),
        "accuracy": [network.accuracy for network in each],
        "mean_confidence": [network.mean_confidence for network in each],
        "signed_gap": [network.signed_gap for network in each],
        "signed_gap_low": [low / 100 for low, _ in gap_ends],
        "signed_gap_high": [high / 100 for _, high in gap_ends],
        "ece15": [network.ece.ece for network in each],
        "ece15_low": [low / 100 for low, _ in ece_ends],
        "ece15_high": [high / 100 for _, high in ece_ends],
        "ece15_by_chance": [network.ece.floor.upper for network in each],
        "networks": [max(len(seeds.get(alpha, ())), 1) for alpha in networks],
    }
