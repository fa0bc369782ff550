"""Was this network trained with label smoothing, and with which alpha? What its outputs alone can tell, and what not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from lsviz.core import checks

SMOOTHED, HARD = 0.30, 0.50  # spread below the first: smoothed; above the second: hard; between them nothing can be said
LEAST_RIGHT = 50  # right answers, below which quantiles of the lead mean nothing


@dataclass(frozen=True)
class SmoothingTrace:
    """The lead of the predicted class over the mean of the others, among the `count` right answers.

    With smoothing the lead has a best value, log(1 + N(1 - a)/a), so right answers pile up there: `median` is that cap, `spread`
    = (95 % quantile - median) / median is small, and `alpha` (with its interval `low` to `high`) solves the formula for a. With hard
    targets more is always better and the lead has a long tail. `trained` is "smoothed", "hard" or "unclear". Dividing
    logits by a temperature changes `alpha`, not `spread`.
    """

    trained: str
    count: int
    median: float
    upper: float  # 95 % quantile
    spread: float
    alpha: float
    low: float
    high: float


def smoothing_trace(logits: ArrayLike, labels: ArrayLike, level: float = 0.95) -> SmoothingTrace | None:
    """Look for the cap in logits (n, K) with labels (n,); None with fewer than 50 right answers."""
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    top = logits.argmax(axis=1)
    right = np.flatnonzero(top == labels)
    if len(right) < LEAST_RIGHT:
        return None
    num_classes = logits.shape[1]
    highest = logits[right, top[right]].astype(np.float64)
    total = (logits @ np.ones(num_classes, logits.dtype)).astype(np.float64)[right]
    lead = np.sort(highest - (total - highest) / (num_classes - 1))
    median, upper = np.quantile(lead, [0.5, 0.95])
    spread = float((upper - median) / median) if median > 0 else float("inf")
    trained = "smoothed" if spread <= SMOOTHED else "hard" if spread >= HARD else "unclear"
    half = float(ndtri((1 + level) / 2)) * np.sqrt(len(lead)) / 2  # ranks between which the true median lies
    ends = lead[[max(0, int(len(lead) / 2 - half)), min(len(lead) - 1, int(len(lead) / 2 + half))]]
    high, alpha, low = (float(alpha_of(value, num_classes)) for value in (ends[0], median, ends[1]))
    return SmoothingTrace(trained, len(right), float(median), float(upper), spread, alpha, low, high)


def alpha_of(margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """The alpha whose best margin this is: `optimal_logit_margin` undone, a = N / (e^g + N - 1), cut to [0, 1]."""
    return np.clip(num_classes / (np.exp(np.minimum(margin, 700.0)) + num_classes - 1), 0, 1)
