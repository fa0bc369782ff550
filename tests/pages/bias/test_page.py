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
    assert {"bias_identity", "bias_alike_soft"} <= set(mounted(app))  # the rest of the page needs no seeds


def test_another_n_is_said(folder):
    write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "Several seeds are stored for N = 5, not for N = 9" in said(opened_page("bias", n="9"))


def test_wrong_labels_appear_when_they_are_stored(folder):
    records = write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "--plan noise" in said(opened_page("bias", n="5"))
    noisy = replace(
        records[0], config=replace(records[0].config, noise=0.4), history={**records[0].history, "memorised_flips": (0.1, 0.7)}
    )
    noisy = replace(noisy, id=noisy.config.run_id)
    write_run(folder, noisy, dict(Store(folder).load(records[0].id)))
    app = opened_page("bias", n="5")
    assert not app.exception
    assert {"bias_map", "bias_identity", "bias_corrections"} <= set(mounted(app)) and "bias_memorised" not in mounted(app)
    app.session_state["fold_epochs"] = True
    app.run()
    assert not app.exception and {"bias_test_accuracy", "bias_memorised"} <= set(mounted(app))


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
    assert "--plan size" in text and "--plan noise" in text


def test_less_data_is_compared_within_its_size(folder):
    records = write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1, 2), n=60)
    with_test_numbers(folder, records)
    with_test_numbers(folder, records, size=10)
    app = opened_page("bias", n="5")
    there = mounted(app)
    assert not app.exception and {"bias_sized_accuracy", "bias_sized_nll"} <= set(there)
    app.session_state["fold_sizes"] = True
    assert {"bias_sizes_brier", "bias_sizes_nll"} <= set(mounted(app.run()))
    ticks = json.loads(there["bias_sized_nll"]["figure"])["layout"]["xaxis"]["ticktext"]
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


def test_the_map_says_whether_smoothing_gains(folder):
    records = write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1), n=60)
    for run in [run for run in records if run.config.seed == 0]:
        with_test_numbers(folder, [run], noise=0.4)
    text = said(opened_page("bias", n="5"))
    assert "at 40 % **0.0** (0.0 … 0.0; α = 0.10)." in text
    assert "Lukasik et al. 2020" in text and "Wei et al. 2022" in text and "negative smoothing **77.8**" in text


def test_what_smoothing_erases_is_measured_on_the_stored_logits(folder):
    from lsviz.core.smoothing.wrong_classes import off_target, share_of_alike

    records = write_small_zoo(folder, seeds=(0, 1), n=400)  # five classes: beaver, dolphin, otter | bus | streetcar
    app = opened_page("bias", n="5", alpha="0.5")
    assert not app.exception and {"bias_alike_hard", "bias_alike_soft"} <= set(mounted(app))
    arrays = Store(folder).load(records[0].id)
    labels = arrays["test_labels"].astype(int)
    share, even = share_of_alike(off_target(arrays["test_logits"], labels), labels, [0, 0, 0, 1, 2])
    assert even == pytest.approx(0.5)
    text = said(app)
    assert f"{share.mean():.0%}".replace("%", " %") in text and f"{len(share)} test images" in text


def test_two_classes_have_nothing_alike(folder):
    write_small_zoo(folder, num_classes=2, seeds=(0, 1), n=60)
    app = opened_page("bias", n="2")
    assert not app.exception and "bias_alike_hard" not in mounted(app)
