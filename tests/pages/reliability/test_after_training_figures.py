"""The U-curve, the remedies and the estimators: what is drawn is what was measured, and titles follow alpha."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration.after_training import BIN_COUNTS, ece_estimates
from lsviz.core.comparing.changes import Change
from lsviz.figures import numbers, theme
from lsviz.pages.reliability.after_training_figures import (
    REMEDIES,
    Curve,
    Remedied,
    estimator_figure,
    remedies_figure,
    remedies_in_words,
    u_curve_figure,
)
from lsviz.texts.catalogue import words

WORDS = words("reliability")
CURVES = {
    5: Curve("N = 5", {0.0: 0.14, 0.1: 0.05, 0.3: 0.13}, {0.0: (0.14,), 0.1: (0.05,), 0.3: (0.13,)}),
    10: Curve("N = 10", {0.0: 0.10, 0.1: 0.04, 0.3: 0.18}, {0.0: (0.09, 0.11), 0.1: (0.04,), 0.3: (0.18,)}),
}


def test_the_ring_stands_at_the_least_ece_and_seeds_are_all_shown():
    literature = [Curve("paper", {0.0: 0.15, 0.05: 0.024}, {}, is_ours=False)]
    live = u_curve_figure(CURVES, 10, {0.0: 0.0, 0.1: 0.01, 0.3: 0.1}, literature, WORDS)
    rings = [trace for trace in live.figure.data if trace.mode == "markers" and trace.marker.symbol is None]
    (ring,) = rings
    assert ring.x[0] == pytest.approx(theme.alpha_position(0.1)) and ring.y[0] == pytest.approx(4)
    (dashes,) = [trace for trace in live.figure.data if trace.mode == "markers" and trace.marker.symbol == "line-ew"]
    assert list(dashes.y) == pytest.approx([9, 11])
    (bound,) = [trace for trace in live.figure.data if trace.line.dash == "dot"]
    assert (bound.y[0], bound.y[-1]) == pytest.approx((1, 10))
    (paper,) = [trace for trace in live.figure.data if trace.line.dash == "dash"]
    assert list(paper.y) == pytest.approx([15, 2.4])
    assert "0.10" in live.figure.layout.title.text and "N = 5: least at 0.10" in live.alt[0]
    assert live.table["networks"][:6] == [1, 1, 1, 2, 1, 1]


def test_without_a_positive_bound_no_line_is_drawn():
    live = u_curve_figure(CURVES, 5, {0.0: 0.0, 0.1: 0.0}, [], WORDS)
    assert not [trace for trace in live.figure.data if trace.line.dash == "dot"]


def test_remedies_move_with_alpha():
    networks = {
        alpha: Remedied({k: base + i / 100 for i, k in enumerate(REMEDIES)}, dict.fromkeys(REMEDIES, 1.0), 0.25, {})
        for alpha, base in ((0.0, 0.1), (0.2, 0.05))
    }
    live = remedies_figure(networks, WORDS)
    assert live.overlay
    for alpha, one in networks.items():
        figure = live.at(alpha)
        assert list(figure.data[-1].y) == pytest.approx([100 * one.ece[kind] for kind in REMEDIES])
        assert all(numbers.percent(one.ece[kind], 1) in figure.layout.title.text for kind in REMEDIES if kind != "temperature_ece")
    assert "25 %" in live.alt[0] and live.table["ece15_temperature"] == [0.11, pytest.approx(0.06)]


@pytest.mark.parametrize(("low", "high", "key"), [(0.025, 0.042, "more"), (-0.04, -0.02, "less"), (-0.01, 0.02, "equal")])
def test_what_is_said_of_a_remedy_is_what_its_interval_bears_out(low, high, key):
    change = Change("any", 0.011, 0.041, low, high)
    one = Remedied({}, {}, 0.0, dict.fromkeys(("temperature", "temperature_ece", "claims"), change))
    said = remedies_in_words(0.3, one, WORDS)
    ends = f"{numbers.points(low)} … {numbers.points(high)}"
    assert said.count(WORDS[f"remedy_{key}"].format(ends=ends)) == 3 and "4.1 %" in said and "1.1 %" in said


def test_estimators_draw_every_way_of_counting():
    rng = np.random.default_rng(0)
    made = {}
    for alpha in (0.0, 0.3):
        c = rng.random(300)
        made[alpha] = ece_estimates(c, rng.random(300) < c**2)
    live = estimator_figure(made, WORDS)
    for alpha, one in made.items():
        moved = live.at(alpha).data[3:]
        for trace, kind in zip(moved, ("right_closed", "left_closed", "mass")):
            assert list(trace.y) == pytest.approx(100 * getattr(one, kind)) and list(trace.x) == list(BIN_COUNTS)
        low, high = one.range
        assert (
            numbers.percent(low, 1) in live.at(alpha).layout.title.text
            and numbers.percent(high, 1) in live.at(alpha).layout.title.text
        )
    assert live.overlay
