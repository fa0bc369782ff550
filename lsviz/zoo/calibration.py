"""What the stored networks come to on Reliability, worked out once for all sessions; broken ones are left out and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import confidence_and_correct, ece_difference
from lsviz.core.calibration.after_training import Cooled, cooled_anew
from lsviz.core.calibration.assessment import Assessment, Scaled, assess, assess_event, temperature_curve
from lsviz.core.calibration.diagram_numbers import DiagramNumbers, every_diagram
from lsviz.core.calibration.events import TOP
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import side
from lsviz.core.temperature import fit_temperature
from lsviz.store import RunRecord
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store


@dataclass(frozen=True)
class Measured:
    """The networks of one N by rising alpha, every seed's (signed gap, ECE), and what kept others out."""

    networks: Mapping[float, Assessment]
    seeds: Mapping[float, tuple[tuple[float, float], ...]]
    problems: tuple[LsvizError, ...]


def about(num_classes: int, event: str) -> Mapping[float, Assessment]:
    """The same networks assessed on one event: "top", "class-4", "first-3"."""
    return measured(num_classes).networks if event == TOP else _about(networks.snapped(num_classes), event)


def diagrams(
    num_classes: int, num_bins: int, strategy: str, edges: Sequence[float] = (), event: str = TOP
) -> dict[float, DiagramNumbers]:
    """The diagram of each of them, by rising alpha, as `diagram_numbers` counts one. Raises LsvizError for bins or edges that cut nothing."""
    return every_diagram(about(num_classes, event), num_bins, strategy, edges)


@of_store(max_entries=16)
def _about(num_classes: int, event: str) -> dict[float, Assessment]:
    whole = measured(num_classes).networks
    return {
        run.config.alpha: assess_event(*_split(run.id, "test"), event)
        for run in networks.shown(num_classes)
        if run.config.alpha in whole
    }


@of_store(max_entries=256)
def at_temperature(num_classes: int, alpha: float, temperature: float) -> tuple[float, float, float]:
    """Accuracy, NLL and ECE on test images of one network at one temperature."""
    run = next(run for run in networks.shown(num_classes) if run.config.alpha == alpha)
    found = assess(*_split(run.id, "test"), temperature)
    return found.accuracy, found.nll, found.ece.ece


@of_store(max_entries=8)
def measured(num_classes: int) -> Measured:
    """Assess the networks shown for this N on their test images."""
    assessed, problems = {}, []
    for run in networks.shown(num_classes):
        try:
            assessed[run.config.alpha] = assess(*_split(run.id, "test"))
        except LsvizError as error:
            problems.append(error)
    seeds: dict[float, list[tuple[float, float]]] = {}
    for run in networks.family(num_classes):
        test = run.metrics["test"]  # other seeds keep only some of their logits, but all of their numbers
        if "signed_gap" in test and "ece15" in test:
            seeds.setdefault(run.config.alpha, []).append((test["signed_gap"], test["ece15"]))
    return Measured(assessed, {alpha: tuple(pairs) for alpha, pairs in seeds.items()}, tuple(problems))


@dataclass(frozen=True)
class Least:
    """Where the mean ECE over the seeds is least, and the other alphas that the first seed's images do not tell from it."""

    alpha: float
    ece: float
    alike: tuple[float, ...]


def every_ece(num_classes: int) -> dict[float, list[float]]:
    """ECE of every seed by rising alpha, as stored; measured of one seed where the manifest does not say."""
    found: dict[float, list[float]] = {}
    for run in networks.family(num_classes):
        if "ece15" in run.metrics["test"]:
            found.setdefault(run.config.alpha, []).append(run.metrics["test"]["ece15"])
    return found or {alpha: [one.ece.ece] for alpha, one in measured(num_classes).networks.items()}


@of_store(max_entries=8)
def least_error(num_classes: int) -> Least:
    """Alike are those whose paired 95 % interval of the difference holds 0."""
    mean = {alpha: float(np.mean(values)) for alpha, values in every_ece(num_classes).items()}
    best = min(mean, key=mean.__getitem__)
    assessed = measured(num_classes).networks
    pair = lambda alpha: (assessed[alpha].confidence, assessed[alpha].correct)
    apart = {
        alpha: ece_difference(pair(alpha), pair(best), resamples=400) for alpha in assessed if alpha != best and best in assessed
    }
    return Least(best, mean[best], tuple(alpha for alpha, found in apart.items() if not side(found.low, found.high)))


@of_store(max_entries=8)
def scaled(num_classes: int) -> Mapping[float, Scaled]:
    """The same networks under temperatures, each fitted on its own validation images; those without any are left out."""
    assessed = measured(num_classes).networks
    found = {}
    for run in networks.shown(num_classes):
        if run.config.alpha not in assessed or "validation_logits" not in run.arrays:
            continue
        test = _split(run.id, "test")
        try:
            curve = temperature_curve(*test, fit_temperature(*_split(run.id, "validation")))
        except LsvizError:
            continue  # damaged validation images cost this network its temperature, not the page
        found[run.config.alpha] = Scaled(assessed[run.config.alpha], assess(*test, curve.fitted), curve)
    return found


@of_store(max_entries=16)
def cooled(num_classes: int, by: str) -> Mapping[float, Cooled]:
    """The networks of `scaled`, their temperatures chosen by "nll" or "ece", and anew in every resampling."""
    runs = {run.config.alpha: run.id for run in networks.shown(num_classes) if run.config.alpha in scaled(num_classes)}
    return {alpha: cooled_anew(_split(run, "validation"), _split(run, "test"), by) for alpha, run in runs.items()}


def right_answers(run: RunRecord) -> NDArray[np.float64]:
    """1 for every stored test image (n,) that the network gets right, else 0. Raises LsvizError."""
    arrays = networks.store().load(run.id)
    return confidence_and_correct(arrays["test_logits"], arrays["test_labels"])[1].astype(float)


def _split(run_id: str, split: str) -> tuple[NDArray, NDArray]:
    arrays = networks.arrays(run_id)
    return arrays[f"{split}_logits"], arrays[f"{split}_labels"]
