"""A whole training: what it returns, when it stops, and that nothing stays behind."""

from __future__ import annotations

import gc
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lsviz.core.errors import LsvizError
from lsviz.core.projection import pca
from lsviz.core.smoothing import loss_floor
from lsviz.jobs.queue import Cancelled, Jobs
from lsviz.lab.config import LabConfig
from lsviz.lab.run import GRID, MOST_BYTES, PATIENCE, components, train

QUICK = LabConfig(num_classes=4, examples=80, width=16, epochs=6, batch=20, alphas=(0, 0.1, 0.5))

configurations = some.builds(
    LabConfig,
    data=some.sampled_from(["digits", "circles", "spirals", "blobs"]),
    num_classes=some.integers(2, 6),
    examples=some.integers(1, 60),
    noise=some.floats(0, 1),
    flips=some.sampled_from(["symmetric", "pair"]),
    feature_noise=some.floats(0, 3),
    depth=some.integers(0, 4),
    width=some.integers(2, 24),
    flat=some.booleans(),
    epochs=some.integers(1, 6),
    batch=some.integers(1, 64),
    optimizer=some.sampled_from(["adam", "sgd"]),
    rate=some.one_of(some.floats(1e-5, 0.1), some.floats(1, 1000)),
    weight_decay=some.floats(0, 1),
    seed=some.integers(0, 9999),
    alphas=some.lists(some.floats(-1, 1), min_size=1, max_size=4).map(tuple),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configurations)
def test_any_configuration_ends_in_numbers_or_says_it_diverged(config):
    run = train(config)
    assert run.done and not run.stopped and run.epochs == config.epochs and run.snapshots[-1] == config.epochs
    sound = ~run.diverged
    for name, values in run.curves.items():
        if name not in ("memorised", "recovered", "gradient"):
            assert np.isfinite(values[sound]).all(), name
    floors = run.floors[sound]
    assert (run.curves["loss"][sound, -1][np.isfinite(floors)] >= floors[np.isfinite(floors)] - 1e-4).all()
    kept = [m for m, alpha in enumerate(config.alphas) if alpha >= 0]
    rising = np.array(run.floors[kept])[np.argsort(np.array(config.alphas)[kept], kind="stable")]
    assert (np.diff(rising) >= 0).all()
    if kept:
        part = run.smoothed
        assert list(part.config.alphas) == [config.alphas[m] for m in kept]  # in the order they were asked for
        np.testing.assert_array_equal(part.test_logits, run.test_logits[:, kept])
        np.testing.assert_array_equal(part.curves["ece"], run.curves["ece"][kept])
    again = train(config)
    np.testing.assert_array_equal(again.test_logits, run.test_logits)


def test_floors_rise_with_alpha_up_to_uniform():
    floors = train(replace(QUICK, alphas=tuple(np.linspace(0, 1, 9)), epochs=1)).floors
    assert (
        (np.diff(floors) > 0).all()
        and floors[0] == 0
        and floors[-1] == pytest.approx(np.log(4)) == pytest.approx(loss_floor(4, 1.0))
    )


def test_shapes_are_as_documented():
    run = train(replace(QUICK, data="blobs", num_classes=3, flat=True))
    snapshots, networks = len(run.snapshots), len(run.config.alphas)
    assert run.test_logits.shape == (snapshots, networks, 1000, 3) and run.head_weight.shape == (snapshots, networks, 3, 2)
    assert run.points.shape == (snapshots, networks, 400, 2) and run.map.answer.shape == (snapshots, networks, GRID, GRID)
    assert run.validation_logits.shape[:1] == (networks,) and list(run.snapshots) == sorted(set(run.snapshots))
    rebuilt = run.points[-1, 1] @ run.head_weight[-1, 1].T + run.head_bias[-1, 1]
    np.testing.assert_allclose(rebuilt, run.test_logits[-1, 1, :400], atol=1e-4)


def test_the_decision_map_is_the_networks_answer():
    run = train(replace(QUICK, data="blobs", num_classes=3))
    assert run.map.answer.max() <= 2
    nearest = lambda axis, values: np.abs(axis[:, None] - values).argmin(axis=0)
    from lsviz.lab.data import make_data

    x = make_data(run.config).test_x[:1000]
    said = run.map.answer[-1, 0][nearest(run.map.y, x[:, 1]), nearest(run.map.x, x[:, 0])]
    assert (said == run.test_logits[-1, 0].argmax(axis=1)).mean() > 0.9


def test_hard_digits_reach_96_per_cent():
    run = train(LabConfig(alphas=(0.0,)))
    assert run.curves["test_accuracy"][0, -1] >= 0.96


def test_partial_results_come_early_and_grow():
    seen = []
    train(replace(QUICK, epochs=30), tell=lambda stage, share, best: seen.append((stage, share, best)))
    runs = [best for _, _, best in seen if best is not None]
    assert seen[0][0] == "data" and runs[0].epochs == 1 and not runs[0].done
    assert [run.epochs for run in runs] == sorted(run.epochs for run in runs)


def test_time_is_limited_and_what_there_is_is_kept():
    run = train(LabConfig(epochs=400, width=128), limit=1.5)
    assert run.stopped and run.done and 1 <= run.epochs < 400 and run.seconds < PATIENCE * 1.5 + 2
    with pytest.raises(LsvizError, match="Not one epoch"):
        train(LabConfig(epochs=2, width=512, batch=1), limit=0.01)


def test_too_large_a_training_does_not_begin():
    with pytest.raises(LsvizError, match="times larger"):
        train(LabConfig(width=512, depth=6, epochs=400))
    with pytest.raises(LsvizError, match="times the memory"):
        train(LabConfig(width=512, depth=6, epochs=1, batch=1000))


def test_no_training_keeps_more_than_its_bytes():
    for changes in ({"data": "blobs", "num_classes": 20}, {"depth": 0}, {"data": "spirals", "num_classes": 6, "flat": True}):
        run = train(LabConfig(epochs=60, examples=200, width=32, batch=200, **changes))
        assert run.nbytes < 1.4 * MOST_BYTES and len(run.snapshots) >= 5 and run.snapshots[0] == 1 and run.snapshots[-1] == 60


def test_two_components_are_those_of_a_whole_decomposition():
    rng = np.random.default_rng(0)
    hidden = np.maximum(rng.normal(size=(3, 200, 6)) @ rng.normal(size=(3, 6, 40)) + 0.2 * rng.normal(size=(3, 200, 40)), 0)
    hidden[2, 0, 0] = np.nan
    made = components(torch.as_tensor(hidden))
    for m in range(2):
        expected = pca(hidden[m], 2).scores
        for k in range(2):
            assert abs(np.corrcoef(made[m, :, k], expected[:, k])[0, 1]) > 0.999
            assert made[m, :, k].std() == pytest.approx(expected[:, k].std(), rel=1e-3)
    assert np.isnan(made[2]).all()


@settings(max_examples=15, deadline=None)
@given(some.integers(1, 6), some.sampled_from(["digits", "spirals", "blobs"]), some.integers(0, 5))
def test_cancel_works_at_any_moment(calls, data, seed):
    left, before = [calls], threading.active_count()

    def tell(stage, share, best):
        left[0] -= 1
        if left[0] == 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        train(replace(QUICK, data=data, epochs=400, width=128, seed=seed), tell=tell)
    assert threading.active_count() == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_two_hundred_jobs_leave_no_thread_and_no_memory_behind():
    queue = Jobs()
    before, held = None, 0
    for i in range(200):
        config = replace(QUICK, seed=i, epochs=1, examples=10)
        job = queue.ask(config.key, "someone", lambda tell, config=config: train(config, tell=tell))
        if i % 5 == 0:
            queue.leave(config.key, "someone")
        while i % 20 == 0 and job.open:
            time.sleep(0.005)
        if i == 60:
            before, held = threading.active_count(), resident_mb()
    while job.open:
        time.sleep(0.01)
    assert threading.active_count() <= before
    assert len(queue._jobs) <= 25
    assert resident_mb() - held < 25  # 140 jobs later


def resident_mb() -> float:
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6
