"""Signed gap and calibration error over every trained alpha, on the slider's scale; a click on a dot chooses its alpha."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.over_alpha import GapAndEce
from lsviz.figures import numbers, theme
from lsviz.figures.live import SELECT_ALPHA, Frames, LiveFigure, Move
from lsviz.figures.reliability_words import alt_text
from lsviz.figures.theme import token

_TALL = 490
_UPPER, _LOWER = [0.47, 1], [0, 0.33]


def trend_figure(networks: Mapping[float, GapAndEce], words: Mapping[str, str]) -> LiveFigure:
    """Gap (points, above) and ECE (per cent, below) of each network; `networks` maps rising alphas to their numbers."""
    alphas, each = tuple(networks), list(networks.values())
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    left, right = -0.05, 1.02 if x[-1] > 0.75 else x[-1] + 0.12
    gap = _Measure([100 * one.network.signed_gap for one in each], [_per_cent(one.gap) for one in each], numbers.points)
    ece = _Measure([100 * one.network.ece.ece for one in each], [_per_cent(one.ece) for one in each], _tenths)
    floor = [100 * one.network.ece.floor.upper for one in each]
    low, high = _gap_range(gap.ends)
    top = 1.22 * max(max(end for _, end in ece.ends), max(floor))
    figure = go.Figure(
        [
            *_zones(left, right, low, high),
            *_measured(gap, alphas, right, words["hover_gap"], dot=10, ring=18),
            _chance(left, right, x, floor),
            *_measured(ece, alphas, right, words["hover_ece"], dot=9, ring=16, yaxis="y2"),
        ],
        theme.layout(
            words["title_gap"],
            _TALL,
            margin=dict(l=50, r=14, t=44, b=50),
            annotations=_notes(left, right, low, high, gap.values[0], words),
            xaxis=_alpha_axis(left, right, words),
            yaxis=theme.axis(range=[low, high], domain=_UPPER, showgrid=False, **_point_ticks(low, high)),
            yaxis2=theme.axis(range=[0, top], domain=_LOWER, nticks=4),
        ),
    )
    moves = _moves(alphas, x, right, {_UPPER_RING: gap, _LOWER_RING: ece})
    named = {"annotations[2].visible": [alphas[0] == 0 and stop > 0 for stop in range(len(alphas))]}
    return LiveFigure(
        figure,
        tuple(alt_text(alpha, one.network, words) for alpha, one in networks.items()),
        _table(networks, gap.ends, ece.ends),
        Frames(alphas, moves, named),
        narrow={"height": 460, "title.font.size": 16},
    )


_UPPER_RING, _LOWER_RING = 6, 11  # the traces that move


# ---- its parts: each returns the traces, the names or the moves of one thing ------------------------------------------


@dataclass(frozen=True)
class _Measure:
    """One panel's numbers in per cent, one for each alpha, and how a fraction of it is said."""

    values: list[float]
    ends: list[tuple[float, float]]
    say: Callable[[float], str]

    @property
    def said(self) -> list[str]:
        return [self.say(value / 100) for value in self.values]


def _tenths(value: float) -> str:
    return numbers.percent(value, 1)


def _per_cent(ends: tuple[float, float]) -> tuple[float, float]:
    return 100 * ends[0], 100 * ends[1]


def _zones(left: float, right: float, low: float, high: float) -> list[go.Scatter]:
    """Over-confident above, under-confident below, and the line between them."""
    return [
        _zone(left, right, 0, high, "overbg"),
        _zone(left, right, low, 0, "underbg"),
        go.Scatter(mode="lines", x=[left, right], y=[0, 0], line=dict(color=token("muted"), width=1.5), hoverinfo="skip"),
    ]


def _chance(left: float, right: float, x: Sequence[float], floor: Sequence[float]) -> go.Scatter:
    """What chance alone makes of the ECE of a calibrated network, from one edge to the other."""
    x, y = [left, *x, right], [floor[0], *floor, floor[-1]]
    line = dict(width=0)
    return go.Scatter(mode="lines", x=x, y=y, yaxis="y2", fill="tozeroy", fillcolor=token("grid"), line=line, hoverinfo="skip")


