"""Easy tasks on Costs: under-confidence that can be foretold, on published numbers and live on digits, and its remedy as a switch."""

from __future__ import annotations

import streamlit as st

from lsviz.core.calibration import confidence_and_correct, reliability_diagram
from lsviz.core.calibration.after_training import ece_bound
from lsviz.core.temperature import fit_temperature
from lsviz.figures.live import LiveFigure
from lsviz.lab.config import LabConfig
from lsviz.lab.run import LabRun
from lsviz.pages.costs.easy_figures import Task, easy_figure, foretold_figure
from lsviz.state import ViewState
from lsviz.store.published import published
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import controls, prose
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import figure

CLASSES = {"MNIST": 10, "FMNIST": 10, "EMNIST": 47}  # of the replication's easy data sets
LIVE = LabConfig()  # the lab's own first training: whoever has seen it there sees it here


def easy_tasks(state: ViewState) -> None:
    """Left the literature above its bound; right digits: the bound first, from an accuracy the reader expects, then what comes out."""
    prose.markdown(t("costs.easy_text"))
    left, right = st.columns(2, gap="large")
    with left:
        figure(_figure(), "costs_easy", badge=t("costs.easy_source"), source="paper")
    with right:
        place = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            controls.slide("easy_right", 0.5, 1.0, 0.01, t("costs.easy_right"), width=190, format="percent")
            found = result(LIVE, "easy", t("costs.easy_go", count=len(LIVE.alphas)))
            tempered = found is not None and controls.toggle("easy_tempered", t("costs.easy_switch"))
        with place:
            badge = t("costs.easy_badge", images=len(found.test_labels), seed=LIVE.seed) if found else t("badge.closed")
            figure(
                _foretold(state.easy_right, tempered, LIVE.key if found else "", found),
                "costs_easy_live",
                badge=badge,
                source="lab" if found else "closed",
            )


@cached_words(max_entries=1)
def _figure() -> LiveFigure:
    of = lambda data, metric: {
        float(entry.setting): entry.value for entry in published(paper="wagner", metric=metric, at="alpha", data=data)
    }
    return easy_figure({data: Task(n, of(data, "accuracy"), of(data, "ece15")) for data, n in CLASSES.items()}, words("costs"))


@cached_words(max_entries=16)
def _foretold(right: float, tempered: bool, key: str, _found: LabRun | None) -> LiveFigure:
    bound = {alpha: ece_bound(right, LIVE.num_classes, alpha) for alpha in LIVE.alphas}
    ece = dict(zip(LIVE.alphas, map(float, _found.curves["ece"][:, -1]))) if _found else {}
    cooled = {alpha: _at_temperature(_found, m) for m, alpha in enumerate(LIVE.alphas)} if _found and tempered else {}
    return foretold_figure(bound, ece, cooled, right, words("costs"))


def _at_temperature(run: LabRun, m: int) -> float:
    """ECE on test digits at the temperature that validation digits choose."""
    temperature = fit_temperature(run.validation_logits[m], run.validation_labels)
    return reliability_diagram(*confidence_and_correct(run.test_logits[-1, m], run.test_labels, temperature)).ece
