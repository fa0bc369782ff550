"""Words and numbers of Soft targets: the headline, the formula, libraries compared, the check of a pasted vector, code to copy."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.core import smoothing
from lsviz.figures import numbers
from lsviz.state import CONVENTIONS
from lsviz.texts.catalogue import cached_words, t
from lsviz.ui import prose


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


def formula(num_classes: int, alpha: float, convention: str) -> None:
    """The two values of the target with the numbers substituted, and their sum."""
    true, off = smoothing.target_probabilities(num_classes, alpha, convention)
    shown = dict(alpha=numbers.alpha_text(alpha), n=num_classes, true=number(true), off=number(off))
    prose.markdown(t(f"targets.formula_{convention}", **shown))
    sharing = num_classes - (2 if convention == "others_no_pad" else 1)
    total = number(round(true + sharing * off, 9))
    key = "targets.sum_binary" if convention == "binary" else "targets.sum_check"
    prose.markdown(t(key, true=number(true), others=sharing, off=number(off), total=total, n=num_classes))


def asks(num_classes: int, alpha: float, convention: str) -> None:
    """Optimal softmax, margin and entropy floor as three numbers."""
    true, _ = smoothing.target_probabilities(num_classes, alpha, convention)
    gap = smoothing.optimal_logit_margin(num_classes, alpha, convention)
    floor = smoothing.loss_floor(num_classes, alpha, convention) + 0.0  # never -0
    with st.container(horizontal=True, gap="medium"):
        st.metric(t("targets.asks_top"), numbers.percent(true), width="content")
        st.metric(t("targets.asks_margin"), numbers.gap(gap), width="content")
        st.metric(t("targets.asks_floor"), f"{floor:.3f}", width="content")
    prose.caption(t("targets.asks_caption"))


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
