"""Bias and variance: the parts add up, agree with brute force, and mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import digamma

from lsviz.core.comparing.bias_variance import brier_variance, by_seed, decompose_brier, decompose_nll, disagreement
from lsviz.core.errors import LsvizError


def made_up(seeds=4, n=60, k=5):
    rng = np.random.default_rng(0)
    shared, labels = rng.normal(0, 1.5, (n, k)), rng.integers(0, k, n)
    return shared + rng.normal(0, 1, (seeds, n, k)), labels


@pytest.mark.parametrize("decompose", [decompose_brier, decompose_nll])
def test_the_parts_add_up(decompose):
    logits, labels = made_up()
    parts = decompose(logits, labels)
    assert parts.expected == pytest.approx(parts.bias + parts.variance, abs=1e-10)
    assert parts.variance > 0 and parts.seeds == 4


def test_brier_against_a_loop_over_pairs():
    """Half the mean squared distance of two seeds has the variance as its mean, whatever the number of seeds."""
    logits, labels = made_up(3, 20, 4)
    probs = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    variance, apart, pairs = 0.0, 0.0, [(0, 1), (0, 2), (1, 2)]
    for i in range(20):
        variance += sum(((probs[a][i] - probs[b][i]) ** 2).sum() / 2 for a, b in pairs) / 3 / 20
        apart += sum(probs[a][i].argmax() != probs[b][i].argmax() for a, b in pairs) / 3 / 20
    assert decompose_brier(logits, labels).variance == pytest.approx(variance)
    assert disagreement(logits).mean() == pytest.approx(apart)


def test_three_seeds_tell_what_many_do():
    """Networks drawn from one law: on average few of them give the parts of thousands, and the uncorrected ones do not."""
    rng = np.random.default_rng(5)
    k, n = 4, 30
    centre, labels = rng.normal(0, 1.5, (n, k)), rng.integers(0, k, n)
    drawn = lambda count: centre + rng.normal(0, 0.8, (count, n, k))
    for decompose, near in ((decompose_brier, 0.02), (decompose_nll, 0.05)):
        many = decompose(drawn(3000), labels)
        few = [decompose(drawn(3), labels) for _ in range(600)]
        variance, bias = np.mean([one.variance for one in few]), np.mean([one.bias for one in few])
        assert variance == pytest.approx(many.variance, rel=near) and bias == pytest.approx(many.bias, rel=near)
        assert abs(2 / 3 * variance - many.variance) > 0.25 * many.variance  # what three seeds tell without a correction


def test_what_a_seed_adds_has_the_measure_as_its_mean():
    logits, labels = made_up()
    each = by_seed(brier_variance, logits)
    assert each.shape == (4, len(labels)) and each.mean(axis=0) == pytest.approx(brier_variance(logits))


@pytest.mark.parametrize("which", ["brier", "nll"])
def test_against_a_simulation_of_many_networks(which):
    """Networks drawn from a law whose centre and spread are known: with many of them the parts are those of the law."""
    rng = np.random.default_rng(7)
    k, draws = 3, 8_000
    shapes, labels = rng.uniform(1, 6, (5, k)), rng.integers(0, k, 5)
    probs = np.stack([rng.dirichlet(shape, draws) for shape in shapes], axis=1)  # (M, n, K)
    total = shapes.sum(1, keepdims=True)
    one_hot = np.eye(k)[labels]
    if which == "brier":
        mean = shapes / total
        bias, variance = ((mean - one_hot) ** 2).sum(1), (mean * (1 - mean) / (total + 1)).sum(1)  # of a Dirichlet
        found = decompose_brier(np.log(probs), labels)
    else:
        mean_log = digamma(shapes) - digamma(total)
        log_q = mean_log - np.log(np.exp(mean_log).sum(1, keepdims=True))
        bias = -log_q[np.arange(5), labels]
        variance = (np.exp(log_q) * (log_q - mean_log)).sum(1)
        found = decompose_nll(np.log(probs), labels)
    assert found.bias == pytest.approx(bias.mean(), rel=0.02) and found.variance == pytest.approx(variance.mean(), rel=0.02)
    assert found.expected == pytest.approx(found.bias + found.variance, abs=1e-10)


def test_equal_networks_have_no_variance_and_noisy_ones_more():
    logits, labels = made_up(1)
    assert not disagreement(np.repeat(logits, 3, axis=0)).any()
    for decompose in (decompose_brier, decompose_nll):
        assert decompose(np.repeat(logits, 3, axis=0), labels).variance == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(1)
    little, much = (decompose_nll(logits + scale * rng.normal(size=(5, 60, 5)), labels).variance for scale in (0.1, 1.0))
    assert little < much


@pytest.mark.parametrize(
    "call",
    [
        lambda: decompose_brier([], [0]),
        lambda: decompose_brier([np.zeros((2, 3))], [0, 1]),
        lambda: disagreement([np.zeros((2, 3))]),
        lambda: decompose_brier([np.zeros((2, 3)), np.zeros((3, 3))], [0, 1]),
    ],
)
def test_mistakes_are_named(call):
    with pytest.raises(LsvizError):
        call()
