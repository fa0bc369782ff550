"""Stored networks on this page's theory: their logit gap against the plateau, and loss curves that can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import plotly.graph_objects as go

from lsviz.core import smoothing
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move, nearest_stop

CURVES = ("nll", "excess", "accuracy")


@dataclass(frozen=True)
class Course:
    """What one stored network went through: `history[name]` has one value an epoch, `margin` is that of its end on train."""

    num_classes: int
    alpha: float
    margin: float
    history: Mapping[str, Sequence[float]] = field(repr=False)

    @property
    def epochs(self) -> np.ndarray:
        return np.asarray(self.history["epoch"])

    def until(self, epoch: int | None) -> Course:
        """The same course as it stood after `epoch`; whole for None."""
        if epoch is None:
            return self
        count = max(int(np.searchsorted(self.epochs, epoch, side="right")), 1)
        history = {name: values[:count] for name, values in self.history.items()}
        return replace(self, history=history, margin=float(history["margin"][-1]))


def nearest_course(courses: Sequence[Course], alpha: float) -> int:
    """Which of `courses` (one an alpha, rising) is shown for `alpha`."""
    return nearest_stop([course.alpha for course in courses], alpha)


def panel_values(course: Course, curve: str) -> tuple[np.ndarray, np.ndarray]:
    """Left and right panel of `curve`, one value an epoch.

    nll, accuracy: training and validation images. excess: the smoothed training loss as it is, and less its floor.
    """
    if curve == "excess":
        raw = np.asarray(course.history["train_loss"], np.float64)
        return raw, raw - smoothing.loss_floor(course.num_classes, course.alpha)
    train, validation = (np.asarray(course.history[f"{split}_{curve}"], np.float64) for split in ("train", "validation"))
    return train, validation


def margin_course_figure(
    stops: Sequence[float], courses: Sequence[Course], words: Mapping[str, str], until: int | None = None
) -> LiveFigure:
    """Mean logit gap on training images after every epoch, with the plateau the selected network should land on.

    `courses`: the networks of one N, one an alpha, rising; every stop shows the nearest. The lines end after the epoch
    `until`, the axes are those of the whole training.
    """
    epochs = courses[0].epochs
    x = [epochs[0], epochs[-1]]
    everything = np.concatenate([np.asarray(course.history["margin"], np.float64) for course in courses])
    usual = 1.1 * float(
        smoothing.optimal_logit_margin(courses[0].num_classes, 0.1)
    )  # so that a plateau nobody reaches is on the axis
    top, low = max(1.16 * float(everything.max()), usual), min(0.0, float(everything.min()))
    courses = [course.until(until) for course in courses]
    shown = [courses[nearest_course(courses, a)] for a in stops]
    gaps = {id(course): np.asarray(course.history["margin"], np.float64) for course in courses}
    plateaus = np.array([_plateau(course) for course in shown])
    hard = next((course for course in courses if course.alpha == 0), None)
    traces = [
        _context(course.epochs, gaps[id(course)]) for course in courses if course.alpha > 0
    ] + [
        go.Scatter(mode="lines", x=x, y=[None, None], line=dict(color=theme.token("text"), width=1.6, dash="5px,4px"), hoverinfo="skip"),
    ]  # fmt: skip
    notes = [theme.note("", x[1], 0, color="text", size=14, xanchor="right", yanchor="bottom")]
    if hard is not None:
        traces.append(_solid(hard.epochs, gaps[id(hard)], theme.HARD, 2, words["course_hover"]))
        end = float(gaps[id(hard)][-1])
        at, left = hard.epochs[-1], hard.epochs[-1] < 0.4 * x[1]
        notes.append(
            theme.note(
                words["course_hard"].format(gap=numbers.gap(hard.margin)), at, end + 0.02 * top, color="hard", xanchor="left" if left else "right",
                yanchor="bottom", ground=False,
            )
        )  # fmt: skip
    traces.append(_solid(shown[0].epochs, gaps[id(shown[0])], theme.HARD, 3, words["course_hover"]))
    selected, dashes = len(traces) - 1, sum(course.alpha > 0 for course in courses)
    moves = (
        Move(dashes, "y", np.stack([plateaus, plateaus], axis=1)),
        Move(selected, "x", _rows([course.epochs for course in shown])),
        Move(selected, "y", _rows([gaps[id(course)] for course in shown])),
        Move(selected, "line.color", [theme.alpha_color(course.alpha) for course in shown]),
    )
    above = plateaus < 0.55 * top
    layout: dict[str, Column] = {
        "title.text": [f"<b>{_course_title(course, words)}</b>" for course in shown],
        "annotations[0].text": [words["course_plateau"].format(gap=numbers.gap(g)) if np.isfinite(g) else "" for g in plateaus],
        "annotations[0].y": np.where(np.isfinite(plateaus), plateaus + np.where(above, 0.01, -0.01) * top, 0),
        "annotations[0].yanchor": ["bottom" if up else "top" for up in above],
    }
    figure = go.Figure(
        traces,
        theme.layout(
            _course_title(shown[0], words), 400, annotations=notes, margin=dict(l=44, r=20, t=40, b=52),
            xaxis=theme.axis(title=words["epoch_axis"], range=[0, x[1] * 1.01], showgrid=False),
            yaxis=theme.axis(range=[low, top], nticks=6),
        ),
    )  # fmt: skip
    alt = tuple(_course_title(course, words) for course in shown)
    table = {
        "alpha": np.concatenate([np.full(len(c.epochs), c.alpha) for c in courses]),
        "epoch": np.concatenate([c.epochs for c in courses]),
        "margin_train": np.concatenate([gaps[id(c)] for c in courses]),
    }
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves, layout), narrow={"height": 340, "title.font.size": 15})


def plateau_figure(stops: Sequence[float], courses: Sequence[Course], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """The last training gap of every stored network over alpha, on the closed form of its N; hard ones far above."""
    here = sorted((c for c in courses if c.num_classes == num_classes), key=lambda c: c.alpha)
    shown = [here[nearest_course(here, a)] for a in stops]
    axis = np.linspace(0.03, 1, 90)
    top = 1.12 * max(max(c.margin for c in courses), 8.0)
    traces, notes = [], []
    counts = sorted({c.num_classes for c in courses})
    for n in sorted(counts, key=lambda count: count == num_classes):  # this N last, on top
        mine = n == num_classes
        line = dict(color=theme.token("text"), width=2.5) if mine else dict(color=theme.CONTEXT, width=1.2)
        curve = np.asarray(smoothing.optimal_logit_margin(n, axis**2))
        traces.append(go.Scatter(mode="lines", x=axis, y=np.where(curve < top, curve, np.nan), line=line, hoverinfo="skip"))
        group = [c for c in courses if c.num_classes == n]
        look = [theme.alpha_color(c.alpha) if mine else theme.CONTEXT for c in group]
        traces.append(
            go.Scatter(
                mode="markers", x=[theme.alpha_position(c.alpha) for c in group], y=[c.margin for c in group], cliponaxis=False,
                marker=dict(
                    symbol=["circle" if c.alpha > 0 else "circle-open" for c in group], size=10 if mine else 7, opacity=1, color=look,
                    line=dict(width=[1.5 if c.alpha > 0 else 2.5 for c in group], color=[theme.token("bg") if c.alpha > 0 else own for c, own in zip(group, look)]),
                ),
                customdata=[[n, numbers.alpha_text(c.alpha), numbers.gap(_plateau(c, inf=True))] for c in group],
                hovertemplate=words["plateau_hover"] + "<extra></extra>",
            )
        )  # fmt: skip
        name = f"N = {n}"
        at = (0.63, 0.895)[counts.index(n) % 2]  # between usual alphas; neighbours' names not one on the other
        notes.append(
            theme.note(
                f"<b>{name}</b>" if mine else name,
                at,
                float(smoothing.optimal_logit_margin(n, at**2)),
                size=14 if mine else 13,
                color="text" if mine else "muted",
            )
        )
    traces.append(
        go.Scatter(
            mode="markers+text", x=[0], y=[None], text=[""], textposition="top right", hoverinfo="skip", cliponaxis=False,
            marker=dict(size=18, color=theme.HARD, line=dict(width=2.5, color=theme.token("text"))), textfont=dict(size=17, color=theme.token("text")),
        )
    )  # fmt: skip
    notes.append(
        theme.note(
            words["plateau_hard"],
            0.03,
            max(c.margin for c in courses) + 0.02 * top,
            color="hard",
            xanchor="left",
            yanchor="bottom",
            ground=False,
        )
    )
    at = len(traces) - 1
    moves = (
        Move(at, "x", np.array([[theme.alpha_position(c.alpha)] for c in shown])),
        Move(at, "y", np.array([[c.margin] for c in shown])),
        Move(at, "text", [[f" <b>{numbers.gap(c.margin)}</b>"] for c in shown]),
        Move(
            at,
            "textposition",
            ["top right" if 0 < c.alpha < 0.6 else "middle right" if c.alpha == 0 else "top left" for c in shown],
        ),
        Move(at, "marker.color", [theme.alpha_color(c.alpha) for c in shown]),
    )
    figure = go.Figure(
        traces,
        theme.layout(
            words["plateau_title"], 400, annotations=notes, margin=dict(l=40, r=20, t=40, b=52),
            xaxis=theme.alpha_axis(words["hard_tick"], title=words["alpha_axis"], range=[-0.04, 1.02]),
            yaxis=theme.axis(range=[0, top], nticks=6),
        ),
    )  # fmt: skip
    alt = tuple(words["plateau_alt_hard" if c.alpha == 0 else "plateau_alt"].format(**_told(c)) for c in shown)
    table: dict[str, Column] = {
        "num_classes": [c.num_classes for c in courses],
        "alpha": [c.alpha for c in courses],
        "margin_train": [c.margin for c in courses],
        "optimal_logit_margin": [_plateau(c, inf=True) for c in courses],
    }
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves), narrow={"height": 340, "title.font.size": 16})


def curves_figure(
    stops: Sequence[float], courses: Sequence[Course], curve: str, words: Mapping[str, str], until: int | None = None
) -> LiveFigure:
    """Two panels of training curves on one axis: hard NLL, accuracy, or the smoothed loss with and without its floor.

    The lines end after the epoch `until`, the axes are those of the whole training.
    """
    pairs = [panel_values(course, curve) for course in courses]
    everything = np.concatenate([np.concatenate(pair) for pair in pairs])
    top = (
        1.0 if curve == "accuracy" else 1.05 * max(float(v[len(v) // 10 :].max()) for pair in pairs for v in pair)
    )  # the start may leave
    last = int(max(course.epochs[-1] for course in courses))
    courses = [course.until(until) for course in courses]
    values = {id(course): panel_values(course, curve) for course in courses}
    shown = [courses[nearest_course(courses, a)] for a in stops]
    hard = next((course for course in courses if course.alpha == 0), None)
    low = float(everything.min()) if curve == "accuracy" else min(0.0, float(everything.min()))
    write = numbers.percent if curve == "accuracy" else (lambda v: f"{v:.2f}".replace("-", numbers.MINUS))
    hover = words["curves_hover_accuracy" if curve == "accuracy" else "curves_hover"]
    traces, moves, notes = [], [], []
    for side, x, y in ((0, "x", "y"), (1, "x2", "y2")):
        place = dict(xaxis=x, yaxis=y)
        traces += [_context(c.epochs, values[id(c)][side], **place) for c in courses if c.alpha > 0]
        labels = []
        if hard is not None:
            traces.append(_solid(hard.epochs, values[id(hard)][side], theme.HARD, 2, hover, **place))
            labels.append((hard, theme.HARD))
        traces.append(_solid(shown[0].epochs, values[id(shown[0])][side], theme.HARD, 3, hover, **place))
        line = len(traces) - 1
        ends = np.array([[values[id(c)][side][-1] for c in ([hard] if hard else []) + [mine]] for mine in shown])
        spots = _apart(np.clip(ends, low, top), 0.09 * (top - low), low, top)
        texts = [
            [f" <b>{write(end)}</b>" if i == len(row) - 1 or mine.alpha > 0 else "" for i, end in enumerate(row)]
            for row, mine in zip(ends, shown)
        ]
        traces.append(
            go.Scatter(
                mode="text", x=[max(course.epochs[-1] for course in courses)] * ends.shape[1], y=spots[0], text=texts[0], textposition="middle right", hoverinfo="skip", cliponaxis=False,
                textfont=dict(size=15, color=[theme.token("hard"), theme.token("text")][-ends.shape[1] :]), **place,
            )
        )  # fmt: skip
        moves += [
            Move(line, "x", _rows([c.epochs for c in shown])),
            Move(line, "y", _rows([values[id(c)][side] for c in shown])),
            Move(line, "line.color", [theme.alpha_color(c.alpha) for c in shown]),
            Move(line + 1, "y", spots),
            Move(line + 1, "text", texts),
        ]
        notes.append(
            theme.note(
                words[f"curves_{curve}_{'left' if side == 0 else 'right'}"],
                0,
                1.02,
                size=15,
                color="text",
                xref=f"{x} domain",
                yref=f"{y} domain",
                xanchor="left",
                yanchor="bottom",
                ground=False,
            )
        )
    ticks = dict(tickformat=".0%") if curve == "accuracy" else {}
    y_axis = dict(range=[low, top], nticks=6, **ticks)
    title = [
        _curves_title(
            curve, [write(v[-1]) for v in values[id(c)]], [write(v[-1]) for v in values[id(hard)]] if hard else None, c.alpha, words
        )
        for c in shown
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            title[0], 400, annotations=notes, margin=dict(l=52, r=58, t=68, b=52),
            xaxis=theme.axis(title=words["epoch_axis"], domain=[0, 0.44], range=[0, last], showgrid=False),
            yaxis=theme.axis(**y_axis),
            xaxis2=theme.axis(title=words["epoch_axis"], domain=[0.56, 1], range=[0, last], showgrid=False, anchor="y2"),
            yaxis2=theme.axis(**y_axis, anchor="x2"),
        ),
    )  # fmt: skip
    alt = tuple(
        words[f"curves_alt_{curve}"].format(
            alpha=numbers.alpha_text(c.alpha), left=write(values[id(c)][0][-1]), right=write(values[id(c)][1][-1])
        )
        for c in shown
    )
    names = ("train_loss", "train_loss_minus_floor") if curve == "excess" else (f"train_{curve}", f"validation_{curve}")
    table = {
        "alpha": np.concatenate([np.full(len(c.epochs), c.alpha) for c in courses]),
        "epoch": np.concatenate([c.epochs for c in courses]),
    } | {name: np.concatenate([values[id(c)][side] for c in courses]) for side, name in enumerate(names)}
    stacked = {
        "height": 560,
        "xaxis.domain": [0, 1],
        "yaxis.domain": [0.58, 1],
        "xaxis2.domain": [0, 1],
        "yaxis2.domain": [0, 0.42],
    }
    return LiveFigure(
        figure, alt, table, Frames(tuple(stops), tuple(moves), {"title.text": [f"<b>{text}</b>" for text in title]}),
        narrow=stacked | {"title.font.size": 15, "xaxis.title.text": ""},
    )  # fmt: skip


# ---- shared pieces --------------------------------------------------------------------------------------------------


def _plateau(course: Course, inf: bool = False) -> float:
    """The closed-form gap of the network's target; hard targets have none: NaN, or infinity where that reads better."""
    gap = float(smoothing.optimal_logit_margin(course.num_classes, course.alpha))
    return gap if np.isfinite(gap) or inf else float("nan")


