"""Agreement of seeds: probabilities that shrink vary less and answer no less differently; equally sure ones tell."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.comparing.agreement import agreements, surviving
from lsviz.core.comparing.changes import Change
from lsviz.core.temperature import apply_temperature


def test_shrunken_logits_lower_the_variance_alone():
    rng = np.random.default_rng(0)
    shared, labels = rng.normal(0, 2, (400, 5)), rng.integers(0, 5, 400)
    labels[:300] = shared[:300].argmax(axis=1)
    hard = 2 * (shared + rng.normal(0, 0.7, (3, 400, 5)))
    found, confidence = agreements({"hard": hard, "half": hard / 2}, labels, "hard")
    half = found["half"]
    assert half.values["variance"] < found["hard"].values["variance"] and half.changes["variance"].moved == "less"
    assert half.changes["disagreement"].difference == 0 and half.changes["disagreement"].moved == "equal"
    assert half.changes["matched"].difference == pytest.approx(0, abs=1e-9)
    assert ("half", "variance") in surviving(found) and ("half", "disagreement") not in surviving(found)
    assert confidence == pytest.approx((hard.argmax(axis=2) == labels).mean())


def test_two_seeds_have_values_and_no_changes():
    rng = np.random.default_rng(1)
    two = rng.normal(0, 2, (2, 50, 3))
    found, _ = agreements({0.0: two, 0.1: two / 3}, rng.integers(0, 3, 50), 0.0)
    assert not found[0.1].changes and found[0.1].values["disagreement"] == (two[0].argmax(1) != two[1].argmax(1)).mean()


@pytest.mark.parametrize(
    ("low", "high", "moved"), [(0.1, 0.2, "more"), (-0.2, -0.1, "less"), (-0.1, 0.2, "equal"), (0.0, 0.2, "equal")]
)
def test_what_may_be_said_of_a_change(low, high, moved):
    assert Change("variance", 1.0, 1.0 + (low + high) / 2, low, high).moved == moved


def test_a_temperature_makes_a_network_as_sure_as_asked():
    from lsviz.core.temperature import matching_temperature

    logits = np.random.default_rng(2).normal(0, 3, (200, 6))
    for confidence in (0.3, 0.6, 0.95):
        assert apply_temperature(logits, matching_temperature(logits, confidence)).max(axis=1).mean() == pytest.approx(confidence)
    assert matching_temperature(logits, 0.01) == pytest.approx(100) and matching_temperature(logits, 1.0) == pytest.approx(0.01)
