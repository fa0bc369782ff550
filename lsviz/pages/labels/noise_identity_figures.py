"""Noise and smoothing as one thing, in closed form: which alpha equals which flip rate, what undoes it, and the three losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core.smoothing import (
    alpha_to_noise_rate,
    backward_correction_rate,
    noise_rate_to_alpha,
    transition_matrix,
)
from lsviz.core.smoothing.label_noise import corrections_at_margin
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.figures.theme import token
from lsviz.pages.labels.wrong_labels_figures import NEGATIVE

_HEIGHT = 350
_MOST_SMOOTHED = 0.9  # beyond, r = -a/(1-a) runs away
_LEAST_SHOWN = -1.25  # of the smoothing parameter
_LOSS = (-2.0, 6.5)


def identity_figure(stops: Sequence[float], num_classes: int, rates: Sequence[float], words: Mapping[str, str]) -> LiveFigure:
    """Flip rate against the smoothing that equals it on average, a = rho N/(N-1), and against the one that undoes it, r = -a/(1-a).

    `rates` are the stored networks' noise rates, drawn on both curves; the two large dots follow alpha.
    """
    alphas = np.array([alpha for alpha in stops if alpha <= _MOST_SMOOTHED])
    rate = np.asarray(alpha_to_noise_rate(alphas, num_classes))
    undone = np.array([backward_correction_rate(float(alpha)) for alpha in alphas])
    fine = np.linspace(0, float(alpha_to_noise_rate(_MOST_SMOOTHED, num_classes)), 90)
    smoothing = np.asarray(noise_rate_to_alpha(fine, num_classes))
    backward = np.array([backward_correction_rate(float(a)) for a in smoothing])
    rates = [
        rate for rate in rates if rate <= alpha_to_noise_rate(_MOST_SMOOTHED, num_classes)
    ]  # two classes: .6 is worse than chance
    seen = np.array([noise_rate_to_alpha(rate, num_classes) for rate in rates])
    x = np.array([*rates, *rates]) * 100
    y = np.array([*seen, *(backward_correction_rate(float(a)) for a in seen)])
    inside = y > _LEAST_SHOWN
    shown = np.where(undone > _LEAST_SHOWN, undone, np.nan)
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    ring = dict(size=17, opacity=1, line=dict(width=2.5, color=token("text")))
    traces = [
        go.Scatter(mode="lines", x=100 * fine, y=smoothing, line=dict(color=token("text"), width=3), hovertemplate=f"%{{x:.1f}}{percent_sign()}: %{{y:.3f}}<extra></extra>"),
        go.Scatter(mode="lines", x=100 * fine, y=np.where(backward > _LEAST_SHOWN, backward, np.nan), line=dict(color=NEGATIVE, width=3, dash="dash"), hovertemplate=f"%{{x:.1f}}{percent_sign()}: %{{y:.3f}}<extra></extra>"),
        go.Scatter(mode="markers", x=x[inside], y=y[inside], marker=dict(size=9, color=theme.CONTEXT, opacity=1, line=dict(width=1.5, color=token("bg"))), hovertemplate="%{x:.0f} %: %{y:.3f}<extra></extra>"),
        go.Scatter(mode="markers", x=100 * rate[:1], y=alphas[:1], marker=ring | dict(color=colors[0]), hoverinfo="skip", cliponaxis=False),
        go.Scatter(mode="markers", x=100 * rate[:1], y=shown[:1], marker=ring | dict(color=NEGATIVE), hoverinfo="skip", cliponaxis=False),
    ]  # fmt: skip
    end = float(100 * fine[-1])
    notes = [
        theme.note(words["identity_smoothing"], 0.02 * end, 0.92, color="text", size=14, xanchor="left", ground=False),
        theme.note(words["identity_backward"], 0.4 * end, -0.4, color="under", size=14, xanchor="left", ground=False),
    ]
    title = [
        words["title_identity"].format(
            alpha=numbers.alpha_text(a), rate=numbers.percent(p, 1), r=f"{r:.2f}".replace("-", numbers.MINUS)
        )
        for a, p, r in zip(alphas, rate, undone)
    ]
    moves = (
        Move(3, "x", 100 * rate[:, None]),
        Move(3, "y", alphas[:, None]),
        Move(3, "marker.color", colors),
        Move(4, "x", 100 * rate[:, None]),
        Move(4, "y", shown[:, None]),
    )
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=52, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_rate"], range=[0, 1.02 * end], ticksuffix=percent_sign(), nticks=6, showgrid=False),
            yaxis=theme.axis(range=[_LEAST_SHOWN, 1.05], tickvals=[-1, -0.5, 0, 0.5, 1], ticktext=["−1", "−0.5", "0", "0.5", "1"], zeroline=True, zerolinecolor=token("muted")),
        ),
    )  # fmt: skip
    table = {"alpha": list(alphas), "flip_rate": list(rate), "undone_by_r": list(undone)}
    frames = Frames(tuple(float(a) for a in alphas), moves, {"title.text": [f"<b>{text}</b>" for text in title]})
    return LiveFigure(
        figure, tuple(title), table, frames, narrow={"height": 320, "title.font.size": 14, "annotations[1].font.size": 12}
    )


def corrections_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> LiveFigure:
    """Loss over the logit margin of the labelled class: hard, noise put into the targets, into the model, or undone in the loss."""
    alphas = tuple(alpha for alpha in stops if alpha <= _MOST_SMOOTHED)
    margin = np.linspace(-4, 14, 73)
    each = [corrections_at_margin(margin, transition_matrix(num_classes, alpha)) for alpha in alphas]
    hard = corrections_at_margin(margin, np.eye(num_classes))["smoothed"]
    rows = {name: np.stack([one[name] for one in each]) for name in ("smoothed", "forward", "backward")}
    colors = [theme.alpha_color(alpha) for alpha in alphas]
    look = {
        "smoothed": dict(color=colors[0], width=3.5),
        "forward": dict(color=theme.CONTEXT, width=3, dash="dot"),
        "backward": dict(color=NEGATIVE, width=3, dash="dash"),
    }
    traces = [go.Scatter(mode="lines", x=margin, y=hard, line=dict(color=theme.HARD, width=2), hoverinfo="skip")]
    traces += [
        go.Scatter(
            mode="lines",
            x=margin,
            y=rows[name][0],
            line=look[name],
            hovertemplate=words[f"correction_{name}"] + " %{y:.2f}<extra></extra>",
        )
        for name in rows
    ]
    ends = {"smoothed": "soft", "forward": "muted", "backward": "under"}
    heights = [
        dict(zip(ends, theme.stacked([float(np.clip(rows[name][s][-1], *_LOSS)) for name in ends], 0.42)))
        for s in range(len(alphas))
    ]
    notes = [
        theme.note(
            words[f"correction_{name}"], margin[-1], heights[0][name], color=color, size=14, xanchor="left", xshift=8, ground=False
        )
        for name, color in ends.items()
    ]
    notes.append(theme.note(words["hard"], -3.4, float(hard[2]), color="hard", size=14, xanchor="left", xshift=14, ground=False))
    at_ten = int(np.searchsorted(margin, 10))
    title = [
        words["title_corrections"].format(
            alpha=numbers.alpha_text(a), **{name: f"{rows[name][s][at_ten]:.2f}".replace("-", numbers.MINUS) for name in rows}
        )
        for s, a in enumerate(alphas)
    ]
    moves = (*(Move(1 + i, "y", rows[name]) for i, name in enumerate(rows)), Move(1, "line.color", colors))
    layout = {"title.text": [f"<b>{text}</b>" for text in title]} | {
        f"annotations[{i}].y": [one[name] for one in heights] for i, name in enumerate(ends)
    }
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{title[0]}</b>", _HEIGHT, margin=dict(l=44, r=92, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_margin"], range=[-4, 14], nticks=6, showgrid=False),
            yaxis=theme.axis(range=list(_LOSS), nticks=6, zeroline=True, zerolinecolor=token("muted")),
        ),
    )  # fmt: skip
    table = {
        "alpha": [a for a in alphas for _ in margin],
        "margin": [float(m) for _ in alphas for m in margin],
        "hard": [float(v) for _ in alphas for v in hard],
    }
    table |= {name: rows[name].ravel().tolist() for name in rows}
    return LiveFigure(
        figure, tuple(title), table, Frames(alphas, moves, layout), narrow={"height": 320, "title.font.size": 14, "margin.r": 84}
    )
