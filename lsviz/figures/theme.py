"""The look: palette, theme tokens, plotly template and number formats, each decided once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lsviz.figures.numbers import alpha_tick

HARD = "#d95f02"  # alpha = 0: a different kind of thing (no finite optimum), so off the ramp
CONTEXT = "#7b828d"
RAMP_ALPHAS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
RAMP = ("#0898c8", "#0b92d1", "#048be1", "#2b84e6", "#3b7ee9", "#5374ec", "#7360eb", "#8b4ce1", "#9f36d1", "#a72ac7")
CLASSES = ("#e2529f", "#04755b", "#a08a00", "#9982f8", "#9a5500", "#035ede", "#4399b2", "#768d7a", "#ca0f52", "#9c3b96")
TRIO_SYMBOLS = ("circle", "diamond", "square")
ALPHA_TICKS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)

# Theme values a figure may name. They are written as CSS variables, which plotly's validators accept; the plot
# component resolves them from Streamlit's theme, exports resolve them to these light-theme values.
LIGHT = {
    "text": "#1b1e24",
    "muted": "#5b616b",
    "grid": "#e9ebee",
    "line": "#dcdfe3",
    "ctx": CONTEXT,
    "bg": "#ffffff",
    "panel": "#f4f5f3",
    "hard": "#a84a00",
    "soft": "#0467ab",
    "over": "#a84a00",
    "under": "#7a3cc8",
    "overbg": "#fef6f0",
    "underbg": "#f8f5fe",
}


def token(name: str) -> str:
    """The theme colour `name` (a key of LIGHT) as a figure may carry it."""
    if name not in LIGHT:
        raise KeyError(f"unknown theme token {name!r}")
    return f"var(--lsviz-{name})"


@lru_cache(maxsize=1024)
def alpha_color(alpha: float) -> str:
    """The one colour of a smoothing strength, the same on every page; alpha = 0 is HARD."""
    if alpha <= 0:
        return HARD
    at = np.sqrt(alpha)
    anchors = np.sqrt(RAMP_ALPHAS)
    channels = [[int(color[i : i + 2], 16) for color in RAMP] for i in (1, 3, 5)]
    return "#" + "".join(f"{round(float(np.interp(at, anchors, values))):02x}" for values in channels)


def class_color(position: int) -> str:
    """Colour of the class at this place (0-based) in the nested class order."""
    return CLASSES[position % len(CLASSES)]


def alpha_position(alpha):
    """Where alpha sits on every axis and on the slider: sqrt(alpha)."""
    return np.sqrt(alpha)


# ---- numbers on screen ------------------------------------------------------------------------------------------


# ---- the template -----------------------------------------------------------------------------------------------


def axis(**changes) -> dict:
    """One axis of the template; `title` may be a plain string."""
    base = dict(
        showline=False,
        zeroline=False,
        ticks="outside",
        ticklen=6,
        tickcolor="rgba(0,0,0,0)",  # air between tick and plot
        gridcolor=token("grid"),
        gridwidth=1,
        tickfont=dict(size=14, color=token("muted")),
        automargin=False,
        fixedrange=True,
    )
    title = changes.pop("title", "")
    base["title"] = dict(text=title, font=dict(size=15, color=token("muted")), standoff=10)
    return base | changes


def alpha_axis(hard: str = "0", **changes) -> dict:
    """A horizontal axis over alpha on the slider's scale; give x as alpha_position(alpha); `hard` labels alpha = 0."""
    ticks = dict(
        tickvals=[float(np.sqrt(a)) for a in ALPHA_TICKS],
        ticktext=[alpha_tick(a, hard) for a in ALPHA_TICKS],
        range=[-0.02, 1.02],
        showgrid=False,
    )
    return axis(**(ticks | changes))


def alpha_axis_to(right: float, hard: str, title: str, left: float = -0.05) -> dict:
    """`alpha_axis` that ends at the position `right`, with room for names beside the last dot; ticks as far as there is data."""
    ticks = [alpha for alpha in ALPHA_TICKS if alpha_position(alpha) <= right - 0.1]
    return alpha_axis(
        hard,
        title=title,
        range=[left, right],
        tickvals=[float(alpha_position(alpha)) for alpha in ticks],
        ticktext=[alpha_tick(alpha, hard) for alpha in ticks],
    )


def stacked(heights: Sequence[float], least: float) -> list[float]:
    """Heights of labels, moved up where the one below is nearer than `least`; the lowest keeps its place."""
    placed, last = [0.0] * len(heights), -math.inf
    for i in sorted(range(len(heights)), key=heights.__getitem__):
        last = placed[i] = max(heights[i], last + least)
    return placed


def layout(title: str, height: int, **changes) -> go.Layout:
    """The shared layout: bold title at the container's left edge, no legend, no boxes, hover of one short line."""
    base = dict(
        height=height,
        title=dict(
            text=f"<b>{title}</b>" if title and "<b>" not in title else title,
            x=0,
            xref="container",
            xanchor="left",
            y=1,
            yref="container",
            yanchor="top",
            pad=dict(t=2, l=0),
            font=dict(size=17, color=token("text")),
        ),
        margin=dict(l=52, r=16, t=40, b=52),
        font=dict(size=15, color=token("text")),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=False,
        dragmode=False,
        hovermode="closest",
        hoverlabel=dict(bgcolor=token("text"), bordercolor="rgba(0,0,0,0)", align="left", font=dict(size=14, color=token("bg"))),
        bargap=0.28,
        xaxis=axis(),
        yaxis=axis(),
        template=None,
    )
    return go.Layout(**(base | changes))


def note(text: str, x: float, y: float, *, color: str = "muted", size: int = 14, ground: bool = True, **changes) -> dict:
    """A direct label: text without arrow, on the page colour where it could meet a line."""
    base = dict(x=x, y=y, text=text, showarrow=False, font=dict(size=size, color=token(color)))
    if ground:
        base |= dict(bgcolor=token("bg"), borderpad=1)
    return base | changes


def end_note(text: str, x: float, y: float, right_most: float, **changes) -> dict:
    """A curve's name at its last point: to the right, or below a curve that ends early, where the others go on."""
    where: dict[str, Any] = (
        dict(xanchor="left", xshift=12) if x > right_most - 0.2 else dict(xanchor="center", yanchor="top", yshift=-7)
    )
    return note(text, x, y, ground=False, **where, **changes)
