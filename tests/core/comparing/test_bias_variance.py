"""Bias and variance: the parts add up, agree with brute force, and mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import digamma

from lsviz.core.comparing.bias_variance import brier_variance_per_image, decompose_brier, decompose_nll
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


def test_both_against_a_loop():
    logits, labels = made_up(3, 20, 4)
    probs = [[np.exp(z) / np.exp(z).sum() for z in one] for one in logits]
    brier = {"bias": 0.0, "variance": 0.0}
    entropy = {"bias": 0.0, "variance": 0.0}
    for i, label in enumerate(labels):
        y = np.eye(4)[label]
        mean = sum(one[i] for one in probs) / 3
        brier["bias"] += ((mean - y) ** 2).sum() / 20
        brier["variance"] += sum(((one[i] - mean) ** 2).sum() for one in probs) / 60
        q = np.exp(sum(np.log(one[i]) for one in probs) / 3)
        q /= q.sum()
        entropy["bias"] += -np.log(q[label]) / 20
        entropy["variance"] += sum((q * np.log(q / one[i])).sum() for one in probs) / 60
    for parts, expected in ((decompose_brier(logits, labels), brier), (decompose_nll(logits, labels), entropy)):
        assert parts.bias == pytest.approx(expected["bias"]) and parts.variance == pytest.approx(expected["variance"])


@pytest.mark.parametrize("which", ["brier", "nll"])
def test_against_a_simulation_of_many_networks(which):
    """Networks drawn from a law whose centre and spread are known: with many of them the parts are those of the law."""
    rng = np.random.default_rng(7)
    k, draws = 3, 20_000
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
    for decompose in (decompose_brier, decompose_nll):
        assert decompose(np.repeat(logits, 3, axis=0), labels).variance == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(1)
    little, much = (decompose_nll(logits + scale * rng.normal(size=(5, 60, 5)), labels).variance for scale in (0.1, 1.0))
    assert little < much


def test_the_geometric_centre_is_the_nearest_in_kl():
    logits, labels = made_up(3, 30, 4)
    log_p = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    best = decompose_nll(logits, labels).variance
    rng = np.random.default_rng(2)
    for _ in range(20):
        other = log_p.mean(axis=0) + 0.1 * rng.normal(size=(30, 4))
        q = np.exp(other) / np.exp(other).sum(axis=1, keepdims=True)
        assert (q * (np.log(q) - log_p)).sum(axis=2).mean() >= best


def test_variance_per_image_has_the_variance_as_its_mean():
    logits, labels = made_up()
    each = brier_variance_per_image(logits)
    assert each.shape == labels.shape and each.mean() == pytest.approx(decompose_brier(logits, labels).variance, abs=1e-12)
    assert brier_variance_per_image(np.repeat(logits[:1], 3, axis=0)) == pytest.approx(np.zeros(len(labels)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: decompose_brier([], [0]),
        lambda: decompose_brier([np.zeros((2, 3)), np.zeros((3, 3))], [0, 1]),
    ],
)
def test_mistakes_are_named(call):
    with pytest.raises(LsvizError):
        call()
