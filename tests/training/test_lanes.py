"""Networks trained together are those of the plain loop; a sweep of bundles falls back, is cut and goes on, and loses nothing else."""

from __future__ import annotations

import json
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, Store
from lsviz.store.cifar100 import read_cifar100
from lsviz.training import data, lanes, lent, plans, produce, run, speed, sweep, together
from tests.training import tiny_cifar as tiny

BASE = RunConfig(3, 0.0, 0, net="resnet9-toy", epochs=4, batch=8)
PLAN = [replace(BASE, alpha=alpha, epochs=2, seed=seed) for seed in (0, 1) for alpha in (0.0, 0.1, 0.3)]


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Path:
    return tiny.write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="module")
def splits(release):
    return data.split(read_cifar100(release, records=tiny.RECORDS), 3)


@pytest.fixture
def here(monkeypatch):
    """Networks are measured in a thread of this process: starting another one takes longer than all else in a test."""
    monkeypatch.setattr(lanes, "measuring", ThreadPoolExecutor)


def place(release: Path, folder: Path, **options) -> lanes.Place:
    return lanes.Place(
        release, folder / "out", folder / "weights", **{"probe": False, "records": tuple(tiny.RECORDS.items()), **options}
    )


def swept(configs, where: lanes.Place, **options) -> int:
    return lanes.sweep_on_gpu(configs, where, device="cpu", **{"at_once": 3, "workers": 1, **options})


def plain(config: RunConfig, splits, **options) -> run.Trained:
    return run.train(config, splits, snapshots=plans.snapshot_epochs(config), **options)


def assert_same(made: run.Trained, alone: run.Trained) -> None:
    assert made.history.keys() == alone.history.keys() and made.logits.keys() == alone.logits.keys()
    for name in alone.history:
        np.testing.assert_allclose(made.history[name], alone.history[name], atol=1e-5, err_msg=name)
    for name in alone.logits:
        np.testing.assert_allclose(made.logits[name], alone.logits[name], atol=1e-5)
        np.testing.assert_allclose(made.features[name], alone.features[name], atol=1e-5)
    for name in alone.weights:
        np.testing.assert_allclose(made.weights[name], alone.weights[name], atol=1e-5)
    assert made.snapshots.keys() == alone.snapshots.keys()
    np.testing.assert_array_equal(made.given_labels, alone.given_labels)


# ---- one bundle -----------------------------------------------------------------------------------------------------


def test_networks_trained_together_are_those_of_the_plain_loop(splits):
    """Three alphas, one negative and one with snapshots: logits, features, weights, history."""
    configs = [replace(BASE, alpha=alpha) for alpha in (0.0, 0.1, -0.4)]
    for config, made in zip(configs, lanes.train_together(configs, splits, "cpu"), strict=True):
        assert_same(made, plain(config, splits))


@pytest.mark.parametrize(
    "changes",
    [{"noise": 0.4, "alpha": 0.1}, {"weight_decay": 0.05, "momentum": 0.5}, {"batch": 7, "seed": 3}, {"precision": "bfloat16"}],
    ids=str,
)
def test_every_part_of_the_recipe_reaches_the_lanes(splits, changes):
    config = replace(BASE, epochs=2, **changes)
    (made,) = lanes.train_together([config], splits, "cpu")
    assert_same(made, plain(config, splits))


def test_students_of_different_teachers_share_a_bundle(splits):
    student = replace(BASE, teacher_alpha=0.1, teacher_temperature=2.0, distil_weight=0.7, epochs=2)
    others = [student, replace(student, teacher_alpha=0.0, teacher_temperature=4.0)]
    teachers = [run.train(plans.teacher_of(config), splits).weights for config in others]
    for config, weights, made in zip(others, teachers, lanes.train_together(others, splits, "cpu", teachers), strict=True):
        assert_same(made, plain(config, splits, teacher=weights))


