"""The sections of Your model: what the file is like, the figures, the numbers, two networks in pairs, the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from lsviz.core.calibration.assessment import NUM_BINS, Scaled
from lsviz.core.calibration.diagram_numbers import diagram_numbers
from lsviz.core.calibration.registry import REPORTED, Number
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.core.predictions.by_group import Group
from lsviz.core.spoken import percent_sign
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.figures.tables import markdown_table, verdict_table
from lsviz.pages.yours import choosing, series, stretch
from lsviz.pages.yours.figures import yours_coverage, yours_diagram, yours_temperature
from lsviz.pages.yours.files import Own, Refused, comparison, keep_worded, switch_key
from lsviz.predictions.report import Report, as_json, as_markdown, taken_sentences
from lsviz.predictions.report_page import as_html
from lsviz.texts.catalogue import error_text, finding_text, t, unbroken, words
from lsviz.ui import prose
from lsviz.ui.saving import save_button
from lsviz.ui.shown import figure

NAME = 28  # of a network in a figure


def said() -> Mapping[str, str]:
    """Words for the figures that were made for stored networks, with this page's where they differ."""
    return words("embeddings", "reliability", "yours")


def findings(one: Own | Refused) -> None:
    """What the file was taken for, then one sentence a finding, with a switch where something can be done. Plain text: they may name columns."""
    for sentence in taken_sentences(one.diagnosis.outputs, words("report")) if one.diagnosis else ():
        st.text(sentence)
    for finding in one.diagnosis.findings if one.diagnosis else ():
        left, right = st.columns([7, 3], vertical_alignment="center")
        left.text(unbroken(finding_text(finding)))
        if finding.remedy:
            key = switch_key(one.key, finding.code)
            st.session_state.setdefault(key, finding.applied)
            right.toggle(t(f"finding_remedies.{finding.code}"), key=key)
    if isinstance(one, Refused):
        st.text(error_text(one.problem))
    choosing.choose(one.key)


def all_findings(files: Sequence[Own | Refused]) -> None:
    """Those of several files, each below its name."""
    for one in files:
        if len(files) > 1:
            st.text(one.name)
        findings(one)


def names(mine: Own, other: Own | None) -> tuple[str, str]:
    short = lambda name: name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return short(mine.name), short(other.name) if other else t("yours.other")


def first_figure(mine: Own, other: Own | None, along: series.Series | None, source: str, badge: Callable[[int], str]) -> None:
    """The reliability diagram, of one or two networks or of a series that follows alpha."""
    count = len(mine.summary.assessment.confidence)
    if along:
        return figure(series.diagram(along), "yours_series_diagram", badge=badge(count), source="yours")
    both = mine.state, other.state if other else ()
    live = keep_worded(("diagram", both), lambda: diagram(mine, other))
    brushed = partial(stretch.brushed, mine.key)
    figure(live, "yours_diagram", badge=badge(count), source=source, brushed=brushed)


def over_alpha(along: series.Series) -> None:
    """Both measures of calibration over alpha."""
    trend, most = series.trend(along)
    badge = t("yours.badge_seeds" if most >= LEAST_SEEDS else "yours.badge_files", most=most, rows=along.rows)
    figure(trend, "yours_series_trend", badge=badge, source="yours")


def repair(mine: Own, other: Own | None, along: series.Series | None, source: str, badge: Callable[[int], str]) -> None:
    """What a temperature mends, beside what is left among the surest answers."""
    s, o, called = mine.summary, other.summary if other else None, names(mine, other)
    both, count = (mine.state, other.state if other else ()), len(mine.summary.assessment.confidence)
    left, right = st.columns(2, gap="large")
    with left:
        temperature(mine, called, source)
    with right:
        if along:
            figure(series.coverage(along), "yours_coverage", badge=t("yours.badge_files", rows=along.rows), source="yours")
        else:
            live = keep_worded(("coverage", both), lambda: yours_coverage(s.risk, o.risk if o else None, called, words("yours")))
            figure(live, "yours_coverage", badge=badge(count), source=source)


def diagram(mine: Own, other: Own | None) -> LiveFigure:
    counted = [diagram_numbers(one.summary.assessment, NUM_BINS, "uniform") for one in (mine, other) if one]
    return yours_diagram(counted[0], counted[1] if other else None, names(mine, other), said())


