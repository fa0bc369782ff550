"""Ensembles against a ten-line loop; what averaging must do whatever the networks are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from lsviz.core.calibration import reliability_diagram
from lsviz.core.comparing.ensembles import TOGETHER, ensemble


@given(st.integers(0, 10_000))
def test_an_ensemble_is_the_mean_of_probabilities(seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(0, 3, (3, 60, 4)), rng.integers(0, 4, 60)
    found = ensemble(logits, labels)
    singles, mean = [softmax(one, axis=1) for one in logits], np.mean(softmax(logits, axis=2), axis=0)

    def numbers(p):
        sure, right = p.max(axis=1), p.argmax(axis=1) == labels
        ece = reliability_diagram(sure, right).ece
        return right.mean(), -np.log(p[np.arange(60), labels]).mean(), ece, sure.mean() - right.mean()

    assert [found[name].first for name in TOGETHER] == pytest.approx(np.mean([numbers(p) for p in singles], axis=0))
    assert [found[name].second for name in TOGETHER] == pytest.approx(numbers(mean))
    assert found["nll"].difference <= 0 and all(one.low <= one.difference <= one.high for one in found.values())
    same = ensemble(np.stack([logits[0]] * 2), labels)
    assert all(one.difference == pytest.approx(0, abs=1e-9) for one in same.values())
