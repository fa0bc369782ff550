"""Arrays from outside become one typed object: found by name, told apart by their values, refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND
from lsviz.core.predictions.outputs import kind_of, limits, outputs_from, plain_text, whole
from lsviz.core.smoothing import log_probs
from tests.small_zoo import logits_and_labels

LOGITS, LABELS = logits_and_labels(300, 5, 1.0, 0)
LOGITS = LOGITS.astype(np.float32)


@pytest.mark.parametrize(
    ("scores", "labels"), [("logits", "labels"), ("Probs ", "Y"), ("y_score", "y_true"), ("whatever", "also_whatever")]
)
def test_arrays_are_found_by_name_or_by_kind(scores, labels):
    found = outputs_from({scores: LOGITS, labels: LABELS.astype(np.int64)})
    assert np.array_equal(found.scores, LOGITS) and np.array_equal(found.labels, LABELS)
    assert (found.num_rows, found.num_classes, found.kind) == (300, 5, "logits")
    assert not found.scores.flags.writeable


def test_kinds_are_told_by_values():
    logs = log_probs(LOGITS)
    assert kind_of(LOGITS) == "logits"
    assert (
        kind_of(np.exp(logs)) == "probabilities" and kind_of(np.exp(logs).astype(np.float16).astype(np.float32)) == "probabilities"
    )
    assert kind_of(logs) == "log_probabilities" and kind_of(100 * np.exp(logs)) == "percent"
    assert kind_of(-np.abs(LOGITS) - 1) == "logits"  # negative, but no log-probabilities
    sigmoid = 1 / (1 + np.exp(-LOGITS))
    assert kind_of(sigmoid) == "probabilities"  # its rows are found wanting later
    certain = np.where(np.eye(5, dtype=bool)[LABELS], 0, -np.inf)
    assert kind_of(certain) == "log_probabilities"


def test_activations_come_along_only_where_they_fit():
    arrays = {
        "logits": LOGITS,
        "labels": LABELS,
        "penultimate": np.ones((300, 7)),
        "head_weight": np.ones((5, 7)),
        "head_bias": np.zeros(5),
    }
    found = outputs_from(arrays, class_names=list("abcde"))
    assert found.penultimate.shape == (300, 7) and found.head_weight.shape == (5, 7) and found.class_names == tuple("abcde")
    assert outputs_from(arrays | {"head_weight": np.ones((4, 7))}).head_weight is None
    assert outputs_from(arrays | {"penultimate": np.ones((299, 7))}).penultimate is None
    assert outputs_from(arrays, class_names=["a"]).class_names == ()


def test_features_of_a_stored_run_get_their_length_back():
    rng = np.random.default_rng(0)
    basis, mean, short = np.linalg.qr(rng.normal(size=(7, 3)))[0].T, rng.normal(size=7), rng.normal(size=(300, 3))
    order = rng.permutation(300)
    arrays = {
        "test_logits": LOGITS,
        "test_labels": LABELS,
        "test_features": short[order],
        "feature_basis": basis,
        "feature_mean": mean,
        "test_feature_rows": order,
    }
    assert np.allclose(outputs_from(arrays).penultimate, short @ basis + mean, atol=1e-5)


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({}, "outside.no_scores"),
        ({"labels": LABELS}, "outside.no_scores"),
        ({"logits": LOGITS}, "outside.no_labels"),
        ({"logits": LOGITS, "labels": LABELS[:-1]}, "outside.shape"),
        ({"logits": LOGITS[0], "labels": LABELS}, "outside.shape"),
        ({"logits": LOGITS[:, :1], "labels": LABELS}, "outside.one_column"),
        ({"logits": LOGITS[:0], "labels": LABELS[:0]}, "outside.empty"),
        ({"logits": LOGITS.astype(object), "labels": LABELS}, "outside.not_numbers"),
        ({"logits": LOGITS.astype(complex), "labels": LABELS}, "outside.not_numbers"),
        ({"logits": LOGITS, "labels": np.array(list("abcde"))[LABELS.astype(int)]}, "outside.words_alone"),
        ({"logits": np.zeros((2, COMMAND.classes + 1), np.float16), "labels": np.zeros(2, int)}, "outside.too_many"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(arrays, code):
    with pytest.raises(LsvizError) as caught:
        outputs_from(arrays)
    assert caught.value.code == code and "\n" not in str(caught.value)


def test_limits_name_what_is_too_much():
    limits(COMMAND.rows, 2)
    for rows, classes, what in (
        (COMMAND.rows + 1, 2, "rows"),
        (10**18, 10**18, "rows"),
        (2, COMMAND.classes + 1, "classes"),
        (COMMAND.scores // 100 + 1, 100, "scores"),
    ):
        with pytest.raises(LsvizError, match=what):
            limits(rows, classes)


def test_whole_labels():
    assert whole(np.array([0.0, 3.0])).tolist() == [0, 3] and whole(np.array([2], np.uint8)).dtype == np.int64
    for wrong in (0.5, np.nan, np.inf, 1e300):
        with pytest.raises(LsvizError):
            whole(np.array([0, wrong]))


def test_names_from_outside_lose_what_is_not_seen():
    assert plain_text("a\nb\tc\u2028d") == "a b c d" and plain_text("\u202eevil\x00\x1b[31m") == "evil[31m"
    assert plain_text("x" * 500) == "x" * 59 + "…" and plain_text("<b>") == "<b>"  # escaping belongs to where it is shown
