"""Inductive bias: bars add up to the expected loss, paired dots are the differences, over alpha and over size."""

from __future__ import annotations

import pytest

from lsviz.core.comparing.bias_variance import Decomposition
from lsviz.core.intervals import over_seeds
from lsviz.figures import numbers, theme
from lsviz.pages.bias.seeds_figures import decomposition_figure, findings, metric_table, paired_figure, sizes_figure
from lsviz.texts.catalogue import words

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
    heads, subs = findings(PARTS, {0.1: (-0.02, -0.03, -0.01), 0.3: (0.01, 0.005, 0.015)}, WORDS)
    assert heads[0] == WORDS["head_hard"].format(seeds=3, variance="0.050")
    assert "less" in heads[1] and "0.030" in heads[1] and "more" in heads[2]
    assert WORDS["rises"] in subs[1] and "0.260" in subs[1] and "−0.020 (−0.030 … −0.010, same images)" in subs[1]
    heads, _ = findings(PARTS, {0.1: (-0.02, -0.05, 0.01)}, WORDS)
    assert "as much" in heads[1]


def test_paired_differences_and_whether_they_hold_zero():
    differences = {0.1: (0.01, -0.01, 0.03), 0.3: (-0.02, -0.03, -0.01)}
    each = {0.1: (0.0, 0.02), 0.3: (-0.015, -0.025)}
    live = paired_figure(differences, each, "accuracy", WORDS)
    _, whiskers, dots, means = live.figure.data
    assert list(means.y) == pytest.approx([1, -2]) and [v for v in whiskers.y if v is not None] == pytest.approx([-1, 3, -3, -1])
    assert list(dots.y) == pytest.approx([0, 2, -1.5, -2.5])
    texts = [note.text for note in live.figure.layout.annotations[:2]]
    assert WORDS["zero"] in texts[0] and WORDS["not_zero"] in texts[1]
    assert numbers.points(0.01) in live.alt[0]


def test_over_sizes_every_pair_stands_side_by_side():
    parts = {(10, 0.0): PARTS[0.0], (10, 0.1): PARTS[0.1], (100, 0.0): PARTS[0.3]}
    live = sizes_figure(parts, {10: 450, 100: 4500}, "brier", WORDS)
    hard, _, soft, above = live.figure.data
    assert list(hard.x) == pytest.approx([-0.18, 0.82]) and list(soft.x) == pytest.approx([0.18])
    assert list(above.base) == [0.26] and list(above.y) == [0.03]
    assert list(live.figure.layout.xaxis.ticktext) == ["10 %<br>450", "100 %<br>4\u202f500"]
    assert "0.050 hard" in live.alt[0] and "0.030 smoothed" in live.alt[0]


def test_paired_over_sizes_names_the_alpha_and_the_images():
    live = paired_figure({10: (0.01, -0.01, 0.03)}, {10: (0.0, 0.01, 0.02)}, "accuracy", WORDS, alpha=0.1, images={10: 450})
    assert "α = 0.10" in live.figure.layout.title.text and "450" in live.figure.layout.xaxis.ticktext[0]
    assert (
        live.figure.data[3].marker.color == (theme.alpha_color(0.1),) and live.table["size"] == [10] and "10 %: +1.0" in live.alt[0]
    )


def test_the_table_is_mean_and_deviation_over_seeds():
    found = {"accuracy": (80, 82), "nll": (0.5, 0.6), "ece15": (10,)}
    table = (
        metric_table({0.0: {metric: over_seeds(values) for metric, values in found.items()}}, WORDS)
        .replace("\u00a0", " ")
        .splitlines()
    )
    assert table[2] == "| hard | 81.0 ± 1.4 | 0.550 ± 0.071 | 10.0 |"
