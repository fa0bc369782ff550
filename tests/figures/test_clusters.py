"""The cluster panels and the dumbbell: points, ranges, names and ratios are the numbers given."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.geometry import scatter_ratio
from lsviz.core.picture import Picture
from lsviz.figures import numbers, theme
from lsviz.figures.cluster_names import above_clusters, apart, beyond_clouds
from lsviz.figures.clusters import cluster_figure
from lsviz.pages.embeddings.tightness_figure import tightness_figure
from lsviz.texts.catalogue import words

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


def test_a_thinned_picture_keeps_each_image_whole_and_every_class():
    whole = picture(0.1, 10, 100)
    some = whole.thinned(150)
    assert len(some.points) == 150 and some.corners is None and some.confidence is None
    for i, image in enumerate(some.index):
        np.testing.assert_array_equal(some.points[i], whole.points[image])
        assert (some.labels[i], some.predicted[i]) == (whole.labels[image], whole.predicted[image])
    assert np.bincount(some.labels).min() == 15
    np.testing.assert_array_equal(whole.thinned(5000).points, whole.points)


def test_the_overlay_can_draw_it_and_the_payload_is_small():
    pictures = [picture(a, 10, 100) for a in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)]
    live = cluster_figure(pictures, [f"c{k}" for k in range(10)], list(range(10)), WORDS)
    assert live.overlay
    assert sum(len(str(v)) for v in live.payload().values()) < 300_000


def test_pinned_panel_never_moves_and_is_named_hard():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 0.1)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS, pinned=True)
    title = live.figure.layout.annotations[-1]
    assert live.frames is None and WORDS["panel_hard"] in title.text and title.font.color == theme.token("hard")


def test_the_moving_panel_is_named_in_the_colour_of_its_alpha():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 0.1)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS)
    names = [live.at(a).layout.annotations[-1] for a in (0.0, 0.1)]
    assert [name.font.color for name in names] == [theme.token("hard"), theme.token("soft")]
    assert WORDS["panel_hard"] in names[0].text and "0.10" in names[1].text
    assert live.overlay


def test_same_scale_gives_both_panels_one_radius():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 5.0)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS, fixed=True)
    widths = [np.diff(live.at(a).layout.xaxis.range)[0] for a in (0.0, 5.0)]
    assert widths[0] == pytest.approx(widths[1])


def test_classes_can_be_drawn_equally_far_apart():
    pictures = [picture(a, 3, 20, corners=True) for a in (0.0, 5.0)]
    live = cluster_figure(pictures, ["a", "b", "c"], [0, 1, 2], WORDS, by_classes=True)
    width = {one.alpha: np.diff(live.at(one.alpha).layout.xaxis.range)[0] for one in pictures}
    assert width[0.0] / pictures[0].apart == pytest.approx(width[5.0] / pictures[1].apart)
    means = np.stack([pictures[0].points[pictures[0].labels == k].mean(axis=0) for k in range(3)])
    assert pictures[0].apart == pytest.approx(np.sqrt(np.mean([np.sum((m - means.mean(axis=0)) ** 2) for m in means])))


def test_the_second_ten_classes_are_open_rings_of_the_same_colours():
    live = cluster_figure([picture(a, 20, 15) for a in (0.0, 0.1)], [f"c{k}" for k in range(20)], list(range(20)), WORDS)
    marks = [trace.marker for trace in live.figure.data]
    assert len(marks) == 20 and live.overlay
    for k in range(10):
        assert marks[k].color == marks[k + 10].color and marks[k].symbol is None and marks[k + 10].symbol == "circle-open"


def test_beyond_twenty_classes_the_rest_is_one_grey_cloud():
    live = cluster_figure([picture(a, 25, 12) for a in (0.0, 0.1)], [f"c{k}" for k in range(25)], list(range(25)), WORDS)
    assert len(live.figure.data) == 11
    assert live.figure.data[0].marker.color == theme.CONTEXT and len(live.figure.data[0].x) == 180


def test_names_do_not_cover_each_other():
    places = apart([(0, 0), (0.01, 0.02), (0.02, 0.01), (5, 0)], [0.2] * 4, 0.1)
    for i, (x, y) in enumerate(places):
        for u, v in places[:i]:
            assert abs(x - u) >= 0.4 or abs(y - v) >= 0.1
    assert places[0] == (0, 0) and places[3] == (5, 0)


def test_a_name_that_would_stand_astray_is_left_out_at_every_stop():
    rng = np.random.default_rng(0)
    heap = [[rng.normal(0, 0.01, (30, 2)) for _ in range(9)] for _ in range(2)]
    names = above_clusters(heap, ["name"] * 9, [1.0, 1.0])
    assert 3 <= sum(names.legible) <= 4  # at most three and a half lines off
    for k in np.flatnonzero(names.legible):
        for s, clouds in enumerate(heap):
            assert names.places[s][k][1] - clouds[k][:, 1].max() < 3.5 * 0.11
    spread = [[own + 3 * k for k, own in enumerate(clouds)] for clouds in heap]
    names = above_clusters(spread, ["name"] * 9, [1.0, 1.0])
    assert all(names.legible) and all(names.on_phones)


def test_names_on_phones_do_not_touch():
    """On a phone a letter is twice as wide against the panel; fewer names are shown, the first class's always."""
    rng = np.random.default_rng(1)
    clouds = [[rng.normal(0, 0.05, (30, 2)) + rng.uniform(-0.8, 0.8, 2) for _ in range(10)] for _ in range(3)]
    names = above_clusters(clouds, ["maple tree"] * 10, [1.0] * 3)
    kept = [k for k in range(10) if names.on_phones[k]]
    assert kept[0] == 0 and 1 < len(kept) < 10
    for places in names.places:
        for i, k in enumerate(kept):
            for j in kept[:i]:
                assert abs(places[k][0] - places[j][0]) >= 0.86 or abs(places[k][1] - places[j][1]) >= 0.2


def test_names_of_the_trio_stand_outside_their_clouds_and_inside_a_phone():
    rng = np.random.default_rng(2)
    middles = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    spots = beyond_clouds([rng.normal(0, 0.05, (50, 2)) + m for m in middles], ["beaver", "dolphin", "otter"], np.zeros(2), 2.0)
    for spot, middle in zip(spots, middles):
        assert np.linalg.norm(spot) > np.linalg.norm(middle)
    edge = beyond_clouds([rng.normal(0, 0.05, (50, 2)) + 3 * m for m in middles], ["beaver", "dolphin", "otter"], np.zeros(2), 2.0)
    assert max(abs(x) for x, _ in edge) < 2 * (1 - 0.043 * 5)


def test_alt_text_says_what_was_measured():
    p = picture(0.0, 3, 40, corners=True)
    wrong = Picture(p.alpha, p.points, p.labels, ["c2"] * 120, p.index, p.corners)
    live = cluster_figure([wrong, wrong], ["c0", "c1", "c2"], [0, 1, 2], WORDS)
    assert "80 are taken" in live.alt[0] and numbers.ratio(scatter_ratio(p.points, p.labels)) in live.alt[0]


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
    assert numbers.ratio(0.5) in figure.data[3].text[0] and numbers.ratio(2.0) in figure.data[3].text[1]
    assert live.overlay and numbers.ratio(0.5) in live.alt[1]
