"""A job on the page: bar, stage and cancel while it runs, and what it has so far, several times a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.jobs import queue
from lsviz.texts.catalogue import error_text, t

Seen = TypeVar("Seen", bound=queue.Job | None)  # a page that always has a job need not draw without one
_EVERY = 0.4  # seconds between two looks
_FOLLOWED = "jobs_followed"
_FIRST = {"lab": "data", "umap": "neighbours"}  # section of texts -> the stage a job is in before it has told
_FAILED = {"lab": "lab.failed", "umap": "umap.failed"}


def leave(key: str) -> None:
    """This session no longer waits for the job `key` (a callback)."""
    queue.shared().leave(key, queue.this_session())


def follow(job: Seen, draw: Callable[[Seen], None]) -> None:
    """Call `draw` several times a second while `job` is open, once when it is not; the page runs again when it ends."""
    followed: set[str] = st.session_state.setdefault(_FOLLOWED, set())
    if job is not None and job.open:
        followed.add(job.key)
    st.fragment(_follow, run_every=_EVERY if job is not None and job.open else None)(job, draw)


def _follow(job: Seen, draw: Callable[[Seen], None]) -> None:
    followed: set[str] = st.session_state.setdefault(_FOLLOWED, set())
    if job is not None and job.state == "running" and job.result is None and job.key in followed:
        _await_first(job)
    if job is not None and (not job.open or queue.this_session() not in job.sessions) and job.key in followed:
        followed.discard(job.key)
        st.rerun()  # ends the looking
    draw(job)


def _await_first(job: queue.Job) -> None:
    """Wait a moment for the first partial result: it is seen as it comes, not at the next look."""
    until = time.monotonic() + _EVERY
    while job.state == "running" and job.result is None and job.stage == "train" and time.monotonic() < until:
        time.sleep(0.02)


def progress(job: queue.Job, *, section: str = "lab", cancel: Callable[[str], None] = leave, instead: str = "") -> None:
    """Bar, stage and cancel of an open job; the sentence of a failed one.

    Words are `section`'s; `instead` stands in for the stage's. `cancel` gets the job's key alone: Streamlit keeps a
    callback's arguments as long as the session, so they must not hold a training.
    """
    if job.open:
        ahead, first = queue.shared().ahead_of(job), _FIRST[section]
        said = instead or (
            t(f"{section}.waiting", count=ahead) if job.state == "waiting" else t(f"{section}.stage.{job.stage or first}")
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.share, text=said)
            st.button(t(f"{section}.cancel"), key=f"cancel_{job.key[:8]}_{job.key[-5:]}", on_click=cancel, args=(job.key,))
    elif job.state == "failed":
        known = job.error if isinstance(job.error, LsvizError) else LsvizError(_FAILED[section], reason=str(job.error))
        st.text(error_text(known))
