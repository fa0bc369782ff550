"""Reliability figures: what is drawn is what core measures; labels, holes and floors included."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lsviz.core.calibration.assessment import Scaled, assess, temperature_curve
from lsviz.core.calibration.diagram_numbers import every_diagram
from lsviz.core.calibration.kernel_smoothed import smooth_curve
from lsviz.core.calibration.over_alpha import gap_and_ece
from lsviz.core.intervals import seed_interval
from lsviz.core.temperature import fit_temperature
from lsviz.figures import numbers, theme
from lsviz.figures import reliability_words as say
from lsviz.figures.reliability import MIN_JOINED, MIN_WHISKER, reliability_figure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.figures.temperature import temperature_figure
from lsviz.texts.catalogue import words as catalogue
from tests.small_zoo import logits_and_labels, sharpness

WORDS = catalogue("reliability")
ALPHAS = (0.0, 0.1, 0.5)
HARD_LINE, HARD_DOTS, GAP, WHISKER, LINE, DOTS, BARS = 3, 4, 5, 6, 7, 8, 9  # traces of the diagram
GAP_DOTS, GAP_RING, FLOOR, ECE_DOTS, ECE_RING = 5, 6, 7, 10, 11  # traces of the trend


@pytest.fixture(scope="module")
def outputs():
    return {alpha: logits_and_labels(1500, 5, sharpness(alpha), 2) for alpha in ALPHAS}


@pytest.fixture(scope="module")
def networks(outputs):
    return {alpha: assess(*pair) for alpha, pair in outputs.items()}


def drawn_diagram(networks, bins=15, strategy="uniform", edges=()):
    return reliability_figure(every_diagram(networks, bins, strategy, edges), WORDS)


def drawn_trend(networks, seeds=()):
    return trend_figure(gap_and_ece(networks, dict(seeds)), WORDS)


def drawn(values) -> np.ndarray:
    values = np.array([np.nan if v is None else v for v in values], dtype=float)
    return values[np.isfinite(values)]


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize(("bins", "strategy"), [(15, "uniform"), (2, "uniform"), (50, "uniform"), (15, "mass"), (50, "mass")])
def test_dots_whiskers_and_gaps_are_the_bins(networks, alpha, bins, strategy):
    live = drawn_diagram(networks, bins, strategy)
    figure, diagram = live.at(alpha), networks[alpha].diagram(bins, strategy)
    used, told, joined = (diagram.counts >= least for least in (1, MIN_WHISKER, MIN_JOINED))
    np.testing.assert_allclose(drawn(figure.data[DOTS].x), diagram.confidence[used])
    np.testing.assert_allclose(drawn(figure.data[DOTS].y), diagram.accuracy[used])
    np.testing.assert_allclose(drawn(figure.data[LINE].y), diagram.accuracy[joined])
    low, high = diagram.wilson()
    np.testing.assert_allclose(drawn(figure.data[WHISKER].x)[::2], diagram.confidence[told])
    strokes = np.reshape(figure.data[WHISKER].y, (-1, 3))[: len(used)][told]
    np.testing.assert_allclose(strokes[:, :2].astype(float), np.column_stack([low, high])[told])
    ends = np.reshape(figure.data[GAP].y, (-1, 3))[: len(used)][told].astype(float)
    np.testing.assert_allclose(ends[:, 0] - ends[:, 1], diagram.gap[told], atol=1e-12)
    assert live.overlay


def test_a_bin_with_too_few_images_is_a_hole_in_the_line_and_no_bin_is_an_accuracy_of_zero():
    confidence = np.repeat([0.3, 0.5, 0.7], [60, MIN_JOINED - 1, 60])
    logits = np.column_stack([np.log(confidence / (1 - confidence)), np.zeros(len(confidence))])
    logits = np.where(confidence[:, None] < 0.5, -logits, logits)  # the higher of two classes claims it
    network = assess(logits, np.zeros(len(confidence), dtype=int))
    figure = drawn_diagram({0.0: network}, 10).at(0.0)
    diagram = network.diagram(10)
    assert (diagram.counts == 0).any()
    assert np.isfinite(drawn(figure.data[DOTS].x)).sum() == (diagram.counts > 0).sum()
    few = (diagram.counts > 0) & (diagram.counts < MIN_JOINED)
    assert few.any() and np.isnan(np.asarray(figure.data[LINE].x, dtype=float)[few]).all()


def test_the_histogram_adds_up_to_all_predictions_whatever_the_bins(networks):
    for strategy in ("uniform", "mass"):
        figure = drawn_diagram(networks, 12, strategy).at(0.1)
        np.testing.assert_allclose(figure.data[BARS].y, networks[0.1].diagram(12).counts / 1500, atol=1e-12)
        assert sum(figure.data[BARS].y) == pytest.approx(1)


def test_right_answers_stand_in_front_of_all_and_two_lines_show_accuracy_and_mean_confidence(networks):
    figure = drawn_diagram(networks, 12).at(0.5)
    total, right, accuracy, claimed = (figure.data[i] for i in (BARS, BARS + 1, BARS + 3, BARS + 4))
    assert sum(right.y) == pytest.approx(networks[0.5].accuracy) and (np.array(right.y) <= np.array(total.y) + 1e-9).all()
    assert accuracy.x[0] == pytest.approx(networks[0.5].accuracy) and claimed.x[0] == pytest.approx(networks[0.5].mean_confidence)
    assert figure.layout.barmode == "overlay"


def test_your_own_edges_are_the_bins(networks):
    live = drawn_diagram(networks, 15, "own", (0.5, 0.9))
    diagram = networks[0.1].diagram(edges=(0, 0.5, 0.9, 1))
    np.testing.assert_allclose(drawn(live.at(0.1).data[DOTS].y), diagram.accuracy[diagram.counts > 0])
    assert set(live.table["bin_to"]) == {0.5, 0.9, 1.0}


def test_smooth_draws_the_curve_and_its_band_and_still_moves_on_the_canvas(networks):
    live = drawn_diagram(networks, 15, "smooth")
    for alpha in ALPHAS:
        curve, figure = smooth_curve(networks[alpha].confidence, networks[alpha].correct), live.at(alpha)
        np.testing.assert_allclose(drawn(figure.data[LINE].y), drawn(curve.accuracy), atol=2e-5)
        seen = np.isfinite(curve.low)
        np.testing.assert_allclose(drawn(figure.data[GAP].y), np.r_[curve.low[seen], curve.high[seen][::-1]], atol=2e-5)
        assert figure.data[GAP].fill == "toself" and figure.data[GAP].fillcolor == theme.alpha_color(alpha)
        assert not len(drawn(figure.data[WHISKER].y))
    assert live.overlay


def test_hard_stays_while_the_chosen_alpha_moves_and_takes_its_colour(networks):
    live = drawn_diagram(networks)
    assert {move.trace for move in live.frames.moves}.isdisjoint({HARD_LINE, HARD_DOTS})
    np.testing.assert_array_equal(drawn(live.figure.data[HARD_DOTS].x), drawn(networks[0.0].diagram().confidence))
    for alpha in ALPHAS:
        figure = live.at(alpha)
        assert figure.data[DOTS].marker.color == figure.data[LINE].line.color == theme.alpha_color(alpha)
        assert figure.layout.annotations[5].visible == (alpha > 0)


def test_without_a_hard_network_the_others_are_drawn(networks):
    some = {alpha: networks[alpha] for alpha in (0.1, 0.5)}
    live = drawn_diagram(some)
    assert not live.at(0.1).layout.annotations[4].visible and live.at(0.1).layout.annotations[5].visible
    assert len(drawn(live.at(0.5).data[DOTS].x))
    assert not any(drawn_trend(some).frames.layout["annotations[2].visible"])
    assert "hard" not in say.findings(some, WORDS)[1][0].lower()


def test_names_of_the_curves_hide_no_dot_of_their_own(networks):
    figure = drawn_diagram(networks).at(0.1)
    for note, alpha in ((figure.layout.annotations[4], 0.0), (figure.layout.annotations[5], 0.1)):
        diagram = networks[alpha].diagram()
        inside = (abs(diagram.confidence - note.x) < 0.12) & (abs(diagram.accuracy - note.y) < 0.03)
        assert not inside.any() and 0 < note.x < 1 and 0 < note.y < 1


def test_the_file_of_the_diagram_holds_every_bin_of_every_alpha(networks):
    table = drawn_diagram(networks).table
    rows = [row for row in zip(table["alpha"], table["count"], table["confidence"]) if row[0] == 0.1]
    diagram = networks[0.1].diagram()
    assert [row[1] for row in rows] == diagram.counts.tolist()
    assert [row[2] is None for row in rows] == (diagram.counts == 0).tolist()


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_trend_shows_gap_and_ece_of_every_network_and_rings_the_chosen_one(networks, alpha):
    live = drawn_trend(networks)
    figure = live.at(alpha)
    np.testing.assert_allclose(figure.data[GAP_DOTS].y, [100 * n.signed_gap for n in networks.values()])
    np.testing.assert_allclose(figure.data[ECE_DOTS].y, [100 * n.ece.ece for n in networks.values()])
    assert figure.data[GAP_RING].y[0] == pytest.approx(100 * networks[alpha].signed_gap)
    assert figure.data[ECE_RING].y[0] == pytest.approx(100 * networks[alpha].ece.ece)
    assert numbers.points(networks[alpha].signed_gap) in figure.data[GAP_RING].text[0]
    np.testing.assert_allclose(figure.data[FLOOR].y[1:-1], [100 * n.ece.floor.upper for n in networks.values()])
    assert live.overlay


def test_a_click_on_a_dot_of_either_panel_names_its_alpha(networks):
    figure = drawn_trend(networks).figure
    for trace in (GAP_DOTS, ECE_DOTS):
        assert figure.data[trace].meta == "select-alpha" and tuple(figure.data[trace].customdata) == ALPHAS


def test_whiskers_are_over_seeds_where_there_are_three_else_over_images(networks):
    pairs = ((0.08, 0.09), (0.10, 0.11), (0.11, 0.10))
    table = drawn_trend(networks, {0.0: pairs, 0.1: pairs[:2]}).table
    assert (table["signed_gap_low"][0], table["signed_gap_high"][0]) == pytest.approx(seed_interval([p[0] for p in pairs])[1:])
    assert (table["ece15_low"][0], table["ece15_high"][0]) == pytest.approx(seed_interval([p[1] for p in pairs])[1:])
    one = networks[0.1]
    assert (table["signed_gap_low"][1], table["signed_gap_high"][1]) == pytest.approx((one.gap_low, one.gap_high))
    assert table["networks"] == [3, 2, 1]


def test_the_headline_says_over_just_right_under_and_never_more_than_the_interval_allows(networks):
    heads, subs = say.findings(networks, WORDS)
    assert "over-confident" in heads[0] and heads[0].startswith("With :orange[hard targets]")
    assert "as far as these images tell" in heads[1] and networks[0.1].verdict == "right"
    assert ":violet[" in heads[2] and "under-confident" in heads[2] and "α* = 0.50" in heads[2]
    assert say.size_of_gap(networks[0.5].signed_gap) in heads[2]
    assert numbers.percent(networks[0.5].accuracy, 1) in subs[2] and say.size_of_gap(networks[0.0].signed_gap) in subs[2]
    calm = {0.0: networks[0.1], 0.1: networks[0.5]}
    assert "as these images tell" in say.findings(calm, WORDS)[0][0] and "as these images tell" in say.findings(calm, WORDS)[1][1]
    bent = dataclasses.replace(networks[0.1], ece=dataclasses.replace(networks[0.1].ece, ece=0.2))
    assert (
        f"**20.0 %**, more than chance gives ({numbers.percent(bent.ece.floor.upper, 1)})" in say.findings({0.1: bent}, WORDS)[0][0]
    )


def test_the_caption_is_silent_where_the_networks_do_not_bear_it_out(networks):
    assert "0.50" in say.caption(networks, WORDS)
    assert say.caption({0.0: networks[0.1], 0.1: networks[0.5]}, WORDS) == ""  # nothing to mend
    assert say.caption({0.0: networks[0.0], 0.1: networks[0.1]}, WORDS) == ""  # nothing overshoots
    assert say.caption({0.1: networks[0.1], 0.5: networks[0.5]}, WORDS) == ""  # no hard network
    risen = {0.0: networks[0.0], 0.1: networks[0.5], 0.5: networks[0.1]}
    assert say.caption(risen, WORDS) == ""  # the gap does not fall


def test_too_few_images_are_named_only_where_chance_exceeds_four_points(networks):
    small = assess(*(part[:150] for part in logits_and_labels(1500, 5, 1.0, 2)))
    assert small.ece.floor.upper > 0.04 and "150" in say.too_few(small, WORDS)
    large = assess(*logits_and_labels(20_000, 5, 1.0, 2))
    assert large.ece.floor.upper < 0.04 and say.too_few(large, WORDS) == ""


@pytest.fixture(scope="module")
def cooled(outputs, networks):
    found = {}
    for alpha, (logits, labels) in outputs.items():
        curve = temperature_curve(logits, labels, fit_temperature(*logits_and_labels(1500, 5, sharpness(alpha), 3)))
        found[alpha] = Scaled(networks[alpha], assess(logits, labels, curve.fitted), curve)
    return found


@pytest.mark.parametrize("alpha", ALPHAS)
def test_curves_over_t_and_the_fitted_dots_are_core_numbers(cooled, alpha):
    live = temperature_figure(cooled, 1.5, WORDS)
    figure, scaled = live.at(alpha), cooled[alpha]
    np.testing.assert_allclose(figure.data[2].y, 100 * scaled.curve.ece)
    np.testing.assert_allclose(figure.data[6].y, scaled.curve.nll)
    assert figure.data[3].x[0] == figure.data[7].x[0] == pytest.approx(scaled.curve.fitted)
    assert figure.data[3].y[0] == pytest.approx(100 * scaled.after.ece.ece)
    assert figure.data[7].y[0] == pytest.approx(scaled.after.nll)
    assert figure.layout.shapes[0].x0 == 1.5 and live.overlay
    low, high = figure.layout.yaxis2.range
    assert low < scaled.after.nll < high and low < scaled.before.nll < high  # valley and T = 1 are in sight


def test_the_table_sets_hard_beside_chosen_and_says_when_there_is_no_temperature(networks, cooled):
    hard, chosen = cooled[0.0], networks[0.5]
    rows = {row[0]: row[1:] for row in say.number_rows([(hard.before, hard.after, hard.curve.fitted), (chosen, None, None)], WORDS)}
    assert rows[WORDS["row_accuracy"]] == (numbers.percent(hard.before.accuracy, 1), numbers.percent(chosen.accuracy, 1))
    assert rows[WORDS["row_fitted"]] == (f"{hard.curve.fitted:.2f}", WORDS["none"])
    assert rows[WORDS["row_nll_after"]] == (f"{hard.after.nll:.3f}", WORDS["none"])
    assert hard.after.accuracy == hard.before.accuracy
    nowhere = dataclasses.replace(chosen, max_gap=float("nan"))
    assert {r[0]: r[1] for r in say.number_rows([(nowhere, None, None)], WORDS)}[WORDS["row_max_gap"]] == WORDS["none"]


def test_alternative_text_has_the_finding_of_every_stop(networks):
    for live in (drawn_diagram(networks), drawn_trend(networks)):
        assert len(live.alt) == len(ALPHAS)
        for text, network in zip(live.alt, networks.values()):
            assert numbers.points(network.signed_gap) in text and numbers.percent(network.ece.ece, 1) in text


def test_the_number_at_the_ring_stands_clear_of_the_line():
    from lsviz.figures.reliability_trend import _beside

    assert _beside([0.0, 0.3, 0.4, 0.5], [9, 4, 5, 8], 1.02) == ["top right", "top center", "top left", "top left"]
    assert _beside([0.0], [9], 1.02) == ["top right"]
    assert _beside([0.0, 0.95], [9, 1], 1.02)[1] == "top left"  # else it leaves the panel
