"""ECE over alpha for every N, three remedies beside each other, and how much one ECE depends on its bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from lsviz.core.calibration.after_training import BIN_COUNTS, Estimates
from lsviz.core.comparing.changes import Change
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 380


@dataclass(frozen=True)
class Curve:
    """ECE over alpha, a fraction, of one N or one published network; `seeds` are all values measured at an alpha."""

    name: str
    ece: Mapping[float, float]
    seeds: Mapping[float, Sequence[float]]
    is_ours: bool = True

    @property
    def least(self) -> float:
        """The alpha of the smallest ECE."""
        return min(self.ece, key=self.ece.__getitem__)


def u_curve_figure(
    curves: Mapping[int, Curve], chosen: int, bound: Mapping[float, float], published: Sequence[Curve], words: Mapping[str, str]
) -> LiveFigure:
    """Every N's curve, thin, the chosen one thick with its seeds; rings mark the least ECE; dots the bound; squares the literature."""
    traces, notes, ends = [], [], []
    for n, curve in sorted(curves.items(), key=lambda item: item[0] == chosen):  # the chosen one is drawn over the others
        mine = n == chosen
        x, y = _places(curve.ece), [100 * value for value in curve.ece.values()]
        said = [
            words["u_hover"].format(name=curve.name, alpha=numbers.alpha_text(a), ece=numbers.percent(v, 1))
            for a, v in curve.ece.items()
        ]
        paint = [theme.alpha_color(alpha) for alpha in curve.ece] if mine else token("ctx")
        traces.append(
            go.Scatter(
                mode="lines+markers", x=x, y=y, text=said, hovertemplate="%{text}<extra></extra>", cliponaxis=False,
                line=dict(width=3 if mine else 1.5, color=token("text" if mine else "ctx")), marker=dict(size=10 if mine else 5, color=paint, opacity=1),
            )
        )  # fmt: skip
        ends.append((curve.name, x[-1], y[-1], "text" if mine else "muted"))
        if mine:
            spots = [(a, v) for a, values in curve.seeds.items() if len(values) > 1 for v in values]
            traces.append(
                go.Scatter(
                    mode="markers", x=_places([a for a, _ in spots]), y=[100 * v for _, v in spots], hoverinfo="skip",
                    marker=dict(size=7, symbol="line-ew", line=dict(width=1.5, color=token("text")), opacity=1),
                )
            )  # fmt: skip
            traces.append(
                go.Scatter(
                    mode="markers", x=_places([curve.least]), y=[100 * curve.ece[curve.least]], hoverinfo="skip",
                    marker=dict(size=19, color="rgba(0,0,0,0)", line=dict(width=2.5, color=token("text")), opacity=1),
                )
            )  # fmt: skip
    bent = [(a, v) for a, v in bound.items() if v > 0]
    if bent:
        alphas = np.linspace(min(a for a, _ in bent), max(a for a, _ in bent), 30)
        values = np.interp(alphas, [a for a, _ in bent], [100 * v for _, v in bent])
        traces.append(
            go.Scatter(
                mode="lines", x=_places(alphas), y=values, line=dict(width=2, dash="dot", color=token("under")), hoverinfo="skip"
            )
        )
        ends.append((words["u_bound"], _places([alphas[-1]])[0], values[-1], "under"))
    for curve in published:
        x, y = _places(curve.ece), [100 * value for value in curve.ece.values()]
        said = [
            words["u_hover"].format(name=curve.name, alpha=numbers.alpha_text(a), ece=numbers.percent(v, 1))
            for a, v in curve.ece.items()
        ]
        traces.append(
            go.Scatter(
                mode="lines+markers", x=x, y=y, text=said, hovertemplate="%{text}<extra></extra>", cliponaxis=False,
                line=dict(width=1.5, dash="dash", color=token("soft")), marker=dict(size=7, symbol="square-open", color=token("soft"), opacity=1),
            )
        )  # fmt: skip
        ends.append((curve.name, x[-1], y[-1], "soft"))
    top = 1.08 * max(max(trace.y) for trace in traces if len(trace.y))
    last = max(x for _, x, _, _ in ends)
    right = last + 0.22
    for (name, end, _, color), height in zip(ends, theme.stacked([end[2] for end in ends], 0.052 * top)):
        notes.append(theme.end_note(f"<b>{name}</b>" if color == "text" else name, end, height, last, color=color, size=13))
    least = {n: curve.least for n, curve in curves.items()}
    title = words["u_title"].format(
        n=chosen, alpha=numbers.alpha_text(least[chosen]), ece=numbers.percent(curves[chosen].ece[least[chosen]], 1)
    )
    alt = words["u_alt"].format(
        said="; ".join(
            words["u_least"].format(n=n, alpha=numbers.alpha_text(a), ece=numbers.percent(curves[n].ece[a], 1))
            for n, a in least.items()
        )
    )
    every = [*curves.values(), *published]
    table: dict[str, Column] = {
        "source": [curve.name for curve in every for _ in curve.ece], "alpha": [a for curve in every for a in curve.ece],
        "ece15": [v for curve in every for v in curve.ece.values()], "networks": [max(1, len(curve.seeds.get(a, ()))) for curve in every for a in curve.ece],
    }  # fmt: skip
    return LiveFigure(
        _over_alpha(traces, title, [0, top], right, notes, words, _HEIGHT + 30),
        (alt,),
        table,
        narrow={"height": 360, "title.font.size": 14, "xaxis.range": [-0.05, right + 0.2]},
    )