def test_one_that_diverges_leaves_the_others_alone(splits, monkeypatch):
    loss = run.smoothed_loss
    monkeypatch.setattr(
        run,
        "smoothed_loss",
        lambda logits, labels, alpha: loss(logits, labels, alpha) + (torch.log(alpha - 0.9) if alpha > 0.2 else 0),
    )
    sound, wrong = lanes.train_together([replace(BASE, alpha=0.1), replace(BASE, alpha=0.3)], splits, "cpu")
    assert isinstance(wrong, LsvizError) and wrong.code == "training.diverged" and "0.300" in str(wrong)
    monkeypatch.undo()
    assert_same(sound, plain(replace(BASE, alpha=0.1), splits))


def test_only_what_shares_its_batches_is_bundled(splits):
    with pytest.raises(ValueError, match="share"):
        lanes.train_together([BASE, replace(BASE, seed=1)], splits, "cpu")
    core = plans.plan("core", "cuda")
    groups = lanes.bundles(core)
    assert sum(groups, []) == core and {len(group) for group in groups} == {5}
    mixed = lanes.bundles([replace(BASE, alpha=alpha, seed=seed) for alpha in (0.0, 0.1, 0.2) for seed in (0, 1)], 2)
    assert [[(c.seed, c.alpha) for c in group] for group in mixed] == [
        [(0, 0.0), (0, 0.1)],
        [(1, 0.0), (1, 0.1)],
        [(0, 0.2)],
        [(1, 0.2)],
    ]


# ---- a sweep --------------------------------------------------------------------------------------------------------


def test_a_sweep_writes_what_the_plain_sweep_writes_and_then_nothing(here, release, tmp_path, capsys):
    where = place(release, tmp_path)
    assert swept(PLAN, where) == 0
    one_a_process = dict(device="cpu", workers=1, cache=tmp_path / "cache", records=tiny.RECORDS)
    assert sweep.sweep(PLAN[:2], release, tmp_path / "plain", **one_a_process) == 0
    ours, theirs = Store(where.out), Store(tmp_path / "plain")
    assert ours.problems == () and {r.id for r in ours.runs} == {c.run_id for c in PLAN} and ours.produced["git_commit"]
    for record in theirs.runs:
        found, expected = ours.load(record.id), theirs.load(record.id)
        assert set(found) == set(expected)
        np.testing.assert_allclose(found["test_logits"].astype(float), expected["test_logits"].astype(float), atol=2e-3)
        assert ours.record(record.id).metrics.keys() == record.metrics.keys()
    said = capsys.readouterr()
    assert "[ 50%] 3 x N = 3" in said.err and "images/s" in said.err and "min left" in said.err and "6 of 6 runs" in said.out
    stamps = {path.name: path.stat().st_mtime_ns for path in where.out.iterdir()}
    assert swept(PLAN, where) == 0 and "6 finished before, 0 to train" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in where.out.iterdir()} == stamps


def test_a_step_that_cannot_be_captured_is_trained_uncaptured(here, release, tmp_path, monkeypatch, capsys):
    asked = []

    def refused(lane):
        asked.append(lane.config.run_id)
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(together.Lane, "capture", refused)
    where = place(release, tmp_path)
    assert swept([replace(config, seed=seed) for seed in (0, 1, 2) for config in PLAN[:3]], where) == 0
    assert len(Store(where.out).runs) == 9  # nobody is dropped when a bundle of three is tried again by twos
    assert len(asked) == lanes.GIVEN_UP  # then no capture is tried any more
    assert capsys.readouterr().err.count("tried again uncaptured: RuntimeError") == lanes.GIVEN_UP


def test_a_bundle_that_fails_twice_costs_no_other(here, release, tmp_path, monkeypatch, capsys):
    train = together.train_together

    def full(configs, *arguments, **options):
        if configs[0].seed == 0:
            raise RuntimeError("out of memory")
        return train(configs, *arguments, **options)

    monkeypatch.setattr(lanes, "train_together", full)
    where = place(release, tmp_path)
    assert swept(PLAN, where) == 1
    assert {run.config.seed for run in Store(where.out).runs} == {1} and "out of memory" in capsys.readouterr().err
    assert Store(where.out).failed == ()  # the device's fault, not the recipe's: the next sweep tries again


