"""Selective prediction: answer only where the score is high. Risk-coverage curves, their area, and scores from logits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import confidence_and_correct
from lsviz.core.errors import LsvizError

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
    """AURC of the second network minus that of the first on the same n examples, and its paired bootstrap interval."""

    difference: float
    low: float
    high: float

    @property
    def distinguishable(self) -> bool:
        return not self.low <= 0 <= self.high


def aurc_difference(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> AurcDifference:
    """Compare two (score, correct) pairs on the same examples: percentile interval over resampled examples.

    A resampled curve needs no new sort: with weights w in score order, risk is cumsum(w * error) / cumsum(w), and its mean
    over examples counts each one w times.
    """
    ordered = []
    for score, correct in (first, second):
        score, correct = _scored(score, correct)
        order = np.argsort(-score, kind="stable")
        _, group, size = np.unique(-score, return_inverse=True, return_counts=True)
        ordered.append((order, (np.bincount(group, ~correct) / size)[group[order]]))
    n = len(ordered[0][0])
    if len(ordered[1][0]) != n:
        raise LsvizError("input.shape", argument="second", shape=(len(ordered[1][0]),), expected=f"({n},), the same examples")
    rng = np.random.default_rng(seed)
    draws = np.empty(resamples)
    for i in range(resamples):
        weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        areas = []
        for order, errors in ordered:
            w = weights[order]
            covered = np.cumsum(w)
            risk = np.divide(np.cumsum(w * errors), covered, out=np.zeros(n), where=covered > 0)
            areas.append(float((w * risk).sum() / n))
        draws[i] = areas[1] - areas[0]
    exact = risk_coverage(*second).aurc - risk_coverage(*first).aurc
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return AurcDifference(exact, float(low), float(high))


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