@dataclass(frozen=True)
class Remedied:
    """One network's ECE and NLL as it is, after a temperature (of least NLL, of least ECE), and de-smoothed; `clipped` is the share
    of rows cut at 0. `changes` are from the hard network: ECE after either temperature, and what it `claims` de-smoothed."""

    ece: Mapping[str, float]
    nll: Mapping[str, float]
    clipped: float
    changes: Mapping[str, Change]


REMEDIES = ("none", "temperature", "temperature_ece", "desmoothed")
_DASH = {"none": "solid", "temperature": "dash", "temperature_ece": "dashdot", "desmoothed": "dot"}


def remedies_in_words(alpha: float, one: Remedied, words: Mapping[str, str]) -> str:
    """Whether smoothing is calibrated as well as hard targets once both have their temperature, and what de-smoothing claims."""
    said = {}
    for kind, change in one.changes.items():
        ends = numbers.between(numbers.points(change.low), numbers.points(change.high))
        said[kind] = words[f"remedy_{change.moved}"].format(ends=ends)
        said |= {f"{kind}_hard": numbers.percent(change.first, 1), f"{kind}_soft": numbers.percent(change.second, 1)}
    return words["remedy_said"].format(alpha=numbers.alpha_text(alpha), **said)


def remedies_figure(networks: Mapping[float, Remedied], words: Mapping[str, str]) -> LiveFigure:
    """ECE (per cent) over alpha: raw, at the fitted temperature, de-smoothed; the title follows alpha."""
    alphas = tuple(networks)
    x = _places(alphas)
    lines = {kind: [100 * one.ece[kind] for one in networks.values()] for kind in REMEDIES}
    traces = [
        go.Scatter(mode="lines+markers", x=x, y=y, cliponaxis=False, hovertemplate=words[f"remedy_{kind}"] + f": %{{y:.1f}}{percent_sign()}<extra></extra>",
                   line=dict(width=3 if kind == "none" else 2, dash=_DASH[kind], color=token("text" if kind == "none" else "muted")),
                   marker=dict(size=8, color=[theme.alpha_color(a) for a in alphas] if kind == "none" else token("muted"), opacity=1))
        for kind, y in lines.items()
    ]  # fmt: skip
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    traces.append(
        go.Scatter(mode="markers", x=[x[0]] * len(REMEDIES), y=[lines[kind][0] for kind in REMEDIES], hoverinfo="skip", cliponaxis=False,
                   marker=dict(size=15, color=colors[0], opacity=1, line=dict(width=2, color=token("text"))))
    )  # fmt: skip
    ring = len(traces) - 1
    moves = (
        Move(ring, "x", np.repeat(np.array(x)[:, None], len(REMEDIES), axis=1)),
        Move(ring, "y", np.array([[lines[kind][s] for kind in REMEDIES] for s in range(len(alphas))])),
        Move(ring, "marker.color", colors),
    )
    top = 1.12 * max(map(max, lines.values()))
    notes = [
        theme.note(
            words[f"remedy_{kind}"],
            x[-1],
            y,
            size=14,
            color="text" if kind == "none" else "muted",
            xanchor="left",
            xshift=12,
            ground=False,
        )
        for kind, y in zip(REMEDIES, theme.stacked([lines[kind][-1] for kind in REMEDIES], 0.07 * top))
    ]
    percents = lambda one: {kind: numbers.percent(one.ece[kind], 1) for kind in REMEDIES}
    titles = [f"<b>{words['remedy_title'].format(alpha=numbers.alpha_text(a), **percents(one))}</b>" for a, one in networks.items()]
    alt = tuple(
        words["remedy_alt"].format(alpha=numbers.alpha_text(a), clipped=numbers.percent(one.clipped, 0), **percents(one))
        for a, one in networks.items()
    )
    table = {"alpha": list(alphas)} | {f"ece15_{kind}": [one.ece[kind] for one in networks.values()] for kind in REMEDIES}
    table |= {f"nll_{kind}": [one.nll[kind] for one in networks.values()] for kind in REMEDIES} | {
        "clipped": [one.clipped for one in networks.values()]
    }
    figure = _over_alpha(traces, titles[0], [0, top], x[-1] + 0.24, notes, words, _HEIGHT)
    narrow = {"height": 330, "title.font.size": 14, "xaxis.range": [-0.05, x[-1] + 0.4]}
    return LiveFigure(figure, alt, table, Frames(alphas, moves, {"title.text": titles}), narrow=narrow)


