"""Assessments: every number against torch, scikit-learn or a loop, and accuracy that no temperature moves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.metrics import accuracy_score

from lsviz.core.calibration.assessment import assess, calibrated, temperature_curve
from tests.small_zoo import logits_and_labels


@pytest.fixture(scope="module")
def outputs():
    return logits_and_labels(3000, 7, 2.0, 3)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.7])
def test_numbers_agree_with_torch_and_loops(outputs, temperature):
    logits, labels = outputs
    found = assess(logits, labels, temperature)
    z = torch.tensor(logits.astype(np.float64) / temperature)
    y = torch.tensor(labels.astype(np.int64))
    probs = torch.softmax(z, 1).numpy()
    assert found.accuracy == accuracy_score(labels, probs.argmax(1))
    assert found.nll == pytest.approx(F.cross_entropy(z, y).item(), abs=1e-9)
    assert found.brier == pytest.approx(((probs - np.eye(7)[labels]) ** 2).sum(1).mean(), abs=1e-9)
    confidence, right = probs.max(1), probs.argmax(1) == labels
    ece = 0.0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        ece += abs(confidence[inside].sum() - right[inside].sum()) / len(labels)
    assert found.ece.ece == pytest.approx(ece, abs=1e-9)
    assert found.signed_gap == pytest.approx(confidence.mean() - right.mean(), abs=1e-9)
    assert found.mean_confidence == pytest.approx(confidence.mean(), abs=1e-9)
    assert found.ece.low <= found.ece.ece <= found.ece.high


@pytest.mark.parametrize(
    ("gap", "ece", "floor", "verdict"),
    [
        ((0.01, 0.05), 0.04, 0.03, "over"),
        ((0.01, 0.05), 0.02, 0.03, "over"),  # the mean gap is the sharper test
        ((-0.05, -0.01), 0.04, 0.03, "under"),
        ((-0.02, 0.02), 0.046, 0.040, "uneven"),  # gaps of both signs cancel
        ((-0.02, 0.02), 0.03, 0.04, "right"),
        ((0.0, 0.02), 0.04, 0.04, "right"),
    ],
)
def test_the_verdict_is_decided_by_the_gaps_interval_then_by_ece_against_chance(gap, ece, floor, verdict):
    assert calibrated(*gap, ece, floor) == verdict


def test_the_verdict_knows_too_sure_just_right_and_too_modest():
    for sharpness, verdict in ((2.0, "over"), (0.4, "under")):
        assert assess(*logits_and_labels(2000, 5, sharpness, 0)).verdict == verdict
    verdicts = [assess(*logits_and_labels(400, 5, 1.0, seed)).verdict for seed in range(60)]
    assert 0.8 <= np.mean([verdict == "right" for verdict in verdicts]) <= 1  # two tests at 5 % each


def test_accuracy_and_order_do_not_move_with_the_temperature(outputs):
    logits, labels = outputs
    base = assess(logits, labels)
    for temperature in (0.25, 3.3, 8.0):
        np.testing.assert_array_equal(assess(logits, labels, temperature).correct, base.correct)


def test_the_curve_is_the_assessment_at_each_temperature(outputs):
    logits, labels = outputs
    curve = temperature_curve(logits, labels, 3.0, [0.5, 1.0, 2.0, 4.0])
    for i, temperature in enumerate(curve.temperatures):
        there = assess(logits, labels, float(temperature))
        assert curve.ece[i] == pytest.approx(there.ece.ece, abs=1e-7)
        assert curve.nll[i] == pytest.approx(there.nll, abs=1e-7)
    assert curve.nll.argmin() == 2  # these logits are twice as sharp as they should be
    assert curve.fitted == 3.0


def test_what_is_shared_cannot_be_written_and_one_image_has_no_spread():
    found = assess([[2.0, 0.0]], [0])
    assert not found.confidence.flags.writeable and not found.correct.flags.writeable
    assert found.gap_low == found.gap_high == found.signed_gap
