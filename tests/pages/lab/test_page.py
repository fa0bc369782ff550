"""The Lab page: it opens without PyTorch, trains at a press, and shows what was trained."""

from __future__ import annotations

import gc
import json
import threading
import time
import weakref
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.figures import numbers
from lsviz.jobs import memory, queue, training
from lsviz.lab.config import ALPHAS, MOST_CLASSES, NEGATIVE, LabConfig
from lsviz.lab.run import LabRun
from lsviz.pages.lab import trainings
from lsviz.pages.lab.settings import PRESETS, config_of, counts, preset_of, preset_view
from lsviz.state import DATASETS, ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import handed
from tests.reading import mounted, plain
from tests.reading import opened as opened_page

QUICK = dict(data="blobs", n="3", examples="60", width="8", epochs="6", batch="20")


def opened(**query: str) -> AppTest:
    return opened_page("lab", **query)


def drawn(app: AppTest) -> set[str]:
    return {element.proto.id.rsplit("-", 1)[-1] for element in app.get("bidi_component")}


def trained(app: AppTest) -> AppTest:
    app.button(key="lab_go").click().run()
    return finished(app)


def finished(app: AppTest) -> AppTest:
    until = time.monotonic() + 300  # PyTorch's import gives way to all else on a busy machine
    while "lab_pin" not in [button.key for button in app.button]:  # the curves over alpha are there while it trains
        assert not app.exception
        assert time.monotonic() < until, [(job.key, job.state, job.stage, job.error) for job in queue.shared()._jobs.values()]
        time.sleep(0.3)
        app.run()
    assert not app.exception
    return app


def test_before_the_press_nothing_is_trained():
    app = opened(**{**QUICK, "labseed": "77"})
    assert "lab_sweep" not in drawn(app) and queue.shared().find(config_of(app.session_state["view_state"]).key) is None


def test_a_press_trains_and_draws_everything():
    app = trained(opened(**QUICK))
    assert drawn(app) >= {
        "lab_sweep",
        "lab_map",
        "lab_map_hard",
        "lab_reliability",
        "lab_inside_hard",
        "lab_inside_soft",
        "lab_curve",
        "lab_margin",
    }
    run = app.session_state["lab_last"]
    assert run.config == config_of(app.session_state["view_state"]) and run.epochs == 6
    assert any(
        plain(caption.value) == t("lab.took", count=21, seconds=f"{run.seconds:.1f}", train=60, test=1000)
        for caption in app.caption
    )


def test_a_change_after_the_press_trains_by_itself_and_a_former_training_is_there_at_once():
    app = trained(opened(**QUICK))
    first = app.session_state["lab_last"]
    app.slider(key="control_lab_noise").set_value(0.2).run()
    until = time.monotonic() + 60
    while app.session_state["lab_last"] is first:
        assert time.monotonic() < until
        time.sleep(0.2)
        app.run()
    assert app.session_state["lab_last"].wrong == 12
    app.slider(key="control_lab_noise").set_value(0.0).run()
    assert app.session_state["lab_last"] is first


def test_an_impossible_rate_ends_in_a_badge():
    app = trained(opened(**{"epochs": "3", "opt": "sgd", "rate": "100"}))
    run = app.session_state["lab_last"]
    assert run.diverged.any() and any(
        t("lab.diverged", count=int(run.diverged.sum())) == plain(caption.value) for caption in app.caption
    )


def test_predict_keeps_the_secret_until_revealed():
    app = trained(opened(**{**QUICK, "predict": "1", "guess": "0.3", "labseed": "5"}))
    reveal = next(button for button in app.button if button.label == t("lab.reveal"))
    reveal.click().run()
    errors = app.session_state["lab_last"].curves["ece"][:, -1]
    said = next(m.value for m in app.markdown if "You said" in m.value)
    assert "0.30" in said and f"{ALPHAS[int(np.nanargmin(errors))]:.2f}" in said


def test_until_it_is_revealed_nothing_on_the_page_tells():
    app = trained(opened(**{**QUICK, "labseed": "5"}))  # whoever trained it
    state = app.session_state["view_state"]
    hiding = opened(**{**QUICK, "labseed": "5", "predict": "1"})
    assert drawn(hiding) & {"lab_reliability", "lab_told", "lab_curve"} == set() and "lab_sweep" in drawn(hiding)
    least = app.session_state["lab_last"].curves["ece"][:, -1].min()
    assert numbers.percent(float(least)) in str(mounted(app)) and numbers.percent(float(least)) not in str(mounted(hiding))
    assert config_of(state) == config_of(hiding.session_state["view_state"])


