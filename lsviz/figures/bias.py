"""Bias and variance over seeds, paired differences, and what wrong labels do: three kinds of evidence for one inductive bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from lsviz.core.ensembles import Decomposition
from lsviz.figures import theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 350


def decomposition_figure(parts: Mapping[float, Decomposition], which: str, words: Mapping[str, str]) -> LiveFigure:
    """Bias below, variance on top, one bar an alpha; `which` is brier or nll. The ring marks the chosen alpha, the title its numbers."""
    alphas = tuple(parts)
    places = list(range(len(alphas)))
    each = list(parts.values())
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    total = [one.expected for one in each]
    traces = [
        go.Bar(x=places, y=[one.bias for one in each], width=0.56, marker=dict(color=colors, line=dict(width=0)), hovertemplate=words["bias"] + " %{y:.3f}<extra></extra>"),
        go.Bar(
            x=places, y=[one.variance for one in each], base=[one.bias for one in each], width=0.56, opacity=0.45, marker=dict(color=colors, line=dict(width=0)),
            hovertemplate=words["variance"] + " %{y:.3f}<extra></extra>",
        ),
        go.Scatter(mode="markers", x=[0], y=[total[0]], hoverinfo="skip", cliponaxis=False, marker=dict(size=13, color=colors[0], opacity=1, line=dict(width=2, color=token("text")))),
    ]  # fmt: skip
    moves = (Move(2, "x", np.array(places, float)[:, None]), Move(2, "y", np.array(total)[:, None]), Move(2, "marker.color", colors))
    title = [
        f"<b>{words[f'title_{which}'].format(alpha=theme.alpha_text(alpha), bias=f'{one.bias:.3f}', variance=f'{one.variance:.3f}')}</b>" for alpha, one in parts.items()
    ]
    notes = [
        theme.note(words["variance"], places[-1] + 0.36, each[-1].bias + each[-1].variance / 2, size=14, xanchor="left", ground=False),
        theme.note(words["bias"], places[-1] + 0.36, each[-1].bias / 2, size=14, xanchor="left", ground=False),
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            title[0], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes, barmode="overlay",
            xaxis=theme.axis(
                title=words["axis_alpha"], range=[-0.6, len(places) + 0.25], showgrid=False, tickvals=places,
                ticktext=[theme.alpha_tick(alpha, words["hard"]) for alpha in alphas],
            ),
            yaxis=theme.axis(range=[0, 1.14 * max(total)], nticks=5),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas), "expected": total, "bias": [o.bias for o in each], "variance": [o.variance for o in each], "seeds": [o.seeds for o in each]}
    alt = tuple(text.removeprefix("<b>").removesuffix("</b>") for text in title)
    return LiveFigure(figure, alt, table, Frames(alphas, moves, {"title.text": title}), narrow={"height": 310, "title.font.size": 14})


def paired_figure(differences: Mapping[float, tuple[float, float, float]], each: Mapping[float, Sequence[float]], which: str, words: Mapping[str, str]) -> LiveFigure:
    """Smoothed minus hard over paired seeds, (mean, low, high) an alpha, every seed's own difference as a small dot.

    `which` is accuracy (points) or nll (nats).
    """
    factor = 100 if which == "accuracy" else 1
    alphas = tuple(differences)
    places = list(range(len(alphas)))
    mean, low, high = (np.array([values[i] for values in differences.values()]) * factor for i in range(3))
    shown = (lambda v: theme.points(v / 100)) if which == "accuracy" else (lambda v: f"{v:+.3f}".replace("-", theme.MINUS))
    spots = [(place + 0.13, factor * value) for place, alpha in zip(places, alphas) for value in each[alpha]]
    traces = [
        go.Scatter(mode="lines", x=[-0.6, len(places) - 0.2], y=[0, 0], line=dict(color=theme.HARD, width=2), hoverinfo="skip"),
        go.Scatter(mode="lines", x=[v for place in places for v in (place, place, None)], y=[v for a, b in zip(low, high) for v in (a, b, None)], line=dict(color=token("muted"), width=2), hoverinfo="skip"),
        go.Scatter(mode="markers", x=[x for x, _ in spots], y=[y for _, y in spots], marker=dict(size=6, color=token("ctx"), opacity=1), hoverinfo="skip"),
        go.Scatter(
            mode="markers", x=places, y=mean, marker=dict(size=12, color=[theme.alpha_color(alpha) for alpha in alphas], opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[shown(value) for value in mean], hovertemplate="%{text}<extra></extra>",
        ),
    ]  # fmt: skip
    room = 0.18 * (max(high.max(), 0) - min(low.min(), 0) or 1)
    said = [words["zero" if a <= 0 <= b else "not_zero"] for a, b in zip(low, high)]
    notes = [theme.note(f"<b>{shown(m)}</b><br>{s}", place, top, size=13, color="text", yanchor="bottom", yshift=4, ground=False) for place, m, top, s in zip(places, mean, high, said)]
    notes.append(theme.note(words["hard"], -0.58, 0, color="hard", size=14, xanchor="left", yanchor="bottom", ground=False))
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"title_paired_{which}"], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_alpha"], range=[-0.6, len(places) - 0.2], showgrid=False, tickvals=places, ticktext=[theme.alpha_tick(alpha) for alpha in alphas]),
            yaxis=theme.axis(range=[min(low.min(), 0) - room, max(high.max(), 0) + 2.6 * room], nticks=6),
        ),
    )  # fmt: skip
    alt = words["alt_paired"].format(said="; ".join(f"α {theme.alpha_text(a)}: {shown(m)} ({shown(b)} … {shown(c)})" for a, m, b, c in zip(alphas, mean, low, high)))
    table = {"alpha": list(alphas), "difference": list(mean / factor), "low": list(low / factor), "high": list(high / factor), "seeds": [len(each[a]) for a in alphas]}
    return LiveFigure(figure, (alt,), table, narrow={"height": 310, "title.font.size": 14})


@dataclass(frozen=True)
class NoisyRun:
    """One network trained on partly wrong labels, after every epoch: clean test accuracy and flips learnt by heart (fractions)."""

    alpha: float
    noise: float
    test_accuracy: Sequence[float]
    memorised: Sequence[float]


_WIDTH = {0.2: 2, 0.4: 3.5}


def noise_figure(runs: Sequence[NoisyRun], which: str, words: Mapping[str, str]) -> LiveFigure:
    """`which` (test_accuracy or memorised) over the epochs, per cent: hard orange, smoothed in its colour; more wrong labels, thicker line."""
    traces, ends = [], []
    for run in sorted(runs, key=lambda run: (run.noise, run.alpha)):
        values = [100 * value for value in getattr(run, which)]
        name = words["noise_run"].format(noise=theme.percent(run.noise), alpha=words["hard"] if run.alpha == 0 else f"α = {theme.alpha_text(run.alpha)}")
        traces.append(
            go.Scatter(
                mode="lines", x=list(range(1, len(values) + 1)), y=values, line=dict(color=theme.alpha_color(run.alpha), width=_WIDTH.get(run.noise, 2.5)),
                hovertemplate=name + ", %{x}: %{y:.1f} %<extra></extra>",
            )
        )  # fmt: skip
        ends.append((name, len(values), values[-1], "hard" if run.alpha == 0 else "soft"))
    top, bottom = max(max(trace.y) for trace in traces), min(min(trace.y) for trace in traces)
    notes = [
        theme.note(f"{name} <b>{theme.percent(value / 100, 1)}</b>", x, y, color=color, size=13, xanchor="left", xshift=8, ground=False)
        for (name, x, value, color), y in zip(ends, theme.stacked([end[2] for end in ends], 0.062 * (top - bottom)))
    ]
    epochs = max(x for _, x, _, _ in ends)
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"title_noise_{which}"], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_epoch"], range=[0, 1.62 * epochs], tickvals=list(range(0, epochs + 1, 10)), showgrid=False),
            yaxis=theme.axis(range=[max(0, bottom - 4), top + 6], ticksuffix=" %", nticks=6),
        ),
    )  # fmt: skip
    alt = words[f"alt_noise_{which}"].format(said="; ".join(f"{name}: {theme.percent(y / 100, 1)}" for name, _, y, _ in ends))
    table = {"noise": [r.noise for r in runs for _ in getattr(r, which)], "alpha": [r.alpha for r in runs for _ in getattr(r, which)]}
    table |= {"epoch": [e for r in runs for e in range(1, len(getattr(r, which)) + 1)], which: [v for r in runs for v in getattr(r, which)]}
    return LiveFigure(figure, (alt,), table, narrow={"height": 320, "title.font.size": 14, "xaxis.range": [0, 2.3 * epochs]})


def findings(parts: Mapping[float, Decomposition], words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Headline and sentence for every alpha, from the decomposition of the Brier score."""
    alphas = tuple(parts)
    first = parts[alphas[0]]
    heads, subs = [], []
    for alpha, one in parts.items():
        known = dict(alpha=theme.alpha_text(alpha), variance=f"{one.variance:.3f}", bias=f"{one.bias:.3f}", seeds=one.seeds, hard=f"{first.variance:.3f}", hard_bias=f"{first.bias:.3f}")
        known["moves"] = words["falls" if one.bias < first.bias else "rises"]
        heads.append(words["head_hard" if alpha == 0 else "head_less" if one.variance < first.variance else "head_more"].format(**known))
        subs.append(words["sub_hard" if alpha == 0 else "sub"].format(**known))
    return heads, subs
