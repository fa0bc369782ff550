"""Rows of a stretch of the diagram: brushed there or chosen by two ends, looked at and saved."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.core.gate import PAGE
from lsviz.core.predictions.stretch import stretch, stretch_rows
from lsviz.core.predictions.text import no_formula
from lsviz.figures import numbers
from lsviz.pages.yours.files import Own, keep, worked
from lsviz.pages.yours.geometry import class_names
from lsviz.predictions.groups import id_column, is_table, read_cells
from lsviz.texts.catalogue import t, unbroken
from lsviz.ui import prose, uploads
from lsviz.ui.controls import update, view_state
from lsviz.ui.saving import save_button

SHOWN = 200  # rows on the page; the file has all
BEGIN = (90, 100)  # per cent


def brushed(key: str, ends: Sequence[float]) -> None:
    """Take the stretch that was brushed, widened to whole per cents, and open its rows (a callback)."""
    low, high = sorted(min(1.0, max(0.0, end)) for end in ends)
    st.session_state[_key(key)] = (math.floor(100 * low), math.ceil(100 * high))
    update(open=navigation.in_order({*view_state().open, "stretch"}))


def listed(mine: Own, files: Sequence[Any]) -> None:
    """Two ends, which arrow keys move, and the rows between them."""
    st.session_state.setdefault(_key(mine.key), BEGIN)
    st.slider(t("yours.stretch_ask"), 0, 100, key=_key(mine.key), format="%d%%")
    low, high = st.session_state[_key(mine.key)]
    found = stretch(mine.summary, low / 100, high / 100)
    if not len(found.places):
        st.text(t("yours.stretch_none"))
        return
    known = {
        "rows": numbers.whole(len(found.places)),
        "sure": numbers.percent(found.confidence, 1),
        "right": numbers.percent(found.accuracy, 1),
    }
    prose.markdown(unbroken(t("yours.stretch_said", **known)))
    ids = _ids(mine, files)
    rows = stretch_rows(mine.summary, found, class_names(mine), ids)
    heads = tuple(t(f"yours.stretch_{name}") for name in ("id" if ids else "row", "true", "answer", "confidence", "right"))
    shown = [(who, y, a, c, t(f"yours.stretch_is_{r}")) for who, y, a, c, r in rows[:SHOWN]]
    st.dataframe(dict(zip(heads, zip(*shown))), hide_index=True, height=36 * min(len(shown) + 1, 11) + 4)
    if len(rows) > SHOWN:
        prose.caption(t("yours.stretch_more", shown=SHOWN, rows=numbers.whole(len(rows))))
    save_button(
        t("yours.stretch_save"), lambda: _csv(bool(ids), rows), f"lsviz-rows-{low}-{high}.csv", "text/csv", key="yours_stretch_csv"
    )


def _ids(mine: Own, files: Sequence[Any]) -> Sequence[str]:
    """What the file calls its rows, where a column that was left out looks like it."""
    file, taken = next((file for file in files if file.file_id == mine.key), None), mine.diagnosis.outputs.taken
    column = id_column(taken.left) if taken and file and is_table(mine.name) else None
    if column is None or file is None:
        return ()
    found = keep(("ids", mine.key, column), lambda: worked(lambda: read_cells(uploads.content(file), file.name, column, PAGE, 200)))
    return () if isinstance(found, LsvizError) else found


def _csv(ids: bool, rows: Sequence[tuple[str, ...]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerows([("id" if ids else "row", "label", "answer", "confidence", "right"), *(map(no_formula, row) for row in rows)])
    return made.getvalue()


def _key(key: str) -> str:
    return f"yours_stretch_{key}"
