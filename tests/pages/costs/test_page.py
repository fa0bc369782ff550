"""Costs opens on stored networks, sorts by what the link says, compares with the hard one, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct
from lsviz.core.comparing.selective import risk_coverage, score_of
from lsviz.figures import numbers
from lsviz.store import Store
from tests.pages.reliability.test_page import said
from tests.reading import mounted
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def opened(**query: str):
    return opened_page("costs", **query)


@pytest.mark.parametrize("score", ["probability", "logit"])
def test_the_headline_is_measured_on_the_score_of_the_link(folder, score):
    run = write_small_zoo(folder)[0]
    app = opened(n="5", score=score)
    assert not app.exception
    there = mounted(app)
    assert {"costs_curve", "costs_area", "costs_force", "costs_top", "costs_tax", "costs_price", "costs_easy", "headline"} <= set(
        there
    )
    arrays = Store(folder).load(run.id)
    _, correct = confidence_and_correct(arrays["test_logits"], arrays["test_labels"])
    few = risk_coverage(score_of(arrays["test_logits"], score), correct).risk_at(0.2)
    head = "".join(piece for piece, _ in there["headline"]["heads"][0])
    assert numbers.percent(few, 1).replace(" ", "\u00a0") in head.replace(" %", "\u00a0%")


def test_the_verdict_follows_alpha_and_needs_one(folder):
    write_small_zoo(folder)
    assert "Choose α above 0" in said(opened(n="5", alpha="0"))
    text = said(opened(n="5", alpha="0.5"))
    assert "What α" not in text or "| ECE |" in text
    assert "| ECE |" in text and "not told apart" in text  # accuracy is the same by construction


def test_missing_probes_and_students_name_their_command(folder):
    write_small_zoo(folder)
    text = said(opened(n="5"))
    assert "--plan core" in text and "--plan distil" in text


def test_networks_of_another_seed_are_not_compared(folder):
    write_small_zoo(folder, alphas=(0.0,), seeds=(0,))
    write_small_zoo(folder, alphas=(0.5,), seeds=(1,))
    app = opened(n="5", alpha="0.5")
    assert not app.exception and "| ECE |" not in said(app)


def test_a_network_without_validation_images_is_named(folder):
    from lsviz.store import write_run

    records = write_small_zoo(folder)
    arrays = {k: np.array(v) for k, v in Store(folder).load(records[1].id).items() if not k.startswith("validation")}
    write_run(folder, records[1], arrays)
    app = opened(n="5")
    assert not app.exception and "without validation images" in said(app)


def test_the_verdict_over_seeds_needs_three_of_them_and_is_copied_whole(folder):
    write_small_zoo(folder, alphas=(0.0, 0.5), seeds=(0, 1))
    assert "mean of" not in said(opened(n="5", alpha="0.5"))
    records = write_small_zoo(folder, alphas=(0.0, 0.5), seeds=(0, 1, 2))
    text = said(opened(n="5", alpha="0.5"))
    assert "mean of 3 seeds" in text and "Seeds 0, 1, 2" in text and text.count("| AURC |") == 2  # the table, and its copy
    store = Store(folder)
    areas = {alpha: [] for alpha in (0.0, 0.5)}
    for run in records:
        arrays = store.load(run.id)
        _, correct = confidence_and_correct(arrays["test_logits"], arrays["test_labels"])
        areas[run.config.alpha].append(risk_coverage(score_of(arrays["test_logits"]), correct).aurc)
    assert f"| {numbers.percent(np.mean(areas[0.0]), 1)} | {numbers.percent(np.mean(areas[0.5]), 1)} |" in text


def test_the_probe_says_whether_it_settles_anything(folder):
    from dataclasses import replace

    from lsviz.store import write_run

    for run, probe, separation in zip(write_small_zoo(folder), (0.58, 0.50, 0.57), (0.7, 0.6, 0.8)):
        made = replace(
            run,
            facts={"probe_accuracy": probe},
            metrics={**run.metrics, "train": {**run.metrics["train"], "class_separation": separation}},
        )
        write_run(folder, made, dict(Store(folder).load(run.id)))
    falls, equal = said(opened(n="5", alpha="0.1")), said(opened(n="5", alpha="0.5"))
    assert "carry less to new classes" in falls and "does not fit" in falls and "81.4 %" in falls
    assert "holds zero" in equal and "does not fit" not in equal


def student_runs(folder, taught):
    """Students whose answers are right on known shares of the images; `taught` is {(teacher alpha or None, T): errors}."""
    from dataclasses import replace

    from lsviz.store import write_run

    base = write_small_zoo(folder)[0]
    arrays = dict(Store(folder).load(base.id))
    labels = arrays["test_labels"].astype(int)
    for (alpha, temperature), errors in taught.items():
        answer = np.where(np.arange(len(labels)) < errors, (labels + 1) % 5, labels)
        teacher = {} if alpha is None else {"teacher_alpha": alpha, "teacher_temperature": temperature, "distil_weight": 1.0}
        config = replace(base.config, net="resnet9-student", **teacher)
        logits = (5.0 * np.eye(5)[answer]).astype(np.float16)
        record = replace(
            base, config=config, id=config.run_id, metrics={**base.metrics, "validation": {"accuracy": 1 - errors / 400}}
        )
        write_run(folder, record, arrays | {"test_logits": logits})


def test_three_papers_read_one_map(folder):
    student_runs(folder, {(None, 1.0): 100, (0.0, 1.0): 80, (0.0, 2.0): 60, (0.1, 1.0): 40, (0.1, 2.0): 120})
    app = opened(n="5", alpha="0.1")
    text = said(app)
    assert not app.exception and "costs_students" in mounted(app) and "--plan distil" not in text
    mueller, shen, chandrasegaran = (
        next(line for line in text.splitlines() if line.startswith(f"**{name}")) for name in ("Müller", "Shen", "Chandrasegaran")
    )
    assert (
        "0.74 %" in mueller
        and "at T = 1 minus hard at T = 2 (its best on validation images): +5.0 points" in mueller
        and "contradicts" in mueller
    )
    assert "71.4 %" in shen and "at T = 1 minus hard at T = 1: +10.0 points" in shen and "agrees" in shen
    assert (
        "68.9 %" in chandrasegaran and "at T = 2 minus hard at T = 2: −15.0 points" in chandrasegaran and "agrees" in chandrasegaran
    )


def test_a_map_with_holes_says_which_reading_is_missing(folder):
    student_runs(folder, {(0.0, 1.0): 80, (0.1, 1.0): 81})
    text = said(opened(n="5", alpha="0.1"))
    assert "not told apart by these images" in text and "are not stored yet" in text


def test_students_of_the_nearest_n_are_shown_and_said(folder):
    student_runs(folder, {(0.0, 1.0): 80, (0.1, 1.0): 40})
    write_small_zoo(folder, num_classes=8)
    app = opened(n="8", alpha="0.1")
    assert "costs_students" in mounted(app) and "Students are stored for N = 5, not for N = 8" in said(app)


def test_a_network_that_has_seen_every_class_has_no_probe(folder):
    write_small_zoo(folder, num_classes=100, n=400)
    text = said(opened(n="100"))
    assert "no classes are left" in text and "--plan core" not in text
