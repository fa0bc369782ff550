"""Selective prediction: answer only where the score is high. Risk-coverage curves, their area, and scores from logits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import confidence_and_correct
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import mean_interval

SCORES = ("probability", "logit", "norm")
NORMS = tuple(range(1, 11))  # exponents p tried for logit normalisation (Cattelan and Silva 2024)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RiskCoverage:
    """`risk[i]` is the error rate among the `i + 1` examples of highest score: coverage (i + 1) / n. Both (n,), fractions."""

    coverage: Floats
    risk: Floats

    @property
    def aurc(self) -> float:
        """Area under the risk-coverage curve: the mean risk over coverages 1/n, 2/n ... 1 (Geifman and El-Yaniv 2017)."""
        return float(self.risk.mean())

    def risk_at(self, coverage: float) -> float:
        """Error rate when the share `coverage` of the examples, at least one, is answered."""
        return float(self.risk[max(1, round(coverage * len(self.risk))) - 1])


def risk_coverage(score: ArrayLike, correct: ArrayLike) -> RiskCoverage:
    """Risk-coverage curve of scores (n,), higher = more trusted, and whether the predictions were right (n,).

    Examples of equal score share their errors evenly, as a random order among them would on average: no luck in ties.
    """
    score, correct = _scored(score, correct)
    _, group, size = np.unique(-score, return_inverse=True, return_counts=True)
    errors = (np.bincount(group, ~correct) / size)[np.sort(group)]
    ranks = np.arange(1, len(score) + 1)
    return RiskCoverage(ranks / len(score), np.cumsum(errors) / ranks)


def score_of(logits: ArrayLike, kind: str = "probability", p: float = 2.0) -> Floats:
    """How far a network trusts its answer, (n,), from logits (n, K).

    probability: the largest softmax probability. logit: the largest logit. norm: the largest logit after centring each row
    and dividing it by its p-norm, max_k (z_k - mean z) / ||z - mean z||_p (Xia et al. 2025), in float64.
    """
    logits = checks.scores(logits).astype(np.float64)
    if kind not in SCORES:
        raise LsvizError("input.choice", argument="kind", value=kind, choices=", ".join(SCORES))
    if kind == "logit":
        return logits.max(axis=1)
    if kind == "probability":
        return confidence_and_correct(logits, np.zeros(len(logits), np.intp))[0]
    centred = logits - logits.mean(axis=1, keepdims=True)
    top = centred.max(axis=1)
    length = np.linalg.norm(centred, ord=p, axis=1) if np.isinf(p) else (np.abs(centred) ** p).sum(axis=1) ** (1 / p)
    return np.divide(top, length, out=np.zeros_like(top), where=length > 0)


def fit_norm(logits: ArrayLike, labels: ArrayLike) -> int:
    """The exponent p of `NORMS` whose score gives the smallest AURC on logits (n, K) and labels (n,): use validation data."""
    logits = checks.scores(logits)
    _, correct = confidence_and_correct(logits, labels)
    areas = [risk_coverage(score_of(logits, "norm", p), correct).aurc for p in NORMS]
    return NORMS[int(np.argmin(areas))]


@dataclass(frozen=True)
class AurcDifference:
    """AURC of the second network minus that of the first on the same n examples, and its paired interval."""

    difference: float
    low: float
    high: float


def aurc_difference(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], *, level: float = 0.95
) -> AurcDifference:
    """Compare two (score, correct) pairs on the same n >= 2 examples: the normal interval of what each example adds to the difference."""
    areas, pulls = zip(*(_pull(*pair) for pair in (first, second)))
    if len(pulls[0]) != len(pulls[1]):
        raise LsvizError("input.shape", argument="second", shape=pulls[1].shape, expected=f"{pulls[0].shape}, the same examples")
    difference = areas[1] - areas[0]
    _, low, high = mean_interval(pulls[1] - pulls[0], level=level)
    return AurcDifference(difference, difference + low, difference + high)


def auroc_parts(inside: ArrayLike, outside: ArrayLike) -> tuple[Floats, Floats]:
    """Of each of n scores inside, the share of the m outside that it exceeds, (n,), and of each outside the share inside that exceeds it, (m,).

    Ties count half. Both means are the area under the ROC curve, and their variances that of the area (DeLong et al. 1988).
    """
    a, b = np.asarray(inside, np.float64), np.asarray(outside, np.float64)
    for argument, values in (("inside", a), ("outside", b)):
        if values.ndim != 1:
            raise LsvizError("input.shape", argument=argument, shape=values.shape, expected="(n,)")
        if not len(values):
            raise LsvizError("input.empty", argument=argument)

    def below(values: Floats, others: Floats) -> Floats:
        ordered = np.sort(others)
        return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2 * len(others))

    return below(a, b), 1 - below(b, a)


def aurc_per_example(score: ArrayLike, correct: ArrayLike) -> Floats:
    """What each example adds to AURC, (n,), of mean AURC, to first order in its weight."""
    area, pull = _pull(score, correct)
    return area + pull


def risk_per_example(score: ArrayLike, correct: ArrayLike, coverage: float) -> Floats:
    """What each example adds to the error rate at this coverage, (n,), of that mean, to first order in its weight.

    R = sum of errors above the threshold / (c n). The threshold moves with the rows: each also counts by the error rate where it lies, that of the
    twentieth of the rows around it.
    """
    score, correct = _scored(score, correct)
    n = len(score)
    order = np.argsort(-score, kind="stable")
    count = max(1, round(coverage * n))
    wrong = (~correct[order]).astype(np.float64)
    around = slice(max(0, count - max(1, n // 40)), count + max(1, n // 40))
    there, risk = float(wrong[around].mean()), risk_coverage(score, correct).risk_at(coverage)
    answered = np.arange(n) < count
    parts = np.empty(n)
    parts[order] = np.where(answered, wrong - there, 0.0) * (n / count)
    return parts - float(parts.mean()) + risk


def _pull(score: ArrayLike, correct: ArrayLike) -> tuple[float, Floats]:
    """AURC, and n times how it moves with the weight of each example, (n,), of mean 0: the infinitesimal jackknife (Jaeckel 1972).

    With weights w in score order A = sum_i w_i E_i / C_i / sum w, where E and C are running sums of w * error and of w. So at
    w = 1 example k adds its own risk r_k, and for every later i (error_k - r_i) / i, less the mean A. Examples of equal score
    keep their own errors and share their places.
    """
    score, correct = _scored(score, correct)
    curve = risk_coverage(score, correct)
    _, group, size = np.unique(-score, return_inverse=True, return_counts=True)

    def shared(values: Floats) -> Floats:
        return (np.add.reduceat(values, np.cumsum(size) - size) / size)[group]

    def later(values: Floats) -> Floats:
        return np.cumsum(values[::-1])[::-1]

    ranks = np.arange(1, len(score) + 1)
    pull = shared(curve.risk - later(curve.risk / ranks)) + ~correct * shared(later(1 / ranks)) - curve.aurc
    return curve.aurc, pull


def _scored(score: ArrayLike, correct: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    score = np.asarray(score, dtype=np.float64)
    if score.ndim != 1:
        raise LsvizError("input.shape", argument="score", shape=score.shape, expected="(n,)")
    if len(score) == 0:
        raise LsvizError("input.empty", argument="score")
    if not np.isfinite(score).all():
        row = int((~np.isfinite(score)).argmax())
        raise LsvizError("input.not_finite", argument="score", row=row, value=float(score[row]))
    return score, checks.truth_vector(correct, len(score))


@dataclass(frozen=True)
class Selected:
    """One network: its curve under each score of `SCORES`, and each area minus that of the hard network, same score."""

    curves: Mapping[str, RiskCoverage]
    against_hard: Mapping[str, AurcDifference] | None  # None for the hard network itself
