"""Where a host forwards Streamlit's own addresses alone, the browser asks rooms through a fragment of the page: one question a run."""

from __future__ import annotations

import streamlit as st

from lsviz.classroom.asked import answer
from lsviz.classroom.here import ask, rooms_here
from lsviz.frame.handouts import of_class
from lsviz.navigation import names
from lsviz.ui.assets import served_component

_relay = served_component("lsviz_relay", "relay")
_KEY, _ANSWER = "relay", "relay_answer"


@st.fragment
def mount() -> None:
    """Draw what carries questions and answers; nothing of it is seen."""
    _relay(key=_KEY, data={"answer": st.session_state.get(_ANSWER)}, on_asked_change=_take)


def _take() -> None:
    asked = (st.session_state.get(_KEY) or {}).get("asked")
    if isinstance(asked, dict):
        st.session_state[_ANSWER] = {"id": asked.get("id"), **answered(asked.get("question"))}


def answered(question: object) -> dict[str, object]:
    """What the rooms of this process say to a question (classroom/asked.py)."""
    try:
        return ask(answer(rooms_here(tuple(names())), question, of_class))
    except TimeoutError:
        return {"refused": "away"}
