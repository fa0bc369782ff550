"""Risk-coverage against ten-line loops, ties without luck, logit normalisation as published, paired differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsviz.core.calibration import reliability_diagram
from lsviz.core.calibration.binned import ece_per_example
from lsviz.core.comparing.selective import (
    NORMS,
    aurc_difference,
    aurc_per_example,
    auroc_parts,
    fit_norm,
    risk_coverage,
    score_of,
)
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import mean_interval, side


def looped_aurc(score, correct) -> float:
    order = sorted(range(len(score)), key=lambda i: -score[i])
    wrong, total = 0, 0.0
    for answered, i in enumerate(order, start=1):
        wrong += not correct[i]
        total += wrong / answered
    return total / len(score)


def made_up(n=300, seed=0):
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    return score, rng.random(n) < 0.4 + 0.6 * score


def test_aurc_is_the_loops():
    for seed in range(5):
        score, correct = made_up(seed=seed)
        curve = risk_coverage(score, correct)
        assert curve.aurc == pytest.approx(looped_aurc(score, correct), abs=1e-12)
        assert curve.risk[-1] == pytest.approx(1 - correct.mean()) and curve.coverage[-1] == 1


def test_a_known_curve():
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True])
    np.testing.assert_allclose(curve.risk, [0, 0, 1 / 3, 1 / 4])
    assert curve.aurc == pytest.approx(7 / 48) and curve.risk_at(0.5) == 0 and curve.risk_at(0.75) == pytest.approx(1 / 3)
    assert curve.risk_at(0) == 0


def test_ties_take_the_mean_over_random_orders():
    rng = np.random.default_rng(1)
    score, correct = rng.integers(0, 4, 40) / 4, rng.random(40) < 0.6
    means = [looped_aurc(score + 1e-9 * rng.random(40), correct) for _ in range(4000)]
    assert risk_coverage(score, correct).aurc == pytest.approx(np.mean(means), abs=3e-3)
    assert risk_coverage(np.ones(40), correct).risk == pytest.approx(np.full(40, 1 - correct.mean()))


def test_a_perfect_order_is_best_and_its_reverse_worst():
    correct = np.arange(50) >= 15
    best, worst = risk_coverage(correct, correct).aurc, risk_coverage(~correct, correct).aurc
    for seed in range(20):
        assert best <= risk_coverage(np.random.default_rng(seed).random(50), correct).aurc <= worst


def test_scores_are_what_they_say():
    logits = np.array([[2.0, 0, 0, 0, 0], [1, 2, 3, 4, 0]])
    exp = np.exp(logits)
    np.testing.assert_allclose(score_of(logits, "probability"), exp.max(1) / exp.sum(1))
    np.testing.assert_array_equal(score_of(logits, "logit"), [2, 4])
    for p in NORMS:
        for row, z in zip(score_of(logits, "norm", p), logits):
            c = [v - sum(z) / 5 for v in z]
            assert row == pytest.approx(max(c) / sum(abs(v) ** p for v in c) ** (1 / p))
    assert score_of(np.zeros((2, 3)), "norm").tolist() == [0, 0]
    np.testing.assert_allclose(score_of(7 * logits + 3, "norm", 5), score_of(logits, "norm", 5))  # neither scale nor shift


def test_the_exponent_is_the_best_of_those_tried():
    rng = np.random.default_rng(2)
    logits, labels = rng.normal(0, 2, (400, 6)), rng.integers(0, 6, 400)
    labels = np.where(rng.random(400) < 0.7, logits.argmax(1), labels)
    correct = logits.argmax(1) == labels
    areas = {p: risk_coverage(score_of(logits, "norm", p), correct).aurc for p in NORMS}
    assert areas[fit_norm(logits, labels)] == min(areas.values())


def test_paired_difference_against_a_naive_bootstrap():
    (a, right), (b, _) = made_up(200, 3), made_up(200, 4)
    found = aurc_difference((a, right), (b, right))
    rng, draws = np.random.default_rng(9), []
    for _ in range(2000):
        rows = rng.integers(0, 200, 200)
        draws.append(risk_coverage(b[rows], right[rows]).aurc - risk_coverage(a[rows], right[rows]).aurc)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert found.difference == pytest.approx(looped_aurc(b, right) - looped_aurc(a, right))
    assert found.low == pytest.approx(low, abs=0.01) and found.high == pytest.approx(high, abs=0.01)
    assert side(found.low, found.high)  # b says nothing about right


def weighted_aurc(score, correct, weights):
    """The curve walked down example by example, each counted `weights` times."""
    area = covered = wrong = 0.0
    for i in np.argsort(-score):
        covered, wrong = covered + weights[i], wrong + weights[i] * (not correct[i])
        area += weights[i] * wrong / covered
    return area / weights.sum()


def test_the_interval_is_that_of_how_the_area_moves_with_each_weight():
    (a, right), (b, _) = made_up(60, 3), made_up(60, 4)
    pull, step = np.empty(60), 1e-5
    for k in range(60):
        more, less = (np.ones(60) + sign * step * (np.arange(60) == k) for sign in (1, -1))
        rise = [weighted_aurc(score, right, more) - weighted_aurc(score, right, less) for score in (a, b)]
        pull[k] = 60 * (rise[1] - rise[0]) / (2 * step)
    found = aurc_difference((a, right), (b, right))
    half = 1.959964 * pull.std(ddof=1) / np.sqrt(60)
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half), rel=1e-5)


def test_equal_scores_do_not_narrow_the_interval():
    (a, right), (b, _) = made_up(400, 3), made_up(400, 4)
    a, b = np.round(4 * a), np.round(6 * b)  # as half-precision logits: few different values
    found = aurc_difference((a, right), (b, right))
    rng, draws = np.random.default_rng(9), []
    for _ in range(3000):
        rows = rng.integers(0, 400, 400)
        draws.append(risk_coverage(b[rows], right[rows]).aurc - risk_coverage(a[rows], right[rows]).aurc)
    assert (found.low, found.high) == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.006)
    other = np.random.default_rng(5).random(400) < 0.7
    nothing = aurc_difference((np.zeros(400), right), (np.zeros(400), other))  # without an order the area is the error rate
    assert (nothing.difference, nothing.low, nothing.high) == pytest.approx(mean_interval(right.astype(float) - other))


def test_a_network_is_not_distinguishable_from_itself():
    same = aurc_difference(made_up(), made_up())
    assert same.difference == same.low == same.high == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: risk_coverage([], []), "no rows"),
        (lambda: risk_coverage([0.1, np.nan], [True, True]), "row 1"),
        (lambda: risk_coverage([0.1], [True, False]), "correct"),
        (lambda: score_of(np.zeros((2, 3)), "margin"), "margin"),
        (lambda: aurc_difference(made_up(10), made_up(11)), "same examples"),
    ],
)
def test_mistakes_are_named(call, words):
    with pytest.raises(LsvizError, match=words):
        call()


@given(st.integers(0, 10_000))
def test_what_each_example_adds_comes_to_the_whole(seed):
    rng = np.random.default_rng(seed)
    score, correct = np.round(rng.random(40), 1), rng.random(40) < 0.7  # many ties
    assert aurc_per_example(score, correct).mean() == pytest.approx(risk_coverage(score, correct).aurc)
    assert ece_per_example(score, correct).mean() == pytest.approx(reliability_diagram(score, correct).ece)
    inside, outside = auroc_parts(score[:15], score[15:])
    naive = np.mean([(a > b) + (a == b) / 2 for a in score[:15] for b in score[15:]])
    assert inside.mean() == pytest.approx(naive) and outside.mean() == pytest.approx(naive)
    assert inside[0] == pytest.approx(np.mean((score[0] > score[15:]) + (score[0] == score[15:]) / 2))
