"""The fold in which somebody's own training curves are read: a place for logs, what they say, the picture, a page to keep."""

from __future__ import annotations

import streamlit as st

from lsviz.core.curves.reading_out import Told, read_out
from lsviz.core.curves.records import Curves
from lsviz.core.errors import LsvizError
from lsviz.core.gate import turn
from lsviz.figures.own_curves import own_curves_figure
from lsviz.figures.tables import literal, markdown_table
from lsviz.predictions.curves import report
from lsviz.predictions.curves.reading import FORMATS, MOST_RUNS, read_curves
from lsviz.texts.catalogue import error_text, finding_text, language, t, words
from lsviz.ui import uploads
from lsviz.ui.controls import alpha_fields
from lsviz.ui.saving import save_button
from lsviz.ui.shown import figure

MOST_FILES = 8
_KEPT = "own_curves_read"  # by a file's id, in this session alone


def read() -> None:
    """Inside a fold: nothing is made before somebody asks for it."""
    left, right = st.columns([7, 5], gap="large")
    with left:
        files = st.file_uploader(t("curves.upload"), FORMATS, accept_multiple_files=True, key="own_curves", max_upload_size=8)
    with right:
        count = st.number_input(t("curves.ask_classes"), 2, 1_000_000, value=None, step=1, key="own_curves_classes")
        st.caption(t("curves.ask_why"))
    found = _read(files[:MOST_FILES])
    for problem in (one for one in found if isinstance(one, LsvizError)):
        st.text(error_text(problem))
    curves = [one for one in found if not isinstance(one, LsvizError)][:MOST_RUNS]
    if not curves:
        st.caption(t("curves.get"))
        st.code(t("curves.code"), language=None, wrap_lines=True)
        return
    runs = [read_out(one, count, alpha) for one, alpha in zip(curves, _alphas(curves))]
    figure(own_curves_figure(runs, words("curves")), "curves_own", badge=t("curves.badge", count=len(runs)), source="yours")
    for told in runs:
        _said(told)
    page = lambda: report.as_html(runs, words("curves"), finding_text, language())
    save_button(t("curves.save"), page, "lsviz-curves.html", "text/html", key="own_curves_html")


def _read(files: list) -> list[Curves | LsvizError]:
    """Each file once: what was read stays as long as its file."""
    kept: dict[str, tuple[Curves, ...] | LsvizError] = st.session_state.setdefault(_KEPT, {})
    for gone in kept.keys() - {file.file_id for file in files}:
        del kept[gone]
    for file in files:
        if file.file_id not in kept:
            try:
                with turn():
                    kept[file.file_id] = read_curves(uploads.content(file), file.name)
            except LsvizError as error:
                kept[file.file_id] = error.bare()
    made: list[Curves | LsvizError] = []
    for file in files:
        found = kept[file.file_id]
        made += [found] if isinstance(found, LsvizError) else found
    return made


def _alphas(curves: list[Curves]) -> list[float | None]:
    """One a run, as the log tells it or as it is put right here."""
    fields = [(f"own_curves_alpha_{one.name}_{i}", one.name) for i, one in enumerate(curves)]
    for (key, _), one in zip(fields, curves):
        st.session_state.setdefault(key, one.alpha)
    return alpha_fields(fields, lambda number: t("curves.ask_alpha", number=number), placeholder=t("curves.ask_alpha_none"))


def _said(told: Told) -> None:
    """A run's answer, its numbers as the command prints them, and the evidence. Plain text: it may name columns."""
    st.text(report.heading(told, words("curves")))
    for answer in told.answers:
        st.text(finding_text(answer))
    heads = ("", *(t(f"curves.column_{name}") for name in ("best", "end", "kind", "less")))
    st.markdown(markdown_table(heads, report.rows(told, words("curves"))))
    st.caption("\n".join(f"- {literal(finding_text(finding))}" for finding in (*told.findings, *told.curves.findings)))