def _measured(
    measure: _Measure, alphas: Sequence[float], right: float, hover: str, *, dot: int, ring: int, yaxis: str | None = None
) -> list[go.Scatter]:
    """Line, whiskers, dots to click on and the ring around the chosen one; `dot` and `ring` are diameters in px."""
    x, y = [float(theme.alpha_position(alpha)) for alpha in alphas], measure.values
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    around = dict(size=ring, line=dict(width=2.5, color=token("text")), color=colors[0], opacity=1)
    return [
        go.Scatter(mode="lines", x=x, y=y, yaxis=yaxis, line=dict(color=token("line"), width=2), hoverinfo="skip"),
        _whiskers(x, measure.ends, yaxis or "y"),
        go.Scatter(
            mode="markers", x=x, y=y, yaxis=yaxis, customdata=list(alphas), meta=SELECT_ALPHA, cliponaxis=False,
            marker=dict(size=dot, color=colors, opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=measure.said, hovertemplate=hover + "<extra></extra>",
        ),
        go.Scatter(
            mode="markers+text", x=x[:1], y=y[:1], yaxis=yaxis, marker=around, text=[_bold(measure.said[0])],
            textposition=_beside(x, y, right)[0], textfont=dict(size=ring, color=token("text")), hoverinfo="skip", cliponaxis=False,
        ),
    ]  # fmt: skip


def _moves(alphas: Sequence[float], x: Sequence[float], right: float, rings: Mapping[int, _Measure]) -> tuple[Move, ...]:
    """Each ring goes to its alpha, takes its colour and says its number."""
    moves = []
    for ring, measure in rings.items():
        moves.append(Move(ring, "x", np.array(x)[:, None]))
        moves.append(Move(ring, "y", np.array(measure.values)[:, None]))
        moves.append(Move(ring, "text", [[_bold(text)] for text in measure.said]))
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    moves += [Move(ring, "marker.color", colors) for ring in rings]
    moves += [Move(ring, "textposition", _beside(x, measure.values, right)) for ring, measure in rings.items()]
    return tuple(moves)


def _notes(left: float, right: float, low: float, high: float, first: float, words: Mapping[str, str]) -> list[dict]:
    """The zones' names, the hard network with its gap, the lower panel's title and its floor; `first` is the hard gap, points."""
    hard = f"<b>{words['hard']}</b> {numbers.points(first / 100)}"
    return [
        theme.note(words["over"], right, high, color="over", size=15, ground=False, xanchor="right", yanchor="top", yshift=-4),
        theme.note(words["under"], left, low, color="under", size=15, ground=False, xanchor="left", yanchor="bottom", xshift=8, yshift=4),
        theme.note(hard, 0, first, color="hard", ground=False, xanchor="left", yanchor="bottom", xshift=-8, yshift=12, visible=False),
        theme.note(
            words["title_ece"], 0, 1, xref="paper", yref="y2 domain", color="text", size=15, ground=False, xanchor="left",
            yanchor="bottom", xshift=-50, yshift=8,
        ),
        theme.note(words["chance"], right, 0, yref="y2", size=13, ground=False, xanchor="right", yanchor="bottom", xshift=-2),
    ]  # fmt: skip


def _alpha_axis(left: float, right: float, words: Mapping[str, str]) -> dict:
    ticks = [alpha for alpha in theme.ALPHA_TICKS if theme.alpha_position(alpha) <= right]
    return theme.alpha_axis(
        words["tick_hard"], title=words["axis_alpha"], range=[left, right], anchor="y2",
        tickvals=[float(theme.alpha_position(alpha)) for alpha in ticks],
        ticktext=[numbers.alpha_tick(alpha, words["tick_hard"]) for alpha in ticks],
    )  # fmt: skip


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


def _table(
    networks: Mapping[float, GapAndEce], gap_ends: Sequence[tuple[float, float]], ece_ends: Sequence[tuple[float, float]]
) -> dict[str, list]:
    """Fractions, as everywhere in files."""
    each = [one.network for one in networks.values()]
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
        "networks": [one.count for one in networks.values()],
    }
