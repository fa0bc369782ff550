"""Rows of a stretch: those of the diagram's own bin, each once, named as the file names them."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import outputs_from
from lsviz.core.predictions.stretch import stretch, stretch_rows
from lsviz.core.predictions.summary import summarise
from tests.small_zoo import logits_and_labels

LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(300, 4, 2.0, 0), (np.float32, np.int64)))


def test_a_stretch_of_one_bin_holds_its_rows():
    gaps = LOGITS.copy()
    gaps[::10] = np.nan  # rows that were left out keep their place in the file
    summary = summarise(diagnose(outputs_from({"logits": gaps, "labels": LABELS})))
    diagram = summary.assessment.diagram()
    for k in np.flatnonzero(diagram.counts):
        found = stretch(summary, diagram.edges[k], diagram.edges[k + 1])
        assert len(found.places) == diagram.counts[k]
        assert (found.accuracy, found.confidence) == pytest.approx((diagram.accuracy[k], diagram.confidence[k]))
    rows = stretch_rows(summary, stretch(summary, 0, 1), "abcd")
    assert sorted(int(row[0]) - 1 for row in rows) == [k for k in range(300) if k % 10]
    answers = {int(row[0]) - 1: (row[1], row[2]) for row in rows}
    assert all(answers[k] == ("abcd"[LABELS[k]], "abcd"[LOGITS[k].argmax()]) for k in answers)
    wrong = sum(row[4] == "0" for row in rows)
    assert all(row[4] == "0" for row in rows[:wrong]) and float(rows[0][3]) == max(float(row[3]) for row in rows[:wrong])
    named = stretch_rows(summary, stretch(summary, 0, 1), "abcd", [f"id{k}" for k in range(300)])
    assert named[0][0] == f"id{int(rows[0][0]) - 1}" and not len(stretch(summary, 0, 0.1).places)
