"""The guard: a heavy library is refused before it is loaded when it does not fit, and allowed once it is there."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import tomllib
import weakref
from pathlib import Path

import pytest

from lsviz.core import gate
from lsviz.core.errors import LsvizError
from lsviz.jobs import memory, training
from lsviz.lab.config import LabConfig

ROOT = Path(__file__).parents[2]


def test_a_library_that_does_not_fit_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr(memory, "room_mb", lambda: 100.4)
    with pytest.raises(LsvizError, match=r"busy: this needs about 180 MB of memory and 100 MB are left\. Try again"):
        memory.require("umap", False)


def test_one_that_is_loaded_or_fits_is_not(monkeypatch):
    monkeypatch.setattr(memory, "room_mb", lambda: 0.0)
    memory.require("umap", True)
    monkeypatch.setattr(memory, "room_mb", lambda: 181.0)
    memory.require("umap", False)


def test_room_is_made_where_it_helps_and_only_then(monkeypatch):
    left = [100.0]
    monkeypatch.setattr(memory, "room_mb", lambda: left[0])
    memory.require("umap", False, make_room=lambda: left.__setitem__(0, 400.0))
    memory.require("umap", False, make_room=lambda: pytest.fail("there is room"))
    left[0] = 50.0
    with pytest.raises(LsvizError, match="60 MB are left"):
        memory.require("umap", False, make_room=lambda: left.__setitem__(0, 60.0))


def test_children_count():
    alone = memory.used_mb()
    child = subprocess.Popen(
        [sys.executable, "-c", "held = bytearray(b'x' * 60_000_000)\nprint('held', flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    assert memory.used_mb() > alone + 55 and 55 < memory.used_mb(child.pid) < memory.used_mb()
    child.communicate(b"\n")


def test_the_lab_asks_before_it_starts_its_process(monkeypatch):
    training.worker().close()  # other tests' one
    monkeypatch.setattr(memory, "room_mb", lambda: 30.0)
    with pytest.raises(LsvizError, match="30 MB are left"):
        training.train(LabConfig(), None, lambda *told: None)
    assert not training.worker().running


def test_room_is_the_least_of_all_limits(monkeypatch):
    monkeypatch.setenv("LSVIZ_MEMORY_MB", "690")
    monkeypatch.setattr(gate, "used_mb", lambda: 200.0)
    numbers = {"/sys/fs/cgroup/memory.max": 2_700_000_000, "/proc/meminfo": 8_000_000}
    monkeypatch.setattr(gate, "_number", lambda path, pattern="": numbers.get(path))
    assert gate.room_mb() == 490
    numbers["/proc/meminfo"] = 120_000
    assert gate.room_mb() == 120
    for junk in ("", "many", "-5", "1e9"):
        monkeypatch.setenv("LSVIZ_MEMORY_MB", junk)
        assert gate.room_mb() == 120


def test_a_job_that_does_not_fit_loads_nothing():
    code = (
        "import sys\nfrom lsviz.core.errors import LsvizError\nfrom lsviz.pages.embeddings import umap_live\n"
        "try:\n    umap_live.lay_out(None, print)\nexcept LsvizError as error:\n    print(error.code, 'numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"LSVIZ_MEMORY_MB": "50", "PYTHONPATH": ".", "PATH": ""},
    )
    assert done.stdout.strip() == "memory.busy False", done.stderr


def test_the_sweeper_collects_after_pages_were_drawn_and_else_rests():
    class Loop:
        def __init__(self) -> None:
            self.me = self

    swept = threading.Semaphore(0)
    sweeper = memory.Sweeper(every=0, sweep=lambda: (gc.collect(), swept.release()))
    assert not swept.acquire(timeout=0.05)
    gone = weakref.ref(Loop())
    sweeper.drawn()
    assert swept.acquire(timeout=300) and gone() is None
    assert not swept.acquire(timeout=0.05)


def test_streamlit_leaves_collecting_to_the_sweeper():
    assert tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["runner"]["postScriptGC"] is False
