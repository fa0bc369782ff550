"""Words and numbers of Soft targets: the headline, the formula, libraries compared, the check of a pasted vector, code to copy."""

from __future__ import annotations

import re

import numpy as np

from lsviz.core import smoothing
from lsviz.core.formula import tree
from lsviz.core.marked import parts
from lsviz.figures import numbers
from lsviz.state import CONVENTIONS
from lsviz.texts.catalogue import cached_words, t, unbroken
from lsviz.ui.plots import place


def number(value: float, digits: int = 6) -> str:
    """A target value as people type it, at most so many significant digits: 0.02, 0.9001, 0.000002."""
    return np.format_float_positional(float(f"{value:.{digits}g}"), trim="-").replace("-", numbers.MINUS)


@cached_words(max_entries=64)
def findings(stops: tuple[float, ...], num_classes: int, convention: str) -> tuple[list[str], list[str]]:
    """The headline and its sentence for every stop."""
    true, off = smoothing.target_probabilities(num_classes, stops, convention)
    gaps = smoothing.optimal_logit_margin(num_classes, stops, convention)
    others = num_classes - (2 if convention == "others_no_pad" else 1)
    heads, subs = [], []
    for alpha, top, rest, gap in zip(stops, true, off, gaps):
        kind = "_hard" if alpha == 0 else "_one" if alpha == 1 and convention == "uniform" else ""
        values = dict(alpha=numbers.alpha_text(alpha), true=numbers.percent(top), off=numbers.percent(rest), gap=numbers.gap(gap))
        heads.append(t(f"targets.head{kind}", **values))
        kind = kind or ("_anti" if top < rest else "_two" if others == 1 else "")
        subs.append(t(f"targets.sub{kind}", others=numbers.whole(others), **values))
    return heads, subs


@cached_words(max_entries=64)
def in_numbers(stops: tuple[float, ...], num_classes: int, convention: str) -> tuple[list[list[str]], list[tuple[str, object]]]:
    """The formula with the numbers in it, its sum, and what it asks for: values of every stop, and the blocks that show them."""
    true, off = smoothing.target_probabilities(num_classes, stops, convention)
    gaps = smoothing.optimal_logit_margin(num_classes, stops, convention)
    floors = smoothing.loss_floor(num_classes, stops, convention) + 0.0  # never -0
    sharing = num_classes - (2 if convention == "others_no_pad" else 1)
    values = [
        [
            numbers.alpha_text(alpha), number(top), number(rest), number(round(top + sharing * rest, 9)),
            numbers.percent(top), numbers.gap(gap), f"{floor:.3f}",
        ]
        for alpha, top, rest, gap, floor in zip(stops, true, off, gaps, floors)
    ]  # fmt: skip
    shown = dict(zip(("alpha", "true", "off", "total"), map(place, range(4))), n=num_classes, others=sharing)
    formulas = re.findall(r"\$\$(.+?)\$\$", t(f"targets.formula_{convention}", **shown))
    total = t("targets.sum_binary" if convention == "binary" else "targets.sum_check", **shown)
    names = (t("targets.asks_top"), t("targets.asks_margin"), t("targets.asks_floor"))
    return values, [
        *(("formula", tree(latex)) for latex in formulas),
        ("sentence", parts(unbroken(total))),
        ("numbers", list(zip(names, map(place, range(4, 7))))),
    ]


def convention_table(num_classes: int, alpha: float, chosen: str) -> str:
    """What each convention makes of this alpha, who uses it, and which alpha of PyTorch gives the same target."""
    lines = [t("targets.conventions_head"), "|---|--:|--:|--:|"]
    for convention in CONVENTIONS:
        shown = dict(true=t("targets.undefined"), off=t("targets.undefined"), gap=t("targets.undefined"), equivalent="")
        if convention != "others_no_pad" or num_classes >= 3:
            true, off = smoothing.target_probabilities(num_classes, alpha, convention)
            gap = smoothing.optimal_logit_margin(num_classes, alpha, convention)
            shown = dict(true=number(true, 4), off=number(off, 3), gap=numbers.gap(gap), equivalent=t("targets.undefined"))
            same = smoothing.equivalent_alpha(convention, num_classes, alpha) if convention in ("uniform", "others") else 2
            if same <= 1:  # PyTorch takes no more
                shown["equivalent"] = number(same, 4)
        mark = "▸ " if convention == chosen else ""
        users = t(f"targets.users_{convention}")
        lines.append(t("targets.convention_row", mark=mark, name=t(f"targets.conv.{convention}"), users=users, **shown))
    return "\n".join(lines)


# ---- a pasted vector ------------------------------------------------------------------------------------------------


# ---- code to copy ---------------------------------------------------------------------------------------------------
