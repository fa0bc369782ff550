"""The sections of Your model: what the file is like, the figures, the numbers, two networks in pairs, geometry, the report."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lsviz.core import geometry
from lsviz.core.errors import LsvizError
from lsviz.figures import reliability_words as say
from lsviz.figures import theme
from lsviz.figures.costs import verdict_table
from lsviz.figures.live import LiveFigure
from lsviz.figures.temperature import Scaled
from lsviz.figures.yours import yours_coverage, yours_diagram, yours_plane, yours_temperature
from lsviz.report import Report, as_json, as_markdown
from lsviz.report_page import as_html
from lsviz.ui.foot import figure_foot
from lsviz.ui.own_files import Own, comparison, keep, switch_key
from lsviz.ui.plots import live_plot
from lsviz.ui.texts import error_text, finding_text, language, later, t, words

PLANE_ROWS = 2000
GEOMETRY_ROWS = 5000
NAME = 28  # of a network in a figure


def said() -> Mapping[str, str]:
    """Words for the figures that were made for stored networks, with this page's where they differ."""
    return words("embeddings", "reliability", "yours")


def figure(live: LiveFigure, key: str, badge: str, source: str) -> None:
    live_plot(live, key=f"yours_{key}")
    figure_foot(live, key=f"yours_{key}", badge=badge, source=source, how=t(f"yours.how_{key}"))


def findings(one: Own) -> None:
    """One sentence each, with a switch where something can be done. Sentences hold no text from the file."""
    for finding in one.diagnosis.findings if one.diagnosis else ():
        left, right = st.columns([7, 3], vertical_alignment="center")
        left.text(finding_text(finding))
        if finding.remedy:
            key = switch_key(one.key, finding.code)
            st.session_state.setdefault(key, finding.applied)
            right.toggle(t(f"finding_remedies.{finding.code}"), key=key)
    if one.problem:
        st.text(error_text(one.problem))


def names(mine: Own, other: Own | None) -> tuple[str, str]:
    short = lambda name: name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return short(mine.name), short(other.name) if other else t("yours.other")


def pictures(mine: Own, other: Own | None, source: str) -> None:
    """Reliability beside the numbers, then temperature beside risk over coverage."""
    s, o, called = mine.summary, other.summary if other else None, names(mine, other)
    both = language(), mine.state, other.state if other else ()
    rows = theme.whole(len(s.assessment.confidence))
    badge = t("yours.badge", rows=rows) if source == "yours" else t("yours.badge_example")
    if other:
        st.text(t("yours.who", this=mine.name, other=other.name))
    left, right = st.columns(2, gap="large")
    with left:
        figure(keep(("diagram", both), lambda: yours_diagram(s.assessment, o.assessment if o else None, called, said())), "diagram", badge, source)
        st.subheader(t("yours.advice_title"), anchor=False)
        advice(mine)
    with right:
        numbers(mine, other)
    left, right = st.columns(2, gap="large")
    with left:
        live = keep(("temperature", both), lambda: yours_temperature(Scaled(s.before, s.after, s.curve), called, said()))
        figure(live, "temperature", t("yours.badge_held"), source)
    with right:
        figure(keep(("coverage", both), lambda: yours_coverage(s.risk, o.risk if o else None, called, words("yours"))), "coverage", badge, source)


def numbers(mine: Own, other: Own | None) -> None:
    shown = [one for one in (mine, other) if one]
    heads = [t("yours.column_what"), *(t(f"yours.{who}") for who in ("this", "other")[: len(shown)])]
    rows = say.number_rows([(one.summary.assessment, one.summary.after, one.summary.temperature) for one in shown], said())
    st.subheader(t("yours.numbers_title"), anchor=False)
    table = [heads, ["---", *["--:"] * len(shown)], *rows]
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in table).replace(" %", "\u00a0%"))
    st.caption(t("yours.numbers_note"))


def advice(mine: Own) -> None:
    s = mine.summary
    percent = lambda value: theme.percent(value, 1)
    known = {"t": f"{s.temperature:.2f}", "before": percent(s.before.ece.ece), "after": percent(s.after.ece.ece)}
    st.markdown(t(f"yours.advice_{s.advice}", **known, chance=percent(s.before.ece.floor.upper), rows=theme.whole(len(s.held))))


