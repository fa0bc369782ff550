"""The maps that are stored: whole, of every image, chained from hard targets up, with what they are worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lsviz.core import cluster_map, geometry
from lsviz.store import Store, write_run
from lsviz.training import layouts
from tests.reading import ROOT


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """Two networks of two classes, stripped of their maps and laid out again."""
    folder = tmp_path_factory.mktemp("laid")
    stored = Store(ROOT / "checkpoints")
    for run in [run for run in stored.runs if run.config.num_classes == 2 and "test_features" in run.arrays][:2]:
        arrays = {name: array for name, array in stored.load(run.id).items() if not name.startswith("map_")}
        write_run(folder, replace(run, facts={k: v for k, v in run.facts.items() if not k.startswith("map_")}), arrays)
    assert layouts.main([str(folder)]) == 0
    return Store(folder)


def test_every_image_has_its_place_and_its_neighbours(laid):
    for run in laid.runs:
        arrays = laid.load(run.id)
        for split in layouts.SPLITS:
            n = len(arrays[f"{split}_labels"])
            x, space = layouts.space_of(arrays, split)
            place = arrays[f"map_{split}_layout"].astype(np.float32) * run.facts[f"map_{split}_unit"]
            found = cluster_map.neighbourhoods(x, place)
            assert space == layouts.FEATURES and place.shape == (n, 2)
            np.testing.assert_array_equal(arrays[f"map_{split}_near"], found.nearest)
            assert abs(arrays[f"map_{split}_kept"].astype(int) - found.kept).mean() < 0.02  # places are rounded
            assert run.facts[f"map_{split}_kept"][0] == pytest.approx(arrays[f"map_{split}_kept"].mean() / 15)
            assert len(run.facts[f"map_{split}_vote"]) == 1 + len(layouts.OTHER_SEEDS)


def test_a_map_starts_from_the_one_before_and_lies_as_it_does(laid):
    first, second = (laid.load(run.id)["map_test_layout"].astype(float) for run in laid.runs)
    alike = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert alike > 0.5


def test_without_all_features_a_map_is_of_what_the_last_layer_reads():
    stored = Store(ROOT / "checkpoints")
    run = next(run for run in stored.runs if run.config.num_classes == 100 and "test_features" in run.arrays)
    arrays = stored.load(run.id)
    x, space = layouts.space_of(arrays, "test")
    assert space == layouts.LAST_LAYER and len(x) == len(arrays["test_logits"]) > len(arrays["test_features"])
    seen = x @ arrays["head_weight"].astype(float).T + arrays["head_bias"]
    near = lambda a, b: np.sqrt(((a - b) ** 2).mean() / b.var())
    assert near(seen, arrays["test_logits"].astype(float)) < 0.02
    rows = arrays["test_feature_rows"]
    whole = geometry.completed_by_logits(
        layouts.features_of(arrays, "test"), arrays["test_logits"][rows], arrays["head_weight"], arrays["head_bias"]
    )
    away = lambda points: np.linalg.norm(points[:200, None] - points[None, :200], axis=2)[np.triu_indices(200, 1)]
    assert np.corrcoef(away(whole), away(x[rows].astype(float)))[0, 1] > 0.95
