"""The pressure on the top logit is the difference of two gradients; the measured split is what a loop finds."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.comparing.top_logit import TopLogits, pressure, top_logits
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import loss_gradient


def made_up(n=200, k=6, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, k))
    labels = np.where(rng.random(n) < 0.7, logits.argmax(1), rng.integers(0, k, n))
    return logits, labels


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.0])
def test_it_is_the_gradient_of_the_smoothing_term_at_the_predicted_class(alpha):
    logits, labels = made_up()
    rows, answer = np.arange(len(labels)), logits.argmax(1)
    extra = (loss_gradient(logits, labels, alpha) - loss_gradient(logits, labels, 0.0))[rows, answer]
    right = answer == labels
    found = pressure(6, alpha, float((~right).mean()))
    assert extra[right] == pytest.approx(found.right, abs=1e-12) and extra[~right] == pytest.approx(found.wrong, abs=1e-12)
    assert extra.mean() == pytest.approx(found.mean, abs=1e-12)


@pytest.mark.parametrize(("error", "expected"), [(0, 0.9), (0.1, 0.8), (0.5, 0.4), (0.9, 0)])
def test_the_known_means_for_ten_classes(error, expected):
    assert pressure(10, 1.0, error).mean == pytest.approx(expected)


def test_the_split_against_a_loop():
    logits, labels = made_up(60)
    found = top_logits(logits, labels)
    tops = {True: [], False: []}
    for z, y in zip(logits, labels):
        tops[bool(z.argmax() == y)].append(z.max() - z.mean())
    assert found.right == pytest.approx(tops[True]) and found.wrong == pytest.approx(tops[False])
    assert found.error == pytest.approx(len(tops[False]) / 60)
    pairs = [(w > r) + 0.5 * (w == r) for r in tops[True] for w in tops[False]]
    assert found.disordered == pytest.approx(np.mean(pairs))


def test_ties_count_half_and_scale_does_not_matter():
    assert TopLogits(np.ones(3), np.ones(4)).disordered == 0.5
    logits, labels = made_up()
    a, b = top_logits(logits, labels), top_logits(0.1 * logits + 3, labels)
    assert a.ratio == pytest.approx(b.ratio) and a.ratio_interval() == pytest.approx(b.ratio_interval())


def test_the_interval_covers_the_ratio_as_often_as_it_says():
    rng, inside = np.random.default_rng(4), 0
    for _ in range(400):
        low, high = TopLogits(rng.normal(3, 1, 150), rng.normal(2, 0.8, 60)).ratio_interval()
        inside += low <= 1.5 <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_a_network_that_is_always_right_is_refused():
    logits = np.eye(4)
    with pytest.raises(LsvizError) as caught:
        top_logits(logits, np.arange(4))
    assert caught.value.code == "input.few"


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_alpha_stays_between_0_and_1(alpha):
    with pytest.raises(LsvizError):
        pressure(10, alpha, 0.1)
