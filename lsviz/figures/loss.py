"""The smoothed loss drawn: over the logit gap, over the probability, its force, and ten thousand steps down it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core import smoothing
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move

LAST_STEP = 10_000
POINTS = 61  # a curve's points: enough for the eye, few enough to travel exactly
_DOT = dict(size=16, color=theme.HARD, line=dict(width=2.5, color=theme.token("text")))


def widest_gap(num_classes: int) -> float:
    """Right end of the axes over the gap: half as far again as the best gap of the smallest alpha on the dock."""
    return 1.5 * float(smoothing.optimal_logit_margin(num_classes, 0.005))


def sampled_steps(last: int = LAST_STEP) -> np.ndarray:
    """Whole step numbers from 1 to `last`, evenly spread on a logarithmic axis."""
    return np.unique(np.rint(np.logspace(0, np.log10(last), 64)).astype(int))


def loss_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """Loss over the logit gap: hard falls for ever, smoothed has a least value, marked with its gap and its floor."""
    alphas = np.asarray(stops)
    end, top = widest_gap(num_classes), 1.35 * float(np.log(num_classes))
    gaps = np.linspace(0, end, POINTS)
    hard = np.asarray(smoothing.loss_at_margin(gaps, num_classes, 0))
    soft = np.asarray(smoothing.loss_at_margin(gaps, num_classes, alphas[:, None]))
    best, floor = _best(num_classes, alphas)
    trail_gap, trail_floor = _best(num_classes, np.concatenate([np.geomspace(0.0008, 0.5, 60), 1 - np.geomspace(0.49, 1e-5, 40)]))
    leaves = np.array([gaps[row <= 0.93 * top][-1] for row in soft])  # where the line reaches its label
    traces = [
        go.Scatter(mode="lines", x=trail_gap, y=trail_floor, line=dict(color=theme.CONTEXT, width=1.2), hoverinfo="skip"),
        _line(gaps, hard, theme.HARD, 2, words["loss_hover"]),
        _line(gaps, soft[0], theme.HARD, 3, words["loss_hover"]),
        _legs(),
        go.Scatter(
            mode="text", x=[0], y=[None], text=[""], textposition="bottom center", hoverinfo="skip", cliponaxis=False,
            textfont=dict(size=18, color=theme.token("text")),
        ),
        go.Scatter(
            mode="text", x=[0], y=[None], text=[""], textposition="top right", hoverinfo="skip", cliponaxis=False,
            textfont=dict(size=18, color=theme.token("text")),
        ),
        _dot(),
    ]  # fmt: skip
    zero = np.where(np.isnan(best), np.nan, 0)
    edge = 0.999 * end  # a hair inside: plotly drops marks beyond the range, and frames are in single precision
    # The floor's label stands left, under the falling lines, while there is room beside the hard one; else right.
    left = ~(smoothing.margin_for_probability(np.exp(-np.nan_to_num(floor) - 0.09 * top), num_classes) < 0.13 * end)
    moves = (
        Move(2, "y", soft),
        Move(2, "line.color", [theme.alpha_color(a) for a in alphas]),
        Move(3, "x", np.stack([np.where(left, 0, edge), best, best], axis=1)),
        Move(3, "y", np.stack([floor, floor, zero], axis=1)),
        Move(4, "x", best[:, None]),
        Move(4, "y", zero[:, None] - 0.02 * top),
        Move(4, "text", [[f"<b>{numbers.gap(g)}</b>"] if np.isfinite(g) else [""] for g in best]),
        Move(4, "textposition", ["bottom right" if g < 0.05 * end else "bottom center" for g in best]),
        Move(5, "x", np.where(left, 0, edge)[:, None]),
        Move(5, "y", floor[:, None]),
        Move(5, "text", [[f" <b>{f:.2f}</b> "] if np.isfinite(f) else [""] for f in floor]),
        Move(5, "textposition", ["top right" if is_left else "bottom left" for is_left in left]),
        Move(6, "x", best[:, None]),
        Move(6, "y", floor[:, None]),
        Move(6, "marker.color", [theme.alpha_color(a) for a in alphas]),
    )
    notes = [
        theme.note(words["loss_hard"], end, -0.03 * top, color="hard", xanchor="right", yanchor="top", ground=False),
        theme.note("", end, 0, color="soft", xanchor="right", yanchor="bottom", ground=False),
        theme.note(words["loss_trail"], *_trail_label(num_classes), size=13, xanchor="left", yanchor="bottom"),
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            words["loss_title"], 420, annotations=notes, margin=dict(l=52, r=24, t=40, b=52),
            xaxis=theme.axis(title=words["gap_axis"], range=[0, end], showgrid=False),
            yaxis=_loss_axis(words["loss_axis"], -0.15 * top, top),
        ),
    )  # fmt: skip
    heights = np.asarray(smoothing.loss_at_margin(leaves, num_classes, alphas))
    layout: dict[str, Column] = {
        "annotations[1].text": [words["loss_soft"] if a > 0 else "" for a in alphas],
        "annotations[1].x": leaves - 0.01 * end,
        "annotations[1].y": heights + 0.015 * top,
        "annotations[2].text": [words["loss_trail"] if a < 0.25 else "" for a in alphas],  # else the bowl is there
    }
    alt = tuple(
        words["loss_alt"].format(alpha=numbers.alpha_text(a), gap=numbers.gap(g), floor=f"{f:.3f}", count=num_classes)
        if a > 0
        else words["loss_alt_hard"].format(count=num_classes)
        for a, g, f in zip(alphas, best, floor)
    )
    table = _long(alphas, "logit_margin", gaps, "loss", soft)
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves, layout), narrow=dict(_NARROW, height=360))


def descent_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """Gradient descent on one example's own logits: the gap after every step, with the closed form it settles on."""
    alphas = np.asarray(stops)
    steps = sampled_steps()
    walked = smoothing.free_logit_descent(num_classes, np.array([0, *alphas]), steps)
    hard, gaps = walked[0], walked[1:]
    plateau, _ = _best(num_classes, alphas)
    x, last = np.log10(steps), float(hard[-1])
    traces = [
        go.Scatter(mode="lines", x=[0, x[-1]], y=[None, None], line=dict(color=theme.token("text"), width=1.6, dash="5px,4px"), hoverinfo="skip"),
        _line(x, hard, theme.HARD, 2, words["descent_hover"], customdata=steps),
        _line(x, gaps[0], theme.HARD, 3, words["descent_hover"], customdata=steps),
    ]  # fmt: skip
    moves = (
        Move(0, "y", np.stack([plateau, plateau], axis=1)),
        Move(2, "y", gaps),
        Move(2, "line.color", [theme.alpha_color(a) for a in alphas]),
    )
    notes = [
        theme.note(words["descent_hard"].format(gap=numbers.gap(last)), x[-1], 1.03 * last, color="hard", xanchor="right", yanchor="bottom", align="right"),
        theme.note("", x[-1], 0, color="text", xanchor="right", yanchor="bottom", ground=False, size=15),
    ]  # fmt: skip
    low = plateau < 0.5 * last
    layout: dict[str, Column] = {
        "annotations[1].text": [words["descent_plateau"].format(gap=numbers.gap(g)) if np.isfinite(g) else "" for g in plateau],
        "annotations[1].y": np.where(np.isfinite(plateau), plateau, 0),
        "annotations[1].yanchor": ["bottom" if is_low else "top" for is_low in low],
    }
    ticks = [1, 10, 100, 1000, 10_000]
    figure = go.Figure(
        traces,
        theme.layout(
            words["descent_title"], 420, annotations=notes, margin=dict(l=40, r=24, t=40, b=52),
            xaxis=theme.axis(title=words["step_axis"], range=[0, x[-1]], showgrid=False, tickvals=np.log10(ticks), ticktext=[numbers.whole(s) for s in ticks]),
            yaxis=theme.axis(range=[min(0, float(gaps.min())) - 0.02 * last, 1.2 * last], nticks=5),
        ),
    )  # fmt: skip
    alt = tuple(
        words["descent_alt"].format(
            alpha=numbers.alpha_text(a), gap=numbers.gap(row[-1]), plateau=numbers.gap(g), hard=numbers.gap(last)
        )
        if a > 0
        else words["descent_alt_hard"].format(hard=numbers.gap(last))
        for a, row, g in zip(alphas, gaps, plateau)
    )
    table = _long(alphas, "step", steps, "logit_margin", gaps)
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves, layout), narrow=dict(_NARROW, height=330))


