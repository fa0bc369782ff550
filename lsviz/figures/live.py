"""A figure and its frames: everything a browser needs to redraw it for any alpha without asking the server."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from lsviz.figures.theme import LIGHT

GROUP = "alpha"  # the one thing that is dragged
Column = Sequence[Any] | np.ndarray  # one value for every stop, or for every row of a table
# What ui/js calls the same.
EMPTY = -32768  # int16 stand-in for "no value"
SELECT_ALPHA = "select-alpha"  # meta of a trace whose points stand for the alphas in its customdata: a click chooses one
LINKED = "linked:"  # with it begins the meta of a trace whose points, named by its customdata, are ringed in other plots too
LINKED_IMAGES, LINKED_GUESS = f"{LINKED}images", f"{LINKED}guess"

_EXACT_UNTIL = 64  # arrays up to this length travel as float32, longer ones as int16 over their own range

_BASIC_TRACES = {"bar", "scatter"}  # what the small bundle of plotly.js draws
# What the canvas overlay draws exactly as plotly does; anything else falls back to Plotly.update.
_OVERLAY_TRACES = {"bar", "scatter", "scattergl"}
_GROUND_TRACES = {"heatmap", "contour"}  # plotly paints them below everything the overlay takes over
_OVERLAY_ATTRS = {
    "x", "y", "text", "width", "textposition", "opacity",
    "marker.color", "marker.size", "marker.line.color", "textfont.color", "textfont.size", "line.color", "fillcolor",
}  # fmt: skip
_OVERLAY_LAYOUT = re.compile(
    r"^(annotations(\[\d+\](\.(text|x|y|visible|xanchor|yanchor|xshift|yshift|align|font\.color))?)?|title\.text|[xy]axis\d*\.range)$"
)


def escape(name: object) -> str:
    """Text from outside (a class name, a file name) made safe for plotly's small HTML: shown exactly as typed."""
    return html.escape(str(name), quote=False)


