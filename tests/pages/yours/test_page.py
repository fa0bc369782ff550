"""Your model: a file is uploaded, diagnosed, mended and measured as the core does it; nothing hostile gets out; nothing stays behind."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core.calibration.assessment import assess
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.summary import summarise
from lsviz.core.predictions.which_alpha import which_alpha
from lsviz.core.smoothing import log_probs
from lsviz.jobs import memory, queue
from lsviz.pages.yours.files import Own
from lsviz.pages.yours.geometry import class_names
from lsviz.predictions.reading import read_outside
from lsviz.predictions.report import as_json, as_markdown, markdown_text, read_report
from lsviz.predictions.series_report import long_rows, paragraph
from lsviz.ui.foot import csv_text
from tests import malformed
from tests.malformed import HOSTILE
from tests.pages.test_every_page import said
from tests.reading import mounted, opened, sent
from tests.small_zoo import logits_and_labels, write_small_zoo

LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(400, 4, 2.0, 0), (np.float32, np.int64)))
NPZ = malformed.npz({"logits": LOGITS, "labels": LABELS})


@pytest.fixture
def page(tmp_path, monkeypatch) -> AppTest:
    folder = tmp_path / "zoo"
    write_small_zoo(folder)
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(folder))
    return opened("yours", n="5", alpha="0.5")


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    return app.run()


def pair_table(app: AppTest) -> str:
    return next(text for text in (element.value.replace("\u00a0", " ") for element in app.markdown) if "| the other |" in text)


def head(app: AppTest) -> str:
    return app.title[0].value


def test_the_page_is_never_empty(page):
    assert not page.exception and "confident" in head(page) and "stored one" in said(page)
    assert {"yours_diagram", "yours_temperature", "yours_coverage"} <= set(mounted(page))


def test_how_to_get_such_a_file_is_told_when_asked_for(page):
    assert "from lsviz import capture" in said(page) and "python -m lsviz report" in said(page)


def test_an_upload_takes_its_place_with_the_cores_numbers(page):
    app = upload(page, ("mine.npz", NPZ))
    assert not app.exception
    whole, text = assess(LOGITS, LABELS), said(app)
    assert f"{100 * whole.signed_gap:.1f} points over-confident" in head(app)
    assert (
        f"| {100 * whole.ece.ece:.2f} % ({100 * whole.ece.low:.2f} … {100 * whole.ece.high:.2f}) |" in text
        and "stored one" not in text
    )
    assert "The scores of all 400 rows are logits." in text
    figure = json.loads(mounted(app)["yours_diagram"]["figure"])
    assert mounted(app)["yours_diagram"]["frames"] is None and figure["data"]
    assert "Which of the two is better?" not in [element.value for element in app.subheader]


def test_page_and_report_say_the_same(page, tmp_path):
    app = upload(page, ("mine.npz", NPZ))
    (tmp_path / "mine.npz").write_bytes(NPZ)
    card = as_markdown(read_report(tmp_path / "mine.npz"))
    assert card in [block.value for block in app.code]
    tree = json.loads(as_json(read_report(tmp_path / "mine.npz")))
    made = summarise(diagnose(read_outside(NPZ, "mine.npz")))
    assert {name: number["value"] for name, number in tree["numbers"].items()} == {
        name: number.value for name, number in made.numbers.items()
    }


def test_a_remedy_can_be_switched_off_and_on(page):
    app = upload(page, ("mine.npz", malformed.npz({"probs": np.exp(log_probs(LOGITS)), "labels": LABELS + 1})))
    assert not app.exception and "they count from 1" in said(app) and "over-confident" in head(app)
    switch = next(toggle for toggle in app.toggle if toggle.label == "Subtract 1 from every label")
    assert switch.value
    app = switch.set_value(False).run()
    assert not app.exception and "classes go from 0 to 3" in said(app) and not mounted(app).keys() & {"yours_diagram"}
    app = next(toggle for toggle in app.toggle if toggle.label == "Subtract 1 from every label").set_value(True).run()
    assert "over-confident" in head(app) and "yours_diagram" in mounted(app)


def test_what_was_left_out_or_is_unclear_can_be_chosen(page):
    """The page tells what the report tells; a list takes a column back, another says which labels are meant."""
    rows = malformed.table(LOGITS, LABELS).decode().splitlines()
    beside = lambda name, cells: "\n".join(f"{row},{cell}" for row, cell in zip(rows, (name, *cells))).encode()
    app = upload(page, ("mine.csv", beside("loss", LABELS / 7 + 3)))
    assert not app.exception and "the scores the columns class 0 to class 3" in said(app) and "over-confident" in head(app)
    assert "Not used: loss." in said(app) and app.multiselect[0].value == ["loss"]
    title = head(app)
    app = app.multiselect[0].set_value([]).run()
    assert not app.exception and "the scores the columns class 0 to loss" in said(app) and head(app) != title
    app = app.multiselect[0].set_value(["loss"]).run()
    assert head(app) == title
    app = upload(app, ("other.csv", beside("target", (LABELS + 1) % 4)))
    assert not app.exception and "--label" in said(app) and "yours_diagram" not in mounted(app)
    app = app.selectbox[0].set_value("label").run()
    assert not app.exception and head(app) == title and "Not used: target." in said(app)


def test_classes_without_names_count_as_the_labels_do():
    for first in (0, 1):
        diagnosis = diagnose(read_outside(malformed.npz({"logits": LOGITS, "labels": LABELS + first}), "mine.npz"))
        called = class_names(Own("key", "mine.npz", "", diagnosis, summarise(diagnosis)))
        assert called == tuple(f"class {first + k}" for k in range(4))


def test_two_files_are_compared_by_row_and_can_be_swapped(page):
    calm = malformed.table(LOGITS / 2, LABELS)
    app = upload(page, ("mine.npz", NPZ), ("calm.csv", calm))
    table = pair_table(app)
    assert "worse" in re.search(r"\| ECE \|.*", table)[0] and "400 rows in pairs" in said(app)
    app = next(toggle for toggle in app.toggle if toggle.label == "Swap the two").set_value(True).run()
    table = pair_table(app)
    assert "better" in re.search(r"\| ECE \|.*", table)[0]
    app = upload(app, ("mine.npz", NPZ), ("other.csv", malformed.table(LOGITS[:300], LABELS[:300])))
    assert not app.exception and "not of the same examples" in said(app)


def test_geometry_when_activations_came_along(page):
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 6))
    features = rng.normal(size=(400, 6)) + 3 * weight[LABELS]
    arrays = {"logits": features @ weight.T, "labels": LABELS, "penultimate": features, "head_weight": weight}
    app = upload(page, ("mine.safetensors", malformed.safetensors(arrays, {"class_names": json.dumps(["<b>a", "=b", "c", "d"])})))
    assert not app.exception and "<b>a" not in mounted(app)["yours_plane"]["figure"] and "NC1" in said(app)


def series_files(alphas=(0.0, 0.1, 0.5), told=True) -> list[tuple[str, bytes]]:
    """Networks that differ in their scale alone, with activations, as `capture` writes them."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 6)).astype(np.float32)
    features = rng.normal(size=(400, 6)).astype(np.float32) + LOGITS @ np.linalg.pinv(weight).T
    made = []
    for alpha in alphas:
        scale = 1 / (1 + 8 * alpha)
        arrays = {
            "test_logits": scale * LOGITS,
            "test_labels": LABELS,
            "test_features": scale * features,
            "head_weight": weight,
            "head_bias": np.zeros(4, np.float32),
        }
        made.append((f"run{alpha:g}.safetensors", malformed.safetensors(arrays, {"alpha": f"{alpha:g}"} if told else None)))
    return made


