"""Temperature scaling: one number that mends the confidence and never touches the accuracy (Guo et al. 2017)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import mean_interval

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
    if not 0 < bounds[0] < bounds[1] < np.inf:
        raise LsvizError("temperature.bounds", low=bounds[0], high=bounds[1])
    z = _shifted(logits)
    return _fit(z, z[np.arange(len(z)), labels], bounds)


def newton_parts(logits: ArrayLike, labels: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """What each row of logits (n, K), labels (n,) adds to slope and curvature of the negative log-likelihood in 1/T, (2, n)."""
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    z = _shifted(logits)
    mean, curvature = _moments(z, 1 / temperature)
    return np.stack([mean - z[np.arange(len(z)), labels], curvature])


def temperature_limit(logits: ArrayLike, labels: ArrayLike, temperature: float, bounds: tuple[float, float] = BOUNDS) -> str:
    """Why the `temperature` fitted to logits (n, K) and labels (n,) is none: "perfect" at the lower bound, "nothing" where the scores order nothing; else "".

    Smaller and smaller logits lose nothing when the true class's logit does not lie above its row's mean: then the order tells nothing.
    """
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    if temperature <= bounds[0]:
        return "perfect"
    above = logits[np.arange(len(labels)), labels].astype(np.float64) - logits.mean(axis=1, dtype=np.float64)
    return "nothing" if temperature >= bounds[1] or mean_interval(above, level=0.99)[1] <= 0 else ""


def log_masses(logits: ArrayLike, temperatures: ArrayLike) -> NDArray[np.float64]:
    """log sum_k exp((z_k - max z) / T), minus the log of the confidence, (t, n), of logits (n, K) at temperatures (t,), to single precision."""
    logits, inverse = checks.scores(logits), 1 / np.asarray(temperatures, np.float32)
    found, wide = np.empty((len(inverse), len(logits))), np.promote_types(logits.dtype, np.float32)
    ones, block = np.ones(logits.shape[1], np.float32), max(1, 65_536 // logits.shape[1])  # rows that stay in cache
    for start in range(0, len(logits), block):
        rows = slice(start, start + block)
        z = logits[rows].astype(wide)
        z = np.maximum(z - z.max(axis=1, keepdims=True), -1e30).astype(np.float32, copy=False)
        weight = np.empty_like(z)
        for i, beta in enumerate(inverse):
            np.exp(np.multiply(z, beta, out=weight), out=weight)
            found[i, rows] = weight @ ones
    return np.log(found, out=found)


def matching_temperature(logits: ArrayLike, confidence: float) -> float:
    """The temperature at which logits (n, K) are `confidence` sure on average; a bound where none inside `BOUNDS` makes them so."""
    logits = checks.scores(logits).astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    low, high = (math.log(bound) for bound in BOUNDS)
    for _ in range(40):  # the hotter, the less sure
        middle = (low + high) / 2
        sure = float((1 / np.exp(logits / math.exp(middle)).sum(axis=1)).mean())
        low, high = (middle, high) if sure > confidence else (low, middle)
    return math.exp((low + high) / 2)


def _shifted(logits: NDArray) -> NDArray[np.float64]:
    """z - max z: the loss is blind to the shift, and exp never overflows."""
    return np.subtract(logits, logits.max(axis=1, keepdims=True), dtype=np.float64)


def _fit(z: NDArray[np.float64], true_logits: NDArray[np.float64], bounds: tuple[float, float]) -> float:
    true = float(true_logits.mean())
    if not z.any():
        return 1.0
    if true == 0:  # every true logit is the highest of its row
        return bounds[0]
    if z.mean() >= true:  # uphill already at beta = 0
        return bounds[1]

    coldest, hottest = 1 / bounds[0], 1 / bounds[1]
    low, high, untried = hottest, coldest, {hottest, coldest}
    # Many rows: a sixteenth of them finds the neighbourhood, all of them the place.
    guess = _fit(z[::16], true_logits[::16], bounds) if len(z) >= 4096 else 1.0
    beta = 1 / guess if bounds[0] < guess < bounds[1] else min(max(1.0, low), high)
    for _ in range(200):
        mean, curvature = map(float, _moments(z, beta).mean(axis=1))
        slope = mean - true
        if beta == coldest and slope <= 0:
            return bounds[0]
        if beta == hottest and slope >= 0:
            return bounds[1]
        low, high = (low, beta) if slope > 0 else (beta, high)
        untried.discard(beta)
        newton = beta - slope / curvature if curvature > 0 else (low if slope > 0 else high)
        following = min(max(newton, low), high)
        if abs(following - beta) <= 1e-6 * beta:  # Newton squares the error: the next one is below 1e-11
            return 1 / following
        if not low < following < high and following not in untried:
            following = math.sqrt(low * high)
        beta = following
    return 1 / beta


def _moments(logits: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    """E_p z and Var_p z of every row, (2, n), for p = softmax(beta z), by blocks of rows that stay in cache."""
    n, num_classes = logits.shape
    found = np.empty((2, n))
    ones = np.ones(num_classes)
    block = max(1, 16_384 // num_classes)
    buffer = np.empty((min(block, n), num_classes))
    for start in range(0, n, block):
        z = logits[start : start + block]
        weight = np.multiply(z, beta, out=buffer[: len(z)])
        np.exp(weight, out=weight)
        total = weight @ ones
        weight *= z
        first = (weight @ ones) / total
        second = np.einsum("nk,nk->n", weight, z) / total
        found[:, start : start + block] = first, second - first**2
    return found
