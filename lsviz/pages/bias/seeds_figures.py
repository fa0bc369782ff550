"""Bias and variance over seeds, and paired differences: what one inductive bias buys, over alpha and over training-set size."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import plotly.graph_objects as go

from lsviz.core.comparing.agreement import NUMBERS, Agreement
from lsviz.core.comparing.bias_variance import Decomposition
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import OverSeeds, side
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move
from lsviz.figures.tables import markdown_table
from lsviz.figures.theme import token

Key = TypeVar("Key", bound=float)  # an alpha or a training-set size
Row = TypeVar("Row", bound=Hashable)
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
    moves = (
        Move(2, "x", np.array(places, float)[:, None]),
        Move(2, "y", np.array(total)[:, None]),
        Move(2, "marker.color", colors),
    )
    title = [
        f"<b>{words[f'title_{which}'].format(alpha=numbers.alpha_text(alpha), bias=f'{one.bias:.3f}', variance=f'{one.variance:.3f}')}</b>"
        for alpha, one in parts.items()
    ]
    notes = [
        theme.note(
            words["variance"], places[-1] + 0.36, each[-1].bias + each[-1].variance / 2, size=14, xanchor="left", ground=False
        ),
        theme.note(words["bias"], places[-1] + 0.36, each[-1].bias / 2, size=14, xanchor="left", ground=False),
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            title[0], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes, barmode="overlay",
            xaxis=theme.axis(
                title=words["axis_alpha"], range=[-0.6, len(places) + 0.25], showgrid=False, tickvals=places,
                ticktext=[numbers.alpha_tick(alpha, words["hard"]) for alpha in alphas],
            ),
            yaxis=theme.axis(range=[0, 1.14 * max(total)], nticks=5),
        ),
    )  # fmt: skip
    table: dict[str, Column] = {
        "alpha": list(alphas),
        "expected": total,
        "bias": [o.bias for o in each],
        "variance": [o.variance for o in each],
        "seeds": [o.seeds for o in each],
    }
    alt = tuple(text.removeprefix("<b>").removesuffix("</b>") for text in title)
    return LiveFigure(
        figure, alt, table, Frames(alphas, moves, {"title.text": title}), narrow={"height": 310, "title.font.size": 14}
    )


def sizes_figure(
    parts: Mapping[tuple[int, float], Decomposition], images: Mapping[int, int], which: str, words: Mapping[str, str]
) -> LiveFigure:
    """The same bars over training-set size (per cent), hard beside smoothed; `images` counts the training images of a size."""
    sizes = sorted({size for size, _ in parts})
    alphas = sorted({alpha for _, alpha in parts})
    traces, tops = [], []
    for i, alpha in enumerate(alphas):
        keys = [(size, alpha) for size in sizes if (size, alpha) in parts]
        x = [sizes.index(size) + 0.36 * (i - (len(alphas) - 1) / 2) for size, _ in keys]
        bias, variance = [parts[key].bias for key in keys], [parts[key].variance for key in keys]
        tops += [parts[key].expected for key in keys]
        bar = dict(width=0.32, marker=dict(color=theme.alpha_color(alpha), line=dict(width=0)))
        traces.append(go.Bar(x=x, y=bias, hovertemplate=words["bias"] + " %{y:.3f}<extra></extra>", **bar))
        traces.append(
            go.Bar(x=x, y=variance, base=bias, opacity=0.45, hovertemplate=words["variance"] + " %{y:.3f}<extra></extra>", **bar)
        )
    least, soft = sizes[0], alphas[-1]
    known = {
        "size": numbers.percent(least / 100),
        "alpha": numbers.alpha_text(soft),
        "hard": f"{parts[least, alphas[0]].variance:.3f}",
        "soft": f"{parts[least, soft].variance:.3f}",
    }
    title = words[f"title_sizes_{which}"].format(**known)
    notes = [
        theme.note(words["hard"] if alpha == 0 else f"α = {numbers.alpha_text(alpha)}", 0.99, 0.99 - 0.09 * i, xref="paper", yref="paper", xanchor="right", yanchor="top", size=15, color="hard" if alpha == 0 else "soft")
        for i, alpha in enumerate(alphas)
    ]  # fmt: skip
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title}</b>", _HEIGHT, margin=dict(l=56, r=16, t=44, b=68), annotations=notes, barmode="overlay",
            xaxis=theme.axis(title=words["axis_size"], range=[-0.6, len(sizes) - 0.4], showgrid=False, **_size_ticks(sizes, images)),
            yaxis=theme.axis(range=[0, 1.14 * max(tops)], nticks=5),
        ),
    )  # fmt: skip
    rows = sorted(parts)
    table: dict[str, Column] = {
        "size": [k[0] for k in rows],
        "alpha": [k[1] for k in rows],
        **{name: [getattr(parts[k], name) for k in rows] for name in ("expected", "bias", "variance", "seeds")},
    }
    return LiveFigure(figure, (title,), table, narrow={"height": 320, "title.font.size": 14})


def _size_ticks(sizes: Sequence[Key], images: Mapping[Key, int]) -> dict:
    said = [f"{numbers.percent(size / 100)}" + (f"<br>{numbers.whole(images[size])}" if images.get(size) else "") for size in sizes]
    return dict(tickvals=list(range(len(sizes))), ticktext=said)


def paired_figure(
    differences: Mapping[Key, tuple[float, float, float]], each: Mapping[Key, Sequence[float]], which: str, words: Mapping[str, str],
    *, alpha: float | None = None, images: Mapping[Key, int] | None = None,
) -> LiveFigure:  # fmt: skip
    """Smoothed minus hard over paired seeds, (mean, low, high) for every alpha, every seed's own difference as a small dot.

    With `alpha` the keys are training-set sizes, per cent, of networks at that one alpha. `which` is accuracy (points) or nll (nats).
    """
    factor = 100 if which == "accuracy" else 1
    keys = tuple(differences)
    places = list(range(len(keys)))
    mean, low, high = (np.array([values[i] for values in differences.values()]) * factor for i in range(3))
    shown = (lambda v: numbers.points(v / 100)) if which == "accuracy" else (lambda v: f"{v:+.3f}".replace("-", numbers.MINUS))
    spots = [(place + 0.13, factor * value) for place, key in zip(places, keys) for value in each[key]]
    colors = [theme.alpha_color(key if alpha is None else alpha) for key in keys]
    traces = [
        go.Scatter(mode="lines", x=[-0.6, len(places) - 0.2], y=[0, 0], line=dict(color=theme.HARD, width=2), hoverinfo="skip"),
        go.Scatter(mode="lines", x=[v for place in places for v in (place, place, None)], y=[v for a, b in zip(low, high) for v in (a, b, None)], line=dict(color=token("muted"), width=2), hoverinfo="skip"),
        go.Scatter(mode="markers", x=[x for x, _ in spots], y=[y for _, y in spots], marker=dict(size=6, color=token("ctx"), opacity=1), hoverinfo="skip"),
        go.Scatter(
            mode="markers", x=places, y=mean, marker=dict(size=12, color=colors, opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[shown(value) for value in mean], hovertemplate="%{text}<extra></extra>",
        ),
    ]  # fmt: skip
    room = 0.15 * (max(high.max(), 0) - min(low.min(), 0) or 1)
    said = [words["not_zero" if side(a, b) else "zero"] for a, b in zip(low, high)]
    tops = [max(end, *(factor * value for value in each[key])) for key, end in zip(keys, high)]  # above the interval and every seed
    bottom = min(0, *low, *(y for _, y in spots))
    notes = [
        theme.note(f"<b>{shown(m)}</b><br>{s}", place, top, size=13, color="text", yanchor="bottom", yshift=6)
        for place, m, top, s in zip(places, mean, tops, said)
    ]
    notes.append(theme.note(words["hard"], -0.58, 0, color="hard", size=14, xanchor="left", yanchor="bottom", ground=False))
    ticks = (
        dict(tickvals=places, ticktext=[numbers.alpha_tick(key) for key in keys])
        if alpha is None
        else _size_ticks(keys, images or {})
    )
    title = (
        words[f"title_paired_{which}"] if alpha is None else words[f"title_sized_{which}"].format(alpha=numbers.alpha_text(alpha))
    )
    figure = go.Figure(
        traces,
        theme.layout(
            title, _HEIGHT, margin=dict(l=56, r=16, t=44, b=54 if alpha is None else 68), annotations=notes,
            xaxis=theme.axis(title=words["axis_alpha" if alpha is None else "axis_size"], range=[-0.6, len(places) - 0.2], showgrid=False, **ticks),
            yaxis=theme.axis(range=[bottom - room, max(*tops, 0) + 2.6 * room], nticks=6),
        ),
    )  # fmt: skip
    name = (lambda key: f"α {numbers.alpha_text(key)}") if alpha is None else (lambda key: numbers.percent(key / 100))
    alt = words["alt_paired"].format(
        said="; ".join(
            f"{name(key)}: {shown(m)} ({numbers.between(shown(b), shown(c))})" for key, m, b, c in zip(keys, mean, low, high)
        )
    )
    table = {
        "alpha" if alpha is None else "size": list(keys),
        "difference": list(mean / factor),
        "low": list(low / factor),
        "high": list(high / factor),
        "seeds": [len(each[key]) for key in keys],
    }
    return LiveFigure(figure, (alt,), table, narrow={"height": 310, "title.font.size": 14})


def metric_table(metrics: Mapping[float, Mapping[str, OverSeeds | None]], words: Mapping[str, str]) -> str:
    """Accuracy and ECE, per cent, and NLL of every alpha, mean and standard deviation over its seeds, as a Markdown table."""
    rows = []
    for alpha, found in metrics.items():
        cells = [words["hard"] if alpha == 0 else numbers.alpha_text(alpha)]
        for metric, one in found.items():
            digits = 3 if metric == "nll" else 1
            told = [] if one is None else [value for value in (one.mean, one.deviation) if value is not None]
            cells.append(" ± ".join(f"{value:.{digits}f}" for value in told))
        rows.append(cells)
    return markdown_table(["α", *(words[f"metric_{metric}"] for metric in ("accuracy", "nll", "ece15"))], rows)


def agreement_rows(
    found: Mapping[Row, Agreement],
    kept: Container[tuple[Row, str]],
    first: str,
    name: Callable[[Row], str],
    words: Mapping[str, str],
) -> list[dict[str, str]]:
    """Disagreement, raw and matched variance, and what is common: each with its change from hard, marked where it is among the `kept`."""
    cell = lambda key, one, which: _cell(one, which) + (" ◆" if (key, which) in kept else "")
    return [
        {first: name(key)} | {words[f"agree_{which}"]: cell(key, one, which) for which in NUMBERS} for key, one in found.items()
    ]


def _cell(one: Agreement, which: str) -> str:
    value = _told(which, one.values[which])
    if which not in one.changes:
        return value
    change = one.changes[which]
    apart = numbers.points if which == "disagreement" else lambda v: f"{v:+.3f}".replace("-", numbers.MINUS)
    return f"{value} ({apart(change.difference)}: {numbers.between(apart(change.low), apart(change.high))})"


def _told(which: str, value: float) -> str:
    return numbers.percent(value, 1) if which == "disagreement" else f"{value:.3f}"


def findings(found: Mapping[float, Agreement], confidence: float, words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Headline and sentence for every alpha: whether seeds answer alike, then what became of the Brier score's parts."""
    heads, subs = [], []
    for alpha, one in found.items():
        known = dict(alpha=numbers.alpha_text(alpha), seeds=one.seeds, confidence=numbers.percent(confidence, 0))
        known |= {which: _told(which, value) for which, value in one.values.items()}
        if alpha == 0:
            heads.append(words["head_hard"].format(**known))
            subs.append(words["sub_hard"].format(**known))
            continue
        known["hard"] = _told("disagreement", found[0.0].values["disagreement"])
        moved = {which: _moved(change, words) for which, change in one.changes.items()}
        heads.append(words[f"head_{one.changes['disagreement'].moved if moved else 'few'}"].format(**known))
        subs.append(words["sub" if moved else "sub_few"].format(**known | moved))
    return heads, subs


def _moved(change: Change, words: Mapping[str, str]) -> str:
    ends = {name: f"{value:+.3f}".replace("-", numbers.MINUS) for name, value in (("low", change.low), ("high", change.high))}
    return words[f"moved_{change.moved}"].format(first=f"{change.first:.3f}", second=f"{change.second:.3f}", **ends)