def temperature(mine: Own, called: tuple[str, str], source: str) -> None:
    s = mine.summary
    if s.limit:
        return
    live = keep_worded(
        ("temperature", mine.state, called), lambda: yours_temperature(Scaled(s.assessment, s.after, s.curve), called, said())
    )
    figure(live, "yours_temperature", badge=t("yours.badge_crossed"), source=source)


def numbers_table(mine: Own, other: Own | None) -> None:
    """The report's numbers, digit by digit."""
    shown_of = [one.summary for one in (mine, other) if one]
    heads = [t("yours.column_what"), *(t(f"yours.{who}") for who in ("this", "other")[: len(shown_of)])]
    rows = [(t(f"measure.{name}"), *(_cell(name, s.numbers[name]) for s in shown_of)) for name in REPORTED]
    rows.insert(
        list(REPORTED).index("ece") + 1,
        (
            t("yours.row_chance"),
            *(t("yours.up_to", value=f"{100 * s.assessment.ece.floor.upper:.2f}{percent_sign()}") for s in shown_of),
        ),
    )
    prose.markdown(markdown_table(heads, rows))
    prose.caption(t("yours.numbers_note"))


def _cell(name: str, number: Number) -> str:
    """As the report prints it, with a typographic minus."""
    if number.value != number.value:
        return t("yours.none")
    entry = REPORTED[name]
    value = entry.text(number.value).replace("-", numbers.MINUS)
    if number.low is None or number.high is None:
        return value
    low, high = (entry.digit_text(end).replace("-", numbers.MINUS) for end in (number.low, number.high))
    return t("yours.with_interval", value=value, low=low, high=high)


def advice(mine: Own) -> None:
    s = mine.summary
    percent = lambda value: numbers.percent(value, 1)
    known = {"t": f"{s.temperature:.2f}", "before": percent(s.assessment.ece.ece), "after": percent(s.after.ece.ece)}
    prose.markdown(
        unbroken(
            t(
                f"yours.advice_{s.advice}",
                **known,
                chance=percent(s.assessment.ece.floor.upper),
                rows=numbers.whole(len(s.assessment.confidence)),
            )
        )
    )


def foretold(mine: Own) -> None:
    """For a network that claims too much: how much smoothing is foretold to close its mean gap."""
    closing = mine.summary.closing
    if closing:
        ends = {end: numbers.alpha_text(round(getattr(closing, end), 2)) for end in ("alpha", "low", "high")}
        known = t("yours.foretold", **ends) + (
            "" if mine.summary.limit else " " + t("yours.foretold_t", t=f"{mine.summary.temperature:.2f}")
        )
        prose.markdown(known)


def compared(mine: Own, other: Own | None) -> tuple[tuple, int]:
    """Changes from one to the other and their number of rows, as the report needs them; none where they cannot be paired."""
    found = comparison(mine, other) if other else ((), 0)
    return ((), 0) if isinstance(found, LsvizError) else found


def pair(mine: Own, other: Own) -> None:
    """The verdict table."""
    found = comparison(mine, other)
    if isinstance(found, LsvizError):
        st.text(error_text(found))
        return
    changes, count = found
    heads = [t(f"yours.pair_{name}") for name in ("what", "other", "this", "difference")]
    prose.markdown(verdict_table(changes, heads, words("costs")))
    prose.caption(t("yours.pair_note", rows=numbers.whole(count)))


def take_along(mine: Own, other: Own | None, changes: tuple, count: int, grouped: tuple[str, tuple[Group, ...]]) -> None:
    """Report, numbers and card: the same as `python -m lsviz report` writes."""
    report = Report(
        mine.name, mine.sha256, mine.summary, *((other.name, other.summary, changes, count) if other and changes else ())
    )
    report = replace(report, group=grouped[0], groups=grouped[1])
    st.subheader(t("yours.report_title"), anchor=False)
    with st.container(horizontal=True):
        page = lambda: as_html(
            report, words("report", "measure"), lambda f: (finding_text(f), f.remedy and t(f"finding_remedies.{f.code}"))
        )
        for key, make, name, kind in (
            ("html", page, "lsviz-report.html", "text/html"),
            ("json", lambda: as_json(report), "lsviz-report.json", "application/json"),
        ):
            save_button(t(f"yours.report_{key}"), make, name, kind, key=f"yours_{key}")
    with st.expander(t("yours.report_card"), icon=":material/content_copy:"):
        card = keep_worded(
            ("card", mine.state, other.state if other else ()), lambda: as_markdown(report, words("report", "measure"))
        )
        st.code(card, language="markdown", wrap_lines=True)
