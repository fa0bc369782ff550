"""The sweep on a real Dask cluster of two workers: same files, and a killed worker loses only what it had in hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import distributed
import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.store import Store
from lsviz.training import plans, sweep
from lsviz.training.on_dask import sweep_on_cluster
from tests.training import tiny_cifar as tiny

ROOT = Path(__file__).parents[2]
PLAN = plans.plan("toy")


@pytest.fixture
def cluster(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    options = dict(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0)
    with distributed.LocalCluster(**options) as made:
        yield made


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tiny.write_release(tmp_path_factory.mktemp("data"))


def swept(cluster, data, out, configs=PLAN, **options) -> int:
    where = dict(scheduler=cluster.scheduler_address, device="cpu", cache=out.parent / "cache", records=tiny.RECORDS)
    return sweep_on_cluster(configs, data, out, **where, **options)


def test_two_workers_write_what_one_machine_writes(cluster, data, tmp_path, capsys):
    assert swept(cluster, data, tmp_path / "out") == 0
    assert "4 for 2 worker threads" in capsys.readouterr().out
    local = sweep.sweep(PLAN, data, tmp_path / "local", device="cpu", workers=1, cache=tmp_path / "cache", records=tiny.RECORDS)
    assert local == 0
    ours, theirs = Store(tmp_path / "out"), Store(tmp_path / "local")
    assert ours.problems == () and [r.sha256 for r in ours.runs] == [r.sha256 for r in theirs.runs] and len(ours.runs) == 4
    assert swept(cluster, data, tmp_path / "out") == 0
    assert "4 finished before, 0 for" in capsys.readouterr().out


def test_a_killed_worker_loses_only_its_run_in_hand(cluster, data, tmp_path):
    out = tmp_path / "out"
    ended = []
    thread = threading.Thread(target=lambda: ended.append(swept(cluster, data, out)))
    thread.start()
    deadline = time.monotonic() + 60
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        while not any(client.processing().values()) and time.monotonic() < deadline:
            time.sleep(0.01)
        victim = next(worker for worker, tasks in client.processing().items() if tasks)
        os.kill(client.run(os.getpid, workers=[victim])[victim], signal.SIGKILL)
    thread.join(120)
    assert ended == [0]
    store = Store(out)
    assert {run.id for run in store.runs} == {config.run_id for config in PLAN} and store.problems == ()
    assert all(np.isfinite(store.load(run.id)["test_logits"]).all() for run in store.runs)


def test_a_failed_run_is_recorded_and_the_others_come(cluster, data, tmp_path, capsys):
    bad = replace(PLAN[0], learning_rate=1e30)
    assert swept(cluster, data, tmp_path / "out", [bad, PLAN[1]]) == 1
    store = Store(tmp_path / "out")
    assert [run.id for run in store.runs] == [PLAN[1].run_id] and [failure.config for failure in store.failed] == [bad]
    assert "not finite" in capsys.readouterr().err


def test_no_time_means_no_run(cluster, data, tmp_path, capsys):
    assert swept(cluster, data, tmp_path / "out", limit_minutes=0) == 1
    assert "no time for 4 runs" in capsys.readouterr().err and not (tmp_path / "out" / "manifest.json").exists()


def test_a_scheduler_that_does_not_answer_is_one_sentence(data, tmp_path):
    with pytest.raises(LsvizError, match="cannot be reached"):
        sweep_on_cluster(PLAN, data, tmp_path / "out", scheduler="tcp://127.0.0.1:9", device="cpu", cache=tmp_path)


@pytest.mark.parametrize("arguments", [["--launcher", "dask"], ["--scheduler", "tcp://127.0.0.1:9"]])
def test_launcher_and_scheduler_belong_together(arguments, data, tmp_path):
    command = [sys.executable, "-m", "lsviz.training.sweep", "--data", str(data), "--out", str(tmp_path / "out"), *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2 and "belong together" in ended.stderr
