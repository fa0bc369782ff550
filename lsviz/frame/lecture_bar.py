"""The player: while a lecture is in the URL its figure and question have the stage, and a slim bar stands above the whole page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lsviz import navigation
from lsviz.classroom.room import axes, right_order
from lsviz.classroom.routes import names
from lsviz.core.errors import LsvizError
from lsviz.core.marked import paragraphs, parts
from lsviz.frame import relay
from lsviz.lectures import Lecture, find_lecture
from lsviz.lectures.by_hand import curve
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, language, t, words
from lsviz.ui import controls
from lsviz.ui.assets import served_component

_bar = served_component("lsviz_lecture", "lecture")
_KEY = "lecture"
_BACK = "lecture_back"
# In the page before anything else is: what stands behind the stage is never seen, not even while it comes.
_BEHIND = (
    "<style>html:not(.lsviz-whole) :is([data-testid=stMainBlockContainer], [data-testid=stHeader]) { visibility: hidden; }</style>"
)


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


def bar(here: str) -> None:
    """Draw the lecture in the URL, if there is one."""
    state = controls.view_state()
    if not state.scene:
        return
    try:
        lecture = lecture_of(state)
    except LsvizError as error:
        with st.container(horizontal=True, vertical_alignment="center", key="lecture_wrong"):
            st.text(error_text(error))
            st.button(t("lecture.leave"), on_click=_leave, key="lecture_leave")
        return
    number = min(state.step, len(lecture.steps))
    step = lecture.steps[number - 1]
    shown = step.view(state)
    data = {
        "title": lecture.title,
        "step": number,
        "steps": len(lecture.steps),
        **{name: paragraphs(getattr(step, name)) for name in ("say", "ask", "reveal")},
        **({} if state.hide else {"notes": paragraphs(step.notes)}),  # what leaves anything out is a student's link
        **{name: [parts(text) for text in getattr(step, name)] for name in ("choices", "replies", "learned")},
        "pick": step.pick,
        "order": [parts(step.order[place]) for place in step.mixed],
        "right_order": right_order(step),
        "draw": axes(step),
        "curve": drawn.line if (drawn := curve(step)) else None,
        "answer": step.answer,
        "within": step.within,
        "blank": step.blank,
        "figure": step.figure,
        "elsewhere": here != step.page,
        "away": here != step.page or replace(state, alpha=shown.alpha) != shown,
        "alpha": shown.alpha,
        "between": here != step.page and state == step.view(state) and controls.is_history(),
        "classroom": _classroom(state),
        "words": dict(words("lecture", "question"))
        | {
            "place": t("lecture.place", step=number, steps=len(lecture.steps)),
            "no_figure": t("lecture.no_figure", figure=step.figure),
        }
        | ({"leave": t("write.back"), "close": t("write.close")} if _leads_back() else {"close": "×"}),
    }
    with st.container(key="lecture_bar"):
        st.html(_BEHIND)
        _bar(key=_KEY, data=data, on_go_change=_go, on_leave_change=_leave)
        if data["classroom"]:
            relay.mount()


def _classroom(state: ViewState) -> dict[str, object] | None:
    """What the bar needs to open a room for the class; a student's link, or a page framed on another site, opens none."""
    if state.hide or st.context.is_embedded:
        return None
    rounds = [t("question.first_vote"), t("question.second_vote")]
    return {
        "scene": state.scene,
        "language": language(),
        "names": names(language()),
        "rounds": rounds,
        "words": dict(words("classroom")),
    }


def _said(name: str) -> object:
    """What the bar tells; None when a second press came before the page it was pressed on was drawn."""
    return (st.session_state.get(_KEY) or {}).get(name)


def _go() -> None:
    number = _said("go")
    if isinstance(number, int) and not isinstance(number, bool):
        open_step(controls.view_state().scene, number)


def lead_back(scene: str, page: str) -> None:
    """Leaving this lecture leads to this page (a callback), as from a preview."""
    st.session_state[_BACK] = (scene, page)


def _leads_back() -> str:
    """The page that leaving the lecture leads to; "" where it stays."""
    scene, page = st.session_state.get(_BACK, ("", ""))
    return page if scene == controls.view_state().scene else ""


def _leave() -> None:
    if page := _leads_back():
        controls.open_view(page, replace(controls.view_state(), scene="", step=1))
    else:
        controls.update(scene="", step=1)
