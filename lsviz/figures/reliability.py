"""Is a network right as often as it claims? The reliability diagram, hard beside smoothed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.calibration.assessment import Assessment
from lsviz.core.calibration.diagram_numbers import DiagramNumbers
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.reliability_words import alt_text
from lsviz.figures.theme import token

MIN_JOINED = 40  # bins of fewer images wander too much to be joined by a line
MIN_WHISKER = 10  # below this a whisker would span nearly everything and say nothing
_TALL = 490
# The diagram without the histogram below it, whose axis shrinks as far as plotly allows (1/4096).
_ALONE = {
    "yaxis.domain": [0, 1], "xaxis.anchor": "y", "yaxis2.domain": [0, 0.001], "yaxis2.visible": False, "annotations[3].visible": False,
    "margin.r": 34,
}  # fmt: skip


def reliability_figure(diagrams: Mapping[float, DiagramNumbers], words: Mapping[str, str], *, title: str = "") -> LiveFigure:
    """Reliability diagram of alpha = 0 beside the alpha under the hand; `diagrams` maps rising alphas to their numbers.

    Bins are dots with whiskers, a smooth curve is a line with its band. The histogram below always has equal widths.
    """
    alphas, shown = tuple(diagrams), list(diagrams.values())
    curves = [_curve(one) for one in shown]
    hard = curves[alphas.index(0.0)] if 0.0 in diagrams else type(curves[0]).empty()
    names = _names(alphas, curves, hard)
    kind = "hover_smooth" if shown[0].smooth else "hover"
    top = max(float(one.shares.max()) for one in shown)
    figure = go.Figure(
        [
            *_ground(),
            *_hard_curve(hard, words[f"{kind}_hard"]),
            *_chosen_curve(curves[0], alphas[0], words[kind]),
            *_histogram(shown[0], alphas[0], words),
            _hard_steps(diagrams.get(0.0)),
            *_right_and_claimed(shown[0].network),
        ],
        theme.layout(
            title or words["title_diagram"],
            _TALL,
            margin=dict(l=54, r=22, t=44, b=50),
            barmode="overlay",
            annotations=[*_zone_names(words), *_curve_names(names, 0.0 in diagrams, words)],
            **_axes(top, words),
        ),
    )
    moves = (*_curve_moves(curves, words[kind]), *_histogram_moves(shown), *_colour_moves(alphas, curves[0]))
    return LiveFigure(
        figure,
        tuple(alt_text(alpha, one.network, words) for alpha, one in diagrams.items()),
        _diagram_table(diagrams),
        Frames(alphas, moves, _names_follow(names)),
        narrow={"height": 430, "title.font.size": 16, "annotations[3].text": words["share_narrow"]},
        stage=_ALONE,
    )


_GAP, _WHISKER, _LINE, _DOTS, _BARS, _RIGHT, _ACCURACY, _CLAIMED = 5, 6, 7, 8, 9, 10, 12, 13  # traces that move


# ---- its parts: each returns the traces, the names or the moves of one thing ------------------------------------------


def _ground() -> list[go.Scatter]:
    """The two zones and the diagonal between them."""
    return [
        _area([0, 1, 1], [0, 0, 1], "over"),
        _area([0, 0, 1], [0, 1, 1], "under"),
        _line([0, 1], [0, 1], token("muted"), 1.5),
    ]


def _hard_curve(hard: _Curve, hover: str) -> list[go.Scatter]:
    """The hard network's line and dots, which keep still."""
    ring = dict(size=6, color=token("bg"), line=dict(color=theme.HARD, width=2), opacity=1)
    marker = dict(size=1, color=theme.HARD, opacity=1) if hard.is_smooth else ring
    return [_line(*hard.joined, theme.HARD, 2), _dots(hard, hover, marker)]


def _chosen_curve(curve: _Curve, alpha: float, hover: str) -> list[go.Scatter]:
    """Gaps (or the band), whiskers, line and dots of the network under the hand."""
    color = theme.alpha_color(alpha)
    band = dict(mode="none", fill="toself", fillcolor=color, opacity=0.22, hoverinfo="skip")
    marker = dict(size=curve.sizes, color=color, opacity=1, line=dict(color=token("bg"), width=0 if curve.is_smooth else 1.5))
    return [
        go.Scatter(x=curve.gaps[0], y=curve.gaps[1], **band) if curve.is_smooth else _line(*curve.gaps, color, 9, opacity=0.22),
        _line(*curve.whiskers, color, 1.4),
        _line(*curve.joined, color, 3),
        _dots(curve, hover, marker),
    ]


