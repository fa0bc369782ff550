"""Below the numbers on Reliability: ECE over alpha for every N, three remedies, and how fragile one ECE is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lsviz.core import calibration
from lsviz.core.calibration.after_training import (
    bound_start,
    confidence_ceiling,
    cooled_difference,
    desmoothed,
    ece_bound,
    ece_estimates,
)
from lsviz.core.comparing.changes import Change
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import mean_interval
from lsviz.core.smoothing import log_probs
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.reliability.after_training_figures import (
    Curve,
    Remedied,
    estimator_figure,
    remedies_figure,
    remedies_in_words,
    u_curve_figure,
)
from lsviz.store.published import published
from lsviz.texts.catalogue import t, words
from lsviz.ui import prose
from lsviz.ui.plots import caption_along
from lsviz.ui.shown import figure, row
from lsviz.zoo import networks
from lsviz.zoo.calibration import cooled, every_ece, least_error, measured, scaled
from lsviz.zoo.kept import of_store


def every_n(num_classes: int) -> None:
    """The U-curve: where the least ECE lies, for every N, beside the literature and the bound."""
    live, above = _u_curve(num_classes)
    figure(live, "reliability_u", badge=t("reliability.u_badge"))
    least = least_error(num_classes)
    alike = ", ".join(map(numbers.alpha_text, least.alike))
    prose.caption(" ".join([t(f"reliability.u_{'alike' if alike else 'alone'}", alike=alike), _bound(num_classes, above)]))


def _bound(num_classes: int, above: Mapping[float, float]) -> str:
    """From which alpha on arithmetic alone makes an error, and how far that holds here."""
    right = float(np.mean([one.accuracy for one in measured(num_classes).networks.values()]))
    said = ", ".join(f"{numbers.percent(share, 1)} ({numbers.alpha_text(alpha)})" for alpha, share in above.items())
    start = numbers.alpha_text(round(bound_start(right, num_classes), 2))
    return t("reliability.u_bites", start=start, right=numbers.percent(right, 1)) + (
        t("reliability.u_above", said=said) if said else ""
    )


def remedies(num_classes: int, stops: tuple[float, ...], badge: str) -> None:
    """Two panels: raw against temperatures against de-smoothing, and the ECE under every way of counting; between them what holds at alpha."""
    row({"reliability_remedies": _remedies(num_classes), "reliability_estimators": _estimators(num_classes)}, badge=badge)
    found = remedied(num_classes)
    tell = lambda alpha: remedies_in_words(alpha, found[alpha], words("reliability"))
    caption_along(
        stops, [tell(alpha) if alpha in found and found[alpha].changes else "" for alpha in stops], key="reliability_remedies_said"
    )


def figures(num_classes: int) -> list[LiveFigure]:
    """The figures of this part that there are, for saving the page."""
    made = (_remedies(num_classes), _estimators(num_classes), _u_curve(num_classes)[0])
    return [live for live in made if live is not None]


@of_store(max_entries=8, words=True)
def _u_curve(num_classes: int) -> tuple[LiveFigure, dict[float, float]]:
    curves = {}
    for n in networks.counts():
        if n == num_classes or any("ece15" in run.metrics["test"] for run in networks.family(n)):
            seeds = every_ece(n)
            curves[n] = Curve(f"N = {n}", {alpha: float(np.mean(values)) for alpha, values in seeds.items()}, seeds)
    assessed = measured(num_classes).networks
    bound = {alpha: ece_bound(one.accuracy, num_classes, alpha) for alpha, one in assessed.items()}
    above = {
        alpha: float((one.confidence > confidence_ceiling(num_classes, alpha)).mean())
        for alpha, one in assessed.items()
        if alpha > 0
    }
    return u_curve_figure(curves, num_classes, bound, _literature(), words("reliability")), above


def _literature() -> list[Curve]:
    made = []
    for kind in ("paper", "replication"):
        entries = published(kind=kind, metric="ece15", at="alpha", data="CIFAR-100", model="ResNet-56")
        made.append(Curve(t(f"reliability.u_{kind}"), {float(entry.setting): entry.value for entry in entries}, {}, is_ours=False))
    return made


@of_store(max_entries=8)
def remedied(num_classes: int) -> dict[float, Remedied]:
    """What each remedy makes of every network, and its changes from the hard one on the same images."""
    made = {}
    tempered, anew = scaled(num_classes), {by: cooled(num_classes, by) for by in ("nll", "ece")}
    claims: dict[float, NDArray] = {}
    for run in networks.shown(num_classes):
        alpha = run.config.alpha
        if alpha not in tempered or alpha >= 1:
            continue
        arrays = networks.arrays(run.id)
        labels = arrays["test_labels"]
        undone = desmoothed(np.exp(log_probs(arrays["test_logits"])), alpha)
        claims[alpha] = undone.probs.max(axis=1)
        found = calibration.reliability_diagram(*calibration.confidence_and_correct_from_probs(undone.probs, labels))
        true = undone.probs[np.arange(len(labels)), labels]
        one = tempered[alpha]
        changes = {}
        if alpha > 0 and 0.0 in claims:
            for kind, by in (("temperature", "nll"), ("temperature_ece", "ece")):
                hard, soft = anew[by][0.0], anew[by][alpha]
                apart = cooled_difference(hard, soft)
                changes[kind] = Change(kind, hard.diagram.ece, soft.diagram.ece, apart.low, apart.high)
            _, low, high = mean_interval(claims[alpha] - claims[0.0])
            changes["claims"] = Change("claims", float(claims[0.0].mean()), float(claims[alpha].mean()), low, high)
        by_ece = anew["ece"][alpha]
        each = {"none": one.before, "temperature": one.after}
        made[alpha] = Remedied(
            {kind: a.ece.ece for kind, a in each.items()} | {"temperature_ece": by_ece.diagram.ece, "desmoothed": found.ece},
            {kind: a.nll for kind, a in each.items()}
            | {
                "temperature_ece": calibration.nll(arrays["test_logits"], labels, by_ece.temperature),
                "desmoothed": float(-np.log(np.maximum(true, _LEAST)).mean()),
            },
            undone.clipped,
            changes,
        )
    return made


@of_store(max_entries=8, words=True)
def _remedies(num_classes: int) -> LiveFigure | None:
    made = remedied(num_classes)
    return remedies_figure(made, words("reliability")) if made else None


_LEAST = 1e-12  # a class cut to 0 would cost an infinite NLL when it is the true one; the table says so


@of_store(max_entries=8, words=True)
def _estimators(num_classes: int) -> LiveFigure | None:
    try:
        made = {alpha: ece_estimates(one.confidence, one.correct) for alpha, one in measured(num_classes).networks.items()}
    except LsvizError:
        return None
    return estimator_figure(made, words("reliability")) if made else None
