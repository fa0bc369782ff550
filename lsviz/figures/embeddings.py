"""Clusters drawn: one picture of the images a network sees, a pair of them side by side, and how much tighter they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.figures import theme
from lsviz.figures.live import Frames, LiveFigure, Move, escape

MOST_NAMED = 10  # classes with a colour and a name of their own
_GL_FROM = 600  # points from which a chart is drawn by WebGL
_HEIGHT = 350


@dataclass(frozen=True)
class Picture:
    """One network's images in two dimensions. n points, K' classes shown.

    `points` (n, 2), `labels` (n,) positions among the shown classes, `corners` (3, 2) templates or None, `predicted` (n,)
    the names of the predicted classes, `index` (n,) the images' rows in the official file.
    """

    alpha: float
    points: NDArray[np.float64]
    labels: NDArray[np.intp]
    predicted: Sequence[str]
    index: NDArray[np.int32]
    corners: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class _Box:
    """The square of data that a panel shows."""

    centre: NDArray[np.float64]
    radius: float

    @classmethod
    def around(cls, picture: Picture, radius: float | None = None) -> _Box:
        seen = picture.points if picture.corners is None else np.vstack([picture.points, picture.corners])
        low, high = seen.min(axis=0), seen.max(axis=0)
        room = 1.16 if picture.corners is not None else 1.3  # names of clusters stand above them
        return cls((low + high) / 2, radius or float((high - low).max() / 2 * room) or 1.0)

    def range(self, axis: int) -> list[float]:
        return [float(self.centre[axis] - self.radius), float(self.centre[axis] + self.radius)]


def cluster_figure(
    pictures: Sequence[Picture], names: Sequence[str], colors: Sequence[int], words: Mapping[str, str],
    *, same_scale: bool = False, pinned: bool = False,
) -> LiveFigure:  # fmt: skip
    """One panel whose points move over the alphas of `pictures`; all hold the same images in the same order.

    `names` and `colors` (places in the nested class order) belong to the shown classes. `pinned` shows the first picture
    for good: the hard one on the left.
    """
    shown = [pictures[0]] if pinned else list(pictures)
    radius = max(_Box.around(p).radius for p in pictures) if same_scale else None
    boxes = [_Box.around(picture, radius) for picture in shown]
    first, box = shown[0], boxes[0]
    trio = first.corners is not None
    groups = [np.flatnonzero(first.labels == k) for k in range(len(names))]
    if len(names) > MOST_NAMED:  # too many colours to tell apart: the first ten named, the rest one grey cloud
        groups = [np.flatnonzero(first.labels >= MOST_NAMED)] + groups[:MOST_NAMED]
        paint = [theme.CONTEXT] + [theme.class_color(c) for c in colors[:MOST_NAMED]]
        named = list(names[:MOST_NAMED])
    else:
        paint, named = [theme.class_color(c) for c in colors], list(names)
    offset = len(groups) - len(named)
    kind = go.Scattergl if len(first.points) > _GL_FROM else go.Scatter
    hover = [_hover(picture, names, words) for picture in shown]
    traces = [
        kind(
            mode="markers", x=first.points[rows, 0], y=first.points[rows, 1], text=[hover[0][i] for i in rows],
            customdata=first.index[rows], meta="linked:images", hovertemplate="%{text}<extra></extra>",
            marker=dict(
                size=7 if trio else 5, color=color, opacity=1, symbol=theme.TRIO_SYMBOLS[g] if trio else "circle",
                line=dict(width=0.6, color=theme.token("bg")),
            ),
        )
        for g, (rows, color) in enumerate(zip(groups, paint))
    ]  # fmt: skip
    moves = [
        Move(g, axis, np.stack([picture.points[rows, i] for picture in shown]))
        for g, rows in enumerate(groups)
        for i, axis in enumerate("xy")
    ] + [Move(g, "text", [[texts[i] for i in rows] for texts in hover]) for g, rows in enumerate(groups)]
    places = [_name_places(picture, boxes[s], named, groups[offset:]) for s, picture in enumerate(shown)]
    notes = [
        theme.note(
            f"<b>{escape(name)}</b>", *places[0][k], color="text", size=15 if trio else 13, opacity=0.92,
            yanchor="middle" if trio else "bottom", borderpad=1,
        )
        for k, name in enumerate(named)
    ]  # fmt: skip
    layout = {
        "xaxis.range": [b.range(0) for b in boxes],
        "yaxis.range": [b.range(1) for b in boxes],
        "title.text": [_title(picture.alpha, words) for picture in shown],
    }
    for k in range(len(named)):
        layout[f"annotations[{k}].x"] = [float(place[k][0]) for place in places]
        layout[f"annotations[{k}].y"] = [float(place[k][1]) for place in places]
    if trio:
        _add_triangle(traces, moves, shown, boxes, notes, layout, words)
    if pinned or len(shown) == 1:
        frames = None
    else:
        frames = Frames(tuple(p.alpha for p in shown), tuple(moves), layout)
    figure = go.Figure(
        traces,
        theme.layout(
            _title(first.alpha, words), _HEIGHT, margin=dict(l=1, r=1, t=36, b=1), annotations=notes,
            xaxis=dict(range=box.range(0), visible=False), yaxis=dict(range=box.range(1), visible=False, scaleanchor="x"),
            shapes=[dict(type="rect", xref="paper", yref="paper", x0=0, x1=1, y0=0, y1=1, line=dict(color=theme.token("line"), width=1))],
            dragmode="zoom",
        ),
    )  # fmt: skip
    if first.alpha == 0 and pinned:
        figure.update_layout(title_font_color=theme.token("hard"))
    alt = tuple(words["panel_alt"].format(alpha=theme.alpha_text(p.alpha), count=len(p.points), classes=", ".join(named[:3])) for p in shown)
    return LiveFigure(figure, alt, _table(shown, names), frames, narrow={"height": 250, "title.font.size": 15})


def _title(alpha: float, words: Mapping[str, str]) -> str:
    return f"<b>{words['panel_hard'] if alpha == 0 else words['panel_soft'].format(alpha=theme.alpha_text(alpha))}</b>"


def _hover(picture: Picture, names: Sequence[str], words: Mapping[str, str]) -> list[str]:
    plain = [escape(name) for name in names]
    return [
        plain[k] if plain[k] == predicted else words["hover_wrong"].format(name=plain[k], predicted=predicted)
        for k, predicted in zip(picture.labels, (escape(p) for p in picture.predicted))
    ]


def _name_places(picture: Picture, box: _Box, named: Sequence[str], groups: Sequence[NDArray]) -> list[tuple[float, float]]:
    """In the plane names stand beyond the outer end of their cloud, elsewhere at the upper edge of their cluster."""
    if picture.corners is not None:
        means = np.stack([picture.points[rows].mean(axis=0) for rows in groups])
        away = means - means.mean(axis=0)
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)
        reach = [np.quantile(picture.points[rows] @ way, 0.97) for rows, way in zip(groups, away)]
        spots = means + away * (np.array(reach) - (means * away).sum(axis=1))[:, None]
        spots += away * box.radius * np.array([0.14, 0.09])
        inside = np.clip(spots, box.centre - 0.9 * box.radius, box.centre + 0.9 * box.radius)
        return [tuple(map(float, spot)) for spot in inside]
    places = []
    for rows in groups:
        own = picture.points[rows]
        middle = np.median(own, axis=0)
        near = own[np.abs(own - middle).max(axis=1) <= np.median(np.abs(own - middle).max(axis=1)) * 2]
        places.append((float(middle[0]), float(near[:, 1].max())))
    return _apart(places, [0.023 * len(name) * box.radius for name in named], 0.11 * box.radius)


def _apart(places: Sequence[tuple[float, float]], half_widths: Sequence[float], height: float) -> list[tuple[float, float]]:
    """Names moved up until none covers another; the lowest keep their place."""
    settled: dict[int, tuple[float, float]] = {}
    for i in sorted(range(len(places)), key=lambda i: places[i][1]):
        x, y = places[i]
        while any(abs(x - u) < half_widths[i] + half_widths[j] and abs(y - v) < height for j, (u, v) in settled.items()):
            y += height / 4
        settled[i] = (x, y)
    return [settled[i] for i in range(len(places))]


def _add_triangle(traces, moves, shown, boxes, notes, layout, words) -> None:
    """The templates as a triangle on top, and a scale bar: the shrinking is in it."""
    rings = [np.vstack([picture.corners, picture.corners[:1]]) for picture in shown]
    traces.append(
        go.Scatter(
            mode="lines+markers", x=rings[0][:, 0], y=rings[0][:, 1], hoverinfo="skip", line=dict(color=theme.token("text"), width=1.6),
            marker=dict(size=10, color=theme.token("bg"), line=dict(width=2.5, color=theme.token("text"))),
        )
    )  # fmt: skip
    bars = [_bar(box) for box in boxes]
    traces.append(
        go.Scatter(mode="lines", x=bars[0][0], y=bars[0][1], hoverinfo="skip", line=dict(color=theme.token("text"), width=3))
    )
    at = len(traces) - 2
    moves += [Move(at, axis, np.stack([ring[:, i] for ring in rings])) for i, axis in enumerate("xy")]
    moves += [Move(at + 1, axis, np.array([bar[i] for bar in bars])) for i, axis in enumerate("xy")]
    texts = [words["units"].format(length=f"{bar[2]:g}") for bar in bars]
    notes.append(theme.note(texts[0], bars[0][0][0], bars[0][1][0], size=13, ground=False, xanchor="left", yanchor="top", yshift=-3))
    place = len(notes) - 1
    layout[f"annotations[{place}].text"] = texts
    layout[f"annotations[{place}].x"] = [bar[0][0] for bar in bars]
    layout[f"annotations[{place}].y"] = [bar[1][0] for bar in bars]


def _bar(box: _Box) -> tuple[list[float], list[float], float]:
    """A scale bar of a round length, about a fifth of the box, in its upper left: x, y, length."""
    rounds = np.array([m * 10.0**e for e in range(-3, 4) for m in (1, 2, 5)])
    length = float(rounds[np.abs(np.log(rounds / (0.4 * box.radius))).argmin()])
    x = float(box.centre[0] - 0.94 * box.radius)
    y = float(box.centre[1] + 0.92 * box.radius)
    return [x, x + length], [y, y], length


def _table(shown: Sequence[Picture], names: Sequence[str]) -> dict[str, Sequence]:
    return {
        "alpha": np.repeat([p.alpha for p in shown], [len(p.points) for p in shown]),
        "image": np.concatenate([p.index for p in shown]),
        "class": [names[k] for p in shown for k in p.labels],
        "predicted": [name for p in shown for name in p.predicted],
        "x": np.round(np.concatenate([p.points[:, 0] for p in shown]), 5),
        "y": np.round(np.concatenate([p.points[:, 1] for p in shown]), 5),
    }


# ---- how much tighter ------------------------------------------------------------------------------------------------


def tightness_figure(alphas: Sequence[float], rows: Mapping[str, Sequence[float]], words: Mapping[str, str]) -> LiveFigure:
    """Each measure of spread as a share of its value with hard targets (the first alpha), on a log axis; 1 = hard."""
    labels = list(rows)
    ratios = np.array([np.asarray(values, float) / values[0] for values in rows.values()])  # (rows, stops)
    y = np.arange(len(labels), dtype=float)
    low = min(1 / 8, float(np.nanmin(ratios)) * 0.5)
    high = max(1.6, float(np.nanmax(ratios)) * 1.6)  # both with room for the number beside the dot
    # one line a row, broken by gaps, so that all rows move as one trace
    across = np.full((len(alphas), 3 * len(labels)), np.nan)
    across[:, 0::3], across[:, 1::3] = 1.0, ratios.T
    down = np.repeat(y, 3).astype(float)
    texts = [[f"<b>{theme.ratio(v)}</b>" if alphas[s] > 0 else "" for v in ratios[:, s]] for s in range(len(alphas))]
    places = [["middle left" if v < 1 else "middle right" for v in ratios[:, s]] for s in range(len(alphas))]
    pad = [[f"{text}\u2002" if place == "middle left" else f"\u2002{text}" for text, place in zip(*pair)] for pair in zip(texts, places)]
    figure = go.Figure(
        [
            go.Scatter(mode="lines", x=[1, 1], y=[-0.5, len(labels) - 0.5], hoverinfo="skip", line=dict(color=theme.token("line"), width=1.5)),
            go.Scatter(mode="lines", x=across[0], y=down, hoverinfo="skip", line=dict(color=theme.HARD, width=3)),
            go.Scatter(
                mode="markers", x=np.ones(len(y)), y=y, hoverinfo="skip",
                marker=dict(size=11, color=theme.token("bg"), line=dict(color=theme.HARD, width=2.5)),
            ),
            go.Scatter(
                mode="markers+text", x=ratios[:, 0], y=y, text=pad[0], textposition=places[0], hoverinfo="skip", cliponaxis=False,
                marker=dict(size=14, color=theme.HARD, line=dict(color=theme.token("bg"), width=1.5)),
                textfont=dict(size=16, color=theme.token("text")),
            ),
        ],
        theme.layout(
            words["tight_title"], 270, margin=dict(l=170, r=24, t=40, b=44),
            xaxis=theme.axis(
                type="log", range=[float(np.log10(low)), float(np.log10(high))], tickvals=[0.125, 0.25, 0.5, 1],
                ticktext=["1/8", "1/4", "1/2", words["tight_same"]],
            ),
            yaxis=theme.axis(
                range=[len(labels) - 0.4, -0.6], tickvals=list(y), ticktext=[words[label] for label in labels], showgrid=False,
                tickfont=dict(size=15, color=theme.token("text")),
            ),
        ),
    )  # fmt: skip
    colors = [theme.alpha_color(a) for a in alphas]
    moves = (
        Move(1, "x", across),
        Move(1, "line.color", colors),
        Move(3, "x", ratios.T.copy()),
        Move(3, "text", pad),
        Move(3, "textposition", places),
        Move(3, "marker.color", colors),
    )
    alt = tuple(
        words["tight_alt"].format(alpha=theme.alpha_text(a), numbers=", ".join(f"{words[k]} {theme.ratio(v)}" for k, v in zip(labels, ratios[:, s])))
        for s, a in enumerate(alphas)
    )
    table = {"alpha": np.tile(alphas, len(labels)), "measure": np.repeat(labels, len(alphas)), "share_of_hard": ratios.ravel()}
    return LiveFigure(figure, alt, table, Frames(tuple(alphas), moves), narrow={"height": 280, "margin.l": 132, "title.font.size": 16, "yaxis.tickfont.size": 14})
