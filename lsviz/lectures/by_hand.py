"""Curves that a class draws before they are shown: their axes, and where they run, as shares of the axes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import parse_qsl

from lsviz.core.once import once
from lsviz.lectures.reader import Step
from lsviz.state import ViewState

PLACES = 7  # at which a drawn curve is taken, evenly over its axis, both ends with it
FINE = 10  # points of the true curve from place to place


@dataclass(frozen=True)
class Curve:
    """Ends of the axes, in the curve's units from 0, and its heights, shares of the upright one: `line` has FINE points a place, both ends with it."""

    across: float
    up: float
    line: tuple[float, ...]

    @property
    def heights(self) -> tuple[float, ...]:
        """At the places where one is drawn."""
        return self.line[::FINE]

    def near(self, drawn: tuple[float, ...], within: float) -> bool:
        """Whether a drawn curve lies within so much of this one, on average, as a share of the axis."""
        return sum(abs(a - b) for a, b in zip(drawn, self.heights, strict=True)) / PLACES <= within + 1e-9


def curve(step: Step) -> Curve | None:
    """What is to be drawn in a step: the smoothed loss over the logit gap, of its N and alpha."""
    if not step.draw:
        return None
    view = ViewState.from_query(dict(parse_qsl(step.query)))
    return _loss(view.num_classes, view.alpha)


@once(64)
def _loss(num_classes: int, alpha: float) -> Curve:
    from lsviz.core import smoothing  # numpy: phones' server does without until somebody draws

    across = math.ceil(2 * min(smoothing.optimal_logit_margin(num_classes, alpha), 10)) or 4
    up = math.ceil(2.3 * math.log(num_classes)) / 2
    gaps = [across * i / (FINE * (PLACES - 1)) for i in range(FINE * (PLACES - 1) + 1)]
    return Curve(across, up, tuple(round(float(smoothing.loss_at_margin(gap, num_classes, alpha)) / up, 4) for gap in gaps))
