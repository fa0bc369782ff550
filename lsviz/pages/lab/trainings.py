"""A training in the lab as a job: asked for by a press, followed while it runs, kept for whoever asks for the same."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lsviz.jobs import queue
from lsviz.jobs.training import Tell, five_seeds, train
from lsviz.lab.config import LabConfig
from lsviz.lab.data import Table
from lsviz.lab.run import LabRun
from lsviz.ui import controls

_WANTED, _AGAIN, _LAST = "lab_wanted", "lab_again", "lab_last"


def press() -> None:
    """The button: from now on this session's settings are trained as they change; what failed is tried again."""
    st.session_state[_WANTED] = st.session_state[_AGAIN] = True


def training(config: LabConfig, table: Table | None) -> queue.Job | None:
    """The job of `config`: asked for once the button was pressed, and shown unasked where another session has trained it."""
    wanted, again = st.session_state.get(_WANTED, False), st.session_state.pop(_AGAIN, False)
    return _asked("lab_key", config.key, wanted, again, lambda tell: train(config, table, tell))


def seeds(config: LabConfig, table: Table | None, wanted: bool) -> queue.Job | None:
    """The job of five seeds, while it is `wanted`."""
    return _asked("lab_seeds_key", f"{config.key}-seeds", wanted, False, lambda tell: five_seeds(config, table, tell))


def _asked(slot: str, key: str, wanted: bool, again: bool, work: Callable[[Tell], object]) -> queue.Job | None:
    """The job `key`, if `wanted` or done; the one this session waited for before, in the same `slot`, is left."""
    jobs, me = queue.shared(), queue.this_session()
    before = st.session_state.get(slot)
    if before not in (None, key):
        jobs.leave(before, me)
    st.session_state[slot] = key
    found = jobs.find(key)
    if found is not None and (found.state == "done" or wanted and found.state == "failed" and not again):
        return jobs.touch(found)
    return jobs.ask(key, me, work) if wanted else None


def finished(job: queue.Job | None) -> LabRun | None:
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
    queue.shared().leave(key, queue.this_session())
