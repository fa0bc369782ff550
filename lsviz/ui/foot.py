"""The same foot under every figure: where its numbers come from, how to read it, and saving it."""

from __future__ import annotations

import csv
import io

import streamlit as st

from lsviz.figures.live import LiveFigure
from lsviz.ui.controls import view_state
from lsviz.ui.plots import image_buttons
from lsviz.ui.texts import t

ICONS = {"closed": ":material/function:", "measured": ":material/science:", "paper": ":material/menu_book:"}


def table_csv(live: LiveFigure) -> str:
    """The figure's data as CSV text, one row an entry, header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(live.table)
    clean = lambda value: f"{value:.10g}" if isinstance(value, float) else value  # 0.84, not 0.8400000000000001
    writer.writerows([clean(value) for value in row] for row in zip(*live.table.values(), strict=True))
    return text.getvalue()


def page_html(live: LiveFigure, alpha: float) -> str:
    """The figure at `alpha` as one self-contained page that opens offline."""
    return live.resolved(alpha).to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})


def figure_foot(live: LiveFigure, *, key: str, badge: str, source: str, how: str) -> None:
    """Badge (`source` is a key of ICONS), "How to read" and "Save" for the figure mounted under `key`."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"foot_{key}"):
        st.badge(badge, icon=ICONS[source], color="gray")
        shown = st.toggle(t("common.how"), key=f"how_{key}", width="content")
        menu = st.popover(t("common.save"), type="tertiary", key=f"save_{key}", on_change="rerun")
        if menu.open:  # built only when asked for: eight closed menus a page would cost a third of its rerun
            with menu:
                _save_menu(live, key)
    if shown:
        st.markdown(how)


def _save_menu(live: LiveFigure, key: str) -> None:
    alpha, name = view_state().alpha, f"lsviz-{key}"
    st.download_button(
        t("common.csv"), lambda: table_csv(live), f"{name}.csv", "text/csv", on_click="ignore", key=f"csv_{key}", width="stretch"
    )
    st.download_button(
        t("common.html"), lambda: page_html(live, alpha), f"{name}.html", "text/html", on_click="ignore", key=f"html_{key}",
        width="stretch",
    )  # fmt: skip
    image_buttons(key, name)
