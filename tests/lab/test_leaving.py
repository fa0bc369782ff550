"""A reader who leaves while networks train: the training ends, and the core is free."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.session import Visitor, running_app

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def training_process(parent: int) -> Path | None:
    """The server's child that trains."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"\nPPid:\t{parent}\n" in (path / "status").read_text() and b"lsviz.lab.worker" in (path / "cmdline").read_bytes():
                return path
        except OSError:
            continue
    return None


def worked(process: Path) -> float:
    """Seconds of a core it has used."""
    user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def until(condition, seconds: float):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found


def test_a_session_that_leaves_frees_the_core():
    with running_app() as (port, _, server):
        visitor = Visitor(port)
        visitor.rerun(page="lab", query="alpha=0.1&n=10&epochs=400&width=256")
        visitor.rerun(press="Train 21 networks")
        process = until(lambda: training_process(server.pid), 30)
        before = until(lambda: worked(process) > 3 and worked(process), 120)  # the import is over by then
        time.sleep(1)
        assert worked(process) > before  # it trains
        visitor.close()
        deadline = time.monotonic() + 30
        while True:
            used = worked(process)
            time.sleep(2)
            if worked(process) - used < 0.1:
                break
            assert time.monotonic() < deadline, "it goes on training for nobody"
        visitor = Visitor(port)
        assert visitor.rerun(page="lab", query="alpha=0.1&n=10")[0] < 20 and not visitor.errors
        visitor.close()
