"""Forward and backward correction: what they promise on noisy labels, and label smoothing as their sibling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import (
    backward_correction_rate,
    log_probs,
    noise_rate_to_alpha,
    smoothed_cross_entropy,
    soft_targets,
    transition_matrix,
)
from lsviz.core.smoothing.label_noise import backward_loss, corrections_at_margin, forward_loss, smoothed_loss


def made_up(n=40, k=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 2, (n, k)), rng.integers(0, k, n)


def uneven(k=5, seed=1):
    t = np.random.default_rng(seed).dirichlet(np.ones(k), k) * 0.4
    return t + 0.6 * np.eye(k)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5])
def test_noisy_targets_are_label_smoothing(alpha):
    logits, labels = made_up()
    assert smoothed_loss(logits, labels, transition_matrix(5, alpha)) == pytest.approx(
        smoothed_cross_entropy(logits, labels, alpha)
    )


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.4])
def test_backward_correction_is_negative_smoothing(alpha):
    logits, labels = made_up()
    targets = soft_targets(labels, 5, backward_correction_rate(alpha), allow_negative=True)
    assert backward_loss(logits, labels, transition_matrix(5, alpha)) == pytest.approx(-(targets * log_probs(logits)).sum(1))


def test_the_known_matrix_of_five_classes():
    inverse = np.linalg.inv(transition_matrix(5, 0.1))
    assert inverse[0, 0] == pytest.approx(1.088889, abs=1e-6) and inverse[0, 1] == pytest.approx(-0.022222, abs=1e-6)


@pytest.mark.parametrize("transition", [transition_matrix(5, 0.3), uneven()])
def test_backward_has_the_clean_loss_as_its_mean_over_noisy_labels(transition):
    logits, labels = made_up()
    clean = -log_probs(logits)[np.arange(len(labels)), labels]
    mean = sum(transition[labels, given] * backward_loss(logits, np.full(len(labels), given), transition) for given in range(5))
    assert mean == pytest.approx(clean)


@pytest.mark.parametrize("transition", [transition_matrix(4, 0.4), uneven(4)])
def test_forward_is_least_at_the_clean_posterior_and_smoothing_is_not(transition):
    clean = np.array([0.6, 0.25, 0.1, 0.05])
    noisy = clean @ transition
    risk = lambda loss: lambda z: sum(noisy[k] * loss(z[None] - z.max(), [k], transition)[0] for k in range(4))
    found = lambda loss: np.exp(log_probs(minimize(risk(loss), np.zeros(4), tol=1e-12).x[None])[0])
    assert found(forward_loss) == pytest.approx(clean, abs=1e-4)
    assert found(smoothed_loss) == pytest.approx(noisy @ transition, abs=1e-4)  # noise twice: labels and targets


def test_noise_averaged_by_hand_is_the_smoothed_target():
    rng, rate = np.random.default_rng(3), 0.4
    flipped = rng.random(200_000) < rate
    given = np.where(flipped, 1 + rng.integers(0, 4, 200_000), 0)
    mean = np.bincount(given, minlength=5) / 200_000
    assert mean == pytest.approx(transition_matrix(5, noise_rate_to_alpha(rate, 5))[0], abs=5e-3)


def test_at_a_margin_forward_levels_off_and_backward_falls_for_ever():
    t = transition_matrix(10, 0.1)
    far = corrections_at_margin([20.0, 40.0], t)
    assert far["forward"] == pytest.approx(-np.log(0.91), abs=1e-6)
    assert np.diff(far["smoothed"])[0] == pytest.approx(20 * 0.09, abs=1e-6)  # slope alpha (N-1)/N
    assert np.diff(far["backward"])[0] == pytest.approx(-20 * 0.1, abs=1e-6)  # |r| (N-1)/N = .1


@pytest.mark.parametrize(
    ("transition", "code"),
    [(np.eye(4), "input.shape"), (np.full((5, 5), 0.2), "noise.singular"), (2 * np.eye(5), "input.probability")],
)
def test_mistakes_are_named(transition, code):
    logits, labels = made_up()
    for loss in (forward_loss, backward_loss):
        with pytest.raises(LsvizError) as caught:
            loss(logits, labels, transition)
        assert caught.value.code == code
