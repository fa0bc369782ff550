"""What a value of the loss means at this N and alpha, and back: its floor, what is above it, the probability it leaves possible."""

from __future__ import annotations

import streamlit as st

from lsviz.core import smoothing
from lsviz.core.smoothing.loss_meaning import loss_at_probability, probabilities_at_loss
from lsviz.figures import numbers
from lsviz.texts.catalogue import t
from lsviz.ui import prose


def calculator(num_classes: int, alpha: float) -> None:
    """Two fields side by side: a loss, and a mean probability of the true class."""
    left, right = st.columns(2, gap="large")
    with left:
        loss = st.number_input(t("loss.meaning_loss"), 0.0, 1000.0, 0.6, step=0.05, format="%.4f", key="loss_meaning")
        prose.markdown(meaning(loss, num_classes, alpha))
    with right:
        percent = st.number_input(t("loss.meaning_probability"), 0.0, 100.0, 90.0, step=1.0, format="%.2f", key="loss_meaning_back")
        prose.markdown(back(percent / 100, num_classes, alpha))


def meaning(loss: float, num_classes: int, alpha: float) -> str:
    """What a mean smoothed loss says."""
    floor = smoothing.loss_floor(num_classes, alpha)
    known = {"alpha": numbers.alpha_text(alpha), "count": num_classes, "floor": f"{floor:.4f}", "loss": f"{loss:.4f}"}
    found = probabilities_at_loss(loss, num_classes, alpha)
    if found is None:
        return t("loss.meaning_below", **known)
    low, high = (numbers.percent(p, 1) for p in found)
    return t("loss.meaning_said", **known, excess=f"{loss - floor:.4f}", low=low, high=high)


def back(probability: float, num_classes: int, alpha: float) -> str:
    """The least mean loss with this mean probability of the true class."""
    least = loss_at_probability(probability, num_classes, alpha)
    if least == float("inf"):
        return t("loss.meaning_never", probability=numbers.percent(probability))
    return t(
        "loss.meaning_back",
        probability=numbers.percent(probability),
        alpha=numbers.alpha_text(alpha),
        loss=f"{least:.4f}",
        excess=f"{least - smoothing.loss_floor(num_classes, alpha):.4f}",
    )
