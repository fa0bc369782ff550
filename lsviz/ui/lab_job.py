"""A training in the lab as a job: asked for by a press, followed while it runs, kept for whoever asks for the same."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.config import LabConfig
from lsviz.lab.data import Table
from lsviz.lab.run import LabRun
from lsviz.lab.worker import Worker
from lsviz.texts.catalogue import error_text, t
from lsviz.ui import controls, jobs, memory

SEEDS = 5
_WANTED, _AGAIN, _LAST, _EVERY = "lab_wanted", "lab_again", "lab_last", 0.4
Tell = Callable[[str, float, object], None]


@dataclass(frozen=True)
class SeedRange:
    """The last epoch's measures of several seeds: name -> (seeds, M)."""

    measures: dict[str, np.ndarray]

    def of(self, name: str) -> np.ndarray:
        """Least and most over the seeds, (2, M); NaN where a seed's network diverged."""
        return np.stack([self.measures[name].min(axis=0), self.measures[name].max(axis=0)])

    def change(self, name: str, hard: int, m: int) -> np.ndarray:
        """What network `m` has more of `name` than the `hard` one of the same seed (seeds,)."""
        return self.measures[name][:, m] - self.measures[name][:, hard]


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The one training process of this server; the queue's one thread alone uses it."""
    return Worker()


def train(config: LabConfig, table: Table | None, tell: Tell) -> LabRun:
    """One training, where there is memory for its process. Raises LsvizError."""
    return ready().train(config, table, tell)


def ready() -> Worker:
    """The worker, where there is memory for its process. Raises LsvizError."""
    memory.require("torch", worker().running)
    return worker()


def require_umap() -> None:
    """Raises LsvizError where umap does not fit. One queue, one job at a time: the Lab's process is idle, and may go."""
    memory.require("umap", "umap" in sys.modules, make_room=worker().close)


def five_seeds(config: LabConfig, table: Table | None, tell: Tell) -> SeedRange:
    """The same training with the next seeds too, data and wrong labels drawn anew."""
    ends = []
    for i in range(SEEDS):
        within = lambda stage, share, best, i=i: tell("seeds", (i + share) / SEEDS, None)
        one = replace(config, seed=(config.seed + i) % 10_000)
        there = jobs.shared().find(one.key)
        run = there.result if there is not None and there.state == "done" else train(one, table, within)
        ends.append({name: curve[:, -1] for name, curve in run.curves.items()})
    return SeedRange({name: np.stack([end[name] for end in ends]) for name in ends[0]})


def press() -> None:
    """The button: from now on this session's settings are trained as they change; what failed is tried again."""
    st.session_state[_WANTED] = st.session_state[_AGAIN] = True


def training(config: LabConfig, table: Table | None) -> jobs.Job | None:
    """The job of `config`: asked for once the button was pressed, and shown unasked where another session has trained it."""
    wanted, again = st.session_state.get(_WANTED, False), st.session_state.pop(_AGAIN, False)
    return _asked("lab_key", config.key, wanted, again, lambda tell: train(config, table, tell))


def seeds(config: LabConfig, table: Table | None, wanted: bool) -> jobs.Job | None:
    """The job of five seeds, while it is `wanted`."""
    return _asked("lab_seeds_key", f"{config.key}-seeds", wanted, False, lambda tell: five_seeds(config, table, tell))


def _asked(slot: str, key: str, wanted: bool, again: bool, work: Callable[[Tell], object]) -> jobs.Job | None:
    """The job `key`, if `wanted` or done; the one this session waited for before, in the same `slot`, is left."""
    queue, me = jobs.shared(), jobs.this_session()
    before = st.session_state.get(slot)
    if before not in (None, key):
        queue.leave(before, me)
    st.session_state[slot] = key
    found = queue.find(key)
    if found is not None and (found.state == "done" or wanted and found.state == "failed" and not again):
        return queue.touch(found)
    return queue.ask(key, me, work) if wanted else None


def finished(job: jobs.Job | None) -> LabRun | None:
    """What to show: the training asked for once it is done, else the last one this session saw."""
    if job is not None and job.state == "done":
        st.session_state[_LAST] = job.result
    return st.session_state.get(_LAST)


def cancel(key: str) -> None:
    """This session no longer waits for the job `key`, nor for what else it would train by itself.

    A callback: Streamlit keeps its arguments as long as the session, so they must not hold a training.
    """
    st.session_state[_WANTED] = False
    controls.update(lab_five=False)
    jobs.shared().leave(key, jobs.this_session())


def follow(job: jobs.Job | None, draw: Callable[[jobs.Job | None], None]) -> None:
    """Bar, stage and cancel while `job` is open, above what `draw` makes of it several times a second; the page runs again when it ends."""
    following: set[str] = st.session_state.setdefault("lab_following", set())
    if job is not None and job.open:
        following.add(job.key)
    st.fragment(_follow, run_every=_EVERY if job is not None and job.open else None)(job, draw)


def _follow(job: jobs.Job | None, draw: Callable[[jobs.Job | None], None]) -> None:
    following: set[str] = st.session_state["lab_following"]
    if job is not None and job.state == "running" and job.result is None and job.key in following:
        _await_first(job)
    if job is not None and (not job.open or jobs.this_session() not in job.sessions) and job.key in following:
        following.discard(job.key)
        st.rerun()  # ends the looking
    draw(job)


def _await_first(job: jobs.Job) -> None:
    """Wait a moment for the first partial result: it is seen as it comes, not at the next look."""
    until = time.monotonic() + _EVERY
    while job.state == "running" and job.result is None and job.stage == "train" and time.monotonic() < until:
        time.sleep(0.02)


def progress(job: jobs.Job) -> None:
    """Bar, stage and cancel of an open job; the sentence of a failed one."""
    if job.open:
        ahead = jobs.shared().ahead_of(job)
        said = t("lab.waiting", count=ahead) if job.state == "waiting" else t(f"lab.stage.{job.stage or 'data'}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.share, text=said)
            st.button(t("lab.cancel"), key=f"lab_cancel_{job.key[:8]}_{job.key[-5:]}", on_click=cancel, args=(job.key,))
    elif job.state == "failed":
        st.text(error_text(job.error if isinstance(job.error, LsvizError) else LsvizError("lab.failed", reason=str(job.error))))
