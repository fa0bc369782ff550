"""What the stored seeds say about the inductive bias, worked out once for all sessions."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import confidence_and_correct, nll_per_example
from lsviz.core.comparing.agreement import Agreement, agreements
from lsviz.core.comparing.bias_variance import Decomposition, decompose_brier, decompose_nll
from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.ensembles import ensemble
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import LEAST_SEEDS, chance_of, crossed_interval, holm
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
    agreement: Mapping[float, Agreement]  # changes are from hard
    confidence: float  # at which they are matched
    differences: Mapping[str, Mapping[float, Difference]]  # accuracy and nll, smoothed minus hard over seeds and images
    each: Mapping[str, Mapping[float, tuple[float, ...]]]  # the difference of every seed
    surviving: frozenset[tuple[str, float]]  # which of all these differences survive Holm's correction
    metrics: Mapping[float, Mapping[str, tuple[float, ...]]]  # accuracy, nll, ece15 of every seed
    problems: tuple[LsvizError, ...]


@dataclass(frozen=True)
class Sizes:
    """The same over training-set sizes (per cent of the training images), for the one alpha stored at most sizes."""

    alpha: float
    images: Mapping[int, int]  # training images of each size
    brier: Mapping[tuple[int, float], Decomposition]
    nll: Mapping[tuple[int, float], Decomposition]
    agreement: Mapping[tuple[int, float], Agreement]  # changes are from hard of the same size, to which it is matched
    differences: Mapping[str, Mapping[int, Difference]]
    each: Mapping[str, Mapping[int, tuple[float, ...]]]
    surviving: frozenset[tuple[str, int]]


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


@dataclass(frozen=True)
class _Answers:
    """Test logits (M, n, K) of the seeds of one recipe, and their labels (M, n)."""

    seeds: tuple[int, ...]
    logits: NDArray[np.float32]
    labels: NDArray[np.intp]

    def each(self, metric: str) -> NDArray[np.float64]:
        """Accuracy or NLL of every seed on every image, (M, n)."""
        of = {"accuracy": lambda z, y: confidence_and_correct(z, y)[1].astype(float), "nll": nll_per_example}[metric]
        return np.stack([of(z, y) for z, y in zip(self.logits, self.labels)])

    def of(self, seeds: Container[int]) -> _Answers:
        """Those of some seeds only."""
        kept = [i for i, seed in enumerate(self.seeds) if seed in seeds]
        return _Answers(tuple(self.seeds[i] for i in kept), self.logits[kept], self.labels[kept])


def _answers(groups: Mapping[Key, list[RunRecord]], problems: list[LsvizError]) -> dict[Key, _Answers]:
    found = {}
    for key, runs in groups.items():
        try:
            arrays = [networks.store().load(run.id) for run in runs]
            logits = np.stack([a["test_logits"].astype(np.float32) for a in arrays])
            seeds = tuple(run.config.seed for run in runs)
            found[key] = _Answers(seeds, logits, np.stack([a["test_labels"].astype(int) for a in arrays]))
        except LsvizError as error:
            problems.append(error)
    return found


def _alike(found: Mapping[Key, _Answers]) -> dict[Key, _Answers]:
    """Only the seeds every group has, where there are two: networks compared share their starts and batches."""
    shared = set.intersection(*(set(one.seeds) for one in found.values())) if found else set()
    return {key: one.of(shared) if len(shared) > 1 else one for key, one in found.items()}


def _decomposed(found: Mapping[Key, _Answers]) -> tuple[dict[Key, Decomposition], dict[Key, Decomposition]]:
    brier = {key: decompose_brier(one.logits, one.labels[0]) for key, one in found.items()}
    return brier, {key: decompose_nll(one.logits, one.labels[0]) for key, one in found.items()}


def _paired(hard: _Answers | None, soft: _Answers | None, metric: str) -> NDArray[np.float64] | None:
    """Smoothed minus hard of every seed both have on every image, (M, n); None below `LEAST_SEEDS`."""
    if hard is None or soft is None or len(shared := {*hard.seeds} & {*soft.seeds}) < LEAST_SEEDS:
        return None
    return soft.of(shared).each(metric) - hard.of(shared).each(metric)


def _differences(
    pairs: Mapping[Key, tuple[_Answers | None, _Answers | None]],
) -> tuple[dict[str, dict[Key, Difference]], dict[str, dict[Key, tuple[float, ...]]], frozenset[tuple[str, Key]]]:
    """By metric: each pair's mean difference with its interval over seeds and images, and the difference of every seed; and which
    (metric, key) survive Holm's correction for all."""
    apart = {
        metric: {key: values for key, pair in pairs.items() if (values := _paired(*pair, metric)) is not None} for metric in METRICS
    }
    return (
        {metric: {key: crossed_interval(values) for key, values in found.items()} for metric, found in apart.items()},
        {metric: {key: tuple(map(float, v.mean(axis=1))) for key, v in found.items()} for metric, found in apart.items()},
        holm(
            {
                (metric, key): chance_of(partial(crossed_interval, values))
                for metric, found in apart.items()
                for key, values in found.items()
            }
        ),
    )


@of_store(max_entries=4)
def seeds(num_classes: int) -> Seeds:
    problems: list[LsvizError] = []
    groups = _several(networks.family(num_classes))
    found = _answers(groups, problems)
    alike = _alike(found)
    brier, nll = _decomposed(alike)
    differences, each, surviving = _differences({alpha: (found.get(0.0), one) for alpha, one in found.items() if alpha > 0})
    of = lambda runs, metric: tuple(run.metrics["test"][metric] for run in runs if metric in run.metrics["test"])
    metrics = {alpha: {metric: of(runs, metric) for metric in (*METRICS, "ece15")} for alpha, runs in groups.items()}
    agree, confidence = _agreements(alike)
    return Seeds(brier, nll, agree, confidence, differences, each, surviving, metrics, tuple(problems))


def _agreements(found: Mapping[float, _Answers]) -> tuple[dict[float, Agreement], float]:
    if 0.0 not in found:
        return {}, np.nan
    return agreements({alpha: one.logits for alpha, one in found.items()}, found[0.0].labels[0], 0.0)


@of_store(max_entries=4)
def ensembles(num_classes: int) -> dict[float, dict[str, Change]]:
    """By alpha: from one of the shared seeds alone to their mean probability."""
    found = _alike(_answers(_several(networks.family(num_classes)), []))
    return {alpha: ensemble(one.logits, one.labels[0]) for alpha, one in found.items()}


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
    answers = _answers(kept, [])
    brier, nll = _decomposed(_alike(answers))
    differences, each, surviving = _differences({size: (answers.get((size, 0.0)), answers.get((size, alpha))) for size in several})
    agree = {
        (size, a): one
        for size in several
        if {(size, 0.0), (size, alpha)} <= answers.keys()
        for a, one in _agreements(_alike({a: answers[size, a] for a in (0.0, alpha)}))[0].items()
    }
    images = {size: int(found[0.0][0].facts.get("training_images", 0)) for size, found in several.items()}
    return Sizes(alpha, images, brier, nll, agree, differences, each, surviving)
