"""The shape of a measure over alpha: every one of the five, and the seeds it rests on."""

from __future__ import annotations

import pytest

from lsviz.core.comparing.trend import SHAPES, trend


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ({0.0: [3.0, 3.2], 0.1: [2.0], 0.3: [1.0]}, "falls"),
        ({0.0: [3.0, 3.2], 0.1: [1.0], 0.3: [2.0, 2.9]}, "below"),
        ({0.0: [3.0, 3.2], 0.1: [1.0], 0.3: [2.0, 3.1]}, "mixed"),  # one smoothed network above one hard one
        ({0.0: [1.0], 0.1: [3.0], 0.3: [2.0]}, "above"),
        ({0.0: [1.0], 0.1: [2.0], 0.3: [3.0]}, "rises"),
        ({0.0: [1.0]}, "mixed"),
    ],
)
def test_each_shape(values, shape):
    assert trend(values).shape == shape and shape in SHAPES


def test_means_ranges_and_counts_by_rising_alpha():
    found = trend({0.3: [1.0], 0.0: [3.0, 5.0]})
    assert (found.alphas, found.means, found.lows, found.highs, found.seeds) == (
        (0.0, 0.3),
        (4.0, 1.0),
        (3.0, 1.0),
        (5.0, 1.0),
        (2, 1),
    )
