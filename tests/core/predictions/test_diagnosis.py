"""Each mistake people make in their files is made on purpose here, found, counted, and mended to the last digit."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lsviz.core.calibration.assessment import assess
from lsviz.core.english import english
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import OFF, diagnose, row_hashes
from lsviz.core.predictions.outputs import alpha_told, outputs_from
from lsviz.core.smoothing import log_probs, soft_targets
from tests.small_zoo import logits_and_labels

N, K = 600, 5
LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(N, K, 1.0, 0), (np.float64, np.int64)))
PROBS = np.exp(log_probs(LOGITS))


def found_in(scores, labels, switched=None, **more):
    diagnosis = diagnose(outputs_from({"scores": scores, "labels": labels} | more), switched)
    return {finding.code: finding for finding in diagnosis.findings}, diagnosis


def same_as_sound(diagnosis) -> bool:
    sound, now = assess(LOGITS, LABELS), assess(diagnosis.logits, diagnosis.labels)
    return abs(now.ece.ece - sound.ece.ece) < 1e-6 and abs(now.nll - sound.nll) < 1e-6 and now.accuracy == sound.accuracy


def test_sound_logits_have_nothing_odd():
    found, diagnosis = found_in(LOGITS, LABELS)
    assert set(found) <= {"logits", "trained_hidden"} and same_as_sound(diagnosis)


@pytest.mark.parametrize(
    ("scores", "code"), [(PROBS, "probabilities"), (log_probs(LOGITS), "log_probabilities"), (100 * PROBS, "percent")]
)
def test_other_kinds_of_scores_come_to_the_same_numbers(scores, code):
    found, diagnosis = found_in(scores, LABELS)
    assert code in found and found[code].applied and same_as_sound(diagnosis)


def test_a_reader_who_knows_better_may_refuse_the_logarithm():
    _, diagnosis = found_in(PROBS, LABELS, {"probabilities": False})
    assert np.array_equal(diagnosis.logits, PROBS)


def test_rows_that_do_not_sum_to_one():
    scores = PROBS.copy()
    scores[:7] *= 0.9
    found, diagnosis = found_in(scores, LABELS)
    assert found["row_sums"].count == 7 and abs(found["row_sums"].values["worst"] - 0.9) < 1e-9 and same_as_sound(diagnosis)
    zero = PROBS.copy()
    zero[3] = 0
    _, diagnosis = found_in(zero, LABELS)
    assert np.allclose(np.exp(diagnosis.logits[3]), 1 / K)


def test_labels_that_count_from_one():
    found, diagnosis = found_in(LOGITS, LABELS + 1)
    assert found["labels_from_one"].count == N and same_as_sound(diagnosis)
    assert found["labels_from_one"].values["after"] > found["labels_from_one"].values["before"] + 20
    fewer = LABELS < K - 1  # the last class never occurs, so the labels alone do not tell
    found, diagnosis = found_in(LOGITS[fewer], LABELS[fewer] + 1)
    assert "labels_from_one" in found and diagnosis.labels.min() == 0
    without_first = LABELS > 0  # class 0 never occurs, and the labels are right as they are
    assert "labels_from_one" not in found_in(LOGITS[without_first], LABELS[without_first])[0]
    with pytest.raises(LsvizError):
        _ = found_in(LOGITS, LABELS + 1, {"labels_from_one": False})[1].labels
    with pytest.raises(LsvizError):
        _ = found_in(LOGITS, LABELS + 2)[1].logits


def test_a_search_that_ended_early_keeps_its_findings():
    found, diagnosis = found_in(PROBS, LABELS + 1, {"labels_from_one": False})
    assert not found["labels_from_one"].applied and "probabilities" in found and diagnosis.problem.code == "input.label"


def test_one_hot_and_smoothed_labels():
    found, diagnosis = found_in(LOGITS, np.eye(K)[LABELS])
    assert found["one_hot"].count == N and same_as_sound(diagnosis)
    found, diagnosis = found_in(LOGITS, soft_targets(LABELS, K, 0.1))
    assert abs(found["soft_labels"].values["alpha"] - 0.1) < 1e-9 and same_as_sound(diagnosis)
    odd = np.eye(K)[LABELS]
    odd[:3] = [0.5, 0.2, 0.2, 0.1, 0]
    assert found_in(LOGITS, odd)[0]["label_rows"].count == 3


def test_values_that_are_no_numbers_leave_with_their_rows():
    scores = LOGITS.copy()
    scores[2, 1], scores[9, 0] = np.nan, np.inf
    found, diagnosis = found_in(scores, LABELS)
    assert found["not_finite"].count == 2 and len(diagnosis.logits) == N - 2 == len(diagnosis.labels)
    with pytest.raises(LsvizError, match="row 2"):
        _ = found_in(scores, LABELS, {"not_finite": False})[1].logits
    with pytest.raises(LsvizError):
        _ = found_in(np.full((4, 3), np.nan), np.zeros(4, int))[1].labels


def test_ignored_labels():
    labels = LABELS.copy()
    labels[:10] = -100
    found, diagnosis = found_in(LOGITS, labels)
    assert found["ignored"].count == 10 and len(diagnosis.labels) == N - 10


def test_softmax_twice_is_seen_and_undone():
    twice = np.exp(log_probs(PROBS))
    found, diagnosis = found_in(twice, LABELS)
    assert found["softmax_twice"].count == N and same_as_sound(diagnosis)
    single = found_in(twice.astype(np.float32), LABELS)[1]
    assert abs(assess(single.logits, single.labels).ece.ece - assess(LOGITS, LABELS).ece.ece) < 1e-3
    assert "softmax_twice" not in found_in(PROBS, LABELS)[0]
    unsure = np.exp(log_probs(0.01 * LOGITS))  # nearly uniform by itself
    assert "softmax_twice" not in found_in(unsure, LABELS)[0]


def test_saturated_probabilities():
    sharp = np.exp(log_probs(60 * LOGITS)).astype(np.float32)
    lost = int((sharp == 0).any(axis=1).sum())
    found, diagnosis = found_in(sharp, LABELS)
    assert found["saturated"].count == lost > 0 and np.isfinite(diagnosis.logits).all()
    logs = np.log(sharp, out=np.full(sharp.shape, -np.inf, np.float32), where=sharp > 0)
    found, diagnosis = found_in(logs, LABELS)
    assert "saturated" in found and "not_finite" not in found and np.isfinite(diagnosis.logits).all()


@pytest.mark.parametrize(
    ("rounded", "code", "least"),
    [
        (lambda p: np.round(p, 4), "saturated", 5e-5), (lambda p: p.astype(np.float16).astype(np.float32), "saturated", 2**-25),
        (lambda p: np.round(100 * p, 1), "saturated", 5e-4), (lambda p: np.round(p, 1), "votes", 0.1), (lambda p: np.round(7 * p) / 7, "votes", 1 / 7),
    ],
)  # fmt: skip
def test_a_rounded_zero_lies_below_half_of_the_last_digit(rounded, code, least):
    """NLL is then of the size it was, confidences move by less than rounding moved them, and no trace of smoothing is told."""
    given = np.exp(log_probs(12 * LOGITS))
    scores, sound = rounded(given), assess(12 * LOGITS, LABELS)
    found, diagnosis = found_in(scores, LABELS)
    now = assess(diagnosis.logits, diagnosis.labels)
    assert abs(found[code].values["least"] / least - 1) < 2e-3 and (scores == 0).any()
    unit = scores / scores.sum(axis=1, keepdims=True)
    assert np.abs(now.confidence - unit.max(axis=1)).max() < 1e-3 and 0.3 * sound.nll < now.nll < 3 * sound.nll
    assert not any(name.startswith("trained_smoothed") for name in found)


@pytest.mark.parametrize(("alpha", "classes", "digits"), [(0.1, 100, 2), (0.3, 100, 2), (0.1, 100, 3), (0.0, 10, 3), (0.0, 100, 2)])
def test_rows_that_rounding_kept_from_summing_to_one_keep_their_confidence(alpha, classes, digits):
    """A hundred classes at 0.001 each are rounded to 0 and leave 0.9 alone: it stays 0.9, and nothing is said of smoothing."""
    rng = np.random.default_rng(0)
    labels, logits = rng.integers(classes, size=400), 0.1 * rng.standard_normal((400, classes))
    lead = 10 * rng.random(400) if alpha == 0 else np.log(1 + classes * (1 - alpha) / alpha) * (1 + 0.1 * rng.standard_normal(400))
    logits[np.arange(400), labels] += lead
    probs = np.exp(log_probs(logits))
    found, diagnosis = found_in(probs.round(digits), labels)
    assert np.abs(assess(diagnosis.logits, labels).confidence - probs.max(axis=1)).max() <= 0.5 * 10**-digits + 6e-4
    assert "trained_hard" not in found and "trained_smoothed" not in found


def test_two_decimals_show_no_small_alpha():
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=500)
    logits = np.zeros((500, 10))
    logits[np.arange(500), labels] = np.log(1 + 10 * 0.9 / 0.1) + 0.2 * rng.standard_normal(500)
    probs = np.exp(log_probs(logits))
    assert "trained_smoothed" in found_in(probs, labels)[0] and "trained_smoothed" in found_in(probs.round(3), labels)[0]
    assert "trained_rounded" in found_in(probs.round(2), labels)[0]


def test_classes_that_never_occur():
    wide = np.column_stack([LOGITS, np.full((N, 2), -9.0)])
    found, diagnosis = found_in(wide, LABELS)
    assert (found["empty_classes"].count, found["empty_classes"].applied) == (2, False) and diagnosis.logits.shape == (N, K + 2)
    _, diagnosis = found_in(wide, LABELS, {"empty_classes": True})
    assert np.array_equal(diagnosis.logits, LOGITS) and same_as_sound(diagnosis)


def test_repeated_rows():
    scores, labels = np.vstack([LOGITS, LOGITS[:20]]), np.concatenate([LABELS, LABELS[:15], (LABELS[15:20] + 1) % K])
    found, _ = found_in(scores, labels)
    assert (found["duplicates"].count, found["duplicates"].values["conflicting"]) == (20, 5)
    assert same_as_sound(found_in(scores, labels, {"duplicates": True})[1])


def test_rows_shared_with_training_and_answers_too_good_or_too_bad():
    found, _ = found_in(LOGITS, LABELS, train_logits=np.vstack([LOGITS[5:9], LOGITS[:5] + 1]))
    assert found["shared_with_training"].count == 4
    assert "nearly_perfect" in found_in(LOGITS, LOGITS.argmax(axis=1))[0]
    assert "chance" in found_in(LOGITS, np.random.default_rng(1).permutation(LABELS))[0]
    assert not {"chance", "nearly_perfect"} & set(found_in(LOGITS, LABELS)[0])


def test_rows_shared_with_training_can_be_left_out():
    training = np.vstack([LOGITS[5:9], LOGITS[:5] + 1])
    assert not found_in(LOGITS, LABELS, train_logits=training)[0]["shared_with_training"].applied
    found, diagnosis = found_in(LOGITS, LABELS, {"shared_with_training": True}, train_logits=training)
    assert found["shared_with_training"].applied and np.array_equal(diagnosis.outputs.rows, np.r_[0:5, 9:N])
    pair, labels = LOGITS[:, :2], LABELS % 2  # one number a row: a few coincide by chance
    assert "shared_with_training" not in found_in(pair, labels, train_logits=pair[5:9])[0]


def test_a_clock_can_stop_the_search():
    calls = []

    def tick() -> None:
        calls.append(1)
        if len(calls) > 3:
            raise LsvizError("outside.slow", limit=1)

    diagnosis = diagnose(outputs_from({"scores": LOGITS, "labels": LABELS}), None, tick)
    assert diagnosis.problem.code == "outside.slow" and len(calls) == 4


@pytest.mark.parametrize(
    ("told", "name", "alpha"),
    [
        ({"alpha": "0.1"}, "a0.5.npz", 0.1), ({"label_smoothing": "0"}, "x.npz", 0.0), ({"alpha": "nan"}, "a0.5.npz", 0.5), ({}, "n010-a0.100-s0.safetensors", 0.1),
        ({}, "mine-alpha=.3.npz", 0.3), ({}, "ls0.csv", 0.0), ({}, "α 0,05.csv", 0.05), ({}, "hard.npz", 0.0), ({}, "resnet_a1.csv", None), ({}, "alpha7.npz", None),
        ({}, "a0.csv", 0.0), ({}, "run-a0_s1.npz", 0.0), ({}, "a0b1.npz", None), ({}, "data0.npz", None), ({}, "steps05.npz", None), ({}, "shard.npz", None), ({}, "noalpha1.npz", None), ({}, "unsmoothed1.npz", None),
        ({}, "net_labelsmoothing0.1.npz", 0.1), ({"alpha": "1e999"}, "mine.npz", None), ({}, "", None),
    ],
)  # fmt: skip
def test_the_alpha_a_file_tells(told, name, alpha):
    assert alpha_told(told, name) == alpha


def test_every_finding_has_a_sentence_and_its_remedy_a_switch():
    assert set(english("finding_remedies")) <= set(english("findings")) and set(OFF) <= set(english("finding_remedies"))
    twice = found_in(np.exp(log_probs(PROBS)), LABELS + 1)[1]
    for finding in twice.findings:
        assert re.match(r"[A-Z].*\.$", finding.sentence) and "{" not in finding.sentence
        assert f"{finding.count:,}" in finding.sentence  # says of how many rows


def test_hashes_part_rows_and_join_equal_ones():
    rng = np.random.default_rng(0)
    table = rng.normal(size=(20_000, 3)).astype(np.float32)
    hashes = row_hashes(table)
    assert len(np.unique(hashes)) == len(np.unique(table, axis=0))
    assert np.array_equal(row_hashes(table[::-1]), hashes[::-1])
    assert row_hashes(np.array([[0.0, 1.0]])) == row_hashes(np.array([[-0.0, 1.0]]))


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_probabilities_with_few_digits_keep_every_answer_as_it_was_written(digits):
    rng = np.random.default_rng(digits)
    classes = 40 if digits > 1 else 5
    written = np.round(np.exp(log_probs(rng.normal(0, 3, (600, classes)))), digits)
    written[:20, [1, 3]] = written[:20].max(axis=1, keepdims=True)  # answers that tie
    written = written[np.abs(written.sum(axis=1) - 1) < 0.3]
    _, diagnosis = found_in(written, rng.integers(0, classes, len(written)), {"duplicates": False})
    np.testing.assert_array_equal(diagnosis.logits.argmax(axis=1), written.argmax(axis=1))
