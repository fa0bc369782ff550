"""What smoothing does to the logit a network answers with: pressed down where it is right, lifted where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from lsviz.core import checks
from lsviz.core.calibration import confidence_and_correct
from lsviz.core.errors import LsvizError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pressure:
    """How hard smoothing presses the top logit down, in units of the loss's gradient: negative lifts it."""

    right: float  # on a right answer: alpha (1 - 1/N)
    wrong: float  # on a wrong one: -alpha / N
    mean: float  # over answers of which the share `error` is wrong: alpha ((N-1)/N - error)


def pressure(num_classes: int, alpha: float, error: float) -> Pressure:
    """Gradient of the smoothed loss minus that of cross-entropy, at the predicted class: label minus smoothed target.

    It depends on nothing but whether the answer is right (Xia et al. 2025): of N classes, with the share `error` wrong.
    """
    alpha, error = checks.number(alpha, "alpha", 0, 1), checks.number(error, "error", 0, 1)
    right, wrong = alpha * (1 - 1 / num_classes), -alpha / num_classes
    return Pressure(right, wrong, (1 - error) * right + error * wrong)


@dataclass(frozen=True)
class TopLogits:
    """Top logit less the mean logit of its row, of the right answers (r,) and of the wrong ones (w,)."""

    right: Floats
    wrong: Floats

    @property
    def error(self) -> float:
        return len(self.wrong) / (len(self.right) + len(self.wrong))

    @property
    def ratio(self) -> float:
        """Mean of the right ones over mean of the wrong ones: free of the scale of the logits, which smoothing shrinks."""
        return float(self.right.mean() / self.wrong.mean())

    def ratio_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of `ratio` over images: normal on its logarithm, the two means being independent."""
        error = np.sqrt(sum((part.std(ddof=1) / part.mean()) ** 2 / len(part) for part in (self.right, self.wrong)))
        half = float(ndtri((1 + level) / 2) * error)
        return self.ratio * np.exp(-half), self.ratio * np.exp(half)

    @property
    def disordered(self) -> float:
        """Share of pairs (right, wrong) in which the wrong answer has the larger top logit; ties count half."""
        ordered = np.sort(self.right)
        below, until = (np.searchsorted(ordered, self.wrong, side) for side in ("left", "right"))
        return float((below + until).mean() / (2 * len(ordered)))


@dataclass(frozen=True)
class TopLogitNumbers:
    """What is told of one network's top logits: H cells from 0 to twice the mean of the right answers, and how far the two kinds overlap."""

    error: float  # share of wrong answers
    ratio: float
    low: float  # interval of `ratio` over images
    high: float
    disordered: float
    edges: Floats  # (H + 1,) in units of the right answers' mean
    right: NDArray[np.int64]  # (H,) right answers in each cell
    wrong: NDArray[np.int64]  # (H,)


def top_logit_numbers(tops: TopLogits, num_cells: int = 44) -> TopLogitNumbers:
    """Count the top logits (r,) and (w,) into cells; what lies beyond the last cell is counted there."""
    edges, unit = np.linspace(0, 2, num_cells + 1), tops.right.mean()
    counted = (np.histogram(np.clip(part / unit, 0, 2 - 1e-9), edges)[0] for part in (tops.right, tops.wrong))
    return TopLogitNumbers(tops.error, tops.ratio, *tops.ratio_interval(), tops.disordered, edges, *counted)


def top_logits(logits: ArrayLike, labels: ArrayLike) -> TopLogits:
    """Split the answers of logits (n, K) by whether they are right. Raises LsvizError unless there are two of each."""
    logits = checks.scores(logits).astype(np.float64)
    _, correct = confidence_and_correct(logits, labels)
    top = logits.max(axis=1) - logits.mean(axis=1)
    if min(correct.sum(), (~correct).sum()) < 2:
        raise LsvizError(
            "input.few", argument="logits", found=int(min(correct.sum(), (~correct).sum())), what="right and wrong answers"
        )
    return TopLogits(top[correct], top[~correct])
