"""One background worker for heavy work: identical requests run once, results are kept, work nobody waits for is dropped."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st

from lsviz.lab.allocator import give_back

MOST_KEPT, MOST_BYTES = 24, 40_000_000  # finished jobs and their results; those used longest ago go first


class Cancelled(Exception):
    """Raised inside a job once nobody waits for it."""


@dataclass
class Job:
    """A piece of work: where it stands, what it has so far, and which sessions wait for it."""

    key: str
    state: str = "waiting"  # waiting, running, done, failed or cancelled
    stage: str = ""
    share: float = 0.0
    result: Any = None  # of its work; while that runs, the best so far
    error: Exception | None = None
    sessions: set[str] = field(default_factory=set)
    number: int = field(default_factory=count().__next__)  # a key may be asked for again after it failed

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "running")


Tell = Callable[[str, float, object], None]


class Jobs:
    """The queue. `alive(session)` says whether a session is still there; a job whose sessions are all gone stops at its next step."""

    def __init__(self, alive: Callable[[str], bool] = lambda session: True) -> None:
        self._alive = alive
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="lsviz-job", initializer=_step_back)

    def find(self, key: str) -> Job | None:
        with self._lock:
            return self._jobs.get(key)

    def ask(self, key: str, session: str, work: Callable[[Tell], object]) -> Job:
        """The job of this key: the one there is, or a new one whose `work` gets `tell(stage, share, best_so_far)` and returns the result."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.state in ("failed", "cancelled"):
                job = self._jobs[key] = Job(key)
                self._worker.submit(self._run, job, work)
            job.sessions.add(session)
            if not job.open:
                self._jobs.move_to_end(key)  # used last, dropped last
            return job

    def touch(self, job: Job) -> Job:
        """`job` was used just now: of the finished ones it is dropped last."""
        with self._lock:
            if job.key in self._jobs and not job.open:
                self._jobs.move_to_end(job.key)
        return job

    def _tidy(self) -> None:
        """Drop what was finished and used longest ago, beyond `MOST_KEPT` jobs or `MOST_BYTES` (of results that know their size)."""
        with self._lock:
            finished = [(key, getattr(job.result, "nbytes", 0)) for key, job in self._jobs.items() if not job.open]
            count, size = len(finished), sum(nbytes for _, nbytes in finished)
            for key, nbytes in finished[:-1]:
                if count <= MOST_KEPT and size <= MOST_BYTES:
                    return
                del self._jobs[key]
                count, size = count - 1, size - nbytes

    def leave(self, key: str, session: str) -> None:
        """`session` no longer waits; the job stops when it was the last."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and job.open:
                job.sessions.discard(session)
                if job.state == "waiting" and not job.sessions:
                    job.state = "cancelled"

    def forget(self, key: str) -> None:
        """Keep nothing of a finished job; one that still runs for somebody is left alone."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and (not job.open or not job.sessions):
                del self._jobs[key]

    def ahead_of(self, job: Job) -> int:
        """How many jobs run or wait before this one."""
        with self._lock:
            before = list(self._jobs.values())[: list(self._jobs).index(job.key)] if job.key in self._jobs else []
            return sum(other.open for other in before) if job.state == "waiting" else 0

    def _wanted(self, job: Job) -> bool:
        with self._lock:
            job.sessions = {session for session in job.sessions if self._alive(session)}
            return bool(job.sessions)

    def _run(self, job: Job, work: Callable[[Tell], object]) -> None:
        def tell(stage: str, share: float, best: object = None) -> None:
            if not self._wanted(job):
                raise Cancelled
            job.stage, job.share = stage, share
            if best is not None:
                job.result = best

        if job.state == "cancelled":
            return self._tidy()
        job.state = "running"
        try:
            tell("", 0.0)
            job.result = work(tell)
            job.share, job.state = 1.0, "done"
        except Cancelled:
            job.state, job.result = "cancelled", None
        except Exception as error:  # the page names it; the worker lives on
            job.error, job.state = error, "failed"
        self._tidy()
        give_back()


def _step_back() -> None:
    """On Linux the worker's thread gives way to the threads that answer readers."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


def _is_open(session: str) -> bool:
    from streamlit import runtime

    return not runtime.exists() or runtime.get_instance().is_active_session(session)


@st.cache_resource(show_spinner=False)
def shared() -> Jobs:
    """The one queue of this server."""
    return Jobs(_is_open)


def this_session() -> str:
    """The id of the session that runs now."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""