@dataclass(frozen=True)
class Move:
    """One attribute of one trace that changes with the stop: `values[s]` is its value at stop s."""

    trace: int
    attr: str
    values: Column

    @property
    def is_long(self) -> bool:
        """Whether this is one number or word a point, for more points than are worth sending as they are."""
        values = self.values
        if isinstance(values, np.ndarray):
            return values.dtype.kind in "fiu" and values.ndim in (2, 3) and values[0].size > _EXACT_UNTIL
        long = len(values) > 0 and all(isinstance(row, list) and len(row) == len(values[0]) > _EXACT_UNTIL for row in values)
        return long and all(type(entry) is str for row in values for entry in row)

    def encode(self) -> dict:
        head = {"trace": self.trace, "attr": self.attr}
        values = self.values
        if not (isinstance(values, np.ndarray) and values.dtype.kind in "fiu" and values.ndim in (2, 3)):
            return head | (self._worded() if self.is_long else {"values": [_plain(v) for v in values]})
        if values.ndim == 3:  # a map: sent as one row, cut into its lines again by the browser
            head["columns"] = values.shape[2]
        array = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        head |= {"n": array.shape[1], "scale": 1.0, "offset": 0.0}
        if array.shape[1] <= _EXACT_UNTIL:
            return head | {"dtype": "f4", "data": _base64(array.astype("<f4"))}
        finite = array[np.isfinite(array)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        scale = (high - low) / 65000 or 1.0
        offset = (high + low) / 2
        quantised = np.where(np.isfinite(array), np.rint((array - offset) / scale), EMPTY).astype("<i2")
        return head | {"dtype": "i2", "scale": scale, "offset": offset, "data": _base64(quantised)}

    def _worded(self) -> dict:
        """The different words once, and for every point the place of its own: a twentieth of the text."""
        words = {word: place for place, word in enumerate(dict.fromkeys(word for row in self.values for word in row))}
        kind, dtype = ("u1", np.uint8) if len(words) <= 256 else ("u2", np.dtype("<u2"))
        if len(words) > 65536:
            return {"values": [list(row) for row in self.values]}
        places = np.array([[words[word] for word in row] for row in self.values], dtype)
        return {"n": places.shape[1], "dtype": kind, "words": list(words), "data": _base64(places)}


@dataclass(frozen=True)
class Frames:
    """What moves: `stops` are the alphas, one frame each; `layout` maps a layout path to one value per stop.

    With `glides` the browser moves the marks from stop to stop in a quarter of a second instead of jumping.
    """

    stops: tuple[float, ...]
    moves: tuple[Move, ...] = ()
    layout: Mapping[str, Column] = field(default_factory=dict)
    glides: bool = False

    def __post_init__(self) -> None:
        for what, values in [(f"{m.trace}.{m.attr}", m.values) for m in self.moves] + list(self.layout.items()):
            if len(values) != len(self.stops):
                raise ValueError(f"{what} has {len(values)} frames for {len(self.stops)} stops")

    def nearest(self, alpha: float) -> int:
        """The stop shown for `alpha`: nearest on the slider's scale."""
        return nearest_stop(self.stops, alpha)


@dataclass(frozen=True)
class LiveFigure:
    """A plotly figure, the frames that move it, its alternative text (one, or one per stop) and its data as columns."""

    figure: go.Figure
    alt: tuple[str, ...]
    table: Mapping[str, Column]
    frames: Frames | None = None
    narrow: Mapping[str, Any] = field(default_factory=dict)  # phones: {"height": 360, "margin.l": 92, ...}
    stage: Mapping[str, Any] = field(
        default_factory=dict
    )  # on a lecture's stage, after those of phones: {"yaxis2.visible": False, ...}
    square: float | None = None  # height as a share of the width, for panels with equal units
    config: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def title(self) -> str:
        """What stands above the figure, without markup; "" where nothing does."""
        layout = self.figure.layout
        above = layout.title.text or next((note.text for note in reversed(layout.annotations)), None) or ""
        return html.unescape(re.sub(r"<[^>]*>", " ", above)).strip()

    @cached_property
    def packed(self) -> bytes:
        """`payload` as gzipped JSON, a fifth of its size: made once, for all who look."""
        return gzip.compress(json.dumps(self.payload(), allow_nan=False).encode(), mtime=0)

    def payload(self) -> dict:
        """Everything the plot component needs, ready for JSON; the same whatever the current alpha."""
        narrow = dict(self.narrow)
        return {
            "figure": pio.to_json(self._without_first_frame(), validate=False, engine="orjson"),
            "alt": list(self.alt),
            "height": self.figure.layout.height,
            "narrow": {"height": narrow.pop("height", None), "layout": narrow},
            "stage": dict(self.stage),
            "square": self.square,
            "config": dict(self.config),
            "basic": all(trace.type in _BASIC_TRACES for trace in self.figure.data),
            "frames": self.frames
            and {
                "group": GROUP,
                "stops": list(self.frames.stops),
                "set": [move.encode() for move in self.frames.moves],
                "layout": {path: [_plain(v) for v in values] for path, values in self.frames.layout.items()},
                "overlay": self.overlay,
                "glides": self.frames.glides,
            },
        }

    def _without_first_frame(self) -> dict:
        """The figure without the long columns that its first frame holds too: the browser puts them back."""
        figure = self.figure.to_dict()
        for move in self.frames.moves if self.frames else ():
            trace = figure["data"][move.trace]
            if not move.is_long:
                continue
            *parents, last = move.attr.split(".")
            for name in parents:
                trace = trace.get(name, {})
            drawn = trace.get(last) if parents else getattr(self.figure.data[move.trace], last, None)
            if drawn is not None and _equal(drawn, move.values[0]):
                del trace[last]
        return figure

    def resized(self, height: int) -> LiveFigure:
        """The same figure at another height, px, for a place with less room."""
        figure = go.Figure(self.figure).update_layout(height=height)
        return replace(self, figure=figure, narrow={**self.narrow, "height": min(height, self.narrow.get("height") or height)})

    @property
    def overlay(self) -> bool:
        """Whether the canvas overlay can draw every frame of this figure exactly."""
        if self.frames is None:
            return False
        traces = self.figure.data
        return (
            all({traces[m.trace].type} <= _OVERLAY_TRACES and m.attr in _OVERLAY_ATTRS for m in self.frames.moves)
            and all(t.type in _OVERLAY_TRACES | _GROUND_TRACES for t in traces)
            and all(t.width is not None for t in traces if t.type == "bar")
            and all(_OVERLAY_LAYOUT.match(path) for path in self.frames.layout)
        )

    def said(self, alpha: float) -> str:
        """The alternative text at the stop nearest to `alpha`."""
        return self.alt[self.frames.nearest(alpha) if self.frames and len(self.alt) > 1 else 0]

    def at(self, alpha: float) -> go.Figure:
        """The figure as it stands at the stop nearest to `alpha`, for exports and tests."""
        figure = go.Figure(self.figure)
        if self.frames is not None:
            stop = self.frames.nearest(alpha)
            for move in self.frames.moves:
                value = move.values[stop]
                _assign(figure.data[move.trace], move.attr, [value] if np.ndim(value) == 0 and move.attr in "xy" else value)
            for path, values in self.frames.layout.items():
                _assign(figure.layout, path, values[stop])
        return figure

    def resolved(self, alpha: float) -> go.Figure:
        """`at(alpha)` with the theme's tokens replaced by the light theme, for files that leave the app."""
        text = pio.to_json(self.at(alpha), validate=False)
        text = re.sub(r"var\(--lsviz-(\w+)\)", lambda match: LIGHT[match[1]], text)
        figure = go.Figure(json.loads(text), skip_invalid=False)
        return figure.update_layout(paper_bgcolor=LIGHT["bg"], plot_bgcolor=LIGHT["bg"])


def joined(panels: Sequence[LiveFigure]) -> LiveFigure:
    """The last of several figures that share one foot, with the data of all of them, told apart by a column "panel" from 1."""
    rows = [len(next(iter(panel.table.values()))) for panel in panels]
    table = {name: np.concatenate([np.asarray(panel.table[name]) for panel in panels]) for name in panels[-1].table}
    return replace(panels[-1], table={"panel": np.repeat(np.arange(1, len(panels) + 1), rows)} | table)


def nearest_stop(stops: Sequence[float], alpha: float) -> int:
    """Index of the stop nearest to `alpha` on the slider's scale, sqrt(alpha)."""
    return int(np.argmin(np.abs(np.sqrt(np.asarray(stops)) - np.sqrt(alpha))))


def _equal(drawn: Column, first: Column) -> bool:
    """Whether a trace's column is the first frame's; a gap equals a gap."""
    if isinstance(first, np.ndarray):
        drawn = np.array(drawn, dtype=float)
        return drawn.shape == first.shape and np.array_equal(drawn, first, equal_nan=True)
    return list(drawn) == list(first)


def _assign(target, path: str, value) -> None:
    *parents, last = path.replace("[", ".").replace("]", "").split(".")
    for name in parents:
        target = target[int(name)] if name.isdigit() else target[name]
    if last.isdigit():
        target[int(last)].update(value, overwrite=True)
    else:
        target[last] = value


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _plain(value):
    """numpy -> JSON, with NaN and infinity as null."""
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
