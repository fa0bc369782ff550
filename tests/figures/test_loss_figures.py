"""Numbers in the Loss figures against core, hand-made networks and the tabulated closed forms."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
import pytest

from lsviz.core import smoothing
from lsviz.figures import loss as draw
from lsviz.figures import training_curves
from lsviz.figures.theme import HARD, alpha_color
from lsviz.figures.training_curves import Course
from lsviz.pages.loss import findings
from lsviz.pages.loss.triangle_figure import LEVELS, PANELS, on_triangle, simplex_figure
from lsviz.state import closed_form_stops
from lsviz.texts.catalogue import words

STOPS = closed_form_stops()
WORDS: Mapping[str, str] = words("loss")
NAMES = ("beaver", "dolphin", "otter")


def numbers(values) -> np.ndarray:
    """Plotly's values, packed or not, with None as NaN."""
    if isinstance(values, Mapping):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).astype(float)
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def texts(figure) -> str:
    return " ".join(str(t) for trace in figure.data if trace.text is not None for t in np.atleast_1d(trace.text)) + " ".join(
        note.text for note in figure.layout.annotations
    )


def course(alpha: float, margin: float, num_classes: int = 10, epochs: int = 4) -> Course:
    """A network that learns evenly: train loss = its floor + 1/epoch."""
    epoch = np.arange(1, epochs + 1)
    floor = smoothing.loss_floor(num_classes, alpha)
    history = {
        "epoch": epoch, "margin": margin * epoch / epochs, "train_loss": floor + 1 / epoch, "train_nll": 1 / epoch,
        "validation_nll": 2 / epoch, "train_accuracy": 1 - 0.5 / epoch, "validation_accuracy": 0.8 - 0.5 / epoch,
    }  # fmt: skip
    return Course(num_classes, alpha, margin, history)


THREE = (course(0.0, 14.0), course(0.1, 4.66), course(0.3, 3.2))


# ---- closed forms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_classes", [2, 10, 1000])
def test_every_theory_figure_moves_on_the_canvas_and_says_something_at_every_stop(num_classes):
    for build in (draw.loss_figure, draw.descent_figure, draw.force_figure, draw.probability_figure):
        live = build(STOPS, num_classes, WORDS)
        assert live.overlay
        assert len(live.alt) == len(STOPS) == len(set(live.alt))
        assert len({len(column) for column in live.table.values()}) == 1


def test_the_loss_over_the_gap_is_the_tabulated_one_and_its_dot_is_the_least():
    live = draw.loss_figure(STOPS, 10, WORDS)
    figure = live.at(0.1)
    hard, soft = figure.data[1], figure.data[2]
    assert hard.line.color == HARD and soft.line.color == alpha_color(0.1)
    for gap, expected_hard, expected in [
        (0, 2.302585, 2.302585),
        (2, 0.796614, 0.976614),
        (6, 0.022064, 0.562064),
        (10, 0.000409, 0.900409),
    ]:
        np.testing.assert_allclose(
            np.interp(gap, numbers(hard.x), numbers(hard.y)), expected_hard, atol=5e-3
        )  # between two of 61 points
        np.testing.assert_allclose(np.interp(gap, numbers(soft.x), numbers(soft.y)), expected, atol=5e-3)
    dot = figure.data[-1]
    np.testing.assert_allclose([dot.x[0], dot.y[0]], [4.510860, 0.500288], atol=1e-6)
    assert dot.y[0] <= numbers(soft.y).min()
    assert "4.51" in texts(figure) and "0.50" in texts(figure)
    assert "4.51" in live.alt[STOPS.index(0.1)] and "0.500" in live.alt[STOPS.index(0.1)]


def test_hard_targets_have_no_dot_and_no_number():
    for build in (draw.loss_figure, draw.force_figure, draw.probability_figure):
        figure = build(STOPS, 10, WORDS).at(0)
        assert np.isnan(numbers(figure.data[-1].y)).all()
    assert "stops at" not in texts(draw.descent_figure(STOPS, 10, WORDS).at(0))


def test_the_dot_runs_on_the_thin_line_of_least_losses():
    live = draw.loss_figure(STOPS, 10, WORDS)
    trail = live.figure.data[0]
    order = np.argsort(trail.x)
    for alpha in (0.02, 0.1, 0.5, 0.9):
        dot = live.at(alpha).data[-1]
        assert np.interp(dot.x[0], np.asarray(trail.x)[order], np.asarray(trail.y)[order]) == pytest.approx(dot.y[0], abs=5e-3)


