"""The round through all pages that fills the server's caches and this browser's, one page a run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from lsviz.jobs import memory
from lsviz.navigation import WARM_UP
from lsviz.state import ViewState
from lsviz.ui import controls
from lsviz.zoo import networks

_ROUND, _DONE = "warm_round", "warm_done"


@dataclass
class Round:
    """Pages still to open, each for one N, and when the round began."""

    left: list[tuple[str, int]]
    total: int
    began: float = field(default_factory=time.monotonic)


def start() -> None:
    """Begin a round (a callback). The pages are those of the navigation, as `go_on` hears of them."""
    st.session_state[_ROUND] = Round([], 0)
    st.session_state.pop(_DONE, None)


def finished() -> dict[str, object] | None:
    """What the last round of this session did: pages, seconds, MB of the server."""
    return st.session_state.get(_DONE)


def go_on(here: str, pages: Sequence[str]) -> None:
    """After a page has been drawn: on to the next of the round, if there is one."""
    made: Round | None = st.session_state.get(_ROUND)
    if made is None:
        return
    if here == WARM_UP and not made.left and not made.total:
        counts = networks.counts() or (ViewState().num_classes,)
        made.left = [(page, n) for n in counts for page in reversed(pages)]
        made.total = len(made.left)
    state = controls.view_state()
    if made.left:
        page, n = made.left.pop()
        controls.open_view(page, replace(ViewState(), num_classes=n, large=state.large, lang=state.lang))
    else:
        del st.session_state[_ROUND]
        st.session_state[_DONE] = dict(
            pages=made.total, seconds=round(time.monotonic() - made.began), memory=round(memory.used_mb())
        )
        controls.open_view(WARM_UP, ViewState(large=state.large, lang=state.lang))
    controls.turn_page(here)
    st.rerun()  # the next one is this page again, for another N
