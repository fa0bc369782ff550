"""Whether a heavy library still fits: asked before it is loaded, so that a small server says "busy" instead of dying. And little held for nothing."""

from __future__ import annotations

import gc
from collections.abc import Callable

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.gate import room_mb as room_mb
from lsviz.core.gate import used_mb as used_mb
from lsviz.lab.allocator import give_back, hold_little

# MB that are taken once it has worked (measured: umap with its compiled code and 5,000 images; the Lab's process with PyTorch)
NEEDS = {"umap": 340, "torch": 220}


@st.cache_resource(max_entries=128, show_spinner=False)
def settle(page: str, num_classes: int, language: str) -> None:
    """Once what a page needs is loaded: Streamlit searches all objects for garbage after every run, and what is there for good need not be searched."""
    hold_little()
    give_back()
    gc.freeze()


def require(library: str, loaded: bool, make_room: Callable[[], None] | None = None) -> None:
    """Return if `library` is loaded or fits, perhaps after `make_room`. Raises LsvizError "memory.busy" otherwise. Call it before the import."""
    if loaded or (left := room_mb()) >= NEEDS[library]:
        return
    if make_room is not None:
        make_room()
        left = room_mb()
    if left < NEEDS[library]:
        raise LsvizError("memory.busy", need=NEEDS[library], left=max(0, round(left)))
