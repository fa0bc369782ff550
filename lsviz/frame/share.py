"""For the room: larger type, the other language, and links to this view for the presenter and for students, with a QR code to point a phone at."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import segno
import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.frame import drafts, handouts, lecture_bar
from lsviz.navigation import PAGES
from lsviz.state import HIDEABLE, ViewState
from lsviz.texts.catalogue import language, other_language, streamlits_own, t
from lsviz.ui import controls
from lsviz.ui.assets import served_component

_room = served_component("lsviz_room", "room")
_USUAL = ("menu",)  # what a student's link leaves out until something else is chosen


def furnish(here: str) -> None:
    """Called last on every page, `here`: the type's size and language; the switch of languages, and the Share menu unless this is a student's view."""
    state = controls.view_state()
    _room(
        key="room",
        data={"large": state.large, "language": language(), "instead": streamlits_own(), "glossary": t("glossary.title")},
    )
    if st.context.is_embedded:
        return
    with st.container(key="share", horizontal=True, gap="xsmall", width="content"):
        change = {"lang": other_language()}
        st.button(t("share.other_language"), type="tertiary", on_click=controls.update, kwargs=change, key="language")
        if state.hide:
            return
        menu = st.popover(t("share.title"), icon=":material/qr_code_2:", type="tertiary", key="share_menu", on_change="rerun")
        if menu.open:
            with menu:
                _links(state)
                if here in PAGES:
                    drafts.take(here)


def _links(state: ViewState) -> None:
    st.markdown(f"**{t('share.students')}**")
    st.caption(t("share.students_about"))
    hide = st.pills(
        t("share.hide_label"),
        [name for name in HIDEABLE if name != "notes"],
        selection_mode="multi",
        default=_USUAL,
        format_func=lambda name: t(f"share.hide.{name}"),
        key="share_hide",
    )
    keep = bool(state.scene) and st.toggle(t("share.keep_lecture"), key="share_keep")
    link = address(student_view(state, tuple(hide), keep))
    if picture := qr_code(link):
        with st.container(key="share_code"):
            st.image(picture, width=280, alt=t("share.code_alt"))
    else:
        st.caption(t("share.too_long"))
    st.code(link, language=None, wrap_lines=True)
    st.markdown(f"**{t('share.presenter')}**")
    st.caption(t("share.presenter_about"))
    st.code(address(state), language=None, wrap_lines=True)
    controls.toggle("large", t("share.large"))
    if state.scene:
        with suppress(LsvizError):  # the bar says what is wrong with the lecture
            handouts.offer(lecture_bar.lecture_of(state), "lecture")


def student_view(state: ViewState, hide: tuple[str, ...], keep_lecture: bool) -> ViewState:
    """The same view for a phone: without what `hide` names, without the lecturer's notes, and without the lecture unless it is kept."""
    room: dict[str, Any] = {} if keep_lecture else {"scene": "", "step": 1}
    return replace(state, hide=tuple(name for name in HIDEABLE if name in (*hide, "notes")), large=False, **room)


def address(state: ViewState) -> str:
    """The whole link of a view of the page that is shown now, as the browser sees this app."""
    return bare_address(**state.to_query())


def bare_address(**query: str) -> str:
    """The page that is shown now with this query and nothing else."""
    here = (st.context.url or "").partition("?")[0].replace("/~/+", "")  # Community Cloud frames the app below /~/+/
    return f"{here}?{urlencode(query)}"


@once(256)
def qr_code(link: str) -> str | None:
    """The link as a QR code, SVG, black on white in either theme; None where it is too long for one."""
    try:
        return segno.make(link, error="m", micro=False).svg_inline(scale=8, border=3, light="#ffffff")
    except segno.DataOverflowError:
        return None
