"""What an inductive bias is, on one screen: the same data learnt under five assumptions, live."""

from __future__ import annotations

import streamlit as st

from lsviz.figures.live import LiveFigure
from lsviz.lab.data import make_data
from lsviz.lab.trials.five_assumptions import KINDS, Priors, PriorsTrial
from lsviz.pages.bias.five_assumptions_figures import Belief, data_figure, priors_figure
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import controls, prose
from lsviz.ui.live_experiment import result
from lsviz.ui.plots import live_plot
from lsviz.ui.shown import figure


def one_screen(kind: str) -> None:
    """The five fields; before anything is trained the data, and what each assumption says."""
    st.subheader(t("bias.priors_heading"), anchor=False)
    trial = PriorsTrial(kind=kind)
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        controls.choose("prior_data", tuple(KINDS), "bias.prior_data", label=t("bias.prior_data_label"))
        found = result(trial, "priors", t("bias.priors_go"))
    with place:
        if found is None:
            left, right = st.columns([5, 7], gap="large", vertical_alignment="center")
            with left:
                live_plot(_data(kind), key="bias_prior_data")
            with right:
                prose.markdown(t("bias.priors_text"))
        else:
            badge = t("bias.priors_badge", count=len(found.labels), seed=trial.seed)
            figure(_drawn(trial.key, found), "bias_priors", badge=badge, source="lab")


@cached_words(max_entries=4)
def _data(kind: str) -> LiveFigure:
    data = make_data(PriorsTrial(kind=kind).config(1))
    return data_figure(data.train_x, data.train_y, data.names, words("bias"))


@cached_words(max_entries=4)
def _drawn(key: str, _found: Priors) -> LiveFigure:
    beliefs = {name: Belief(one.setting, one.levels, one.sure, one.accuracy) for name, one in _found.each.items()}
    return priors_figure(_found.alphas, beliefs, _found.x, _found.y, _found.points, _found.labels, _found.names, words("bias"))
