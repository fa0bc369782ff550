"""Predict, then reveal: the reader says where calibration error will be least before the curve is shown."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.figures import numbers
from lsviz.lab.run import LabRun
from lsviz.state import ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import controls, prose


def secret(state: ViewState, run: LabRun) -> bool:
    """Whether the reader has still to guess."""
    return state.lab_predict and st.session_state.get("lab_revealed") != run.config.key


def guess_of(state: ViewState, run: LabRun) -> float | None:
    """The trained alpha of the reader's guess, where one is asked for."""
    return min(run.config.alphas, key=lambda a: abs(a - state.lab_guess)) if state.lab_predict else None


def prediction(state: ViewState, run: LabRun) -> None:
    """Ask for the guess, which a click on the chart gives too, and reveal; then say how near it was."""
    alphas, guess = run.config.alphas, guess_of(state, run)
    if guess is None:
        return
    if secret(state, run):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            controls.slide_among("lab_guess", alphas, t("lab.guess"), guess)
            if st.button(t("lab.reveal"), type="primary"):
                st.session_state["lab_revealed"] = run.config.key
                st.rerun()
        return
    errors = run.curves["ece"][:, -1]
    best = int(np.nanargmin(errors))
    value = float(errors[alphas.index(guess)])
    prose.markdown(
        t(
            "lab.guessed",
            guess=numbers.alpha_text(guess),
            there=numbers.percent(value),
            best=numbers.alpha_text(alphas[best]),
            least=numbers.percent(float(errors[best])),
        )
    )
