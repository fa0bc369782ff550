"""Inductive bias opens on the stored seeds, decomposes what they are, and says what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsviz.core.ensembles import decompose_brier
from lsviz.store import Store, write_run
from tests.small_zoo import write_small_zoo
from tests.views.test_every_page import opened as opened_page
from tests.views.test_reliability_page import mounted, said


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def test_the_headline_is_the_decomposition_of_the_stored_seeds(folder):
    write_small_zoo(folder, seeds=(0, 1, 2), n=60)
    app = opened_page("bias", n="5", alpha="0.1")
    assert not app.exception
    there = mounted(app)
    assert {"bias_brier", "bias_nll", "headline"} <= set(there)
    store = Store(folder)
    arrays = [store.load(run.id) for run in store.runs if run.config.alpha == 0.1]
    part = decompose_brier([a["test_logits"] for a in arrays], arrays[0]["test_labels"])
    head = "".join(piece for piece, _ in there["headline"]["heads"][there["headline"]["stops"].index(0.1)])
    assert f"{part.variance:.3f}" in head


def test_without_seeds_one_sentence_and_the_command(folder):
    write_small_zoo(folder)
    app = opened_page("bias", n="5")
    assert not app.exception and "--plan seeds" in said(app)


def test_another_n_is_said(folder):
    write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "Several seeds are stored for N = 5, not for N = 9" in said(opened_page("bias", n="9"))


def test_wrong_labels_appear_when_they_are_stored(folder):
    records = write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "--plan noise" in said(opened_page("bias", n="5"))
    noisy = replace(records[0], config=replace(records[0].config, noise=0.4), history={**records[0].history, "memorised_flips": (0.1, 0.7)})
    noisy = replace(noisy, id=noisy.config.run_id)
    write_run(folder, noisy, dict(Store(folder).load(records[0].id)))
    app = opened_page("bias", n="5")
    assert not app.exception and {"bias_test_accuracy", "bias_memorised"} <= set(mounted(app)) and "0.500 for 40 %" in said(app)