def estimator_figure(networks: Mapping[float, Estimates], words: Mapping[str, str]) -> LiveFigure:
    """The ECE (per cent) of the same predictions over 5 to 50 bins, cut in three ways; the hard network's in orange behind."""
    alphas = tuple(networks)
    kinds = ("right_closed", "left_closed", "mass")
    dash = dict(zip(kinds, ("solid", "dot", "dash")))
    every = {kind: np.array([100 * getattr(one, kind) for one in networks.values()]) for kind in kinds}
    hard = alphas[0] == 0
    traces = [
        go.Scatter(mode="lines", x=BIN_COUNTS, y=every[kind][0], hoverinfo="skip", opacity=0.55, line=dict(width=1.5, dash=dash[kind], color=theme.HARD if hard else token("ctx")))
        for kind in kinds
    ] + [
        go.Scatter(mode="lines", x=BIN_COUNTS, y=every[kind][0], line=dict(width=3 if kind == "right_closed" else 2.5, dash=dash[kind], color=theme.alpha_color(alphas[0])),
                   hovertemplate=words["estimator_hover"].format(name=words[f"estimator_{kind}"]) + "<extra></extra>")
        for kind in kinds
    ]  # fmt: skip
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    moves = tuple(Move(3 + i, "y", every[kind]) for i, kind in enumerate(kinds)) + tuple(
        Move(3 + i, "line.color", colors) for i in range(3)
    )
    titles = [
        f"<b>{words['estimator_title'].format(alpha=numbers.alpha_text(a), low=numbers.percent(one.range[0], 1), high=numbers.percent(one.range[1], 1))}</b>"
        for a, one in networks.items()
    ]
    top = 1.2 * max(float(values.max()) for values in every.values())
    notes = [
        theme.note(
            words[f"estimator_key_{kind}"], 0.99, 1 - 0.075 * i, xref="paper", yref="paper", xanchor="right", yanchor="top", size=13
        )
        for i, kind in enumerate(kinds)
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            titles[0], _HEIGHT, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["estimator_axis"], range=[4, 51], tickvals=[5, 10, 15, 20, 30, 40, 50], showgrid=False),
            yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table = {"bins": list(BIN_COUNTS)} | {
        f"{kind}_alpha_{a:g}": list(getattr(one, kind)) for a, one in networks.items() for kind in kinds
    }
    alt = tuple(title.removeprefix("<b>").removesuffix("</b>") for title in titles)
    return LiveFigure(
        figure, alt, table, Frames(alphas, moves, {"title.text": titles}), narrow={"height": 330, "title.font.size": 14}
    )


def _places(alphas) -> list[float]:
    return [float(theme.alpha_position(alpha)) for alpha in alphas]


def _over_alpha(traces, title, y_range, right, notes, words, height) -> go.Figure:
    return go.Figure(
        traces,
        theme.layout(
            title, height, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis_to(right, words["tick_hard"], words["axis_alpha"]),
            yaxis=theme.axis(range=y_range, ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
