"""The cluster panels and the dumbbell: points, ranges, names and ratios are the numbers given."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.figures import embeddings, theme
from lsviz.figures.embeddings import Picture, cluster_figure, tightness_figure
from lsviz.ui.texts import words

WORDS = words("embeddings")


def picture(alpha: float, classes: int, each: int, seed: int = 0, corners: bool = False) -> Picture:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    points = rng.normal(size=(classes * each, 2)) / (1 + alpha) + rng.normal(size=(classes, 2))[labels] * 5
    names = [f"c{k}" for k in labels]
    return Picture(alpha, points, labels, names, np.arange(len(labels), dtype=np.int32), np.eye(3)[:, :2] * 4 if corners else None)


def drawn(live, alpha, classes):
    figure = live.at(alpha)
    return [np.stack([trace.x, trace.y], axis=1) for trace in figure.data[:classes]], figure


def test_points_are_those_of_the_alpha():
    pictures = [picture(a, 3, 40, corners=True) for a in (0.0, 0.1)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS)
    for p in pictures:
        groups, figure = drawn(live, p.alpha, 3)
        for k in range(3):
            np.testing.assert_allclose(groups[k], p.points[p.labels == k])
        low, high = figure.layout.xaxis.range
        assert low < p.points[:, 0].min() and high > p.points[:, 0].max()
        np.testing.assert_allclose(np.stack([figure.data[3].x, figure.data[3].y], 1)[:3], p.corners)


def test_the_overlay_can_draw_it_and_the_payload_is_small():
    pictures = [picture(a, 10, 100) for a in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)]
    live = cluster_figure(pictures, [f"c{k}" for k in range(10)], list(range(10)), WORDS)
    assert live.overlay
    assert sum(len(str(v)) for v in live.payload.values()) < 300_000


def test_pinned_panel_never_moves_and_is_named_hard():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 0.1)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS, pinned=True)
    assert live.frames is None and WORDS["panel_hard"] in live.figure.layout.title.text


def test_same_scale_gives_both_panels_one_radius():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 5.0)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS, same_scale=True)
    widths = [np.diff(live.at(a).layout.xaxis.range)[0] for a in (0.0, 5.0)]
    assert widths[0] == pytest.approx(widths[1])


def test_beyond_ten_classes_the_rest_is_one_grey_cloud():
    live = cluster_figure([picture(a, 20, 15) for a in (0.0, 0.1)], [f"c{k}" for k in range(20)], list(range(20)), WORDS)
    assert len(live.figure.data) == 11
    assert live.figure.data[0].marker.color == theme.CONTEXT and len(live.figure.data[0].x) == 150


def test_names_do_not_cover_each_other():
    places = embeddings._apart([(0, 0), (0.01, 0.02), (0.02, 0.01), (5, 0)], [0.2] * 4, 0.1)
    for i, (x, y) in enumerate(places):
        for u, v in places[:i]:
            assert abs(x - u) >= 0.4 or abs(y - v) >= 0.1
    assert places[0] == (0, 0) and places[3] == (5, 0)


def test_names_from_outside_are_shown_as_typed():
    live = cluster_figure([picture(a, 3, 5, corners=True) for a in (0.0, 0.1)], ["<b>", "b", "c"], [0, 1, 2], WORDS)
    assert "&lt;b&gt;" in live.figure.layout.annotations[0].text


def test_scale_bar_has_its_length():
    live = cluster_figure([picture(a, 3, 20, corners=True) for a in (0.0, 0.1)], ["a", "b", "c"], [0, 1, 2], WORDS)
    figure = live.at(0.1)
    length = figure.data[4].x[1] - figure.data[4].x[0]
    assert figure.layout.annotations[3].text == WORDS["units"].format(length=f"{length:g}")


def test_tightness_is_relative_to_hard():
    live = tightness_figure([0.0, 0.1], {"plane_train": (0.2, 0.1), "nc1_train": (1.0, 2.0)}, WORDS)
    figure = live.at(0.1)
    np.testing.assert_allclose(figure.data[3].x, [0.5, 2.0])
    assert theme.ratio(0.5) in figure.data[3].text[0] and theme.ratio(2.0) in figure.data[3].text[1]
    assert live.overlay and theme.ratio(0.5) in live.alt[1]