def test_descent_ends_where_ten_thousand_written_out_steps_end_and_on_the_closed_form():
    live = draw.descent_figure(STOPS, 5, WORDS)
    for alpha, ends in [(0, 10.819401), (0.1, 3.828641), (0.3, 2.538974)]:
        figure = live.at(alpha)
        assert numbers(figure.data[2].y)[-1] == pytest.approx(ends, abs=1e-5)
        assert numbers(figure.data[1].y)[-1] == pytest.approx(10.819401, abs=1e-5)
    assert numbers(live.at(0.1).data[0].y) == pytest.approx([3.828641] * 2, abs=1e-6)
    steps = np.asarray(live.figure.data[1].customdata)
    assert steps[0] == 1 and steps[-1] == 10_000 and (np.diff(steps) > 0).all()
    assert np.diff(numbers(live.at(0).data[2].y)).min() > 0


def test_force_is_minus_the_slope_of_the_drawn_loss_and_ends_at_the_pull_it_names():
    live = draw.force_figure(STOPS, 10, WORDS)
    figure = live.at(0.1)
    x = numbers(figure.data[1].x)
    slope = (smoothing.loss_at_margin(x + 1e-5, 10, 0.1) - smoothing.loss_at_margin(x - 1e-5, 10, 0.1)) / 2e-5
    np.testing.assert_allclose(numbers(figure.data[1].y), -slope, atol=1e-8)
    assert numbers(figure.data[1].y)[-1] == pytest.approx(-0.09, abs=2e-4)
    assert "<b>0.09</b>" in texts(figure)
    assert numbers(figure.data[0].y).min() > 0  # hard: never below 0


def test_loss_over_probability_is_cross_entropy_with_the_rest_shared_and_least_at_the_target():
    figure = draw.probability_figure(STOPS, 10, WORDS).at(0.1)
    p = numbers(figure.data[1].x)
    np.testing.assert_allclose(numbers(figure.data[0].y), -np.log(p), atol=1e-9)
    np.testing.assert_allclose(numbers(figure.data[1].y), -0.91 * np.log(p) - 0.09 * np.log((1 - p) / 9), atol=1e-7)
    assert figure.data[-1].x[0] == pytest.approx(0.91)
    assert "91 %" in texts(figure)


def test_moving_marks_stay_inside_the_axes_in_single_precision():
    for num_classes in (2, 10, 1000):
        for build in (draw.loss_figure, draw.descent_figure, draw.force_figure):
            live = build(STOPS, num_classes, WORDS)
            low, high = live.figure.layout.xaxis.range
            for move in live.frames.moves:
                if move.attr == "x":
                    values = np.asarray(move.values).astype("f4")
                    assert np.nanmin(values) >= low and np.nanmax(values) <= high


# ---- the triangle ---------------------------------------------------------------------------------------------------


def test_the_triangle_marks_the_target_and_draws_lines_of_equal_loss():
    live = simplex_figure(STOPS, NAMES, WORDS)
    assert live.overlay
    figure = live.at(0.1)
    per_panel = len(figure.data) // len(PANELS)
    smooth = figure.data[per_panel + 3]
    np.testing.assert_allclose([smooth.x[0], smooth.y[0]], on_triangle(np.array([0.9333333, 0.0333333, 0.0333333])), atol=1e-6)
    hard_lines = numbers(figure.data[2].y)
    heights = np.unique(np.round(hard_lines[~np.isnan(hard_lines)], 6))
    np.testing.assert_allclose(heights, np.sort(np.exp(-np.array(LEVELS)) * np.sqrt(3) / 2), atol=1e-5)
    assert "93.3 %" in texts(figure) and "&gt;" not in live.alt[1]
    assert np.asarray(live.table["best_probability_smoothed"])[STOPS.index(0.1)] == pytest.approx(1 - 0.1 + 0.1 / 3)
    assert "100 %" not in texts(live.at(0.005))  # the penalty's optimum is 1 in double precision, not in truth


def test_names_on_the_triangle_are_shown_as_typed():
    figure = simplex_figure(STOPS[:2], ("<b>x</b>", "a", "b"), WORDS).figure
    assert any("&lt;b&gt;x" in note.text for note in figure.layout.annotations)


# ---- networks -------------------------------------------------------------------------------------------------------


def test_excess_is_the_training_loss_less_the_floor_and_the_same_for_networks_that_learnt_the_same():
    for one in THREE:
        raw, excess = training_curves.panel_values(one, "excess")
        np.testing.assert_allclose(excess, 1 / one.epochs)
        assert raw[-1] == pytest.approx(smoothing.loss_floor(10, one.alpha) + 0.25)


