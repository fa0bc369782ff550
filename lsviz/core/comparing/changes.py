"""What smoothing bought and what it cost: two networks on the same images, number by number, each with a paired interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import (
    confidence_and_correct,
    ece_difference,
    nll_per_example,
    reliability_diagram,
)
from lsviz.core.calibration.after_training import cooled_anew, cooled_difference
from lsviz.core.calibration.binned import ece_per_example
from lsviz.core.comparing.selective import aurc_difference, aurc_per_example, risk_coverage, score_of
from lsviz.core.intervals import crossed_interval, mean_interval, side

HIGHER_IS_BETTER = ("accuracy", "knn_accuracy")
METRICS = ("accuracy", "nll", "ece", "ece_at_temperature", "aurc")
OVER_SEEDS = (*METRICS, "nc1")  # NC1 is of the whole set of images: only other networks say how far it strays


@dataclass(frozen=True)
class Change:
    """One number of two networks, second - first with its paired interval. Fractions; NLL in nats."""

    metric: str
    first: float
    second: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        return self.second - self.first

    @property
    def moved(self) -> str:
        """ "more", "less", or "equal" when the interval of the difference holds 0: what a sentence may say of it."""
        return ("equal", "more", "less")[side(self.low, self.high)]

    @property
    def verdict(self) -> int:
        """+1 the second is better, -1 worse, 0 when the interval of the difference holds 0."""
        return side(self.low, self.high) * (1 if self.metric in HIGHER_IS_BETTER else -1)


def compare(
    first: ArrayLike,
    second: ArrayLike,
    labels: ArrayLike,
    validation: tuple[ArrayLike, ArrayLike, ArrayLike],
    *,
    level: float = 0.95,
    held: NDArray[np.intp] | slice = slice(None),
    resamples: int = 1000,
) -> tuple[Change, ...]:
    """Every metric of `METRICS` for logits `first` and `second` (n, K) of the same images with labels (n,).

    `validation` holds both networks' logits and the labels the temperatures are fitted on. Accuracy and NLL are means over
    images, and AURC nearly is, so their intervals are the normal ones of the paired differences; ECE is bootstrapped, and at
    temperature, 200 times at most, with the temperatures chosen anew. `held` are the rows on which the tempered ECE is judged,
    where the validation rows are some of the others.
    """
    first, second = checks.scores(first, "first"), checks.scores(second, "second")
    labels = checks.class_labels(labels, *first.shape)
    pair = [confidence_and_correct(logits, labels) for logits in (first, second)]
    cooled = [
        cooled_anew((fitted, validation[2]), (logits[held], labels[held]), resamples=min(resamples, 200))
        for logits, fitted in zip((first, second), validation[:2])
    ]
    right = [correct.astype(float) for _, correct in pair]
    losses = [nll_per_example(logits, labels) for logits in (first, second)]
    scored = [(score_of(logits), correct) for logits, (_, correct) in zip((first, second), pair)]
    made = [
        _mean_change("accuracy", right[0], right[1], level),
        _mean_change("nll", losses[0], losses[1], level),
    ]
    raw = ece_difference(pair[1], pair[0], level=level, resamples=resamples)
    eces = [reliability_diagram(*model).ece for model in pair]
    made.append(Change("ece", eces[0], eces[1], raw.low, raw.high))
    tempered = cooled_difference(cooled[0], cooled[1], level)
    made.append(Change("ece_at_temperature", cooled[0].diagram.ece, cooled[1].diagram.ece, tempered.low, tempered.high))
    area = aurc_difference(scored[0], scored[1], level=level)
    made.append(Change("aurc", risk_coverage(*scored[0]).aurc, risk_coverage(*scored[1]).aurc, area.low, area.high))
    return tuple(made)


def compare_seeds(first: Mapping[str, NDArray], second: Mapping[str, NDArray], *, level: float = 0.95) -> tuple[Change, ...]:
    """Every metric of `OVER_SEEDS` that both have, (M, n) of M paired seeds on the same n images, with its interval over both.

    What is known of all images together, (M, 1), is over seeds alone.
    """
    made = []
    for metric in OVER_SEEDS:
        if metric in first and metric in second:
            _, low, high = crossed_interval(np.asarray(second[metric]) - first[metric], level=level)
            made.append(Change(metric, float(np.mean(first[metric])), float(np.mean(second[metric])), low, high))
    return tuple(made)


def per_image(logits: ArrayLike, labels: ArrayLike, temperature: float | None = None) -> dict[str, NDArray[np.float64]]:
    """The parts, (n,), whose means are the `METRICS` of logits (n, K) and labels (n,); ECE at a temperature where one is given.

    Of ECE and AURC, what each image adds to first order.
    """
    confidence, correct = confidence_and_correct(logits, labels)
    parts = {
        "accuracy": correct.astype(float),
        "nll": nll_per_example(logits, labels),
        "ece": ece_per_example(confidence, correct),
        "aurc": aurc_per_example(confidence, correct),
    }
    if temperature is not None:
        parts["ece_at_temperature"] = ece_per_example(*confidence_and_correct(logits, labels, temperature))
    return parts


def _mean_change(metric: str, first: NDArray, second: NDArray, level: float) -> Change:
    _, low, high = mean_interval(second - first, level=level)
    return Change(metric, float(first.mean()), float(second.mean()), low, high)
