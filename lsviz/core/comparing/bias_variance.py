"""Bias and variance over seeds: what all networks of one recipe get wrong together, and what each adds by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import brier_per_example, nll_per_example
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import log_probs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """Expected loss of one network of M seeds = bias + variance, exactly, on these seeds and examples.

    `bias` is the loss of the centre of the M predictions and so holds the labels' noise; `variance` is the mean divergence
    of a single network from that centre. M seeds are few: the variance divides by M, so it is too small, and the bias too
    large, by a share of about 1 / M.
    """

    expected: float
    bias: float
    variance: float
    seeds: int


def decompose_brier(logits: Iterable[ArrayLike], labels: ArrayLike) -> Decomposition:
    """Brier score of logits (M, n, K) against labels (n,): E ||p - y||^2 = ||mean p - y||^2 + E ||p - mean p||^2."""
    stack, labels = _stacked(logits, labels)
    probs = np.exp(np.stack([log_probs(one) for one in stack]))
    variance = _spread(probs).mean()
    expected = np.mean([brier_per_example(one, labels).mean() for one in probs])
    return Decomposition(float(expected), float(brier_per_example(probs.mean(axis=0), labels).mean()), float(variance), len(stack))


def brier_variance_per_image(logits: Iterable[ArrayLike]) -> Floats:
    """How far single networks stray from their mean prediction on each image, (n,), from logits (M, n, K): its mean is the Brier variance."""
    return _spread(np.exp(np.stack([log_probs(one) for one in logits])))


def _spread(probs: Floats) -> Floats:
    return ((probs - probs.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0)


def decompose_nll(logits: Iterable[ArrayLike], labels: ArrayLike) -> Decomposition:
    """NLL in nats of logits (M, n, K) against labels (n,), around the normalised geometric mean q of the predictions.

    E[-log p_y] = -log q_y + E KL(q || p), the decomposition of Heskes (1998): the centre that makes the divergence smallest.
    """
    stack, labels = _stacked(logits, labels)
    log_p = np.stack([log_probs(one) for one in stack])
    log_q = log_probs(log_p.mean(axis=0))
    variance = (np.exp(log_q) * (log_q - log_p)).sum(axis=2).mean()
    expected = np.mean([nll_per_example(one, labels).mean() for one in stack])
    return Decomposition(float(expected), float(nll_per_example(log_q, labels).mean()), float(variance), len(stack))


def _stacked(logits: Iterable[ArrayLike], labels: ArrayLike) -> tuple[list[NDArray], NDArray[np.intp]]:
    stack = [checks.scores(one) for one in logits]
    if not stack:
        raise LsvizError("input.empty", argument="logits")
    if len({one.shape for one in stack}) > 1:
        raise LsvizError("input.shape", argument="logits", shape=stack[-1].shape, expected=f"{stack[0].shape} for every seed")
    return stack, checks.class_labels(labels, *stack[0].shape)
