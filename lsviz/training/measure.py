"""From a trained network to its record: every number of the manifest, and the arrays worth keeping."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from lsviz.core import calibration, geometry, projection
from lsviz.core.smoothing import log_probs
from lsviz.core.temperature import fit_temperature
from lsviz.store.records import RunConfig, RunRecord
from lsviz.training.data import Split, evenly
from lsviz.training.plans import is_core
from lsviz.training.run import Trained, mean_margin

FEATURE_DIMS = 64
SPLITS = ("train", "validation", "test")
TEST_POINTS, TRAIN_POINTS = 2000, 1000  # at most, evenly over the classes
FLIPPED = 2000  # wrongly labelled training images whose logits are kept


def metrics_of(logits: NDArray, labels: NDArray, features: NDArray, head_weight: NDArray, temperature: float) -> dict[str, float]:
    """All metric keys of one split, as fractions; (n, K) logits, (n,) labels, (n, d) features."""
    confidence, correct = calibration.confidence_and_correct(logits, labels)
    diagram = calibration.reliability_diagram(confidence, correct)
    tempered = calibration.confidence_and_correct(logits, labels, temperature)
    some = len(np.unique(labels)) > 1
    made = {
        "accuracy": diagram.mean_accuracy,
        "nll": calibration.nll(logits, labels),
        "brier": calibration.brier(np.exp(log_probs(logits)), labels),
        "ece15": diagram.ece,
        "ece15_mass": calibration.reliability_diagram(confidence, correct, strategy="mass").ece,
        "smece": calibration.smooth_ece(confidence, correct),
        "mce": diagram.mce,
        "signed_gap": diagram.signed_gap,
        "temperature": temperature,
        "ece15_at_temperature": calibration.reliability_diagram(*tempered).ece,
        "nll_at_temperature": calibration.nll(logits, labels, temperature),
    }
    if some:
        made |= {
            "nc1": geometry.nc1(features, labels),
            "nc2": geometry.nc2(features, labels, head_weight),
            "nc3": geometry.nc3(features, labels, head_weight),
            "nc4": geometry.nc4(features, labels, logits),
            "plane_scatter": geometry.plane_scatter(features, labels, head_weight),
            "scatter": geometry.scatter_ratio(features, labels),
            "class_separation": geometry.class_separation(features, labels),
        }
        if head_weight.shape[0] >= 3:  # the picture of Müller et al.: first three classes, their own plane
            trio = labels < 3
            made["trio_scatter"] = geometry.plane_scatter(features[trio], labels[trio], head_weight[:3])
    return {name: float(value) for name, value in made.items() if np.isfinite(value)}


def probe_accuracy(features: Mapping[str, NDArray], splits: Mapping[str, Split]) -> float:
    """Accuracy of a linear classifier on features of classes the network has never seen (Kornblith et al. 2021).

    Logistic regression (L2, C = 1) on standardised penultimate features of the held-out training images, scored on their
    test images: what `held_out` splits are for.
    """
    from sklearn.linear_model import LogisticRegression

    known = features["probe_train"].astype(float)
    mean, deviation = known.mean(axis=0), known.std(axis=0) + 1e-9
    probe = LogisticRegression(max_iter=1000).fit((known - mean) / deviation, splits["probe_train"].labels)
    return float(probe.score((features["probe_test"] - mean) / deviation, splits["probe_test"].labels))


def record_of(
    config: RunConfig, splits: Mapping[str, Split], trained: Trained, device: str
) -> tuple[RunRecord, dict[str, NDArray]]:
    """The manifest entry (file, bytes and hash still empty) and the arrays to store."""
    labels = {name: split.labels for name, split in splits.items() if name in SPLITS} | {"train": trained.given_labels}
    temperature = fit_temperature(trained.logits["validation"], labels["validation"])
    metrics = {
        name: metrics_of(trained.logits[name], labels[name], trained.features[name], trained.head_weight, temperature)
        for name in SPLITS
    }
    clean = splits["train"].labels
    flipped = trained.given_labels != clean
    logits = trained.logits["train"]
    true = logits[np.arange(len(clean)), clean]
    best_other = np.where(np.arange(logits.shape[1]) == clean[:, None], -np.inf, logits).max(axis=1)
    facts: dict[str, object] = {
        "margin_train": mean_margin(logits, clean),
        "margin_train_min": float((true - best_other).min()),
        "margin_test": mean_margin(trained.logits["test"], labels["test"]),
        "images_per_second": round(trained.images_per_second, 1),
        "training_images": len(clean),
    }
    if flipped.any():
        facts["flipped"] = int(flipped.sum())
        facts["memorised_flips"] = float((logits.argmax(1) == trained.given_labels)[flipped].mean())
        facts["train_accuracy_true"] = float((logits.argmax(1) == clean).mean())
        probs = np.exp(log_probs(logits[flipped]))
        of = np.arange(len(probs))
        facts["flipped_given_probability"] = float(probs[of, trained.given_labels[flipped]].mean())
        facts["flipped_true_probability"] = float(probs[of, clean[flipped]].mean())
    if "probe_train" in splits:
        facts["probe_accuracy"] = probe_accuracy(trained.features, splits)
    arrays = _arrays(config, splits, trained, flipped)
    if len(arrays["test_logits"]) < len(labels["test"]):  # what the stored rows alone must give
        diagram = calibration.reliability_diagram(*calibration.confidence_and_correct(arrays["test_logits"], arrays["test_labels"]))
        metrics["test_stored"] = {"accuracy": diagram.mean_accuracy, "ece15": diagram.ece}
    record = RunRecord(
        id=config.run_id,
        config=config,
        metrics=metrics,
        history=trained.history,
        facts=facts,
        device=device,
        torch=str(torch.__version__),
        trained_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        seconds=round(trained.seconds, 1),
        file="",
        bytes=0,
        sha256="",
    )
    return record, arrays


def _arrays(config: RunConfig, splits: Mapping[str, Split], trained: Trained, flipped: NDArray) -> dict[str, NDArray]:
    """Logits in half precision (moves ECE by less than 1e-5), the last layer, and of core runs the features that pictures are made of."""
    made: dict[str, NDArray] = {"head_weight": trained.head_weight, "head_bias": trained.head_bias}
    core = is_core(config)
    rows = {
        "train": evenly(splits["train"].labels, TRAIN_POINTS),
        "test": np.arange(len(splits["test"].labels)),
        "validation": np.arange(len(splits["validation"].labels)),
    }
    if config.num_classes == 100 and not core:
        rows["test"] = evenly(splits["test"].labels, 2500)
        del rows["validation"]
        diagram = calibration.reliability_diagram(
            *calibration.confidence_and_correct(trained.logits["test"], splits["test"].labels)
        )
        made["test_cells"] = np.nan_to_num([diagram.counts, diagram.confidence, diagram.accuracy])  # of all test images
    for name, chosen in rows.items():
        made[f"{name}_logits"] = trained.logits[name][chosen].astype(np.float16)
        made[f"{name}_labels"] = splits[name].labels[chosen].astype(np.uint8)
        made[f"{name}_index"] = splits[name].index[chosen]
    if flipped.any():
        made["flipped_index"] = splits["train"].index[flipped]
        made["flipped_labels"] = trained.given_labels[flipped].astype(np.uint8)
        made["flipped_logits"] = trained.logits["train"][flipped][:FLIPPED].astype(np.float16)  # of the first so many
    made |= trained.snapshots
    if core:
        for name in ("train", "test"):
            means, _, _ = geometry.class_means(trained.features[name], splits[name].labels)
            made[f"{name}_class_means"] = (means - means.mean(axis=0)).astype(np.float16)  # (K, d), about their centre
        components = projection.pca(trained.features["train"], FEATURE_DIMS)
        made["feature_mean"] = components.mean.astype(np.float32)
        made["feature_basis"] = components.basis.astype(np.float16)
        for name, most in (("train", TRAIN_POINTS), ("test", TEST_POINTS)):
            chosen = evenly(splits[name].labels, most)
            scores = (trained.features[name][chosen] - components.mean) @ components.basis.T
            made[f"{name}_features"] = scores.astype(np.float16)
            made[f"{name}_feature_rows"] = chosen.astype(np.int32)  # rows among that split's stored images
    return made