def test_the_epoch_moves_every_panel():
    app = trained(opened(**{**QUICK, "labseed": "6"}))
    late = mounted(app)
    app.select_slider(key="control_lab_epoch").set_value(2).run()
    early = mounted(app)
    assert not app.exception and app.query_params["at"] == "2"
    moving = {
        "headline",
        "lab_sweep",
        "lab_map_hard",
        "lab_map",
        "lab_reliability",
        "lab_inside_hard",
        "lab_inside_soft",
        "lab_told",
        "lab_margin",
        "lab_curve",
    }
    assert moving <= set(late) and [name for name in moving if early[name] == late[name]] == []
    run = app.session_state["lab_last"]
    assert numbers.percent(float(run.curves["test_accuracy"][ALPHAS.index(0.1), 1])) in str(
        early["lab_sweep"]["alt"][ALPHAS.index(0.1)]
    )


def test_negative_smoothing_and_one_more_alpha_are_trained_where_they_are_asked_for():
    app = opened(**{**QUICK, "neg": "1", "also": "0.12", "alpha": "0.12"})
    assert app.button(key="lab_go").label == t("lab.go", count=len(ALPHAS) + len(NEGATIVE) + 1)
    run = trained(app).session_state["lab_last"]
    assert run.config.alphas == (*NEGATIVE, *sorted((*ALPHAS, 0.12)))
    assert all(data["frames"]["stops"] == sorted((*ALPHAS, 0.12)) for data in mounted(app).values() if data.get("frames"))
    assert len(mounted(app)["headline"]["stops"]) == 22


def test_a_pinned_training_stays_beside_the_next():
    app = trained(opened(**{**QUICK, "labseed": "7"}))
    app.button(key="lab_pin").click().run()
    assert "dot" not in str(lines(app))  # it is the one that is shown
    app.slider(key="control_lab_noise").set_value(0.3).run()
    finished_anew(app, wrong=18)
    assert lines(app).count("dot") == 4 and not app.exception
    app.button(key="lab_pin").click().run()
    assert app.session_state["lab_pinned"].wrong == 18


def lines(app: AppTest) -> list[str]:
    return [trace.get("line", {}).get("dash", "") for trace in json.loads(mounted(app)["lab_sweep"]["figure"])["data"]]


def finished_anew(app: AppTest, wrong: int) -> None:
    until = time.monotonic() + 300  # PyTorch's import gives way to all else on a busy machine
    while app.session_state["lab_last"].wrong != wrong:
        assert time.monotonic() < until and not app.exception
        time.sleep(0.2)
        app.run()


def test_what_failed_is_tried_again_at_a_press(monkeypatch):
    app = opened(**{**QUICK, "labseed": "8"})
    with monkeypatch.context() as broken:
        broken.setattr(trainings, "train", lambda config, table, tell: 1 / 0)
        app.button(key="lab_go").click().run()
        until = time.monotonic() + 30
        while not any("The training stopped" in text.value for text in app.text):
            assert time.monotonic() < until
            app.run()
        key = config_of(app.session_state["view_state"]).key
        failed = queue.shared().find(key)
        app.run()
        assert queue.shared().find(key) is failed  # looking does not train
    trained(app)
    assert queue.shared().find(key).state == "done"


def test_five_seeds_are_said_with_their_spread_and_cancelled_for_good(monkeypatch):
    app = trained(opened(**{**QUICK, "labseed": "9", "wrong": "0.4", "alpha": "0.3"}))
    app.toggle(key="control_lab_five").set_value(True).run()
    until = time.monotonic() + 300
    while not any("Five seeds, " in plain(m.value) for m in app.markdown):
        assert time.monotonic() < until and not app.exception
        time.sleep(0.2)
        app.run()
    said = next(plain(m.value) for m in app.markdown if "Five seeds, " in plain(m.value))
    found = queue.shared().find(f"{app.session_state['lab_last'].config.key}-seeds").result
    change = found.change("test_accuracy", 0, ALPHAS.index(0.3))
    assert len(change) == 5 and numbers.points(float(change.mean())) in said and numbers.points(float(change.max())) in said
    assert any(trace.get("fill") == "toself" for trace in json.loads(mounted(app)["lab_sweep"]["figure"])["data"])
    waiting = threading.Event()
    monkeypatch.setattr(
        trainings,
        "five_seeds",
        lambda config, table, tell: [tell("seeds", 0, None) or time.sleep(0.02) for _ in iter(waiting.is_set, True)],
    )
    app.number_input(key="control_lab_seed").set_value(11).run()
    finished_seed(app, 11)
    app.run()
    next(button for button in app.button if button.label == t("lab.cancel")).click().run()
    assert not app.session_state["view_state"].lab_five and not app.exception
    job = queue.shared().find(f"{app.session_state['lab_last'].config.key}-seeds")
    until = time.monotonic() + 20
    while job.open:
        assert time.monotonic() < until
        time.sleep(0.02)
    app.run()
    assert queue.shared().find(job.key).state == "cancelled"  # nobody asked again


