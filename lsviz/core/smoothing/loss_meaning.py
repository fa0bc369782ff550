"""What a value of the smoothed loss can mean: the probability of the true class it leaves possible, and the alpha whose floor it is."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.special import rel_entr

from lsviz.core import checks
from lsviz.core.smoothing.closed_forms import loss_floor, target_probabilities


def loss_at_probability(probability: float, num_classes: int, alpha: float) -> float:
    """The least smoothed loss in nats with this mean probability p of the true class: floor + KL((t, 1-t) || (p, 1-p)), t the target.

    The other classes share 1 - p evenly there; by Jensen no rows of mean p have less.
    """
    p = checks.number(probability, "probability", 0, 1)
    true, _ = target_probabilities(num_classes, alpha)
    return loss_floor(num_classes, alpha) + float(rel_entr(true, p) + rel_entr(1 - true, 1 - p))


def probabilities_at_loss(loss: float, num_classes: int, alpha: float) -> tuple[float, float] | None:
    """`loss_at_probability` undone: the least and the most mean probability of the true class that a mean loss leaves possible.

    None below the floor, where no network gets.
    """
    true, _ = target_probabilities(num_classes, alpha)
    if not loss >= loss_floor(num_classes, alpha):
        return None

    def below(p: float) -> bool:
        return loss_at_probability(p, num_classes, alpha) <= loss

    return 0.0 if below(0) else _edge(below, true, 0.0), 1.0 if below(1) else _edge(below, true, 1.0)


def alpha_of_floor(loss: float, num_classes: int) -> float:
    """The alpha whose floor is this loss in nats: `loss_floor` undone, cut to [0, 1]."""
    return 1.0 if loss >= math.log(num_classes) else _edge(lambda a: loss_floor(num_classes, a) <= loss, 0.0, 1.0)


def _edge(holds: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where a condition that holds at `inside` and not at `outside` ends, to double precision."""
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside
