"""Every trained alpha side by side, each network's images in a small picture of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lsviz.core.picture import Picture
from lsviz.figures import numbers, theme
from lsviz.figures.clusters import MOST_NAMED, Box, boxes_of, hover_texts, image_table, paint, seen_points
from lsviz.figures.live import LINKED_IMAGES, LiveFigure, escape

MOST_IMAGES = 300  # in each picture, evenly among those shown
_SIDE, _TITLE, _GAP = 205, 30, 12  # px: a picture, its title above it, the room below
_KEY = 26  # px: the line of class names


def strip_figure(
    pictures: Sequence[Picture], names: Sequence[str], colors: Sequence[int], words: Mapping[str, str], *, color: str = "class", same_scale: bool = False, spread: bool = True
) -> LiveFigure:  # fmt: skip
    """Small pictures by rising alpha, two to a line on phones; the same `MOST_IMAGES` images in each, coloured as in `cluster_figure`.

    `spread` prints the spread inside classes over that between them beside each alpha, over all images of the picture.
    """
    rows = pictures[0].evenly(MOST_IMAGES)
    boxes = boxes_of([seen_points(picture) for picture in pictures], 1.1, apart=[picture.apart for picture in pictures])
    if same_scale:
        boxes = [Box.around(seen_points(picture), 1.1) for picture in pictures]
        boxes = [Box(box.centre, max(b.radius for b in boxes)) for box in boxes]
    spreads = [f"{picture.scatter:.2f}" for picture in pictures] if spread else []
    said = [f"  {words['strip_spread'].format(spread=value)}" for value in spreads] or [""] * len(pictures)
    traces, axes, notes = [], {}, []
    for k, (picture, box) in enumerate(zip(pictures, boxes)):
        at = str(k + 1) if k else ""
        shades = (
            [theme.class_color(colors[c]) for c in picture.labels] if color == "class" else paint(picture, names, colors, color)
        )
        hover = hover_texts(picture, names, words)
        traces.append(
            go.Scatter(
                mode="markers", x=picture.points[rows, 0], y=picture.points[rows, 1], text=[hover[i] for i in rows], xaxis=f"x{at}", yaxis=f"y{at}",
                customdata=picture.index[rows], meta=LINKED_IMAGES, hovertemplate="%{text}<extra></extra>",
                marker=dict(size=4.5, color=[shades[i] for i in rows], line=dict(width=0)),
            )
        )  # fmt: skip
        if picture.corners is not None:
            ring = np.vstack([picture.corners, picture.corners[:1]])
            line = dict(color=theme.token("text"), width=1.4)
            traces.append(
                go.Scatter(mode="lines", x=ring[:, 0], y=ring[:, 1], xaxis=f"x{at}", yaxis=f"y{at}", hoverinfo="skip", line=line)
            )
        axes[f"xaxis{at}"] = dict(range=box.range(0), visible=False, anchor=f"y{at}")
        axes[f"yaxis{at}"] = dict(range=box.range(1), visible=False, anchor=f"x{at}", scaleanchor=f"x{at}", constrain="domain")
        name = words["strip_hard"] if picture.alpha == 0 else f"α = {numbers.alpha_text(picture.alpha)}"
        place = dict(xref=f"x{at} domain", yref=f"y{at} domain", xanchor="left", yanchor="bottom", align="left")
        notes.append(
            theme.note(
                f"<b>{name}</b>{said[k]}", 0, 1, color="hard" if picture.alpha == 0 else "soft", size=14, ground=False, **place
            )
        )
    wide, wide_height = _grid(len(pictures), len(pictures) if len(pictures) <= 6 else -(-len(pictures) // 2))
    stacked, narrow_height = _grid(len(pictures), 2)
    narrow: dict[str, Any] = {"height": narrow_height + _KEY, **stacked}
    if color == "class" and len(names) <= MOST_NAMED:
        key = "   ".join(f'<span style="color:{theme.class_color(c)}">●</span> {escape(name)}' for name, c in zip(names, colors))
        notes.append(
            theme.note(key, 0, 0, color="text", size=14, ground=False, xref="paper", yref="paper", xanchor="left", yanchor="top")
        )
        narrow[f"annotations[{len(notes) - 1}].visible"] = len(names) <= 4
    for path, domain in wide.items():
        axis, _, key = path.partition(".")
        axes[axis][key] = domain
    figure = go.Figure(
        traces,
        theme.layout("", wide_height + _KEY, margin=dict(l=1, r=1, t=0, b=_KEY), annotations=notes, showlegend=False, **axes),
    )
    alt = words["strip_alt"].format(alphas=", ".join(numbers.alpha_text(p.alpha) for p in pictures))
    alt += words["strip_alt_spread"].format(spreads=", ".join(spreads)) if spread else ""
    return LiveFigure(figure, (alt,), image_table(pictures, names), narrow=narrow)


def _grid(count: int, columns: int) -> tuple[dict[str, list[float]], int]:
    """Where each of `count` pictures stands, as layout paths, and the height of the whole, px."""
    lines = -(-count // columns)
    height = lines * (_TITLE + _SIDE + _GAP)
    places = {}
    for k in range(count):
        line, column = divmod(k, columns)
        at = str(k + 1) if k else ""
        left, top = column / columns, 1 - line / lines
        places[f"xaxis{at}.domain"] = [left + 0.006, left + 1 / columns - 0.006]
        places[f"yaxis{at}.domain"] = [top - (_TITLE + _SIDE) / height, top - _TITLE / height]
    return places, height