def dock(app: AppTest) -> dict:
    return next(data for data in sent(app) if "dots" in data)


def test_several_files_are_a_series_over_alpha_with_the_dock(page):
    app = upload(page, *series_files())
    assert not app.exception
    drawn = mounted(app)
    assert {"headline", "yours_series_diagram", "yours_series_trend", "yours_coverage", "yours_plane", "yours_plane_moving"} <= set(
        drawn
    )
    for key in ("yours_series_diagram", "yours_series_trend", "yours_coverage", "yours_plane_moving"):
        assert drawn[key]["frames"]["stops"] == [0.0, 0.1, 0.5], key
    assert dock(app)["stops"] == [0.0, 0.1, 0.5] and dock(app)["notes"] == ["your files"] * 3 and dock(app)["n"]["value"] == 4
    heads = ["".join(piece for piece, _ in parts) for parts in drawn["headline"]["heads"]]
    gap = lambda alpha: abs(100 * assess(LOGITS / (1 + 8 * alpha), LABELS).signed_gap)
    assert all(f"{gap(alpha):.1f} points" in text for alpha, text in zip((0.0, 0.5), (heads[0], heads[2])))
    assert "This network: run0.5.safetensors. The other one: run0.safetensors." in said(app)  # alpha = .5 is in the address
    assert f"{100 * assess(LOGITS / 5, LABELS).ece.ece:.2f} %" in said(app) and "400 rows in pairs" in said(app)


