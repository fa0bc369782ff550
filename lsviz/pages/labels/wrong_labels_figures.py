"""Wrong labels, measured: accuracy over noise and alpha, what flipped images are believed to be, and the epochs on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import plotly.graph_objects as go

from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, LiveFigure
from lsviz.figures.theme import token

_HEIGHT = 350
_INK = "#1b1e24"  # on the map's own pale ground, in both themes
NEGATIVE = "#8b4ce1"  # the theme's violet: smoothing below 0 is on no ramp
_FAR = 10.0  # points from hard at which a colour is full: a run that broke down shall not pale the others
_SCALE = [[0, "#eb9a5c"], [0.5, "#f4f5f3"], [1, "#66b3f2"]]  # hard is better, as good, smoothing is better


@dataclass(frozen=True)
class Cell:
    """Clean test accuracy of the networks at one noise rate and alpha, and its difference to the hard ones: (mean, low, high).

    `survives`: clear of zero after Holm's correction for all cells.
    """

    accuracy: float
    seeds: int
    validation: float  # accuracy on clean validation images: what alpha is chosen on
    against_hard: tuple[float, float, float] | None = None  # None for the hard ones, and where no hard one is stored
    survives: bool = False


@dataclass(frozen=True)
class NoisyRun:
    """One network trained on partly wrong labels. Fractions; the last ones are of the flipped training images, at the end; NaN if not measured."""

    alpha: float
    noise: float
    test_accuracy: Sequence[float]  # clean, after every epoch
    memorised: Sequence[float]  # of 500 flipped images, after every epoch
    learnt: float = nan  # share predicted as the wrong label they were given
    given: float = nan  # mean probability of the given label
    true: float = nan  # mean probability of the true label
    flipped: int = 0


def noise_map_figure(cells: Mapping[tuple[float, float], Cell], words: Mapping[str, str]) -> LiveFigure:
    """Accuracy (per cent) for every (noise, alpha) there is, coloured by the difference to hard targets at the same noise; bold: surviving."""
    rates, alphas = (sorted({key[i] for key in cells}) for i in range(2))
    colors, texts, hovers = [], [], []
    for rate in rates:
        row = [cells.get((rate, alpha)) for alpha in alphas]
        colors.append([None if one is None else 100 * one.against_hard[0] if one.against_hard else 0.0 for one in row])
        texts.append(["" if one is None else _cell_text(one) for one in row])
        hovers.append(["" if one is None else _cell_said(rate, alpha, one, words) for alpha, one in zip(alphas, row)])
    far = min(_FAR, max([abs(v) for row in colors for v in row if v], default=1.0))
    names = [
        words["hard"] if a == 0 else numbers.alpha_tick(abs(a)) if a > 0 else numbers.MINUS + numbers.alpha_tick(abs(a))
        for a in alphas
    ]
    height = _rows_height(sum(rate > 0 for rate, _ in cells))
    figure = go.Figure(
        [
            go.Heatmap(
                z=colors, x=names, y=[numbers.percent(rate) for rate in rates], zmin=-far, zmax=far, colorscale=_SCALE, showscale=False, hoverongaps=False, xgap=3, ygap=3,
                text=texts, texttemplate="%{text}", textfont=dict(size=14, color=_INK), customdata=hovers, hovertemplate="%{customdata}<extra></extra>",
            )
        ],
        theme.layout(
            words["title_map"], height, margin=dict(l=64, r=8, t=44, b=54),
            xaxis=theme.axis(title=words["axis_smoothing"], type="category", showgrid=False),
            yaxis=theme.axis(title=words["axis_noise"], type="category", autorange="reversed", showgrid=False),
        ),
    )  # fmt: skip
    keys = sorted(cells)
    table: dict[str, Column] = {
        "noise": [k[0] for k in keys],
        "alpha": [k[1] for k in keys],
        "accuracy": [cells[k].accuracy for k in keys],
        "seeds": [cells[k].seeds for k in keys],
    }
    for i, end in enumerate(("difference", "low", "high")):
        table[end] = [one.against_hard[i] if (one := cells[k]).against_hard else None for k in keys]
    alt = words["alt_map"].format(said="; ".join(text for row in hovers for text in row if text))
    return LiveFigure(figure, (alt,), table, narrow={"height": 330, "title.font.size": 14})


def _rows_height(rows: int) -> int:
    """The map beside the flipped images is as tall as their rows need."""
    return max(_HEIGHT, 110 + 27 * rows)


def _cell_text(one: Cell) -> str:
    if one.against_hard is None:
        return f"{100 * one.accuracy:.1f}<br> "
    apart = numbers.points(one.against_hard[0])
    return f"{100 * one.accuracy:.1f}<br>" + (f"<b>{apart}</b>" if one.survives else apart)


def _cell_said(rate: float, alpha: float, one: Cell, words: Mapping[str, str]) -> str:
    text = (
        words["noise_run"].format(noise=numbers.percent(rate), alpha=_name(alpha, words)) + f": {numbers.percent(one.accuracy, 1)}"
    )
    if one.against_hard:
        text += words["map_against"].format(**dict(zip(("difference", "low", "high"), map(numbers.points, one.against_hard))))
    return text


def flips_figure(runs: Sequence[NoisyRun], words: Mapping[str, str]) -> LiveFigure:
    """Mean probability (per cent) of the given (open) and of the true label (filled) on flipped training images, a row a network."""
    rows = sorted((run for run in runs if not isnan(run.given)), key=lambda run: (run.noise, run.alpha), reverse=True)
    places = list(range(len(rows)))
    given, true = [100 * run.given for run in rows], [100 * run.true for run in rows]
    colors = [_color(run.alpha) for run in rows]
    traces = [
        go.Scatter(mode="lines", x=[v for pair in zip(given, true) for v in (*pair, None)], y=[v for p in places for v in (p, p, None)], line=dict(color=token("line"), width=3), hoverinfo="skip"),
        go.Scatter(mode="markers", x=given, y=places, marker=dict(size=11, color=token("bg"), opacity=1, line=dict(width=2.5, color=colors)), hovertemplate=words["flip_given"] + f" %{{x:.1f}}{percent_sign()}<extra></extra>"),
        go.Scatter(mode="markers", x=true, y=places, marker=dict(size=12, color=colors, opacity=1, line=dict(width=0)), hovertemplate=words["flip_true"] + f" %{{x:.1f}}{percent_sign()}<extra></extra>"),
    ]  # fmt: skip
    right = 1.12 * max(given + true)
    notes = [
        theme.note(numbers.percent(run.learnt), right, place, xanchor="left", xshift=6, ground=False)
        for run, place in zip(rows, places)
    ]
    notes.append(
        theme.note(words["flip_learnt"], right, len(rows) - 0.35, xanchor="left", xshift=6, yanchor="bottom", size=13, ground=False)
    )
    names = [words["noise_run"].format(noise=numbers.percent(run.noise), alpha=_name(run.alpha, words)) for run in rows]
    figure = go.Figure(
        traces,
        theme.layout(
            words["title_flips"], _rows_height(len(rows)), margin=dict(l=142, r=72, t=44, b=54), annotations=notes,
            xaxis=theme.axis(range=[0, right], ticksuffix=percent_sign(), nticks=5, title=words["axis_flips"]),
            yaxis=theme.axis(range=[-0.7, len(rows) + 0.1], tickvals=places, ticktext=names, showgrid=False),
        ),
    )  # fmt: skip
    alt = words["alt_flips"].format(
        said="; ".join(f"{name}: {g:.1f}{percent_sign()}, {t:.1f}{percent_sign()}" for name, g, t in zip(names, given, true))
    )
    table: dict[str, Column] = {
        "noise": [r.noise for r in rows],
        "alpha": [r.alpha for r in rows],
        "given": [r.given for r in rows],
        "true": [r.true for r in rows],
    }
    table |= {"learnt": [r.learnt for r in rows], "flipped": [r.flipped for r in rows]}
    return LiveFigure(figure, (alt,), table, narrow={"title.font.size": 14, "margin.l": 138, "margin.r": 60})


_WIDTH = {0.2: 1.5, 0.4: 2.75, 0.6: 4}


def noise_figure(runs: Sequence[NoisyRun], which: str, words: Mapping[str, str]) -> LiveFigure:
    """`which` (test_accuracy or memorised) over the epochs, per cent: hard orange, smoothed in its colour; more wrong labels, thicker line."""
    traces, ends = [], []
    for run in sorted(runs, key=lambda run: (run.noise, run.alpha)):
        values = [100 * value for value in getattr(run, which)]
        name = words["noise_run"].format(noise=numbers.percent(run.noise), alpha=_name(run.alpha, words))
        traces.append(
            go.Scatter(
                mode="lines", x=list(range(1, len(values) + 1)), y=values, line=dict(color=_color(run.alpha), width=_WIDTH.get(run.noise, 2.5)),
                hovertemplate=f"{name}, %{{x}}: %{{y:.1f}}{percent_sign()}<extra></extra>",
            )
        )  # fmt: skip
        ends.append((name, len(values), values[-1], "hard" if run.alpha == 0 else "soft" if run.alpha > 0 else "under"))
    top, bottom = max(max(trace.y) for trace in traces), min(min(trace.y) for trace in traces)
    notes = [
        theme.note(
            f"{name} <b>{numbers.percent(value / 100, 1)}</b>", x, y, color=color, size=13, xanchor="left", xshift=8, ground=False
        )
        for (name, x, value, color), y in zip(ends, theme.stacked([end[2] for end in ends], 0.062 * (top - bottom)))
    ]
    epochs = max(x for _, x, _, _ in ends)
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"title_noise_{which}"], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_epoch"], range=[0, 1.62 * epochs], tickvals=list(range(0, epochs + 1, 10)), showgrid=False),
            yaxis=theme.axis(range=[max(0, bottom - 4), top + 6], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    alt = words[f"alt_noise_{which}"].format(said="; ".join(f"{name}: {numbers.percent(y / 100, 1)}" for name, _, y, _ in ends))
    table = {
        "noise": [r.noise for r in runs for _ in getattr(r, which)],
        "alpha": [r.alpha for r in runs for _ in getattr(r, which)],
    }
    table |= {
        "epoch": [e for r in runs for e in range(1, len(getattr(r, which)) + 1)],
        which: [v for r in runs for v in getattr(r, which)],
    }
    return LiveFigure(figure, (alt,), table, narrow={"height": 320, "title.font.size": 14, "xaxis.range": [0, 2.3 * epochs]})


def _name(alpha: float, words: Mapping[str, str]) -> str:
    if alpha == 0:
        return words["hard"]
    return f"α = {numbers.alpha_text(alpha)}" if alpha > 0 else f"r = {numbers.alpha_text(alpha)}".replace("-", numbers.MINUS)


def _color(alpha: float) -> str:
    return theme.alpha_color(alpha) if alpha >= 0 else NEGATIVE
