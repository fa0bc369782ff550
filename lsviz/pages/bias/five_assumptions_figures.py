"""Five assumptions, one data set: the class and the confidence each network gives everywhere in the plane, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move, escape
from lsviz.figures.theme import token

_HEIGHT, _NARROW = 345, 790


@dataclass(frozen=True)
class Belief:
    """One assumption at every stop: its setting, levels 100 x (answer + confidence) (S, m, m) and what they come to."""

    setting: Sequence[float]
    levels: NDArray[np.integer]
    sure: NDArray[np.float64]  # (S, 3): mean confidence on the training examples, near them, far from all
    accuracy: Sequence[float]


def priors_figure(
    alphas: Sequence[float], beliefs: Mapping[str, Belief], x: NDArray[np.floating], y: NDArray[np.floating], points: NDArray, labels: NDArray[np.intp], names: Sequence[str],
    words: Mapping[str, str],
) -> LiveFigure:  # fmt: skip
    """Hue is the class answered, depth the confidence (pale: no better than chance); dots are the training examples. The first stands still."""
    count, panels = len(names), list(beliefs)
    scale = [step for k in range(count) for step in ([k / count, token("bg")], [(k + 1) / count, theme.class_color(k)])]
    levels = {name: _shades(one.levels, count) for name, one in beliefs.items()}
    axes = [str(i + 1) if i else "" for i in range(len(panels))]
    traces = [
        go.Heatmap(
            x=list(x), y=list(y), z=levels[name][0], zmin=0, zmax=100 * count, colorscale=scale, showscale=False, opacity=0.62, hoverinfo="skip", zsmooth=False,
            xaxis=f"x{at}", yaxis=f"y{at}",
        )
        for name, at in zip(panels, axes)
    ]  # fmt: skip
    dots = dict(
        size=6, color=[theme.class_color(int(k)) for k in labels], opacity=1, line=dict(width=1, color=token("text"))
    )  # on a ground of their own hue
    traces += [
        go.Scatter(mode="markers", x=points[:, 0], y=points[:, 1], marker=dots, hoverinfo="skip", xaxis=f"x{at}", yaxis=f"y{at}")
        for at in axes
    ]
    heads = {name: [_head(name, value, words) for value in one.setting] for name, one in beliefs.items()}
    feet = {
        name: [
            words["prior_foot"].format(
                sure=numbers.percent(float(sure[0]), 0), far=numbers.percent(float(sure[2]), 0), right=numbers.percent(right, 0)
            )
            for sure, right in zip(one.sure, one.accuracy)
        ]
        for name, one in beliefs.items()
    }
    note = lambda text, at, **where: theme.note(
        text, 0.5, where.pop("y"), xref=f"x{at} domain", yref=f"y{at} domain", color="text", size=13, ground=False, **where
    )
    notes = [note(heads[name][0], at, y=1, yanchor="bottom", yshift=4) for name, at in zip(panels, axes)]
    notes += [note(feet[name][0], at, y=0, yanchor="top", yshift=-4) for name, at in zip(panels, axes)]
    told = lambda key: [_told(key, i, alpha, beliefs, words) for i, alpha in enumerate(alphas)]
    title, said = told("title"), told("alt")
    places = _places(len(panels), len(panels), 0.16, 0.72)
    layout = {
        f"{axis}axis{at}": dict(visible=False, fixedrange=True, range=[float(v[0]), float(v[-1])], domain=places[i][j])
        for i, at in enumerate(axes)
        for j, (axis, v) in enumerate((("x", x), ("y", y)))
    }
    figure = go.Figure(
        traces, theme.layout(f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=2, r=2, t=44, b=6), annotations=notes, **layout)
    )
    phone = _places(len(panels), 2, 0.17, 0.64)
    narrow = {"height": _NARROW, "title.font.size": 14} | {
        f"{axis}axis{at}.domain": phone[i][j] for i, at in enumerate(axes) for j, axis in enumerate("xy")
    }
    moving = [(i, name) for i, name in enumerate(panels) if i]
    moves = tuple(Move(i, "z", levels[name]) for i, name in moving)
    shown = {"title.text": [f"<b>{text}</b>" for text in title]}
    shown |= {f"annotations[{i}].text": heads[name] for i, name in moving} | {
        f"annotations[{len(panels) + i}].text": feet[name] for i, name in moving
    }
    table: dict[str, Column] = {"assumption": [name for name in panels for _ in alphas], "alpha": list(alphas) * len(panels)}
    table |= {
        "setting": [float(v) for one in beliefs.values() for v in one.setting],
        "accuracy": [float(v) for one in beliefs.values() for v in one.accuracy],
    }
    table |= {
        f"confidence_{where}": [float(v) for one in beliefs.values() for v in one.sure[:, j]]
        for j, where in enumerate(("on_data", "near", "far"))
    }
    return LiveFigure(figure, tuple(said), table, Frames(tuple(alphas), moves, shown), narrow=narrow)


def data_figure(points: NDArray, labels: NDArray[np.intp], names: Sequence[str], words: Mapping[str, str]) -> LiveFigure:
    """The training examples alone: what there is before any assumption."""
    traces = [
        go.Scatter(
            mode="markers", x=points[labels == k, 0], y=points[labels == k, 1], hovertemplate=escape(name) + "<extra></extra>",
            marker=dict(size=8, color=theme.class_color(k), opacity=1, line=dict(width=1, color=token("bg"))),
        )
        for k, name in enumerate(names)
    ]  # fmt: skip
    hidden = dict(visible=False, fixedrange=True)
    title = words["title_prior_data"].format(count=len(labels))
    figure = go.Figure(
        traces,
        theme.layout(
            title, 260, margin=dict(l=2, r=2, t=40, b=4), xaxis=hidden, yaxis=hidden | dict(scaleanchor="x", constrain="domain")
        ),
    )
    table = {"x": [float(v) for v in points[:, 0]], "y": [float(v) for v in points[:, 1]], "class": [names[k] for k in labels]}
    return LiveFigure(figure, (title,), table, narrow={"height": 230, "title.font.size": 14})


def _shades(levels: NDArray, count: int) -> list:
    """Levels as 100 x (answer + depth): no depth at the confidence of chance; rounded up it would be the next class."""
    answer, confidence = np.divmod(levels.astype(int), 100)
    depth = np.clip((confidence / 100 - 1 / count) / (1 - 1 / count), 0, 0.98)
    return np.rint(100 * (answer + depth)).astype(int).tolist()


def _head(name: str, setting: float, words: Mapping[str, str]) -> str:
    value = (
        numbers.alpha_text(setting) if name == "smoothed" else f"{setting:.0f}" if name in ("hard", "stopped") else f"{setting:.2g}"
    )
    return f"<b>{words[f'prior_{name}']}</b><br>{words[f'prior_set_{name}'].format(value=value) if setting or name == 'hard' else words['prior_off']}"


def _told(key: str, i: int, alpha: float, beliefs: Mapping[str, Belief], words: Mapping[str, str]) -> str:
    far = {name: numbers.percent(float(one.sure[i, 2]), 0) for name, one in beliefs.items()}
    sure = numbers.percent(float(beliefs["smoothed"].sure[i, 0]), 0)
    return words[f"{key}_priors" if alpha else f"{key}_priors_hard"].format(alpha=numbers.alpha_text(alpha), sure=sure, **far)


def _places(count: int, columns: int, head: float, share: float) -> list[tuple[list[float], list[float]]]:
    """x and y domains of `count` panels in rows of `columns`; of a row's height the words above take `head`, a panel `share`."""
    rows, made = -(-count // columns), []
    for k in range(count):
        row, column = divmod(k, columns)
        gap = 0.012 * 5 / columns
        top = 1 - (row + head) / rows
        made.append(([column / columns + gap / 2, (column + 1) / columns - gap / 2], [top - share / rows, top]))
    return made
