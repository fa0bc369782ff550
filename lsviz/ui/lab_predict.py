"""Predict, then reveal: the reader says where calibration error will be least before the curve is shown."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.figures import theme
from lsviz.lab.run import LabRun
from lsviz.state import ViewState
from lsviz.ui import controls
from lsviz.ui.texts import t


def predicted(state: ViewState, run: LabRun) -> tuple[str, float | None]:
    """The measure that stays secret ("" for none) and the guess to draw; asks for the guess, or says how near it was."""
    if not state.lab_predict:
        return "", None
    alphas = [float(a) for a in run.config.alphas]
    guess = min(alphas, key=lambda a: abs(a - state.lab_guess))
    if st.session_state.get("lab_revealed") != run.config.key:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            controls.slide_among("lab_guess", alphas, t("lab.guess"), guess)
            if st.button(t("lab.reveal"), type="primary"):
                st.session_state["lab_revealed"] = run.config.key
                st.rerun()
        return "ece", guess
    errors = run.curves["ece"][:, -1]
    best = int(np.nanargmin(errors))
    value = float(errors[alphas.index(guess)])
    st.markdown(t("lab.guessed", guess=theme.alpha_text(guess), there=theme.percent(value), best=theme.alpha_text(alphas[best]), least=theme.percent(float(errors[best]))))
    return "", guess
