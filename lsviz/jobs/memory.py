"""Whether a heavy library still fits: asked before it is loaded, so that a small server says "busy" instead of dying. And little held for nothing."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.gate import room_mb as room_mb
from lsviz.core.gate import used_mb as used_mb
from lsviz.lab.allocator import give_back, hold_little

# MB that are taken once it has worked (measured: numba, UMAP compiled by it, and 5,000 images; the Lab's process with PyTorch)
NEEDS = {"umap": 180, "torch": 220}


@st.cache_resource(max_entries=128, show_spinner=False)
def settle(page: str, num_classes: int, language: str) -> None:
    """Once what a page needs is loaded: what is there for good need not be searched for garbage."""
    hold_little()
    give_back()
    gc.freeze()


class Sweeper:
    """Collects garbage beside the answers: once in `every` seconds in which a page was drawn. After every run, as Streamlit does unless
    told otherwise (`runner.postScriptGC`), it takes a third of a busy server's time."""

    def __init__(self, every: float = 15.0, sweep: Callable[[], None] = give_back) -> None:
        self._every, self._sweep = every, sweep
        self._drawn = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def drawn(self) -> None:
        """A page was drawn: garbage may lie about."""
        self._drawn.set()

    def _run(self) -> None:
        while self._drawn.wait():
            time.sleep(self._every)
            self._drawn.clear()
            self._sweep()


@st.cache_resource(show_spinner=False)
def sweeper() -> Sweeper:
    """The server's one."""
    return Sweeper()


def require(library: str, loaded: bool, make_room: Callable[[], None] | None = None) -> None:
    """Return if `library` is loaded or fits, perhaps after `make_room`. Raises LsvizError "memory.busy" otherwise. Call it before the import."""
    if loaded or (left := room_mb()) >= NEEDS[library]:
        return
    if make_room is not None:
        make_room()
        left = room_mb()
    if left < NEEDS[library]:
        raise LsvizError("memory.busy", need=NEEDS[library], left=max(0, round(left)))
