"""Wrong labels: what is stored decides what is shown, and what is missing is said; likeness is measured on the stored logits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsviz.pages.labels import wrong_labels
from lsviz.store import Store, write_run
from tests.pages.bias.test_page import with_test_numbers
from tests.pages.reliability.test_page import said
from tests.reading import along, mounted, opened
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def test_wrong_labels_appear_when_they_are_stored(folder):
    records = write_small_zoo(folder, seeds=(0, 1), n=60)
    assert "--plan noise" in said(opened("labels", n="5"))
    noisy = replace(
        records[0], config=replace(records[0].config, noise=0.4), history={**records[0].history, "memorised_flips": (0.1, 0.7)}
    )
    noisy = replace(noisy, id=noisy.config.run_id)
    write_run(folder, noisy, dict(Store(folder).load(records[0].id)))
    app = opened("labels", n="5")
    assert {"bias_map", "bias_identity", "bias_corrections"} <= set(mounted(app)) and {
        "bias_test_accuracy",
        "bias_memorised",
    } <= set(mounted(app))


def test_the_map_says_whether_smoothing_gains(folder):
    records = write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1), n=60)
    for run in [run for run in records if run.config.seed == 0]:
        with_test_numbers(folder, [run], noise=0.4)
    text = said(opened("labels", n="5"))
    assert "at 40 % **0.0** (0.0 … 0.0; α = 0.10)." in text
    assert "Lukasik et al. 2020" in text and "Wei et al. 2022" in text and "negative smoothing **77.8**" in text


def test_what_smoothing_erases_is_measured_on_the_stored_logits(folder):
    from lsviz.core.smoothing.wrong_classes import off_target, share_of_alike

    records = write_small_zoo(folder, seeds=(0, 1), n=400)  # five classes: beaver, dolphin, otter | bus | streetcar
    app = opened("labels", n="5", alpha="0.5")
    assert not app.exception and {"bias_alike_hard", "bias_alike_soft"} <= set(mounted(app))
    arrays = Store(folder).load(records[0].id)
    labels = arrays["test_labels"].astype(int)
    share, even = share_of_alike(off_target(arrays["test_logits"], labels), labels, [0, 0, 0, 1, 2])
    assert even == pytest.approx(0.5)
    (text,) = along(app, 0.5)
    assert f"{share.mean():.0%}".replace("%", " %") in text and f"{len(share)} test images" in text


def test_two_classes_have_nothing_alike(folder):
    write_small_zoo(folder, num_classes=2, seeds=(0, 1), n=60)
    app = opened("labels", n="2")
    assert not app.exception and "bias_alike_hard" not in mounted(app)


def test_a_badge_tells_one_network_from_several_and_says_where_some_have_more():
    assert (
        wrong_labels._badge([1, 1]) == "measured here, 1 network each" and wrong_labels._badge([3, 3]) == "measured here, 3 seeds"
    )
    assert wrong_labels._badge([1, 3, 1]) == "measured here, up to 3 seeds"


def test_the_map_of_the_stored_networks_counts_the_seeds_of_its_clean_row():
    assert any("up to 3 seeds" in markdown.value for markdown in opened("labels", n="10").markdown)
