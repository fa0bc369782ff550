"""The temperature slider, what it does to this network, and ECE and NLL over all temperatures."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.figures.temperature import temperature_figure
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, prose
from lsviz.ui.shown import figure
from lsviz.zoo.calibration import at_temperature, scaled
from lsviz.zoo.kept import of_store

T_RANGE = (0.25, 8.0)


def temperature(asked: float, num_classes: int, alpha: float) -> None:
    """The slider, what it does to this network's numbers, and ECE and NLL over all T."""
    cooled = scaled(num_classes)
    if alpha not in cooled:
        return
    left, right = st.columns([5, 7], gap="large")
    with left:
        prose.markdown(t("reliability.temperature_text"))
        controls.slide("temperature", *T_RANGE, 0.05, t("reliability.temperature_label"))
        _buttons(cooled[alpha].curve.fitted)
        before = cooled[alpha].before
        accuracy, nll, ece = at_temperature(num_classes, alpha, asked)
        cells = (
            ("accuracy", numbers.percent(accuracy, 1), numbers.percent(before.accuracy, 1)),
            ("nll", f"{nll:.3f}", f"{before.nll:.3f}"),
            ("ece", numbers.percent(ece, 1), numbers.percent(before.ece.ece, 1)),
        )
        for cell, (name, now, then) in zip(st.columns(3), cells):
            was = t("reliability.metric_was", value=then)
            cell.metric(t(f"reliability.metric_{name}"), now, was, delta_color="off", delta_arrow="off")
    with right:
        figure(temperature_curves(num_classes, asked), "reliability_temperature", badge=t("reliability.badge_temperature"))


def _buttons(fitted: float) -> None:
    within = min(max(round(fitted, 2), T_RANGE[0]), T_RANGE[1])
    with st.container(horizontal=True, key="temperature_buttons"):
        st.button(t("reliability.temperature_set", t=f"{fitted:.2f}"), on_click=controls.update, kwargs={"temperature": within})
        st.button(t("reliability.temperature_reset"), on_click=controls.update, kwargs={"temperature": 1.0}, type="tertiary")


def temperature_curves(num_classes: int, temperature: float) -> LiveFigure:
    """ECE and NLL over T of every network of this N, with `temperature` marked."""
    return _curves(num_classes, temperature)


@of_store(max_entries=64, words=True)
def _curves(num_classes: int, temperature: float) -> LiveFigure:
    return temperature_figure(scaled(num_classes), temperature, words("reliability"))
