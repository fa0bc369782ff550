"""The foretold gap as a dashed line in its band, the measured gaps as dots with their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from lsviz.core.calibration.assessment import Assessment
from lsviz.core.calibration.foretold import Closing, Interval
from lsviz.core.comparing.changes import Change
from lsviz.figures import numbers, theme
from lsviz.figures.live import LiveFigure
from lsviz.figures.theme import token


def foretold_figure(
    networks: Mapping[float, Assessment], gaps: Mapping[float, Interval], closing: Closing, crossing: float | None, words: Mapping[str, str]
) -> LiveFigure:  # fmt: skip
    """Gaps in points over alpha; `crossing` is the alpha at which the measured ones close, None where they do not."""
    x = [float(theme.alpha_position(alpha)) for alpha in gaps]
    line, low, high = ([100 * values[i] for values in gaps.values()] for i in range(3))
    seen = [float(theme.alpha_position(alpha)) for alpha in networks]
    ends = [(100 * one.gap_low, 100 * one.gap_high) for one in networks.values()]
    traces = [
        go.Scatter(
            mode="lines", x=[*x, *x[::-1]], y=[*high, *low[::-1]], fill="toself", fillcolor=token("line"), opacity=0.5,
            line=dict(width=0), hoverinfo="skip",
        ),
        go.Scatter(mode="lines", x=x, y=line, line=dict(width=2.5, dash="dash", color=token("text")), hoverinfo="skip"),
        go.Scatter(mode="lines", x=[x[0], x[-1]], y=[0, 0], line=dict(width=1.5, color=token("muted")), hoverinfo="skip"),
        go.Scatter(
            mode="lines", x=[v for place in seen for v in (place, place, None)], y=[v for a, b in ends for v in (a, b, None)],
            line=dict(width=2, color=token("muted")), hoverinfo="skip",
        ),
        go.Scatter(
            mode="markers", x=seen, y=[100 * one.signed_gap for one in networks.values()], cliponaxis=False,
            marker=dict(size=11, color=[theme.alpha_color(alpha) for alpha in networks], opacity=1, line=dict(width=1.5, color=token("bg"))),
            text=[numbers.points(one.signed_gap) for one in networks.values()], customdata=[numbers.alpha_text(alpha) for alpha in networks],
            hovertemplate=words["hover_gap"] + "<extra></extra>",
        ),
    ]  # fmt: skip
    at = lambda alpha: numbers.alpha_text(round(alpha, 2))
    known = dict(alpha=at(closing.alpha), low=at(closing.low), high=at(closing.high))
    said = words["foretold_open" if crossing is None else "foretold_title"].format(**known, measured=at(crossing or 0))
    bottom, top = min(*low, *(a for a, _ in ends)), max(*high, *(b for _, b in ends))
    room = 0.08 * (top - bottom)
    notes = [
        theme.note(words["foretold_line"], x[-1], line[-1], size=13, xanchor="left", xshift=10, ground=False),
        theme.note(words["foretold_dots"], seen[-1], 100 * list(networks.values())[-1].signed_gap, size=13, xanchor="left", xshift=10, ground=False),
    ]  # fmt: skip
    if abs(notes[0]["y"] - notes[1]["y"]) < room:  # two names in one place
        higher = max(notes, key=lambda note: note["y"])
        higher["yanchor"], min(notes, key=lambda note: note["y"])["yanchor"] = "bottom", "top"
    figure = go.Figure(
        traces,
        theme.layout(
            f"<b>{said}</b>", 370, margin=dict(l=56, r=16, t=44, b=54), annotations=notes,
            xaxis=theme.alpha_axis_to(x[-1] + 0.22, words["tick_hard"], words["axis_alpha"]),
            yaxis=theme.axis(range=[bottom - room, top + room], nticks=6),
        ),
    )  # fmt: skip
    table = {
        "alpha": list(networks),
        "gap": [one.signed_gap for one in networks.values()],
        "gap_low": [one.gap_low for one in networks.values()],
        "gap_high": [one.gap_high for one in networks.values()],
        **{f"foretold{end}": [gaps[alpha][i] for alpha in networks] for i, end in enumerate(("", "_low", "_high"))},
    }
    return LiveFigure(figure, (said,), table, narrow={"height": 340, "title.font.size": 14, "xaxis.range": [-0.05, x[-1] + 0.4]})


def foretold_in_words(alpha: float, change: Change, words: Mapping[str, str]) -> str:
    """Whether the gap measured at alpha is the one foretold."""
    ends = {
        name: numbers.points(value)
        for name, value in (("difference", change.difference), ("low", change.low), ("high", change.high))
    }
    told = {"told": numbers.points(change.first), "measured": numbers.points(change.second)}
    return words[f"foretold_{change.moved}"].format(alpha=numbers.alpha_text(alpha), **told, **ends)
