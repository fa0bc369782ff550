"""What the stored seeds say about the inductive bias, worked out once for all sessions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from lsviz.core.comparing.bias_variance import Decomposition, brier_variance_per_image, decompose_brier, decompose_nll
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import LEAST_SEEDS, mean_interval, paired_difference
from lsviz.store import RunRecord
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store

Difference = tuple[float, float, float]
Key = TypeVar("Key", bound=Hashable)  # what runs are grouped by
METRICS = ("accuracy", "nll")


@dataclass(frozen=True)
class Seeds:
    """Networks of one N that differ in their seed alone, by alpha; empty where fewer than two seeds are stored."""

    brier: Mapping[float, Decomposition]
    nll: Mapping[float, Decomposition]
    variance_change: Mapping[float, Difference]  # of the Brier variance, smoothed minus hard over the same images
    differences: Mapping[str, Mapping[float, Difference]]  # accuracy and nll, smoothed minus hard: (mean, low, high)
    each: Mapping[str, Mapping[float, tuple[float, ...]]]  # the difference of every seed
    metrics: Mapping[float, Mapping[str, tuple[float, ...]]]  # accuracy, nll, ece15 of every seed
    problems: tuple[LsvizError, ...]


@dataclass(frozen=True)
class Sizes:
    """The same over training-set sizes (per cent of the training images), for the one alpha stored at most sizes."""

    alpha: float
    images: Mapping[int, int]  # training images of each size
    brier: Mapping[tuple[int, float], Decomposition]
    nll: Mapping[tuple[int, float], Decomposition]
    differences: Mapping[str, Mapping[int, Difference]]
    each: Mapping[str, Mapping[int, tuple[float, ...]]]


@of_store(max_entries=2)
def counts() -> tuple[int, ...]:
    """The N with at least two seeds at alpha 0 and at another alpha."""
    return tuple(n for n in networks.counts() if 0.0 in (found := _several(networks.family(n))) and len(found) > 1)


def _several(runs: Iterable[RunRecord]) -> dict[float, list[RunRecord]]:
    """Runs by alpha, each by rising seed, where there is more than one."""
    groups: dict[float, list[RunRecord]] = {}
    for run in sorted(runs, key=lambda run: (run.config.alpha, run.config.seed)):
        groups.setdefault(run.config.alpha, []).append(run)
    return {alpha: alike for alpha, alike in groups.items() if len(alike) > 1}


def _alike(groups: Mapping[Key, list[RunRecord]]) -> dict[Key, list[RunRecord]]:
    """Only the seeds every group has, where there are two: the variance of more seeds is larger by itself, so it is no comparison."""
    shared = set.intersection(*({run.config.seed for run in runs} for runs in groups.values())) if groups else set()
    return {key: [run for run in runs if run.config.seed in shared] if len(shared) > 1 else runs for key, runs in groups.items()}


def _decomposed(
    groups: Mapping[Key, list[RunRecord]], problems: list[LsvizError]
) -> tuple[dict[Key, Decomposition], dict[Key, Decomposition]]:
    brier, nll = {}, {}
    for key, runs in _alike(groups).items():
        try:
            arrays = [networks.store().load(run.id) for run in runs]
            logits, labels = [a["test_logits"] for a in arrays], arrays[0]["test_labels"]
            brier[key], nll[key] = decompose_brier(logits, labels), decompose_nll(logits, labels)
        except LsvizError as error:
            problems.append(error)
    return brier, nll


def _paired(hard: Iterable[RunRecord], soft: Iterable[RunRecord], metric: str) -> tuple[float, ...]:
    """Smoothed minus hard of every seed both have; empty below `LEAST_SEEDS`."""
    start = {run.config.seed: run.metrics["test"] for run in hard}
    found = [
        (start[run.config.seed][metric], run.metrics["test"][metric])
        for run in soft
        if metric in run.metrics["test"] and metric in start.get(run.config.seed, {})
    ]
    return tuple(float(b - a) for a, b in found) if len(found) >= LEAST_SEEDS else ()


def _intervals(each: Mapping[str, Mapping[Key, tuple[float, ...]]]) -> dict[str, dict[Key, Difference]]:
    return {
        metric: {key: paired_difference(np.zeros(len(values)), values) for key, values in found.items()}
        for metric, found in each.items()
    }


@of_store(max_entries=4)
def seeds(num_classes: int) -> Seeds:
    problems: list[LsvizError] = []
    groups = _several(networks.family(num_classes))
    brier, nll = _decomposed(groups, problems)
    each = {
        metric: {a: found for a, runs in groups.items() if a > 0 and (found := _paired(groups.get(0.0, ()), runs, metric))}
        for metric in METRICS
    }
    of = lambda runs, metric: tuple(run.metrics["test"][metric] for run in runs if metric in run.metrics["test"])
    metrics = {alpha: {metric: of(runs, metric) for metric in (*METRICS, "ece15")} for alpha, runs in groups.items()}
    return Seeds(brier, nll, _variance_change(groups, tuple(brier)), _intervals(each), each, metrics, tuple(problems))


def _variance_change(groups: Mapping[float, list[RunRecord]], alphas: tuple[float, ...]) -> dict[float, Difference]:
    spread = {
        a: brier_variance_per_image([networks.store().load(run.id)["test_logits"] for run in runs])
        for a, runs in _alike(groups).items()
        if a in alphas
    }
    return {alpha: mean_interval(values - spread[0.0]) for alpha, values in spread.items() if alpha > 0 and 0.0 in spread}


@of_store(max_entries=4)
def sizes(num_classes: int) -> Sizes | None:
    """None where fewer than two sizes have several seeds at alpha 0 and at another alpha."""
    family = networks.family(num_classes)
    if not family:
        return None
    recipe = family[0].config.family
    by_size: dict[int, list[RunRecord]] = {}
    for run in networks.store().runs:
        if replace(run.config.family, size=recipe.size) == recipe and 0 <= run.config.alpha <= 1:
            by_size.setdefault(run.config.size, []).append(run)
    several = {size: found for size, runs in sorted(by_size.items()) if 0.0 in (found := _several(runs)) and len(found) > 1}
    if len(several) < 2:
        return None
    alphas = [alpha for found in several.values() for alpha in found if alpha > 0]
    alpha = max(sorted(set(alphas)), key=alphas.count)
    kept = {(size, a): found[a] for size, found in several.items() for a in (0.0, alpha) if a in found}
    brier, nll = _decomposed(kept, [])
    each = {
        metric: {size: values for size, found in several.items() if (values := _paired(found[0.0], found.get(alpha, ()), metric))}
        for metric in METRICS
    }
    images = {size: int(found[0.0][0].facts.get("training_images", 0)) for size, found in several.items()}
    return Sizes(alpha, images, brier, nll, _intervals(each), each)
