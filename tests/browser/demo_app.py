"""A small app that shows every kind of moving mark: what the browser tests and the drag benchmark open."""

from __future__ import annotations

import os
import time

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.state import closed_form_stops
from lsviz.ui import at_alpha, controls, plots

TRAINED = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)
CLOSED = closed_form_stops()


def bars(n: int) -> LiveFigure:
    """Bars in an outline with their values, and a moving note: SVG marks, text, an annotation."""
    a = np.array(CLOSED)
    true, other = 1 - a + a / n, a / n
    rows = min(n, 10)
    y = np.arange(rows)
    values = np.column_stack([true] + [other] * (rows - 1))
    text = [[f"<b> {numbers.percent(t)} </b>"] + [f" {numbers.percent(o)}"] * (rows - 1) for t, o in zip(true, other, strict=True)]
    inside = [t > 0.22 for t in true]
    figure = go.Figure(
        [
            go.Bar(orientation="h", y=y, x=[1.0] + [0.0] * (rows - 1), width=0.74, hoverinfo="skip",
                   marker=dict(color="rgba(0,0,0,0)", line=dict(color=theme.HARD, width=2))),
            go.Scatter(mode="markers", x=[0] * (rows - 1), y=y[1:], cliponaxis=False, hoverinfo="skip",
                       marker=dict(symbol="line-ns", size=20, line=dict(width=2.5, color=theme.HARD))),
            go.Bar(orientation="h", y=y, x=values[20], width=0.52, marker=dict(color=theme.alpha_color(0.1)),
                   hovertemplate="%{x:.4f}<extra></extra>"),
            go.Scatter(mode="text", x=values[20], y=y, text=text[20], hoverinfo="skip", cliponaxis=False,
                       textposition=["middle left"] + ["middle right"] * (rows - 1),
                       textfont=dict(size=[19] + [15] * (rows - 1), color=["#ffffff"] + [theme.token("text")] * (rows - 1))),
            go.Scatter(mode="text", x=[1], y=[0], text=[" 100 %"], textposition="middle right", cliponaxis=False,
                       textfont=dict(size=15, color=theme.token("hard")), hoverinfo="skip"),
        ],
        theme.layout(
            "What the network is told", 420, barmode="overlay", margin=dict(l=104, r=58, t=40, b=52),
            xaxis=theme.axis(range=[0, 1], title="target probability"),
            yaxis=theme.axis(range=[rows - 0.45, -0.55], tickvals=list(y), ticktext=[f"class {i + 1}" for i in y], showgrid=False),
            annotations=[theme.note("<b>smoothed</b><br>others share 9 %", 1, 4.5, color="soft", xanchor="right", align="right")],
        ),
    )  # fmt: skip
    notes = [f"<b>smoothed</b><br>others share <b>{numbers.percent(o * (n - 1))}</b>" if o else "" for o in other]
    frames = Frames(
        CLOSED,
        (
            Move(2, "x", values),
            Move(2, "marker.color", [theme.alpha_color(x) for x in a]),
            Move(3, "x", values),
            Move(3, "text", text),
            Move(4, "text", [[" 100 %" if x else ""] for x in a]),
            Move(3, "textposition", [["middle left" if i else "middle right"] + ["middle right"] * (rows - 1) for i in inside]),
            Move(
                3,
                "textfont.color",
                [["#ffffff" if i else theme.token("text")] + [theme.token("text")] * (rows - 1) for i in inside],
            ),
        ),
        {"annotations[0].text": notes},
    )
    alt = tuple(f"true class {numbers.percent(t)}" for t in true)
    return LiveFigure(figure, alt, {"alpha": a, "true": true}, frames, {"height": 360, "margin.l": 92, "title.font.size": 16})


