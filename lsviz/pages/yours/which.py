"""Which alpha? The series' table of every measure, what may be said by purpose, and any pair of networks in a click."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.which_alpha import Compared, which_alpha
from lsviz.figures.tables import markdown_table, typeset
from lsviz.pages.yours.files import keep, worked
from lsviz.pages.yours.series import Series
from lsviz.predictions.report import Report
from lsviz.predictions.series_report import grid, grid_note, heads, long_rows, paragraph, series_html, series_json
from lsviz.texts.catalogue import error_text, finding_text, t, unbroken, words
from lsviz.ui import prose
from lsviz.ui.saving import save_button


def which(along: Series) -> None:
    """The first file of every alpha, on the rows all of them have."""
    found = compared(along, None)
    if isinstance(found, LsvizError):
        st.text(error_text(found))
        return
    said = words("report", "measure")
    for sentence in paragraph(found, said, finding_text):
        prose.markdown(f"- {unbroken(sentence)}")
    prose.markdown(markdown_table(("", *heads(found)), typeset(grid(found, said, "**{}**\u00a0★"))))
    prose.caption(grid_note(found, said))
    reports = [Report(one.name, one.sha256, one.summary) for one in along.first.values()]
    with st.container(horizontal=True):
        page = lambda: series_html(reports, found, said, finding_text)
        save_button(t("yours.which_html"), page, "lsviz-series.html", "text/html", key="yours_which_html")
        save_button(
            t("yours.which_json"),
            lambda: series_json(reports, found),
            "lsviz-series.json",
            "application/json",
            key="yours_which_json",
        )


def pairs(along: Series) -> None:
    """Every measure with its interval, held against the best of it or against one network."""
    best = compared(along, None)
    if isinstance(best, LsvizError):
        st.text(error_text(best))
        return
    choices = range(-1, len(best.alphas))
    names = heads(best)
    asked = st.selectbox(
        t("yours.which_held"), choices, format_func=lambda i: names[i] if i >= 0 else t("yours.which_best"), key="yours_which"
    )
    found = best if asked < 0 else compared(along, asked)
    if isinstance(found, LsvizError):
        st.text(error_text(found))
        return
    columns = ("", "α", *(t(f"report.column_{name}") for name in ("value", "interval", "difference")), "")
    prose.markdown(markdown_table(columns, typeset(long_rows(found, words("report", "measure"))), left=(0, 1, 5)))
    prose.caption(t("report.which_pairs"))


def compared(along: Series, reference: int | None) -> Compared | LsvizError:
    """Worked out in one's turn and kept with its files."""
    files = [(alpha, one.name, one.summary) for alpha, one in along.first.items()]
    return keep(("which", along.key, reference), lambda: worked(lambda: which_alpha(files, reference)))
