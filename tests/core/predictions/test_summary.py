"""The summary repeats what the core says, keeps its halves apart, and pairs only what belongs together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lsviz.core.calibration.assessment import assess
from lsviz.core.comparing.selective import risk_coverage
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import outputs_from
from lsviz.core.predictions.summary import ADVICE, advised, halves, paired, summarise
from lsviz.core.temperature import fit_temperature
from tests.small_zoo import logits_and_labels

LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(800, 5, 1.0, 0), (np.float64, np.int64)))


def made(scores=LOGITS, labels=LABELS, seed=0):
    return summarise(diagnose(outputs_from({"logits": scores, "labels": labels})), seed)


def test_numbers_are_those_of_the_core():
    found, whole = made(), assess(LOGITS, LABELS)
    numbers = {name: number.value for name, number in found.numbers.items()}
    assert (
        numbers["accuracy"] == whole.accuracy
        and numbers["ece"] == whole.ece.ece
        and numbers["aurc"] == risk_coverage(whole.confidence, whole.correct).aurc
    )
    assert (
        abs(numbers["nll"] - whole.nll) < 1e-12
        and abs(numbers["brier"] - whole.brier) < 1e-12
        and abs(numbers["confidence"] - whole.mean_confidence) < 1e-12
    )
    assert all(number.low <= number.value <= number.high for number in found.numbers.values() if number.low is not None)
    assert found.verdict == "right" and found.advice == "leave" and made(3 * LOGITS).advice == "scale"


def test_what_a_temperature_does_is_cross_fitted():
    found = made(2 * LOGITS)
    assert found.temperature == fit_temperature(2 * LOGITS, LABELS) == found.curve.fitted
    assert abs(found.temperature - 2) < 0.3 and found.verdict == "over"
    first, second = halves(800, 0)
    assert sorted([*first, *second]) == list(range(800)) and not np.array_equal(halves(800, 1)[0], first)
    scaled = 2 * LOGITS
    for rows, others in ((first, second), (second, first)):
        scaled[rows] /= fit_temperature(2 * LOGITS[others], LABELS[others])
    assert found.after.ece.ece == assess(scaled, LABELS).ece.ece < found.assessment.ece.ece
    told = [made(2 * LOGITS, seed=seed) for seed in range(4)]
    assert {one.advice for one in told} == {"scale"} and len({one.temperature for one in told}) == 1


def test_no_interval_leaves_out_its_own_number():
    for rows in range(20, 800, 60):  # few rows: counting in bins adds more than there is
        for number in made(LOGITS[:rows], LABELS[:rows]).numbers.values():
            assert number.low is None or np.isnan(number.value) or number.low <= number.value <= number.high


@pytest.mark.parametrize(
    ("limit", "by_chance", "low", "high", "said"),
    [
        ("nothing", True, -0.3, -0.2, "nothing"), ("perfect", False, -0.3, -0.2, "perfect"), ("", False, 0.1, 0.2, "worse"), ("", True, 0.1, 0.2, "worse"),
        ("", True, -0.01, 0.0, "leave"), ("", False, -0.2, -0.1, "scale"), ("", False, -0.1, 0.1, "other"),
    ],
)  # fmt: skip
def test_what_a_temperature_is_called(limit, by_chance, low, high, said):
    assert advised(limit, by_chance, low, high) == said in ADVICE


def test_a_temperature_without_end_is_none():
    rng = np.random.default_rng(0)
    for seed in range(5):
        nothing = made(4 * rng.standard_normal((300, 8)), rng.integers(8, size=300), seed)
        assert (
            nothing.advice == "nothing"
            and np.isnan([nothing.numbers[name].value for name in ("temperature", "ece_at_temperature")]).all()
        )
    assert made(LOGITS, LOGITS.argmax(axis=1)).advice == "perfect"
    assert made(500 * LOGITS).advice == "scale" and abs(made(500 * LOGITS).temperature / 500 - 1) < 0.15  # beyond the usual bound


def test_pairs_are_of_the_same_rows():
    honest, loud = made(), made(2 * LOGITS)
    changes, count = paired(honest, loud)
    by_name = {change.metric: change for change in changes}
    assert count == 800 and by_name["accuracy"].difference == 0 and by_name["ece"].verdict == -1 and by_name["nll"].verdict == -1
    assert by_name["ece_at_temperature"].verdict == 0 and abs(by_name["ece"].first - honest.assessment.ece.ece) < 1e-12
    spoilt = 2 * LOGITS
    spoilt[3] = np.nan  # a row that one file lost is left out of both
    assert paired(honest, made(spoilt))[1] == 799


def test_what_is_not_of_the_same_examples_is_refused():
    other = made(labels=np.roll(LABELS, 1))
    for second in (other, made(LOGITS[:400], LABELS[:400]), made(LOGITS[:, :4], np.minimum(LABELS, 3))):
        with pytest.raises(LsvizError, match="not of the same examples"):
            paired(made(), second)


def test_too_few_rows_are_refused():
    with pytest.raises(LsvizError, match="At least 20"):
        made(LOGITS[:19], LABELS[:19])
    assert made(LOGITS[:20], LABELS[:20]).temperature > 0
    assert replace(made(), seed=3).seed == 3
