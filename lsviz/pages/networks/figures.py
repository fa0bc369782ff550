"""How one stored network learned, and ECE over alpha beside what the literature reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers, theme
from lsviz.figures.live import LiveFigure
from lsviz.figures.theme import token


@dataclass(frozen=True)
class Reported:
    """ECE (fraction) over alpha as one source reports it: `kind` is measured, paper or replication."""

    name: str
    kind: str
    ece: Mapping[float, float]
    ends: Mapping[float, tuple[float, float]] | None = None  # interval at each alpha, where there is one
    tempered: tuple[float, float] | None = None  # (T, ECE) of its hard network after temperature scaling


_LOOKS = {"measured": ("text", "solid", "circle"), "paper": ("soft", "dot", "diamond"), "replication": ("muted", "dash", "square")}


def comparison_figure(sources: Sequence[Reported], words: Mapping[str, str]) -> LiveFigure:
    """ECE (per cent) against alpha, one line a source; a tick at alpha = 0 is its hard network after a temperature."""
    x = lambda alphas: [float(theme.alpha_position(alpha)) for alpha in alphas]
    traces, notes = [], []
    right = max(max(x(source.ece)) for source in sources)
    for source in sources:
        color, dash, symbol = _LOOKS[source.kind]
        places, values = x(source.ece), [100 * value for value in source.ece.values()]
        if source.ends:
            whiskers = [end for alpha in source.ece for end in (*(100 * value for value in source.ends[alpha]), None)]
            traces.append(
                go.Scatter(
                    mode="lines",
                    x=[v for place in places for v in (place, place, None)],
                    y=whiskers,
                    line=dict(color=token("muted"), width=1.5),
                    hoverinfo="skip",
                )
            )
        paint = [theme.alpha_color(alpha) for alpha in source.ece] if source.kind == "measured" else token(color)
        traces.append(
            go.Scatter(
                mode="lines+markers",
                x=places,
                y=values,
                line=dict(color=token(color), width=3 if source.kind == "measured" else 2, dash=dash),
                marker=dict(size=11 if source.kind == "measured" else 9, color=paint, symbol=symbol, opacity=1),
                cliponaxis=False,
                text=[
                    f"{source.name}, α = {numbers.alpha_text(alpha)}: {numbers.percent(value, 1)}"
                    for alpha, value in source.ece.items()
                ],
                hovertemplate="%{text}<extra></extra>",
            )
        )
        if source.tempered:
            temperature, value = source.tempered
            said = words["compare_tempered"].format(name=source.name, t=f"{temperature:g}", ece=numbers.percent(value, 1))
            traces.append(
                go.Scatter(
                    mode="markers",
                    x=[-0.025],
                    y=[100 * value],
                    text=[said],
                    hovertemplate="%{text}<extra></extra>",
                    cliponaxis=False,
                    marker=dict(size=16, symbol="line-ew", line=dict(width=3, color=token(color)), opacity=1),
                )
            )
        notes.append(
            theme.end_note(
                f"<b>{source.name.replace(', ', ',<br>')}</b>",
                places[-1],
                values[-1],
                right,
                color="text" if source.kind == "measured" else color,
            )
        )
    tops = [
        100 * value
        for source in sources
        for value in (*source.ece.values(), *(e for pair in (source.ends or {}).values() for e in pair))
    ]
    figure = go.Figure(
        traces,
        theme.layout(
            words["compare_title"], 380, margin=dict(l=56, r=16, t=40, b=54), annotations=notes,
            xaxis=theme.alpha_axis_to(right + 0.3, words["hard"], words["axis_alpha"]),
            yaxis=theme.axis(range=[0, 1.1 * max(tops)], ticksuffix=percent_sign(), nticks=6),
        ),
    )  # fmt: skip
    table: dict[str, list] = {"source": [], "kind": [], "alpha": [], "ece15": []}
    for source in sources:
        for alpha, value in source.ece.items():
            for column, entry in zip(table, (source.name, source.kind, alpha, value)):
                table[column].append(entry)
    said = "; ".join(
        f"{s.name}: "
        + ", ".join(
            words["compare_alt_point"].format(ece=numbers.percent(v, 1), alpha=numbers.alpha_text(a)) for a, v in s.ece.items()
        )
        for s in sources
    )
    narrow = {
        "height": 360, "title.text": figure.layout.title.text.replace(", ", ",<br>"), "title.font.size": 15, "title.pad.t": 20, "margin.t": 62,
        "xaxis.range": [-0.05, right + 0.45],
    }  # fmt: skip
    return LiveFigure(figure, (words["compare_alt"].format(said=said),), table, narrow=narrow)


def learning_figure(history: Mapping[str, Sequence[float]], quantity: str, run: str, words: Mapping[str, str]) -> LiveFigure:
    """`quantity` is nll or accuracy; train and test over the epochs, each named at its end."""
    epochs = list(history["epoch"])
    series = {name: list(history[f"{name}_{quantity}"]) for name in ("train", "test")}
    percent = quantity == "accuracy"
    top = 1.02 if percent else 1.05 * max(max(values) for values in series.values())
    colors = {"train": theme.alpha_color(0.1), "test": theme.token("text")}
    shown = {name: (numbers.percent(values[-1]) if percent else f"{values[-1]:.2f}") for name, values in series.items()}
    upper = max(series, key=lambda name: series[name][-1])

    def below(name: str) -> bool:  # a low loss ends near the axis, so its name stands above the line all the same
        return percent and name != upper

    traces = [
        go.Scatter(
            mode="lines", x=epochs, y=values, line=dict(color=colors[name], width=3 if name == "test" else 2),
            hovertemplate=f"{words[f'curves_{name}']}: %{{y:.3f}}<extra></extra>",
        )
        for name, values in series.items()
    ]  # fmt: skip
    notes = [
        theme.note(
            f"<b>{words[f'curves_{name}']}</b> {shown[name]}", epochs[-1], values[-1],
            color="soft" if name == "train" else "text", xanchor="right", yanchor="top" if below(name) else "bottom", yshift=-6 if below(name) else 6,
        )
        for name, values in series.items()
    ]  # fmt: skip
    marks = [0, 0.25, 0.5, 0.75, 1]
    ticks: dict[str, Any] = dict(tickvals=marks, ticktext=[numbers.percent(v) for v in marks]) if percent else dict(nticks=5)
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"curves_{quantity}"], 300, margin=dict(l=56, r=16, t=40, b=52), annotations=notes,
            xaxis=theme.axis(title=words["curves_epoch"], showgrid=False, range=[0, epochs[-1] * 1.01]),
            yaxis=theme.axis(range=[0, top * 1.06], **ticks),
        ),
    )  # fmt: skip
    alt = words["curves_alt"].format(
        run=run, train=numbers.percent(history["train_accuracy"][-1]), test=numbers.percent(history["test_accuracy"][-1])
    )
    table = {"epoch": epochs} | {f"{name}_{quantity}": values for name, values in series.items()}
    return LiveFigure(figure, (alt,), table, narrow={"height": 270, "title.font.size": 16})