def _histogram(one: DiagramNumbers, alpha: float, words: Mapping[str, str]) -> list[go.Bar]:
    """How the images lie over the confidence, the rightly answered ones in front of all."""
    count = len(one.shares)
    bars = dict(x=(np.arange(count) + 0.5) / count, yaxis="y2", width=0.84 / count, marker=dict(color=theme.alpha_color(alpha)))
    return [
        go.Bar(y=one.shares, opacity=0.35, hovertemplate=words["hover_share"] + "<extra></extra>", **bars),
        go.Bar(y=one.right, hovertemplate=words["hover_right"] + "<extra></extra>", **bars),
    ]


def _hard_steps(hard: DiagramNumbers | None) -> go.Scatter:
    """The hard network's histogram as an outline."""
    x = y = np.empty(0)
    if hard:
        x, y = np.repeat(np.arange(len(hard.shares) + 1) / len(hard.shares), 2)[1:-1], np.repeat(hard.shares, 2)
    return _line(x, y, theme.HARD, 2, yaxis="y2")


def _right_and_claimed(network: Assessment) -> list[go.Scatter]:
    """Two upright lines through the histogram: accuracy, and dotted the mean confidence."""
    return [
        _line([network.accuracy] * 2, [0, 1.3], token("text"), 1.5, yaxis="y2"),
        _line([network.mean_confidence] * 2, [0, 1.3], token("text"), 1.5, yaxis="y2", dash="dot"),
    ]


def _curve_moves(curves: Sequence[_Curve], hover: str) -> list[Move]:
    return [
        *_moves(_GAP, [curve.gaps for curve in curves]),
        *_moves(_WHISKER, [curve.whiskers for curve in curves]),
        *_moves(_LINE, [curve.joined for curve in curves]),
        *_moves(_DOTS, [(curve.x, curve.y) for curve in curves]),
        Move(_DOTS, "marker.size", [curve.sizes.tolist() for curve in curves]),
        Move(_DOTS, "text", [_hover(curve, hover) for curve in curves]),
    ]


def _histogram_moves(shown: Sequence[DiagramNumbers]) -> list[Move]:
    return [
        Move(_BARS, "y", np.array([one.shares for one in shown])),
        Move(_RIGHT, "y", np.array([one.right for one in shown])),
        Move(_ACCURACY, "x", np.array([[one.network.accuracy] * 2 for one in shown])),
        Move(_CLAIMED, "x", np.array([[one.network.mean_confidence] * 2 for one in shown])),
    ]


def _colour_moves(alphas: Sequence[float], curve: _Curve) -> list[Move]:
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    return [
        *(Move(trace, "line.color", colors) for trace in (_WHISKER, _LINE)),
        Move(_GAP, "fillcolor" if curve.is_smooth else "line.color", colors),
        *(Move(trace, "marker.color", colors) for trace in (_DOTS, _BARS, _RIGHT)),
    ]


def _axes(top: float, words: Mapping[str, str]) -> dict[str, dict]:
    """Confidence and accuracy as a square, and below them the histogram, whose highest bar is `top`."""
    quarters = [0, 0.25, 0.5, 0.75, 1]
    tick = max([level for level in (0.05, 0.1, 0.2, 0.5, 1) if level <= top], default=top)
    return dict(
        xaxis=theme.axis(
            title=words["axis_confidence"], range=[0, 1], constrain="domain", constraintoward="left", tickvals=quarters,
            ticktext=["0", *map(numbers.percent, quarters[1:])], anchor="y2", showgrid=False,
        ),
        yaxis=theme.axis(
            range=[0, 1], tickvals=quarters, ticktext=["0", "25", "50", "75", numbers.percent(1)], domain=[0.19, 1], showgrid=False,
            scaleanchor="x", constrain="domain", constraintoward="bottom",
        ),
        yaxis2=theme.axis(range=[0, 1.02 * top], domain=[0, 0.115], tickvals=[tick], ticktext=[numbers.percent(tick)]),
    )  # fmt: skip


# ---- names on it ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """Where the two curves' names stand at each stop, in units of the axes."""

    alphas: tuple[float, ...]
    hard: list[tuple[float, float]]
    chosen: list[tuple[float, float]]


def _names(alphas: tuple[float, ...], curves: Sequence[_Curve], hard: _Curve) -> _Names:
    own_ink = _ink(hard, whiskers=False)
    inks = [_ink(curve) for curve in curves]
    chosen = [_free_place(curve, np.concatenate([ink, own_ink]), above=True) for curve, ink in zip(curves, inks)]
    # The hard network's name keeps still while alpha is dragged: one place clear of every curve, another for alpha = 0.
    rest = np.concatenate([own_ink, *(ink for alpha, ink in zip(alphas, inks) if alpha > 0)])
    clear = {at_hard: _free_place(hard, inks[0] if at_hard else rest, above=False) for at_hard in (True, False)}
    return _Names(alphas, [clear[alpha == 0] for alpha in alphas], chosen)