def curve(n: int) -> LiveFigure:
    """A line with a dot that rides on it; the dot has no place at alpha = 0."""
    a = np.array(CLOSED)
    with np.errstate(divide="ignore"):
        gap = np.log1p(n * (1 - a) / a)
    x = np.sqrt(a)[:, None]
    y = np.where(np.isfinite(gap), gap, np.nan)[:, None]
    grid = np.linspace(0.02, 0.999, 160)
    legs = (np.hstack([0 * x, x, x]), np.hstack([y, y, 0 * y]))
    figure = go.Figure(
        [
            go.Scatter(mode="lines", x=grid, y=np.log1p(n * (1 - grid**2) / grid**2), line=dict(color=theme.token("text"), width=3)),
            go.Scatter(mode="lines", x=legs[0][20], y=legs[1][20], line=dict(color=theme.token("muted"), width=1.2, dash="2px,3px")),
            go.Scatter(mode="markers+text", x=x[20], y=y[20], text=["<b>4.51</b>"], textposition="top right", cliponaxis=False,
                       marker=dict(size=15, color=theme.alpha_color(0.1), line=dict(width=2.5, color=theme.token("bg"))),
                       textfont=dict(size=19, color=theme.token("text"))),
            go.Scatter(mode="markers", x=np.sqrt(TRAINED[1:]), y=[1.0] * 9, customdata=TRAINED[1:], meta="select-alpha",
                       marker=dict(size=10, color=[theme.alpha_color(t) for t in TRAINED[1:]])),
        ],
        theme.layout("How far apart the best logits are", 420, xaxis=theme.alpha_axis(), yaxis=theme.axis(range=[0, 14])),
    )  # fmt: skip
    frames = Frames(
        CLOSED,
        (
            Move(1, "x", legs[0]), Move(1, "y", legs[1]), Move(2, "x", x), Move(2, "y", y),
            Move(2, "text", [[f"<b>{numbers.gap(g)}</b>" if np.isfinite(g) else ""] for g in gap]),
            Move(2, "marker.color", [theme.alpha_color(v) for v in a]),
        ),
    )  # fmt: skip
    return LiveFigure(figure, ("optimal gap over alpha",), {"alpha": a, "gap": gap}, frames, {"height": 330, "margin.l": 34})


def cloud(name: str, kind: str, seed: int, count: int = 2000) -> LiveFigure:
    """A zoomable panel of points in three classes with equal units; ranges, labels and title move too."""
    rng = np.random.default_rng(seed)
    corners = np.array([[0, 0], [1, 0], [0.5, 0.87]])
    which = np.arange(count) % 3
    noise = rng.normal(size=(count, 2))
    spread = [0.45 / (1 + 6 * np.sqrt(a)) for a in TRAINED]
    size = [4.0 / (1 + 4 * a) for a in TRAINED]
    at = [(corners[which] + s * noise) * z for s, z in zip(spread, size, strict=True)]
    scatter = go.Scattergl if kind == "gl" else go.Scatter
    members = [np.flatnonzero(which == k) for k in range(3)]
    traces = [
        scatter(mode="markers", x=at[3][m, 0], y=at[3][m, 1], customdata=m, meta="linked:demo",
                marker=dict(size=7, opacity=1, color=theme.class_color(k), symbol="circle" if kind == "gl" else theme.TRIO_SYMBOLS[k],
                            line=dict(width=0.6, color=theme.token("bg"))), hovertemplate=f"class {k + 1}<extra></extra>")
        for k, m in enumerate(members)
    ]  # fmt: skip
    boxes = [(np.array([-0.9, 1.9]) * z, np.array([-0.9, 1.7]) * z) for z in size]
    title = [f"<b>{name}, α = {numbers.alpha_text(a)}</b>" for a in TRAINED]
    labels = [
        [
            theme.note(f"<b>class {k + 1}</b>", *(corners[k] * z), color="text", yshift=16, xanchor="center", yanchor="bottom")
            for k in range(3)
        ]
        for z in size
    ]
    panel = dict(visible=False, fixedrange=False)
    figure = go.Figure(
        traces,
        theme.layout(title[3], 360, margin=dict(l=1, r=1, t=36, b=1), dragmode="zoom", annotations=labels[3],
                     xaxis=theme.axis(range=list(boxes[3][0]), **panel),
                     yaxis=theme.axis(range=list(boxes[3][1]), scaleanchor="x", constrain="domain", **panel)),
    )  # fmt: skip
    moves = [Move(k, axis, np.array([p[m, i] for p in at])) for k, m in enumerate(members) for i, axis in enumerate("xy")]
    layout = {
        "xaxis.range": [list(b[0]) for b in boxes],
        "yaxis.range": [list(b[1]) for b in boxes],
        "title.text": title,
        "annotations": labels,
    }
    return LiveFigure(
        figure, tuple(f"{name} {a}" for a in TRAINED), {"x": at[3][:, 0]}, Frames(TRAINED, tuple(moves), layout), {"height": 250}
    )


def heat() -> LiveFigure:
    """A heatmap: nothing the canvas can draw, so it moves by Plotly.update."""
    z = np.add.outer(np.arange(8), np.arange(8)) / 14
    figure = go.Figure(go.Heatmap(z=z, opacity=0.5), theme.layout("A heatmap", 260))
    return LiveFigure(
        figure, ("a heatmap",), {"z": z.ravel()}, Frames(CLOSED, (Move(0, "opacity", [0.2 + 0.8 * a for a in CLOSED]),))
    )


