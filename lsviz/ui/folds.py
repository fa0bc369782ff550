"""A fold: a row with a title and what it holds in a few words, built when it is opened; which are open stands in the URL."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lsviz import navigation
from lsviz.texts.catalogue import t
from lsviz.ui.controls import update, view_state


def fold(name: str, draw: Callable[[], object]) -> None:
    """The fold `name` (one of navigation.FOLDS); `draw` fills it once it is open. Its words are the texts fold.<name> and fold_holds.<name>."""
    key = f"fold_{name}"
    st.session_state[key] = name in view_state().open
    label = f"**{t(f'fold.{name}')}** :gray[{t(f'fold_holds.{name}')}]"
    with st.expander(label, key=key, on_change=_turn, args=(name,)) as opened:
        if opened.open:
            draw()


def _turn(name: str) -> None:
    """Open what is closed, close what is open (a callback)."""
    now = {*view_state().open} ^ {name}
    update(open=navigation.in_order(now))