def test_a_series_says_which_alpha_with_the_reports_words_and_numbers(page):
    app = upload(page, *series_files())
    files = [
        (alpha, name, summarise(diagnose(read_outside(content, name))))
        for alpha, (name, content) in zip((0.0, 0.1, 0.5), series_files())
    ]
    found = which_alpha(files)
    assert all(sentence.replace(" ", "") in said(app).replace("\u00a0", "").replace(" ", "") for sentence in paragraph(found))
    for *_, value, interval, difference, _ in long_rows(found):
        parts = (part.replace("-", "\u2212") for part in (value, interval, difference))
        assert [part for part in parts if part not in said(app)] == []
    app.selectbox(key="yours_which").set_value(0).run()
    held = set(long_rows(which_alpha(files, 0))) - set(long_rows(found))
    assert held and all(difference.replace("-", "\u2212") in said(app) for *_, difference, _ in held)


def test_a_file_that_does_not_tell_its_alpha_waits_for_it(page):
    files = series_files()
    files[1] = ("middle.safetensors", series_files((0.1,), told=False)[0][1])
    app = upload(page, *files)
    assert not app.exception and dock(app)["stops"] == [0.0, 0.5]
    fields = [field for field in app.number_input if field.label.startswith("α of file")]
    assert [field.value for field in fields] == [0.0, None, 0.5]
    app = fields[1].set_value(0.2).run()
    assert not app.exception and dock(app)["stops"] == [0.0, 0.2, 0.5]
    app = upload(app, *[(f"{i}.npz", NPZ) for i in range(3)])  # nothing tells: the first two are compared
    assert not app.exception and "400 rows in pairs" in said(app) and "yours_series_trend" not in mounted(app)


def test_files_that_do_not_fit_the_series_are_named_and_left_out(page):
    wide = malformed.npz({"logits": np.column_stack([LOGITS, LOGITS[:, 0] - 1]), "labels": LABELS})
    app = upload(page, *series_files(), ("a0.3.npz", wide), ("bad0.4.npz", b"nonsense"))
    assert not app.exception and dock(app)["stops"] == [0.0, 0.1, 0.5]
    assert "1 file(s) with another number of classes than 4" in said(app) and "This is no sound npz file" in said(app)


def test_three_files_at_one_alpha_are_seeds(page):
    seeds = [(f"s{i}-a0.1.npz", malformed.npz({"logits": (1 + i / 10) * LOGITS, "labels": LABELS})) for i in range(3)]
    app = upload(page, *seeds, ("hard.npz", malformed.npz({"logits": 2 * LOGITS, "labels": LABELS})))
    assert not app.exception and dock(app)["stops"] == [0.0, 0.1] and "your files, up to 3 at an α" in said(app)


def test_together_the_files_stay_within_what_a_session_may_hold(page, monkeypatch):
    from lsviz.pages.yours import files

    monkeypatch.setattr(files, "MOST_SCORES", 2 * LOGITS.size)
    app = upload(page, *series_files())
    assert not app.exception and "together the files hold more than 3,200 scores" in said(app)


