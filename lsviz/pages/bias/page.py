"""Inductive bias: what the assumption "no class is impossible" buys on unseen data, measured over seeds and sizes."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.figures import numbers
from lsviz.pages.bias import seeds_figures
from lsviz.pages.bias.ensemble import together
from lsviz.pages.bias.five_assumptions_live import one_screen
from lsviz.pages.bias.many_samples_live import every_alpha
from lsviz.pages.bias.seeds import agreement, bias_and_variance, generalisation, in_nll, in_words, less_data
from lsviz.pages.bias.seeds_data import counts, seeds
from lsviz.state import nearest_count
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.zoo import networks


def render() -> None:
    """What needs several seeds of one N is of the nearest that has them; what is trained live needs none."""
    state = controls.view_state()
    there = counts()
    if there:
        n = nearest_count(there, state.num_classes)
        found = seeds(n)
        if found.agreement:
            headline(tuple(found.agreement), *seeds_figures.findings(found.agreement, found.confidence, words("bias")))
        if n != state.num_classes:
            prose.caption(t("bias.nearest", asked=numbers.whole(state.num_classes), shown=n))
        one_screen(state.prior_data)
        left, right = st.columns(2, gap="large")
        with left:
            bias_and_variance(n, found)
        with right:
            generalisation(n, found)
        fold("agreement", lambda: agreement(n, found))
        fold("nll", lambda: in_nll(n, found))
        fold("ensemble", lambda: together(n))
    else:
        st.title(t("nav.bias"), anchor=False)
        one_screen(state.prior_data)
        if networks.counts():
            notices.to_train(t("bias.seeds_missing"), "seeds")
        else:
            notices.sorry(200)
    fold("samples", lambda: every_alpha(state, in_words))
    if there:
        fold("sizes", lambda: less_data(n))
    st.page_link(navigation.file("labels"), label=t("bias.next"), icon=":material/arrow_forward:")


if __name__ == "__main__":
    render()
