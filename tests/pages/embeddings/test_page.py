"""The Embeddings page on the stored networks: what it shows is what the store says."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core import geometry, projection
from lsviz.core.classes import OFFICIAL, SUPERCLASSES, superclass
from lsviz.figures.clusters import cluster_figure
from lsviz.state import COLORS, GEOMETRY, ONLY_ON_MAPS
from lsviz.store import Store
from lsviz.texts.catalogue import words
from lsviz.ui import thumbnails
from lsviz.ui.foot import csv_text
from lsviz.zoo import pictures, spread
from tests.reading import along, mounted, plain
from tests.reading import opened as opened_page

ROOT = Path(__file__).parents[3]


def opened(**query: str) -> AppTest:
    return opened_page("embeddings", **query)


@pytest.mark.parametrize("view", ["plane", "pca", "umap"])
@pytest.mark.parametrize("split", ["test", "train"])
def test_every_view_opens(view, split):
    app = opened(n="10", view=view, split=split, same="1")
    key = "embeddings_map" if view == "umap" else f"embeddings_soft_{view}"
    assert any(element.proto.id.endswith(key) for element in app.get("bidi_component"))


def test_a_trio_beyond_n_falls_back():
    assert pictures.trio_within((1, 2, 60), 10) == (0, 1, 2)
    assert pictures.trio_within((4, 9, 2), 10) == (3, 8, 1)
    opened(n="5", classes="1-2-60")


def test_numbers_are_the_manifests():
    app = opened(n="10", alpha="0.1", split="test")
    run = next(
        r
        for r in Store(ROOT / "checkpoints").runs
        if (r.config.num_classes, r.config.alpha, r.config.seed) == (10, 0.1, 0) and not r.config.variant
    )
    table = next(m.value for m in app.markdown if m.value.startswith("| measure"))
    for name in ("nc1", "nc2", "nc3", "nc4", "plane_scatter", "scatter", "class_separation"):
        assert f"{run.metrics['test'][name]:.3f}" in table, name


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
    lost = lambda x: abs(
        x @ arrays["head_weight"].T.astype(float) + arrays["head_bias"] - arrays["test_logits"][arrays["test_feature_rows"]]
    ).mean()
    assert lost(pictures.features(arrays, "test")) < 0.02 < 0.1 < lost(stored)


def test_the_trio_of_the_manifest_is_the_trio_drawn(monkeypatch):
    """The spread measured at training time on all features agrees with the one worked out from stored logits."""
    runs = pictures.gallery_runs(10)
    stored = spread.trio_spread(10, (0, 1, 2))["test"]
    for run, value in zip(runs, stored):
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
    assert not [s for s in app.select_slider if s.label == "Epoch"] and any("N = 10" in plain(c.value) for c in app.caption)
    assert opened(n="10", epoch="399") is not None


def test_the_last_snapshot_is_the_finished_network():
    store = Store(ROOT / "checkpoints")
    for run in store.runs:
        if "snapshot_epoch" in run.arrays:
            arrays = store.load(run.id)
            assert int(arrays["snapshot_epoch"][-1]) == run.config.epochs
            assert abs(arrays["snapshot_test_logits"][-1] - arrays["test_logits"]).max() < 1e-2
            assert float(arrays["snapshot_test_nc1"][-1]) == pytest.approx(run.metrics["test"]["nc1"], rel=1e-3)


def test_every_colouring_paints_the_same_images_differently():
    known = [color for color in COLORS if color not in ONLY_ON_MAPS]
    paints = [mounted(opened(n="10", view="plane", color=color))["embeddings_soft_plane"] for color in known]
    assert len({json.dumps(one["frames"]["set"]) for one in paints}) == len(known)
    assert all(one["frames"]["overlay"] for one in paints) and all(one["picks"] for one in paints)


def run_of(alpha: float, seed: int = 0, noise: float = 0.0):
    wanted = (10, alpha, seed, noise, 100, False)
    of = lambda c: (c.num_classes, c.alpha, c.seed, c.noise, c.size, c.is_student)
    return next(r for r in Store(ROOT / "checkpoints").runs if of(r.config) == wanted)


def test_any_network_can_stand_still_on_the_left():
    hard, other = (mounted(opened(n="10", first=first))["embeddings_hard_plane"] for first in ("", run_of(0.3).id))
    assert "Hard target" in hard["figure"] and "Hard target" not in other["figure"] and "0.30" in other["figure"]
    assert mounted(opened(n="10", first="n999-nothing"))["embeddings_hard_plane"]["figure"] == hard["figure"]


def test_any_two_networks_stand_side_by_side_and_neither_moves():
    """Another seed, and one trained on wrong labels: neither has features, their planes come from their logits."""
    seed, noisy = run_of(0.1, seed=1), run_of(0.0, noise=0.4)
    shown = mounted(opened(n="10", first=noisy.id, second=seed.id, alpha="0.5"))
    left, right = shown["embeddings_hard_plane"], shown["embeddings_soft_plane"]
    assert "40 % wrong" in left["figure"] and "seed 1" in right["figure"] and not left["frames"] and not right["frames"]
    assert json.loads(left["figure"])["layout"]["xaxis"]["range"] == json.loads(right["figure"])["layout"]["xaxis"]["range"]
    picture, arrays = pictures.single(10, seed.id, "plane", "test", (0, 1, 2)), Store(ROOT / "checkpoints").load(seed.id)
    again, _ = pictures.plane_points(arrays, arrays["test_logits"][np.isin(arrays["test_labels"], (0, 1, 2))], (0, 1, 2))
    np.testing.assert_array_equal(picture.points, again)


def test_a_network_without_features_has_no_umap_and_the_page_says_so():
    app = opened(n="10", view="umap", second=run_of(0.1, seed=1).id, live="1")
    assert any("stored without features" in text.value for text in app.text)
    assert "embeddings_map" not in mounted(app) and "embeddings_measure" in mounted(app)


def test_all_three_projections_show_the_same_images_linked():
    shown = mounted(opened(n="10", view="all", lasso="1"))
    ids = {}
    for view in ("plane", "pca", "umap"):
        for side in ("hard", "soft"):
            data = shown[f"embeddings_{side}_{view}"]
            traces = [trace for trace in json.loads(data["figure"])["data"] if trace.get("meta") == "linked:images"]
            ids[side, view] = {
                int(i) for trace in traces for i in np.frombuffer(base64.b64decode(trace["customdata"]["bdata"]), "<i4")
            }
            assert data["lasso"] and data["picks"]
    assert ids["hard", "pca"] == ids["soft", "umap"] == ids["soft", "pca"] and len(ids["soft", "pca"]) == 1000
    assert ids["soft", "plane"] < ids["soft", "pca"] and len(ids["soft", "plane"]) == 300
    assert "embeddings_soft_plane" not in mounted(opened(n="2", view="all")) and "embeddings_soft_pca" in mounted(
        opened(n="2", view="all")
    )


@pytest.mark.parametrize("view", ["plane", "pca"])
def test_axes_stand_still_and_points_glide_while_alpha_is_dragged(view):
    shown = mounted(opened(n="10", view=view))
    frames, left = shown[f"embeddings_soft_{view}"]["frames"], json.loads(shown[f"embeddings_hard_{view}"]["figure"])
    assert not [path for path in frames["layout"] if path.endswith("axis.range")] and frames["glides"] and frames["overlay"]
    assert json.loads(shown[f"embeddings_soft_{view}"]["figure"])["layout"]["xaxis"]["range"] == left["layout"]["xaxis"]["range"]
    own = mounted(opened(n="10", view=view, same="0"))[f"embeddings_soft_{view}"]["frames"]
    assert "xaxis.range" in own["layout"]


def test_numbers_stand_under_each_picture():
    app = opened(n="10", alpha="0.1", split="test", view="umap")
    under = [text for text in (*(plain(c.value) for c in app.caption), *along(app, 0.1)) if text.startswith("NC1")]
    assert len(under) == 2
    for text, alpha in zip(under, (0.0, 0.1)):
        run, arrays = run_of(alpha), Store(ROOT / "checkpoints").load(run_of(alpha).id)
        x, y = arrays["test_features"].astype(float), arrays["map_test_layout"].astype(float)
        labels = arrays["test_labels"][arrays["test_feature_rows"]].astype(int)
        found = projection.kept_by(x, y, labels)
        assert (
            f"{run.metrics['test']['nc1']:.3f}" in text
            and f"trustworthiness {found.trust:.2f}" in text
            and f"kept {found.kept:.2f}" in text
        )
        assert f"{found.knn_original:.2f} in 128 dimensions" in text and f"{found.knn_picture:.2f} in this picture" in text


def test_the_page_says_whether_the_spread_falls_on_train_and_on_test():
    """Over every stored seed, whatever the answer is; the values are those of the planes."""
    app = opened(n="10")
    said = {
        images: next(plain(m.value) for m in app.markdown if m.value.startswith(f"**{images} images"))
        for images in ("Training", "New")
    }
    for images, split in (("Training", "train"), ("New", "test")):
        of = lambda alpha: [spread.plane_spread(run_of(alpha, seed).id, split, (0, 1, 2)) for seed in (0, 1, 2)]
        hard, soft = of(0.0), of(0.3)
        assert f"{np.mean(hard):.3f} hard ({min(hard):.3f} to {max(hard):.3f}, 3 seeds)" in said[images]
        assert f"{np.mean(soft):.3f} at 0.30 ({min(soft):.3f} to {max(soft):.3f}, 3 seeds)" in said[images]
        later = [of(alpha) if alpha in (0.05, 0.1, 0.3) else [spread.plane_spread(run_of(alpha).id, split, (0, 1, 2))]
                 for alpha in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 0.9)]  # fmt: skip
        steps = np.diff([np.mean(values) for values in (hard, *later)])
        yes = (steps < 0).all() or all(max(values) < min(hard) for values in later)
        no = (steps > 0).all() or all(min(values) > max(hard) for values in later)
        assert said[images].startswith(f"**{images} images: {'yes' if yes else 'no.' if no else 'no clear answer'}")


def test_every_measure_is_drawn_and_the_literature_stands_below():
    for measure in GEOMETRY:
        app = opened(n="10", measure=measure, view="umap")
        alt = mounted(app)["embeddings_measure"]["alt"][0]
        assert "Test" in alt and "Train" in alt, measure
        cited = [m.value for m in app.markdown if "Zhou et al. 2025" in m.value and "Kornblith et al. 2021" in m.value]
        assert bool(cited) == (measure == "class_separation")
    assert "0.469" in cited_in(opened(n="10", measure="class_separation")) and "0.349" in cited_in(
        opened(n="10", measure="class_separation")
    )


def cited_in(app: AppTest) -> str:
    return next(m.value for m in app.markdown if "Zhou et al. 2025" in m.value)


def test_coordinates_leave_with_where_they_come_from():
    shown = pictures.gallery(10, "umap", "test", (0, 1, 2))
    live = cluster_figure(shown.pictures, shown.names, shown.places, words("embeddings"))
    rows = list(csv.DictReader(io.StringIO(csv_text(live.table))))
    assert len(rows) == 1000 * len(shown.pictures)
    assert {row["network"] for row in rows} == {run.id for run in pictures.gallery_runs(10)} and {
        row["images"] for row in rows
    } == {"test"}
    assert rows[0]["projection"] == f"umap({run_of(0.0).facts['umap_parameters']})"
    assert pictures.gallery(10, "plane", "test", (0, 1, 2)).pictures[0].source["projection"] == "plane(beaver, dolphin, otter)"


def test_the_foot_saves_every_picture_it_stands_under():
    app = opened(n="10", alpha="0.1", view="plane")
    app.session_state["more_embeddings_soft_plane"] = True
    app.run()
    keys = [button.proto.id for button in app.get("download_button")]
    assert any("csv_embeddings_hard_plane" in key for key in keys) and any("html_embeddings_soft_plane" in key for key in keys)


def test_thumbnails_stand_beside_neighbours_where_the_data_is_local(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (10_000, 32, 32, 3), np.uint8)
    monkeypatch.setenv("LSVIZ_CIFAR100", "somewhere")
    monkeypatch.setattr(thumbnails, "_images", lambda folder, split: images)
    index = int(pictures.gallery(10, "pca", "test", ()).pictures[0].index[5])
    tables = [d.value for d in opened(n="10", alpha="0.1", split="test", image=str(index + 1)).dataframe if "distance" in d.value]
    assert len(tables) == 2
    for table in tables:
        assert table["picture"].tolist() == [thumbnails._png(images[i - 1]) for i in table["index"]]


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


@pytest.mark.parametrize("view", ["plane", "pca"])
def test_the_strip_replaces_the_pair(view):
    app = opened(n="10", view=view, strip="1", lasso="1")
    ids = [element.proto.id for element in app.get("bidi_component")]
    assert any(i.endswith(f"embeddings_strip_{view}") for i in ids) and not any(i.endswith(f"embeddings_soft_{view}") for i in ids)


def test_the_table_gives_the_range_over_seeds():
    app = opened(n="10", alpha="0.1", split="test")
    values = [
        r.metrics["test"]["nc1"]
        for r in Store(ROOT / "checkpoints").runs
        if (r.config.num_classes, r.config.alpha) == (10, 0.1) and not r.config.variant
    ]
    table = next(m.value for m in app.markdown if m.value.startswith("| measure"))
    assert len(values) > 1 and f"({min(values):.3f} to {max(values):.3f})" in table
