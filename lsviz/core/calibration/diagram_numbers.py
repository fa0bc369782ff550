"""What a reliability diagram shows of one network, counted before anything is drawn: its bins, or its curve, and the histogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsviz.core.calibration.assessment import Assessment, cut
from lsviz.core.calibration.binned import RIGHT, Floats, ReliabilityDiagram
from lsviz.core.calibration.kernel_smoothed import SmoothCurve, smooth_curve


@dataclass(frozen=True)
class DiagramNumbers:
    """One network in B bins, and in H cells of equal width below them. Fractions, never per cent; empty bins are NaN."""

    network: Assessment
    bins: ReliabilityDiagram
    low: Floats  # (B,) lower end of each bin's 95 % interval of accuracy
    high: Floats  # (B,)
    smooth: SmoothCurve | None  # a curve in the place of the bins, where one is asked for
    shares: Floats  # (H,) of all images, by their confidence
    right: Floats  # (H,) of all images, those that are answered rightly


def diagram_numbers(network: Assessment, num_bins: int, strategy: str, edges: Sequence[float] = ()) -> DiagramNumbers:
    """Count the diagram of one network: `strategy` is "uniform", "mass", "own" (with inner `edges`) or "smooth".

    The histogram has `num_bins` cells of equal width whatever the strategy: bins of equal count would all stand equally high.
    Raises LsvizError for a number of bins or edges that cut nothing.
    """
    even = network.diagram(num_bins, "uniform")
    bins = cut(network, num_bins, strategy, edges) if strategy in ("own", "mass") else even
    curve = smooth_curve(network.confidence, network.correct) if strategy == "smooth" else None
    shares, right = even.counts / even.num_samples, even.cells.count[:, RIGHT] / even.num_samples
    return DiagramNumbers(network, bins, *bins.wilson(), curve, shares, right)


def every_diagram(
    networks: Mapping[float, Assessment], num_bins: int, strategy: str, edges: Sequence[float] = ()
) -> dict[float, DiagramNumbers]:
    """`diagram_numbers` of each network, by the same alphas in the same order."""
    return {alpha: diagram_numbers(network, num_bins, strategy, edges) for alpha, network in networks.items()}
