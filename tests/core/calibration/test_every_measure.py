"""Every measure equals its own function; intervals and chance behave as promised."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core import calibration
from lsviz.core.calibration.every_measure import ERRORS, MEASURES, UNBOUNDED, measures
from lsviz.core.temperature import apply_temperature
from tests.small_zoo import logits_and_labels


@pytest.fixture(scope="module")
def outputs():
    logits, labels = logits_and_labels(1200, 5, 1.8, 5)
    return logits.astype(np.float64), labels.astype(int)


@pytest.fixture(scope="module")
def found(outputs):
    return measures(*outputs)


def test_every_number_is_the_one_its_own_function_gives(outputs, found):
    logits, labels = outputs
    probs = apply_temperature(logits, 1.0)
    pair = calibration.confidence_and_correct(logits, labels)
    diagram, corp = calibration.reliability_diagram(*pair), calibration.corp_terms(*pair)
    expected = {
        "accuracy": diagram.mean_accuracy, "nll": calibration.nll(logits, labels), "brier": calibration.brier(probs, labels), "ece": diagram.ece,
        "ece_mass": calibration.reliability_diagram(*pair, strategy="mass").ece, "smooth_ece": calibration.smooth_ece(*pair), "mce": diagram.mce,
        "max_gap": diagram.max_gap(20), "classwise": calibration.classwise_ece(probs, labels).mean(), "murphy_reliability": diagram.murphy.reliability,
        "murphy_resolution": diagram.murphy.resolution, "corp_miscalibration": corp.miscalibration, "corp_discrimination": corp.discrimination,
    }  # fmt: skip
    assert tuple(found) == MEASURES
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-9), name


def test_an_over_confident_network_stands_out_from_chance(found):
    for name in ("ece", "ece_mass", "smooth_ece", "classwise", "murphy_reliability", "corp_miscalibration"):
        assert found[name].value > found[name].chance_upper > found[name].chance > 0 and found[name].low > 0, name
    assert found["nll"].value > found["nll"].chance_upper and found["accuracy"].value < found["accuracy"].chance


def test_an_honest_network_does_not():
    honest = measures(*logits_and_labels(1200, 5, 1.0, 6))
    inside = [honest[name].value <= 1.15 * honest[name].chance_upper for name in ERRORS]
    assert all(inside)
    assert all(honest[name].low == 0 for name in ERRORS if honest[name].value < honest[name].chance_upper)


def test_the_interval_of_a_mean_is_the_normal_one(outputs, found):
    losses = calibration.nll_per_example(*outputs)
    half = 1.96 * losses.std() / np.sqrt(len(losses))
    assert (found["nll"].high - found["nll"].low) / 2 == pytest.approx(half, rel=0.2)
    assert all(one.high <= 1 for name, one in found.items() if name not in UNBOUNDED)


def test_the_same_seed_gives_the_same_numbers_and_progress_reaches_one(outputs):
    told = []
    first, second = (measures(*outputs, resamples=5, seed=3, progress=told.append) for _ in range(2))
    assert first == second and told[4] == 1.0
