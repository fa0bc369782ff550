"""What Inductive bias and Costs train live: nothing before a press, figures and words after it, with stored networks and without."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lsviz.jobs import queue
from lsviz.lab.config import LabConfig
from lsviz.lab.trials.many_samples import SamplesTrial
from lsviz.lab.trials.students import TaughtTrial
from lsviz.lab.trials.wrong_labels import WrongTrial
from lsviz.pages.bias import many_samples_live
from lsviz.pages.costs import easy_tasks, students
from lsviz.pages.labels import similar_digits_live, wrong_labels_live
from tests.pages.test_every_page import said
from tests.reading import mounted, opened


@pytest.fixture
def small(tmp_path, monkeypatch):
    """No networks stored, and trainings of a second."""
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    monkeypatch.setattr(many_samples_live, "TRIAL", SamplesTrial(seeds=2, epochs=2, alphas=(0.0, 0.1, 0.5)))
    monkeypatch.setattr(
        wrong_labels_live, "TRIAL", WrongTrial(rates=(0.0, 0.4), alphas=(-0.4, 0.0, 0.1), seeds=2, examples=60, epochs=2)
    )
    monkeypatch.setattr(
        similar_digits_live, "AlikeTrial", lambda alpha, weights: AlikeTrial(0, alpha, weights, seeds=2, examples=60, epochs=2)
    )
    monkeypatch.setattr(students, "LIVE", TaughtTrial(seeds=2, examples=60, epochs=2, temperatures=(1.0, 2.0)))
    monkeypatch.setattr(easy_tasks, "LIVE", LabConfig(epochs=2, alphas=(0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9)))


AlikeTrial = similar_digits_live.AlikeTrial


def pressed(app, name: str, there: str):
    """Press the button of a live experiment and wait for what it draws."""
    next(button for button in app.button if button.key == f"train_{name}").click().run()
    until = time.monotonic() + 300  # the training process steps back behind everything else
    while there not in mounted(app):
        assert time.monotonic() < until and not app.exception
        time.sleep(0.3)
        app.run()
    assert not app.exception and f"train_{name}" not in {button.key for button in app.button}
    return app


def test_inductive_bias_trains_without_stored_networks(small):
    app = opened("bias", n="10", alpha="0.1")
    assert not app.exception and "bias_prior_data" in mounted(app) and "bias_live_parts_first" not in mounted(app)
    pressed(app, "spread", "bias_live_parts_first")
    found = queue.shared().find(many_samples_live.TRIAL.key).result
    text = said(app)
    best = min(found.brier[50], key=lambda a: found.brier[50][a].expected)
    assert f"{found.brier[50][0.0].variance:.3f}" in text and f"{found.brier[50][0.0].bias:.3f}" in text
    assert f"**α = {best:.2f}**" in text or "without smoothing" in text
    assert {"bias_live_parts_second", "bias_paired_first", "bias_paired_second"} <= set(mounted(app)) and "In **accuracy**" in text
    assert "Of 6 such intervals" in text and "Holm" in text
    app = pressed(opened("labels", n="10", alpha="0.1"), "wrong", "bias_live_map")
    one = queue.shared().find(wrong_labels_live.TRIAL.key).result.corrected[0.4, "forward"]
    assert (
        f"Forward correction: at 40 % **{100 * one.against_hard[0]:+.1f}**".replace("-", "−") in said(app).replace("+0.0", "0.0")
        or abs(one.against_hard[0]) < 5e-4
    )
    assert "bias_live_flips" in mounted(app)


def test_the_five_assumptions_follow_the_data_of_the_link(small):
    app = pressed(opened("bias", n="10", prior="blobs"), "priors", "bias_priors")
    assert "bias_prior_data" not in mounted(app) and '"prior"' not in mounted(app)["bias_priors"]["figure"]
    assert len(mounted(app)["bias_priors"]["frames"]["stops"]) == 9


def test_the_matrix_of_the_link_is_trained(small):
    app = opened("labels", n="10", alpha="0.2", alike="386.836")
    pressed(app, "alike", "bias_alike_live_matrix")
    assert {"bias_alike_live_hard", "bias_alike_live_even"} <= set(mounted(app))
    found = (
        queue.shared().find(AlikeTrial(0, 0.2, similar_digits_live.parsed("386.836"), seeds=2, examples=60, epochs=2).key).result
    )
    assert f"NLL {found.each['hard'].nll:.3f} / {found.each['even'].nll:.3f} / **{found.each['matrix'].nll:.3f}**" in said(app)
    app.query_params["alpha"] = "0.2"
    next(button for button in app.button if button.key == "alike_even").click().run()
    assert (
        not app.exception and app.session_state["view_state"].alike == "" and "former α or matrix" in said(app)
    )  # what was trained last stays in sight


def test_costs_foretell_then_train_without_stored_networks(small):
    app = opened("costs", n="10", alpha="0.1", right="0.9")
    there = mounted(app)
    assert not app.exception and {"costs_easy", "costs_easy_live"} <= set(there) and there["costs_easy_live"]["frames"] is None
    assert "90 %" in there["costs_easy_live"]["alt"][0]
    next(button for button in app.button if button.key == "train_easy").click().run()
    until = time.monotonic() + 300  # the training process steps back behind everything else
    while mounted(app)["costs_easy_live"]["frames"] is None:
        assert time.monotonic() < until and not app.exception
        time.sleep(0.3)
        app.run()
    run = queue.shared().find(easy_tasks.LIVE.key).result
    assert f"{100 * run.curves['ece'][2, -1]:.1f} %" in mounted(app)["costs_easy_live"]["alt"][2]
    next(toggle for toggle in app.toggle if toggle.key == "control_easy_tempered").set_value(True).run()
    assert not app.exception and len(mounted(app)["costs_easy_live"]["alt"]) == 7


def test_students_live_are_read_by_three_papers_and_one_remedy(small):
    app = pressed(opened("costs", n="10", alpha="0.1"), "taught", "costs_students_live")
    text = said(app)
    assert "--plan distil" in text and text.count("**Here**") == 3
    found = queue.shared().find(students.LIVE.key).result
    apart = 100 * (np.mean(found.students[0.1, 1.0]) - np.mean(found.students[0.0, 1.0]))
    shown = f"{apart:+.1f}".replace("-", "−") if abs(apart) >= 0.05 else "0.0"
    assert f"at T = 1 minus hard at T = 1: {shown} points" in text
    next(toggle for toggle in app.toggle if toggle.key == "control_cool_teacher").set_value(True).run()
    assert "**The remedy**, T = 1" in said(app) and "α = 0.30, T = 2" in said(app) and "**Here**" not in said(app)


def test_a_link_without_controls_offers_no_training(small):
    app = opened("costs", n="10", hide="controls")
    assert not app.exception and not [button for button in app.button if str(button.key).startswith("train_")]
