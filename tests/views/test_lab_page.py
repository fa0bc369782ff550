"""The Lab page: it opens without PyTorch, trains at a press, and shows what was trained."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.lab.config import ALPHAS, MOST_CLASSES
from lsviz.state import DATASETS, ViewState
from lsviz.ui import lab_job
from lsviz.ui.lab_settings import PRESETS, config_of, counts
from lsviz.ui.texts import t

ROOT = Path(__file__).parents[2]
QUICK = dict(data="blobs", n="3", examples="60", width="8", epochs="6", batch="20")


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("lsviz/views/lab.py").run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> set[str]:
    return {element.proto.id.rsplit("-", 1)[-1] for element in app.get("bidi_component")}


def trained(app: AppTest) -> AppTest:
    next(button for button in app.button if button.label == t("lab.go", count=len(ALPHAS))).click().run()
    until = time.monotonic() + 90
    while "lab_curve" not in drawn(app):  # the curves over alpha are drawn while it trains
        assert time.monotonic() < until and not app.exception
        time.sleep(0.3)
        app.run()
    assert not app.exception
    return app


def test_before_the_press_nothing_is_trained():
    app = opened(**{**QUICK, "labseed": "77"})
    assert "lab_sweep" not in drawn(app) and lab_job.jobs.shared().find(config_of(app.session_state["view_state"]).key) is None


def test_a_press_trains_and_draws_everything():
    app = trained(opened(**QUICK))
    assert drawn(app) >= {"lab_sweep", "lab_map", "lab_map_hard", "lab_reliability", "lab_inside_hard", "lab_inside_soft", "lab_curve", "lab_margin"}
    run = app.session_state["lab_last"]
    assert run.config == config_of(app.session_state["view_state"]) and run.epochs == 6
    assert any(caption.value == t("lab.took", count=21, seconds=f"{run.seconds:.1f}", train=60, test=1000) for caption in app.caption)


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
    assert run.diverged.any() and any(t("lab.diverged", count=int(run.diverged.sum())) == caption.value for caption in app.caption)


def test_predict_keeps_the_secret_until_revealed():
    app = trained(opened(**{**QUICK, "predict": "1", "guess": "0.3", "labseed": "5"}))
    reveal = next(button for button in app.button if button.label == t("lab.reveal"))
    reveal.click().run()
    errors = app.session_state["lab_last"].curves["ece"][:, -1]
    said = next(m.value for m in app.markdown if "You said" in m.value)
    assert "0.30" in said and f"{ALPHAS[int(np.nanargmin(errors))]:.2f}" in said


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_possible_and_explained(name):
    app = opened()
    app.button(key=f"lab_preset_{name}").click().run()
    assert not app.exception
    state = app.session_state["view_state"]
    assert all(getattr(state, field) == value for field, value in PRESETS[name].items())
    assert any(caption.value == t(f"lab.why.{name}") for caption in app.caption)


@pytest.mark.parametrize("data", DATASETS)
@pytest.mark.parametrize("n", ["2", "7", "1000"])
def test_any_n_in_the_address_becomes_one_the_data_can_have(data, n):
    app = opened(data=data, n=n)
    config = config_of(app.session_state["view_state"])
    assert config.num_classes in counts(data) and config.num_classes <= MOST_CLASSES[data]


def test_the_default_view_is_the_default_training():
    assert config_of(ViewState()) == lab_job.LabConfig()


def test_a_busy_server_says_so_and_another_press_tries_again(monkeypatch):
    lab_job.worker().close()
    monkeypatch.setattr(lab_job.memory, "room_mb", lambda: 30.0)
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
