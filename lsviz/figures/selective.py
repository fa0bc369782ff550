"""Answering only where the score is high: risk-coverage curves, hard beside smoothed, and their area over every alpha."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from lsviz.core.comparing.selective import SCORES, RiskCoverage, Selected
from lsviz.core.intervals import side
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import SELECT_ALPHA, Frames, LiveFigure, Move
from lsviz.figures.theme import token

_HEIGHT = 365
_POINTS = 120  # of a drawn curve
FEW = 0.2  # the surest answers the headline speaks of
_DASH = {"probability": "solid", "logit": "dot", "norm": "dash"}


def coverage_figure(networks: Mapping[float, Selected], score: str, words: Mapping[str, str]) -> LiveFigure:
    """Error rate among the answered (per cent) over coverage, for the score chosen; the hard curve stays, the other moves."""
    alphas = tuple(networks)
    curves = {alpha: drawn(one.curves[score]) for alpha, one in networks.items()}
    x = curves[alphas[0]][0]
    ys = np.stack([curves[alpha][1] for alpha in alphas])
    top = 1.16 * float(ys.max())
    has_hard = alphas[0] == 0
    ends = lambda alpha: (
        f"<b>{words['hard'] if alpha == 0 else numbers.alpha_text(alpha)}</b> {numbers.percent(networks[alpha].curves[score].aurc, 1)}"
    )
    traces = [
        go.Scatter(
            mode="lines",
            x=x,
            y=ys[0],
            line=dict(width=3, color=theme.HARD if has_hard else token("ctx")),
            hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
        ),
        go.Scatter(
            mode="lines",
            x=x,
            y=ys[0],
            line=dict(width=4, color=theme.alpha_color(alphas[0])),
            hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
        ),
    ]
    notes = [
        theme.note(
            ends(alphas[0]),
            0.02,
            0.97,
            xref="paper",
            yref="paper",
            color="hard" if has_hard else "muted",
            size=16,
            xanchor="left",
            yanchor="top",
        ),
        theme.note("", 0.02, 0.87, xref="paper", yref="paper", color="soft", size=16, xanchor="left", yanchor="top"),
    ]
    frames = Frames(
        alphas,
        (Move(1, "y", ys), Move(1, "line.color", [theme.alpha_color(alpha) for alpha in alphas])),
        {"annotations[1].text": ["" if alpha == 0 else "α = " + ends(alpha) for alpha in alphas]},
    )
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"title_curve_{score}"], _HEIGHT, margin=dict(l=58, r=14, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_coverage"], range=[0, 101], ticksuffix=percent_sign(), showgrid=False, nticks=6),
            yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    alt = tuple(
        words["alt_curve"].format(
            alpha=numbers.alpha_text(alpha), few=numbers.percent(one.curves[score].risk_at(FEW), 1), all=numbers.percent(one.curves[score].risk_at(1), 1),
            aurc=numbers.percent(one.curves[score].aurc, 1),
        )
        for alpha, one in networks.items()
    )  # fmt: skip
    table = {"coverage": [value / 100 for value in x]} | {
        f"risk_alpha_{alpha:g}": [v / 100 for v in ys[i]] for i, alpha in enumerate(alphas)
    }
    return LiveFigure(figure, alt, table, frames, narrow={"height": 340, "title.font.size": 15})


def area_figure(networks: Mapping[float, Selected], score: str, words: Mapping[str, str]) -> LiveFigure:
    """Area under the curve (per cent) over alpha for the three scores, the chosen one strong, with paired intervals."""
    alphas = tuple(networks)
    x = [float(theme.alpha_position(alpha)) for alpha in alphas]
    right = 1.02 if x[-1] > 0.75 else x[-1] + 0.16
    areas = {kind: [100 * one.curves[kind].aurc for one in networks.values()] for kind in SCORES}
    hard = areas[score][0]
    whisker_x, whisker_y = [], []
    for place, one in zip(x, networks.values()):
        if one.against_hard is not None:
            low, high = (hard + 100 * end for end in (one.against_hard[score].low, one.against_hard[score].high))
            whisker_x += [place, place, None]
            whisker_y += [low, high, None]
    seen = [value for values in areas.values() for value in values] + [value for value in whisker_y if value is not None]
    low, high = min(seen), max(seen)
    room = 0.14 * (high - low)
    traces = [
        go.Scatter(
            mode="lines", x=x, y=areas[kind], hoverinfo="skip",
            line=dict(width=3 if kind == score else 2, dash=_DASH[kind], color=token("text" if kind == score else "ctx")),
        )
        for kind in SCORES
    ]  # fmt: skip
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    traces += [
        go.Scatter(mode="lines", x=whisker_x, y=whisker_y, line=dict(color=token("muted"), width=1.5), hoverinfo="skip"),
        go.Scatter(
            mode="markers", x=x, y=areas[score], customdata=list(alphas), meta=SELECT_ALPHA, cliponaxis=False,
            marker=dict(size=10, color=colors, opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[_said(alpha, one, score, words) for alpha, one in networks.items()], hovertemplate="%{text}<extra></extra>",
        ),
        go.Scatter(
            mode="markers", x=x[:1], y=areas[score][:1], hoverinfo="skip", cliponaxis=False,
            marker=dict(size=18, color=colors[0], opacity=1, line=dict(width=2.5, color=token("text"))),
        ),
    ]  # fmt: skip
    ring = len(traces) - 1
    moves = (
        Move(ring, "x", np.array(x)[:, None]),
        Move(ring, "y", np.array(areas[score])[:, None]),
        Move(ring, "marker.color", colors),
    )
    names = dict(zip(SCORES, theme.stacked([areas[kind][-1] for kind in SCORES], 0.075 * (high - low + 2 * room))))
    notes = [
        theme.note(
            f"<b>{words[f'score_{kind}']}</b>" if kind == score else words[f"score_{kind}"], x[-1], names[kind], size=14,
            color="text" if kind == score else "muted", xanchor="left", xshift=12, ground=False,
        )
        for kind in SCORES
    ]  # fmt: skip
    figure = go.Figure(
        traces,
        theme.layout(
            words["title_area"], _HEIGHT, margin=dict(l=58, r=96, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis_to(right, words["tick_hard"], words["axis_alpha"]),
            yaxis=theme.axis(range=[max(0, low - room), high + room], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas)} | {f"aurc_{kind}": [one.curves[kind].aurc for one in networks.values()] for kind in SCORES}
    for end in ("low", "high"):
        table[f"difference_{end}"] = [
            getattr(one.against_hard[score], end) if one.against_hard else 0.0 for one in networks.values()
        ]
    alt = tuple(_said(alpha, one, score, words) for alpha, one in networks.items())
    return LiveFigure(figure, alt, table, Frames(alphas, moves), narrow={"height": 330, "title.font.size": 15})


def findings(networks: Mapping[float, Selected], score: str, words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The headline and the sentence below it for every alpha: what errors are left among the surest answers."""
    hard = next(iter(networks.values())).curves[score].risk_at(FEW)
    heads, subs = [], []
    for alpha, one in networks.items():
        known = {
            "alpha": numbers.alpha_text(alpha),
            "count": numbers.whole(len(one.curves[score].risk)),
            "score": words[f"score_in_{score}"],
        }
        known |= {"few": numbers.percent(one.curves[score].risk_at(FEW), 1), "hard": numbers.percent(hard, 1)}
        if (found := one.against_hard) is None:
            heads.append(words["head_hard"].format(**known))
            subs.append(words["sub_hard"].format(**known))
            continue
        difference = found[score]
        verdict = ("equal", "worse", "better")[side(difference.low, difference.high)]
        known |= {name: numbers.points(getattr(difference, name)) for name in ("difference", "low", "high")}
        heads.append(words["head"].format(**known))
        subs.append(words["sub"].format(**known, verdict=words[f"verdict_{verdict}"]))
    return heads, subs


def _said(alpha: float, one: Selected, score: str, words: Mapping[str, str]) -> str:
    text = words["hover_area"].format(alpha=numbers.alpha_text(alpha), aurc=numbers.percent(one.curves[score].aurc, 2))
    if one.against_hard is None:
        return text
    found = one.against_hard[score]
    return text + words["hover_against"].format(
        difference=numbers.points(found.difference), low=numbers.points(found.low), high=numbers.points(found.high)
    )


def drawn(curve: RiskCoverage) -> tuple[np.ndarray, np.ndarray]:
    """Coverage and risk in per cent at evenly spaced ranks, from 4 % of the images on: before that a single error rules."""
    n = len(curve.risk)
    ranks = np.unique(np.linspace(max(1, round(0.04 * n)), n, _POINTS).round().astype(int))
    return 100 * curve.coverage[ranks - 1], 100 * curve.risk[ranks - 1]
