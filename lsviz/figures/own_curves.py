"""Somebody's own training curves, several runs on axes that compare: training less its floor, validation, accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lsviz.core.curves.reading_out import PANELS, Told
from lsviz.figures import numbers, theme
from lsviz.figures.live import LiveFigure, escape

NAME = 28  # characters of a run's name in the picture


def run_colors(runs: Sequence[Told]) -> list[str]:
    """That of its alpha where these tell the runs apart, else one a run."""
    alphas = [told.alpha for told in runs if told.alpha is not None]
    if len(set(alphas)) == len(runs):
        return [theme.alpha_color(alpha) for alpha in alphas]
    return [theme.class_color(i) for i in range(len(runs))]


def own_curves_figure(runs: Sequence[Told], words: Mapping[str, str]) -> LiveFigure:
    """Three panels, a line a run. What lies above the picture are first steps: the scale is that of the rest."""
    traces, axes, notes, ends = [], {}, [], []
    columns: dict[str, list[np.ndarray]] = {}
    for i, panel in enumerate(PANELS):
        number = str(i + 1) if i else ""
        x, y = f"x{number}", f"y{number}"
        right, late = panel == "accuracy", [np.zeros(1)]
        for told, color in zip(runs, run_colors(runs)):
            name, at, values = told.panel(panel)
            if not name:
                continue
            late.append(values[len(values) // 10 :])
            hover = f"{escape(_short(told))}: %{{y:{'.1%' if right else '.4f'}}}<extra></extra>"
            traces.append(
                go.Scatter(mode="lines", x=at, y=values, line=dict(width=3, color=color), hovertemplate=hover, xaxis=x, yaxis=y)
            )
            ends.append(words["alt_line"].format(name=f"{_short(told)}, {words[name]}", end=f"{values[-1]:.3g}"))
            rows = {"run": [told.curves.name] * len(at), "series": [name] * len(at), told.curves.unit: at, "compared": values}
            for column, cells in rows.items():
                columns.setdefault("at" if column in ("epoch", "step", "line") else column, []).append(np.asarray(cells, object))
        seen = np.concatenate(late)
        low, top = (float(seen[1:].min()) - 0.02 if len(seen) > 1 else 0, 1.0) if right else (min(0.0, float(seen.min())), 1.06 * float(seen.max()) or 1.0)  # fmt: skip
        left = i / 3 + 0.02 * i
        axes[f"xaxis{number}"] = theme.axis(
            title=words[f"axis_{runs[0].curves.unit}"], domain=[left, left + 0.28], showgrid=False, anchor=y, nticks=6
        )
        axes[f"yaxis{number}"] = theme.axis(range=[low, top], anchor=x, nticks=6, **(dict(tickformat=".0%") if right else {}))
        notes.append(theme.note(words[f"panel_{panel}"], 0, 1.02, size=14, color="text", xref=f"{x} domain", yref=f"{y} domain", xanchor="left", yanchor="bottom", ground=False))  # fmt: skip
    for k, (told, color) in enumerate(zip(runs, run_colors(runs))):
        label = f"<b>{escape(_short(told))}</b>"
        notes.append({**theme.note(label, 0.28, 0.97 - 0.09 * k, xref="paper", yref="paper", xanchor="right", yanchor="top"), "font": dict(size=14, color=color)})  # fmt: skip
    figure = go.Figure(
        traces, theme.layout(_title(runs, words), 380, margin=dict(l=52, r=16, t=76, b=52), annotations=notes, **axes)
    )
    stacked: dict[str, object] = {"height": 900, "title.font.size": 15}
    for i in range(3):
        number = str(i + 1) if i else ""
        stacked |= {f"xaxis{number}.domain": [0, 1], f"yaxis{number}.domain": [0.72 - 0.36 * i, 0.96 - 0.36 * i]}
    for k in range(len(runs)):  # names at the right end of the first panel
        stacked |= {f"annotations[{len(PANELS) + k}].x": 1, f"annotations[{len(PANELS) + k}].y": 0.95 - 0.03 * k}
    table = {name: np.concatenate(parts) for name, parts in columns.items()}
    return LiveFigure(figure, ("; ".join(ends),), table, narrow=stacked)


def _title(runs: Sequence[Told], words: Mapping[str, str]) -> str:
    """Which run ends lowest on validation, where one tells."""
    ends = {float(values[-1]): told for told in runs for name, _, values in [told.panel("val")] if name}
    if not ends:
        return words["page_title"]
    return words["title_val"].format(name=escape(_short(ends[min(ends)])), end=f"{min(ends):.3g}")


def _short(told: Told) -> str:
    name = told.curves.name if len(told.curves.name) <= NAME else f"{told.curves.name[: NAME - 1]}…"
    return f"{name}, α = {numbers.alpha_text(told.alpha)}" if told.alpha is not None and "alpha" in name else name
