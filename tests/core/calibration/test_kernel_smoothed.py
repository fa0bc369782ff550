"""The smooth curve: what it draws averages to the smooth ECE it prints; its band; its holes."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration import smooth_ece
from lsviz.core.calibration.kernel_smoothed import smooth_curve


@pytest.fixture(scope="module")
def over():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1, 4000)
    return confidence, rng.random(4000) < confidence - 0.15


def test_the_gap_drawn_averages_to_the_number_printed(over):
    confidence, correct = over
    curve = smooth_curve(confidence, correct, points=512, resamples=1)
    assert curve.ece == smooth_ece(confidence, correct)
    seen = np.isfinite(curve.accuracy)
    # the density under the same mirrored kernel, by a plain sum over examples and their mirror images
    images = np.concatenate([confidence, -confidence, 2 - confidence])
    kernel = np.exp(-(((curve.confidence[seen, None] - images) / curve.ece) ** 2) / 2)
    density = kernel.sum(axis=1) / kernel.sum()
    gap = curve.confidence[seen] - curve.accuracy[seen]
    assert float(density @ np.abs(gap)) == pytest.approx(curve.ece, rel=0.02)


def test_the_curve_is_the_kernel_average_of_a_plain_loop(over):
    confidence, correct = over
    curve = smooth_curve(confidence, correct, points=64, resamples=1)
    for i in np.flatnonzero(np.isfinite(curve.accuracy))[::7]:
        x = curve.confidence[i]
        weight = sum(np.exp(-(((x - image) / curve.ece) ** 2) / 2) for image in (confidence, -confidence, 2 - confidence))
        assert curve.accuracy[i] == pytest.approx(
            np.clip(x + (weight * (correct - confidence)).sum() / weight.sum(), 0, 1), abs=2e-3
        )


def test_the_band_holds_the_curve_and_shrinks_with_more_examples(over):
    confidence, correct = over
    few, many = smooth_curve(confidence[:500], correct[:500]), smooth_curve(confidence, correct)
    for curve in (few, many):
        seen = np.isfinite(curve.accuracy)
        assert ((curve.low[seen] <= curve.accuracy[seen] + 0.01) & (curve.accuracy[seen] <= curve.high[seen] + 0.01)).all()
    width = lambda curve: np.nanmean(curve.high - curve.low)
    assert width(many) < width(few)


def test_where_no_example_is_near_there_is_a_hole(over):
    curve = smooth_curve(*over)
    assert (
        np.isnan(curve.accuracy[curve.confidence < 0.05]).all()
        and np.isfinite(curve.accuracy[(curve.confidence > 0.5) & (curve.confidence < 0.99)]).all()
    )


def test_a_handful_of_examples_and_perfect_calibration_draw_nothing_wrong():
    assert np.isnan(smooth_curve([0.5, 0.9], [True, False]).accuracy).all()
    sure = smooth_curve(np.ones(100), np.ones(100, bool))
    assert sure.ece == 0 and np.nanmax(np.abs(sure.accuracy - 1)) < 0.01