def _zone_names(words: Mapping[str, str]) -> list[dict]:
    return [
        theme.note(words["over"], 0.97, 0.05, color="over", size=15, ground=False, xanchor="right"),
        theme.note(words["under"], 0.03, 0.955, color="under", size=15, ground=False, xanchor="left"),
        theme.note(words["just_right"], 1, 1, size=13, ground=False, xanchor="right", yanchor="bottom", yshift=2),
        theme.note(words["share"], 0, 1, yref="y2 domain", size=13, ground=False, xanchor="left", yanchor="bottom", xshift=2),
    ]


def _curve_names(names: _Names, has_hard: bool, words: Mapping[str, str]) -> list[dict]:
    return [
        theme.note(f"<b>{words['hard']}</b>", *names.hard[0], color="hard", ground=False, visible=has_hard),
        theme.note(f"<b>{words['smoothed']}</b>", *names.chosen[0], color="soft", ground=False, visible=names.alphas[0] > 0),
    ]


def _names_follow(names: _Names) -> dict[str, list]:
    """The curves' names, which come after those of the zones, at every stop."""
    hard, chosen = "annotations[4]", "annotations[5]"
    return {
        f"{hard}.x": [x for x, _ in names.hard],
        f"{hard}.y": [y for _, y in names.hard],
        f"{chosen}.x": [x for x, _ in names.chosen],
        f"{chosen}.y": [y for _, y in names.chosen],
        f"{chosen}.visible": [alpha > 0 for alpha in names.alphas],
        f"{chosen}.font.color": [token("soft" if alpha < 0.4 else "under") for alpha in names.alphas],
    }


# ---- curves -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Curve:
    """One network's non-empty bins as the diagram draws them; x is mean confidence, y accuracy, both (B,)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    counts: NDArray[np.int64]
    is_smooth: ClassVar[bool] = False

    @classmethod
    def empty(cls) -> _Curve:
        none = np.empty(0)
        return cls(none, none, none, none, none.astype(np.int64))

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Diameters in px: the area above the smallest dot grows with the share of images."""
        return np.round(7 + 15 * np.sqrt(self.counts / max(self.counts.sum(), 1)), 2)

    @property
    def joined(self) -> tuple[NDArray, NDArray]:
        """The line: bins with too few images leave a hole in it."""
        enough = self.counts >= MIN_JOINED
        return np.where(enough, self.x, np.nan), np.where(enough, self.y, np.nan)

    @property
    def gaps(self) -> tuple[NDArray, NDArray]:
        """From the diagonal to each dot that has a whisker."""
        return _strokes(self._told, self._told, self.y)

    @property
    def whiskers(self) -> tuple[NDArray, NDArray]:
        return _strokes(self._told, self.low, self.high)

    @property
    def _told(self) -> NDArray[np.float64]:
        return np.where(self.counts >= MIN_WHISKER, self.x, np.nan)


def _curve(one: DiagramNumbers) -> _Curve:
    """All bins, the empty ones NaN: stops of equal length keep their frames small."""
    if one.smooth is None:
        return _Curve(one.bins.confidence, one.bins.accuracy, one.low, one.high, one.bins.counts)
    told = np.where(np.isfinite(one.smooth.accuracy), MIN_JOINED, 0)
    return _Smooth(one.smooth.confidence, one.smooth.accuracy, one.smooth.low, one.smooth.high, told)


class _Smooth(_Curve):
    """A curve with its band where bins have dots and whiskers; its points are there for the pointer alone."""

    is_smooth: ClassVar[bool] = True

    @property
    def sizes(self) -> NDArray[np.float64]:
        return np.full(len(self.x), 1.0)

    @property
    def gaps(self) -> tuple[NDArray, NDArray]:
        """The band, as one closed outline."""
        seen = np.isfinite(self.low) & np.isfinite(self.high)
        x, low, high = self.x[seen], self.low[seen], self.high[seen]
        return np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])

    @property
    def whiskers(self) -> tuple[NDArray, NDArray]:
        return np.full(1, np.nan), np.full(1, np.nan)


def _strokes(x: NDArray, start: NDArray, end: NDArray) -> tuple[NDArray, NDArray]:
    """Upright strokes as one line with holes: (x, start), (x, end), nothing, ..."""
    hole = np.full(len(x), np.nan)
    return np.column_stack([x, x, hole]).ravel(), np.column_stack([start, end, hole]).ravel()


def _moves(trace: int, points: Sequence[tuple[NDArray, NDArray]]) -> tuple[Move, Move]:
    """x and y of `trace` at every stop; equal-count bins may be fewer at some stops, so shorter ones end in NaN."""
    longest = max(len(x) for x, _ in points)
    padded = np.full((2, len(points), longest), np.nan)
    for stop, (x, y) in enumerate(points):
        padded[0, stop, : len(x)], padded[1, stop, : len(y)] = x, y
    return Move(trace, "x", padded[0]), Move(trace, "y", padded[1])


