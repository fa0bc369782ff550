"""De-smoothing undoes what smoothing does, the bound binds, and every estimator agrees with a ten-line loop."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct, nll, reliability_diagram
from lsviz.core.calibration.after_training import (
    BIN_COUNTS,
    TRIED,
    bound_start,
    confidence_ceiling,
    cooled_anew,
    cooled_difference,
    desmoothed,
    ece_bound,
    ece_estimates,
)
from lsviz.core.errors import LsvizError


def made_up(n=500, k=5, seed=0):
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(k), n)
    return probs, rng.integers(0, k, n)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 0.9])
def test_the_optimum_is_inverted_exactly(alpha):
    eta, _ = made_up()
    found = desmoothed((1 - alpha) * eta + alpha / 5, alpha)
    np.testing.assert_allclose(found.probs, eta, atol=1e-12)
    assert found.clipped == 0


def test_what_cannot_be_inverted_is_cut_and_counted():
    found = desmoothed([[0.98, 0.01, 0.01], [0.8, 0.1, 0.1]], 0.3)
    np.testing.assert_allclose(found.probs[0], [1, 0, 0])
    np.testing.assert_allclose(found.probs[1], [1, 0, 0], atol=1e-12)
    assert found.clipped == 0.5  # .1 = alpha / N exactly: nothing to cut in the second row
    probs, _ = made_up()
    assert (desmoothed(probs, 0.4).probs.argmax(1) == probs.argmax(1)).all()
    np.testing.assert_allclose(desmoothed(probs, 0.4).probs.sum(1), 1)


@pytest.mark.parametrize("alpha", [-0.1, 1.0])
def test_alpha_must_leave_something(alpha):
    with pytest.raises(LsvizError, match="alpha"):
        desmoothed([[0.5, 0.5]], alpha)


def test_the_bound_holds_for_any_confidence_below_the_ceiling():
    assert ece_bound(0.9924, 10, 0.15) == pytest.approx(0.1274)  # a published network: reported .147
    rng = np.random.default_rng(3)
    for alpha in (0.1, 0.3, 0.7):
        ceiling = confidence_ceiling(10, alpha)
        c = ceiling * rng.random(400)
        y = rng.random(400) < 0.95
        assert reliability_diagram(c, y).ece >= ece_bound(y.mean(), 10, alpha) - 1e-12
    assert ece_bound(0.5, 10, 0.1) == 0


def drawn_and_doubled(n, seed):
    """Labels drawn from logits, and the logits doubled: T = 2 is right."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (n, 4))
    probs = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    return honest, (rng.random((n, 1)) > probs.cumsum(axis=1)).sum(axis=1).clip(max=3)


def test_temperatures_are_the_least_of_a_slow_search_and_chosen_anew_in_every_draw():
    (honest, labels), (fresh, truth) = drawn_and_doubled(1500, 3), drawn_and_doubled(800, 4)
    outputs = {"hard": (2 * honest, 2 * fresh, 2.0), "same": (honest, fresh, 1.0)}
    found = cooled_anew(outputs, labels, truth, resamples=60)
    ece = lambda z, y, t: reliability_diagram(*confidence_and_correct(z, y, float(t))).ece
    hard = found["hard"]
    tried = [*TRIED, 2.0]
    assert hard.temperature["ece"] == pytest.approx(min(tried, key=lambda t: ece(2 * honest, labels, t)))
    assert hard.temperature["nll"] == pytest.approx(min(tried, key=lambda t: nll(2 * honest / t, labels)))
    for by in ("nll", "ece"):
        assert hard.ece[by] == pytest.approx(ece(2 * fresh, truth, hard.temperature[by]), abs=1e-6) and hard.draws[by].shape == (
            60,
        )
        difference, low, high = cooled_difference(hard, found["same"], by)
        assert difference == pytest.approx(found["same"].ece[by] - hard.ece[by]) and low <= 0 <= high  # one is the other, cooled
    rng = np.random.default_rng(0)
    times = [rng.multinomial(n, np.full(n, 1 / n), 60)[7] for n in (1500, 800)]
    rows, fresh_rows = (np.repeat(np.arange(len(t)), t) for t in times)
    chosen = min(tried, key=lambda t: ece(2 * honest[rows], labels[rows], t))
    assert hard.draws["ece"][7] == pytest.approx(ece(2 * fresh[fresh_rows], truth[fresh_rows], chosen), abs=1e-6)


@pytest.mark.parametrize(("accuracy", "num_classes"), [(0.65, 100), (0.82, 10), (0.96, 2)])
def test_the_bound_leaves_zero_where_the_ceiling_meets_the_accuracy(accuracy, num_classes):
    start = bound_start(accuracy, num_classes)
    assert confidence_ceiling(num_classes, start) == pytest.approx(accuracy)
    assert ece_bound(accuracy, num_classes, start - 0.01) == 0 < ece_bound(accuracy, num_classes, start + 0.01)


def looped(c, y, bins, closed) -> float:
    total = 0.0
    for b in range(bins):
        lo, hi = b / bins, (b + 1) / bins
        inside = [i for i in range(len(c)) if (lo < c[i] <= hi or (b == 0 and c[i] == 0) if closed == "right" else lo <= c[i] < hi)]
        if inside:
            total += abs(sum(c[i] for i in inside) - sum(y[i] for i in inside))
    return total / len(c)


def test_estimators_are_the_loops_on_edges_too():
    rng = np.random.default_rng(4)
    c = np.concatenate([rng.random(150), np.arange(11) / 10, np.ones(5), [0.0]])
    y = rng.random(len(c)) < 0.5
    found = ece_estimates(c, y)
    for i, bins in enumerate(BIN_COUNTS):
        if bins in (5, 10, 15, 32, 50):
            assert found.right_closed[i] == pytest.approx(looped(c, y, bins, "right"), abs=1e-12)
            assert found.left_closed[i] == pytest.approx(looped(c, y, bins, "left"), abs=1e-12)
            assert found.mass[i] == pytest.approx(reliability_diagram(c, y, bins, "mass").ece)
    low, high = found.range
    assert low == min(map(min, (found.right_closed, found.left_closed, found.mass))) and high > low


def test_certainty_falls_out_of_the_half_open_bins():
    found = ece_estimates(np.ones(10), np.zeros(10, bool))
    assert (found.right_closed == 1).all() and (found.left_closed == 0).all()
