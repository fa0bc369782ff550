"""The stored networks as selective predictors: curves under three scores and paired differences, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import confidence_and_correct, nll_per_example
from lsviz.core.comparing.changes import Change, compare, compare_seeds, per_image
from lsviz.core.comparing.selective import SCORES, Selected, aurc_difference, fit_norm, risk_coverage, score_of
from lsviz.core.comparing.top_logit import TopLogitNumbers, top_logit_numbers, top_logits
from lsviz.core.errors import LsvizError, MissingArray
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.pages.costs.price_figures import Loss
from lsviz.store import RunRecord
from lsviz.zoo import networks
from lsviz.zoo.calibration import scaled
from lsviz.zoo.kept import of_store


@dataclass(frozen=True)
class SelectedZoo:
    """The networks of one N by rising alpha, the exponents fitted for logit normalisation, and what kept others out."""

    networks: Mapping[float, Selected]
    norms: Mapping[float, int]
    problems: tuple[LsvizError, ...]


@of_store(max_entries=8)
def selected(num_classes: int) -> SelectedZoo:
    """The networks shown for this N, scored on their test images; the exponent p is chosen on validation images."""
    by_alpha, norms, problems = {}, {}, []
    hard = None
    for run in networks.shown(num_classes):
        try:
            arrays = networks.arrays(run.id)
            logits, labels = arrays["test_logits"], arrays["test_labels"]
            p = fit_norm(arrays["validation_logits"], arrays["validation_labels"])
        except LsvizError as error:
            problems.append(LsvizError("store.validation", run=run.id) if isinstance(error, MissingArray) else error)
            continue
        _, correct = confidence_and_correct(logits, labels)
        pairs = {kind: (score_of(logits, kind, p), correct) for kind in SCORES}
        curves = {kind: risk_coverage(*pair) for kind, pair in pairs.items()}
        if run.config.alpha == 0:
            hard = pairs
        against = (
            None if hard is None or run.config.alpha <= 0 else {kind: aurc_difference(hard[kind], pairs[kind]) for kind in SCORES}
        )
        by_alpha[run.config.alpha], norms[run.config.alpha] = Selected(curves, against), p
    return SelectedZoo(by_alpha, norms, tuple(problems))


@dataclass(frozen=True)
class Changes:
    """The hard network against one other on `count` test images, of one seed."""

    changes: tuple[Change, ...]
    count: int
    seed: int


@of_store(max_entries=64)
def changes(num_classes: int, alpha: float) -> Changes | None:
    """What the network at `alpha` has gained and lost against the hard one; None where either is missing."""
    runs = {run.config.alpha: run for run in networks.shown(num_classes)}
    if not {0.0, alpha} <= runs.keys() or runs[0.0].config.seed != runs[alpha].config.seed:
        return None
    try:
        hard, soft = (networks.arrays(runs[a].id) for a in (0.0, alpha))
        validation = (hard["validation_logits"], soft["validation_logits"], hard["validation_labels"])
        found = compare(hard["test_logits"], soft["test_logits"], hard["test_labels"], validation)
    except LsvizError:
        return None  # the page names damaged runs already
    return Changes(found, len(hard["test_labels"]), runs[alpha].config.seed)


@dataclass(frozen=True)
class SeedChanges:
    """The hard networks against those at one alpha over paired seeds. Fewer than `LEAST_SEEDS` give no intervals: `changes` is empty."""

    changes: tuple[Change, ...]
    seeds: tuple[int, ...]
    nc1: tuple[float, float] | None  # of the lowest seed, on training images


@of_store(max_entries=64)
def seed_changes(num_classes: int, alpha: float) -> SeedChanges:
    """What `changes` says of one pair of networks, over every seed stored at alpha 0 and at `alpha`."""
    runs = {(run.config.alpha, run.config.seed): run for run in networks.family(num_classes)}
    seeds = tuple(sorted(seed for a, seed in runs if a == 0 and (alpha, seed) in runs))
    found = [[_numbers(runs[a, seed]) for seed in seeds] for a in (0.0, alpha)]
    nc1 = (found[0][0]["nc1"].item(), found[1][0]["nc1"].item()) if seeds and all("nc1" in side[0] for side in found) else None
    if len(seeds) < LEAST_SEEDS:
        return SeedChanges((), seeds, nc1)
    shared = set.intersection(*(set(one) for side in found for one in side))
    hard, soft = ({name: np.stack([one[name] for one in side]) for name in shared} for side in found)
    return SeedChanges(compare_seeds(hard, soft), seeds, nc1)


def _numbers(run: RunRecord) -> dict[str, NDArray]:
    """The verdict's metrics of one run, image by image, (n,), at the temperature of its manifest; NC1 is one number, (1,)."""
    made = {"nc1": np.array([run.metrics["train"]["nc1"]])} if "nc1" in run.metrics["train"] else {}
    try:
        arrays = networks.arrays(run.id)
        if len(arrays["test_logits"]):
            made |= per_image(arrays["test_logits"], arrays["test_labels"], run.metrics["test"].get("temperature"))
    except LsvizError:
        pass  # the page names damaged runs already
    return made


@of_store(max_entries=8)
def losses(num_classes: int) -> dict[float, Loss]:
    """Test NLL of each network shown: as it stands, at the temperature fitted on its validation images, of its right answers."""
    runs = {run.config.alpha: run for run in networks.shown(num_classes)}
    made = {}
    for alpha, one in scaled(num_classes).items():
        arrays = networks.arrays(runs[alpha].id)
        paid = nll_per_example(arrays["test_logits"], arrays["test_labels"])
        right = one.before.correct.astype(bool)
        made[alpha] = Loss(
            one.before.nll,
            one.after.nll,
            float(paid[right].mean()) if right.any() else float("nan"),
            float(right.mean()),
            len(right),
        )
    return made


@of_store(max_entries=8)
def tops(num_classes: int) -> dict[float, TopLogitNumbers]:
    """The top logits of right and of wrong answers of each network shown; networks with hardly any of either are left out."""
    made = {}
    for run in networks.shown(num_classes):
        try:
            arrays = networks.arrays(run.id)
            made[run.config.alpha] = top_logit_numbers(top_logits(arrays["test_logits"], arrays["test_labels"]))
        except LsvizError:
            continue  # damaged runs are named by `selected`
    return made


def probes(num_classes: int) -> tuple[dict[float, float], dict[float, float]]:
    """Accuracy of the linear probe and class separation on training images, by alpha, where the manifest has both."""
    runs = [
        run for run in networks.shown(num_classes) if "probe_accuracy" in run.facts and "class_separation" in run.metrics["train"]
    ]
    accuracy = {run.config.alpha: float(run.facts["probe_accuracy"]) for run in runs}
    return accuracy, {run.config.alpha: run.metrics["train"]["class_separation"] for run in runs}
