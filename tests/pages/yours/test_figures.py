"""Figures of somebody's own network: its numbers, two short names, nothing that moves, and text from outside that stays text."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from lsviz.core.calibration.assessment import Scaled, assess
from lsviz.core.calibration.diagram_numbers import diagram_numbers
from lsviz.core.geometry import template_plane
from lsviz.core.picture import on_plane
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import outputs_from
from lsviz.core.predictions.summary import summarise
from lsviz.figures import numbers, theme
from lsviz.pages.yours.figures import MINE as MINE_AT
from lsviz.pages.yours.figures import yours_coverage, yours_diagram, yours_map, yours_plane, yours_temperature
from lsviz.pages.yours.files import Own
from lsviz.pages.yours.geometry import class_names, collapse_measures, common_trio, confused, plane
from lsviz.pages.yours.sections import diagram, said
from lsviz.ui.foot import csv_text, page_html
from tests.malformed import HOSTILE
from tests.small_zoo import logits_and_labels

LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(600, 4, 2.0, 0), (np.float64, np.int64)))
MINE, OTHER = (summarise(diagnose(outputs_from({"logits": scale * LOGITS, "labels": LABELS}))) for scale in (1, 0.5))
NAMES = ("mine.npz", "other.npz")


def decoded(column) -> np.ndarray:
    """A trace's column, also in the form it has once it has been JSON."""
    return (
        np.frombuffer(base64.b64decode(column["bdata"]), column["dtype"]) if isinstance(column, dict) else np.asarray(column, float)
    )


def counted(summary):
    return diagram_numbers(summary.assessment, 15, "uniform")


def test_the_diagram_stands_still_and_shows_both():
    live = yours_diagram(counted(MINE), counted(OTHER), NAMES, said())
    assert live.frames is None and len(live.alt) == 1 and "points" in live.alt[0] and "alpha" not in live.alt[0].lower()
    text = json.dumps(live.payload())
    assert theme.HARD not in text and theme.CONTEXT in text and "this network" in text and "the other one" in text
    diagram = MINE.assessment.diagram()
    dots = [trace for trace in live.figure.data if trace.type == "scatter" and trace.mode == "markers"]
    shown = next(trace for trace in dots if trace.marker.color == theme.alpha_color(0.1))
    y = decoded(shown.y)
    assert np.allclose(y[np.isfinite(y)], diagram.accuracy[diagram.counts > 0])
    assert set(live.table["network"]) == set(NAMES)
    alone = yours_diagram(counted(MINE), None, NAMES, said())
    assert set(alone.table["network"]) == {"mine.npz"}
    assert [note.visible for note in alone.figure.layout.annotations if "the other one" in (note.text or "")] == [False]


def test_the_temperature_is_on_the_axis_however_far():
    for scale in (0.02, 1, 40):
        made = summarise(diagnose(outputs_from({"logits": scale * LOGITS, "labels": LABELS})))
        live = yours_temperature(Scaled(made.assessment, made.after, made.curve), NAMES, said())
        low, high = live.figure.layout.xaxis.range
        assert low < np.log10(made.temperature) < high and 0.1 * scale < made.temperature / 2 < 3 * scale
        assert f"{made.temperature:.2f}" in live.alt[0]


def test_coverage_is_the_cores_curve():
    live = yours_coverage(MINE.risk, OTHER.risk, NAMES, said())
    assert abs(live.table["risk"][live.table["network"].index("other.npz") - 1] - (1 - assess(LOGITS, LABELS).accuracy)) < 1e-9
    assert numbers.percent(MINE.risk.aurc, 1) in "".join(note.text for note in live.figure.layout.annotations)


@pytest.mark.parametrize("name", HOSTILE)
def test_text_from_outside_stays_text(name):
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 6))
    features = rng.normal(size=(600, 6)) + 2 * weight[LABELS]
    predicted = (features @ weight.T).argmax(axis=1)
    names = tuple(f"{name}{k}" for k in range(4))
    trio = confused(LABELS, predicted, 4)
    picture = on_plane(MINE_AT, features, predicted, weight, LABELS, np.arange(600), trio, names)
    plane = yours_plane(picture, [names[k] for k in trio], said())
    coverage = yours_coverage(MINE.risk, OTHER.risk, (name, name), said())
    for live in (plane, coverage):
        page = page_html(live, 0.1)
        for tag in ("<script>alert", "<img src=http", "</style><"):
            assert tag not in live.payload()["figure"] and tag not in page
        for line in csv_text(live.table).splitlines():
            assert line[:1] not in ("=", "@", "+") or line[1:2].isdigit()


@pytest.mark.parametrize("seed", range(8))
def test_any_subset_of_the_classes_has_its_figures(seed):
    """Ten classes, rows of some of them, also taken for the others: a picture, or one sentence that says how many classes it needs."""
    rng = np.random.default_rng(seed)
    present = rng.choice(10, size=(1, 2, 3, 3, 4, 5, 9, 10)[seed], replace=False)
    labels, means = rng.choice(present, 24 if seed % 2 else 200), 2 * rng.normal(size=(10, 12))
    features = means[labels] + (0.1, 3)[seed % 2] * rng.normal(size=(len(labels), 12))
    arrays = {"logits": features @ means.T, "labels": labels, "penultimate": features, "head_weight": means}
    diagnosis = diagnose(outputs_from(arrays))
    own = Own("key", "mine.npz", "", diagnosis, summarise(diagnosis))
    drawn = plane(own, features, means)
    if len(np.unique(labels)) < 3:
        assert drawn.code == "geometry.few_classes"
    else:
        assert set(common_trio(own)) <= set(labels) and len(drawn.table["x"]) == np.isin(labels, common_trio(own)).sum()
    if len(np.unique(labels)) > 1:
        assert np.isfinite(list(collapse_measures(own, features, means).values())).all()
    assert diagram(own, None) and yours_coverage(own.summary.risk, None, NAMES, said())
    drawn_map = yours_map(
        features[:, :2], labels, diagnosis.logits.argmax(axis=1), own.diagnosis.outputs.rows, class_names(own), said()
    )
    assert len(drawn_map.table["x"]) == len(labels)


def test_the_plane_is_of_the_classes_confused_most():
    predicted = LABELS.copy()
    (
        predicted[np.flatnonzero(LABELS == 1)[:9]],
        predicted[np.flatnonzero(LABELS == 3)[:5]],
        predicted[np.flatnonzero(LABELS == 0)[:1]],
    ) = 3, 0, 2
    assert confused(LABELS, predicted, 4) == (0, 1, 3)
    rng = np.random.default_rng(0)
    weight, features = rng.normal(size=(4, 6)), rng.normal(size=(600, 6))
    picture = on_plane(MINE_AT, features, predicted, weight, LABELS, np.arange(600), (0, 1, 3), tuple("abcd"))
    live = yours_plane(picture, tuple("abd"), said())
    rows = np.isin(LABELS, (0, 1, 3))
    assert np.allclose(live.table["x"], np.round(template_plane(features[rows], weight[[0, 1, 3]])[0][:, 0], 5))
