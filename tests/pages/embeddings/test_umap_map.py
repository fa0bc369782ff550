"""The maps on Embeddings: what is sent is what is stored, and the sentences are those of the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lsviz.core import projection
from lsviz.pages.embeddings import map_store
from lsviz.pages.embeddings.umap_map import MapFigure, between, map_findings, map_runs
from lsviz.state import COLORS
from lsviz.zoo import networks
from tests.reading import mounted, opened


def test_the_files_hold_what_is_stored():
    run = map_runs(100, "test")[1]
    arrays, n = networks.arrays(run.id), map_store.count(run, "test")
    images, picture, near = (make(run.id, "test") for make in (map_store.images_file, map_store.picture_file, map_store.near_file))
    assert n == 10_000 and (len(images), len(picture), len(near)) == (5 * n, 6 * n, 12 * n)
    np.testing.assert_array_equal(np.frombuffer(images, "<u4", n), arrays["test_index"])
    np.testing.assert_array_equal(np.frombuffer(images, np.uint8, n, 4 * n), arrays["test_labels"])
    np.testing.assert_array_equal(np.frombuffer(picture, "<i2", 2 * n).reshape(n, 2), arrays["map_test_layout"])
    np.testing.assert_array_equal(np.frombuffer(picture, np.uint8, n, 4 * n), arrays["test_logits"].argmax(axis=1))
    np.testing.assert_array_equal(np.frombuffer(near, "<u2", 5 * n).reshape(n, 5), arrays["map_test_near"])
    np.testing.assert_array_equal(np.frombuffer(near, np.uint8, n, 11 * n), arrays["map_test_intruders"])


@pytest.mark.parametrize("n", [10, 100])
def test_what_is_stored_of_a_map_is_what_it_comes_to(n):
    """Votes and shares counted again from the layout; of all neighbours in the original space, those of a few images."""
    run = map_runs(n, "test")[-1]
    arrays, worth = networks.arrays(run.id), map_store.worth(run, "test")
    layout, labels = arrays["map_test_layout"].astype(np.float32), arrays["test_labels"].astype(int)
    assert worth.vote[0] == pytest.approx(projection.knn_accuracy(layout, labels), abs=2e-3)  # rounded to int16
    assert worth.kept[0] == pytest.approx(arrays["map_test_kept"].mean() / 15, abs=1e-9)
    assert map_store.kept_shares(run.id, "test") @ np.arange(16) / 15 == pytest.approx(worth.kept[0])
    if n == 10:
        x = arrays["test_features"].astype(np.float32)
        for i in (0, 17, 500):
            true = [j for j in np.argsort(((x - x[i]) ** 2).sum(axis=1), kind="stable") if j != i]
            assert arrays["map_test_near"][i].tolist() == true[:5]


def test_the_headline_says_the_maps_numbers():
    heads, subs = map_findings(100, "test", "class")
    for run, head, sub in zip(map_runs(100, "test"), heads, subs, strict=True):
        worth = map_store.worth(run, "test")
        assert f"{100 * worth.vote[0]:.0f} %" in head and f"{100 * worth.true_vote:.0f} %" in sub and between(worth.vote) in sub
    heads, _ = map_findings(100, "test", "kept")
    assert all(f"{100 * map_store.worth(run, 'test').kept[0]:.0f} %" in head for run, head in zip(map_runs(100, "test"), heads))


@pytest.mark.parametrize(("values", "said"), [((0.546, 0.554), "55 %"), ((0.52, 0.541, 0.53), "52–54 %"), ((1.0,), "100 %")])
def test_a_range_is_one_number_where_both_ends_round_to_it(values, said):
    assert re.sub(r"\s", " ", between(values)) == said


def test_the_page_mounts_every_trained_alpha_and_no_number_above_the_fold():
    app = opened("embeddings", n="100", view="umap", alpha="0.1", color="kept", pins="4-60")
    data = mounted(app)["embeddings_map"]
    assert [network["alpha"] for network in data["networks"]] == [run.config.alpha for run in map_runs(100, "test")]
    assert data["panels"] == [[0], list(range(len(data["networks"])))] and data["color"] == "kept" in COLORS
    assert data["pins"] == [3, 59], "from 0 in code"
    addresses = [data["images"], *(network[file] for network in data["networks"] for file in ("picture", "near"))]
    assert len(set(addresses)) == len(addresses)
    app.run()
    again = mounted(app)["embeddings_map"]
    assert again == data, "the browser keeps what it has"
    assert "map_kept" in mounted(app)


def test_two_networks_of_ones_choice_stand_still():
    first, second = map_runs(10, "test")[2], map_runs(10, "test")[4]
    data = mounted(opened("embeddings", n="10", view="umap", first=first.id, second=second.id))["embeddings_map"]
    at = {network["id"]: i for i, network in enumerate(data["networks"])}
    assert data["panels"] == [[at[first.id]], [at[second.id]]]


def test_the_table_holds_every_image_of_the_maps():
    run = map_runs(10, "test")[0]
    table = MapFigure(10, "test", (run.id,)).table
    arrays = networks.arrays(run.id)
    np.testing.assert_array_equal(table["image"], arrays["test_index"])
    np.testing.assert_allclose(table["x"], arrays["map_test_layout"][:, 0] * map_store.unit(run, "test"), atol=1e-4)


def test_names_are_where_a_class_is_densest():
    run = map_runs(10, "test")[0]
    arrays = networks.arrays(run.id)
    points = arrays["map_test_layout"] * map_store.unit(run, "test")
    for k, (x, y, density) in enumerate(map_store.peaks(run.id, "test")[0]):
        own = points[arrays["test_labels"] == k]
        assert density > 1 and np.sqrt(((own - (x, y)) ** 2).sum(axis=1)).min() < 0.5


def test_all_alphas_are_a_strip_of_maps():
    data = mounted(opened("embeddings", n="100", view="umap", strip="1"))["embeddings_map"]
    assert data["panels"] == [[i] for i in range(len(map_runs(100, "test")))]
