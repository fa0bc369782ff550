"""The strip over all alphas: one small picture each, the same images, their spread printed from all of them."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.geometry import scatter_ratio
from lsviz.figures import numbers, theme
from lsviz.pages.embeddings.strip_figure import MOST_IMAGES, strip_figure
from lsviz.texts.catalogue import words
from tests.figures.test_clusters import picture

WORDS = words("embeddings")
ALPHAS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)


def strip(classes=3, each=150, alphas=ALPHAS, **options):
    pictures = [picture(alpha, classes, each, corners=classes == 3) for alpha in alphas]
    return pictures, strip_figure(pictures, [f"c{k}" for k in range(classes)], list(range(classes)), WORDS, **options)


def clouds(live):
    return [trace for trace in live.figure.data if trace.mode == "markers"]


def test_each_picture_shows_the_same_images_at_their_own_places():
    pictures, live = strip()
    assert len(clouds(live)) == len(ALPHAS)
    for shown, cloud in zip(pictures, clouds(live)):
        assert len(cloud.x) == MOST_IMAGES and list(cloud.customdata) == list(clouds(live)[0].customdata)
        places = {int(i): xy for i, xy in zip(shown.index, shown.points)}
        np.testing.assert_allclose(np.stack([cloud.x, cloud.y], 1), [places[int(i)] for i in cloud.customdata])


def test_titles_name_alpha_and_the_spread_of_all_images():
    pictures, live = strip()
    titles = [note.text for note in live.figure.layout.annotations]
    for shown, title in zip(pictures, titles):
        assert f"{scatter_ratio(shown.points, shown.labels):.2f}" in title
        assert (WORDS["strip_hard"] if shown.alpha == 0 else numbers.alpha_text(shown.alpha)) in title
    assert f"{scatter_ratio(pictures[0].points, pictures[0].labels):.2f}" in live.alt[0]


def test_umap_prints_no_spread():
    pictures, live = strip(spread=False)
    assert f"{scatter_ratio(pictures[0].points, pictures[0].labels):.2f}" not in live.figure.layout.annotations[0].text


def test_one_scale_makes_all_boxes_equally_wide():
    width = lambda live: {round(np.ptp(live.figure.layout[f"xaxis{k or ''}"].range), 9) for k in (0, *range(2, len(ALPHAS) + 1))}
    assert len(width(strip(same_scale=True)[1])) == 1
    pictures, live = strip()
    ratio = [np.ptp(live.figure.layout[f"xaxis{k + 1 if k else ''}"].range) / one.apart for k, one in enumerate(pictures)]
    assert ratio == pytest.approx([ratio[0]] * len(ratio))  # else classes lie equally far apart


@pytest.mark.parametrize("count", [1, 2, 6, 7])
def test_pictures_neither_overlap_nor_leave_the_figure(count):
    layout = strip(alphas=ALPHAS[:count])[1].figure.layout
    boxes = [(*layout[f"xaxis{k or ''}"].domain, *layout[f"yaxis{k or ''}"].domain) for k in (0, *range(2, count + 1))]
    assert all(0 <= left < right <= 1 and 0 <= low < high <= 1 for left, right, low, high in boxes)
    for i, a in enumerate(boxes):
        assert all(a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2] for b in boxes[i + 1 :])


def test_colours_follow_the_classes_and_the_table_holds_every_image():
    pictures, live = strip()
    cloud = clouds(live)[0]
    label = dict(zip(pictures[0].index.tolist(), pictures[0].labels.tolist()))
    assert [theme.class_color(label[int(i)]) for i in cloud.customdata] == list(cloud.marker.color)
    assert len(live.table["alpha"]) == sum(len(p.points) for p in pictures)


def test_few_images_are_all_drawn():
    pictures, live = strip(each=20)
    assert len(clouds(live)[0].x) == len(pictures[0].points) == 60
