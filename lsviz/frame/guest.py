"""A phone in a room that cannot reach the room's own page: `?join=KVRTM` is the same page in Streamlit, and nothing else of the app."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.classroom.routes import every_word
from lsviz.frame import relay
from lsviz.state import ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import controls
from lsviz.ui.assets import ICON, served_component

_guest = served_component("lsviz_guest", "guest", waiting_height="100svh")
_JOIN, _VISIT = "join", "visit"


def comes() -> bool:
    """Whether this visitor comes by a room's address."""
    return _JOIN in st.query_params


def page() -> None:
    """The whole page."""
    controls.speak()
    st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")
    _guest(key="guest", data={"code": st.query_params[_JOIN][:5].upper(), "words": every_word()})
    relay.mount()


def lead() -> None:
    """`?visit=loss&…` at the root is another page: some proxies forward no other address. Called before the view follows the URL."""
    query = st.query_params.to_dict()
    if (wanted := query.pop(_VISIT, "")) in navigation.names():
        state = ViewState.from_query(query)
        controls.begin(state)
        controls.open_view(wanted, state)