def finished_seed(app: AppTest, seed: int) -> None:
    until = time.monotonic() + 300  # PyTorch's import gives way to all else on a busy machine
    while app.session_state["lab_last"].config.seed != seed:
        assert time.monotonic() < until and not app.exception
        time.sleep(0.2)
        app.run()


def test_a_network_opens_on_your_model():
    app = trained(opened(**{**QUICK, "labseed": "12", "alpha": "0.3"}))
    run = app.session_state["lab_last"]
    app.button(key="lab_open_yours").click().run()
    assert not app.exception and app.session_state["view_page"] == "yours"
    gap = float(run.curves["gap"][ALPHAS.index(0.3), -1])
    assert f"{100 * abs(gap):.1f} points" in app.title[0].value
    files = handed.handed()  # outside a session there is none
    assert files == [] and [file.name for file in app.session_state["yours_handed"]] == [
        "lsviz-lab-blobs-0.3.safetensors",
        "lsviz-lab-blobs-0.safetensors",
    ]


def test_a_table_of_ones_own_is_read_or_its_cell_is_named():
    app = opened(data="csv", epochs="3", width="8")
    assert app.button(key="lab_go").disabled
    rows = [f"{i % 7}.5,{(i * 3) % 11},{i % 3}" for i in range(60)]
    broken = "\n".join(["height,width,label", *rows[:4], "1.5,,2", *rows[5:]])
    app.file_uploader[0].set_value([("mine.csv", broken.encode(), "text/csv")]).run()
    assert any("Column width, row 5 is empty" in text.value for text in app.text) and app.button(key="lab_go").disabled
    app.file_uploader[0].set_value([("mine.csv", "\n".join(["height,width,label", *rows]).encode(), "text/csv")]).run()
    run = trained(app).session_state["lab_last"]
    assert run.names == ("0", "1", "2") and run.sizes[0] + run.sizes[1] < 60


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_a_link(name):
    view = preset_view(name, ViewState(lab_depth=5, lab_data="spirals"))
    reopened = ViewState.from_query(view.to_query())
    assert config_of(reopened) == config_of(view) and preset_of(reopened) == name and reopened.alpha == PRESETS[name]["alpha"]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_possible_and_explained(name):
    app = opened()
    app.button(key=f"lab_preset_{name}").click().run()
    assert not app.exception
    state = app.session_state["view_state"]
    assert all(getattr(state, field) == value for field, value in PRESETS[name].items())
    assert any(plain(caption.value) == t(f"lab.why.{name}") for caption in app.caption)


@pytest.mark.parametrize("data", DATASETS)
@pytest.mark.parametrize("n", ["2", "7", "1000"])
def test_any_n_in_the_address_becomes_one_the_data_can_have(data, n):
    app = opened(data=data, n=n)
    config = config_of(app.session_state["view_state"])
    assert config.num_classes in counts(data) and config.num_classes <= MOST_CLASSES[data]


def test_the_default_view_is_the_default_training():
    assert config_of(ViewState()) == LabConfig()


def test_a_busy_server_says_so_and_another_press_tries_again(monkeypatch):
    training.worker().close()
    monkeypatch.setattr(memory, "room_mb", lambda: 30.0)
    app = opened(**{**QUICK, "labseed": "31"})
    press = lambda: next(button for button in app.button if button.label == t("lab.go", count=len(ALPHAS))).click().run()
    press()
    until = time.monotonic() + 30
    busy = lambda: any("30 MB are left" in text.value for text in app.text)
    while not busy():
        assert time.monotonic() < until
        time.sleep(0.2)
        app.run()
    app.run()
    assert busy() and "lab_sweep" not in drawn(app), "it is not tried again by itself"
    monkeypatch.undo()
    trained(app)


def test_a_session_keeps_no_training_but_its_last():
    seeds = (500, 501, 502)  # no other test's: theirs may still be trained in this process
    app = trained(opened(**{**QUICK, "labseed": "500"}))
    first = weakref.ref(app.session_state["lab_last"])
    for seed in seeds[1:]:
        app.session_state["view_state"] = replace(app.session_state["view_state"], lab_seed=seed)
        app.run()
        until = time.monotonic() + 300
        while app.session_state["lab_last"].config.seed != seed:
            assert time.monotonic() < until and not app.exception
            time.sleep(0.2)
            app.run()
    jobs = queue.shared()
    for key in [key for key, job in jobs._jobs.items() if job.result is first()]:
        del jobs._jobs[key]  # what a full queue does with those used longest ago
    app.run()
    gc.collect()
    kept = [found for found in gc.get_objects() if isinstance(found, LabRun) and found.config.seed in seeds]
    assert first() is None and 1 <= len(kept) <= 3
