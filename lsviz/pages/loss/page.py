"""Loss: why hard targets push for ever, where smoothed ones stop, and real networks stopping there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lsviz import navigation
from lsviz.figures import training_curves as real
from lsviz.pages.loss import findings as say
from lsviz.pages.loss.calculator import calculator
from lsviz.pages.loss.kept import STOPS, findings, practice, recorded, theory, triangles
from lsviz.state import ViewState
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, own_curves, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure, row
from lsviz.zoo import networks


def real_networks(state: ViewState) -> None:
    """Real networks stopping where the theory says; without any, one sentence in the figure's place."""
    n = networks.snapped(state.num_classes)
    here = recorded(n)
    if here:
        prose.caption(
            t("loss.networks_sentence" if n == state.num_classes else "loss.networks_snapped", count=n, asked=state.num_classes)
        )
        figure(practice(n, state.curve)[0], "loss_course")
        notices.mention(networks.problems(n))
    else:
        notices.sorry(400)


def training(state: ViewState) -> None:
    """The same networks epoch by epoch, the plateau of every N, and the trap that the smoothed loss sets."""
    n = networks.snapped(state.num_classes)
    here = recorded(n)
    if here:
        _, plateau, curves = practice(n, state.curve)
        controls.choose("curve", real.CURVES, "loss.curve", label=t("loss.curve_label"))
        row({"loss_curves": curves, "loss_plateau": plateau}, (7, 5))
    at_alpha("loss_trap", lambda now: prose.markdown(say.trap(here, n, now.alpha, words("loss"))))


def render() -> None:
    state = controls.view_state()
    headline(STOPS, *findings(state.num_classes))
    loss, descent, force, probability = theory(state.num_classes)
    closed: dict[str, Any] = {"badge": t("badge.closed"), "source": "closed"}
    row({"loss_loss": loss, "loss_descent": descent}, (7, 5), **closed)
    st.subheader(t("loss.networks_title"))
    real_networks(state)
    fold("why", lambda: row({"loss_force": force, "loss_probability": probability}, **closed))
    fold("triangle", lambda: figure(triangles(), "loss_simplex", **closed))
    fold("training", lambda: training(state))
    fold("meaning", lambda: at_alpha("meaning", lambda now: calculator(now.num_classes, now.alpha)))
    fold("curves", own_curves.read)
    st.page_link(navigation.file("reliability"), label=t("loss.next"), icon=":material/arrow_forward:")


if __name__ == "__main__":
    render()
