"""What the Loss page says: its findings for every stop, and why raw smoothed losses cannot be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lsviz.core import smoothing
from lsviz.figures import numbers
from lsviz.figures.loss import LAST_STEP
from lsviz.figures.training_curves import Course, nearest_course, panel_values


def findings(stops: Sequence[float], num_classes: int, words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The headline and its sentence for every stop."""
    pushed = smoothing.free_logit_descent(num_classes, 0.0, [LAST_STEP])[0]
    heads, subs = [], []
    for alpha in stops:
        kind = "_hard" if alpha == 0 else "_one" if alpha == 1 else ""
        values = dict(
            alpha=numbers.alpha_text(alpha),
            gap=numbers.gap(smoothing.optimal_logit_margin(num_classes, alpha)),
            floor=f"{smoothing.loss_floor(num_classes, alpha):.2f}",
            slope=f"{smoothing.loss_slope_at_margin(1e9, num_classes, alpha):.2g}",
            pushed=numbers.gap(pushed),
            count=num_classes,
        )
        heads.append(words[f"head{kind}"].format(**values))
        subs.append(words[f"sub{kind}"].format(**values))
    return heads, subs


def trap(courses: Sequence[Course], num_classes: int, alpha: float, words: Mapping[str, str]) -> str:
    """Why smoothed losses of two alphas cannot be compared, with the numbers of the network nearest to `alpha`."""

    def last(course: Course) -> tuple[str, str]:
        raw, excess = panel_values(course, "excess")
        return f"{raw[-1]:.2f}", f"{excess[-1]:.2f}"

    course = courses[nearest_course(courses, alpha)] if courses else None
    if course is None or courses[0].alpha > 0:
        example = alpha or 0.1
        floor = smoothing.loss_floor(num_classes, example)
        return words["trap_alone"].format(alpha=numbers.alpha_text(example), count=num_classes, floor=f"{floor:.2f}")
    hard, _ = last(courses[0])
    if course.alpha == 0:
        return words["trap_hard"].format(hard=hard, floor_example=f"{smoothing.loss_floor(num_classes, 0.1):.2f}")
    raw, excess = last(course)
    floor, nothing = smoothing.loss_floor(num_classes, course.alpha), math.log(num_classes)
    known = dict(floor=f"{floor:.2f}", nothing=f"{nothing - floor:.2f}", nothing_hard=f"{nothing:.2f}")
    return words["trap"].format(alpha=numbers.alpha_text(course.alpha), raw=raw, excess=excess, hard=hard, **known)
