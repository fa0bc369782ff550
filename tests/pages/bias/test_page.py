"""Inductive bias opens on the stored seeds, decomposes what they are, and says what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lsviz.core.comparing.bias_variance import disagreement
from lsviz.figures import numbers
from lsviz.store import Store, write_run
from tests.pages.reliability.test_page import said
from tests.reading import mounted
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def test_the_headline_is_how_often_the_stored_seeds_answer_differently(folder):
    write_small_zoo(folder, seeds=(0, 1, 2), n=60)
    app = opened_page("bias", n="5", alpha="0.1")
    assert not app.exception
    there = mounted(app)
    assert {"bias_brier", "bias_nll", "headline"} <= set(there)
    store = Store(folder)
    arrays = [store.load(run.id) for run in store.runs if run.config.alpha == 0.1]
    apart = disagreement([a["test_logits"] for a in arrays]).mean()
    head = "".join(piece for piece, _ in there["headline"]["heads"][there["headline"]["stops"].index(0.1)])
    assert (
        numbers.percent(apart, 1) in head.replace(numbers.NO_BREAK, " ") and "not told apart" in head
    )  # the same answers as hard, by construction


def test_without_seeds_one_sentence_and_the_command(folder):
    write_small_zoo(folder)
    app = opened_page("bias", n="5")
    assert not app.exception and "--plan seeds" in said(app)
    assert {"bias_identity", "bias_alike_soft"} <= set(mounted(opened_page("labels", n="5")))  # which needs no seeds


def test_another_n_is_said(folder):
    write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "Several seeds are stored for N = 5, not for N = 9" in said(opened_page("bias", n="9"))


def with_test_numbers(folder, records, **changes) -> None:
    """The same runs again, with the accuracy and NLL of their own logits in the manifest, under another configuration."""
    from lsviz.core.calibration import confidence_and_correct, nll

    store = Store(folder)
    for run in records:
        arrays = dict(store.load(run.id))
        _, correct = confidence_and_correct(arrays["test_logits"], arrays["test_labels"])
        test = {"accuracy": float(correct.mean()), "nll": nll(arrays["test_logits"], arrays["test_labels"]), "ece15": 0.1}
        config = replace(run.config, **changes)
        facts = {"training_images": 20 * config.size}
        write_run(folder, replace(run, config=config, id=config.run_id, facts=facts, metrics={**run.metrics, "test": test}), arrays)


def test_differences_say_plainly_whether_they_hold_zero(folder):
    with_test_numbers(folder, write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1, 2), n=1500))
    text = said(opened_page("bias", n="5"))
    assert "In **accuracy** every interval holds zero" in text  # same answers by construction
    assert "In **NLL** every interval is clear of zero (α = 0.10: −" in text
    assert "--plan size" in text


def test_less_data_is_compared_within_its_size(folder):
    records = write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1, 2), n=60)
    with_test_numbers(folder, records)
    with_test_numbers(folder, records, size=10)
    app = opened_page("bias", n="5")
    there = mounted(app)
    assert not app.exception and {"bias_sized_accuracy", "bias_sizes_brier"} <= set(there)
    ticks = json.loads(there["bias_sized_accuracy"]["figure"])["layout"]["xaxis"]["ticktext"]
    assert ticks == ["10 %<br>200", "100 %<br>2\u202f000"] and "--plan size" not in said(app)


def test_agreement_compares_the_seeds_every_alpha_has(folder):
    write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1, 2), n=60)
    write_small_zoo(folder, alphas=(0.5,), seeds=(0, 1), n=60)
    store = Store(folder)
    arrays = [store.load(run.id) for run in store.runs if run.config.alpha == 0.1 and run.config.seed < 2]
    apart = disagreement([a["test_logits"] for a in arrays]).mean()
    there = mounted(opened_page("bias", n="5"))
    head = "".join(piece for piece, _ in there["headline"]["heads"][there["headline"]["stops"].index(0.1)])
    assert numbers.percent(apart, 1) in head.replace(numbers.NO_BREAK, " ") and "three seeds" in head
