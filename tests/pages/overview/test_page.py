"""Overview tells its story: true numbers, one question a scene, doors that open their page on the same picture, a table beside every chart."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from lsviz.figures import numbers
from lsviz.pages.overview import story
from lsviz.state import ViewState
from tests.pages.reliability.test_page import said
from tests.reading import mounted
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo

SCENES = {
    "targets": "targets",
    "much": "reliability",
    "price": "costs",
    "loss": "loss",
    "claims": "reliability",
    "tight": "embeddings",
}
DRAWN = [name for name in SCENES if name != "tight"]  # which leads to the picture instead of showing it twice


def opened(**query: str):
    return opened_page("overview", **query)


def links(app) -> dict[str, str]:
    """Query of every link to another page, by the order in which they stand."""
    return [(link.proto.page, link.proto.query_string) for link in app.get("page_link")]


def test_every_scene_has_a_sentence_a_question_and_a_picture_that_moves():
    app = opened(n="10", alpha="0.1")
    assert not app.exception
    there = mounted(app)
    assert {f"overview_{name}" for name in DRAWN} <= set(there)
    assert all(len(there[f"overview_{name}"]["frames"]["stops"]) > 1 for name in DRAWN)
    assert len(app.subheader) == len(SCENES)
    assert sum("?**" in text.value for text in app.markdown) == len(SCENES)


def test_the_numbers_are_those_of_the_stored_networks():
    from lsviz.core.calibration.assessment import assess
    from lsviz.zoo import networks

    run = networks.shown(10)[0]
    arrays = networks.store().load(run.id)
    hard = assess(arrays["test_logits"], arrays["test_labels"])
    text = "\n".join(head.value for head in opened(n="10").subheader).replace("\u00a0", " ")
    assert f"claims {numbers.percent(hard.mean_confidence)}" in text and numbers.percent(hard.accuracy) in text


@pytest.mark.parametrize("alpha", ["0", "0.1", "0.37"])
def test_a_door_leads_to_its_page_on_the_picture_whatever_was_set_before(alpha):
    app = opened(
        n="10", alpha=alpha, **{"class": "4", "conv": "others", "split": "test", "view": "umap", "score": "norm", "bins": "40"}
    )
    doors = [door for door in links(app) if door[0] != "glossary"]
    assert [page for page, _ in doors] == list(SCENES.values())
    views = [ViewState.from_query(dict(parse_qsl(query))) for _, query in doors]
    assert {(view.alpha, view.num_classes) for view in views} == {(float(alpha), 10)}
    targets, _, price, _, claims, tight = views
    assert (targets.true_class, targets.convention) == (1, "uniform") and claims.bins == 15
    assert (tight.split, tight.view, tight.classes) == ("train", "plane", (1, 2, 3)) and price.score == "probability"
    app = opened_page("embeddings", **dict(parse_qsl(doors[5][1])))
    assert not app.exception and "embeddings_soft_plane" in mounted(app)


def test_a_table_stands_beside_every_chart():
    app = opened(n="10", alpha="0.1")
    for name in DRAWN:
        app.session_state[f"below_overview_{name}"] = ["how", "table"]
    app.run()
    assert not app.exception and len(app.dataframe) == len(DRAWN)
    chapters = {chapter.name: chapter for chapter in (*story.theory(10), *story.practice(10))}
    for frame, scene in zip(app.dataframe, [chapters[name] for name in DRAWN], strict=True):
        assert list(frame.value) == list(scene.live.table) and len(frame.value) == min(
            len(next(iter(scene.live.table.values()))), 3000
        )


def test_with_two_classes_the_plane_is_left_out_and_without_networks_the_formula_stays(tmp_path, monkeypatch):
    assert "embeddings" not in [page for page, _ in links(opened(n="2"))]
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    app = opened(n="10")
    assert not app.exception and {"overview_targets", "overview_loss"} <= set(mounted(app)) and "holds no networks yet" in said(app)
    write_small_zoo(tmp_path)
    assert not opened(n="5").exception