def pair(mine: Own, other: Own) -> tuple:
    """The verdict table; what the report needs of it."""
    st.subheader(t("yours.pair_title"), anchor=False)
    found = comparison(mine, other)
    if isinstance(found, LsvizError):
        st.text(error_text(found))
        return (), 0
    changes, count = found
    heads = [t(f"yours.pair_{name}") for name in ("what", "other", "this", "difference")]
    st.markdown(verdict_table(changes, heads, words("costs")).replace(" %", "\u00a0%"))
    st.caption(t("yours.pair_note", rows=theme.whole(count)))
    return changes, count


def shape(mine: Own, source: str) -> None:
    """Geometry, when activations and the last layer came along."""
    o = mine.diagnosis.outputs
    if o.penultimate is None or o.head_weight is None or o.num_classes < 3:
        return
    st.subheader(t("yours.geometry_title"), anchor=False)
    left, right = st.columns([5, 7], gap="large")
    with left:
        found = keep(("measures", mine.state), lambda: measures(mine))
        heads = f"| {t('yours.column_measure')} | {t('yours.column_value')} |"
        st.markdown("\n".join([heads, "|---|--:|", *(f"| {t(f'embeddings.measure.{name}')} | {value:.3f} |" for name, value in found.items())]))
        st.caption(t("yours.geometry_note", rows=theme.whole(min(o.num_rows, GEOMETRY_ROWS))))
    with right:
        live = keep(("plane", language(), mine.state), lambda: plane(mine))
        if isinstance(live, LsvizError):
            st.text(error_text(live))
        else:
            badge = t("yours.badge", rows=theme.whole(len(live.table["x"]))) if source == "yours" else t("yours.badge_example")
            figure(live, "plane", badge, source)


def measures(mine: Own) -> dict[str, float]:
    """Collapse and separation over the first rows."""
    o, part = mine.diagnosis.outputs, slice(0, GEOMETRY_ROWS)
    x, y = o.penultimate[part].astype(float), mine.diagnosis.labels[part]
    return {
        "nc1": geometry.nc1(x, y), "nc2": geometry.nc2(x, y, o.head_weight), "nc3": geometry.nc3(x, y, o.head_weight),
        "nc4": geometry.nc4(x, y, o.scores[part]), "class_separation": geometry.class_separation(x, y),
    }  # fmt: skip


def plane(mine: Own) -> LiveFigure | LsvizError:
    """The three classes confused most, on the plane of their templates."""
    o, labels = mine.diagnosis.outputs, mine.diagnosis.labels
    predicted = o.scores.argmax(axis=1)
    trio = confused(labels, predicted, o.num_classes)
    called = o.class_names or tuple(t("common.class_number", number=k + 1) for k in range(o.num_classes))
    some = np.flatnonzero(np.isin(labels, trio))[:PLANE_ROWS]
    try:
        return yours_plane(o.penultimate[some], labels[some], predicted[some], o.rows[some], o.head_weight, trio, called, said())
    except LsvizError as error:
        return error


def confused(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> tuple[int, int, int]:
    """The pair of classes most often taken for each other, and the class most often confused with either."""
    table = np.bincount(labels * num_classes + predicted, minlength=num_classes**2).reshape(num_classes, num_classes).astype(float)
    table += table.T
    np.fill_diagonal(table, -1)
    first, second = sorted(divmod(int(table.argmax()), num_classes))
    either = table[first] + table[second]
    either[[first, second]] = -np.inf
    return tuple(sorted((first, second, int(either.argmax()))))


def take_along(mine: Own, other: Own | None, changes: tuple, count: int) -> None:
    """Report, numbers and card: the same as `python -m lsviz report` writes."""
    report = Report(mine.name, mine.sha256, mine.summary, *((other.name, other.summary, changes, count) if other and changes else ()))
    st.subheader(t("yours.report_title"), anchor=False)
    with st.container(horizontal=True):
        page = later(lambda: as_html(report, words("report"), lambda f: (finding_text(f), f.remedy and t(f"finding_remedies.{f.code}"))))
        for key, make, name, kind in (("html", page, "lsviz-report.html", "text/html"), ("json", lambda: as_json(report), "lsviz-report.json", "application/json")):
            st.download_button(t(f"yours.report_{key}"), make, name, kind, on_click="ignore", key=f"yours_{key}", icon=":material/download:")
    with st.expander(t("yours.report_card"), icon=":material/content_copy:"):
        card = keep(("card", language(), mine.state, other.state if other else ()), lambda: as_markdown(report, words("report")))
        st.code(card, language="markdown", wrap_lines=True)
