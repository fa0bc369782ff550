"""What the server draws for one alpha. Alpha is the browser's: the server hears of a release only where one of these places is on screen;
else with the next thing that somebody does."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lsviz.state import ViewState
from lsviz.ui.assets import served_component
from lsviz.ui.controls import hear, heard, view_state

_courier = served_component("lsviz_courier", "courier")


def at_alpha(key: str, draw: Callable[[ViewState], object]) -> None:
    """`draw(view)` in a place of its own; the page is drawn anew whenever alpha rests elsewhere while that place is on screen.

    Not a fragment: what a fragment sends while the reader turns the page breaks the browser's tree (Streamlit 1.67: "bad delta path").
    """
    with st.container(key=f"at_alpha_{key}"):
        _carry(f"courier_{key}", "place")
        draw(view_state())


def page_at_alpha() -> None:
    """The whole of this page is drawn for one alpha."""
    _carry("courier_page", "page")


def keep_alpha() -> None:
    """Called last on every page: alpha is told before anything else that is done, so that the server never answers for an old one."""
    with st.container(key="at_alpha_kept"):
        _carry("courier_kept", "kept")


def _carry(key: str, kind: str) -> None:
    """`kind`: told of every release while its "place" is on screen, or wherever on the "page", or only before something is done ("kept")."""
    data = {"alpha": view_state().alpha, "heard": heard(), "kind": kind}
    _courier(key=key, data=data, on_told_change=lambda: _hear((st.session_state.get(key) or {}).get("told")))


def _hear(told: object) -> None:
    """Take [alpha, serial] where it is sound. It is None where the reader has left for another page meanwhile: the courier there says it again."""
    match told:
        case [float() | int() as alpha, int() as serial] if 0 <= alpha <= 1:
            hear(float(alpha), serial)
