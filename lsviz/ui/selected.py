"""The stored networks as selective predictors: curves under three scores and paired differences, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from lsviz.core.calibration import confidence_and_correct
from lsviz.core.errors import LsvizError
from lsviz.core.selective import SCORES, aurc_difference, fit_norm, risk_coverage, score_of
from lsviz.core.verdict import Change, compare
from lsviz.figures.costs import Loss
from lsviz.figures.selective import Selected
from lsviz.ui import zoo
from lsviz.ui.calibrated import measured, scaled


@dataclass(frozen=True)
class SelectedZoo:
    """The networks of one N by rising alpha, the exponents fitted for logit normalisation, and what kept others out."""

    networks: Mapping[float, Selected]
    norms: Mapping[float, int]
    problems: tuple[LsvizError, ...]


def selected(num_classes: int) -> SelectedZoo:
    """The networks shown for this N, scored on their test images; the exponent p is chosen on validation images."""
    return _selected(zoo.stamp(), zoo.snapped(num_classes))


@st.cache_resource(max_entries=8, show_spinner=False)
def _selected(stamp: str, num_classes: int) -> SelectedZoo:
    networks, norms, problems = {}, {}, []
    hard = None
    for run in zoo.shown(num_classes):
        try:
            arrays = zoo.arrays(run.id)
            logits, labels = arrays["test_logits"], arrays["test_labels"]
            p = fit_norm(arrays["validation_logits"], arrays["validation_labels"])
        except (LsvizError, KeyError) as error:
            problems.append(error if isinstance(error, LsvizError) else LsvizError("store.validation", run=run.id))
            continue
        _, correct = confidence_and_correct(logits, labels)
        pairs = {kind: (score_of(logits, kind, p), correct) for kind in SCORES}
        curves = {kind: risk_coverage(*pair) for kind, pair in pairs.items()}
        if run.config.alpha == 0:
            hard = pairs
        paired = hard is not None and run.config.alpha > 0
        against = {kind: aurc_difference(hard[kind], pairs[kind]) for kind in SCORES} if paired else None
        networks[run.config.alpha], norms[run.config.alpha] = Selected(curves, against), p
    return SelectedZoo(networks, norms, tuple(problems))


def surest(num_classes: int) -> Mapping[float, Selected]:
    """The same networks sorted by their own probability alone, without intervals: a hundredth of the work."""
    return _surest(zoo.stamp(), zoo.snapped(num_classes))


@st.cache_resource(max_entries=8, show_spinner=False)
def _surest(stamp: str, num_classes: int) -> dict[float, Selected]:
    networks = measured(num_classes).networks
    return {alpha: Selected({"probability": risk_coverage(one.confidence, one.correct)}, None) for alpha, one in networks.items()}


@dataclass(frozen=True)
class Changes:
    """The hard network against one other on `count` test images, of one seed."""

    changes: tuple[Change, ...]
    count: int
    seed: int


def changes(num_classes: int, alpha: float) -> Changes | None:
    """What the network at `alpha` has gained and lost against the hard one; None where either is missing."""
    return _changes(zoo.stamp(), zoo.snapped(num_classes), alpha)


@st.cache_resource(max_entries=64, show_spinner=False)
def _changes(stamp: str, num_classes: int, alpha: float) -> Changes | None:
    runs = {run.config.alpha: run for run in zoo.shown(num_classes)}
    if not {0.0, alpha} <= runs.keys() or runs[0.0].config.seed != runs[alpha].config.seed:
        return None
    try:
        hard, soft = (zoo.arrays(runs[a].id) for a in (0.0, alpha))
        validation = (hard["validation_logits"], soft["validation_logits"], hard["validation_labels"])
        found = compare(hard["test_logits"], soft["test_logits"], hard["test_labels"], validation)
    except (LsvizError, KeyError):
        return None  # the page names damaged runs already
    return Changes(found, len(hard["test_labels"]), runs[alpha].config.seed)


def losses(num_classes: int) -> dict[float, Loss]:
    """Test NLL of each network shown, as it stands and at the temperature fitted on its validation images."""
    return {alpha: Loss(one.before.nll, one.after.nll) for alpha, one in scaled(num_classes).items()}


def probes(num_classes: int) -> tuple[dict[float, float], dict[float, float]]:
    """Accuracy of the linear probe and class separation on training images, by alpha, where the manifest has both."""
    runs = [run for run in zoo.shown(num_classes) if "probe_accuracy" in run.facts and "class_separation" in run.metrics["train"]]
    accuracy = {run.config.alpha: float(run.facts["probe_accuracy"]) for run in runs}
    return accuracy, {run.config.alpha: run.metrics["train"]["class_separation"] for run in runs}
