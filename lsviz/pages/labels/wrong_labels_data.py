"""What the networks with wrong labels came to: clean accuracy paired with the hard ones, and the flipped training images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import nan

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.core.intervals import chance_of, crossed_interval, holm, share_difference
from lsviz.pages.labels.wrong_labels_figures import Cell, NoisyRun
from lsviz.store import RunRecord
from lsviz.zoo import networks
from lsviz.zoo.calibration import right_answers
from lsviz.zoo.kept import of_store


@of_store(max_entries=2)
def counts() -> tuple[int, ...]:
    """The N with networks that were trained on wrong labels."""
    return tuple(n for n in networks.counts() if cells(n))


def noisy(num_classes: int) -> tuple[NoisyRun, ...]:
    """Runs with wrong labels, one for each noise rate and alpha: that of the lowest seed."""
    return tuple(
        _noisy_run(runs[0])
        for (noise, _), runs in sorted(_groups(num_classes).items())
        if noise > 0 and "memorised_flips" in runs[0].history
    )


@of_store(max_entries=8)
def cells(num_classes: int) -> Mapping[tuple[float, float], Cell]:
    """By (noise, alpha): every alpha that was trained on wrong labels, on clean ones too where it is stored."""
    groups = _groups(num_classes)
    alphas = {alpha for noise, alpha in groups if noise > 0}
    made, chances = {}, {}
    for (noise, alpha), runs in groups.items():
        if alpha in alphas:
            accuracy = {
                split: float(np.mean([run.metrics.get(split, {}).get("accuracy", 0.0) for run in runs]))
                for split in ("test", "validation")
            }
            against = None if alpha == 0 else _against(groups.get((noise, 0.0), ()), runs)
            if against:
                chances[noise, alpha] = chance_of(against)
            made[noise, alpha] = Cell(accuracy["test"], len(runs), accuracy["validation"], against(level=0.95) if against else None)
    kept = holm(chances)
    return {key: replace(cell, survives=key in kept) for key, cell in made.items()}


def _groups(num_classes: int) -> dict[tuple[float, float], list[RunRecord]]:
    """Sound runs of the recipe the pages draw, by noise rate and alpha, each by rising seed."""
    clean = networks.family(num_classes)
    groups: dict[tuple[float, float], list[RunRecord]] = {}
    for run in networks.store().runs if clean else ():
        if replace(run.config.family, noise=0.0) == clean[0].config.family:
            groups.setdefault((run.config.noise, run.config.alpha), []).append(run)
    return {key: sorted(runs, key=lambda run: run.config.seed) for key, runs in sorted(groups.items())}


def _against(hard: Sequence[RunRecord], soft: Sequence[RunRecord]) -> Callable[..., tuple[float, float, float]] | None:
    """Smoothed minus hard accuracy over the seeds both have and the images: (mean, low, high) at a level.

    Where a run's logits cannot be read its interval is that of two shares, not paired and so wider.
    """
    pairs = [(one, other) for one in hard for other in soft if one.config.seed == other.config.seed]
    try:
        apart = [right_answers(other) - right_answers(one) for one, other in pairs]
    except LsvizError:  # damaged, or logits beyond what half precision holds: the shares are known, the images are not
        before, after = (float(np.mean([run.metrics["test"]["accuracy"] for run in runs])) for runs in (hard, soft))
        images = soft[0].arrays["test_labels"].shape[0]
        return lambda level: (after - before, *share_difference(before, after, images, level=level))
    return (lambda level: crossed_interval(apart, level=level)) if apart else None


def _noisy_run(run: RunRecord) -> NoisyRun:
    facts = run.facts
    return NoisyRun(
        run.config.alpha, run.config.noise, run.history["test_accuracy"], run.history["memorised_flips"], facts.get("memorised_flips", nan),
        facts.get("flipped_given_probability", nan), facts.get("flipped_true_probability", nan), facts.get("flipped", 0),
    )  # fmt: skip
