"""Geometry in numbers: one measure over alpha beside the literature, cosines between class means, the collapse over epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.figures import numbers, theme
from lsviz.figures.class_axes import FEW, class_axes
from lsviz.figures.live import Column, Frames, LiveFigure, Move, escape
from lsviz.figures.theme import token

_SCALE = 60  # pixels for the scale of colours below a map


def measure_figure(
    values: Mapping[str, Mapping[float, Sequence[float]]],
    title: str,
    published: Sequence[tuple[str, float]],
    words: Mapping[str, str],
) -> LiveFigure:
    """One measure over alpha: `values[split][alpha]` are its seeds. `published` are named values of other data, drawn as ticks at the right."""
    traces, notes = [], []
    place = lambda alphas: [float(theme.alpha_position(a)) for a in alphas]
    last = max(max(place(family)) for family in values.values())
    for split, family in values.items():
        mean = [float(np.mean(seeds)) for seeds in family.values()]
        color, dash = (token("text"), "solid") if split == "test" else (token("ctx"), "dash")
        said = [f"{words[f'split.{split}']}, α = {numbers.alpha_text(a)}: {v:.3g}" for a, v in zip(family, mean)]
        traces.append(
            go.Scatter(
                mode="lines+markers", x=place(family), y=mean, text=said, hovertemplate="%{text}<extra></extra>", cliponaxis=False,
                line=dict(color=color, width=2.5, dash=dash), marker=dict(size=9, color=[theme.alpha_color(a) for a in family], opacity=1),
            )
        )  # fmt: skip
        spots = [(a, v) for a, seeds in family.items() if len(seeds) > 1 for v in seeds]
        traces.append(
            go.Scatter(
                mode="markers", x=place([a for a, _ in spots]), y=[v for _, v in spots], hoverinfo="skip",
                marker=dict(size=8, symbol="line-ew", line=dict(width=1.5, color=color), opacity=1),
            )
        )  # fmt: skip
        notes.append((f"<b>{words[f'split.{split}']}</b>", last, mean[-1], "text" if split == "test" else "muted"))
    if published:
        traces.append(
            go.Scatter(
                mode="markers", x=[last + 0.42] * len(published), y=[v for _, v in published], hovertemplate="%{text}<extra></extra>",
                text=[escape(f"{name}: {v:g}") for name, v in published], cliponaxis=False,
                marker=dict(size=9, symbol="square-open", color=token("soft"), opacity=1),
            )
        )  # fmt: skip
        notes += [(escape(name), last + 0.42, v, "soft") for name, v in published]
    top = 1.08 * max(float(np.max(trace.y)) for trace in traces if len(trace.y))
    stacked = theme.stacked([y for _, _, y, _ in notes], 0.058 * top)
    labels = [
        theme.note(name, x, y, color=color, size=13, ground=False, xanchor="left", xshift=10)
        for (name, x, _, color), y in zip(notes, stacked)
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title}</b>", 330, margin=dict(l=52, r=10, t=40, b=54), annotations=labels,
            xaxis=theme.alpha_axis_to(last + (1.6 if published else 0.16), words["tick_hard"], words["axis_alpha"]),
            yaxis=theme.axis(range=[0, top], nticks=6),
        ),
    )  # fmt: skip
    alt = f"{title}. " + "; ".join(
        f"{words[f'split.{split}']}: " + ", ".join(f"{np.mean(seeds):.3g} ({numbers.alpha_text(a)})" for a, seeds in family.items())
        for split, family in values.items()
    )
    rows: list[tuple[str, float | None, int | None, float]] = [
        (split, a, seed, v) for split, family in values.items() for a, seeds in family.items() for seed, v in enumerate(seeds)
    ]
    rows += [(name, None, None, v) for name, v in published]
    table = {name: [row[i] for row in rows] for i, name in enumerate(("images", "alpha", "network", "value"))}
    return LiveFigure(figure, (alt,), table, narrow={"height": 300, "title.font.size": 15})


def cosine_figure(cosines: Mapping[float, NDArray[np.float64]], names: Sequence[str], words: Mapping[str, str]) -> LiveFigure:
    """Cosines between class means (K, K) as a map that follows alpha; the simplex has 1 on the diagonal, -1/(K-1) elsewhere."""
    alphas, count = tuple(cosines), len(names)
    plain = [escape(name) for name in names]
    simplex = -1 / (count - 1)
    axes, named = class_axes(names), count <= 20
    nameless: dict[str, list] = {} if named else dict(tickvals=[], ticktext=[])
    off = ~np.eye(count, dtype=bool)
    titles = [
        words["cosine_map"]
        .format(alpha=numbers.alpha_text(a), low=f"{c[off].min():.2f}", high=f"{c[off].max():.2f}", simplex=f"{simplex:.2f}")
        .replace("-", numbers.MINUS)
        for a, c in cosines.items()
    ]
    blanked = lambda c: np.where(off, np.round(c, 3), np.nan)
    figure = go.Figure(
        [
            go.Heatmap(
                z=blanked(cosines[alphas[0]]), x=plain, y=plain, zmin=-1, zmax=1, zmid=0, colorscale=[[0, "#7a3cc8"], [0.5, "#ffffff"], [1, "#d95f02"]], hoverongaps=False,
                colorbar=dict(orientation="h", yref="container", y=0.02, yanchor="bottom", ypad=0, thickness=8, outlinewidth=0, tickvals=[-1, simplex, 1],
                              ticktext=["−1", words["cosine_simplex"], "1"]),
                hovertemplate="%{y}, %{x}: %{z:.2f}<extra></extra>", xgap=int(named), ygap=int(named),
            )
        ],
        theme.layout(
            f"<b>{titles[0]}</b>", 370 if count <= FEW else 470, margin=axes.margin | dict(b=axes.below + _SCALE) if named else dict(l=10, r=10, t=44, b=_SCALE),
            xaxis=axes.x | dict(constrain="domain") | nameless, yaxis=axes.y | dict(scaleanchor="x", constrain="domain") | nameless,
        ),
    )  # fmt: skip
    moves = (Move(0, "z", np.stack([blanked(c) for c in cosines.values()])),)
    table: dict[str, Column] = {
        "alpha": [a for a in alphas for _ in range(count * count)],
        "class": [name for _ in alphas for name in names for _ in names],
        "other": [name for _ in alphas for _ in names for name in names],
        "cosine": [round(float(v), 5) for c in cosines.values() for v in c.ravel()],
    }
    frames = Frames(alphas, moves, {"title.text": [f"<b>{title}</b>" for title in titles]})
    narrow: dict[str, float] = {"height": 380 if count <= FEW else 440, "title.font.size": 14}
    if named and axes.narrow:
        narrow |= axes.narrow | {"margin.b": axes.narrow["margin.b"] + _SCALE}
    return LiveFigure(figure, tuple(titles), table, frames, narrow=narrow)


def collapse_figure(
    epochs: Sequence[int], curves: Mapping[str, Mapping[float, Sequence[float]]], shown: int, words: Mapping[str, str]
) -> LiveFigure:
    """NC1 over the epochs, hard against smoothed, on training (solid) and test images (dashed); a line at the epoch shown."""
    traces, notes = [], []
    for split, family in curves.items():
        for alpha, values in family.items():
            name = words["tick_hard"] if alpha == 0 else f"α = {numbers.alpha_text(alpha)}"
            traces.append(
                go.Scatter(
                    mode="lines+markers", x=list(epochs), y=list(values), cliponaxis=False, hovertemplate=f"{name}, {words[f'split.{split}']}: %{{y:.2f}}<extra></extra>",
                    line=dict(color=theme.alpha_color(alpha), width=3 if split == "train" else 2, dash="solid" if split == "train" else "dot"), marker=dict(size=7, opacity=1),
                )
            )  # fmt: skip
            color = "hard" if alpha == 0 else "soft"
            notes.append((f"<b>{name}</b>, {words[f'split.{split}'].lower()}", values[-1], color))
    logs = [float(np.log10(value)) for _, value, _ in notes]
    low, high = min(float(np.min(trace.y)) for trace in traces), max(float(np.max(trace.y)) for trace in traces)
    bottom, top = np.log10(low) - 0.1, np.log10(high) + 0.1
    places = theme.stacked(logs, 0.065 * (top - bottom))
    labels = [
        theme.note(text, epochs[-1], place, color=color, size=13, ground=False, xanchor="left", xshift=10)
        for (text, _, color), place in zip(notes, places)
    ]
    traces.append(
        go.Scatter(
            mode="lines", x=[shown, shown], y=[10**bottom, 10**top], hoverinfo="skip", line=dict(color=token("muted"), width=1.5)
        )
    )
    at = list(epochs).index(shown)
    train = curves["train"]
    said = words["collapse_title"].format(
        epoch=shown,
        said=", ".join(
            f"{values[at]:.2f} ({words['tick_hard'] if a == 0 else 'α = ' + numbers.alpha_text(a)})" for a, values in train.items()
        ),
    )
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{said}</b>", 300, margin=dict(l=52, r=104, t=40, b=52), annotations=labels,
            xaxis=theme.axis(title=words["collapse_epoch"], showgrid=False, range=[0, epochs[-1] * 1.02]),
            yaxis=theme.axis(type="log", range=[bottom, top], tickvals=[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50], ticktext=["0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50"]),
        ),
    )  # fmt: skip
    rows = [
        (split, a, epoch, v) for split, family in curves.items() for a, values in family.items() for epoch, v in zip(epochs, values)
    ]
    table = {name: [row[i] for row in rows] for i, name in enumerate(("images", "alpha", "epoch", "nc1"))}
    return LiveFigure(figure, (said,), table, narrow={"height": 280, "title.font.size": 14})


def cloud_figure(points: NDArray[np.floating], labels: NDArray[np.intp], names: Sequence[str], title: str, alt: str) -> LiveFigure:
    """Points (n, 3) of classes (n,) as a cloud that turns under the hand."""
    traces = [
        go.Scatter3d(
            mode="markers", x=points[labels == k, 0], y=points[labels == k, 1], z=points[labels == k, 2], name=escape(name),
            hovertemplate=f"{escape(name)}<extra></extra>", marker=dict(size=2.5, color=theme.class_color(k) if k < 10 else theme.CONTEXT, opacity=1, line=dict(width=0)),
        )
        for k, name in enumerate(names)
    ]  # fmt: skip
    bare = dict(visible=False)
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title}</b>",
            380,
            margin=dict(l=0, r=0, t=36, b=0),
            scene=dict(xaxis=bare, yaxis=bare, zaxis=bare, aspectmode="data"),
        ),
    )
    table: dict[str, Column] = {
        "class": [names[k] for k in labels],
        **{axis: np.round(points[:, i], 5) for i, axis in enumerate("xyz")},
    }
    return LiveFigure(figure, (alt,), table, narrow={"height": 300, "title.font.size": 15})
