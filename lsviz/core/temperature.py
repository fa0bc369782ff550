"""Temperature scaling: one number that mends the confidence and never touches the accuracy (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks

BOUNDS = (0.01, 100.0)  # a fit that wants to leave these has no finite answer


def apply_temperature(logits: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """softmax(logits / temperature) (n, K), in float64. The order of the classes in a row never changes."""
    logits = checks.scores(logits).astype(np.float64)
    checks.number(temperature, "temperature", 1e-6, 1e6)
    logits -= logits.max(axis=1, keepdims=True)
    logits /= temperature
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits


def fit_temperature(logits: ArrayLike, labels: ArrayLike, bounds: tuple[float, float] = BOUNDS) -> float:
    """The temperature of least negative log-likelihood on logits (n, K) and labels (n,).

    In beta = 1/T the loss is convex, with gradient E[E_p z] - E[z_y] and curvature E[Var_p z]: Newton steps inside a
    bracket. Without a finite optimum the answer is a bound: the lower one when every row is right (sharper is always
    better), the upper one when the logits are no better than chance. Logits that are constant in every row give 1.
    """
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    # z - max z: the loss is blind to the shift, and exp never overflows.
    logits = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
    true = float(logits[np.arange(len(logits)), labels].mean())
    if not logits.any():
        return 1.0
    if true == 0:  # every true logit is the highest of its row
        return bounds[0]
    low, high = 1 / bounds[1], 1 / bounds[0]
    if logits.mean() - true >= 0:  # uphill already at beta = 0
        return bounds[1]
    tried_low = tried_high = False
    beta = 1.0
    for _ in range(200):
        slope, curvature = _moments(logits, beta)
        slope -= true
        if slope > 0:
            high, tried_high = beta, True
        else:
            low, tried_low = beta, True
        following = beta - slope / curvature if curvature > 0 else (high if slope < 0 else low)
        if abs(following - beta) <= 1e-10 * beta:
            break
        if following >= high:
            following = high if not tried_high else np.sqrt(low * high)
        elif following <= low:
            following = low if not tried_low else np.sqrt(low * high)
        if following == beta:  # at a bound that the loss still wants to cross
            break
        beta = float(following)
    return bounds[1] if beta == 1 / bounds[1] else bounds[0] if beta == 1 / bounds[0] else 1 / beta


def _moments(logits: NDArray[np.float64], beta: float) -> tuple[float, float]:
    """E[E_p z] and E[Var_p z] for p = softmax(beta z), by blocks of rows that stay in cache."""
    mean = variance = 0.0
    block = max(1, 16_384 // logits.shape[1])
    for start in range(0, len(logits), block):
        z = logits[start : start + block]
        weight = np.exp(beta * z)
        total = weight.sum(axis=1)
        weight *= z
        first = weight.sum(axis=1) / total
        second = np.einsum("nk,nk->n", weight, z) / total
        mean += first.sum()
        variance += (second - first**2).sum()
    return mean / len(logits), variance / len(logits)
