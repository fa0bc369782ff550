"""The sweep: resumable, killed without loss, honest about failures."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.store import Store
from lsviz.training import plans, produce, sweep
from tests.training import tiny_cifar as tiny

ROOT = Path(__file__).parents[2]
PLAN = plans.plan("toy")
DRIVER = """
import sys
from pathlib import Path
from lsviz.training import plans, sweep
from tests.training.tiny_cifar import RECORDS
if __name__ == "__main__":
    data, out, cache = map(Path, sys.argv[1:4])
    configs = plans.plan("toy")[: int(sys.argv[4])]
    sys.exit(sweep.sweep(configs, data, out, device="cpu", workers=1, cache=cache, records=RECORDS))
"""


def swept(configs, data, out, **options) -> int:
    return sweep.sweep(configs, data, out, device="cpu", workers=2, cache=out.parent / "cache", records=tiny.RECORDS, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The toy plan, swept once without disturbance: (data folder, out folder)."""
    base = tmp_path_factory.mktemp("sweep")
    data = tiny.write_shards(base / "data")
    assert swept(PLAN, data, base / "out") == 0
    return data, base / "out"


def arrays_of(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    store = Store(folder)
    assert store.problems == ()
    return {run.id: {name: array.copy() for name, array in store.load(run.id).items()} for run in store.runs}


def test_every_run_is_written_with_its_provenance(whole):
    store = Store(whole[1])
    assert {run.id for run in store.runs} == {config.run_id for config in PLAN}
    assert store.produced["torch"] and store.produced["git_commit"]
    for run in store.runs:
        assert run.device.endswith("(CPU)") and run.trained_at and run.facts["images_per_second"] > 0
        assert len(run.history["epoch"]) == run.config.epochs
    assert not list(whole[1].glob("*.part")) and not list(whole[1].glob(".*.part"))


def test_a_second_sweep_trains_nothing(whole, capsys):
    before = {path.name: path.stat().st_mtime_ns for path in whole[1].iterdir()}
    assert swept(PLAN, *whole) == 0
    assert "4 finished before, 0 to train" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in whole[1].iterdir()} == before


def test_a_damaged_run_is_trained_again_and_comes_out_the_same(whole):
    data, out = whole
    expected = arrays_of(out)
    victim = out / Store(out).runs[1].file
    raw = bytearray(victim.read_bytes())
    raw[-9] ^= 4
    victim.write_bytes(raw)
    assert [c.run_id for c in produce.unfinished(out, PLAN)] == [victim.stem]
    assert swept(PLAN, data, out) == 0
    found = arrays_of(out)
    assert all(np.array_equal(found[run][name], expected[run][name]) for run in expected for name in expected[run])


