"""Figures of one network from outside, beside another if there is one: the known ones at rest, and risk over coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
from numpy.typing import NDArray

from lsviz.core.calibration.assessment import Scaled
from lsviz.core.calibration.diagram_numbers import DiagramNumbers
from lsviz.core.comparing.selective import RiskCoverage
from lsviz.core.picture import Picture
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.clusters import cluster_figure
from lsviz.figures.live import LiveFigure, escape
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.selective import drawn
from lsviz.figures.temperature import temperature_figure
from lsviz.figures.theme import token

OTHER, MINE = 0.0, 0.1  # where the known figures expect an alpha: the one that stands, the one in the colour of smoothing


def yours_diagram(
    mine: DiagramNumbers, other: DiagramNumbers | None, names: tuple[str, str], words: Mapping[str, str]
) -> LiveFigure:
    """The reliability diagram, whose room is for two short words; `names` of the two networks, text from outside, go into its data."""
    said = {**words, "hard": words["other"], "smoothed": words["this"]}
    return at_rest(reliability_figure(({OTHER: other} if other else {}) | {MINE: mine}, said), names)


def yours_temperature(scaled: Scaled, names: tuple[str, str], words: Mapping[str, str]) -> LiveFigure:
    """ECE and NLL over the temperature."""
    live = at_rest(temperature_figure({MINE: scaled}, scaled.curve.fitted, words), names)
    over = scaled.curve.temperatures
    decades = [10.0**k for k in range(-3, 4)] if over[0] < 0.25 or over[-1] > 8.01 else [0.25, 0.5, 1, 2, 4, 8]
    live.figure.update_layout(  # one curve alone: there is room for all of it
        yaxis=dict(range=[0, 105 * float(scaled.curve.ece.max())], nticks=4),
        xaxis=dict(range=np.log10(over[[0, -1]]).tolist(), tickvals=decades, ticktext=[f"{tick:g}" for tick in decades]),
    )
    return live


def at_rest(live: LiveFigure, names: tuple[str, str]) -> LiveFigure:
    """A figure made for the dock, without what moves: the other network in grey, and names in the place of alphas."""
    text = pio.to_json(live.at(MINE), validate=False).replace(theme.HARD, theme.CONTEXT).replace(token("hard"), token("muted"))
    figure = go.Figure(pio.from_json(text, skip_invalid=False))
    last = len(live.alt) - 1
    table = {("network" if key == "alpha" else key): ([names[0] if value == MINE else names[1] for value in column] if key == "alpha" else column)
             for key, column in live.table.items()}  # fmt: skip
    return replace(live, figure=figure, frames=None, alt=(live.alt[last],), table=table)


def yours_coverage(mine: RiskCoverage, other: RiskCoverage | None, names: tuple[str, str], words: Mapping[str, str]) -> LiveFigure:
    """Error rate among the answered over coverage, per cent, sorted by the network's own probability."""
    curves = [(*drawn(mine), theme.alpha_color(MINE), names[0], mine)] + (
        [(*drawn(other), theme.CONTEXT, names[1], other)] if other else []
    )
    top = 1.16 * max(float(y.max()) for _, y, *_ in curves) or 1.0
    traces = [
        go.Scatter(
            mode="lines",
            x=x,
            y=y,
            line=dict(width=4 if i == 0 else 3, color=color),
            hovertemplate=f"%{{y:.1f}}{percent_sign()}<extra></extra>",
        )
        for i, (x, y, color, *_) in enumerate(curves)
    ][::-1]
    notes = [
        theme.note(f"<b>{escape(name)}</b> {numbers.percent(curve.aurc, 1)}", 0.02, 0.97 - 0.09 * i, xref="paper", yref="paper", color="soft" if i == 0 else "muted",
                   size=15, xanchor="left", yanchor="top")
        for i, (*_, name, curve) in enumerate(curves)
    ]  # fmt: skip
    figure = go.Figure(
        traces,
        theme.layout(
            words["title_coverage"], 430, margin=dict(l=58, r=14, t=44, b=54), annotations=notes,
            xaxis=theme.axis(title=words["axis_coverage"], range=[0, 101], ticksuffix=percent_sign(), showgrid=False, nticks=6),
            yaxis=theme.axis(range=[0, top], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    alt = words["alt_coverage"].format(
        few=numbers.percent(mine.risk_at(0.2), 1), all=numbers.percent(mine.risk_at(1), 1), aurc=numbers.percent(mine.aurc, 1)
    )
    table = {name: [value for curve in curves for value in pick(curve)] for name, pick in (
        ("network", lambda c: [c[3]] * len(c[0])), ("coverage", lambda c: c[0] / 100), ("risk", lambda c: c[1] / 100))}  # fmt: skip
    return LiveFigure(figure, (alt,), table, narrow={"height": 340, "title.font.size": 15})


def yours_plane(picture: Picture, names: Sequence[str], words: Mapping[str, str]) -> LiveFigure:
    """Activations of three classes on the plane through their templates; `names` are those of the three."""
    return at_rest(cluster_figure([picture], names, (0, 1, 2), words), ("", ""))


def yours_planes(pictures: Sequence[Picture], names: Sequence[str], words: Mapping[str, str]) -> tuple[LiveFigure, LiveFigure]:
    """The same rows in a series of networks, by rising alpha: the lowest alpha, standing, and the one that follows alpha."""
    make = lambda pinned: cluster_figure(pictures, names, (0, 1, 2), words, pinned=pinned)
    return make(True), make(False)


def yours_map(
    layout: NDArray, labels: NDArray, predicted: NDArray, rows: NDArray, names: tuple[str, ...], words: Mapping[str, str]
) -> LiveFigure:
    """A layout (n, 2) of one network's activations, coloured by class, of the classes that have rows."""
    present, places = np.unique(labels, return_inverse=True)
    picture = Picture(MINE, layout.astype(float), places, [names[k] for k in predicted], rows)
    said = {**words, "panel_soft": words["panel_map"]}
    return at_rest(cluster_figure([picture], [names[k] for k in present], tuple(present.tolist()), said), ("", "")).resized(430)
