"""The lab's own figures: what is drawn at an alpha is what that network measured."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration.assessment import assess
from lsviz.core.smoothing.target_rows import target_rows
from lsviz.figures import numbers, theme
from lsviz.figures.targets import targets_figure
from lsviz.pages.lab.figures import Measured, decision_figure, findings, sweep_figure, told_figure
from lsviz.texts.catalogue import words
from tests.small_zoo import logits_and_labels

WORDS = words("lab")
ALPHAS = (0.0, 0.1, 0.5)


def sweep(**options):
    measures = {
        "test_accuracy": Measured(np.array([0.9, 0.95, 0.7])),
        "ece": Measured(np.array([0.08, 0.02, 0.3])),
        "margin": Measured(np.array([7.0, 4.5, 2.0])),
    }
    return measures, sweep_figure(ALPHAS, measures, WORDS, **options)


def rings(figure):
    return [trace for trace in figure.data if trace.marker.size == 14]


def test_rings_and_titles_follow_alpha():
    measures, live = sweep()
    assert live.overlay
    for i, alpha in enumerate(ALPHAS):
        figure = live.at(alpha)
        for (name, measured), ring, note in zip(measures.items(), rings(figure), figure.layout.annotations):
            assert ring.x[0] == pytest.approx(theme.alpha_position(alpha)) and ring.y[0] == pytest.approx(measured.values[i])
            assert WORDS[f"measure.{name}"] in note.text
            assert (numbers.percent(measured.values[i]) if name != "margin" else f"{measured.values[i]:.2f}") in note.text
        assert numbers.percent(measures["ece"].values[i]) in live.alt[i]


def test_a_secret_measure_is_nowhere_in_the_figure():
    _, live = sweep(secret="ece", guess=0.1)
    text = str(live.payload()) + str(live.table) + "".join(live.alt)
    assert "ece" not in live.table and numbers.percent(0.08) not in text and numbers.percent(0.3) not in text
    at = next(i for i, trace in enumerate(live.figure.data) if trace.marker.size == 14 and trace.xaxis == "x2")
    assert all(np.isnan(v) for move in live.frames.moves for v in np.ravel(move.values) if move.attr == "y" and move.trace == at)


def test_the_secret_panel_offers_every_alpha_as_a_guess():
    _, live = sweep(secret="ece", guess=0.1)
    (places,) = [trace for trace in live.figure.data if trace.meta == "linked:guess"]
    assert list(places.customdata) == [0, 1, 2] and len(set(places.y)) == 1 and places.xaxis == "x2"
    np.testing.assert_allclose(places.x, [theme.alpha_position(a) for a in ALPHAS])
    assert not [trace for trace in sweep()[1].figure.data if trace.meta == "linked:guess"]


def test_a_dot_is_the_way_to_its_alpha():
    _, live = sweep()
    dots = [trace for trace in live.figure.data if trace.meta == "select-alpha"]
    assert len(dots) == 3 and all(list(trace.customdata) == list(ALPHAS) for trace in dots)


def test_negative_smoothing_stands_left_of_the_hard_network_and_leaves_the_others_room():
    measures = {"test_nll": Measured(np.array([0.3, 0.2, 0.5]), negative=np.array([40.0, 0.4]))}
    live = sweep_figure(ALPHAS, measures, WORDS, negative=(-0.4, -0.1))
    hollow = next(trace for trace in live.figure.data if trace.marker.line.color == theme.token("muted"))
    np.testing.assert_allclose(hollow.x, [-np.sqrt(0.4), -np.sqrt(0.1), 0])
    np.testing.assert_allclose(hollow.y, [40, 0.4, 0.3])
    assert live.figure.layout.xaxis.range[0] < -np.sqrt(0.4) and live.figure.layout.yaxis.range[1] < 1  # not up to 40
    assert numbers.MINUS + ".4" in live.figure.layout.xaxis.ticktext and live.frames.stops == ALPHAS


def test_what_it_says_stands_on_what_it_is_told():
    said = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.5, 0.3, 0.2]])
    words_of_targets = {**words("targets"), **words("lab.targets")}
    live = told_figure(targets_figure(target_rows(ALPHAS, 3, 0), ("x", "y", "z"), words_of_targets), said, 0, WORDS)
    for i, alpha in enumerate(ALPHAS):
        figure = live.at(alpha)
        np.testing.assert_allclose(figure.data[-1].x, said[i])
        assert numbers.percent(said[i, 0]) in live.alt[i]
    rows = [row for row in zip(live.table["alpha"], live.table["hard_target"], live.table["said"]) if row[1]]
    assert rows == [(0.0, 1, 0.8), (0.1, 1, 0.7), (0.5, 1, 0.5)] and live.overlay


def test_a_guess_is_a_line_at_its_alpha():
    _, live = sweep(guess=0.5)
    lines = [trace for trace in live.figure.data if trace.mode == "lines" and trace.line.dash == "dash"]
    assert len(lines) == 1 and set(lines[0].x) == {theme.alpha_position(0.5)}


def test_pinned_and_seeds_are_drawn_and_inside_the_axis():
    measures = {
        "ece": Measured(np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5]), np.array([[0.05, 0.1, 0.2], [0.2, 0.3, 0.6]]), (0.0, 0.2))
    }
    figure = sweep_figure(ALPHAS, measures, WORDS).figure
    dotted = next(trace for trace in figure.data if trace.line.dash == "dot")
    np.testing.assert_allclose(dotted.y, [0.4, 0.5])
    band = next(trace for trace in figure.data if trace.fill == "toself")
    np.testing.assert_allclose(sorted(band.y), [0.05, 0.1, 0.2, 0.2, 0.3, 0.6])
    low, high = figure.layout.yaxis.range
    assert low < 0.05 and high > 0.6


def test_networks_that_diverged_leave_a_gap():
    live = sweep_figure(ALPHAS, {"ece": Measured(np.array([np.nan, 0.2, 0.3])), "memorised": Measured(np.full(3, np.nan))}, WORDS)
    assert "–" in live.at(0.0).layout.annotations[0].text


def test_the_map_holds_class_and_confidence():
    answer = np.array([[[0, 1], [1, 1]], [[0, 0], [1, 1]]], np.uint8)
    sure = np.array([[[255, 255], [128, 191]], [[128, 128], [128, 255]]], np.uint8)
    points, labels, wrong = np.zeros((3, 2)), np.array([0, 1, 1]), np.array([False, True, False])
    given = ((0.0, 0.1), [0, 1], [0, 1], answer, sure, points, labels, wrong, ("a", "<b>"), WORDS)
    live = decision_figure(*given)
    for alpha, m in ((0.0, 0), (0.1, 1)):
        z = np.array(live.at(alpha).data[0].z, float)
        np.testing.assert_array_equal(np.floor(z), answer[m])  # full certainty never reads as the next class
        expected = np.clip((sure[m] / 255 - 0.5) / 0.5, 0, 0.98)
        np.testing.assert_allclose(z - answer[m], expected, atol=0.006)
        assert numbers.percent(float(sure[m].mean() / 255)) in live.at(alpha).layout.title.text
    assert [trace.marker.symbol for trace in live.figure.data[1:]] == ["circle", "x"] and len(live.figure.data[2].x) == 1
    assert "&lt;b&gt;" in str(live.figure.data[2].text)
    pinned = decision_figure(*given, pinned=True)
    assert pinned.frames is None and len(pinned.table["x"]) == 4 and len(live.table["x"]) == 8


def test_the_headline_says_what_each_networks_confidence_is_worth_or_that_it_diverged():
    made = [assess(*logits_and_labels(1500, 4, sharp, 0)) for sharp in (2.0, 1.0, 0.4)]
    heads, subs = findings((0, 0.1, 0.2, 0.3), [*made, None], WORDS)
    assert f"{100 * made[0].signed_gap:.1f} points over" in heads[0] and "as far as its test examples tell" in heads[1]
    assert f"{-100 * made[2].signed_gap:.1f} points under" in heads[2] and "diverged" in heads[3]
    assert all("0.10" in sub for sub in subs)
    assert "hard" in findings((0, 0.1), [made[1], made[0]], WORDS)[1][1]
    assert findings((0,), [None], WORDS)[1] == [""]