def test_cut_in_the_middle_it_loses_one_bundle(release, tmp_path, monkeypatch):
    """Ctrl-C in the second bundle: the first one's networks are measured and written, the next sweep trains the second alone."""
    steps = together.one_epoch

    def cut(group, epoch, count):
        if group[0].config.seed == 1 and epoch == 2:
            raise KeyboardInterrupt
        steps(group, epoch, count)

    where = place(release, tmp_path)
    monkeypatch.setattr(together, "one_epoch", cut)
    with pytest.raises(KeyboardInterrupt):
        swept(PLAN, where)
    assert {run.id for run in Store(where.out).runs} == {config.run_id for config in PLAN[:3]} and Store(where.out).problems == ()
    monkeypatch.undo()
    before = {run.id: run.trained_at for run in Store(where.out).runs}
    assert swept(PLAN, where) == 0
    store = Store(where.out)
    assert (
        len(store.runs) == 6 and store.problems == () and {run_id: store.record(run_id).trained_at for run_id in before} == before
    )


def test_networks_do_not_pile_up_where_measuring_is_slower_than_training(capsys):
    gate = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(lambda i=i: gate.wait(10) and f"run {i}") for i in range(4)]
        left, failed = lanes.told(waiting, 4)  # nothing is awaited
        assert left == waiting and failed == 0
        threading.Timer(0.1, gate.set).start()
        left, failed = lanes.told([*waiting, pool.submit(lambda: 1 / 0)], 2)
        assert len(left) <= 2 and "run 0\nrun 1\n" in capsys.readouterr().out
        assert failed + lanes.told(left, 0)[1] == 1


def test_a_recipe_that_diverges_is_recorded(here, release, tmp_path):
    bad = replace(PLAN[0], learning_rate=1e30)
    where = place(release, tmp_path)
    assert swept([bad, PLAN[3]], where) == 1
    store = Store(where.out)
    assert [failure.config for failure in store.failed] == [bad] and [run.id for run in store.runs] == [PLAN[3].run_id]


def test_no_bundle_is_started_that_cannot_finish(here, release, tmp_path, capsys):
    where = place(release, tmp_path)
    assert swept(PLAN, where, limit_minutes=0) == 1
    assert "no time for 6 runs" in capsys.readouterr().err and Store(where.out).runs == ()
    pace = lanes.Pace()
    pace.learn(PLAN[:3], 30.0)
    assert pace.guess(PLAN[3]) == pytest.approx(10.0)
    assert [pace.fitting(PLAN[:3], left) for left in (-5, 5, 12, 23, 500)] == [0, 0, 1, 2, 3]


def test_a_teacher_is_taken_from_where_it_was_kept_or_trained_first(here, release, tmp_path, capsys):
    student = replace(BASE, epochs=2, teacher_alpha=0.1, teacher_temperature=2.0, distil_weight=1.0)
    kept, bare = place(release, tmp_path / "kept"), place(release, tmp_path / "bare")
    assert swept([plans.teacher_of(student), student], kept) == 0
    file = kept.weights / f"{plans.teacher_of(student).run_id}.safetensors"
    stamp = file.stat().st_mtime_ns
    assert swept([replace(student, seed=1)], kept) == 0 and file.stat().st_mtime_ns == stamp
    assert swept([student], bare) == 0
    assert [run.id for run in Store(bare.out).runs] == [student.run_id]  # the teacher was trained for its weights alone
    first, second = (Store(where.out).load(student.run_id)["test_logits"] for where in (kept, bare))
    np.testing.assert_allclose(first.astype(float), second.astype(float), atol=2e-3)


