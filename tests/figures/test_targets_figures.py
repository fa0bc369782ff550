"""The Soft targets figures show the numbers of core/smoothing."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core import smoothing
from lsviz.core.smoothing.target_rows import rows_shown, target_rows
from lsviz.figures import numbers, targets
from lsviz.state import closed_form_stops
from lsviz.texts.catalogue import words

STOPS, WORDS = closed_form_stops(), words("targets")


def bars(n: int, true_class: int = 0, log: bool = False, **options):
    rows = target_rows(STOPS, n, true_class, **options)
    return targets.targets_figure(rows, [f"c{k}" for k in rows.classes], WORDS, log)


@pytest.mark.parametrize("convention", ["uniform", "others", "others_no_pad", "binary"])
@pytest.mark.parametrize("alpha", [0, 0.1, 0.5, 1])
def test_bars_are_the_targets(convention, alpha):
    figure = bars(5, 2, convention=convention).at(alpha)
    true, _ = smoothing.target_probabilities(5, alpha, convention)
    np.testing.assert_allclose(figure.data[2].x, smoothing.soft_targets([2], 5, alpha, convention)[0])
    assert numbers.percent(true) in figure.data[3].text[2]


def test_the_textbook_example():
    np.testing.assert_allclose(bars(5, 2).at(0.1).data[2].x, [0.02, 0.02, 0.92, 0.02, 0.02])


def test_many_classes_fold_and_keep_the_true_one():
    for true_class in (0, 1, 57, 999):
        shown, folded = rows_shown(1000, true_class)
        assert true_class in shown and len(shown) + folded == 1000
    figure = bars(1000, 57).figure
    assert any("997" in str(text) for text in figure.layout.yaxis.ticktext)


def test_log_axis_places_by_powers_of_ten():
    figure = bars(10, log=True).at(0.1)
    assert figure.data[2].x[0] - figure.data[2].x[1] == pytest.approx(np.log10(0.91 / 0.01))
    least = bars(1000, log=True).at(STOPS[1]).data[2].x
    assert 0 < least[1] < least[0], "every value above 0 has a bar"


def test_padding_is_a_row_of_its_own_without_a_share():
    live = bars(100, 41, convention="others_no_pad")
    labels = live.figure.layout.yaxis.ticktext
    assert labels[-1] == WORDS["padding"] and "96" in labels[-2]
    np.testing.assert_allclose(live.at(0.1).data[2].x, [0.1 / 98, 0.1 / 98, 0.9, 0.1 / 98, 0])


@pytest.mark.parametrize(("n", "true_class"), [(2, 0), (3, 1), (5, 2), (10, 9), (1000, 776)])
def test_the_notes_lie_beside_the_true_bar_one_after_the_other(n, true_class):
    hard, soft = bars(n, true_class).figure.layout.annotations
    at = min(true_class, 2)  # its row, where many are folded
    at = true_class if n <= 10 else at
    assert hard.y == soft.y and (hard.y - at) * (1 if hard.yanchor == "top" else -1) == pytest.approx(0.4)
    assert abs(soft.yshift) - abs(hard.yshift) > 2 * 1.3 * 14  # two lines of 14 px


def test_the_notes_make_way_for_long_bars():
    live = bars(2, convention="binary")
    assert live.at(0.1).layout.annotations[0].text and not live.at(1).layout.annotations[0].text


def test_the_dot_lies_on_the_curve_and_vanishes_for_hard_targets():
    live = targets.margin_figure(STOPS, 10, WORDS)
    value = lambda alpha: next(note for note in live.at(alpha).layout.annotations if note.font.size == 19)
    assert live.at(0.1).data[-1].y[0] == pytest.approx(4.510860, abs=1e-6)
    assert np.isnan(live.at(0).data[-1].y[0]) and value(0).text == ""
    assert "4.51" in live.alt[live.frames.nearest(0.1)] and "4.51" in value(0.1).text
    assert (value(0.1).x, value(0.1).y) == (live.at(0.1).data[-1].x[0], live.at(0.1).data[-1].y[0])


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_a_curve_name_never_covers_the_dot(n):
    live = targets.margin_figure(STOPS, n, WORDS)
    for alpha in STOPS[1::4]:
        figure = live.at(alpha)
        dot = figure.data[-1]
        for note in figure.layout.annotations:
            if note.text and "N =" in note.text and note.visible is not False:
                assert abs(note.x - dot.x[0]) > 0.1 or abs(note.y - dot.y[0]) > 0.8


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20, 50, 100, 1000])
def test_curve_names_keep_apart(n):
    notes = targets.margin_figure(STOPS, n, WORDS).figure.layout.annotations
    heights = sorted(note.y for note in notes if note.text and "N =" in note.text)
    assert len(heights) >= 3 and min(np.diff(heights)) > 1.1


def test_an_anti_label_has_a_negative_gap_and_then_none():
    live = targets.margin_figure(STOPS, 5, WORDS, "others")
    assert live.at(0.9).data[-1].y[0] == pytest.approx(-0.810930, abs=1e-6)
    assert np.isnan(live.at(1).data[-1].y[0]) and numbers.MINUS + "\u221e" in live.alt[-1]


def test_the_map_holds_the_margin_and_follows():
    live = targets.margin_map_figure(STOPS, 100, WORDS)
    heat = live.figure.data[0]
    column, row = len(heat.x) // 2, len(heat.y) // 2
    assert heat.z[row][column] == pytest.approx(
        smoothing.optimal_logit_margin(round(10 ** heat.y[row]), heat.x[column] ** 2), abs=1e-3
    )
    dot = live.at(0.1).data[2]
    assert dot.x[0] == pytest.approx(0.1**0.5) and dot.y[0] == pytest.approx(2) and "6.80" in dot.text[0]


@pytest.mark.parametrize("convention", ["others", "others_no_pad", "binary"])
def test_the_map_speaks_of_the_chosen_convention(convention):
    live = targets.margin_map_figure(STOPS, 10, WORDS, convention)
    assert live.at(0.3).data[2].text[0] == f"<b>{smoothing.optimal_logit_margin(10, 0.3, convention):.2f}</b>"
    heat = live.figure.data[0]
    assert heat.z[5][7] == pytest.approx(
        smoothing.optimal_logit_margin(round(10 ** heat.y[5]), heat.x[7] ** 2, convention), abs=1e-3
    )


@pytest.mark.parametrize("n", [2, 10, 1000])
def test_every_figure_can_be_dragged_and_is_light(n):
    for live in (bars(n), targets.margin_figure(STOPS, n, WORDS), targets.margin_map_figure(STOPS, n, WORDS)):
        assert live.overlay
        assert len(str(live.payload())) < 150_000


def test_negative_smoothing_leaves_the_unit_interval():
    live = targets.negative_figure(10, -0.4, WORDS)
    np.testing.assert_allclose(live.figure.data[0].x, [1.36, -0.04])


def test_table_sums_to_one():
    table = bars(10).table
    soft = np.asarray(table["soft_target"]).reshape(-1, 2)
    np.testing.assert_allclose(soft[:, 0] + 9 * soft[:, 1], 1)
