"""Intervals of differences: scipy's paired t test, the naive bootstrap, and the textbook's two proportions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lsviz.core.errors import LsvizError
from lsviz.core.intervals import (
    OverSeeds,
    at_level,
    chance_of,
    crossed_interval,
    holm,
    mean_interval,
    over_seeds,
    seed_interval,
    share_difference,
    side,
)


def test_mean_interval_is_the_naive_bootstraps():
    rng = np.random.default_rng(4)
    apart = rng.exponential(1.0, 400) - 0.9
    mean, low, high = mean_interval(apart)
    draws = [rng.choice(apart, 400).mean() for _ in range(4000)]
    assert mean == pytest.approx(apart.mean())
    assert (low, high) == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.02)


def test_shares_alone_give_the_interval_of_two_independent_samples():
    low, high = share_difference(0.5, 0.6, 100)
    assert (low + high) / 2 == pytest.approx(0.1) and high - low == pytest.approx(2 * 1.959964 * np.sqrt((0.25 + 0.24) / 100))


def test_over_seeds_is_mean_and_sample_deviation_and_nothing_where_nothing_was_told():
    assert over_seeds((80, 82)) == OverSeeds(81.0, pytest.approx(np.sqrt(2)))
    assert over_seeds((80,)) == OverSeeds(80.0, None) and over_seeds(()) is None
    with pytest.raises(LsvizError):
        over_seeds([[1, 2]])


def test_the_interval_over_seeds_is_students():
    values = [0.1, 0.13, 0.08, 0.11, 0.12]
    expected = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert seed_interval(values)[1:] == pytest.approx(expected, abs=1e-12)
    with pytest.raises(LsvizError, match="two seeds"):
        seed_interval([0.1])


def test_an_interval_lies_above_zero_below_it_or_holds_it():
    assert [side(*ends) for ends in ((0.1, 0.2), (-0.2, -0.1), (-0.1, 0.1), (0.0, 0.2), (-0.2, 0.0), (np.nan, np.nan))] == [
        1,
        -1,
        0,
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("apart", [0.0, 0.06])  # seeds that differ by nothing, and by more than their images tell
def test_over_seeds_and_images_the_true_mean_is_inside_as_often_as_promised(apart):
    rng = np.random.default_rng(6)
    inside = {"crossed": 0, "seeds": 0, "images": 0}
    for _ in range(400):
        values = rng.normal(0, apart, (4, 1)) + rng.normal(0, 0.3, (1, 200)) + rng.normal(0, 0.35, (4, 200))
        for name, ends in (
            ("crossed", crossed_interval(values)),
            ("seeds", seed_interval(values.mean(axis=1))),
            ("images", mean_interval(values.mean(axis=0))),
        ):
            inside[name] += ends[1] < 0 < ends[2]
    assert 0.92 < inside["crossed"] / 400 < 0.99
    assert min(inside["seeds"], inside["images"]) / 400 < 0.9, "either alone promises too much"


def test_the_chance_of_a_difference_is_the_p_value():
    values = np.random.default_rng(3).normal(0.1, 1, (3, 300))
    seeds, images = values.mean(axis=1), values.mean(axis=0)
    normal = 2 * stats.norm.sf(abs(stats.ttest_1samp(images, 0).statistic))
    for interval, wanted in (
        (lambda level: mean_interval(images, level=level), normal),
        (lambda level: at_level(mean_interval(images), level), normal),
        (lambda level: seed_interval(seeds, level), stats.ttest_1samp(seeds, 0).pvalue),
    ):
        assert chance_of(interval) == pytest.approx(wanted, rel=1e-3)
    assert chance_of(lambda level: (0.0, -1.0, 1.0)) > 0.5 and chance_of(lambda level: (1.0, 1.0, 1.0)) < 1e-11


@pytest.mark.parametrize(
    ("chances", "kept"),
    [
        ((), ""), ((0.04,), "a"), ((0.06,), ""), ((0.01, 0.04), "ab"), ((0.03, 0.04), ""), ((0.001, 0.03, 0.04), "a"),
        ((0.04, 0.012, 0.9, 0.2), "b"), ((0.3, 0.02, 0.001, 0.016), "cdb"),
    ],
)  # fmt: skip
def test_holm_keeps_what_is_sure_among_many(chances, kept):
    assert holm(dict(zip("abcd", chances))) == set(kept)


def test_one_seed_tells_of_images_and_one_image_of_seeds():
    values = np.random.default_rng(7).normal(size=(5, 1))
    assert crossed_interval(values) == seed_interval(values[:, 0]) and crossed_interval(values.T) == mean_interval(values[:, 0])
    assert crossed_interval(np.ones((3, 4))) == (1, 1, 1)
