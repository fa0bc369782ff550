"""A lecturer's own lecture in the writing: kept in the session and in this browser, fed from any page, tried on the stage."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lsviz.core.errors import LsvizError
from lsviz.frame import lecture_bar
from lsviz.lectures import packed, read_unfinished
from lsviz.lectures.draft import Draft, added, changed, drafted, is_full, joined, newest, seen, whole, written
from lsviz.navigation import PAGES, WRITE, names
from lsviz.texts.catalogue import t
from lsviz.ui import controls, foot
from lsviz.ui.assets import served_component

_keeper = served_component("lsviz_draft", "draft")
_KEY = "draft_keeper"
_DRAFT, _CHOSEN, _FORMER, _KNOWN, _FINDING = "draft", "draft_chosen", "draft_former", "draft_known", "draft_finding"


def draft() -> Draft:
    """What is being written."""
    return st.session_state.get(_DRAFT, Draft())


def chosen() -> int:
    """The number of the step that is open in the form; 0 where there is none."""
    names = draft().names
    return name if (name := st.session_state.get(_CHOSEN)) in names else next(iter(names), 0)


def choose(name: int) -> None:
    st.session_state[_CHOSEN] = name


def put(new: Draft) -> None:
    """Go on with this one (a callback)."""
    st.session_state[_DRAFT] = new


def begin(new: Draft) -> None:
    """Put a whole other one in the place of what is being written, which can be brought back (a callback)."""
    st.session_state[_FORMER] = draft()
    put(new)


def former() -> Draft | None:
    """The draft that gave its place to this one, if it held anything."""
    kept = st.session_state.get(_FORMER)
    return kept if kept and (kept.steps or kept.title) else None


def add(page: str, figure: str = "") -> None:
    """One more step: this page, as it is seen now (a callback)."""
    put(added(draft(), seen(page, controls.view_state(), figure)))
    choose(newest(draft()))


def show_in_step(page: str, figure: str = "") -> None:
    """Let the step that this page was opened for show what is seen now, and go back to it (a callback)."""
    step = seen(page, controls.view_state(), figure)
    put(changed(draft(), chosen(), page=page, query=step.query, figure=step.figure))
    come_back()


def find(name: int) -> None:
    """Open the page of a step, to look for what it should show (a callback)."""
    step = draft().step(name)
    st.session_state[_FINDING] = True
    controls.open_view(step.page if step.page in PAGES else names()[0], step.view(controls.view_state()))


def come_back() -> None:
    """To the form (a callback)."""
    st.session_state.pop(_FINDING, None)
    controls.open_view(WRITE, controls.view_state())


def preview() -> None:
    """Play what can be played, from the step in the form on (a callback). Leaving it leads back."""
    sound = whole(draft(), names())
    before = draft().names[: draft().names.index(chosen()) + 1]
    number = sum(name in before for name in sound.names)
    with suppress(LsvizError):  # the title is too long, which the form says
        lecture_bar.open_step(scene := packed(text(sound)), max(1, number))
        lecture_bar.lead_back(scene, WRITE)


def text(of: Draft) -> str:
    """Its TOML; with a title in any case, as it is the stage's name."""
    return written(of if of.title else Draft(t("write.untitled"), of.steps))


def take(here: str) -> None:
    """In the Share menu: this page as a step."""
    steps = len(draft().steps)
    keep()
    st.markdown(f"**{t('write.step_title')}**")
    st.caption(t("write.step_about"))
    figure = _figure("draft_take_figure", "")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            t("write.add_seen", step=steps + 1), on_click=add, args=(here, figure), disabled=is_full(draft()), key="draft_add"
        )
        if steps:
            st.button(t("write.open", count=steps), type="tertiary", on_click=come_back, key="draft_open")


def place(here: str) -> DeltaGenerator | None:
    """Where `bar` will stand, above a page that was opened for a step of the draft."""
    finding = st.session_state.get(_FINDING) and here in PAGES and draft().steps and not controls.view_state().scene
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="draft_bar") if finding else None


def bar(where: DeltaGenerator | None, here: str) -> None:
    """What to do with what is seen; drawn once the page has its figures."""
    if where is None:
        return
    name = chosen()
    number = draft().names.index(name) + 1
    with where:
        st.markdown(t("write.finding", step=number), width="content")
        figure = _figure("draft_find_figure", draft().step(name).figure)
        st.button(t("write.show_this", step=number), type="primary", on_click=show_in_step, args=(here, figure), key="draft_show")
        st.button(t("write.back"), type="tertiary", on_click=come_back, key="draft_back")


def _figure(key: str, usual: str) -> str:
    """Which of the page's figures has the stage; the first where nobody chose."""
    there = foot.figures_here()
    if len(there) < 2:
        return next(iter(there), "")
    if st.session_state.get(key) not in there:
        st.session_state[key] = usual if usual in there else next(iter(there))
    return st.selectbox(
        t("write.figure"), list(there), format_func=lambda one: there[one], key=key, label_visibility="collapsed", width=320
    )


# ---- the browser keeps it ---------------------------------------------------------------------------------------------


def keep() -> None:
    """Let this browser keep the draft, and give back what it kept: a reload loses nothing."""
    now = draft()
    held = written(now) if now.steps or now.title else ""
    _keeper(key=_KEY, data={"text": held, "known": bool(st.session_state.get(_KNOWN))}, on_kept_change=_recall)


def _recall() -> None:
    kept = (st.session_state.get(_KEY) or {}).get("kept")
    if isinstance(kept, str) and not st.session_state.get(_KNOWN):
        recall(kept)


def recall(kept: str) -> None:
    """Go on with what the browser kept; what was taken from pages since comes behind it."""
    st.session_state[_KNOWN] = True
    with suppress(LsvizError):  # not ours, or of another release
        put(joined(drafted(read_unfinished(kept)), draft()))
