"""Your model: bring a network's outputs. What is odd about the file, is the network over- or under-confident, how sure is that, what to do."""

from __future__ import annotations

import streamlit as st

from lsviz.core.gate import PAGE
from lsviz.figures import numbers
from lsviz.figures.reliability_words import verdict_numbers
from lsviz.pages.yours import geometry, grouping, sections, series, stretch, which
from lsviz.pages.yours.files import MOST_SCORES, SECONDS, UPLOADER, Own, Refused, forget_unused, owns, stored
from lsviz.predictions.reading import FORMATS
from lsviz.predictions.tables import template_csv
from lsviz.texts.catalogue import t, unbroken
from lsviz.ui import controls, notices, own_curves, prose, uploads
from lsviz.ui.folds import fold
from lsviz.ui.handed import MOST_FILES, handed
from lsviz.ui.saving import save_button
from lsviz.zoo import networks


def uploaded() -> list:
    """The place for files."""
    files = st.file_uploader(t("yours.upload"), FORMATS, accept_multiple_files=True, key=UPLOADER, max_upload_size=uploads.FILE_MB)
    if len(files) > MOST_FILES:
        prose.caption(t("yours.more_files", most=MOST_FILES))
    if len(files) == 2 and st.toggle(t("yours.swap"), key="yours_swap"):
        files = [files[1], files[0]]
    return files


def how_to_get() -> None:
    """Three ways to such a file, and its limits: a call in the training script, a table, the command line."""
    sizes = {"megabytes": uploads.FILE_MB, "all_megabytes": uploads.SESSION_MB, "arrays": PAGE.arrays // 10**6}
    limits = {
        "rows": PAGE.rows,
        "classes": PAGE.classes,
        "scores": PAGE.scores,
        "files": MOST_FILES,
        "all_scores": MOST_SCORES,
        "seconds": SECONDS,
        **sizes,
    }
    prose.caption(t("yours.limits", **{name: numbers.whole(value) for name, value in limits.items()}))
    prose.caption(t("yours.get_capture"))
    st.code(t("yours.code_capture"), language=None, wrap_lines=True)
    prose.caption(t("yours.get_table"))
    save_button(t("yours.template"), template_csv, "lsviz-template.csv", "text/csv")
    prose.caption(t("yours.get_report"))
    st.code(t("yours.code_report"), language=None, wrap_lines=True)


def heading(place, mine: Own | Refused | None, example: bool) -> None:
    """The finding, once there is one. No text from a file comes near Markdown."""
    if not isinstance(mine, Own):
        place.title(t("yours.title"), anchor=False)
        return
    a = mine.summary.assessment
    with place:
        st.title(unbroken(t(f"yours.head_{mine.summary.verdict}", **verdict_numbers(a))), anchor=False)
        known = {
            "claims": numbers.percent(a.mean_confidence, 1),
            "right": numbers.percent(a.accuracy, 1),
            "rows": numbers.whole(len(a.confidence)),
        }
        ends = {"low": numbers.points(a.gap_low), "high": numbers.points(a.gap_high), "classes": mine.diagnosis.outputs.num_classes}
        prose.caption(" ".join([t("yours.sub", **known, **ends)] + ([t("yours.sub_example", name=mine.name)] if example else [])))


def render() -> None:
    show()
    fold("get", how_to_get)  # its code blocks would put off the first figure
    fold("curves", own_curves.read)
    forget_unused()


def show() -> None:
    """Left the file and what is odd about it, right the figure that the verdict rests on."""
    place = st.container()
    left, right = st.columns([5, 7], gap="large")
    with left:
        files = uploaded() or handed()
    with st.spinner(t("yours.busy")):
        shown = owns(files) or list(stored())
    along = series.arranged(shown) if len(shown) >= series.LEAST else None
    if along:
        series.heading(place, along)
        shown = [*along.pair(controls.view_state().alpha), *(one for one in shown if isinstance(one, Refused))]
    else:
        heading(place, shown[0] if shown else None, not files)
    if not shown:
        notices.mention(networks.problems())
        return
    mine, other = shown[0], next((one for one in shown[1:2] if isinstance(one, Own)), None)
    with left:
        sections.findings(mine)
        if isinstance(mine, Own):
            sections.advice(mine)
            sections.foretold(mine)
    if len(shown) > 1 and (files or isinstance(shown[1], Refused)):
        with st.expander(t("yours.findings_of"), expanded=any(isinstance(one, Refused) for one in shown[1:])):
            sections.all_findings(shown[1:])
    if isinstance(mine, Refused):
        return
    source = "yours" if files else "measured"
    badge = lambda rows: t("yours.badge", rows=numbers.whole(rows)) if files else t("yours.badge_example")
    with right:
        sections.first_figure(mine, other, along, source, badge)
    if along:
        sections.over_alpha(along)
        fold("which", lambda: which.which(along))
        fold("held", lambda: which.pairs(along))
    who = t("yours.who", this=mine.name, other=other.name) if other else t("yours.who_alone", this=mine.name) if along else ""
    if who:
        st.text(unbroken(who))
    changes, count = sections.compared(mine, other)
    fold("all", lambda: sections.numbers_table(mine, other))
    fold("repair", lambda: sections.repair(mine, other, along, source, badge))
    if other:
        fold("pair", lambda: sections.pair(mine, other))
    if mine.diagnosis.outputs.penultimate is not None:
        fold("shape", lambda: geometry.shape(mine, badge, source, series.planes(along) if along else None, other))
    if not along:
        fold("stretch", lambda: stretch.listed(mine, files))
    groups: list = []  # which the report holds while they are looked at
    if not along and grouping.offered(mine, files):
        fold("groups", lambda: groups.append(grouping.grouped(mine, files)))
    sections.take_along(mine, other, changes, count, groups[0] if groups else ("", ()))


if __name__ == "__main__":
    render()
