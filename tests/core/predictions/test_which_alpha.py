"""Which alpha: the report's own numbers, differences in pairs, and no difference where rows cannot tell it."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.selective import risk_coverage, risk_per_example
from lsviz.core.errors import LsvizError
from lsviz.core.geometry import class_separation, nc1
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import outputs_from
from lsviz.core.predictions.summary import Summary, summarise
from lsviz.core.predictions.which_alpha import MOST_ROWS, rows_needed, which_alpha
from lsviz.core.projection import knn_accuracy
from lsviz.predictions.report import Report
from lsviz.predictions.series_report import SCHEMA, paragraph, series_json
from tests.small_zoo import logits_and_labels

HONEST, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(800, 5, 1.0, 0), (np.float32, np.int64)))


def summary(scale: float, rows: slice = slice(None)) -> Summary:
    made = summarise(diagnose(outputs_from({"logits": scale * HONEST[rows], "labels": LABELS[rows]})))
    return made


def test_numbers_are_the_reports_and_differences_are_paired():
    series = [(0.3, "c", summary(0.4)), (0.0, "a", summary(3.0)), (0.1, "b", summary(1.0))]
    found = which_alpha(series)
    assert found.alphas == (0.0, 0.1, 0.3) and found.names == ("a", "b", "c") and found.count == 800
    nll = found.rows["nll"]
    assert [one.number for one in nll] == [one.numbers["nll"] for _, _, one in sorted(series)]
    assert found.reference["nll"] == 1 and nll[1].change is None and nll[0].change.verdict == nll[2].change.verdict == -1
    assert nll[0].change.difference == pytest.approx(nll[0].number.value - nll[1].number.value)
    assert all(one.change is None or one.change.verdict == 0 for one in found.rows["accuracy"])  # the same answers
    assert [finding.code for finding in found.said][:2] == ["which_as_is_one", "which_tempered_none"]
    assert int(found.said[1].values["needed"].replace(",", "").rstrip("+")) > 100_000  # a temperature mends any scale
    held = which_alpha(series, reference=0)
    assert held.rows["nll"][0].change is None and held.rows["nll"][1].change.verdict == 1


def test_rows_that_are_needed_shrink_an_interval_as_their_root():
    assert rows_needed(0.1, -0.1, 0.3, 1000) == 4000 == rows_needed(-0.1, -0.3, 0.1, 1000)
    assert rows_needed(1e-9, -0.1, 0.1, 1000) == MOST_ROWS == rows_needed(0.0, -0.1, 0.1, 1000)


def test_other_rows_are_refused_and_missing_ones_left_out():
    with pytest.raises(LsvizError, match="not of the same examples"):
        which_alpha([(0.0, "a", summary(1.0)), (0.1, "b", summary(1.0, slice(400)))])
    other = summary(1.0)
    turned = replace(other.diagnosis.outputs, rows=other.diagnosis.outputs.rows[::-1])
    with pytest.raises(LsvizError, match="labels differ"):
        which_alpha([(0.0, "a", other), (0.1, "b", replace(other, diagnosis=replace(other.diagnosis, outputs=turned)))])
    holes = HONEST.copy()
    holes[::50] = np.nan
    fewer = summarise(diagnose(outputs_from({"logits": holes, "labels": LABELS})))
    found = which_alpha([(0.0, "a", other), (0.1, "b", fewer)])
    assert found.count == 784 and found.rows["nll"][1].change.difference == pytest.approx(0) or found.rows["nll"][0].change


def test_the_interval_of_a_risk_at_a_coverage_is_that_of_a_bootstrap():
    rng = np.random.default_rng(0)
    score, correct = HONEST.max(axis=1), HONEST.argmax(axis=1) == LABELS
    for coverage in (0.5, 0.8):
        parts = risk_per_example(score, correct, coverage)
        assert parts.mean() == pytest.approx(risk_coverage(score, correct).risk_at(coverage))
        draws = [risk_coverage(score[rows], correct[rows]).risk_at(coverage) for rows in rng.integers(800, size=(400, 800))]
        assert parts.std() / np.sqrt(800) == pytest.approx(np.std(draws), rel=0.2)


FEATURES = np.random.default_rng(1).normal(size=(800, 6)) + 4 * np.eye(5, 6)[LABELS]


def with_features(features: np.ndarray) -> Summary:
    return summarise(diagnose(outputs_from({"logits": HONEST, "labels": LABELS, "features": features.astype(np.float32)})))


def test_features_that_came_along_are_compared_row_by_row():
    """Tight classes, two of them in one place: R² is higher, and fewer neighbours vote right."""
    apart = 4 * np.eye(5, 6)
    tight = 0.1 * (FEATURES - apart[LABELS]) + apart[np.maximum(LABELS, 1)]
    wide = 3 * FEATURES - 2 * apart[LABELS]
    found = which_alpha([(0.0, "a", with_features(wide)), (0.1, "b", with_features(FEATURES)), (0.3, "c", with_features(tight))])
    votes = found.rows["knn_accuracy"]
    some = np.unique(np.linspace(0, 799, found.feature_rows).astype(int))
    assert found.reference["knn_accuracy"] == 1 and votes[2].change.verdict == -1
    assert votes[1].number.value == pytest.approx(knn_accuracy(FEATURES[some], LABELS[some]))
    for name, measure in (("nc1", nc1), ("class_separation", class_separation)):
        assert [one.number.value for one in found.rows[name]] == pytest.approx(
            [measure(x[some], LABELS[some]) for x in (wide, FEATURES, tight)], rel=1e-5
        )
        assert found.reference[name] == 0 and found.rows[name][0].change is None and found.rows[name][1].change.moved != "equal"
    odd = which_alpha([(0.0, "a", with_features(FEATURES)), (0.3, "c", with_features(tight))])
    assert odd.at_odds == ("class_separation",) and "from α = 0 to 0.3 classes draw together (R²)" in "".join(paragraph(odd))
    reports = [Report(name, "0" * 64, with_features(x)) for name, x in (("a", FEATURES), ("c", tight))]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(series_json(reports, odd)), SCHEMA)
    assert which_alpha([(0.0, "a", with_features(FEATURES)), (0.3, "b", summary(1.0))]).feature_rows == 0


def test_measures_that_seem_to_disagree_are_told_only_where_intervals_tell():
    ends = lambda knn, nc1, separation: {"knn_accuracy": knn, "nc1": nc1, "class_separation": separation}
    up, down, level = (Change("x", 0, 0, low, high) for low, high in ((1, 2), (-2, -1), (-1, 1)))
    base = which_alpha([(0.0, "a", summary(1.0)), (0.1, "b", summary(0.5))])
    odds = lambda *told: (made := replace(base, ends=ends(*told))).at_odds + ("nc1 against r2",) * made.shapes_disagree
    assert odds(down, down, up) == ("nc1", "class_separation") and odds(down, level, up) == ("class_separation",) == odds(
        up, level, down
    )
    assert odds(level, up, up) == ("nc1 against r2",) and odds(up, down, up) == odds(level, level, up) == base.at_odds == ()
