"""Inductive bias: what the assumption "no class is impossible" buys on unseen data, measured over seeds, sizes and wrong labels."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import bias, theme
from lsviz.ui import controls, zoo
from lsviz.ui.generalising import bias_and_variance, generalisation, less_data
from lsviz.ui.plots import headline
from lsviz.ui.seeds import counts, seeds
from lsviz.ui.similar import similar_classes
from lsviz.ui.texts import t, words
from lsviz.ui.wrong_labels import wrong_labels


def over_seeds(asked: int) -> None:
    """All that needs several seeds of one N: the nearest that has them."""
    there = counts()
    if not there:
        st.title(t("nav.bias"), anchor=False)
        st.text(t("bias.seeds_missing"))
        st.code(t("bias.command", plan="seeds"), language="bash", wrap_lines=True)
        return
    n = controls.nearest_count(there, asked)
    found = seeds(n)
    headline(tuple(found.brier), *bias.findings(found.brier, found.variance_change, words("bias")))
    if n != asked:
        st.caption(t("bias.nearest", asked=theme.whole(asked), shown=n))
    # Lab: one data set, five priors (hard, smoothed, L2, early stopping, confidence penalty) and the confidence each fits, goes here.
    bias_and_variance(n, found)
    # Lab: the same decomposition for every alpha, trained live, goes here.
    generalisation(n, found)
    less_data(n)


def render() -> None:
    state = controls.view_state()
    if not zoo.counts():
        st.title(t("nav.bias"), anchor=False)
        zoo.sorry(420)
        return
    over_seeds(state.num_classes)
    n = zoo.snapped(state.num_classes)
    wrong_labels(n)
    similar_classes(n, state.alpha)


if __name__ == "__main__":
    render()
