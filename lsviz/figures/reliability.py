"""Is a network right as often as it claims? The reliability diagram, and gap and ECE over every trained alpha."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.calibration import ReliabilityDiagram
from lsviz.core.calibration.assessment import Assessment, bin_shares, cut
from lsviz.core.calibration.kernel_smoothed import smooth_curve
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.reliability_words import alt_text
from lsviz.figures.theme import token

MIN_JOINED = 40  # bins of fewer images wander too much to be joined by a line
MIN_WHISKER = 10  # below this a whisker would span nearly everything and say nothing
_TALL = 490


# ---- A: the diagram -------------------------------------------------------------------------------------------------


def reliability_figure(
    networks: Mapping[float, Assessment],
    num_bins: int,
    strategy: str,
    words: Mapping[str, str],
    *,
    edges: Sequence[float] = (),
    title: str = "",
) -> LiveFigure:
    """Reliability diagram of alpha = 0 beside the alpha under the hand; `networks` maps rising alphas to assessments.

    `strategy` is "uniform", "mass", "own" (with inner `edges`) or "smooth", a curve with its band in the place of bins.
    The histogram below keeps equal widths whatever the strategy: bins of equal count would all stand equally high.
    """
    alphas = tuple(networks)
    smooth = strategy == "smooth"
    diagrams = {alpha: cut(network, num_bins, strategy, edges) for alpha, network in networks.items()}
    shares = {alpha: bin_shares(network, num_bins) for alpha, network in networks.items()}
    rights = {alpha: bin_shares(network, num_bins, right=True) for alpha, network in networks.items()}
    if smooth:
        curves = {alpha: _smooth(network) for alpha, network in networks.items()}
    else:
        curves = {alpha: _curve(diagram) for alpha, diagram in diagrams.items()}
    hover, hover_hard = (words["hover_smooth"], words["hover_smooth_hard"]) if smooth else (words["hover"], words["hover_hard"])
    start, hard = curves[alphas[0]], curves.get(0.0)
    color = theme.alpha_color(alphas[0])
    middle = (np.arange(num_bins) + 0.5) / num_bins
    nothing = _Curve.empty()
    traces = [
        _area([0, 1, 1], [0, 0, 1], "over"),
        _area([0, 0, 1], [0, 1, 1], "under"),
        _line([0, 1], [0, 1], token("muted"), 1.5),
        _line(*(hard or nothing).joined, theme.HARD, 2),
        go.Scatter(
            mode="markers", x=(hard or nothing).x, y=(hard or nothing).y, text=_hover(hard, hover_hard),
            hovertemplate="%{text}<extra></extra>",
            marker=dict(size=1, color=theme.HARD, opacity=1) if smooth else dict(size=6, color=token("bg"), line=dict(color=theme.HARD, width=2), opacity=1),
            cliponaxis=False,
        ),
        go.Scatter(mode="none", x=start.gaps[0], y=start.gaps[1], fill="toself", fillcolor=color, opacity=0.22, hoverinfo="skip")
        if smooth
        else _line(*start.gaps, color, 9, opacity=0.22),
        _line(*start.whiskers, color, 1.4),
        _line(*start.joined, color, 3),
        go.Scatter(
            mode="markers", x=start.x, y=start.y, text=_hover(start, hover), hovertemplate="%{text}<extra></extra>",
            marker=dict(size=start.sizes, color=color, opacity=1, line=dict(color=token("bg"), width=0 if smooth else 1.5)), cliponaxis=False,
        ),
        go.Bar(
            x=middle, y=shares[alphas[0]], yaxis="y2", width=0.84 / num_bins, marker=dict(color=color), opacity=0.35,
            hovertemplate=words["hover_share"] + "<extra></extra>",
        ),
        go.Bar(
            x=middle, y=rights[alphas[0]], yaxis="y2", width=0.84 / num_bins, marker=dict(color=color),
            hovertemplate=words["hover_right"] + "<extra></extra>",
        ),
        _line(*_steps(shares.get(0.0), num_bins), theme.HARD, 2, yaxis="y2"),
        _line([networks[alphas[0]].accuracy] * 2, [0, 1.3], token("text"), 1.5, yaxis="y2"),
        _line([networks[alphas[0]].mean_confidence] * 2, [0, 1.3], token("text"), 1.5, yaxis="y2", dash="dot"),
    ]  # fmt: skip
    gap, whisker, line, dots, bars, right, told, claimed = 5, 6, 7, 8, 9, 10, 12, 13
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    ordered = [curves[alpha] for alpha in alphas]
    moves = [
        *_moves(gap, [curve.gaps for curve in ordered]),
        *_moves(whisker, [curve.whiskers for curve in ordered]),
        *_moves(line, [curve.joined for curve in ordered]),
        *_moves(dots, [(curve.x, curve.y) for curve in ordered]),
        Move(dots, "marker.size", [curve.sizes.tolist() for curve in ordered]),
        Move(dots, "text", [_hover(curve, hover) for curve in ordered]),
        Move(bars, "y", np.array([shares[alpha] for alpha in alphas])),
        Move(right, "y", np.array([rights[alpha] for alpha in alphas])),
        Move(told, "x", np.array([[network.accuracy] * 2 for network in networks.values()])),
        Move(claimed, "x", np.array([[network.mean_confidence] * 2 for network in networks.values()])),
        *(Move(trace, "line.color", colors) for trace in (whisker, line)),
        Move(gap, "fillcolor" if smooth else "line.color", colors),
        *(Move(trace, "marker.color", colors) for trace in (dots, bars, right)),
    ]
    own_ink = _ink(hard or nothing, whiskers=False)
    inks = [_ink(curve) for curve in ordered]
    places = [_free_place(curve, np.concatenate([ink, own_ink]), above=True) for curve, ink in zip(ordered, inks)]
    # The hard network's name keeps still while alpha is dragged: one place clear of every curve, another for alpha = 0.
    rest = np.concatenate([own_ink, *(ink for alpha, ink in zip(alphas, inks) if alpha > 0)])
    clear = {at_hard: _free_place(hard or nothing, inks[0] if at_hard else rest, above=False) for at_hard in (True, False)}
    hard_places = [clear[alpha == 0] for alpha in alphas]
    notes = [
        theme.note(words["over"], 0.97, 0.05, color="over", size=15, ground=False, xanchor="right"),
        theme.note(words["under"], 0.03, 0.955, color="under", size=15, ground=False, xanchor="left"),
        theme.note(words["just_right"], 1, 1, size=13, ground=False, xanchor="right", yanchor="bottom", yshift=2),
        theme.note(words["share"], 0, 1, yref="y2 domain", size=13, ground=False, xanchor="left", yanchor="bottom", xshift=2),
        theme.note(f"<b>{words['hard']}</b>", *hard_places[0], color="hard", ground=False, visible=hard is not None),
        theme.note(f"<b>{words['smoothed']}</b>", *places[0], color="soft", ground=False, visible=alphas[0] > 0),
    ]  # fmt: skip
    hard_name, name = (f"annotations[{len(notes) - i}]" for i in (2, 1))
    layout = {
        f"{hard_name}.x": [x for x, _ in hard_places],
        f"{hard_name}.y": [y for _, y in hard_places],
        f"{name}.x": [x for x, _ in places],
        f"{name}.y": [y for _, y in places],
        f"{name}.visible": [alpha > 0 for alpha in alphas],
        f"{name}.font.color": [token("soft" if alpha < 0.4 else "under") for alpha in alphas],
    }
    quarters = [0, 0.25, 0.5, 0.75, 1]
    top = max(float(share.max()) for share in shares.values())
    tick = max([level for level in (0.05, 0.1, 0.2, 0.5, 1) if level <= top], default=top)
    figure = go.Figure(
        traces,
        theme.layout(
            title or words["title_diagram"],
            _TALL,
            margin=dict(l=54, r=22, t=44, b=50),
            barmode="overlay",
            annotations=notes,
            xaxis=theme.axis(
                title=words["axis_confidence"], range=[0, 1], constrain="domain", constraintoward="left", tickvals=quarters,
                ticktext=["0", "25 %", "50 %", "75 %", "100 %"], anchor="y2", showgrid=False,
            ),
            yaxis=theme.axis(
                range=[0, 1], tickvals=quarters, ticktext=["0", "25", "50", "75", "100 %"], domain=[0.19, 1], showgrid=False,
                scaleanchor="x", constrain="domain", constraintoward="bottom",
            ),
            yaxis2=theme.axis(range=[0, 1.02 * top], domain=[0, 0.115], tickvals=[tick], ticktext=[numbers.percent(tick)]),
        ),
    )  # fmt: skip
    return LiveFigure(
        figure,
        tuple(alt_text(alpha, network, words) for alpha, network in networks.items()),
        _diagram_table(diagrams),
        Frames(alphas, tuple(moves), layout),
        narrow={"height": 430, "title.font.size": 16, "annotations[3].text": words["share_narrow"]},
    )


@dataclass(frozen=True)
class _Curve:
    """One network's non-empty bins as the diagram draws them; x is mean confidence, y accuracy, both (B,)."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    counts: NDArray[np.int64]

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


