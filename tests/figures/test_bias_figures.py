"""Inductive bias: bars add up to the expected loss, paired dots are the differences, curves are the histories."""

from __future__ import annotations

import pytest

from lsviz.core.ensembles import Decomposition
from lsviz.figures import theme
from lsviz.figures.bias import NoisyRun, decomposition_figure, findings, noise_figure, paired_figure
from lsviz.ui.texts import words

WORDS = words("bias")
PARTS = {0.0: Decomposition(0.30, 0.25, 0.05, 3), 0.1: Decomposition(0.29, 0.26, 0.03, 3), 0.3: Decomposition(0.36, 0.30, 0.06, 3)}


@pytest.mark.parametrize("which", ["brier", "nll"])
def test_bias_and_variance_are_stacked(which):
    live = decomposition_figure(PARTS, which, WORDS)
    bias, variance, _ = live.figure.data
    assert list(bias.y) == [0.25, 0.26, 0.30] and list(variance.y) == [0.05, 0.03, 0.06] and list(variance.base) == list(bias.y)
    assert live.figure.layout.barmode == "overlay" and live.overlay
    for alpha, part in PARTS.items():
        figure = live.at(alpha)
        assert figure.data[2].y[0] == pytest.approx(part.expected)
        assert f"{part.bias:.3f}" in figure.layout.title.text and f"{part.variance:.3f}" in figure.layout.title.text


def test_the_headline_says_which_way_it_goes():
    heads, subs = findings(PARTS, WORDS)
    assert heads[0] == WORDS["head_hard"].format(seeds=3, variance="0.050")
    assert "less" in heads[1] and "0.030" in heads[1] and "more" in heads[2]
    assert WORDS["rises"] in subs[1] and "0.260" in subs[1]


def test_paired_differences_and_whether_they_hold_zero():
    differences = {0.1: (0.01, -0.01, 0.03), 0.3: (-0.02, -0.03, -0.01)}
    each = {0.1: (0.0, 0.02), 0.3: (-0.015, -0.025)}
    live = paired_figure(differences, each, "accuracy", WORDS)
    _, whiskers, dots, means = live.figure.data
    assert list(means.y) == pytest.approx([1, -2]) and [v for v in whiskers.y if v is not None] == pytest.approx([-1, 3, -3, -1])
    assert list(dots.y) == pytest.approx([0, 2, -1.5, -2.5])
    texts = [note.text for note in live.figure.layout.annotations[:2]]
    assert WORDS["zero"] in texts[0] and WORDS["not_zero"] in texts[1]
    assert theme.points(0.01) in live.alt[0]


def test_noise_runs_are_their_histories():
    runs = [NoisyRun(0.0, 0.4, (0.5, 0.7, 0.6), (0.1, 0.2, 0.9)), NoisyRun(0.1, 0.4, (0.5, 0.7, 0.65), (0.1, 0.1, 0.5))]
    live = noise_figure(runs, "memorised", WORDS)
    assert [list(trace.y) for trace in live.figure.data] == [pytest.approx([10, 20, 90]), pytest.approx([10, 10, 50])]
    assert live.figure.data[0].line.color == theme.HARD
    assert any("90.0 %" in note.text for note in live.figure.layout.annotations) and live.table["memorised"][:3] == [0.1, 0.2, 0.9]
