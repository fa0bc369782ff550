"""Whether a measure falls or rises with alpha, over the seeds there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SHAPES = ("falls", "below", "mixed", "above", "rises")


@dataclass(frozen=True)
class Trend:
    """A shape and, by rising alpha, the mean, least and most over the seeds, and how many there are."""

    shape: str
    alphas: tuple[float, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    seeds: tuple[int, ...]


def trend(values: Mapping[float, Sequence[float]]) -> Trend:
    """`values[alpha]` are one measure's values over seeds; the least alpha is what the others are held against.

    "falls": the mean falls at every step. "below": not so, but every network is below every one at the least alpha.
    "rises" and "above" are the same upwards; anything else is "mixed". No test of significance: with a few seeds the
    ranges are shown instead.
    """
    alphas = tuple(sorted(values))
    seeds = [np.asarray(values[alpha], float) for alpha in alphas]
    means, lows, highs = ([float(of(one)) for one in seeds] for of in (np.mean, np.min, np.max))
    steps = np.diff(means)
    if len(alphas) > 1 and (steps < 0).all():
        shape = "falls"
    elif len(alphas) > 1 and (steps > 0).all():
        shape = "rises"
    elif len(alphas) > 1 and max(highs[1:]) < lows[0]:
        shape = "below"
    elif len(alphas) > 1 and min(lows[1:]) > highs[0]:
        shape = "above"
    else:
        shape = "mixed"
    return Trend(shape, alphas, tuple(means), tuple(lows), tuple(highs), tuple(map(len, seeds)))
