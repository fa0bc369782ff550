"""Where a lecture begins: the shipped ones at one click, a lecturer's own from a file, which becomes a link."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.frame import drafts, handouts, lecture_bar
from lsviz.frame.share import bare_address
from lsviz.lectures import Lecture, find_lecture, lecture_text, packed, read_lecture, shipped
from lsviz.texts.catalogue import error_text, language, t
from lsviz.ui import controls, prose
from lsviz.ui.saving import save_button

EXAMPLE = "five"


def starters() -> None:
    """One row: a button a lecture, and the way to an own one. Left out while a lecture runs and in students' links."""
    state = controls.view_state()
    if state.scene or state.hide:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="starters"):
        prose.caption(t("lectures.play"), width="content")
        for name in shipped():
            st.button(
                t(f"lectures.{name}"),
                on_click=lecture_bar.open_step,
                args=(name, 1),
                icon=":material/play_arrow:",
                key=f"play_{name}",
            )
        st.button(t("write.title"), icon=":material/edit:", type="tertiary", on_click=drafts.come_back, key="write_own")
        menu = st.popover(t("lectures.own"), type="tertiary", key="own_lecture", on_change="rerun")
        if menu.open:
            with menu:
                _own()
        paper = st.popover(t("handout.get"), type="tertiary", key="handouts", on_change="rerun")
        if paper.open:
            with paper:
                prose.markdown(t("handout.get_about"))
                for name in shipped():
                    handouts.offer(find_lecture(name, navigation.names(), language()), name)


def _own() -> None:
    prose.markdown(t("lectures.own_about"))
    save_button(t("lectures.example"), lambda: lecture_text(EXAMPLE, language()), "lecture.toml", "text/plain")
    given = st.file_uploader(t("lectures.upload"), type="toml", max_upload_size=1, key="lecture_file")
    if given is None:
        return
    try:
        text = given.getvalue().decode("utf-8-sig")
        found = read_lecture(text, navigation.names())
    except UnicodeDecodeError:
        st.text(t("lectures.not_text"))
    except LsvizError as error:
        st.text(error_text(error))
    else:
        _ready(found, packed(text))


def _ready(found: Lecture, scene: str) -> None:
    st.button(
        t("lectures.start", title=found.title, steps=len(found.steps)),
        on_click=lecture_bar.open_step,
        args=(scene, 1),
        type="primary",
        key="play_own",
    )
    handouts.offer(found, "lecture")
    prose.caption(t("lectures.link"))
    st.code(bare_address(scene=scene), language=None, height=120, wrap_lines=True)
