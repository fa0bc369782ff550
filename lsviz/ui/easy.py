"""Easy tasks on Costs: under-confidence that can be foretold, on published numbers."""

from __future__ import annotations

import streamlit as st

from lsviz.figures.easy import Task, easy_figure
from lsviz.figures.live import LiveFigure
from lsviz.store.published import published
from lsviz.ui.selection import figure
from lsviz.ui.texts import cached_words, t, words

CLASSES = {"MNIST": 10, "FMNIST": 10, "EMNIST": 47}  # of the replication's easy data sets


def easy_tasks() -> None:
    """The bound beside the sentence that explains it; needs no networks."""
    st.subheader(t("costs.easy_heading"), anchor=False)
    # Lab: ECE over alpha on digits, the bound drawn before the result, goes here.
    left, right = st.columns(2, gap="large")
    with left:
        figure(_figure(), "easy", t("costs.easy_source"), "paper")
    with right:
        st.markdown(t("costs.easy_text"))


@cached_words(max_entries=1)
def _figure() -> LiveFigure:
    of = lambda data, metric: {float(entry.setting): entry.value for entry in published(paper="wagner", metric=metric, at="alpha", data=data)}
    return easy_figure({data: Task(n, of(data, "accuracy"), of(data, "ece15")) for data, n in CLASSES.items()}, words("costs"))
