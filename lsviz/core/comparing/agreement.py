"""Whether networks that differ in their seed alone agree: in their answers, and in their probabilities as sure as one another."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import brier_per_example
from lsviz.core.comparing.bias_variance import brier_variance, by_seed, disagreement
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import LEAST_SEEDS, crossed_interval
from lsviz.core.smoothing import log_probs
from lsviz.core.temperature import matching_temperature

Floats = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)
NUMBERS = ("disagreement", "variance", "matched", "common")


@dataclass(frozen=True)
class Agreement:
    """Of the seeds of one recipe: `values` of `NUMBERS`, and their `changes` from another recipe, where there are three seeds.

    disagreement: the share of images that two seeds answer differently; variance: Brier variance, which shrinks by itself where
    probabilities do; matched: the same when one temperature each makes all networks equally sure; common: the loss of their centre.
    """

    values: Mapping[str, float]
    changes: Mapping[str, Change]
    seeds: int


def agreements(logits: Mapping[Key, NDArray], labels: ArrayLike, start: Key) -> tuple[dict[Key, Agreement], float]:
    """Agreement of every recipe's logits (M, n, K) on labels (n,), changes from `start` over seeds and images; and the matched confidence.

    All are matched to the mean accuracy of all: temperatures change no answer.
    """
    labels = checks.class_labels(labels, *next(iter(logits.values())).shape[1:])
    confidence = float(np.mean([(stack.argmax(axis=2) == labels).mean() for stack in logits.values()]))
    parts = {key: _by_seed(stack, labels, confidence) for key, stack in logits.items()}
    found = {}
    for key, one in parts.items():
        values = {name: float(each.mean()) for name, each in one.items()}
        changes = {} if key == start or min(len(logits[key]), len(logits[start])) < LEAST_SEEDS else _changes(parts[start], one)
        found[key] = Agreement(values, changes, len(logits[key]))
    return found, confidence


def _by_seed(stack: NDArray, labels: NDArray[np.intp], confidence: float) -> dict[str, Floats]:
    """Every number, (M, n); (1, n) where seeds are too few to leave one out."""
    cooled = np.stack([one.astype(np.float64) / matching_temperature(one, confidence) for one in stack])
    of = by_seed if len(stack) >= LEAST_SEEDS else (lambda measure, stack: measure(stack)[None])
    variance = of(brier_variance, stack)
    loss = np.stack([brier_per_example(np.exp(log_probs(one)), labels) for one in stack])
    return {
        "disagreement": of(disagreement, stack),
        "variance": variance,
        "matched": of(brier_variance, cooled),
        "common": loss - variance,
    }


def _changes(first: Mapping[str, Floats], second: Mapping[str, Floats]) -> dict[str, Change]:
    made = {}
    for name, values in second.items():
        _, low, high = crossed_interval(values - first[name])
        made[name] = Change(name, float(first[name].mean()), float(values.mean()), low, high)
    return made
