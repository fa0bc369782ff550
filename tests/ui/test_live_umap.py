"""The reader's own UMAP: what the job reports, what it returns, and that every setting makes another job."""

from __future__ import annotations

import time
from dataclasses import fields, replace

import numpy as np
import pytest

from lsviz.core import projection
from lsviz.ui import pictures, zoo
from lsviz.ui.live_umap import Asked, lay_out
from tests.views.test_embeddings_page import opened


@pytest.fixture(scope="module")
def asked() -> Asked:
    hard, soft = (run for run in pictures.gallery_runs(10) if run.config.alpha in (0.0, 0.1))
    return Asked(((hard.id, 7), (soft.id, 7)), (hard.sha256, soft.sha256), "test", 240, 10, 0.2, 1.0, "euclidean", 2)


def test_a_preview_comes_first_and_the_final_layout_is_cores_own(asked):
    told = []
    panels = lay_out(asked, lambda stage, share, best: told.append((stage, share, best)))
    assert [stage for stage, _, _ in told] == ["neighbours", "preview", "final"] * 2
    assert [share for _, share, _ in told] == sorted(share for _, share, _ in told)
    assert len(told[2][2]) == 1 and not told[2][2][0].kept and len(told[5][2]) == 2 and told[5][2][0].kept
    run, seed = asked.panels[0]
    x = pictures.features(zoo.arrays(run), "test")[panels[0].rows]
    assert len(x) == 240
    np.testing.assert_array_equal(panels[0].layout, projection.umap_layout(x, 10, 0.2, seed))
    kept = dict(panels[0].kept)
    assert kept["trust"] == pytest.approx(projection.trustworthiness(x, panels[0].layout)) and 0.5 < kept["kept"] + kept["knn"] < 2


def test_three_dimensions_and_cosine(asked):
    panels = lay_out(replace(asked, panels=asked.panels[:1], dims=3, metric="cosine"), lambda *said: None)
    assert panels[0].layout.shape == (240, 3) and np.ptp(panels[0].layout, axis=0).min() > 0


def test_every_setting_is_part_of_the_key(asked):
    other = dict(
        panels=asked.panels[:1], hashes=("x",), split="train", points=300, neighbors=11, min_dist=0.3, spread=2.0, metric="cosine", dims=3
    )
    assert {f.name for f in fields(Asked)} == set(other)
    keys = {replace(asked, **{name: value}).key for name, value in other.items()} | {asked.key}
    assert len(keys) == len(other) + 1 and replace(asked).key == asked.key


def test_the_panel_lays_out_and_says_how_much_is_kept():
    app = opened(n="10", alpha="0.1", live="1", points="200", three="0", nn="5")
    next(button for button in app.button if button.label == "Lay out").click()
    app.run()
    end = time.monotonic() + 90
    while len(found := [c.value for c in app.caption if "trustworthiness" in c.value]) < 2 and time.monotonic() < end:
        time.sleep(0.3)
        app.run()
    assert not app.exception and len(found) == 2 and "Seed 42" in found[0]
    plots = [element.proto.id for element in app.get("bidi_component") if "umap_live_" in element.proto.id]
    assert len(plots) >= 2


def test_it_is_off_at_first_and_asks_nothing():
    app = opened(n="10")
    assert not [button for button in app.button if button.label == "Lay out"]
