"""One run's curves, as numbers: losses in the unit they came in, accuracy in fractions, gaps as NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lsviz.core.predictions.diagnosis import Finding

SERIES = ("train_loss", "train_nll", "train_accuracy", "val_loss", "val_nll", "val_accuracy")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """One run. `at` (n,) rises: epochs, steps or lines, as `unit` says; `series[name]` is (n,) with `name` of `SERIES`, NaN where none was written.

    `columns[name]` is what the file calls it: text from outside. `alpha` is what file or file name tell. `findings`: what reading decided.
    """

    name: str
    unit: str
    at: Floats
    series: Mapping[str, Floats]
    columns: Mapping[str, str] = field(default_factory=dict)
    alpha: float | None = None
    findings: tuple[Finding, ...] = ()

    def told(self, name: str) -> tuple[Floats, Floats]:
        """Where the series has finite values, and these: (m,), (m,). Both empty where the run has no such series."""
        values = self.series.get(name, np.full(len(self.at), np.nan))
        finite = np.isfinite(values)
        return self.at[finite], values[finite]

    def called(self, name: str) -> str:
        return self.columns.get(name, name)


def last_fifth(values: Floats) -> Floats:
    """The end of a series: its last fifth, or its last three values where that is less. (m,) -> (k,)"""
    return values[-max(3, len(values) // 5) :]


@dataclass(frozen=True)
class Plateau:
    """The end of a series: median and standard deviation of its `last_fifth`."""

    value: float
    spread: float
    lowest: float

    @classmethod
    def of(cls, values: Floats) -> Plateau | None:
        """None for fewer than three finite values (m,)."""
        if len(values) < 3:
            return None
        last = last_fifth(values)
        return cls(float(np.median(last)), float(last.std(ddof=1)), float(values.min()))