def test_a_killed_sweep_loses_only_the_run_in_hand(whole, tmp_path):
    data, _ = whole
    out = tmp_path / "out"
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    command = [sys.executable, str(script), str(data), str(out), str(tmp_path / "cache"), "3"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (out / "manifest.json").exists():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = {run.id for run in Store(out).runs}
    assert finished and Store(out).problems == ()
    left = produce.unfinished(out, PLAN[:3])
    assert len(left) == 3 - len(finished)
    assert swept(PLAN[:3], data, out) == 0
    found, expected = arrays_of(out), arrays_of(whole[1])
    assert found.keys() == {config.run_id for config in PLAN[:3]}
    assert all(np.array_equal(found[run][name], expected[run][name]) for run in found for name in expected[run])


def test_a_failure_is_named_and_recorded_and_not_repeated_until_asked_while_the_others_finish(whole, tmp_path, capsys):
    bad, out = replace(PLAN[0], learning_rate=1e30), tmp_path / "out"
    assert swept([bad, PLAN[1]], whole[0], out) == 1
    assert {run.id for run in Store(out).runs} == {PLAN[1].run_id}
    assert bad.run_id in capsys.readouterr().err
    (failure,) = Store(out).failed
    assert failure.config == bad and "not finite" in failure.reason and failure.at.startswith("20")
    assert Store(out).problems == ()
    assert produce.unfinished(out, [bad, PLAN[1]]) == [] and "--retry" in capsys.readouterr().err
    assert produce.unfinished(out, [bad, PLAN[1]], retry=True) == [bad]


def test_two_sweeps_at_once_lose_nothing(whole, tmp_path):
    """Both write the same manifest; one of them may train a run twice, none may be missing or half there."""
    out = tmp_path / "out"
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    command = [sys.executable, str(script), str(whole[0]), str(out), str(tmp_path / "cache"), "2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(600) for process in both] == [0, 0]
    found, expected = arrays_of(out), arrays_of(whole[1])
    assert found.keys() == {config.run_id for config in PLAN[:2]}
    assert all(np.array_equal(found[run][name], expected[run][name]) for run in found for name in expected[run])


def test_a_full_disk_is_one_sentence_and_the_finished_runs_stay(whole, tmp_path, monkeypatch):
    out = tmp_path / "out"
    assert swept(PLAN[:1], whole[0], out) == 0
    before = arrays_of(out)
    told = []

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    sweep.train_one(PLAN[1], whole[0], tmp_path / "cache", out, "cpu", told.append, tiny.RECORDS)
    assert told[-1][0] == "failed" and "No space left" in told[-1][2]
    assert arrays_of(out).keys() == before.keys() and not list(out.glob("*.part")) and not list(out.glob(".*.part"))


def test_the_teacher_is_trained_once_and_kept(whole, tmp_path):
    student = replace(PLAN[0], teacher_alpha=0.1, teacher_temperature=2.0, distil_weight=1.0)
    cache = tmp_path / "cache"
    first = produce.teacher_weights(student, whole[0], cache, "cpu", tiny.RECORDS)
    kept = produce.weights_file(cache, plans.teacher_of(student))
    stamp = kept.stat().st_mtime_ns
    second = produce.teacher_weights(student, whole[0], cache, "cpu", tiny.RECORDS)
    assert kept.stat().st_mtime_ns == stamp and all(np.array_equal(first[k], second[k]) for k in first)
    record, arrays = produce.produce(student, whole[0], cache, "cpu", records=tiny.RECORDS)
    assert record.id != PLAN[0].run_id and record.config.family != PLAN[0].family and np.isfinite(arrays["test_logits"]).all()


def test_a_machine_without_git_still_says_what_trained(monkeypatch):
    def absent(*_, **__):
        raise FileNotFoundError(errno.ENOENT, "git")

    monkeypatch.setattr(produce.subprocess, "run", absent)
    assert produce.produced()["git_commit"] == "unknown"
    monkeypatch.setenv("LSVIZ_COMMIT", "abc")
    made = produce.produced()
    assert made["git_commit"] == "abc" and type(made["torch"]) is str


def test_no_run_is_started_that_cannot_finish_in_time(whole, tmp_path, capsys):
    assert swept(PLAN, whole[0], tmp_path / "out", limit_minutes=0) == 1
    assert "no time for 4 runs" in capsys.readouterr().err and not (tmp_path / "out/manifest.json").exists()


def test_another_recipe_under_the_same_name_is_refused(whole, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    manifest = json.loads((whole[1] / "manifest.json").read_text())
    for path in whole[1].glob("*.safetensors"):
        (folder / path.name).write_bytes(path.read_bytes())
    manifest["runs"][0]["config"]["epochs"] = 99
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LsvizError, match="another recipe"):
        produce.unfinished(folder, PLAN)


def test_a_manifest_that_cannot_be_read_stops_the_sweep(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(LsvizError, match="manifest.json"):
        produce.unfinished(tmp_path, PLAN)


def test_progress_says_what_is_left():
    progress = produce.Progress(total=1000, device="cpu", done=500)
    line = progress.line(running=2, left=3)
    assert "50 %" in line and "images/s" in line and "min left" in line and "3 waiting" in line
