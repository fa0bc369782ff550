"""The player: a slim bar on every page while a lecture is in the URL. Its question is asked before its answer is shown."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.lectures import Lecture, find_lecture
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, language, t, words
from lsviz.ui import controls
from lsviz.ui.assets import served_component
from lsviz.ui.plots import parts

_bar = served_component("lsviz_lecture", "lecture", waiting_height="3.2rem")
_KEY, _SHOWN = "lecture", "lecture_shown"


def lecture_of(state: ViewState) -> Lecture:
    """The lecture this view plays. Raises LsvizError."""
    return find_lecture(state.scene, navigation.names(), language())


def open_step(scene: str, number: int) -> None:
    """Go to a step of a lecture, in its state (a callback). A number beyond the end is the last step."""
    state = controls.view_state()
    steps = find_lecture(scene, navigation.names(), language()).steps
    number = max(1, min(number, len(steps)))
    step = steps[number - 1]
    controls.open_view(step.page, step.view(replace(state, scene=scene, step=number)))


def arrive() -> None:
    """A link that names a lecture and nothing else opens its step, wherever that is. Called before the view follows the URL."""
    query = st.query_params.to_dict()
    if "scene" not in query or "alpha" in query:
        return
    asked = ViewState.from_query(query)
    controls.begin(asked)
    try:
        open_step(asked.scene, asked.step)
    except LsvizError:
        return  # the bar says what is wrong
    st.query_params.from_dict(controls.view_state().to_query())


def bar(here: str) -> bool:
    """Draw the bar of the lecture in the URL, if there is one. False while its step holds the page back."""
    state = controls.view_state()
    if not state.scene:
        return True
    try:
        lecture = lecture_of(state)
    except LsvizError as error:
        with st.container(horizontal=True, vertical_alignment="center", key="lecture_wrong"):
            st.text(error_text(error))
            st.button(t("lecture.leave"), on_click=_leave, key="lecture_leave")
        return True
    number = min(state.step, len(lecture.steps))
    step = lecture.steps[number - 1]
    shown = st.session_state.get(_SHOWN) == (state.scene, number)
    data = {
        "title": lecture.title,
        "step": number,
        "steps": len(lecture.steps),
        **{
            name: [parts(line) for line in getattr(step, name).split("\n") if line.strip()]
            for name in (
                "say",
                "ask",
                "reveal",
                *(() if state.hide else ("notes",)),
            )  # what leaves anything out is a student's link
        },
        "shown": shown,
        "blank": step.blank,
        "figure": step.figure if here == step.page else "",
        "away": here != step.page or state != step.view(state),
        "between": here != step.page and state == step.view(state) and controls.is_history(),
        "words": dict(words("lecture"))
        | {
            "place": t("lecture.place", step=number, steps=len(lecture.steps)),
            "no_figure": t("lecture.no_figure", figure=step.figure),
        },
    }
    with st.container(key="lecture_bar"):
        _bar(key=_KEY, data=data, on_go_change=_go, on_shown_change=_reveal, on_leave_change=_leave)
    return shown or not step.blank


def _said(name: str) -> object:
    """What the bar tells; None when a second press came before the page it was pressed on was drawn."""
    return (st.session_state.get(_KEY) or {}).get(name)


def _go() -> None:
    number = _said("go")
    if isinstance(number, int) and not isinstance(number, bool):
        open_step(controls.view_state().scene, number)


def _reveal() -> None:
    state = controls.view_state()
    st.session_state[_SHOWN] = (state.scene, min(state.step, len(lecture_of(state).steps)))


def _leave() -> None:
    controls.update(scene="", step=1)