def _curve(diagram: ReliabilityDiagram) -> _Curve:
    """All bins, the empty ones NaN: stops of equal length keep their frames small."""
    return _Curve(diagram.confidence, diagram.accuracy, *diagram.wilson(), diagram.counts)


class _Smooth(_Curve):
    """A curve with its band where bins have dots and whiskers; its points are there for the pointer alone."""

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


def _smooth(network: Assessment) -> _Smooth:
    curve = smooth_curve(network.confidence, network.correct)
    counts = np.where(np.isfinite(curve.accuracy), MIN_JOINED, 0)
    return _Smooth(curve.confidence, curve.accuracy, curve.low, curve.high, counts)


def _strokes(x: NDArray, start: NDArray, end: NDArray) -> tuple[NDArray, NDArray]:
    """Upright strokes as one line with holes: (x, start), (x, end), nothing, ..."""
    hole = np.full(len(x), np.nan)
    return np.column_stack([x, x, hole]).ravel(), np.column_stack([start, end, hole]).ravel()


def _steps(shares: NDArray | None, num_bins: int) -> tuple[NDArray, NDArray]:
    if shares is None:
        return np.empty(0), np.empty(0)
    edges = np.arange(num_bins + 1) / num_bins
    return np.repeat(edges, 2)[1:-1], np.repeat(shares, 2)


