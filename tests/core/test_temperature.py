"""Temperature scaling against torch, a fine search and its edge cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from lsviz.core.calibration import confidence_and_correct, nll
from lsviz.core.errors import LsvizError
from lsviz.core.temperature import BOUNDS, apply_temperature, fit_temperature


def sample(true_temperature: float, seed: int = 0, n: int = 4000, num_classes: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose labels are drawn from softmax(logits / true_temperature)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2 * true_temperature, (n, num_classes))
    probs = apply_temperature(logits, true_temperature)
    return logits, (probs.cumsum(1) < rng.random((n, 1))).sum(1).clip(0, num_classes - 1)


@pytest.mark.parametrize("true_temperature", [0.1, 0.6, 1.0, 1.9, 30.0])
def test_the_fit_is_the_least_nll(true_temperature):
    logits, labels = sample(true_temperature)
    fitted = fit_temperature(logits, labels)
    search = minimize_scalar(
        lambda log_t: nll(logits, labels, np.exp(log_t)), bounds=np.log(BOUNDS), method="bounded", options={"xatol": 1e-9}
    )
    np.testing.assert_allclose(fitted, np.exp(search.x), rtol=1e-6)
    np.testing.assert_allclose(fitted, true_temperature, rtol=0.06)


def test_the_fit_is_a_stationary_point_in_torch():
    logits, labels = sample(1.7)
    t = torch.tensor(fit_temperature(logits, labels), dtype=torch.float64, requires_grad=True)
    torch.nn.functional.cross_entropy(torch.tensor(logits) / t, torch.tensor(labels)).backward()
    assert abs(t.grad) < 1e-9


def test_many_rows_fit_as_few_do():
    logits, labels = sample(1.4, n=6000)  # enough for a first guess from a part of the rows
    t = torch.tensor(fit_temperature(logits, labels), dtype=torch.float64, requires_grad=True)
    torch.nn.functional.cross_entropy(torch.tensor(logits) / t, torch.tensor(labels)).backward()
    assert abs(t.grad) < 1e-9
    # A part that is right throughout, or never, misleads nobody.
    for lucky in (logits.argmax(1), logits.argmin(1)):
        mixed = labels.copy()
        mixed[::16] = lucky[::16]
        search = minimize_scalar(lambda x: nll(logits, mixed, np.exp(x)), bounds=np.log(BOUNDS), method="bounded")
        np.testing.assert_allclose(fit_temperature(logits, mixed), np.exp(search.x), rtol=1e-3)


def test_scaling_the_logits_scales_the_temperature():
    logits, labels = sample(1.3)
    fitted = fit_temperature(logits, labels)
    for factor in (0.05, 1.0, 20.0):
        np.testing.assert_allclose(fit_temperature(factor * logits, labels), factor * fitted, rtol=1e-8)
    shifted = logits + np.random.default_rng(1).normal(0, 50, (len(logits), 1))
    np.testing.assert_allclose(fit_temperature(shifted, labels), fitted, rtol=1e-8)
    np.testing.assert_allclose(fit_temperature(apply_temperature_logits(logits, fitted), labels), 1, rtol=1e-8)


def apply_temperature_logits(logits, temperature):
    return np.log(apply_temperature(logits, temperature))


def test_apply_is_softmax_and_accuracy_never_moves():
    logits, labels = sample(1.0, n=500)
    right = confidence_and_correct(logits, labels)[1]
    for temperature in (0.01, 0.5, 1, 2.5, 100):
        probs = apply_temperature(logits, temperature)
        oracle = torch.softmax(torch.tensor(logits) / temperature, 1).numpy()
        np.testing.assert_allclose(probs, oracle, rtol=0, atol=1e-12)
        assert ((probs.argmax(1) == labels) == right).all()
        assert (confidence_and_correct(logits, labels, temperature)[1] == right).all()
    before = logits.copy()
    apply_temperature(logits, 3.0)
    assert (logits == before).all()


def test_all_right_is_the_lower_bound():
    for size in (1.0, 1e-3, 1e4):
        assert fit_temperature(size * np.eye(3), [0, 1, 2]) == BOUNDS[0]
    assert fit_temperature([[2.0, 2.0, 1.0]], [1]) == BOUNDS[0]  # a tie with the top is as good as it gets


def test_worse_than_uniform_is_the_upper_bound():
    assert fit_temperature(-np.eye(3), [0, 1, 2]) == BOUNDS[1]
    assert fit_temperature([[5.0, 0.0], [0.0, 5.0]], [1, 0]) == BOUNDS[1]
    assert fit_temperature([[5.0, 0.0], [5.0, 0.0]], [0, 1]) == BOUNDS[1]  # exactly chance


def test_an_optimum_outside_the_bounds_stops_at_the_bound():
    logits, labels = sample(1.0)
    assert fit_temperature(logits * 1e5, labels) == BOUNDS[1]
    assert fit_temperature(logits * 1e-5, labels) == BOUNDS[0]
    assert fit_temperature(logits, labels, bounds=(1.5, 4)) == 1.5
    assert fit_temperature(logits, labels, bounds=(0.1, 0.5)) == 0.5


def test_constant_logits_leave_the_temperature_alone():
    assert fit_temperature(np.full((5, 4), 3.0), [0, 1, 2, 3, 0]) == 1


@pytest.mark.parametrize("seed", range(20))
def test_never_fails_on_small_and_wild_data(seed):
    rng = np.random.default_rng(seed)
    n, num_classes = rng.integers(1, 6), rng.integers(2, 5)
    logits = rng.normal(0, 10.0 ** rng.integers(-8, 9), (n, num_classes))
    labels = rng.integers(num_classes, size=n)
    fitted = fit_temperature(logits, labels)
    assert BOUNDS[0] <= fitted <= BOUNDS[1]
    others = [nll(logits, labels, t) for t in np.geomspace(*BOUNDS, 400)]
    assert nll(logits, labels, fitted) <= min(others) * (1 + 1e-9) + 1e-12


def test_half_and_single_precision_logits():
    logits, labels = sample(1.4)
    for dtype, tolerance in ((np.float32, 1e-6), (np.float16, 1e-3)):
        np.testing.assert_allclose(fit_temperature(logits.astype(dtype), labels), fit_temperature(logits, labels), rtol=tolerance)


def test_bad_input_is_named():
    with pytest.raises(LsvizError, match="logits, row 0: nan"):
        fit_temperature([[np.nan, 0.0]], [0])
    with pytest.raises(LsvizError, match="labels, row 0: class 2"):
        fit_temperature([[1.0, 0.0]], [2])
    with pytest.raises(LsvizError, match="temperature is -1"):
        apply_temperature([[1.0, 0.0]], -1)
    with pytest.raises(LsvizError, match="bounds"):
        fit_temperature([[1.0, 0.0]], [0], bounds=(2, 1))