def steps() -> LiveFigure:
    """Step lines, fills, error bars and a shape on top: the rest of what the canvas draws."""
    x = np.linspace(0.05, 0.95, 10)
    y = np.array([[min(1, v ** (1 - a / 2) + 0.1 * a) for v in x] for a in TRAINED])
    figure = go.Figure(
        [
            go.Scatter(x=[0, 1, 1, 0], y=[0, 0, 1, 0], fill="toself", mode="none", fillcolor=theme.token("overbg"), hoverinfo="skip"),
            go.Scatter(x=x, y=y[3], mode="lines+markers", line=dict(width=3, color=theme.alpha_color(0.1)),
                       marker=dict(size=9, color=theme.alpha_color(0.1)), error_y=dict(array=0.06 + 0 * x, thickness=1.5, width=0)),
            go.Scatter(x=x, y=x**1.4, mode="lines+markers", line=dict(width=2, color=theme.HARD, shape="hv"),
                       marker=dict(size=8, symbol="circle-open", color=theme.HARD)),
        ],
        theme.layout("Steps", 320, xaxis=theme.axis(range=[0, 1]), yaxis=theme.axis(range=[0, 1.1]),
                     shapes=[dict(type="line", x0=0, x1=1, y0=0, y1=1, line=dict(color=theme.token("text"), width=1.5))]),
    )  # fmt: skip
    frames = Frames(TRAINED, (Move(1, "y", y), Move(1, "marker.color", [theme.alpha_color(a) for a in TRAINED])))
    return LiveFigure(figure, ("steps",), {"x": x, "y": y[3]}, frames)


# One figure for all runs, as a page's cache would give.
@st.cache_resource
def figure(name: str, n: int) -> LiveFigure:
    made = {
        "bars": lambda: bars(n), "curve": lambda: curve(n), "heat": heat, "steps": steps,
        "left": lambda: cloud("Left", "svg", 1), "right": lambda: cloud("Right", "svg", 2),
        "left_gl": lambda: cloud("Left", "gl", 1), "right_gl": lambda: cloud("Right", "gl", 2),
    }  # fmt: skip
    return made[name]()


def closed() -> None:
    n = controls.view_state().num_classes
    heads = [
        f"With *α* = {numbers.alpha_text(a)} the target asks for :blue[{numbers.percent(1 - a + a / n)}], not :orange[100 %]."
        for a in CLOSED
    ]
    subs = [f"Each other class gets **{numbers.percent(a / n)}**." for a in CLOSED]
    plots.headline(CLOSED, heads, subs)
    left, right = st.columns([7, 5], gap="large")
    with left:
        plots.live_plot(figure("bars", n), key="bars")
        plots.image_buttons("bars", "bars")
    with right:
        plots.live_plot(figure("curve", n), key="curve")
    if st.toggle("Heatmap"):
        plots.live_plot(figure("heat", n), key="heat")


def panels(kind: str) -> None:
    heads = [f"At *α* = {numbers.alpha_text(a)} classes are :blue[tighter]." for a in TRAINED]
    plots.headline(TRAINED, heads, ["Two panels of 2,000 points."] * len(TRAINED))
    left, right = st.columns(2, gap="small", wrap=False)
    with left:
        plots.live_plot(figure("left" + kind, 10), key="left" + kind)
    with right:
        plots.live_plot(figure("right" + kind, 10), key="right" + kind)
    plots.live_plot(figure("steps", 10), key="steps")


def stored() -> None:
    panels("")


def webgl() -> None:
    panels("_gl")


st.set_page_config(page_title="demo", layout="wide")
PAGES = {"closed": closed, "stored": stored, "webgl": webgl}
page = st.navigation([st.Page(f, url_path=name, title=name, default=name == "closed") for name, f in PAGES.items()], position="top")
controls.follow_address(page.url_path or "closed")
time.sleep(float(os.environ.get("DEMO_SECONDS", 0)))  # a slow server, or a slow way to it
st.session_state.runs = st.session_state.get("runs", 0) + 1
if page.url_path in ("stored", "webgl"):
    controls.draw_dock(TRAINED, (2, 5, 10, 20, 100))
else:
    controls.draw_dock()
if not controls.view_state().strip:  # a flag of the address: nothing on the page is the server's for one alpha
    at_alpha.at_alpha("said", lambda now: st.caption(f"run {st.session_state.runs}, alpha {now.alpha:g}, N {now.num_classes}"))
page.run()
at_alpha.keep_alpha()
