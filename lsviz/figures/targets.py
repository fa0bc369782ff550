"""Soft targets drawn: the bars a network is told, the best logit gap, and that gap over alpha and N."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lsviz.core import smoothing
from lsviz.core.smoothing.target_rows import TargetRows
from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, Frames, LiveFigure, Move, escape

LOG_FLOOR = 1e-6  # left end of the logarithmic probability axis
NOTES_UNTIL = 0.45  # where the bars of the other classes reach further along the axis, the notes beside them give way
LINE = 19  # height of one line of a note, px


def targets_figure(rows: TargetRows, names: Sequence[str], words: Mapping[str, str], log: bool = False) -> LiveFigure:
    """Rows of classes: the smoothed target as a bar inside the outline of the hard one. `names` are those of the shown rows."""
    labels, axis, alphas = _labels(rows, names, words), _Axis(log), np.asarray(rows.alphas)
    values, at = rows.values, rows.at
    lengths = axis.place(values)
    labelled = [_label_places(row, at, axis.end) for row in lengths]
    texts = [_shares(row, at) for row in values]
    name_room = 12 + 8 * max(map(numbers.letters, labels))  # px, "997 more, each" is the longest
    free = [bool(f <= NOTES_UNTIL * axis.end) for f in axis.place(rows.off)]
    figure = go.Figure(
        [
            *_hard_outlines(len(labels), at, axis.end),
            go.Bar(orientation="h", y=_places(labels), x=lengths[0], width=0.52, marker=dict(color=theme.HARD), hoverinfo="skip"),
            _bar_labels(lengths[0], texts[0], labelled[0], at),
            _at_the_end(axis.end, at),
        ],
        theme.layout(
            words["bars_title"].format(name=labels[at]),
            412,
            barmode="overlay",
            margin=dict(l=max(116, name_room), r=60, t=40, b=52),
            xaxis=axis.drawn(words["probability"]),
            yaxis=_class_axis(labels, at),
            annotations=_beside_the_bar(len(labels), at, axis.end),
        ),
    )
    moves = (
        Move(2, "x", lengths),
        Move(2, "marker.color", [theme.alpha_color(a) for a in alphas]),
        Move(3, "x", lengths),
        Move(3, "text", texts),
        Move(3, "textposition", [position for position, _ in labelled]),
        Move(3, "textfont.color", [color for _, color in labelled]),
        Move(4, "text", [[f" {numbers.percent(1)}"] if a > 0 else [""] for a in alphas]),
    )
    return LiveFigure(
        figure,
        _bars_alt(rows, labels[at], words),
        _bars_table(rows, labels[at], words),
        Frames(rows.alphas, moves, _said_beside(rows, free, words)),
        narrow={"height": 360, "margin.l": max(96, name_room), "margin.r": 54, "title.font.size": 16},
    )


@dataclass(frozen=True)
class _Axis:
    """The axis of probability, straight or by powers of ten from LOG_FLOOR on."""

    log: bool

    def place(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log10(np.maximum(probability, LOG_FLOOR) / LOG_FLOOR) if self.log else probability

    @property
    def end(self) -> float:
        """Where certainty lies."""
        return float(self.place(np.array(1.0)))

    def drawn(self, title: str) -> dict:
        ticks = [1e-6, 1e-4, 1e-2, 1] if self.log else [0, 0.25, 0.5, 0.75, 1]
        said = [numbers.percent(v) if v else "0" for v in ticks]
        places = [float(self.place(np.array(v))) for v in ticks]
        return theme.axis(range=[0, self.end], tickvals=places, title=title, ticktext=said)


def _labels(rows: TargetRows, names: Sequence[str], words: Mapping[str, str]) -> list[str]:
    labels = [escape(name) for name in names]
    labels += [words["others_each"].format(count=numbers.whole(rows.folded))] if rows.folded else []
    return labels + ([words["padding"]] if rows.padded else [])


def _places(labels: Sequence[str]) -> NDArray[np.float64]:
    return np.arange(len(labels), dtype=float)


def _shares(row: NDArray[np.float64], at: int) -> list[str]:
    return [f" <b>{numbers.percent(v)}</b> " if i == at else f" {numbers.percent(v)}" for i, v in enumerate(row)]


def _hard_outlines(count: int, at: int, end: float) -> list[go.Bar | go.Scatter]:
    """What hard targets tell: all to the true class, as an empty bar, and a stroke at zero for each other one."""
    outline = dict(color="rgba(0,0,0,0)", line=dict(color=theme.HARD, width=2))
    none = [(x, i + side) for i in range(count) if i != at for x, side in ((0, -0.37), (0, 0.37), (None, 0))]
    x, y, line = [x for x, _ in none], [place for _, place in none], dict(color=theme.HARD, width=2.5)
    return [
        go.Bar(orientation="h", y=[at], x=[end], width=0.74, hoverinfo="skip", marker=outline),
        go.Scatter(mode="lines", x=x, y=y, hoverinfo="skip", cliponaxis=False, line=line),
    ]


def _bar_labels(lengths: NDArray[np.float64], texts: list[str], labelled: tuple[list[str], list[str]], at: int) -> go.Scatter:
    positions, colors = labelled
    font = dict(size=[19 if i == at else 15 for i in range(len(texts))], color=colors)
    return go.Scatter(
        mode="text",
        x=lengths,
        y=_places(texts),
        text=texts,
        textposition=positions,
        hoverinfo="skip",
        cliponaxis=False,
        textfont=font,
    )


def _at_the_end(end: float, at: int) -> go.Scatter:
    """The hard target's 100 %, beside its outline, for when the true bar no longer says it."""
    font = dict(size=15, color=theme.token("hard"))
    return go.Scatter(
        mode="text", x=[end], y=[at], text=[""], textposition="middle right", hoverinfo="skip", cliponaxis=False, textfont=font
    )