def test_archives_are_whole_after_every_run_and_probes_come_later(here, release, tmp_path, monkeypatch):
    monkeypatch.setattr(lent, "ARCHIVE_BYTES", 1)  # a new archive for every run
    where = place(release, tmp_path, share=tmp_path / "share")
    assert swept(PLAN[:2], where) == 0
    store, seen = Store(where.out), {}
    for archive in sorted(where.share.glob("zoo-*.tar")):
        with tarfile.open(archive) as opened:
            seen |= {member.name: opened.extractfile(member).read() for member in opened}
    for record in store.runs:
        assert (
            seen[record.file] == (where.out / record.file).read_bytes()
            and json.loads(seen[f"{record.id}.json"])["sha256"] == record.sha256
        )
    command = [
        "--data",
        str(release),
        "--out",
        str(where.out),
        "--share",
        str(where.share),
        "--device",
        "cpu",
        "--probes",
        str(where.weights),
    ]
    read = lent.read_cifar100
    monkeypatch.setattr(lent, "read_cifar100", lambda path, records: read(path, records=tiny.RECORDS))
    monkeypatch.setattr(lent, "processes", ThreadPoolExecutor)
    assert lanes.main(command) == 0
    accuracies = json.loads((where.share / "probes.json").read_text())
    assert accuracies.keys() == {run.id for run in store.runs} and all(0 <= value <= 1 for value in accuracies.values())
    weights = load((where.weights / f"{store.runs[0].id}.safetensors").read_bytes())
    assert weights["head.bias"].shape == (3,)


# ---- the commands ---------------------------------------------------------------------------------------------------


def test_the_sweep_fills_a_gpu_by_itself(release, tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("lsviz.store.cifar100.read_cifar100", lambda *_, **__: None)
    monkeypatch.setattr(
        lanes, "sweep_on_gpu", lambda configs, where, **options: seen.update(configs=configs, where=where, **options) or 0
    )
    command = [
        "--data",
        str(release),
        "--out",
        str(tmp_path / "out"),
        "--plan",
        "core,seeds,noise,size,distil",
        "--cache",
        str(tmp_path / "cache"),
    ]
    assert sweep.main([*command, "--limit-minutes", "9"]) == 0
    assert seen["device"] == "cuda" and seen["at_once"] == lanes.AT_ONCE and seen["limit_minutes"] == 9
    assert seen["where"].probe and seen["where"].weights == tmp_path / "cache/weights"
    assert {config.precision for config in seen["configs"]} == {"bfloat16"} and len(seen["configs"]) > 200
    assert sweep.main([*command, "--device", "cuda", "--workers", "3"]) == 0 and seen["at_once"] == 3


def test_a_short_lease_chooses_what_matters():
    core = lanes.chosen(plans.plan("core,seeds", "cuda"), classes=[10, 50], batch=128, epochs=3)
    assert [c.num_classes for c in core[:20]] == [10] * 10 + [50] * 10 and tuple(c.alpha for c in core[:10]) == lanes.IMPORTANCE
    assert {c.epochs for c in core} == {3} and {c.batch for c in core} == {128} and {c.num_classes for c in core} == {10, 50}
    fifty = next(c for c in plans.plan("core", "cuda") if c.num_classes == 50)
    assert core[10].learning_rate == pytest.approx(fifty.learning_rate * 128 / fifty.batch)
    assert {c.seed for c in lanes.chosen(plans.plan("seeds"), seeds=[1, 2])} == {1, 2}
    asked = lanes.parser().parse_args(
        [
            "--data",
            "d",
            "--out",
            "o",
            "--classes",
            "10,50,20",
            "--seeds",
            "0,1",
            "--eager",
            "--probe",
            "--as-device",
            "cuda",
            "--batch",
            "128",
        ]
    )
    assert asked.classes == [10, 50, 20] and asked.seeds == [0, 1] and asked.limit_minutes == 9 and asked.workers == 10


def test_the_rate_is_told_beside_the_devices_own(splits, monkeypatch):
    assert speed.matrix_rate("cpu") is None
    flops = speed.flops_an_image("resnet9", 10)
    assert flops == pytest.approx(0.57e9, rel=0.05)  # what the recipe says of it, forwards and backwards
    (made,) = lanes.train_together([BASE], splits, "cpu")
    progress = produce.Progress(total=100, device="cuda", done=50)
    made = replace(made, images_per_second=100_000.0)
    line = lanes.bundle_line([replace(BASE, net="resnet9", num_classes=10)], [made], progress, 790e12)
    assert line.startswith("[ 50%] 1 x N = 10: 100,000 images/s, 7% of 790 TFLOP/s bf16; ") and line.endswith("min left")
    assert "0 images/s" in lanes.bundle_line([BASE], [RuntimeError()], progress, None)
