"""What a finished training shows: its figures, built once for every session that looks at it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from lsviz.core import geometry
from lsviz.core.assessment import assess
from lsviz.figures import lab as draw
from lsviz.figures.embeddings import Picture, cluster_figure
from lsviz.figures.live import LiveFigure
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.training_curves import Course, curves_figure, margin_course_figure
from lsviz.lab.run import LabRun
from lsviz.ui.lab_job import SeedRange
from lsviz.ui.texts import cached_words, t, words

MEASURES = ("test_accuracy", "test_nll", "ece", "margin")  # with wrong labels, "memorised" takes the last place
Key = tuple[str, bool, int]


def texts(section: str) -> Mapping[str, str]:
    """The words of a shared figure, with the lab's own where images are no images."""
    return words(section, f"lab.{section}")


def identity(run: LabRun) -> Key:
    """What decides all figures of a run."""
    return run.config.key, run.done, run.epochs


def courses(run: LabRun) -> tuple[Course, ...]:
    """One course an alpha; "validation" there is the test set here. Networks that diverged are left out."""
    made = []
    for m in np.flatnonzero(~run.diverged):
        curve = {name: values[m] for name, values in run.curves.items()}
        history = {
            "epoch": np.arange(1, run.epochs + 1), "margin": curve["margin"], "train_loss": curve["loss"],
            "train_nll": curve["train_nll"], "validation_nll": curve["test_nll"],
            "train_accuracy": curve["train_accuracy"], "validation_accuracy": curve["test_accuracy"],
        }  # fmt: skip
        made.append(Course(len(run.names), float(run.config.alphas[m]), float(curve["margin"][-1]), history))
    return tuple(made)


@cached_words(max_entries=24, hash_funcs={LabRun: identity})
def curve(run: LabRun, which: str) -> LiveFigure:
    """Training curves; `which` is nll, excess or accuracy, or margin against the closed form."""
    shown = courses(run)
    stops = [course.alpha for course in shown]
    if which == "margin":
        return margin_course_figure(stops, shown, texts("loss"))
    return curves_figure(stops, shown, which, texts("loss"))


@cached_words(max_entries=24, hash_funcs={LabRun: identity})
def reliability(run: LabRun, snapshot: int, bins: int) -> LiveFigure:
    """The reliability diagram on test examples at a kept epoch."""
    sound = [m for m in range(len(run.config.alphas)) if np.isfinite(run.test_logits[snapshot, m]).all()]
    networks = {float(run.config.alphas[m]): assess(run.test_logits[snapshot, m], run.test_labels) for m in sound}
    return reliability_figure(networks, bins, "uniform", texts("reliability"), title=t("lab.title_reliability"))


@cached_words(max_entries=24, hash_funcs={LabRun: identity})
def inside(run: LabRun, snapshot: int, view: str) -> tuple[LiveFigure, LiveFigure]:
    """The last hidden layer, hard (pinned) and at alpha: the template plane of three classes, or two components (or units)."""
    count = run.points.shape[2]
    labels, classes = run.test_labels[:count], len(run.names)
    plane = view == "plane" and classes >= 3 and not run.config.flat
    keep = np.flatnonzero(labels < 3) if plane else np.arange(count)
    pictures = []
    for m, alpha in enumerate(run.config.alphas):
        logits = run.test_logits[snapshot, m, :count]
        if not (np.isfinite(logits).all() and np.isfinite(run.points[snapshot, m]).all()):
            continue
        points, corners = run.points[snapshot, m].astype(float), None
        if plane:
            points, corners = geometry.template_plane_from_logits(logits[keep][:, :3].astype(float), run.head_weight[snapshot, m, :3], run.head_bias[snapshot, m, :3])
        answers = [run.names[k] for k in logits[keep].argmax(axis=1)]
        pictures.append(Picture(float(alpha), points, labels[keep], answers, keep.astype(np.int32), corners))
    names = run.names[:3] if plane else run.names
    make = lambda pinned: cluster_figure(pictures, names, tuple(range(len(names))), texts("embeddings"), pinned=pinned)
    return make(True), make(False)


@cached_words(max_entries=24, hash_funcs={LabRun: identity})
def decision(run: LabRun, snapshot: int) -> tuple[LiveFigure, LiveFigure]:
    """The decision map, hard (pinned) and at alpha."""
    points, labels = run.train_points
    answer, confidence = run.map.answer[snapshot], run.map.confidence[snapshot]
    given = (run.config.alphas, run.map.x, run.map.y, answer, confidence, points, labels, run.train_wrong, run.names, words("lab"))
    return draw.decision_figure(*given, pinned=True), draw.decision_figure(*given)


def sweep(run: LabRun, pinned: LabRun | None, seeds: SeedRange | None, guess: float | None, secret: str) -> LiveFigure:
    """Every measure over alpha at the last epoch."""
    names = (*MEASURES[:3], "memorised") if run.wrong else MEASURES
    last = lambda of, name: of.curves[name][:, -1]
    measures = {
        name: draw.Measured(
            last(run, name), last(pinned, name) if pinned else None, seeds.of(name) if seeds else None, pinned.config.alphas if pinned else ()
        )
        for name in names
    }
    return draw.sweep_figure(run.config.alphas, measures, words("lab"), guess=guess, secret=secret)


def findings(run: LabRun) -> tuple[list[str], list[str]]:
    """Headline and sentence for every alpha."""
    last = {name: run.curves[name][:, -1] for name in ("test_accuracy", "gap", "ece")}
    return draw.findings(run.config.alphas, last["test_accuracy"], last["gap"], last["ece"], words("lab"))
