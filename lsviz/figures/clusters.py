"""Clusters drawn: one picture of the images a network sees, a pair of them side by side, and how much tighter they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core.classes import superclass
from lsviz.core.picture import Picture
from lsviz.figures import numbers, theme
from lsviz.figures.cluster_names import Place, above_clusters, beyond_clouds
from lsviz.figures.live import LINKED_IMAGES, Column, Frames, LiveFigure, Move, escape

MOST_NAMED = 10  # colours there are; as many classes again are drawn as open rings
HEIGHT = 350


@dataclass(frozen=True)
class Box:
    """The square of data that a panel shows."""

    centre: NDArray[np.float64]
    radius: float

    @classmethod
    def around(cls, seen: NDArray[np.float64], room: float) -> Box:
        """The points `seen` (n, 2) and the share `room` more."""
        low, high = seen.min(axis=0), seen.max(axis=0)
        return cls((low + high) / 2, float((high - low).max() / 2 * room) or 1.0)

    def range(self, axis: int) -> list[float]:
        return [float(self.centre[axis] - self.radius), float(self.centre[axis] + self.radius)]


def cluster_figure(
    pictures: Sequence[Picture], names: Sequence[str], colors: Sequence[int], words: Mapping[str, str],
    *, pinned: bool = False, fixed: bool = False, by_classes: bool = False, beside: Sequence[Picture] = (), color: str = "class",
    view: str = "", height: int = HEIGHT,
) -> LiveFigure:  # fmt: skip
    """One panel whose points glide over the alphas of `pictures`; all hold the same images in the same order.

    `names` and `colors` (places in the nested class order) belong to the shown classes. `pinned` shows the first picture
    for good. `fixed` gives every stop the same axes, wide enough for the pictures `beside` it too; `by_classes` draws all of them with
    their classes equally far apart, so that a cloud is as large as its spread is told. `color` is class,
    superclass, right, confidence or moved. `view` names the projection
    in the title where several stand together.
    """
    trio = pictures[0].corners is not None
    shown = pictures[:1] if pinned else list(pictures)
    every = [*pictures, *beside]
    first = shown[0]
    groups, styles, named = _groups(first, names, colors, trio)
    clouds = [[picture.points[picture.labels == k] for k in range(len(named))] for picture in every]
    apart = [picture.apart for picture in every] if by_classes else []
    boxes = boxes_of([seen_points(picture) for picture in every], 1.16 if trio else 1.06, fixed, apart)
    if trio:
        standing: Sequence[Sequence[Place]] = [
            beyond_clouds(cloud, named, box.centre, box.radius) for cloud, box in zip(clouds, boxes)
        ]
        legible = on_phones = (True,) * len(named)
    else:
        placed = above_clusters(clouds, named, [box.radius * 1.06 for box in boxes], HEIGHT / height)
        standing, legible, on_phones = placed.places, placed.legible, placed.on_phones
        tops = [[[x, y + 0.13 * box.radius] for x, y in places] for places, box in zip(standing, boxes)]
        boxes = boxes_of([np.vstack([seen_points(picture), top]) for picture, top in zip(every, tops)], 1.06, fixed, apart)
    boxes, standing = boxes[: len(shown)], standing[: len(shown)]
    hover = [hover_texts(picture, names, words) for picture in shown]
    dtype = np.float32 if len(shown) == 1 else np.float64  # what moves is sent in its frames, rounded there
    traces = [
        go.Scatter(
            mode="markers", x=first.points[rows, 0].astype(dtype), y=first.points[rows, 1].astype(dtype), text=[hover[0][i] for i in rows],
            customdata=first.index[rows], meta=LINKED_IMAGES, hovertemplate="%{text}<extra></extra>", marker=style,
        )
        for rows, style in zip(groups, styles)
    ]  # fmt: skip
    moves = [
        Move(g, axis, np.stack([picture.points[rows, i] for picture in shown]))
        for g, rows in enumerate(groups)
        for i, axis in enumerate("xy")
    ] + [Move(g, "text", [[texts[i] for i in rows] for texts in hover]) for g, rows in enumerate(groups)]
    if color != "class":
        shades = [paint(picture, names, colors, color) for picture in shown]
        for g, rows in enumerate(groups):
            traces[g].marker.update(color=[shades[0][i] for i in rows], symbol="circle")
            moves.append(Move(g, "marker.color", [[shade[i] for i in rows] for shade in shades]))
    notes = [
        theme.note(
            f"<b>{escape(name)}</b>", *standing[0][k], color="text", size=15 if trio else 13, opacity=0.92,
            yanchor="middle" if trio else "bottom", borderpad=1, visible=legible[k],
        )
        for k, name in enumerate(named)
    ]  # fmt: skip
    layout: dict[str, Column] = (
        {} if fixed else {"xaxis.range": [box.range(0) for box in boxes], "yaxis.range": [box.range(1) for box in boxes]}
    )
    for k in range(len(named)):
        layout[f"annotations[{k}].x"] = [float(places[k][0]) for places in standing]
        layout[f"annotations[{k}].y"] = [float(places[k][1]) for places in standing]
    narrow = {"height": 250} | {f"annotations[{k}].visible": False for k in range(len(named)) if not on_phones[k]}
    if trio:
        _add_triangle(traces, moves, shown, [theme.class_color(c) for c in colors], boxes, notes, layout, words)
    _add_title(shown, notes, layout, narrow, words, view)
    figure = go.Figure(
        traces,
        theme.layout(
            "", height, margin=dict(l=1, r=1, t=36, b=1), annotations=notes,
            xaxis=dict(range=boxes[0].range(0), visible=False), yaxis=dict(range=boxes[0].range(1), visible=False, scaleanchor="x"),
            shapes=[dict(type="rect", xref="paper", yref="paper", x0=0, x1=1, y0=0, y1=1, line=dict(color=theme.token("line"), width=1))],
            dragmode="zoom",
        ),
    )  # fmt: skip
    frames = None if len(shown) == 1 else Frames(tuple(p.alpha for p in shown), tuple(moves), layout, glides=True)
    return LiveFigure(figure, tuple(panel_alt(p, names, words) for p in shown), image_table(shown, names), frames, narrow=narrow)


_PALE, _DEEP = (201, 206, 214), (3, 94, 222)
RIGHT, WRONG = 0.25, "#ca0f52"  # right answers are that share of the way from pale to deep


def paint(picture: Picture, names: Sequence[str], colors: Sequence[int], by: str) -> list[str]:
    """A colour for each image (n,). Shades run from pale (least) to deep (most); wrong answers are red on pale right ones."""
    if by == "superclass":
        order = list(dict.fromkeys(superclass(c) for c in colors))
        return [theme.class_color(order.index(superclass(colors[k]))) for k in picture.labels]
    if by == "right":
        return [shade(RIGHT) if names[k] == told else WRONG for k, told in zip(picture.labels, picture.predicted)]
    if by == "confidence" and picture.confidence is not None:
        return [shade(share) for share in picture.confidence]
    way = np.zeros(len(picture.points)) if picture.moved is None else picture.moved
    return [shade(share) for share in np.clip(way / 1.5, 0, 1)]


def shade(share: float) -> str:
    """0 -> pale, 1 -> deep, in 32 steps."""
    share = round(31 * float(share)) / 31
    return "#" + "".join(f"{round(pale + (deep - pale) * share):02x}" for pale, deep in zip(_PALE, _DEEP))


def boxes_of(seen: Sequence[NDArray[np.float64]], room: float, fixed: bool = False, apart: Sequence[float] = ()) -> list[Box]:
    """What each of several panels shows; `fixed`: all the same; with lengths `apart`: each as many times its own."""
    if fixed:
        return [Box.around(np.vstack(seen), room)] * len(seen)
    boxes = [Box.around(points, room) for points in seen]
    if not apart or not all(apart):
        return boxes
    most = max(box.radius / length for box, length in zip(boxes, apart))
    return [Box(box.centre, most * length) for box, length in zip(boxes, apart)]


def seen_points(picture: Picture) -> NDArray[np.float64]:
    return picture.points if picture.corners is None else np.vstack([picture.points, picture.corners])


def _groups(picture: Picture, names: Sequence[str], colors: Sequence[int], trio: bool):
    """Rows of each trace, its markers, and the names of the classes that have a trace of their own (the last ones)."""
    groups = [np.flatnonzero(picture.labels == k) for k in range(len(names))]
    if trio:
        hair = dict(width=0.6, color=theme.token("bg"))
        looks = [dict(size=7, color=theme.class_color(c), symbol=s, line=hair) for c, s in zip(colors, theme.TRIO_SYMBOLS)]
        return groups, [look | {"opacity": 1} for look in looks], list(names)
    filled = lambda color: dict(size=5, color=color, opacity=1, line=dict(width=0))
    open_ring = lambda color: dict(size=5, color=color, opacity=1, symbol="circle-open", line=dict(width=1.5))
    if len(names) > 2 * MOST_NAMED:  # too many to tell apart: the first ten in colour, the rest one grey cloud below them
        rest = np.flatnonzero(picture.labels >= MOST_NAMED)
        coloured = [filled(theme.class_color(c)) for c in colors[:MOST_NAMED]]
        return [rest, *groups[:MOST_NAMED]], [filled(theme.CONTEXT), *coloured], list(names[:MOST_NAMED])
    return groups, [(filled if c < MOST_NAMED else open_ring)(theme.class_color(c)) for c in colors], list(names)


def _add_title(
    shown: Sequence[Picture], notes: list[dict], layout: dict, narrow: dict, words: Mapping[str, str], view: str
) -> None:
    """The panel's name above it, in the colour of words for hard or smoothed: an annotation, since a title's colour cannot move."""
    texts = [f"<b>{escape(panel_name(picture, words))}</b>" for picture in shown]
    texts = [words["panel_in"].format(panel=text, view=escape(view)) for text in texts] if view else texts
    colors = [theme.token("hard" if picture.alpha == 0 else "soft") for picture in shown]
    place: dict[str, Any] = dict(xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=8)
    notes.append(theme.note(texts[0], 0, 1, size=17, ground=False, **place) | {"font": {"size": 17, "color": colors[0]}})
    at = f"annotations[{len(notes) - 1}]"
    layout[f"{at}.text"], layout[f"{at}.font.color"] = texts, colors
    narrow[f"{at}.font.size"] = 15


def panel_name(picture: Picture, words: Mapping[str, str]) -> str:
    """What a picture is called: hard, smoothed with its alpha, or its own name."""
    return picture.name or (
        words["panel_hard"] if picture.alpha == 0 else words["panel_soft"].format(alpha=numbers.alpha_text(picture.alpha))
    )


def panel_alt(picture: Picture, names: Sequence[str], words: Mapping[str, str]) -> str:
    plane = picture.corners is not None
    wrong = sum(names[k] != predicted for k, predicted in zip(picture.labels, picture.predicted))
    shown = ", ".join(names) if len(names) <= 3 else words["alt_classes"].format(count=len(names))
    spread = words["alt_spread"].format(spread=numbers.ratio(picture.scatter)) if plane else ""
    return (
        words["panel_alt"].format(count=len(picture.points), classes=shown, alpha=numbers.alpha_text(picture.alpha), wrong=wrong)
        + spread
    )


def hover_texts(picture: Picture, names: Sequence[str], words: Mapping[str, str]) -> list[str]:
    plain = [escape(name) for name in names]
    return [
        plain[k] if plain[k] == predicted else words["hover_wrong"].format(name=plain[k], predicted=predicted)
        for k, predicted in zip(picture.labels, (escape(p) for p in picture.predicted))
    ]


def _add_triangle(traces, moves, shown, colors, boxes, notes, layout, words) -> None:
    """The templates as a triangle on top, its corners in the classes' colours, and a scale bar: the shrinking is in it."""
    rings = [np.vstack([picture.corners, picture.corners[:1]]) for picture in shown]
    traces.append(
        go.Scatter(
            mode="lines+markers", x=rings[0][:, 0], y=rings[0][:, 1], hoverinfo="skip", line=dict(color=theme.token("text"), width=1.6),
            marker=dict(size=11, color=[*colors, colors[0]], opacity=1, line=dict(width=2.5, color=theme.token("text"))),
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
    notes.append(
        theme.note(texts[0], bars[0][0][0], bars[0][1][0], size=13, ground=False, xanchor="left", yanchor="top", yshift=-3)
    )
    place = len(notes) - 1
    layout[f"annotations[{place}].text"] = texts
    layout[f"annotations[{place}].x"] = [bar[0][0] for bar in bars]
    layout[f"annotations[{place}].y"] = [bar[1][0] for bar in bars]


def _bar(box: Box) -> tuple[list[float], list[float], float]:
    """A scale bar of a round length, about a fifth of the box, in its upper left: x, y, length."""
    rounds = np.array([m * 10.0**e for e in range(-3, 4) for m in (1, 2, 5)])
    length = float(rounds[np.abs(np.log(rounds / (0.4 * box.radius))).argmin()])
    x = float(box.centre[0] - 0.94 * box.radius)
    y = float(box.centre[1] + 0.92 * box.radius)
    return [x, x + length], [y, y], length


def image_table(shown: Sequence[Picture], names: Sequence[str]) -> dict[str, Column]:
    """A row for each image of each picture: its place, what it is and is taken for, and where that comes from."""
    sources = dict.fromkeys(key for p in shown for key in p.source)
    return {
        "alpha": np.repeat([p.alpha for p in shown], [len(p.points) for p in shown]),
        "image": np.concatenate([p.index for p in shown]),
        "class": [names[k] for p in shown for k in p.labels],
        "predicted": [name for p in shown for name in p.predicted],
        "x": np.round(np.concatenate([p.points[:, 0] for p in shown]), 5),
        "y": np.round(np.concatenate([p.points[:, 1] for p in shown]), 5),
        **{key: [p.source.get(key, "") for p in shown for _ in p.index] for key in sources},
    }  # fmt: skip


# ---- how much tighter ------------------------------------------------------------------------------------------------
