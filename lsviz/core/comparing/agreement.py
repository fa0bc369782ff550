"""Whether networks that differ in their seed alone agree: in their answers, and in their probabilities as sure as one another."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import brier_per_example
from lsviz.core.comparing.bias_variance import brier_variance, by_seed, disagreement
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import LEAST_SEEDS, chance_of, crossed_interval, holm
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
    chances: Mapping[str, float] = field(default_factory=dict)  # p-values of the changes


def surviving(found: Mapping[Key, Agreement]) -> frozenset[tuple[Key, str]]:
    """Which (recipe, number) have moved after Holm's correction for all that are shown together."""
    return holm({(key, name): chance for key, one in found.items() for name, chance in one.chances.items()})


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
        told = key != start and min(len(logits[key]), len(logits[start])) >= LEAST_SEEDS
        apart = {name: each - parts[start][name] for name, each in one.items()} if told else {}
        changes = {name: _change(name, parts[start][name], one[name]) for name in apart}
        chances = {name: chance_of(partial(crossed_interval, each)) for name, each in apart.items()}
        found[key] = Agreement(values, changes, len(logits[key]), chances)
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


def _change(name: str, first: Floats, second: Floats) -> Change:
    _, low, high = crossed_interval(second - first)
    return Change(name, float(first.mean()), float(second.mean()), low, high)
