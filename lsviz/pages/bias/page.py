"""Inductive bias: what the assumption "no class is impossible" buys on unseen data, measured over seeds, sizes and wrong labels."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import numbers
from lsviz.pages.bias import seeds_figures
from lsviz.pages.bias.ensemble import together
from lsviz.pages.bias.five_assumptions_live import one_screen
from lsviz.pages.bias.many_samples_live import every_alpha
from lsviz.pages.bias.seeds import bias_and_variance, generalisation, in_words, less_data
from lsviz.pages.bias.seeds_data import counts, seeds
from lsviz.pages.bias.similar_classes import similar_classes
from lsviz.pages.bias.similar_digits_live import alike_live
from lsviz.pages.bias.wrong_labels import wrong_labels
from lsviz.state import ViewState, nearest_count
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices
from lsviz.ui.plots import headline
from lsviz.zoo import networks


def over_seeds(state: ViewState) -> None:
    """All that needs several seeds of one N: the nearest that has them. What is trained live needs none."""
    there = counts()
    if not there:
        st.title(t("nav.bias"), anchor=False)
        one_screen(state.prior_data)
        if networks.counts():
            notices.to_train(t("bias.seeds_missing"), "seeds")
        else:
            notices.sorry(200)
        every_alpha(state, in_words)
        return
    n = nearest_count(there, state.num_classes)
    found = seeds(n)
    if found.agreement:
        headline(tuple(found.agreement), *seeds_figures.findings(found.agreement, found.confidence, words("bias")))
    if n != state.num_classes:
        st.caption(t("bias.nearest", asked=numbers.whole(state.num_classes), shown=n))
    one_screen(state.prior_data)
    bias_and_variance(n, found)
    together(n)
    every_alpha(state, in_words)
    generalisation(n, found)
    less_data(n)


def render() -> None:
    state = controls.view_state()
    over_seeds(state)
    n = networks.snapped(state.num_classes)
    wrong_labels(n)
    similar_classes(n, state.alpha)
    alike_live(state)


if __name__ == "__main__":
    render()