def test_a_file_that_found_no_room_is_read_once_the_others_are_gone(page, monkeypatch):
    from lsviz.pages.yours import files
    from lsviz.ui import handed

    monkeypatch.setattr(files, "MOST_SCORES", LOGITS.size)
    file = lambda key, content: handed.Handed(f"{key}.npz", content)
    one, two = file("one", NPZ), file("two", malformed.npz({"logits": 2 * LOGITS, "labels": LABELS}))
    monkeypatch.setattr(files.st, "session_state", {})
    problems = lambda *given: [own.problem.code if isinstance(own, files.Refused) else "" for own in files.owns(given)]
    assert problems(one, two) == ["", "outside.together"]
    assert problems(two) == [""]
    assert problems(two, one) == ["", "outside.together"], "who comes first has the room"
    assert problems(one, two) == ["", "outside.together"]


def test_work_that_takes_too_long_is_stopped(page, monkeypatch):
    from lsviz.pages.yours import files

    monkeypatch.setattr(files, "SECONDS", -1)
    app = upload(page, ("mine.npz", NPZ))
    assert not app.exception and "took longer than -1 seconds and was stopped" in said(app)


def test_umap_of_activations(page):
    before = {*queue.shared()._jobs, "umap_warm"}  # what other tests and pages asked for
    jobs = lambda: queue.shared()._jobs.keys() - before
    app = upload(page, *series_files((0.0,)))
    app = next(button for button in app.button if "UMAP" in button.label).click().run()
    for _ in range(900):
        assert "failed" not in said(app)
        if "Trustworthiness" in said(app):
            break
        time.sleep(0.2)
        app = app.run()
    drawn = mounted(app)["yours_map"]
    assert not app.exception and drawn["count"] == 400 and len(drawn["networks"]) == 1 and len(drawn["film"]["labels"]) == 51
    assert len(jobs()) == 1
    app = upload(app, ("mine.npz", NPZ))
    assert not app.exception and not jobs() and "yours_map" not in mounted(app)


def test_a_layout_that_failed_is_a_sentence_and_can_be_asked_for_again(page, monkeypatch):
    def full(*_, **__):
        raise LsvizError("memory.busy", need=340, left=1)

    monkeypatch.setattr(memory, "require", full)
    app = upload(page, *series_files((0.0,)))
    app = next(button for button in app.button if "UMAP" in button.label).click().run()
    for _ in range(300):
        if "The server is busy" in said(app):
            break
        time.sleep(0.1)
        app = app.run()
    assert not app.exception and "The server is busy" in said(app) and any("UMAP" in button.label for button in app.button)


@pytest.mark.parametrize("make", [malformed.lies, malformed.objects])
def test_malformed_files_are_a_sentence_on_screen(page, make):
    for name, content in list(make())[::7]:
        if name.rpartition(".")[2] in ("safetensors", "npz", "csv", "parquet"):
            app = upload(page, (name, content))
            assert not app.exception and app.text and app.title[0].value, (name, content[:60])


