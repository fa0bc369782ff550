"""How one stored network learned: hard-target loss and accuracy after every epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from lsviz.figures import theme
from lsviz.figures.live import LiveFigure


def learning_figure(history: Mapping[str, Sequence[float]], quantity: str, run: str, words: Mapping[str, str]) -> LiveFigure:
    """`quantity` is nll or accuracy; train and test over the epochs, each named at its end."""
    epochs = list(history["epoch"])
    series = {name: list(history[f"{name}_{quantity}"]) for name in ("train", "test")}
    percent = quantity == "accuracy"
    top = 1.02 if percent else 1.05 * max(max(values) for values in series.values())
    colors = {"train": theme.alpha_color(0.1), "test": theme.token("text")}
    shown = {name: (theme.percent(values[-1]) if percent else f"{values[-1]:.2f}") for name, values in series.items()}
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
    ticks = [0, 0.25, 0.5, 0.75, 1] if percent else None
    figure = go.Figure(
        traces,
        theme.layout(
            words[f"curves_{quantity}"], 300, margin=dict(l=56, r=16, t=40, b=52), annotations=notes,
            xaxis=theme.axis(title=words["curves_epoch"], showgrid=False, range=[0, epochs[-1] * 1.01]),
            yaxis=theme.axis(range=[0, top * 1.06], **({"tickvals": ticks, "ticktext": [theme.percent(v) for v in ticks]} if percent else {"nticks": 5})),
        ),
    )  # fmt: skip
    alt = words["curves_alt"].format(run=run, train=theme.percent(history["train_accuracy"][-1]), test=theme.percent(history["test_accuracy"][-1]))
    table = {"epoch": epochs} | {f"{name}_{quantity}": values for name, values in series.items()}
    return LiveFigure(figure, (alt,), table, narrow={"height": 270, "title.font.size": 16})
