"""Bias and variance over seeds: what all networks of one recipe get wrong together, and what each adds by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from lsviz.core import checks
from lsviz.core.calibration import brier_per_example, nll_per_example
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import log_probs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """Expected loss of one network = bias + variance of the recipe, told from M >= 2 seeds.

    `bias` is the loss of the centre of infinitely many networks and so holds the labels' noise; `variance` is the mean
    divergence of a single network from that centre. The centre of M networks lies nearer to them, which would make the
    variance too small and the bias too large by variance / M: both are corrected, exactly for Brier (M - 1 in place of M),
    to first order for NLL (jackknife).
    """

    expected: float
    bias: float
    variance: float
    seeds: int


def decompose_brier(logits: Iterable[ArrayLike], labels: ArrayLike) -> Decomposition:
    """Brier score of logits (M, n, K) against labels (n,): E ||p - y||^2 = ||E p - y||^2 + E ||p - E p||^2."""
    stack, labels = _stacked(logits, labels)
    loss = np.mean([brier_per_example(np.exp(log_probs(one)), labels).mean() for one in stack])
    return _parts(float(loss), brier_variance(stack), len(stack))


def decompose_nll(logits: Iterable[ArrayLike], labels: ArrayLike) -> Decomposition:
    """NLL in nats of logits (M, n, K) against labels (n,), around the normalised geometric mean q of the predictions.

    E[-log p_y] = -log q_y + E KL(q || p), the decomposition of Heskes (1998): the centre that makes the divergence smallest.
    """
    stack, labels = _stacked(logits, labels)
    loss = np.mean([nll_per_example(one, labels).mean() for one in stack])
    return _parts(float(loss), _nll_variance(np.stack([log_probs(one) for one in stack])), len(stack))


def _parts(expected: float, variance: Floats, seeds: int) -> Decomposition:
    return Decomposition(expected, expected - float(variance.mean()), float(variance.mean()), seeds)


def brier_variance(logits: Iterable[ArrayLike]) -> Floats:
    """Brier variance of each image (n,) from logits (M, n, K), M >= 2, without the bias of few seeds."""
    return _several(np.exp(np.stack([log_probs(one) for one in logits]))).var(axis=0, ddof=1).sum(axis=1)


def disagreement(logits: Iterable[ArrayLike]) -> Floats:
    """The share of pairs of seeds that answer each image (n,) differently, from logits (M, n, K), M >= 2."""
    answers = _several(np.stack([checks.scores(one).argmax(axis=1) for one in logits]))
    same = np.mean(answers[:, None] == answers, axis=(0, 1))  # each network with itself included
    return (1 - same) * len(answers) / (len(answers) - 1)


def by_seed(measure: Callable[[NDArray], Floats], logits: NDArray) -> Floats:
    """What each of M >= 3 seeds adds to a measure of all of them, (M, n) from logits (M, n, K): Tukey's pseudo-values.

    Their mean is the measure, and they stray as independent values would, so an interval of a mean is one of the measure.
    """
    count = len(logits)
    return np.stack([count * measure(logits) - (count - 1) * measure(np.delete(logits, m, axis=0)) for m in range(count)])


def _nll_variance(log_p: Floats) -> Floats:
    """mean KL(q || p) (n,) of log p (M, n, K), jackknifed: about the centre of M it is -log of what normalises the geometric mean q."""
    count, mean = len(_several(log_p)), log_p.mean(axis=0)
    without = -logsumexp((count * mean - log_p) / (count - 1), axis=2)  # the centre of all but one
    return -count * logsumexp(mean, axis=1) - (count - 1) * without.mean(axis=0)


def _several(stack: NDArray) -> NDArray:
    if len(stack) < 2:
        raise LsvizError("input.shape", argument="logits", shape=stack.shape, expected="(M, n, K), two seeds or more")
    return stack


def _stacked(logits: Iterable[ArrayLike], labels: ArrayLike) -> tuple[list[NDArray], NDArray[np.intp]]:
    stack = [checks.scores(one) for one in logits]
    if not stack:
        raise LsvizError("input.empty", argument="logits")
    if len({one.shape for one in stack}) > 1:
        raise LsvizError("input.shape", argument="logits", shape=stack[-1].shape, expected=f"{stack[0].shape} for every seed")
    return stack, checks.class_labels(labels, *stack[0].shape)
