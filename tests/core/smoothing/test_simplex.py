"""Lines of equal loss on the triangle, against the losses of core.smoothing evaluated on the points themselves."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core import smoothing
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing.simplex import PENALTIES, level_curves
from lsviz.texts.catalogue import t

ALPHAS = (0.0, 0.005, 0.1, 0.5, 0.9, 1.0)
LEVELS = (0.1, 0.7, 2.0)


def loss(probs, alpha, penalty):
    """(1-a) CE + a KL from the public functions, at probabilities (n, 3)."""
    logits, labels = np.log(np.maximum(probs, 1e-300)), np.zeros(len(probs), int)
    log_p = smoothing.log_probs(logits)
    to_model, to_uniform = -log_p.mean(axis=1) - np.log(3), np.log(3) + (np.exp(log_p) * log_p).sum(axis=1)
    divergence = to_model if penalty == "smoothing" else to_uniform  # KL(u || p), KL(p || u)
    return (1 - alpha) * smoothing.smoothed_cross_entropy(logits, labels, 0) + alpha * divergence


@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_point_of_a_line_lies_its_level_above_the_least_loss(penalty):
    found = level_curves(ALPHAS, LEVELS, penalty)
    for i, alpha in enumerate(ALPHAS):
        p = found.best[i]
        least = loss(np.array([[p, (1 - p) / 2, (1 - p) / 2]]), alpha, penalty)[0]
        for j, level in enumerate(LEVELS):
            points = found.curves[i, j]
            points = points[~np.isnan(points[:, 0])]
            inside = points[(points > 1e-9).all(axis=1)]
            if penalty == "confidence_penalty" and alpha == 1 and level > np.log(3):  # KL(p || u) is never so large
                assert len(points) == 0
                continue
            assert len(inside) > 10
            np.testing.assert_allclose(inside.sum(axis=1), 1, atol=1e-12)
            np.testing.assert_allclose(loss(inside, alpha, penalty) - least, level, atol=1e-6)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("alpha", ALPHAS[1:])
def test_the_least_loss_is_least_on_a_grid_of_the_triangle(alpha, penalty):
    p = level_curves(alpha, 0.5, penalty).best[0]
    least = loss(np.array([[p, (1 - p) / 2, (1 - p) / 2]]), alpha, penalty)[0]
    a, b = np.meshgrid(np.linspace(0.001, 0.998, 300), np.linspace(0.001, 0.998, 300))
    grid = np.stack([a, b, 1 - a - b], axis=-1)[a + b < 0.999]
    assert loss(grid, alpha, penalty).min() >= least - 1e-12


def test_smoothing_is_least_at_its_target_and_nothing_but_penalty_at_equal_probabilities():
    true, _ = smoothing.target_probabilities(3, np.array(ALPHAS))
    np.testing.assert_allclose(level_curves(ALPHAS, 1.0).best, true, atol=1e-9)
    assert level_curves(1.0, 1.0, "confidence_penalty").best[0] == pytest.approx(1 / 3)


def test_the_penaltys_dot_is_nearer_the_corner_up_to_an_alpha_that_is_told():
    nearer = [
        level_curves(a, 1.0, "confidence_penalty").best[0] > level_curves(a, 1.0).best[0] for a in (0.02, 0.3, 0.62, 0.64, 0.98)
    ]
    assert nearer == [True, True, True, False, False] and "up to α = 0.63 its dot stays nearer the corner" in t("loss.how_simplex")


def test_hard_lines_run_straight_from_side_to_side_and_smoothed_ones_close():
    hard = level_curves(0.0, 0.7).curves[0, 0]
    hard = hard[~np.isnan(hard[:, 0])]
    np.testing.assert_allclose(hard[:, 0], np.exp(-0.7))
    assert hard[:, 1].min() < 1e-9 and hard[:, 2].min() < 1e-9
    smooth = level_curves(0.1, 0.7).curves[0, 0]
    half = smooth[: len(smooth) // 2 - 1]
    assert not np.isnan(half).any()
    np.testing.assert_allclose(half[[0, -1], 1], half[[0, -1], 2], atol=1e-9)  # both ends on the middle ray: mirrored, it closes


def test_a_line_of_the_confidence_penalty_is_cut_by_the_side():
    half = level_curves(0.9, 0.7, "confidence_penalty").curves[0, 0][:25]
    lost = np.isnan(half[:, 0])
    assert lost.any() and not lost.all()
    ends = half[np.flatnonzero(~lost & (half[:, 1] < 1e-9))]
    p = level_curves(0.9, 1.0, "confidence_penalty").best[0]
    least = loss(np.array([[p, (1 - p) / 2, (1 - p) / 2]]), 0.9, "confidence_penalty")[0]
    assert len(ends) == 2
    np.testing.assert_allclose(loss(ends + 1e-12, 0.9, "confidence_penalty"), least + 0.7, atol=1e-6)


def test_wrong_arguments_are_named():
    with pytest.raises(LsvizError, match="penalty"):
        level_curves(0.1, 1.0, "entropy")
    with pytest.raises(LsvizError, match="alphas"):
        level_curves([0.1, 1.5], 1.0)