def _hover(curve: _Curve, template: str) -> list[str]:
    return [
        template.format(claims=numbers.percent(x), right=numbers.percent(y), count=count) if count else ""
        for x, y, count in zip(curve.x, curve.y, curve.counts.tolist())
    ]


_LABEL = (0.25, 0.065)  # width and height of a curve's name, as shares of the panel
_ZONE_NAMES = ((0.03, 0.92, 0.37, 0.99), (0.63, 0.01, 0.97, 0.09))  # left, bottom, right, top


def _free_place(curve: _Curve, ink: NDArray[np.float64], *, above: bool) -> tuple[float, float]:
    """Centre of the curve's name: near one of its dots, above or below the curve, where it hides the fewest points of `ink` (p, 2)."""
    told = np.flatnonzero(curve.counts >= min(MIN_WHISKER, curve.counts.max(initial=1)))
    width, height = _LABEL
    best, least = ((0.36, 0.72) if above else (0.64, 0.28)), np.inf
    near = -1 if above else 1  # the side away from the diagonal
    spots = [
        (i, away, side, curve.x[i] + side * (width / 2 + away), curve.y[i] - near * rise * (height / 2 + away))
        for i in told
        for away in (0.02, 0.06, 0.11, 0.2)
        for side, rise in ((near, 0), (0.6 * near, 0.6), (0, 1), (-near, 0))[: 4 if above else 3]
    ]
    inside = [spot for spot in spots if width / 2 <= spot[3] <= 1 - width / 2 and height <= spot[4] <= 1 - height]
    for i, away, side, x, y in inside or spots:  # every dot at the rim: its name is moved in
        x, y = np.clip(x, width / 2, 1 - width / 2), np.clip(y, height, 1 - height)
        hidden = (np.abs(ink - (x, y)) < (width / 2, height / 2 + 0.01)).all(axis=1).sum()
        cost = hidden + away + 0.5 * abs(curve.x[i] - 0.6) + 0.5 * (side == -near)
        if cost < least:  # nothing hidden; then near its dot, near the middle, on its own side
            best, least = (round(float(x), 4), round(float(y), 4)), cost
    return best


def _ink(curve: _Curve, *, whiskers: bool = True) -> NDArray[np.float64]:
    """Points (p, 2) along everything a name should not hide: the curve, its whiskers, the diagonal, the zones' names."""
    steps = np.linspace(0, 1, 9)[:, None]
    along = np.linspace(0, 1, 60)
    used = curve.counts > 0
    x, y, low, high = curve.x[used], curve.y[used], curve.low[used], curve.high[used]
    pieces = [np.column_stack([along, along])]
    pieces += [np.column_stack([along, np.interp(along, x, y, left=np.nan, right=np.nan)])] if len(x) else []
    if whiskers:
        pieces += [np.column_stack([np.broadcast_to(x, (9, len(x))).ravel(), (low + steps * (high - low)).ravel()])]
    pieces += [np.column_stack([np.tile(x, 3), np.concatenate([y - 0.02, y, y + 0.02])])]
    for left, bottom, right, top in _ZONE_NAMES:
        across, up = np.meshgrid(np.linspace(left, right, 12), [bottom, (bottom + top) / 2, top])
        pieces.append(np.column_stack([across.ravel(), up.ravel()]))
    return np.concatenate(pieces)


def _area(x: Sequence[float], y: Sequence[float], zone: str, **where: str) -> go.Scatter:
    return go.Scatter(x=x, y=y, fill="toself", mode="none", fillcolor=token(zone + "bg"), hoverinfo="skip", **where)


def _dots(curve: _Curve, hover: str, marker: dict) -> go.Scatter:
    text = _hover(curve, hover)
    return go.Scatter(
        mode="markers", x=curve.x, y=curve.y, text=text, hovertemplate="%{text}<extra></extra>", marker=marker, cliponaxis=False
    )


def _line(x, y, color: str, width: float, dash: str = "solid", **changes) -> go.Scatter:
    return go.Scatter(mode="lines", x=x, y=y, line=dict(color=color, width=width, dash=dash), hoverinfo="skip", **changes)


def _diagram_table(diagrams: Mapping[float, DiagramNumbers]) -> dict[str, list]:
    columns = ("alpha", "bin_from", "bin_to", "count", "confidence", "accuracy", "accuracy_low", "accuracy_high")
    rows = []
    for alpha, one in diagrams.items():
        bins = one.bins
        parts = (bins.edges[:-1], bins.edges[1:], bins.counts, bins.confidence, bins.accuracy, one.low, one.high)
        rows += [(alpha, *(None if value != value else value for value in row)) for row in zip(*(p.tolist() for p in parts))]
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
