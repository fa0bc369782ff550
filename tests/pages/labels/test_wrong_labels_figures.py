"""Wrong labels: cells, dots and curves are what was measured; the closed forms meet their known points."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.figures import numbers, theme
from lsviz.pages.labels.noise_identity_figures import corrections_figure, identity_figure
from lsviz.pages.labels.wrong_labels_figures import NEGATIVE, Cell, NoisyRun, flips_figure, noise_figure, noise_map_figure
from lsviz.texts.catalogue import words

WORDS = words("bias")
CELLS = {
    (0.2, 0.0): Cell(0.70, 1, 0.5), (0.2, 0.1): Cell(0.73, 2, 0.5, (0.03, 0.01, 0.05), True), (0.2, -0.4): Cell(0.69, 1, 0.5, (-0.01, -0.03, 0.01)),
    (0.4, 0.0): Cell(0.60, 1, 0.5), (0.4, 0.1): Cell(0.58, 1, 0.5, (-0.02, -0.04, 0.0)),
}  # fmt: skip


def test_the_map_holds_every_cell_and_leaves_out_what_is_missing():
    live = noise_map_figure(CELLS, WORDS)
    (trace,) = live.figure.data
    assert list(trace.x) == ["−.4", "hard", ".1"] and list(trace.y) == ["20 %", "40 %"]
    assert trace.z[0] == pytest.approx((-1, 0, 3)) and trace.z[1][0] is None and trace.z[1][2] == pytest.approx(-2)
    assert trace.text[0][2] == "73.0<br><b>+3.0</b>" and trace.text[0][0] == "69.0<br>−1.0" and trace.text[1][2] == "58.0<br>−2.0"
    assert trace.zmin == -trace.zmax == pytest.approx(-3)
    assert "20 % wrong, α = 0.10: 73.0 %, +3.0 points against hard (+1.0 … +5.0)" in live.alt[0]
    assert live.table["difference"][live.table["alpha"].index(0.0)] is None


def test_flipped_images_given_open_and_true_filled():
    runs = [
        NoisyRun(0.0, 0.4, (), (), 0.55, 0.43, 0.22, 1860),
        NoisyRun(-0.4, 0.4, (), (), 0.1, 0.2, 0.6, 1860),
        NoisyRun(0.1, 0.4, (), ()),
    ]
    live = flips_figure(runs, WORDS)
    _, given, true = live.figure.data
    assert list(given.x) == pytest.approx([43, 20]) and list(true.x) == pytest.approx(
        [22, 60]
    )  # from below: hard, then negative on top
    assert true.marker.color == (theme.HARD, NEGATIVE) and "55 %" in live.figure.layout.annotations[0].text
    assert live.table["flipped"] == [1860, 1860]


def test_noise_runs_are_their_histories():
    runs = [NoisyRun(0.0, 0.4, (0.5, 0.7, 0.6), (0.1, 0.2, 0.9)), NoisyRun(0.1, 0.4, (0.5, 0.7, 0.65), (0.1, 0.1, 0.5))]
    live = noise_figure(runs, "memorised", WORDS)
    assert [list(trace.y) for trace in live.figure.data] == [pytest.approx([10, 20, 90]), pytest.approx([10, 10, 50])]
    assert live.figure.data[0].line.color == theme.HARD
    assert any("90.0 %" in note.text for note in live.figure.layout.annotations) and live.table["memorised"][:3] == [0.1, 0.2, 0.9]


@pytest.mark.parametrize(("count", "alpha", "rate"), [(5, 0.1, 0.08), (10, 0.2, 0.18), (10, 0.5, 0.45)])
def test_noise_and_smoothing_are_one_line(count, alpha, rate):
    live = identity_figure((0.0, alpha, 0.9, 0.95), count, (0.2, 0.4), WORDS)
    assert live.overlay and live.frames.stops[-1] == 0.9
    figure = live.at(alpha)
    assert figure.data[3].x[0] == pytest.approx(100 * rate) and figure.data[3].y[0] == alpha
    assert figure.data[4].y[0] == pytest.approx(-alpha / (1 - alpha))
    assert figure.data[2].y[:2] == pytest.approx([0.2 * count / (count - 1), 0.4 * count / (count - 1)])
    assert numbers.percent(rate, 1) in figure.layout.title.text
    assert np.isnan(live.at(0.9).data[4].y[0])  # r = -9 is off the picture


def test_a_flip_rate_beyond_chance_is_left_out():
    live = identity_figure((0.0, 0.1), 2, (0.2, 0.4, 0.6), WORDS)
    assert list(live.figure.data[2].x) == pytest.approx([20, 40, 20])  # backward: r = -2/3 at .2, -4 (off the picture) at .4


def test_the_three_losses_start_as_one_and_end_apart():
    live = corrections_figure((0.0, 0.1, 0.5), 10, WORDS)
    assert live.overlay
    for trace in live.at(0.0).data[1:]:
        assert trace.y == pytest.approx(live.figure.data[0].y)
    smoothed, forward, backward = live.at(0.1).data[1:]
    assert forward.y[-1] == pytest.approx(-np.log(0.91), abs=1e-4) and smoothed.y[-1] > smoothed.y[-8] and backward.y[-1] < 0
    assert min(smoothed.y) == pytest.approx(0.500288, abs=2e-3)  # the floor of N = 10, alpha = .1