def force_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """The force on the gap, - dL/dg: above 0 it pushes the gap wider, below 0 it pulls it back."""
    alphas = np.asarray(stops)
    end = widest_gap(num_classes)
    gaps = np.linspace(0, end, POINTS)
    hard = -np.asarray(smoothing.loss_slope_at_margin(gaps, num_classes, 0))
    soft = -np.asarray(smoothing.loss_slope_at_margin(gaps, num_classes, alphas[:, None]))
    best, _ = _best(num_classes, alphas)
    limit = -alphas * (num_classes - 1) / num_classes  # the pull at any large gap
    traces = [
        _line(gaps, hard, theme.HARD, 2, words["force_hover"]),
        _line(gaps, soft[0], theme.HARD, 3, words["force_hover"], fill="tozeroy", fillcolor=_pale(0)),
        _dot().update(mode="markers+text", text=[""], textposition="top right", textfont=dict(size=18, color=theme.token("text"))),
    ]
    moves = (
        Move(1, "y", soft),
        Move(1, "line.color", [theme.alpha_color(a) for a in alphas]),
        Move(1, "fillcolor", [_pale(a) for a in alphas]),
        Move(2, "x", best[:, None]),
        Move(2, "y", np.where(np.isnan(best), np.nan, 0)[:, None]),
        Move(2, "text", [[f"<b>{numbers.gap(g)}</b>"] if np.isfinite(g) else [""] for g in best]),
        Move(2, "textposition", ["top right" if g < 0.15 * end else "bottom left" for g in best]),
        Move(2, "marker.color", [theme.alpha_color(a) for a in alphas]),
    )
    notes = [
        theme.note(words["force_wider"], end, 0.97, size=14, xanchor="right", yanchor="top", ground=False),
        theme.note(words["force_back"], 0.02 * end, -0.97, size=14, xanchor="left", yanchor="bottom", ground=False),
        theme.note(words["force_hard"], end, 0.04, color="hard", xanchor="right", yanchor="bottom", ground=False),
        theme.note("", end, 0, color="soft", xanchor="right", yanchor="top", ground=False),
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            words["force_title"], 360, annotations=notes, margin=dict(l=52, r=24, t=40, b=52),
            xaxis=theme.axis(title=words["gap_axis"], range=[0, end], showgrid=False),
            yaxis=theme.axis(range=[-1, 1], tickvals=[-1, -0.5, 0, 0.5, 1], ticktext=[f"{numbers.MINUS}1", f"{numbers.MINUS}.5", "0", "+.5", "+1"], zeroline=True, zerolinecolor=theme.token("muted"), zerolinewidth=1.5),
        ),
    )  # fmt: skip
    layout: dict[str, Column] = {
        "annotations[3].text": [words["force_limit"].format(force=f"{abs(f):.3g}") if a > 0 else "" for a, f in zip(alphas, limit)],
        "annotations[3].y": limit
        + np.where(limit < -0.55, 0.03, np.where(best > 0.5 * end, -0.22, -0.03)),  # clear of the dot's number
        "annotations[3].yanchor": ["bottom" if f < -0.55 else "top" for f in limit],
    }
    alt = tuple(
        words["force_alt"].format(alpha=numbers.alpha_text(a), gap=numbers.gap(g), force=f"{abs(f):.3g}")
        if a > 0
        else words["force_alt_hard"]
        for a, g, f in zip(alphas, best, limit)
    )
    table = _long(alphas, "logit_margin", gaps, "force", soft)
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves, layout), narrow=dict(_NARROW, height=320))