def test_hostile_names_reach_no_markdown_and_no_html(page):
    """As names of two files and of their four classes."""
    for names in (HOSTILE[start : start + 4] for start in range(0, len(HOSTILE), 2)):
        told = {"class_names": json.dumps((names * 4)[:4]), "note": "x"}
        content = malformed.safetensors({"logits": LOGITS, "labels": LABELS}, told)
        files = [name.replace("/", "_").replace("\x00", "") + ".safetensors" for name in names[:2]]  # Streamlit refuses a null byte
        app = upload(page, (files[0], content), ("b" + files[-1], content))
        assert not app.exception
        rendered = "\n".join(
            str(element.value) for kind in (app.markdown, app.caption, app.title, app.subheader) for element in kind
        )
        for name in names:
            telling = name.strip() if len(name.strip()) > 3 else "\x00"
            assert telling not in rendered.replace("|---|", ""), name
        for data in mounted(app).values():
            for tag in ("<script", "<img", "</style"):
                assert tag not in data.get("figure", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_escaped_names_are_inert_markdown(name):
    made = markdown_text(name)
    bare = re.sub(r"\\.", "", made)
    assert not set(bare) & set("`*_[]()<>#|!~$:\n") and len(made) <= 200


def test_csv_runs_no_formula():
    table = csv_text({"=name": ["=1+1", "@x", "-2", "+x", "fine", "\tx"], "value": [-1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    assert table.splitlines() == ["'=name,value", "'=1+1,-1", "'@x,2", "-2,3", "'+x,4", "fine,5", "'\tx,6"]


def test_nothing_stays_when_the_file_is_removed(page):
    app = upload(page, ("mine.npz", NPZ))
    kept = set(app.session_state["yours_kept"])
    assert len(kept) >= 3
    app.file_uploader[0].set_value([])
    app = app.run()
    assert "stored one" in said(app) and not kept & set(app.session_state["yours_kept"])


def test_a_rerun_measures_nothing_again(page, monkeypatch):
    app = upload(page, ("mine.npz", malformed.npz({"probs": np.exp(log_probs(LOGITS)), "labels": LABELS + 1})))
    before = dict(app.session_state["yours_kept"])
    app = app.run().run()
    after = app.session_state["yours_kept"]
    assert before.keys() == after.keys() and all(after[key] is before[key] for key in before)


def test_user_data_is_in_no_cache_shared_by_sessions():
    modules = sorted((Path(__file__).parents[3] / "lsviz/pages/yours").glob("*.py"))
    assert len(modules) >= 7
    for path in modules:
        source = path.read_text("utf-8")
        assert "cache_data" not in source and "cache_resource" not in source and "open(" not in source.replace("zoo.", "")


def in_parquet(columns: dict) -> bytes:
    from pyarrow import BufferOutputStream, parquet, table

    sink = BufferOutputStream()
    parquet.write_table(table(columns), sink)
    return sink.getvalue().to_pybytes()


def test_rows_of_a_stretch_are_listed_by_the_ids_of_the_file(page):
    ids = [f"img_{k}.png" for k in range(400)]
    columns = {"image": ids, "label": [f"{'abcd'[y]}" for y in LABELS], **{name: LOGITS[:, k] for k, name in enumerate("abcd")}}
    app = upload(page, ("mine.parquet", in_parquet(columns | {"site": np.where(np.arange(400) < 300, "Seoul", "Busan")})))
    box = next(box for box in app.selectbox if box.key.startswith("yours_group_"))
    assert set(box.options) == {"image", "site"}
    box.set_value("site").run()
    assert not app.exception and "Seoul" in said(app)
    slider = next(slider for slider in app.slider if slider.key.startswith("yours_stretch_"))
    slider.set_value((70, 90)).run()
    found = assess(LOGITS, LABELS)
    inside = np.flatnonzero((found.confidence > 0.7) & (found.confidence <= 0.9))
    wrong = inside[~found.correct[inside]]
    surest = wrong[found.confidence[wrong].argmax()]
    assert f"{len(inside)} rows" in said(app) and f"{100 * found.correct[inside].mean():.1f}" in said(app)
    table = app.dataframe[-1].value
    assert len(table) == len(inside) and table["row"][0] == f"img_{surest}.png" and "img_" not in said(app).replace("image", "")


def test_a_column_of_groups_gives_every_number_a_group(page):
    sites = np.where(np.arange(400) < 200, "Seoul", "Busan")
    lines = [
        "site,label,a,b,c,d",
        *(f"{site},{'abcd'[label]}," + ",".join(f"{z:.3f}" for z in row) for site, label, row in zip(sites, LABELS, LOGITS)),
    ]
    app = upload(page, ("mine.csv", "\n".join(lines).encode()))
    box = next(box for box in app.selectbox if box.key.startswith("yours_group_"))
    assert list(box.options) == ["site"] and "yours_groups" not in mounted(app)
    box.set_value("site").run()
    assert not app.exception and "yours_groups" in mounted(app)
    half = assess(np.round(LOGITS[:200], 3), LABELS[:200])
    assert "Seoul" in said(app) and f"{100 * half.ece.ece:.2f} %" in said(app)
