"""Soft targets: what the network is told, how far apart that pushes its logits, and what libraries mean by alpha."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.smoothing.target_rows import real_classes
from lsviz.figures import targets as draw
from lsviz.figures.live import LiveFigure
from lsviz.pages.targets.code_to_copy import target_code
from lsviz.pages.targets.formula import convention_table, findings, in_numbers
from lsviz.pages.targets.kept import STOPS, hero, margin_map
from lsviz.pages.targets.pasted_vector import pasted
from lsviz.state import CONVENTIONS
from lsviz.texts.catalogue import class_name, t, words
from lsviz.ui import controls, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.plots import along, headline
from lsviz.ui.shown import figure


def closed(live: LiveFigure, key: str) -> None:
    figure(live, key, badge=t("badge.closed"), source="closed")


def local_controls(true_class: int, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        name = lambda k: class_name(CLASS_ORDER, k - 1)
        controls.pick("true_class", range(1, count + 1), t("targets.class_label"), name, shown=true_class + 1, width=170)
        controls.choose("convention", CONVENTIONS, "targets.conv", label=t("targets.convention_label"))
        controls.choose("axis", ("linear", "log"), "common.axis", label=t("targets.axis_label"))
        textbook = dict(num_classes=5, true_class=3, alpha=0.1, convention="uniform", axis="linear")
        st.button(
            t("targets.textbook"),
            help=t("targets.textbook_help"),
            on_click=controls.update,
            kwargs=textbook,
            type="tertiary",
            icon=":material/school:",
        )


def apart(gap: LiveFigure, n: int, convention: str) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        closed(gap, "targets_gap")
    with right:
        closed(margin_map(n, convention), "targets_map")


def libraries(n: int, alpha: float, convention: str) -> None:
    prose.markdown(convention_table(n, alpha, convention))
    prose.caption(t("targets.conventions_about"))


def paste(n: int, negative: float) -> None:
    pasted(
        st.text_input(t("targets.paste_label"), placeholder=t("targets.paste_placeholder"), max_chars=20_000, key="targets_paste")
    )
    controls.slide("negative", -1.0, 0.0, 0.05, t("targets.negative_switch"))
    if negative < 0:
        closed(draw.negative_figure(n, negative, words("targets")), "targets_negative")
        prose.caption(t("targets.negative_about"))


def code(n: int, true_class: int, alpha: float, convention: str) -> None:
    name = class_name(CLASS_ORDER, true_class)
    for column, kind in zip(st.columns(2, gap="large"), ("torch", "numpy")):
        column.caption(t(f"targets.code_{kind}"))
        column.code(target_code(kind, n, true_class, name, alpha, convention), language="python", wrap_lines=True)


def render() -> None:
    state = controls.view_state()
    n = state.num_classes
    undefined = state.convention == "others_no_pad" and n < 3
    convention = "uniform" if undefined else state.convention
    count = real_classes(n, convention)
    true_class = min(state.true_class, count) - 1
    heads, subs = findings(STOPS, n, convention)
    headline(STOPS, heads, [t("targets.undefined_note")] * len(subs) if undefined else subs)
    local_controls(true_class, count)
    bars, gap = hero(n, true_class, convention, state.axis == "log")
    left, right = st.columns([7, 5], gap="large")
    with left:
        closed(bars, "targets_bars")
    with right:
        st.subheader(t("targets.formula_title"))
        along(STOPS, *in_numbers(STOPS, n, convention), key="targets_formula")
        prose.caption(t("targets.asks_caption"))
    fold("gap", lambda: apart(gap, n, convention))
    fold("libraries", lambda: at_alpha("libraries", lambda now: libraries(n, now.alpha, convention)))
    fold("paste", lambda: paste(n, state.negative))
    # Streamlit's syntax highlighter is a third of what a browser must run for this page: only for those who want code
    fold("code", lambda: at_alpha("code", lambda now: code(n, true_class, now.alpha, convention)))
    st.page_link(navigation.file("loss"), label=t("targets.next"), icon=":material/arrow_forward:")


if __name__ == "__main__":
    render()
