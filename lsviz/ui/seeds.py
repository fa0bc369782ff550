"""What the stored seeds and wrong-label runs say about the inductive bias, worked out once for all sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lsviz.core.ensembles import Decomposition, decompose_brier, decompose_nll, paired_difference
from lsviz.core.errors import LsvizError
from lsviz.figures.bias import NoisyRun
from lsviz.figures.reliability_trend import LEAST_SEEDS
from lsviz.store import RunRecord
from lsviz.ui import zoo

Difference = tuple[float, float, float]


@dataclass(frozen=True)
class Seeds:
    """Networks of one N that differ in their seed alone, by alpha; empty where fewer than two seeds are stored."""

    brier: Mapping[float, Decomposition]
    nll: Mapping[float, Decomposition]
    differences: Mapping[str, Mapping[float, Difference]]  # accuracy and nll, smoothed minus hard: (mean, low, high)
    each: Mapping[str, Mapping[float, tuple[float, ...]]]  # the difference of every seed
    problems: tuple[LsvizError, ...]


def counts() -> tuple[int, ...]:
    """The N with at least two seeds at alpha 0 and at another alpha."""
    return tuple(n for n in zoo.counts() if len(_by_alpha(n)) > 1 and 0.0 in _by_alpha(n))


def seeds(num_classes: int) -> Seeds:
    return _seeds(zoo.stamp(), num_classes)


def noisy(num_classes: int) -> tuple[NoisyRun, ...]:
    """Runs with wrong labels whose memorising was followed, one for each noise rate and alpha: that of the lowest seed."""
    found: dict[tuple[float, float], RunRecord] = {}
    for run in zoo.store().runs:
        c = run.config
        if c.num_classes == num_classes and c.noise > 0 and c.size == 100 and "memorised_flips" in run.history and c.seed <= found.get((c.noise, c.alpha), run).config.seed:
            found[c.noise, c.alpha] = run
    return tuple(NoisyRun(alpha, noise, run.history["test_accuracy"], run.history["memorised_flips"]) for (noise, alpha), run in sorted(found.items()))


def _by_alpha(num_classes: int) -> dict[float, list[RunRecord]]:
    groups: dict[float, list[RunRecord]] = {}
    for run in zoo.family(num_classes):
        groups.setdefault(run.config.alpha, []).append(run)
    return {alpha: runs for alpha, runs in groups.items() if len(runs) > 1}


@st.cache_resource(max_entries=4, show_spinner=False)
def _seeds(stamp: str, num_classes: int) -> Seeds:
    brier, nll, problems = {}, {}, []
    groups = _by_alpha(num_classes)
    for alpha, runs in groups.items():
        try:
            arrays = [zoo.arrays(run.id) for run in runs]
            logits, labels = [a["test_logits"] for a in arrays], arrays[0]["test_labels"]
            brier[alpha], nll[alpha] = decompose_brier(logits, labels), decompose_nll(logits, labels)
        except LsvizError as error:
            problems.append(error)
    hard = {run.config.seed: run.metrics["test"] for run in groups.get(0.0, ())}
    each: dict[str, dict[float, tuple[float, ...]]] = {"accuracy": {}, "nll": {}}
    for metric, found in each.items():
        for alpha, runs in groups.items():
            pairs = [(hard[run.config.seed][metric], run.metrics["test"][metric]) for run in runs if metric in run.metrics["test"] and metric in hard.get(run.config.seed, {})]
            if alpha > 0 and len(pairs) >= LEAST_SEEDS:
                found[alpha] = tuple(float(b - a) for a, b in pairs)
    differences = {metric: {alpha: paired_difference(np.zeros(len(v)), v) for alpha, v in found.items()} for metric, found in each.items()}
    return Seeds(brier, nll, differences, each, tuple(problems))
