"""A question that several small trainings answer together: what the pages on bias and on costs train live."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData

Tell = Callable[[str, float, object], None]
Answer = TypeVar("Answer")
_EVERY = 0.25  # seconds between two words to whoever waits


@dataclass(frozen=True)
class Trial(Generic[Answer]):
    """What is asked, as a value: equal trials are answered once. `run` trains and returns the answer."""

    seed: int = 0

    @property
    def key(self) -> str:
        """A name that two equal trials share and no others."""
        return hashlib.sha256(repr((type(self).__name__, astuple(self))).encode()).hexdigest()

    def run(self, tell: Tell) -> Answer:
        """`tell(stage, share, None)` is called several times a second; it may raise to cancel."""
        raise NotImplementedError


class Steps:
    """Counts `total` trainings and tells how far they are, several times a second."""

    def __init__(self, tell: Tell, total: int) -> None:
        self._tell, self._total, self._done, self._last = tell, total, 0, 0.0
        tell("import", 0.0, None)

    def pause(self) -> None:
        """To be called within a training."""
        if time.perf_counter() - self._last > _EVERY:
            self._last = time.perf_counter()
            self._tell("train", self._done / self._total, None)

    def one_done(self) -> None:
        self._done += 1


def epochs_of(
    config: LabConfig, data: LabData, steps: Steps, *, slope: Callable | None = None, decays: Sequence[float] = ()
) -> Iterator:
    """The networks of `config` (`engine.Networks`) after each epoch, on one thread and without autograd."""
    import torch

    from lsviz.lab.engine import train_epochs

    torch.set_num_threads(1)
    with torch.no_grad():
        for networks, _ in train_epochs(config, data, pause=steps.pause, slope=slope, decays=decays):
            yield networks
    steps.one_done()


def trained(config: LabConfig, data: LabData, steps: Steps, *, slope: Callable | None = None, decays: Sequence[float] = ()):
    """The networks of `config` after the last epoch."""
    for networks in epochs_of(config, data, steps, slope=slope, decays=decays):
        pass
    return networks


def logits_of(networks, x: NDArray) -> NDArray[np.float32]:
    """Logits (M, n, K) of inputs (n, d)."""
    import torch

    with torch.no_grad():
        return networks.outputs(torch.as_tensor(x, dtype=torch.float32))[1].numpy().copy()


def taken(data: LabData, rows: NDArray[np.intp]) -> LabData:
    """The same data with these rows of its training set alone."""
    return replace(data, train_x=data.train_x[rows], train_y=data.train_y[rows], clean_y=data.clean_y[rows])