@pytest.mark.parametrize(("asked", "shown"), [(0, 0.0), (0.005, 0.0), (0.1, 0.1), (0.14, 0.1), (1.0, 0.3)])
def test_every_stop_shows_the_nearest_network(asked, shown):
    one = THREE[training_curves.nearest_course(THREE, asked)]
    assert one.alpha == shown
    figure = training_curves.margin_course_figure(STOPS, THREE, WORDS).at(asked)
    np.testing.assert_allclose(numbers(figure.data[-1].y), one.history["margin"])
    assert figure.data[-1].line.color == alpha_color(shown)
    assert f"{one.margin:.2f}" in figure.layout.title.text


def test_the_plateau_is_dashed_where_there_is_one():
    live = training_curves.margin_course_figure(STOPS, THREE, WORDS)
    dashed = next(i for i, trace in enumerate(live.figure.data) if trace.line.dash)
    np.testing.assert_allclose(live.at(0.1).data[dashed].y, [4.510860] * 2, atol=1e-6)
    assert np.isnan(numbers(live.at(0).data[dashed].y)).all()
    assert live.overlay


def test_dots_lie_at_their_measured_gap_over_alpha_with_every_n_on_its_own_line():
    everyone = (*THREE, course(0.1, 3.9, 5), course(0.0, 12.0, 5))
    live = training_curves.plateau_figure(STOPS, everyone, 10, WORDS)
    assert live.overlay
    dots = [t for t in live.figure.data if t.mode == "markers"]
    assert [len(t.x) for t in dots] == [2, 3]  # this N on top
    np.testing.assert_allclose(dots[1].x, np.sqrt([0, 0.1, 0.3]))
    np.testing.assert_allclose(dots[1].y, [14.0, 4.66, 3.2])
    assert list(dots[1].marker.symbol) == ["circle-open", "circle", "circle"]
    line = live.figure.data[2]
    np.testing.assert_allclose(np.interp(np.sqrt(0.1), line.x, numbers(line.y)), 4.510860, atol=0.02)
    selected = live.at(0.1).data[-1]
    assert (selected.x[0], selected.y[0]) == pytest.approx((np.sqrt(0.1), 4.66))
    assert live.table["optimal_logit_margin"][0] == float("inf")


@pytest.mark.parametrize("curve", training_curves.CURVES)
def test_both_panels_hold_the_nearest_network_and_the_hard_one(curve):
    live = training_curves.curves_figure(STOPS, THREE, curve, WORDS)
    assert live.overlay
    figure = live.at(0.1)
    for axis, side in (("x", 0), ("x2", 1)):
        lines = [t for t in figure.data if t.mode == "lines" and (t.xaxis or "x") == axis]
        thick, hard = next(t for t in lines if t.line.width == 3), next(t for t in lines if t.line.width == 2)
        np.testing.assert_allclose(numbers(thick.y), training_curves.panel_values(THREE[1], curve)[side])
        np.testing.assert_allclose(numbers(hard.y), training_curves.panel_values(THREE[0], curve)[side])
        labels = next(t for t in figure.data if t.mode == "text" and (t.xaxis or "x") == axis)
        low, high = figure.layout.yaxis.range
        assert abs(labels.y[1] - labels.y[0]) >= 0.0899 * (high - low)  # not one on the other
    assert len({len(column) for column in live.table.values()}) == 1


def test_networks_without_a_hard_one_or_alone_are_drawn_too():
    for some in (THREE[1:], THREE[:1]):
        for build in (
            lambda c: training_curves.margin_course_figure(STOPS, c, WORDS),
            lambda c: training_curves.plateau_figure(STOPS, c, 10, WORDS),
            lambda c: training_curves.curves_figure(STOPS, c, "nll", WORDS),
        ):
            assert len(build(some).alt) == len(STOPS)


# ---- words ----------------------------------------------------------------------------------------------------------


def test_the_headline_names_the_gap_at_every_stop():
    heads, subs = findings.findings(STOPS, 10, WORDS)
    assert "4.51" in heads[STOPS.index(0.1)] and "0.50" in subs[STOPS.index(0.1)] and "0.09" in subs[STOPS.index(0.1)]
    assert "none" not in heads[0] and "11.51" in subs[0]
    assert ":blue[0]" in heads[-1] and "2.30" in subs[-1]
    assert not any("{" in text or "inf" in text for text in heads + subs)


def test_the_trap_is_told_with_the_numbers_of_the_network_shown():
    told = findings.trap(THREE, 10, 0.1, WORDS)
    assert "**0.75**" in told and "0.50" in told and "**0.25** against 0.25" in told  # floor .50 + .25 against hard .25
    assert "1.80 at this α and 2.30 at α = 0" in told  # what a uniform answer exceeds the floor by
    assert "0.25" in findings.trap(THREE, 10, 0.0, WORDS)
    alone = findings.trap((), 10, 0.2, WORDS)
    assert "0.87" in alone and "0.20" in alone