def _told(course: Course) -> dict[str, object]:
    return dict(
        alpha=numbers.alpha_text(course.alpha),
        count=course.num_classes,
        gap=numbers.gap(course.margin),
        plateau=numbers.gap(_plateau(course, inf=True)),
    )


def _course_title(course: Course, words: Mapping[str, str]) -> str:
    return words["course_title_hard" if course.alpha == 0 else "course_title"].format(**_told(course))


def _curves_title(curve: str, ends: Sequence[str], hard: Sequence[str] | None, alpha: float, words: Mapping[str, str]) -> str:
    who = words["who_hard" if alpha == 0 else "who"].format(alpha=numbers.alpha_text(alpha))
    if alpha == 0 or hard is None:
        return words[f"curves_title_{curve}_alone"].format(who=who, left=ends[0], right=ends[1])
    values = dict(left=ends[0], right=ends[1], hard_left=hard[0], hard_right=hard[1])
    return words[f"curves_title_{curve}"].format(who=who, **values)


def _context(x, y, **place) -> go.Scatter:
    return go.Scatter(mode="lines", x=x, y=y, line=dict(color=theme.CONTEXT, width=1.2), opacity=0.6, hoverinfo="skip", **place)


def _solid(x, y, color: str, width: float, hover: str, **place) -> go.Scatter:
    return go.Scatter(mode="lines", x=x, y=y, line=dict(color=color, width=width), hovertemplate=hover + "<extra></extra>", **place)


def _rows(values: Sequence[np.ndarray]) -> np.ndarray:
    """One row a stop; shorter ones end in NaN, where a line ends too."""
    out = np.full((len(values), max(map(len, values))), np.nan)
    for row, value in zip(out, values):
        row[: len(value)] = value
    return out


def _apart(heights: np.ndarray, least: float, low: float, top: float) -> np.ndarray:
    """Label heights (S, m), m = 1 or 2, pushed apart to at least `least` and kept on the axis."""
    if heights.shape[1] == 1:
        return heights
    middle, gap = heights.mean(axis=1), heights[:, 1] - heights[:, 0]
    half = np.maximum(np.abs(gap), least) / 2
    middle = np.clip(middle, low + half, top - half)
    sign = np.where(gap < 0, -1.0, 1.0)
    return np.where(np.abs(gap[:, None]) >= least, heights, np.stack([middle - sign * half, middle + sign * half], axis=1))
