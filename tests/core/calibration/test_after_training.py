"""De-smoothing undoes what smoothing does, the bound binds, and every estimator agrees with a ten-line loop."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct, reliability_diagram
from lsviz.core.calibration.after_training import (
    BIN_COUNTS,
    TRIED,
    Cooled,
    bound_start,
    confidence_ceiling,
    cooled_anew,
    cooled_difference,
    desmoothed,
    ece_bound,
    ece_estimates,
)
from lsviz.core.errors import LsvizError
from lsviz.core.temperature import BOUNDS, fit_temperature


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


def drawn(n, seed):
    """Logits, and labels drawn from them: T = 1 is right."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (n, 4))
    probs = np.exp(honest) / np.exp(honest).sum(axis=1, keepdims=True)
    return honest, (rng.random((n, 1)) > probs.cumsum(axis=1)).sum(axis=1).clip(max=3)


def doubled(split):
    return 2 * split[0], split[1]


def test_temperatures_are_the_least_of_a_slow_search_and_chosen_anew_in_every_draw():
    validation, fresh = drawn(1500, 3), drawn(800, 4)
    rows = [np.random.default_rng(seed).integers(n, size=(60, n), dtype=np.int32) for seed, n in enumerate((1500, 800))]
    ece = lambda split, t: reliability_diagram(*confidence_and_correct(*split, float(t))).ece
    least_ece = lambda logits, labels: min(TRIED, key=lambda t: ece((logits, labels), t))
    for by, chosen, within in (("nll", fit_temperature, 2e-3), ("ece", least_ece, 1e-6)):
        found = cooled_anew(doubled(validation), doubled(fresh), by, resamples=60)
        assert found.temperature == pytest.approx(chosen(*doubled(validation)))
        assert found.diagram.ece == pytest.approx(ece(doubled(fresh), found.temperature))
        for i in (7, 30, 59):
            z, labels = (part[rows[0][i]] for part in doubled(validation))
            tested = tuple(part[rows[1][i]] for part in doubled(fresh))
            assert found.draws[i] == pytest.approx(ece(tested, chosen(z, labels)), abs=within)
        apart = cooled_difference(found, cooled_anew(validation, fresh, by, resamples=60))
        assert apart.low <= 0 <= apart.high  # one is the other, cooled


def test_a_network_that_is_always_right_keeps_its_temperature_in_every_draw():
    sure = 50 * np.eye(3)[np.arange(90) % 3], np.arange(90) % 3
    found = cooled_anew(sure, sure, resamples=5)
    assert found.temperature == BOUNDS[0] and not found.draws.any()


def test_a_difference_of_networks_that_may_both_be_calibrated_holds_0():
    diagrams = [reliability_diagram(np.full(400, c), np.arange(400) < 200) for c in (0.5, 0.51)]
    small, large = (Cooled(1.0, diagram, np.full(50, diagram.ece)) for diagram in diagrams)
    apart = cooled_difference(small, large)
    assert (apart.difference, apart.low, apart.high) == pytest.approx((0.01, 0.0, 0.01))


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
