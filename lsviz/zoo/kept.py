"""What is worked out of the stored networks is kept for all sessions as long as their folder stays as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lsviz.texts.catalogue import cached_words, kept_for_all, with_first

Given = ParamSpec("Given")
Made = TypeVar("Made")
DEFAULT = Path(__file__).parents[2] / "checkpoints"
_STAMP = "zoo_stamp"


def folder() -> Path:
    """Where the networks lie: `checkpoints/`, or the folder named by LSVIZ_CHECKPOINTS."""
    return Path(os.environ.get("LSVIZ_CHECKPOINTS", DEFAULT))


def look() -> None:
    """See once, at the start of a run, what lies in the folder: a page asks for `stamp` some thirty times."""
    st.session_state[_STAMP] = (str(folder()), _stamp_now())


def stamp() -> str:
    """Changes whenever the manifest or a network's file does."""
    if get_script_run_ctx(suppress_warning=True) is None:  # a download that is made after the run
        return _stamp_now()
    where, seen = st.session_state.get(_STAMP, ("", ""))
    return seen if where == str(folder()) else _stamp_now()


def _stamp_now() -> str:
    try:
        with os.scandir(folder()) as entries:
            files = sorted(
                (entry.name, (status := entry.stat()).st_mtime_ns, status.st_size)
                for entry in entries
                if entry.name.endswith((".json", ".safetensors")) and not entry.name.startswith(".")
            )
    except OSError:
        return f"{folder()}:none"
    return f"{folder()}:{len(files)}:{hash(tuple(files)):x}"


def of_store(*, max_entries: int, words: bool = False) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """Keeps what a function makes of the stored networks, by its arguments, until `stamp` changes.

    What holds words is kept apart by language: say `words`. What holds numbers alone is made once for all.
    """

    def decorate(make: Callable[Given, Made]) -> Callable[Given, Made]:
        stamped = with_first("stamp", make)
        kept = cached_words(max_entries=max_entries)(stamped) if words else kept_for_all(stamped, max_entries)

        @wraps(make)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            return kept(stamp(), *args, **kwargs)

        return call

    return decorate
