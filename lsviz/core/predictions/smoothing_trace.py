"""Was this network trained with label smoothing, and with which alpha? What its outputs alone can tell, and what not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from lsviz.core import checks

SMOOTHED, HARD = 0.30, 0.50  # spread below the first: smoothed; above the second: hard; between them nothing can be said
LEAST_RIGHT = 50  # right answers, below which quantiles of the lead mean nothing
LEAST_ALPHA = 1e-3  # nobody smooths by less: a tail beyond its cap has no cap
DISTINCT = 20  # different leads among the middle half, below which they tie


@dataclass(frozen=True)
class SmoothingTrace:
    """The lead of the predicted class over the mean of the others, among the `count` right answers.

    With smoothing the lead has a best value, log(1 + N(1 - a)/a), so right answers pile up there: `median` is that cap, `spread`
    = (95 % quantile - median) / median is small, and `alpha` (with its interval `low` to `high`) solves the formula for a. With hard
    targets more is always better and the lead has a long tail. `trained` is a verdict. Dividing logits by a temperature
    changes `alpha`, not `spread`.
    """

    trained: str
    count: int
    median: float
    upper: float  # 95 % quantile
    spread: float
    alpha: float
    low: float
    high: float


def verdict(spread: float, tail: float, other: float = 1.0, step: float = 0.0, known: bool = True, blind: bool = False) -> str:
    """ "smoothed", "hard", "hidden" (long-tailed, but ending at a lead that smoothing by `tail` would cap), "unclear", or "rounded".

    `other` is what the cap would leave to each wrong class, `step` the last digit of the probabilities; `known` says whether the
    quantiles are of leads that were neither rounded away nor tie, `blind` that the digits cannot show the least alpha's cap. Wrong training labels end the tail as early as smoothing does.
    """
    if spread >= HARD and tail < LEAST_ALPHA:
        return "rounded" if blind else "hard"
    if not known or (spread <= SMOOTHED and other < 2 * step):
        return "rounded"
    return "smoothed" if spread <= SMOOTHED else "hidden" if spread >= HARD else "unclear"


def smoothing_trace(
    logits: ArrayLike, labels: ArrayLike, lost: ArrayLike | None = None, step: float = 0.0, level: float = 0.95
) -> SmoothingTrace | None:
    """Look for the cap in logits (n, K) with labels (n,); None with fewer than 50 right answers.

    `lost` (n,) are rows whose lead is only known to be at least what it is, as a probability was rounded to 0; `step` is the
    last digit of rounded probabilities.
    """
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    top = logits.argmax(axis=1)
    right = np.flatnonzero(top == labels)
    if len(right) < LEAST_RIGHT:
        return None
    num_classes = logits.shape[1]
    highest = logits[right, top[right]].astype(np.float64)
    total = (logits @ np.ones(num_classes, logits.dtype)).astype(np.float64)[right]
    lead = highest - (total - highest) / (num_classes - 1)
    hidden = 0.0 if lost is None else float(np.asarray(lost)[right].mean())
    lead.sort()
    median, upper = np.quantile(lead, [0.5, 0.95])
    spread = float((upper - median) / median) if median > 0 else 0.0
    middle = lead[len(lead) // 4 : len(lead) - len(lead) // 4]
    tied = len(np.unique(middle)) < min(DISTINCT, len(middle) / 2)
    half = float(ndtri((1 + level) / 2)) * np.sqrt(len(lead)) / 2  # ranks between which the true median lies
    ends = lead[[max(0, int(len(lead) / 2 - half)), min(len(lead) - 1, int(len(lead) / 2 + half))]]
    high, alpha, low = (float(alpha_of(value, num_classes)) for value in (ends[0], median, ends[1]))
    if hidden >= 0.5 or tied:  # the median itself is not known
        trained = "rounded"
    else:
        trained = verdict(
            spread,
            float(alpha_of(upper, num_classes)),
            alpha / num_classes,
            step,
            hidden <= 0.05,
            step >= LEAST_ALPHA / num_classes,
        )
    return SmoothingTrace(trained, len(right), float(median), float(upper), spread, alpha, low, high)


def alpha_of(margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """The alpha whose best margin this is: `optimal_logit_margin` undone, a = N / (e^g + N - 1), cut to [0, 1]."""
    return np.clip(num_classes / (np.exp(np.minimum(margin, 700.0)) + num_classes - 1), 0, 1)
