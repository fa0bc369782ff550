"""Measures over alpha, cosines between class means, collapse over epochs: what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.pages.embeddings.measure_figures import cloud_figure, collapse_figure, cosine_figure, measure_figure
from lsviz.texts.catalogue import words as catalogue

WORDS = catalogue("embeddings")


def test_a_measure_is_the_mean_over_seeds_with_every_seed_and_the_literature():
    values = {"train": {0.0: [0.4, 0.6], 0.1: [0.2]}, "test": {0.0: [1.0], 0.1: [0.5]}}
    live = measure_figure(values, "NC1", [("Zhou et al. 2025: <hard>", 0.4)], WORDS)
    train, seeds, test, *_ = live.figure.data
    np.testing.assert_allclose(train.y, [0.5, 0.2])
    np.testing.assert_allclose(test.y, [1.0, 0.5])
    assert sorted(seeds.y) == [0.4, 0.6]
    assert live.figure.data[-1].y == (0.4,) and "&lt;hard&gt;" in live.figure.data[-1].text[0]
    assert live.table["value"] == [0.4, 0.6, 0.2, 1.0, 0.5, 0.4] and "0.5 (0.00)" in live.alt[0]
    assert max(live.figure.data[-1].x) <= live.figure.layout.xaxis.range[1]


def test_without_literature_there_is_no_extra_trace():
    assert len(measure_figure({"test": {0.0: [1.0], 0.1: [0.5]}}, "NC1", [], WORDS).figure.data) == 2


@pytest.mark.parametrize("count", [3, 25])
def test_cosines_follow_alpha_and_leave_the_diagonal_blank(count):
    simplex = np.full((count, count), -1 / (count - 1)) + np.eye(count) * (1 + 1 / (count - 1))
    other = simplex * 0.5
    live = cosine_figure({0.0: other, 0.1: simplex}, [f"c{k}" for k in range(count)], WORDS)
    for alpha, given in ((0.0, other), (0.1, simplex)):
        z = np.array(live.at(alpha).data[0].z, dtype=float)
        off = ~np.eye(count, dtype=bool)
        np.testing.assert_allclose(z[off], given[off], atol=5e-4)
        assert np.isnan(np.diag(z)).all()
    assert "0.10" in live.at(0.1).layout.title.text and len(live.table["cosine"]) == 2 * count * count


def test_the_collapse_shows_both_networks_and_marks_the_epoch():
    curves = {"train": {0.0: [5.0, 1.0, 0.4], 0.1: [5.0, 0.5, 0.1]}, "test": {0.0: [5.0, 2.0, 1.2], 0.1: [5.0, 1.0, 0.7]}}
    live = collapse_figure([1, 4, 40], curves, 4, WORDS)
    assert "1.00 (hard), 0.50 (α = 0.10)" in live.figure.layout.title.text
    assert live.figure.data[-1].x == (4, 4) and live.table["nc1"][:3] == [5.0, 1.0, 0.4]
    low, high = live.figure.layout.yaxis.range
    assert low < np.log10(0.1) and high > np.log10(5)


def test_a_cloud_has_a_trace_a_class_and_escapes_names():
    live = cloud_figure(np.arange(18.0).reshape(6, 3), np.array([0, 1, 0, 1, 0, 1]), ["<b>", "y"], "title", "alt")
    assert [len(trace.x) for trace in live.figure.data] == [3, 3] and live.figure.data[0].name == "&lt;b&gt;"
    assert live.table["class"][:2] == ["<b>", "y"]