def _class_axis(labels: Sequence[str], at: int) -> dict:
    return theme.axis(
        range=[len(labels) - 0.45, -0.55], tickvals=list(range(len(labels))), showgrid=False,
        ticktext=[f"<b>{name}</b>" if i == at else name for i, name in enumerate(labels)],
        tickfont=dict(size=15, color=theme.token("text")),
    )  # fmt: skip


def _beside_the_bar(count: int, at: int, end: float) -> list[dict]:
    """Room for two notes, on the side of the true bar that has more rows."""
    down = at <= (count - 1) / 2
    edge, sign = at + (0.4 if down else -0.4), -1 if down else 1
    beside: dict[str, Any] = dict(xanchor="right", yanchor="top" if down else "bottom", align="right", ground=False)
    return [
        theme.note("", end, edge, color="hard", yshift=sign * 4, **beside),
        theme.note("", end, edge, color="soft", yshift=sign * (4 + 2.8 * LINE), **beside),
    ]


def _said_beside(rows: TargetRows, free: Sequence[bool], words: Mapping[str, str]) -> dict[str, list[str]]:
    """Both notes at every stop, where there is room: what the true class is told, and what is left for the others."""
    note = words["soft_note_binary" if rows.convention == "binary" else "soft_note"]
    others = rows.real - 1
    soft = [
        note.format(count=numbers.whole(others), share=numbers.percent(others * off), each=numbers.percent(off))
        if alpha > 0 and rows.real > 2 and room
        else ""
        for alpha, off, room in zip(rows.alphas, rows.off, free)
    ]
    return {"annotations[0].text": [words["hard_note"] if room else "" for room in free], "annotations[1].text": soft}


def _bars_alt(rows: TargetRows, name: str, words: Mapping[str, str]) -> tuple[str, ...]:
    said = words["bars_alt"]
    return tuple(
        said.format(alpha=numbers.alpha_text(alpha), true=numbers.percent(true), off=numbers.percent(off), name=name)
        for alpha, true, off in zip(rows.alphas, rows.true, rows.off)
    )


def _bars_table(rows: TargetRows, name: str, words: Mapping[str, str]) -> dict[str, Column]:
    count = len(rows.alphas)
    return {
        "alpha": np.repeat(rows.alphas, 2),
        "class": [name, words["every_other"]] * count,
        "classes": [1, rows.real - 1] * count,
        "hard_target": [1, 0] * count,
        "soft_target": np.stack([rows.true, rows.off], axis=1).ravel(),
    }


def _label_places(lengths: np.ndarray, at: int, end: float) -> tuple[list[str], list[str]]:
    """The true bar carries its value inside while it is long enough, the others beside theirs."""
    inside = lengths[at] > 0.22 * end
    positions = ["middle left" if i == at and inside else "middle right" for i in range(len(lengths))]
    colors = ["#ffffff" if i == at and inside else theme.token("text") for i in range(len(lengths))]
    return positions, colors


GAP_TOP = 15.8  # upper end of the gap axis: room for the arrow that has no limit
NAMES_AT = float(np.sqrt(0.5))  # the curves' names stand in one column
NAME_HEIGHT = 1.1  # how far apart names must be, in logits, on the smallest plot


