"""Two networks compared: each number is the one its own function gives, intervals are paired, verdicts point the right way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lsviz.core import calibration
from lsviz.core.calibration.after_training import cooled_anew, cooled_difference
from lsviz.core.comparing.changes import METRICS, OVER_SEEDS, Change, compare, compare_seeds, per_image
from lsviz.core.comparing.selective import risk_coverage, score_of
from lsviz.core.intervals import crossed_interval


def made_up(n=600, k=6, seed=0):
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 1.5, (n, k))
    probs = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    return honest, (probs.cumsum(1) < rng.random((n, 1))).sum(1).clip(0, k - 1)


def test_numbers_are_those_of_their_own_functions():
    honest, labels = made_up()
    validation = made_up(seed=1)
    loud = 3 * honest
    found = {c.metric: c for c in compare(loud, honest, labels, (3 * validation[0], validation[0], validation[1]))}
    assert tuple(found) == METRICS
    assert found["accuracy"].first == found["accuracy"].second == (honest.argmax(1) == labels).mean()
    assert found["nll"].first == pytest.approx(calibration.nll(loud, labels))
    assert found["ece"].first == pytest.approx(
        calibration.reliability_diagram(*calibration.confidence_and_correct(loud, labels)).ece
    )
    assert found["aurc"].second == pytest.approx(risk_coverage(score_of(honest), honest.argmax(1) == labels).aurc)
    assert found["nll"].verdict == found["ece"].verdict == 1 and found["accuracy"].verdict == 0
    assert abs(found["ece_at_temperature"].difference) < 1e-6  # the same network but for its scale
    back = {c.metric: c for c in compare(honest, loud, labels, (validation[0], 3 * validation[0], validation[1]))}
    assert back["nll"].verdict == back["ece"].verdict == -1


def test_at_temperature_it_is_the_difference_that_reliability_shows():
    (honest, labels), validation = made_up(), made_up(seed=1)
    other = 3 * honest + np.random.default_rng(5).normal(0, 2, honest.shape)
    found = compare(honest, other, labels, (validation[0], 3 * validation[0], validation[1]))[3]
    each = [cooled_anew((k * validation[0], validation[1]), (z, labels)) for k, z in ((1, honest), (3, other))]
    apart = cooled_difference(*each)
    assert (found.difference, found.low, found.high) == pytest.approx((apart.difference, apart.low, apart.high))
    assert found.low < found.difference < found.high


def test_the_interval_of_a_mean_is_paired():
    honest, labels = made_up(200)
    other = honest + np.random.default_rng(5).normal(0, 0.5, honest.shape)
    validation = made_up(seed=1)
    found = compare(honest, other, labels, (validation[0], validation[0], validation[1]))[1]
    losses = [calibration.nll_per_example(z, labels) for z in (honest, other)]
    expected = stats.norm.interval(0.95, (losses[1] - losses[0]).mean(), (losses[1] - losses[0]).std(ddof=1) / np.sqrt(200))
    assert (found.low, found.high) == pytest.approx(expected)


def test_verdicts():
    assert Change("accuracy", 0.8, 0.9, 0.05, 0.15).verdict == 1 and Change("nll", 1.0, 1.2, 0.1, 0.3).verdict == -1
    assert Change("ece", 0.1, 0.2, -0.1, 0.3).verdict == 0


def test_over_seeds_it_is_the_interval_over_seeds_and_images_of_every_shared_metric():
    rng = np.random.default_rng(5)
    hard = {name: rng.normal(0.5, 0.01, (5, 1 if name == "nc1" else 40)) for name in OVER_SEEDS if name != "aurc"}
    soft = {name: values + 0.1 + rng.normal(0, 0.001, values.shape) for name, values in hard.items()} | {"aurc": np.ones((5, 40))}
    found = {change.metric: change for change in compare_seeds(hard, soft)}
    assert list(found) == [name for name in OVER_SEEDS if name in hard]
    for name, change in found.items():
        assert (change.low, change.high) == pytest.approx(crossed_interval(soft[name] - hard[name])[1:])
        assert change.difference == pytest.approx((soft[name] - hard[name]).mean())
        assert change.verdict == (1 if name == "accuracy" else -1)
    expected = stats.ttest_rel(soft["nc1"][:, 0], hard["nc1"][:, 0]).confidence_interval(0.95)
    assert (found["nc1"].low, found["nc1"].high) == pytest.approx((expected.low, expected.high))


def test_the_parts_of_images_mean_what_their_own_functions_say():
    honest, labels = made_up()
    parts = {name: values.mean() for name, values in per_image(2 * honest, labels, 2.0).items()}
    ece = lambda z: calibration.reliability_diagram(*calibration.confidence_and_correct(z, labels)).ece
    right = honest.argmax(axis=1) == labels
    expected = {
        "accuracy": right.mean(),
        "nll": calibration.nll(2 * honest, labels),
        "ece": ece(2 * honest),
        "ece_at_temperature": ece(honest),
        "aurc": risk_coverage(score_of(2 * honest), right).aurc,
    }
    assert parts == pytest.approx(expected) and set(parts) == set(METRICS)