def probability_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """Loss over the probability of the true class: smoothing raises a wall in front of certainty."""
    alphas = np.asarray(stops)
    top = 1.5 * float(np.log(num_classes))
    p = np.concatenate([np.linspace(0.005, 0.98, 42), 1 - np.geomspace(0.018, 1e-8, 22)])
    gaps = np.asarray(smoothing.margin_for_probability(p, num_classes))
    hard = np.asarray(smoothing.loss_at_margin(gaps, num_classes, 0))
    soft = np.asarray(smoothing.loss_at_margin(gaps, num_classes, alphas[:, None]))
    true, _ = smoothing.target_probabilities(num_classes, alphas)
    _, floor = _best(num_classes, alphas)
    shown = np.where(alphas > 0, true, np.nan)
    traces = [
        _line(p, hard, theme.HARD, 2, words["probability_hover"]),
        _line(p, soft[0], theme.HARD, 3, words["probability_hover"]),
        _legs(),
        go.Scatter(
            mode="text", x=[0], y=[None], text=[""], textposition="bottom center", hoverinfo="skip", cliponaxis=False,
            textfont=dict(size=18, color=theme.token("text")),
        ),
        _dot(),
    ]  # fmt: skip
    moves = (
        Move(1, "y", soft),
        Move(1, "line.color", [theme.alpha_color(a) for a in alphas]),
        Move(2, "x", np.stack([shown] * 3, axis=1)),
        Move(2, "y", np.stack([floor, floor, np.where(np.isnan(shown), np.nan, 0)], axis=1)),
        Move(3, "x", np.where(alphas > 0, np.clip(true, 0.06, 0.94), np.nan)[:, None]),
        Move(3, "y", np.where(np.isnan(shown), np.nan, -0.02 * top)[:, None]),
        Move(3, "text", [[f"<b>{numbers.percent(t)}</b>"] if a > 0 else [""] for a, t in zip(alphas, true)]),
        Move(4, "x", shown[:, None]),
        Move(4, "y", floor[:, None]),
        Move(4, "marker.color", [theme.alpha_color(a) for a in alphas]),
    )
    notes = [theme.note(words["probability_hard"], 0.02, -0.03 * top, color="hard", xanchor="left", yanchor="top", ground=False)]
    sure = true > 0.51
    layout: dict[str, Column] = {
        "annotations[0].x": np.where(sure, 0.02, 1),
        "annotations[0].xanchor": ["left" if s else "right" for s in sure],
    }
    figure = go.Figure(
        traces,
        theme.layout(
            words["probability_title"], 360, annotations=notes, margin=dict(l=52, r=24, t=40, b=52),
            xaxis=theme.axis(title=words["probability_axis"], range=[0, 1.004], showgrid=False, tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0", *map(numbers.percent, (0.25, 0.5, 0.75, 1))]),
            yaxis=_loss_axis(words["loss_axis"], -0.15 * top, top),
        ),
    )  # fmt: skip
    alt = tuple(
        words["probability_alt"].format(alpha=numbers.alpha_text(a), true=numbers.percent(t))
        if a > 0
        else words["probability_alt_hard"]
        for a, t in zip(alphas, true)
    )
    table = _long(alphas, "probability", p, "loss", soft)
    return LiveFigure(figure, alt, table, Frames(tuple(stops), moves, layout), narrow=dict(_NARROW, height=320))


# ---- shared pieces --------------------------------------------------------------------------------------------------

_NARROW = {"margin.l": 40, "margin.r": 22, "title.font.size": 16}


def _best(num_classes: int, alphas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gap and height of the least loss; NaN for hard targets, which have none."""
    gap = np.asarray(smoothing.optimal_logit_margin(num_classes, alphas))
    floor = np.asarray(smoothing.loss_floor(num_classes, alphas))
    finite = np.isfinite(gap)
    return np.where(finite, gap, np.nan), np.where(finite, floor, np.nan)


def _trail_label(num_classes: int) -> tuple[float, float]:
    """Right of the line of least losses, where it passes three quarters of its height."""
    alphas = np.linspace(0.01, 1, 200)
    gap, floor = _best(num_classes, alphas)
    at = int(np.argmin(np.abs(floor - 0.8 * np.log(num_classes))))
    return float(gap[at]) + 0.01 * widest_gap(num_classes), float(floor[at])


def _loss_axis(title: str, low: float, top: float) -> dict:
    """Losses from 0 with a strip below for labels; the line at 0 is what hard targets never reach."""
    step = next(s for s in (0.2, 0.5, 1, 2, 5) if top / s <= 6)
    ticks = np.arange(0, top, step)
    return theme.axis(
        title=title, range=[low, top], tickvals=ticks, ticktext=[f"{v:g}" for v in np.round(ticks, 2)],
        zeroline=True, zerolinecolor=theme.token("muted"), zerolinewidth=1.5,
    )  # fmt: skip


def _line(x, y, color: str, width: float, hover: str | None, **changes) -> go.Scatter:
    look = dict(hoverinfo="skip") if hover is None else dict(hovertemplate=hover + "<extra></extra>")
    return go.Scatter(mode="lines", x=x, y=y, line=dict(color=color, width=width), **look, **changes)


def _legs() -> go.Scatter:
    """Dotted lines from the least loss to both axes."""
    return go.Scatter(
        mode="lines", x=[0, 0, 0], y=[None] * 3, line=dict(color=theme.token("muted"), width=1.2, dash="2px,3px"), hoverinfo="skip"
    )


def _dot() -> go.Scatter:
    return go.Scatter(mode="markers", x=[0], y=[None], hoverinfo="skip", cliponaxis=False, marker=_DOT)


def _pale(alpha: float) -> str:
    """The colour of alpha, nearly transparent, for areas."""
    color = theme.alpha_color(alpha)
    return f"rgba({int(color[1:3], 16)},{int(color[3:5], 16)},{int(color[5:], 16)},0.13)"


def _long(alphas: np.ndarray, x_name: str, x: np.ndarray, y_name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """One row for every alpha and point, for CSV."""
    return {"alpha": np.repeat(alphas, len(x)), x_name: np.tile(x, len(alphas)), y_name: values.ravel()}
