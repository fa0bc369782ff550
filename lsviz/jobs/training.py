"""The one training process of this server, and what it is asked for: a training, five seeds of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from lsviz.jobs import memory, queue
from lsviz.lab.config import LabConfig
from lsviz.lab.data import Table
from lsviz.lab.run import LabRun
from lsviz.lab.worker import Worker

SEEDS = 5
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
    """Raises LsvizError where UMAP does not fit. One queue, one job at a time: the Lab's process is idle, and may go."""
    memory.require("umap", "numba" in sys.modules, make_room=worker().close)


def five_seeds(config: LabConfig, table: Table | None, tell: Tell) -> SeedRange:
    """The same training with the next seeds too, data and wrong labels drawn anew."""
    ends = []
    for i in range(SEEDS):
        within = lambda stage, share, best, i=i: tell("seeds", (i + share) / SEEDS, None)
        one = replace(config, seed=(config.seed + i) % 10_000)
        there = queue.shared().find(one.key)
        done = there.result if there is not None and there.state == "done" else None
        run = done if isinstance(done, LabRun) else train(one, table, within)
        ends.append({name: curve[:, -1] for name, curve in run.curves.items()})
    return SeedRange({name: np.stack([end[name] for end in ends]) for name in ends[0]})
