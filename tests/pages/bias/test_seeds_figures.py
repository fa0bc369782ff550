"""Inductive bias: bars add up to the expected loss, paired dots are the differences, over alpha and over size."""

from __future__ import annotations

import pytest

from lsviz.core.comparing.agreement import Agreement
from lsviz.core.comparing.bias_variance import Decomposition
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import over_seeds
from lsviz.figures import numbers, theme
from lsviz.pages.bias.seeds_figures import (
    agreement_rows,
    decomposition_figure,
    findings,
    metric_table,
    paired_figure,
    sizes_figure,
)
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


def agreement(disagreement, change=None, variance=(0.02, 0.001)):
    """Seeds that answer so often differently; `change` is the interval of that, `variance` that of all else: ends as given."""
    values = {"disagreement": disagreement, "variance": 0.05, "matched": 0.03, "common": 0.2}
    ends = dict.fromkeys(values, variance) | {"disagreement": change}
    changes = {} if change is None else {n: Change(n, values[n], values[n], *ends[n]) for n in values}
    return Agreement(values, changes, 3)


@pytest.mark.parametrize(
    ("change", "key"), [((-0.02, 0.01), "equal"), ((-0.02, -0.01), "less"), ((0.01, 0.02), "more"), (None, "few")]
)
def test_the_headline_is_about_answers_and_says_no_more_than_the_interval(change, key):
    heads, subs = findings({0.0: agreement(0.114), 0.1: agreement(0.113, change, (-0.03, -0.01))}, 0.826, WORDS)
    assert heads[1] == WORDS[f"head_{key}"].format(alpha="0.10", disagreement="11.3 %", hard="11.4 %")
    assert "11.4 %" in heads[0] and "0.050" in subs[0] and "83 %" in subs[1]
    if change:
        assert subs[1].count(WORDS["moved_less"].format(first="0.050", second="0.050", low="−0.030", high="−0.010")) == 1


def test_the_table_of_agreement_marks_what_survives():
    found = {0.0: agreement(0.114), 0.1: agreement(0.113, (-0.02, 0.01), (0.001, 0.02))}
    rows = agreement_rows(found, {(0.1, "variance")}, "α", str, WORDS)
    hard, soft = ([cell.replace("\u00a0", " ") for cell in row.values()] for row in rows)
    assert hard == ["0.0", "11.4 %", "0.050", "0.030", "0.200"]
    assert soft[:3] == ["0.1", "11.3 % (0.0: −2.0 … +1.0)", "0.050 (+0.000: +0.001 … +0.020) ◆"]


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
