"""Signed gap and calibration error over alpha, each with the interval its whisker spans: over seeds, or over images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsviz.core.calibration.assessment import Assessment
from lsviz.core.intervals import LEAST_SEEDS, seed_interval

Ends = tuple[float, float]  # (low, high) of a 95 % interval, fractions


@dataclass(frozen=True)
class GapAndEce:
    """One network and the intervals of its signed gap and of its ECE; `count` networks were trained at its alpha."""

    network: Assessment
    gap: Ends
    ece: Ends
    count: int


def gap_and_ece(
    networks: Mapping[float, Assessment], seeds: Mapping[float, Sequence[tuple[float, float]]]
) -> dict[float, GapAndEce]:
    """The intervals at each alpha of `networks`; `seeds` maps an alpha to (signed gap, ECE) of every network trained there.

    From three seeds on it is the interval of their mean, else that of the one network over its images.
    """
    return {alpha: _at(network, seeds.get(alpha, ())) for alpha, network in networks.items()}


def _at(network: Assessment, trained: Sequence[tuple[float, float]]) -> GapAndEce:
    gap, ece = (network.gap_low, network.gap_high), (network.ece.low, network.ece.high)
    if len(trained) >= LEAST_SEEDS:
        gap, ece = (seed_interval(values)[1:] for values in zip(*trained))
    return GapAndEce(network, gap, ece, max(len(trained), 1))
