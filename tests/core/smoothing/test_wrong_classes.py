"""Off-target distributions: exact where the label takes everything, flat where smoothing is met, shares against a loop."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.core.smoothing.wrong_classes import flatness, likeliest_is_alike, mean_off_target, off_target, share_of_alike


def made_up(n=50, k=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 2, (n, k)), rng.integers(0, k, n)


def test_against_a_loop():
    logits, labels = made_up()
    found = off_target(logits, labels)
    for z, y, q in zip(logits, labels, found):
        p = np.exp(z) / np.exp(z).sum()
        expected = np.where(np.arange(6) == y, 0, p / (1 - p[y]))
        assert q == pytest.approx(expected)
    mean = mean_off_target(logits, labels)
    for k in range(6):
        assert mean[k] == pytest.approx(found[labels == k].mean(0))


def test_the_label_may_take_all_probability():
    q = off_target([[900.0, 1.0, 0.0, 0.0]], [0])[0]
    e = np.e
    assert q == pytest.approx([0, e / (e + 2), 1 / (e + 2), 1 / (e + 2)])


def test_flatness_is_1_at_the_smoothed_optimum_and_0_for_one_class():
    assert flatness(off_target([[5.0, 1.0, 1.0, 1.0]], [0])) == pytest.approx([1])
    assert flatness(off_target([[5.0, 800.0, 1.0, 1.0]], [0])) == pytest.approx([0], abs=1e-12)
    q = np.array([[0, 0.5, 0.3, 0.2]])
    assert flatness(q) == pytest.approx([-(0.5 * np.log(0.5) + 0.3 * np.log(0.3) + 0.2 * np.log(0.2)) / np.log(3)])


def test_share_of_alike_against_a_loop_and_classes_alone_left_out():
    logits, labels = made_up()
    groups = [0, 0, 1, 1, 1, 2]
    q = off_target(logits, labels)
    share, even = share_of_alike(q, labels, groups)
    expected = [
        (sum(q[i, k] for k in range(6) if k != y and groups[k] == groups[y]), (groups.count(groups[y]) - 1) / 5)
        for i, y in enumerate(labels)
        if y != 5
    ]
    assert np.stack([share, even], 1) == pytest.approx(np.array(expected))
    likeliest = [float(groups[max(range(6), key=lambda k: q[i, k])] == groups[y]) for i, y in enumerate(labels) if y != 5]
    assert likeliest_is_alike(q, labels, groups).tolist() == likeliest
    assert likeliest_is_alike(off_target(logits / 9, labels), labels, groups).tolist() == likeliest  # whatever their scale


def test_an_absent_class_is_nan_not_zero():
    logits, _ = made_up(4)
    mean = mean_off_target(logits, [0, 0, 1, 1])
    assert np.isnan(mean[2:]).all() and mean[:2].sum(1) == pytest.approx([1, 1])


def test_two_classes_have_no_off_target_spread():
    with pytest.raises(LsvizError):
        off_target(np.zeros((3, 2)), [0, 1, 0])


def test_similar_targets_share_alpha_out_as_the_weights_say():
    from lsviz.core.smoothing import soft_targets
    from lsviz.core.smoothing.wrong_classes import similar_targets

    np.testing.assert_allclose(similar_targets(np.full((5, 5), 3.0), 0.1), soft_targets(np.arange(5), 5, 0.1), atol=1e-12)
    weights = np.array([[7, 3, 1], [1, 0, 0], [2, 2, 9]])
    made = similar_targets(weights, 0.3)
    np.testing.assert_allclose(made.sum(axis=1), 1)
    np.testing.assert_allclose(np.diag(made), 0.8)  # 1 - alpha + alpha / K
    np.testing.assert_allclose(made[0, 1:], [0.15, 0.05])
    np.testing.assert_allclose(made[1], [0.2, 0.8, 0])
    assert weights[0, 0] == 7  # the reader's matrix is left alone


@pytest.mark.parametrize("weights", [[[0, 1], [0, 5]], [[0, -1], [1, 0]], [[0, np.nan], [1, 0]]])
def test_a_row_without_weights_is_refused(weights):
    from lsviz.core.smoothing.wrong_classes import similar_targets

    with pytest.raises(LsvizError, match="weight"):
        similar_targets(weights, 0.1)
