"""What is foretold holds exactly for a network whose answers shrink as the targets do."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration.assessment import assess
from lsviz.core.calibration.foretold import foretold_against, foretold_closing, foretold_gaps, measured_closing
from lsviz.core.smoothing import log_probs
from tests.small_zoo import logits_and_labels


def test_answers_that_shrink_as_their_targets_close_where_foretold():
    logits, labels = logits_and_labels(3000, 5, 2.0, 0)
    hard = assess(logits, labels)
    closing = foretold_closing(hard, 5)
    assert closing.low < closing.alpha < closing.high
    for alpha, (gap, low, high) in foretold_gaps(hard, 5, (0.0, 0.1, closing.alpha)).items():
        shrunken = assess(np.log((1 - alpha) * np.exp(log_probs(logits)) + alpha / 5), labels)
        assert (gap, low, high) == pytest.approx((shrunken.signed_gap, shrunken.gap_low, shrunken.gap_high), abs=1e-6)
    assert gap == pytest.approx(0, abs=1e-6)


def test_a_network_that_does_not_claim_too_much_has_no_gap_to_close():
    for sharpness in (1.0, 0.5):
        assert foretold_closing(assess(*logits_and_labels(800, 5, sharpness, 0)), 5) is None


def test_the_measured_alpha_lies_on_the_line_between_two_networks():
    assert measured_closing({0.0: 0.09, 0.1: 0.03, 0.2: -0.01, 0.3: -0.2}) == pytest.approx(0.175)
    assert measured_closing({0.0: 0.09, 0.1: 0.0}) == pytest.approx(0.1) and measured_closing({0.0: 0.09, 0.1: 0.03}) is None


def test_a_network_is_held_against_what_was_foretold_on_the_same_images():
    logits, labels = logits_and_labels(2000, 5, 2.0, 0)
    hard, probs = assess(logits, labels), np.exp(log_probs(logits))
    shrunken = lambda by: assess(np.log((1 - by) * probs + by / 5), labels)
    against = {by: foretold_against(hard, shrunken(by), 5, 0.1) for by in (0.05, 0.1, 0.2)}
    assert (against[0.05].moved, against[0.2].moved) == ("more", "less")
    assert against[0.1].difference == pytest.approx(0, abs=1e-6)
