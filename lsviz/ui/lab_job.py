"""A training in the lab as a job: asked for by a press, followed while it runs, kept for whoever asks for the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.config import LabConfig
from lsviz.lab.data import Table
from lsviz.lab.run import LabRun
from lsviz.lab.worker import Worker
from lsviz.ui import jobs, memory
from lsviz.ui.texts import error_text, t

SEEDS = 5
_WANTED, _AGAIN, _LAST, _EVERY = "lab_wanted", "lab_again", "lab_last", 0.4


@dataclass(frozen=True)
class SeedRange:
    """The last epoch's measures of several seeds: name -> (seeds, M)."""

    measures: dict[str, np.ndarray]

    def of(self, name: str) -> np.ndarray:
        """Least and most over the seeds, (2, M)."""
        values = self.measures[name]
        return np.stack([np.nanmin(values, axis=0), np.nanmax(values, axis=0)]) if np.isfinite(values).any() else np.full((2, values.shape[1]), np.nan)


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """The one training process of this server; the queue's one thread alone uses it."""
    return Worker()


def train(config: LabConfig, table: Table | None, tell: Callable[[str, float, object], None]) -> LabRun:
    """One training, where there is memory for its process. Raises LsvizError."""
    return ready().train(config, table, tell)


def ready() -> Worker:
    """The worker, where there is memory for its process. Raises LsvizError."""
    memory.require("torch", worker().running)
    return worker()


def five_seeds(config: LabConfig, table: Table | None, tell: Callable[[str, float, object], None]) -> SeedRange:
    """The same training with the next seeds too, data and wrong labels drawn anew."""
    ends = []
    for i in range(SEEDS):
        within = lambda stage, share, best, i=i: tell("seeds", (i + share) / SEEDS, None)
        run = train(replace(config, seed=(config.seed + i) % 10_000), table, within)
        ends.append({name: curve[:, -1] for name, curve in run.curves.items()})
    return SeedRange({name: np.stack([end[name] for end in ends]) for name in ends[0]})


def press() -> None:
    """The button: from now on this session's settings are trained as they change; what failed is tried again."""
    st.session_state[_WANTED] = st.session_state[_AGAIN] = True


def training(config: LabConfig, table: Table | None) -> jobs.Job | None:
    """The job of `config`: asked for once the button was pressed, and shown unasked where another session has trained it."""
    queue, me = jobs.shared(), jobs.this_session()
    before = st.session_state.get("lab_key")
    if before not in (None, config.key):
        queue.leave(before, me)
    st.session_state["lab_key"] = config.key
    found = queue.find(config.key)
    over = found is None or found.state == "cancelled" or (found.state == "failed" and st.session_state.pop(_AGAIN, False))
    st.session_state[_AGAIN] = False
    if st.session_state.get(_WANTED) and (over or found.open):
        return queue.ask(config.key, me, lambda tell: train(config, table, tell))
    return found


def seeds(config: LabConfig, table: Table | None) -> jobs.Job:
    """The job of five seeds."""
    return jobs.shared().ask(f"{config.key}-seeds", jobs.this_session(), lambda tell: five_seeds(config, table, tell))


def finished(job: jobs.Job | None) -> LabRun | None:
    """What to show: the training asked for once it is done, else the last one this session saw."""
    if job is not None and job.state == "done":
        st.session_state[_LAST] = job.result
    return st.session_state.get(_LAST)


def follow(job: jobs.Job, draw: Callable[[LabRun], None] | None = None) -> None:
    """Bar, stage and cancel while `job` is open, with `draw` of what there is; a new run of the page when it ends."""
    st.fragment(_follow, run_every=_EVERY if job.open else None)(job, draw)


def _follow(job: jobs.Job, draw: Callable[[LabRun], None] | None) -> None:
    if job.open:
        ahead = jobs.shared().ahead_of(job)
        said = t("lab.waiting", count=ahead) if job.state == "waiting" else t(f"lab.stage.{job.stage or 'data'}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(job.share, text=said)
            if st.button(t("lab.cancel"), key=f"lab_cancel_{job.key[:8]}_{job.key[-5:]}"):
                st.session_state[_WANTED] = False
                jobs.shared().leave(job.key, jobs.this_session())
                st.rerun()
        if draw is not None and isinstance(job.result, LabRun):
            draw(job.result)
    elif st.session_state.get("lab_ended") != job.number:
        st.session_state["lab_ended"] = job.number
        st.rerun()  # ends the looking
    if job.state == "failed":
        st.text(error_text(job.error if isinstance(job.error, LsvizError) else LsvizError("lab.failed", reason=str(job.error))))
