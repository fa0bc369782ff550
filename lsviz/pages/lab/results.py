"""What a finished training shows: its figures, built once for every session that looks at it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import softmax

from lsviz.core import geometry
from lsviz.core.calibration.assessment import assess
from lsviz.core.calibration.diagram_numbers import every_diagram
from lsviz.core.picture import Picture
from lsviz.core.smoothing.target_rows import target_rows
from lsviz.figures import numbers
from lsviz.figures.clusters import cluster_figure
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.targets import targets_figure
from lsviz.figures.training_curves import Course, curves_figure, margin_course_figure
from lsviz.jobs.training import SeedRange
from lsviz.lab.run import LabRun
from lsviz.pages.lab import figures as draw
from lsviz.texts.catalogue import cached_words, t, words

MEASURES = ("test_accuracy", "test_nll", "ece", "margin")  # with wrong labels, "memorised" takes the last place
Key = tuple[str, bool, int]
_kept = cached_words(max_entries=4, hash_funcs={LabRun: lambda run: identity(run)})


def texts(section: str) -> Mapping[str, str]:
    """The words of a shared figure, with the lab's own where images are no images."""
    return words(section, f"lab.{section}")


def identity(run: LabRun) -> Key:
    """What decides all figures of a run."""
    return run.config.key, run.done, run.epochs


def place(run: LabRun, epoch: int) -> int:
    """Which snapshot is shown for `epoch`: that epoch's, else the last."""
    return run.snapshots.index(epoch) if epoch in run.snapshots else len(run.snapshots) - 1


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


@_kept
def curve(run: LabRun, which: str, until: int) -> LiveFigure:
    """Training curves up to an epoch; `which` is nll, excess or accuracy, or margin against the closed form."""
    shown = courses(run)
    stops = [course.alpha for course in shown]
    if which == "margin":
        return margin_course_figure(stops, shown, texts("loss"), until)
    return curves_figure(stops, shown, which, texts("loss"), until)


@_kept
def told(run: LabRun, snapshot: int, true_class: int) -> LiveFigure:
    """What the networks are told about a class and what they answer on its test examples, on average."""
    count = len(run.names)
    logits = run.test_logits[snapshot][:, run.test_labels == true_class].astype(float)
    sound = np.flatnonzero(np.isfinite(logits).all(axis=(1, 2)))
    means = softmax(logits[sound], axis=2).mean(axis=1) if logits.shape[1] else np.full((len(sound), count), np.nan)
    rows = target_rows([float(run.config.alphas[m]) for m in sound], count, true_class)
    own = list(rows.classes)
    said = means[:, own]
    if rows.folded:
        said = np.column_stack([said, np.delete(means, own, axis=1).mean(axis=1)])
    bars = targets_figure(rows, [run.names[k] for k in rows.classes], texts("targets")).resized(360)
    return draw.told_figure(bars, said, rows.at, words("lab"))


@_kept
def reliability(run: LabRun, snapshot: int, bins: int) -> LiveFigure:
    """The reliability diagram on test examples at a kept epoch."""
    sound = [m for m in range(len(run.config.alphas)) if np.isfinite(run.test_logits[snapshot, m]).all()]
    networks = {float(run.config.alphas[m]): assess(run.test_logits[snapshot, m], run.test_labels) for m in sound}
    return reliability_figure(every_diagram(networks, bins, "uniform"), texts("reliability"), title=t("lab.title_reliability"))


@_kept
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
            points, corners = geometry.template_plane_from_logits(
                logits[keep][:, :3].astype(float), run.head_weight[snapshot, m, :3], run.head_bias[snapshot, m, :3]
            )
        answers = [run.names[k] for k in logits[keep].argmax(axis=1)]
        pictures.append(Picture(float(alpha), points, labels[keep], answers, keep.astype(np.int32), corners))
    names = run.names[:3] if plane else run.names
    make = lambda pinned: cluster_figure(pictures, names, tuple(range(len(names))), texts("embeddings"), pinned=pinned)
    return make(True), make(False)


@_kept
def decision(run: LabRun, snapshot: int) -> tuple[LiveFigure, LiveFigure] | None:
    """The decision map, hard (pinned) and at alpha; None where the data lie in no plane."""
    chart, wrong = run.map, run.train_wrong
    if chart is None or wrong is None or run.train_points is None:
        return None
    answer, confidence = chart.answer[snapshot], chart.confidence[snapshot]
    given = (run.config.alphas, chart.x, chart.y, answer, confidence, *run.train_points, wrong, run.names, words("lab"))
    return draw.decision_figure(*given, pinned=True), draw.decision_figure(*given)


def sweep(
    run: LabRun,
    until: int,
    pinned: LabRun | None = None,
    seeds: SeedRange | None = None,
    guess: float | None = None,
    secret: str = "",
) -> LiveFigure:
    """Every measure over alpha after the epoch `until`; negative smoothing and a pinned training beside it."""
    names = (*MEASURES[:3], "memorised") if run.wrong else MEASURES
    at = lambda of, name: of.curves[name][:, min(until, of.epochs) - 1]
    below = sum(alpha < 0 for alpha in run.config.alphas)
    other = pinned and pinned.smoothed
    measures = {
        name: draw.Measured(
            at(run, name)[below:], at(other, name) if other else None, seeds.of(name)[:, below:] if seeds else None, other.config.alphas if other else (),
            at(run, name)[:below],
        )
        for name in names
    }  # fmt: skip
    return draw.sweep_figure(
        run.config.alphas[below:], measures, words("lab"), guess=guess, secret=secret, negative=run.config.alphas[:below]
    )


@_kept
def findings(run: LabRun, until: int, secret: bool) -> tuple[list[str], list[str]]:
    """Headline and sentence for every alpha after the epoch `until`; neither while the result is `secret`."""
    if secret:
        count = len(run.config.alphas)
        return [t("lab.head_secret", count=count)] * count, [t("lab.sub_secret")] * count
    logits = run.test_logits[place(run, until)]
    networks = [assess(one, run.test_labels) if np.isfinite(one).all() else None for one in logits]
    return draw.findings(run.config.alphas, networks, words("lab"))


def over_seeds(run: LabRun, seeds: SeedRange, alpha: float) -> str:
    """What the network nearest to `alpha` does better or worse than the hard one of the same seed, with its spread, and whether it is more than chance."""
    alphas = run.config.alphas
    hard = alphas.index(0.0)
    m = hard + nearest_stop(alphas[hard:], alpha)
    if m == hard:
        return t("lab.seeds_hard")
    change = {name: seeds.change(name, hard, m) for name in ("test_accuracy", "memorised", "ece")}
    said: dict[str, str] = {}
    for name, values in change.items():
        said |= {
            name: numbers.points(float(values.mean())),
            f"{name}_low": numbers.points(float(values.min())),
            f"{name}_high": numbers.points(float(values.max())),
        }
    found = t("lab.seeds_wrong" if run.wrong else "lab.seeds_right", alpha=numbers.alpha_text(alphas[m]), **said)
    right = change["test_accuracy"]
    return f"{found} {t('lab.seeds_same' if (right > 0).all() or (right < 0).all() else 'lab.seeds_chance')}"
