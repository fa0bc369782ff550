"""ECE, bootstrap and temperature against torchmetrics, the naive loop and torch's LBFGS: one thread each, one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

from lsviz.core import calibration
from lsviz.core.temperature import apply_temperature, fit_temperature

N, NUM_CLASSES, NUM_BINS, RESAMPLES = 10_000, 100, 15, 1000


def model(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Single-precision logits and labels of a model that is over-confident by a temperature of 1.7."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, (N, NUM_CLASSES))
    labels = (apply_temperature(logits, 1.7).cumsum(1) < rng.random((N, 1))).sum(1).clip(0, NUM_CLASSES - 1)
    return logits.astype(np.float32), labels


def timed(call: Callable[[], object], repeats: int) -> float:
    """Median seconds of a call, after one to warm up."""
    call()
    took = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def naive_draws(confidence: np.ndarray, correct: np.ndarray, resamples: int) -> np.ndarray:
    """The bootstrap as one writes it first: resample, digitise, loop over bins."""
    rng, edges = np.random.default_rng(0), np.arange(NUM_BINS + 1) / NUM_BINS
    draws = np.empty(resamples)
    for i in range(resamples):
        picked = rng.integers(0, len(confidence), len(confidence))
        c, y = confidence[picked], correct[picked]
        bins = np.digitize(c, edges[1:-1], right=True)
        ece = 0.0
        for b in range(NUM_BINS):
            inside = bins == b
            if inside.any():
                ece += inside.mean() * abs(c[inside].mean() - y[inside].mean())
        draws[i] = ece
    return draws


def lbfgs_temperature(logits: torch.Tensor, labels: torch.Tensor) -> float:
    log_t = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([log_t], lr=1, max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits / log_t.exp(), labels)
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(log_t.detach().exp())


def coverage(n: int, amplitude: float, trials: int = 200) -> float:
    """How often the interval holds the population ECE, for P(right) = c + amplitude sin(4 pi c), c uniform on (.02, .98)."""
    grid = np.linspace(0.02, 0.98, 960_001)[:-1] + 5e-7
    bins = np.searchsorted(np.arange(1, NUM_BINS) / NUM_BINS, grid)
    truth = np.abs(np.bincount(bins, amplitude * np.sin(4 * np.pi * grid))).sum() / len(grid)
    hits = 0
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        c = rng.uniform(0.02, 0.98, n)
        diagram = calibration.reliability_diagram(c, rng.random(n) < c + amplitude * np.sin(4 * np.pi * c))
        interval = calibration.ece_interval(diagram, seed=seed)
        hits += interval.low <= truth <= interval.high
    return hits / trials


def rows() -> list[tuple[str, str, str, float | None, str]]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [*_rows()]
    finally:
        torch.set_num_threads(threads)


def _rows():
    logits, labels = model()
    probs = apply_temperature(logits, 1).astype(np.float32)
    p, z, y = torch.from_numpy(probs), torch.from_numpy(logits), torch.from_numpy(labels)

    def ms(seconds: float) -> str:
        return f"{1000 * seconds:.2f} ms"

    def versus(what: str, ours: float, other: float, name: str, budget: str) -> tuple[str, str, str, float, str]:
        return what, ms(ours), f"{name} {ms(other)}", ours / other, budget

    def our_ece() -> float:
        return calibration.reliability_diagram(*calibration.confidence_and_correct_from_probs(probs, labels)).ece

    def metrics_ece() -> torch.Tensor:
        return multiclass_calibration_error(p, y, NUM_CLASSES, n_bins=NUM_BINS)

    assert abs(our_ece() - float(metrics_ece())) < 1e-6
    metrics_seconds = timed(metrics_ece, 30)
    yield versus(
        "ECE-15, 10,000 x 100 probabilities, argmax included", timed(our_ece, 30), metrics_seconds, "torchmetrics", "1/3 = 0.33"
    )

    confidence, correct = calibration.confidence_and_correct(logits, labels)
    diagram = calibration.reliability_diagram(confidence, correct)
    fast = timed(lambda: calibration.ece_interval(diagram, resamples=RESAMPLES), 20)
    naive = timed(lambda: naive_draws(confidence, correct, RESAMPLES // 10), 1) * 10
    yield versus("1,000 bootstraps of it, noise floor included", fast, naive, "naive numpy loop", "1/20 = 0.05")
    yield versus("the same", fast, metrics_seconds * RESAMPLES, "1,000 torchmetrics calls", "1/200 = 0.005")
    other = calibration.confidence_and_correct(logits, labels, 1.2)
    paired = timed(lambda: calibration.ece_difference((confidence, correct), other, resamples=RESAMPLES), 3)
    yield "paired bootstrap of two models, exact", ms(paired), "", None, "500 ms"

    lbfgs = timed(lambda: lbfgs_temperature(z, y), 5)
    newton = timed(lambda: fit_temperature(logits, labels), 9)
    yield versus("temperature, 10,000 x 100", newton, lbfgs, "torch LBFGS", "1/2 = 0.50")
    apart = abs(fit_temperature(logits, labels) - lbfgs_temperature(z, y))
    yield "the two temperatures apart by", f"{apart:.1e}", "", None, "0.001"
    for n in (2000, 10_000):
        worst = min((coverage(n, amplitude), amplitude) for amplitude in (0, 0.005, 0.01, 0.02, 0.03))
        yield (
            f"coverage of the 95 % interval, n = {n:,}, worst of five amplitudes",
            f"{worst[0]:.3f} at {worst[1]}",
            "",
            None,
            ">= 0.85",
        )
