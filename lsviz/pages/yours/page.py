"""Your model: bring a network's outputs. What is odd about the file, is the network over- or under-confident, how sure is that, what to do."""

from __future__ import annotations

import streamlit as st

from lsviz.core.gate import PAGE
from lsviz.figures import numbers
from lsviz.figures.reliability_words import verdict_numbers
from lsviz.pages.yours import geometry, grouping, sections, series, which
from lsviz.pages.yours.files import MOST_SCORES, SECONDS, UPLOADER, Own, Refused, forget_unused, owns, stored
from lsviz.predictions.reading import FORMATS
from lsviz.predictions.tables import template_csv
from lsviz.texts.catalogue import t
from lsviz.ui import controls, notices, own_curves, uploads
from lsviz.ui.handed import MOST_FILES, handed
from lsviz.ui.saving import save_button
from lsviz.zoo import networks


def uploaded() -> list:
    """The place for files, with its limits, and how to get such a file."""
    left, right = st.columns([7, 5], gap="large")
    with left:
        files = st.file_uploader(
            t("yours.upload"), FORMATS, accept_multiple_files=True, key=UPLOADER, max_upload_size=uploads.FILE_MB
        )
        if len(files) > MOST_FILES:
            st.caption(t("yours.more_files", most=MOST_FILES))
        if len(files) == 2 and st.toggle(t("yours.swap"), key="yours_swap"):
            files = [files[1], files[0]]
    with right:
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
        st.caption(t("yours.limits", **{name: numbers.whole(value) for name, value in limits.items()}))
    with right, st.expander(t("yours.get_file"), icon=":material/help:", key="fold_get", on_change="rerun") as fold:
        if fold.open:  # its code blocks would put off the first figure
            how_to_get()
    return files


def how_to_get() -> None:
    """Three ways to such a file: a call in the training script, a table, the command line."""
    st.caption(t("yours.get_capture"))
    st.code(t("yours.code_capture"), language=None, wrap_lines=True)
    st.caption(t("yours.get_table"))
    save_button(t("yours.template"), template_csv, "lsviz-template.csv", "text/csv")
    st.caption(t("yours.get_report"))
    st.code(t("yours.code_report"), language=None, wrap_lines=True)


def heading(place, mine: Own | Refused | None, example: bool) -> None:
    """The finding, once there is one. No text from a file comes near Markdown."""
    if not isinstance(mine, Own):
        place.title(t("yours.title"), anchor=False)
        return
    a = mine.summary.assessment
    with place:
        st.title(t(f"yours.head_{mine.summary.verdict}", **verdict_numbers(a)), anchor=False)
        known = {
            "claims": numbers.percent(a.mean_confidence, 1),
            "right": numbers.percent(a.accuracy, 1),
            "rows": numbers.whole(len(a.confidence)),
        }
        ends = {"low": numbers.points(a.gap_low), "high": numbers.points(a.gap_high), "classes": mine.diagnosis.outputs.num_classes}
        st.caption(" ".join([t("yours.sub", **known, **ends)] + ([t("yours.sub_example", name=mine.name)] if example else [])))


def render() -> None:
    show()
    own_curves.fold()
    forget_unused()


def show() -> None:
    place = st.container()
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
    st.subheader(t("yours.findings_title"), anchor=False)
    sections.findings(shown[0])
    if len(shown) > 1 and (files or isinstance(shown[1], Refused)):
        with st.expander(t("yours.findings_of"), expanded=any(isinstance(one, Refused) for one in shown[1:])):
            sections.all_findings(shown[1:])
    mine, other = shown[0], next((one for one in shown[1:2] if isinstance(one, Own)), None)
    if isinstance(mine, Refused):
        return
    source = "yours" if files else "measured"
    badge = lambda rows: t("yours.badge", rows=numbers.whole(rows)) if files else t("yours.badge_example")
    if along:
        sections.series_pictures(mine, other, along, badge)
        which.which(along)
    else:
        sections.pictures(mine, other, source, badge)
    changes, count = sections.pair(mine, other) if other else ((), 0)
    grouped = ("", ()) if along else grouping.grouped(mine, files)
    geometry.shape(mine, badge, source, series.planes(along) if along else None)
    sections.take_along(mine, other, changes, count, grouped)


if __name__ == "__main__":
    render()
