"""A map's neighbourhoods, by counting; a class's densest place, by looking everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.cluster_map import densest, neighbourhoods


def by_counting(x, y):
    order = lambda points, i: [j for j in np.argsort(((points - points[i]) ** 2).sum(axis=1), kind="stable") if j != i]
    rows = []
    for i in range(len(x)):
        true, here = order(x, i), order(y, i)[:15]
        rows.append((true[:5], len(set(true[:15]) & set(here)), len(set(here) - set(true[:45]))))
    return rows


@pytest.mark.parametrize("n", [20, 90])
def test_neighbourhoods_are_those_counted_one_by_one(n):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    y = (x[:, :2] + rng.normal(scale=0.8, size=(n, 2))).astype(np.float32)
    found = neighbourhoods(x, y)
    for i, (nearest, kept, intruders) in enumerate(by_counting(x, y)):
        assert found.nearest[i].tolist() == nearest and found.kept[i] == kept and found.intruders[i] == intruders


def test_a_map_that_keeps_everything_has_no_intruders():
    x = np.random.default_rng(1).normal(size=(80, 2)).astype(np.float32)
    found = neighbourhoods(x, 3 * x)
    assert (found.kept == 15).all() and not found.intruders.any()


def test_a_class_is_named_where_most_of_it_lies():
    rng = np.random.default_rng(2)
    points = np.vstack([rng.normal((0, 0), 1, (60, 2)), rng.normal((5, 5), 0.2, (60, 2))])
    x, y, density = densest(points, 0.4)
    grid = np.stack(np.meshgrid(np.linspace(-3, 7, 101), np.linspace(-3, 7, 101)), axis=-1).reshape(-1, 2)
    everywhere = np.exp(-((grid[:, None] - points) ** 2).sum(axis=2) / 0.32).sum(axis=1)
    assert np.hypot(x - 5, y - 5) < 0.15 and density == pytest.approx(everywhere.max(), rel=0.02)


def test_no_points_are_densest_nowhere():
    assert densest(np.zeros((0, 2)), 1.0) == (0, 0, 0)


def test_points_on_one_spot_are_neighbours_of_each_other_and_never_their_own():
    y = np.vstack([np.zeros((40, 2)), np.random.default_rng(0).normal(size=(20, 2)) + 9])
    here = neighbourhoods(np.random.default_rng(1).normal(size=(60, 4)), y).here
    assert here.shape == (60, 15) and all(i not in row and len(set(row)) == 15 for i, row in enumerate(here.tolist()))
    assert (here[:40] < 40).all() and (here[40:] >= 40).all()
