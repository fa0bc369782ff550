"""What losses say: against closed forms, and on what the stored networks really went through."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lsviz.core.curves.reading_out import Told, inferred_alpha, read_out
from lsviz.core.curves.records import Curves
from lsviz.core.smoothing.closed_forms import loss_floor
from lsviz.core.smoothing.loss_meaning import alpha_of_floor, loss_at_probability, probabilities_at_loss
from lsviz.store import Store

ROOT = Path(__file__).parents[3]
EPOCH = np.arange(1.0, 41)


def falling(start: float, end: float, rate: float = 0.25) -> NDArray:
    """An exponential way down, as a training loss takes it."""
    return end + (start - end) * np.exp(-rate * (EPOCH - 1))


def run(**series: NDArray) -> Curves:
    return Curves("run", "epoch", EPOCH, series)


def codes(told: Told) -> list[str]:
    return [finding.code for finding in (*told.findings, *told.answers)]


@pytest.mark.parametrize(("n", "alpha", "floor"), [(5, 0.1, 0.389673), (10, 0.1, 0.500288), (100, 0.2, 1.407451)])
def test_a_floor_tells_its_alpha_and_a_loss_its_probabilities(n, alpha, floor):
    assert alpha_of_floor(floor, n) == pytest.approx(alpha, abs=1e-6)
    true = 1 - alpha + alpha / n
    assert loss_at_probability(true, n, alpha) == pytest.approx(floor, abs=1e-6)
    assert probabilities_at_loss(floor - 1e-3, n, alpha) is None
    low, high = probabilities_at_loss(floor + 0.1, n, alpha)
    assert low < true < high and [loss_at_probability(p, n, alpha) for p in (low, high)] == pytest.approx(
        [floor + 0.1] * 2, abs=1e-5
    )


def test_rows_of_any_probabilities_keep_within_what_their_mean_loss_leaves_possible():
    rng = np.random.default_rng(0)
    for alpha in (0.0, 0.1, 0.4):
        p = rng.dirichlet(np.ones(7), 500)
        targets = np.full(7, alpha / 7) + (1 - alpha) * np.eye(7)[0]
        low, high = probabilities_at_loss(float(-(targets * np.log(p)).sum(axis=1).mean()), 7, alpha)
        assert low <= p[:, 0].mean() <= high
    assert probabilities_at_loss(0.5, 10, 0.0) == pytest.approx((np.exp(-0.5), 1.0))
    assert alpha_of_floor(9.0, 10) == 1.0 and alpha_of_floor(0.0, 10) == 0.0


def test_a_loss_below_the_floor_is_hard_and_explains_a_training_loss_above_it():
    told = read_out(run(train_loss=falling(2.3, 0.52), val_loss=falling(2.3, 0.3), train_accuracy=falling(0.1, 0.99)), 10, 0.1)
    assert told.kinds == {"train_loss": "smoothed", "val_loss": "hard"} and told.convention == "uniform"
    assert {"curve_smoothed", "curve_hard_below", "curve_uniform", "curve_stops", "curve_train_above_floor"} <= set(codes(told))
    assert told.comparable("train_loss")[-1] == pytest.approx(0.52 - 0.500288, abs=1e-3)
    assert told.comparable("val_loss")[-1] == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("n", [5, 10, 100])
def test_the_convention_is_told_by_the_floor_it_rests_on(n):
    for convention in ("uniform", "others"):
        loss = falling(np.log(n), loss_floor(n, 0.1, convention) + 1e-4)
        told = read_out(run(train_loss=loss, train_accuracy=falling(0.1, 0.9995)), n, 0.1)
        assert (told.kinds["train_loss"], told.convention) == ("smoothed", convention)
        assert told.floor == pytest.approx(loss_floor(n, 0.1, convention))


def test_bits_and_sums_are_told_by_where_a_loss_starts():
    bits = read_out(run(train_loss=falling(np.log2(10), 0.52 / np.log(2)), train_accuracy=falling(0.1, 0.99)), 10, 0.1)
    assert bits.kinds["train_loss"] == "smoothed" and bits.scale["train_loss"] == pytest.approx(np.log(2))
    total = read_out(run(train_loss=falling(128 * np.log(10), 128 * 0.52), train_accuracy=falling(0.1, 0.99)), 10, 0.1)
    assert total.kinds["train_loss"] == "sum" and total.findings[0].values["times"] == "128" and "curve_stops" not in codes(total)


def test_what_became_of_a_run():
    worse = np.r_[falling(1.5, 0.5)[:20], np.linspace(0.5, 0.9, 20)]
    assert "curve_overfits_nll" in codes(read_out(run(val_loss=worse, val_accuracy=falling(0.3, 0.8)), 10, 0.0))
    fewer = np.r_[falling(0.3, 0.8)[:20], np.linspace(0.8, 0.7, 20)]
    assert "curve_overfits_both" in codes(read_out(run(val_loss=worse, val_accuracy=fewer), 10, 0.0))
    assert "curve_overfits" in codes(read_out(run(val_loss=worse)))
    assert codes(read_out(run(train_loss=np.r_[falling(2.3, 1.0)[:10], np.linspace(2.3, 30, 30)]), 10, 0.0)) == ["curve_diverged"]
    assert "curve_falls" in codes(read_out(run(train_loss=np.linspace(2.3, 1.0, 40)), 10, 0.0))
    assert codes(read_out(run(train_loss=falling(2.3, 0.1), val_loss=falling(2.3, 0.4)), 10, 0.0)) == ["curve_plain"]
    assert codes(read_out(run(train_loss=falling(2.3, 0.1))))[0] == "curve_no_classes"


def test_an_alpha_is_told_from_above_always_and_from_below_by_accuracy():
    floor = loss_floor(10, 0.1)
    assert inferred_alpha(floor, 0.0, None, 10).high == pytest.approx(0.1, abs=1e-6)
    found = inferred_alpha(floor + 0.01 * (0.91 - 0.01) * 4.510860, 0.0, 0.01, 10)
    assert found.best == pytest.approx(0.1, abs=2e-4) and found.low < 0.1 < found.high


def test_no_stored_network_is_taken_for_what_it_is_not():
    """Each knows its own smoothed training loss, its hard one, and the alpha it was trained with."""
    seen: Counter[tuple[str, str]] = Counter()
    for network in Store(ROOT / "checkpoints").runs:
        alpha, n, history = network.config.alpha, network.config.num_classes, network.history
        if network.config.teacher_alpha is not None or alpha < 0 or "train_loss" not in history:
            continue
        at, loss, nll, right = (np.asarray(history[key], float) for key in ("epoch", "train_loss", "train_nll", "train_accuracy"))
        lines = {true: Curves("run", "epoch", at, {"train_loss": values, "train_accuracy": right}) for true, values in (("smoothed" if alpha else "hard", loss), ("hard", nll))}  # fmt: skip
        for true, curves in lines.items():
            seen[true, read_out(curves, n, alpha).kinds["train_loss"]] += 1
        if network.config.noise == 0 and alpha != 0:
            reached = read_out(lines["smoothed"], n).reached
            assert reached is not None and reached.low <= alpha <= reached.high, network.id
    assert seen["smoothed", "hard"] == seen["hard", "smoothed"] == 0
    assert seen["smoothed", "smoothed"] > 30 and seen["hard", "hard"] > 60
