"""The Embeddings page on the stored networks: what it shows is what the store says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core import geometry
from lsviz.core.classes import OFFICIAL, SUPERCLASSES, superclass
from lsviz.state import COLORS
from lsviz.store import Store
from lsviz.ui import pictures

ROOT = Path(__file__).parents[2]


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("lsviz/views/embeddings.py").run()
    assert not app.exception
    return app


@pytest.mark.parametrize("view", ["plane", "pca", "umap"])
@pytest.mark.parametrize("split", ["test", "train"])
def test_every_view_opens(view, split):
    app = opened(n="10", view=view, split=split, same="1")
    assert any(element.proto.id.endswith(f"embeddings_soft_{view}") for element in app.get("bidi_component"))


def test_a_trio_beyond_n_falls_back():
    assert pictures.trio_within((1, 2, 60), 10) == (0, 1, 2)
    assert pictures.trio_within((4, 9, 2), 10) == (3, 8, 1)
    opened(n="5", classes="1-2-60")


def test_numbers_are_the_manifests():
    app = opened(n="10", alpha="0.1", split="test")
    run = next(r for r in Store(ROOT / "checkpoints").runs if (r.config.num_classes, r.config.alpha, r.config.seed) == (10, 0.1, 0))
    table = next(m.value for m in app.markdown if m.value.startswith("| measure"))
    assert f"{run.metrics['test']['nc1']:.3f}" in table and f"{run.facts['umap_trust15_test']:.3f}" in table


def test_the_plane_of_the_features_is_that_of_the_logits():
    """Two ways to one picture, for every network with features: within 1 % of its range."""
    store = Store(ROOT / "checkpoints")
    runs = [r for r in store.runs if "test_features" in r.arrays and r.config.num_classes >= 3]
    assert len(runs) > 10
    for run in runs:
        arrays = store.load(run.id)
        drawn, corners = pictures.plane_points(arrays, arrays["test_logits"][arrays["test_feature_rows"]], (0, 1, 2))
        again, corners_again = geometry.template_plane(pictures.features(arrays, "test"), arrays["head_weight"][:3].astype(float))
        assert abs(drawn - again).max() < 0.01 * (drawn.max(axis=0) - drawn.min(axis=0)).max()
        assert abs(corners - corners_again).max() < 1e-9


def test_features_give_the_logits_that_are_stored():
    """Which 64 of 128 components alone do not, where N = 100."""
    store = Store(ROOT / "checkpoints")
    run = next(r for r in store.runs if "test_features" in r.arrays and (r.config.num_classes, r.config.alpha) == (100, 0.1))
    arrays = store.load(run.id)
    stored = arrays["test_features"].astype(float) @ arrays["feature_basis"].astype(float) + arrays["feature_mean"]
    lost = lambda x: abs(x @ arrays["head_weight"].T.astype(float) + arrays["head_bias"] - arrays["test_logits"][arrays["test_feature_rows"]]).mean()
    assert lost(pictures.features(arrays, "test")) < 0.02 < 0.1 < lost(stored)


def test_the_trio_of_the_manifest_is_the_trio_drawn(monkeypatch):
    """The spread measured at training time on all features agrees with the one worked out from stored logits."""
    runs = pictures.gallery_runs(10)
    spread = pictures.trio_spread("test", 10, (0, 1, 2))["test"]
    for run, value in zip(runs, spread):
        assert value == pytest.approx(run.metrics["test"]["trio_scatter"], rel=0.01)


def test_any_measure_and_the_cosines_are_drawn():
    for measure in ("nc1", "class_separation"):
        app = opened(n="10", measure=measure)
        assert {"embeddings_measure", "embeddings_cosine"} <= {e.proto.id.rsplit("-", 1)[-1] for e in app.get("bidi_component")}


def test_epochs_are_scrubbed_where_runs_were_kept_and_it_is_said_where_not():
    app = opened(n="10", epoch="4")
    slider = next(s for s in app.select_slider if s.label == "Epoch")
    assert slider.value == 4
    app = slider.set_value(16).run()
    assert not app.exception and app.session_state["view_state"].epoch == 16
    app = opened(n="5", epoch="4")
    assert not [s for s in app.select_slider if s.label == "Epoch"] and any("N = 10" in c.value for c in app.caption)
    assert opened(n="10", epoch="399") is not None


def test_the_last_snapshot_is_the_finished_network():
    store = Store(ROOT / "checkpoints")
    for run in store.runs:
        if "snapshot_epoch" in run.arrays:
            arrays = store.load(run.id)
            assert int(arrays["snapshot_epoch"][-1]) == run.config.epochs
            assert abs(arrays["snapshot_test_logits"][-1] - arrays["test_logits"]).max() < 1e-2
            assert float(arrays["snapshot_test_nc1"][-1]) == pytest.approx(run.metrics["test"]["nc1"], rel=1e-3)


def figures(app: AppTest) -> dict[str, dict]:
    made = {}
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json) if element.proto.json else {}
        if "key" in data:
            made[data["key"]] = data
    return made


@pytest.mark.parametrize("view", ["plane", "umap"])
def test_every_colouring_paints_the_same_images_differently(view):
    paints = [figures(opened(n="10", view=view, color=color))[f"embeddings_soft_{view}"] for color in COLORS]
    assert len({json.dumps(one["frames"]["set"]) for one in paints}) == len(COLORS)
    assert all(one["frames"]["overlay"] for one in paints) and all(one["picks"] for one in paints)


def test_any_alpha_can_stand_still_on_the_left():
    hard, other = (figures(opened(n="10", pin=pin))["embeddings_hard_plane"] for pin in ("0", "0.3"))
    assert "Hard target" in hard["figure"] and "Hard target" not in other["figure"] and "0.30" in other["figure"]
    assert figures(opened(n="10", pin="0.77"))["embeddings_hard_plane"]["figure"] == hard["figure"]


def test_a_preset_brings_two_alike_and_one_not():
    app = opened(n="10")
    next(button for button in app.button if button.label == "Two alike and one not").click()
    app.run()
    assert app.session_state["view_state"].classes == (8, 9, 10)
    assert [button for button in app.button if button.label == "Beaver, dolphin, otter"]


def test_the_neighbours_of_an_image_are_its_nearest_in_the_original_space(monkeypatch):
    monkeypatch.delenv("LSVIZ_CIFAR100", raising=False)
    store = Store(ROOT / "checkpoints")
    run = next(r for r in pictures.gallery_runs(10) if r.config.alpha == 0)
    arrays = store.load(run.id)
    index = arrays["test_index"][arrays["test_feature_rows"]]
    x = pictures.features(arrays, "test")
    away = ((x - x[5]) ** 2).sum(axis=1)
    away[5] = float("inf")
    app = opened(n="10", alpha="0.1", split="test", image=str(int(index[5]) + 1))
    tables = [d.value for d in app.dataframe if "distance" in d.value]
    assert len(tables) == 2 and tables[0]["index"].tolist() == (index[away.argsort()[:8]] + 1).tolist()
    assert (tables[0]["distance"].diff().dropna() >= 0).all()
    assert any("not among" in c.value for c in opened(n="10", image="59999").caption)
    assert any("Click an image" in c.value for c in opened(n="10").caption)


def test_every_class_has_one_superclass():
    assert sorted(" ".join(SUPERCLASSES.values()).split()) == sorted(OFFICIAL)
    assert superclass(0) == superclass(1) == superclass(2) == "aquatic mammals" and superclass(9) == "vehicles 2"


@pytest.mark.parametrize("view", ["plane", "umap"])
def test_the_strip_replaces_the_pair(view):
    app = opened(n="10", view=view, strip="1", lasso="1")
    ids = [element.proto.id for element in app.get("bidi_component")]
    assert any(i.endswith(f"embeddings_strip_{view}") for i in ids) and not any(i.endswith(f"embeddings_soft_{view}") for i in ids)


def test_the_table_gives_the_range_over_seeds():
    app = opened(n="10", alpha="0.1", split="test")
    values = [r.metrics["test"]["nc1"] for r in Store(ROOT / "checkpoints").runs if (r.config.num_classes, r.config.alpha, r.config.noise, r.config.size) == (10, 0.1, 0, 100)]
    table = next(m.value for m in app.markdown if m.value.startswith("| measure"))
    assert len(values) > 1 and f"({min(values):.3f} to {max(values):.3f})" in table