def margin_figure(stops: Sequence[float], num_classes: int, words: Mapping[str, str], convention: str = "uniform") -> LiveFigure:
    """The best logit gap over alpha for this N, other N in grey, the selected alpha as a dot that carries its value."""
    alphas = np.asarray(stops)
    axis = np.linspace(0.02, 0.9995, 120)
    counts = {num_classes, 10, 100, 1000, 10 if convention == "others_no_pad" else 2}
    half = {n: float(smoothing.optimal_logit_margin(n, 0.5, convention)) for n in counts}
    others = [n for n in sorted(half) if abs(half[n] - half[num_classes]) > NAME_HEIGHT]  # none is left under "binary"
    traces, notes = [], []
    for n in (*others, num_classes):
        ours = n == num_classes
        line = dict(color=theme.token("text") if ours else theme.CONTEXT, width=3 if ours else 1.2)
        hover = dict(hovertemplate=words["gap_hover"] + "<extra></extra>") if ours else dict(hoverinfo="skip")
        traces.append(
            go.Scatter(mode="lines", x=axis, y=smoothing.optimal_logit_margin(n, axis**2, convention), line=line, **hover)
        )
        name = words["curve_name"].format(count=numbers.whole(n))
        notes.append(
            theme.note(
                f"<b>{name}</b>" if ours else name, NAMES_AT, half[n], size=14 if ours else 13, color="text" if ours else "muted"
            )
        )
    gaps = np.asarray(smoothing.optimal_logit_margin(num_classes, alphas, convention))
    shown = np.isfinite(gaps)
    x, y = np.sqrt(alphas), np.where(shown, gaps, np.nan)
    traces += [
        go.Scatter(mode="lines", x=[0, 0, 0], y=[None] * 3, line=dict(color=theme.token("muted"), width=1.2, dash="2px,3px"), hoverinfo="skip"),
        go.Scatter(
            mode="markers", x=[0], y=[None], hoverinfo="skip", cliponaxis=False,
            marker=dict(size=15, color=theme.HARD, line=dict(width=2.5, color=theme.token("bg"))),
        ),
    ]  # fmt: skip
    legs, dot, value = len(traces) - 2, len(traces) - 1, len(notes)
    # A curve's name makes way for the dot and its value (sizes in units of the axes, on the smallest plot).
    names = {
        f"annotations[{i}].visible": [
            not (s and -0.12 < u - NAMES_AT < 0.12 and -0.9 < v - note["y"] < 0.9)
            and not (s and -0.31 < u - NAMES_AT < 0.09 and -2.3 < v - note["y"] < 0.4)
            for s, u, v in zip(shown, x, y)
        ]
        for i, note in enumerate(notes)
    }
    notes += [
        theme.note("", 0, 0, size=19, color="text", xanchor="left", yanchor="bottom", xshift=7, yshift=4),
        dict(x=0, y=GAP_TOP - 0.5, ax=0, ay=34, text="", showarrow=True, arrowhead=2, arrowwidth=2.5, arrowcolor=theme.HARD),
        theme.note(words["no_limit"], 0.03, GAP_TOP - 0.8, color="hard", xanchor="left", yanchor="middle"),
    ]
    moves = (
        Move(legs, "x", np.stack([0 * x, x, x], axis=1)),
        Move(legs, "y", np.stack([y, y, np.where(shown, 0, np.nan)], axis=1)),
        Move(dot, "x", x[:, None]),
        Move(dot, "y", y[:, None]),
        Move(dot, "marker.color", [theme.alpha_color(a) for a in alphas]),
    )
    value_moves = {
        f"annotations[{value}].x": x,
        f"annotations[{value}].y": np.where(shown, gaps, 0),
        f"annotations[{value}].text": [f"<b>{numbers.gap(g)}</b>" if s else "" for g, s in zip(gaps, shown)],
    }
    figure = go.Figure(
        traces,
        theme.layout(
            words["gap_title"], 412, margin=dict(l=44, r=54, t=40, b=52), annotations=notes,
            xaxis=theme.alpha_axis(title=words["alpha_axis"]),
            yaxis=theme.axis(range=[min(0, float(np.nanmin(y)) - 0.3), GAP_TOP], tickvals=[0, 4, 8, 12]),
        ),
    )  # fmt: skip
    alt = tuple(
        words["gap_alt_hard"]
        if a == 0
        else words["gap_alt"].format(alpha=numbers.alpha_text(a), gap=numbers.gap(g), count=num_classes)
        for a, g in zip(alphas, gaps)
    )
    table: dict[str, Column] = {"alpha": alphas, "num_classes": [num_classes] * len(alphas), "optimal_logit_margin": gaps}
    return LiveFigure(
        figure, alt, table, Frames(tuple(stops), moves, value_moves | names),
        narrow={"height": 330, "margin.l": 34, "title.font.size": 16},
    )  # fmt: skip


