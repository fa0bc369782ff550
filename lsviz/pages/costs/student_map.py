"""Students behind hard and smoothed teachers: accuracy over the teacher's alpha and the temperature, as one map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from lsviz.figures import numbers, theme
from lsviz.figures.live import Column, LiveFigure

_INK = "#1b1e24"  # on the map's own pale ground, in both themes
_SCALE = [[0, "#f4f5f3"], [1, "#8fa8c4"]]


@dataclass(frozen=True)
class Student:
    """Test accuracy behind one teacher at one temperature, and its paired difference to the student that learnt alone: (mean, low, high).

    `survives`: clear of zero after Holm's correction for all cells.
    """

    accuracy: float
    seeds: int
    against_alone: tuple[float, float, float] | None
    survives: bool = False


def student_map_figure(
    students: Mapping[tuple[float, float], Student], alone: Mapping[float, float], words: Mapping[str, str], *, cool: bool = False
) -> LiveFigure:  # fmt: skip
    """Cells by (teacher's alpha, temperature) and their points against the student alone; bold: surviving. `alone`: accuracy by its alpha.

    `cool` frames the remedy: the students of smoothed teachers at T = 1.
    """
    alphas, temperatures = (sorted({key[i] for key in students}) for i in range(2))
    text = lambda one: (
        "" if one is None else f"{100 * one.accuracy:.1f}" + ("" if one.against_alone is None else f"<br>{_bold(one)}")
    )
    rows = [[students.get((alpha, t)) for t in temperatures] for alpha in alphas]
    values = [100 * one.accuracy for one in students.values()]
    name = lambda alpha: words["hard"] if alpha == 0 else f"α = {numbers.alpha_text(alpha)}"
    said = [_said(name(alpha), t, students[alpha, t], words) for alpha, t in sorted(students)]
    below = ", ".join(f"{name(alpha)} {numbers.percent(value, 1)}" for alpha, value in sorted(alone.items()))
    soft = [i for i, alpha in enumerate(alphas) if alpha > 0]
    at = temperatures.index(1.0) if cool and soft and 1.0 in temperatures else None
    frame = (
        []
        if at is None
        else [
            dict(
                type="rect",
                x0=at - 0.48,
                x1=at + 0.48,
                y0=soft[0] - 0.47,
                y1=soft[-1] + 0.47,
                line=dict(width=3, color=_INK),
                fillcolor="rgba(0,0,0,0)",
            )
        ]
    )
    figure = go.Figure(
        [
            go.Heatmap(
                z=[[None if one is None else 100 * one.accuracy for one in row] for row in rows], x=[f"T = {t:g}" for t in temperatures], y=[name(alpha) for alpha in alphas],
                zmin=min(values) - 0.5, zmax=max(values) + 0.5, colorscale=_SCALE, showscale=False, hoverongaps=False, xgap=3, ygap=3, text=[[text(one) for one in row] for row in rows],
                texttemplate="%{text}", textfont=dict(size=15, color=_INK),
                customdata=[["" if one is None else _said(name(a), t, one, words) for t, one in zip(temperatures, row)] for a, row in zip(alphas, rows)],
                hovertemplate="%{customdata}<extra></extra>",
            )
        ],
        theme.layout(
            words["title_students_cool" if at is not None else "title_students"], 330, margin=dict(l=84, r=8, t=44, b=72), shapes=frame,
            annotations=[theme.note(words["students_alone"].format(said=below), 0, -0.17, xref="paper", yref="paper", xanchor="left", yanchor="top", ground=False)] if alone else [],
            xaxis=theme.axis(type="category", showgrid=False), yaxis=theme.axis(type="category", showgrid=False, autorange="reversed"),
        ),
    )  # fmt: skip
    keys = sorted(students)
    table: dict[str, Column] = {
        "teacher_alpha": [k[0] for k in keys],
        "temperature": [k[1] for k in keys],
        "accuracy": [students[k].accuracy for k in keys],
        "seeds": [students[k].seeds for k in keys],
    }
    for i, end in enumerate(("difference", "low", "high")):
        table[end] = [one[i] if (one := students[k].against_alone) else None for k in keys]
    return LiveFigure(
        figure,
        (words["alt_students"].format(said="; ".join(said), alone=below or "?"),),
        table,
        narrow={"height": 320, "title.font.size": 14}
        | ({"annotations[0].x": -0.31, "annotations[0].font.size": 13} if alone else {}),
    )


def _bold(one: Student) -> str:
    apart = numbers.points(one.against_alone[0]) if one.against_alone else ""
    return f"<b>{apart}</b>" if one.survives else apart


def _said(teacher: str, temperature: float, one: Student, words: Mapping[str, str]) -> str:
    text = words["student_said"].format(teacher=teacher, temperature=f"{temperature:g}", accuracy=numbers.percent(one.accuracy, 1))
    return (
        text
        if one.against_alone is None
        else text
        + words["student_against"].format(**dict(zip(("difference", "low", "high"), map(numbers.points, one.against_alone))))
    )
