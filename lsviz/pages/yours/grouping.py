"""By group: a column of the file says which rows belong together, and every number is told for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lsviz.core.calibration.assessment import NUM_BINS
from lsviz.core.calibration.diagram_numbers import DiagramNumbers, diagram_numbers
from lsviz.core.errors import LsvizError
from lsviz.core.gate import PAGE
from lsviz.core.predictions.by_group import Group, by_group
from lsviz.core.predictions.taken import shown
from lsviz.core.predictions.text import plain_text
from lsviz.figures import numbers
from lsviz.figures.tables import literal, markdown_table, typeset
from lsviz.pages.yours.files import Own, keep, keep_worded, worked
from lsviz.pages.yours.group_figure import group_figure
from lsviz.predictions.groups import is_table, read_groups
from lsviz.predictions.report import group_notes, group_rows
from lsviz.texts.catalogue import error_text, t, words
from lsviz.ui import prose, uploads
from lsviz.ui.shown import figure


def offered(mine: Own, files: Sequence[Any]) -> bool:
    """Whether the file has columns to choose from."""
    taken = mine.diagnosis.outputs.taken
    known = any(file.file_id == mine.key for file in files)
    return known and bool(taken and taken.left) and is_table(mine.name)


def grouped(mine: Own, files: Sequence[Any]) -> tuple[str, tuple[Group, ...]]:
    """The column that is chosen and its groups."""
    file = next(file for file in files if file.file_id == mine.key)
    taken = mine.diagnosis.outputs.taken
    assert taken
    column = st.selectbox(t("yours.group_ask"), taken.left, index=None, key=f"yours_group_{mine.key}", format_func=shown)
    if column is None:
        return "", ()
    found = keep(("groups", mine.state, column), lambda: worked(lambda: by_group(mine.summary, *read_groups(uploads.content(file), file.name, column, PAGE))))  # fmt: skip
    if isinstance(found, LsvizError):
        st.text(error_text(found))
        return "", ()
    said = words("report", "measure")
    if any(group.assessment for group in found):
        live = keep_worded(
            ("group_figure", mine.state, column), lambda: group_figure(_counted(found), words("reliability", "yours"))
        )
        figure(
            live, "yours_groups", badge=t("yours.badge", rows=numbers.whole(sum(group.count for group in found))), source="yours"
        )
        rows = typeset((literal(name), *cells) for name, *cells in group_rows(found, said))
        heads = (
            "",
            *(said[f"column_{name}"] for name in ("rows",)),
            "",
            *(said[f"column_{name}"] for name in ("value", "interval", "difference")),
        )
        prose.markdown(markdown_table(heads, rows, left=(0, 2)))
    for note in group_notes(found, said):
        st.text(note)
    return plain_text(column), found


def _counted(groups: Sequence[Group]) -> list[tuple[str, DiagramNumbers]]:
    return [(group.name, diagram_numbers(group.assessment, NUM_BINS, "uniform")) for group in groups if group.assessment]