def margin_map_figure(
    stops: Sequence[float], num_classes: int, words: Mapping[str, str], convention: str = "uniform"
) -> LiveFigure:
    """The best logit gap over alpha and N as a heat map with its contour lines; a dot follows the current point."""
    alphas = np.asarray(stops)
    x = np.linspace(0.02, 0.9995, 48)
    counts = np.unique(np.rint(np.logspace(np.log10(3 if convention == "others_no_pad" else 2), 3, 40)))
    table = np.asarray(smoothing.optimal_logit_margin(counts[:, None], x[None, :] ** 2, convention))
    gaps = np.asarray(smoothing.optimal_logit_margin(num_classes, alphas, convention))
    figure = go.Figure(
        [
            go.Heatmap(
                x=x, y=np.log10(counts), z=np.round(table, 3), zmin=0, zmax=12, showscale=False, zsmooth="best",
                colorscale=[[0, "#f4f5f3"], [1, "#7b828d"]], customdata=np.broadcast_to(counts[:, None], table.shape),
                hovertemplate=words["map_hover"] + "<extra></extra>",
            ),
            go.Contour(
                x=x, y=np.log10(counts), z=np.round(table, 3), showscale=False, hoverinfo="skip", line=dict(color="#1b1e24", width=1),
                contours=dict(coloring="none", start=2, end=10, size=2, showlabels=True, labelfont=dict(size=14, color="#1b1e24")),
            ),
            go.Scatter(
                mode="markers+text", x=[0], y=[np.log10(num_classes)], text=[""], textposition="top center", hoverinfo="skip", cliponaxis=False,
                marker=dict(size=16, color=theme.HARD, line=dict(width=2.5, color="#1b1e24")), textfont=dict(size=18, color="#1b1e24"),
            ),
        ],
        theme.layout(
            words["map_title_binary" if convention == "binary" else "map_title"], 360, margin=dict(l=64, r=16, t=40, b=52),
            xaxis=theme.alpha_axis(title=words["alpha_axis"], range=[0, 1]),
            yaxis=theme.axis(
                title=words["count_axis"], showgrid=False, ticklen=12, range=[np.log10(2), 3],
                tickvals=[float(np.log10(v)) for v in (2, 5, 10, 50, 100, 1000)], ticktext=["2", "5", "10", "50", "100", numbers.whole(1000)],
            ),
        ),
    )  # fmt: skip
    high = num_classes > 300
    moves = (
        Move(2, "x", np.sqrt(alphas)[:, None]),
        Move(2, "text", [[f"<b>{numbers.gap(g)}</b>"] for g in gaps]),
        Move(
            2,
            "textposition",
            [[f"{'bottom' if high else 'top'} {'left' if a > 0.6 else 'right' if a < 0.02 else 'center'}"] for a in alphas],
        ),
        Move(2, "marker.color", [theme.alpha_color(a) for a in alphas]),
    )
    alt = tuple(
        words["map_alt"].format(alpha=numbers.alpha_text(a), count=num_classes, gap=numbers.gap(g)) for a, g in zip(alphas, gaps)
    )
    grid = {
        "alpha": np.tile(x**2, len(counts)),
        "num_classes": np.repeat(counts, len(x)).astype(int),
        "optimal_logit_margin": table.ravel(),
    }
    return LiveFigure(figure, alt, grid, Frames(tuple(stops), moves), narrow={"height": 320, "title.font.size": 16})


def negative_figure(num_classes: int, r: float, words: Mapping[str, str]) -> LiveFigure:
    """Negative smoothing: the target of the true class above 1 and of the others below 0 (Wei et al. 2022)."""
    true, off = smoothing.target_probabilities(num_classes, r, allow_negative=True)
    figure = go.Figure(
        [
            go.Bar(
                orientation="h", y=[0, 1], x=[true, off], width=0.52, marker=dict(color=theme.CONTEXT),
                text=[f" {numbers.percent(true)} ", f" {numbers.percent(off)} "], textposition="outside", textfont=dict(size=16, color=theme.token("text")),
                hoverinfo="skip", cliponaxis=False,
            )
        ],
        theme.layout(
            words["negative_title"].format(r=f"{r:g}".replace("-", numbers.MINUS)), 190, margin=dict(l=116, r=60, t=40, b=36),
            xaxis=theme.axis(range=[-0.7, 2.2], tickvals=[0, 1, 2], ticktext=["0", numbers.percent(1), numbers.percent(2)], zeroline=True, zerolinecolor=theme.token("muted")),
            yaxis=theme.axis(range=[1.5, -0.5], tickvals=[0, 1], ticktext=[words["true_class"], words["every_other"]], showgrid=False, tickfont=dict(size=15, color=theme.token("text"))),
        ),
    )  # fmt: skip
    alt = (words["negative_alt"].format(r=f"{r:g}", true=numbers.percent(true), off=numbers.percent(off)),)
    return LiveFigure(figure, alt, {"class": ["true", "other"], "target": [true, off]}, narrow={"margin.l": 96})