def _moves(trace: int, points: Sequence[tuple[NDArray, NDArray]]) -> tuple[Move, Move]:
    """x and y of `trace` at every stop; equal-count bins may be fewer at some stops, so shorter ones end in NaN."""
    longest = max(len(x) for x, _ in points)
    padded = np.full((2, len(points), longest), np.nan)
    for stop, (x, y) in enumerate(points):
        padded[0, stop, : len(x)], padded[1, stop, : len(y)] = x, y
    return Move(trace, "x", padded[0]), Move(trace, "y", padded[1])


def _hover(curve: _Curve | None, template: str) -> list[str]:
    if curve is None:
        return []
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


def _line(x, y, color: str, width: float, dash: str = "solid", **changes) -> go.Scatter:
    return go.Scatter(mode="lines", x=x, y=y, line=dict(color=color, width=width, dash=dash), hoverinfo="skip", **changes)


def _diagram_table(diagrams: Mapping[float, ReliabilityDiagram]) -> dict[str, list]:
    columns = ("alpha", "bin_from", "bin_to", "count", "confidence", "accuracy", "accuracy_low", "accuracy_high")
    rows = []
    for alpha, diagram in diagrams.items():
        low, high = diagram.wilson()
        parts = (diagram.edges[:-1], diagram.edges[1:], diagram.counts, diagram.confidence, diagram.accuracy, low, high)
        rows += [(alpha, *(None if value != value else value for value in row)) for row in zip(*(p.tolist() for p in parts))]
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
