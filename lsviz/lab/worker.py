"""Training in a process of its own: in a thread it would wait for the interpreter lock of those that answer readers.

The process starts with the first training, which is when PyTorch is imported, and ends when nobody has used it for a while.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from lsviz.core.errors import LsvizError
from lsviz.lab.allocator import give_back, hold_little
from lsviz.lab.config import LabConfig
from lsviz.lab.data import Table
from lsviz.lab.run import LIMIT_SECONDS, PATIENCE, LabRun, train
from lsviz.lab.trials.trial import Trial

IDLE_SECONDS = 900  # then the process ends, and its memory with it
START_SECONDS = 60
TRIAL_SECONDS = 600  # a trial's work is fixed, some ten seconds of one core; a crowded machine may take long over it
_KEY = "LSVIZ_LAB_KEY"
Tell = Callable[[str, float, object], None]


class Worker:
    """One training process, used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._line: Connection | None = None

    def train(self, config: LabConfig, table: Table | None, tell: Tell) -> LabRun:
        """As `run.train`, elsewhere."""
        return self._ask((config, table), tell, PATIENCE * LIMIT_SECONDS + START_SECONDS)

    def answer(self, trial: Trial, tell: Tell) -> object:
        """As `trial.run`, elsewhere."""
        return self._ask(trial, tell, TRIAL_SECONDS)

    def _ask(self, asked: object, tell: Tell, limit: float) -> Any:
        """Have it done there within `limit` seconds. `tell` is called at least ten times a second; what it raises ends the training there."""
        stage, share = "import", 0.0
        tell(stage, share, None)
        line = self._ready()
        try:
            line.send(asked)
            began = time.monotonic()
            while True:
                while not line.poll(0.1):
                    tell(stage, share, None)
                    if not self.running or time.monotonic() - began > limit:
                        raise LsvizError("lab.gone")
                kind, value = line.recv()
                if kind != "told":
                    break
                stage, share, best = value
                tell(stage, share, best)
        except (EOFError, OSError):
            self.close()
            raise LsvizError("lab.gone") from None
        except BaseException:
            self._calm(line)
            raise
        if kind == "failed":
            raise value
        return value

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def _calm(self, line: Connection) -> None:
        """End the training but keep the process; one that does not listen is killed."""
        with contextlib.suppress(EOFError, OSError):
            line.send("stop")
            until = time.monotonic() + 2
            while time.monotonic() < until:
                if line.poll(0.1) and line.recv()[0] in ("done", "failed", "stopped"):
                    return
        self.close()

    def _ready(self) -> Connection:
        line = self._line
        if line is None or line.closed or not self.running:
            self.close()
            key = secrets.token_bytes(16)
            with Listener(authkey=key) as door:
                env = os.environ | {_KEY: key.hex(), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
                env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), env.get("PYTHONPATH")]))
                self._process = subprocess.Popen([sys.executable, "-m", "lsviz.lab.worker", str(door.address)], env=env)
                self._line = line = _accepted(door, self._process)
        return line

    def close(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._line = None


def _accepted(door: Listener, process: subprocess.Popen) -> Connection:
    """The line that `process` opens. Raises LsvizError "lab.gone" where it ends before."""
    lines: list[Connection] = []
    waiting = threading.Thread(target=lambda: lines.append(door.accept()), daemon=True)  # it cannot be told how long to wait
    waiting.start()
    while not lines:
        waiting.join(0.05)
        if process.poll() is not None:
            raise LsvizError("lab.gone")
    return lines[0]


class _Stop(Exception):
    """The other side no longer waits."""


def serve(line: Connection) -> None:
    """The process's life: trainings, one after the other, until the line is cut or silent for long."""

    def tell(stage: str, share: float, best: object) -> None:
        line.send(("told", (stage, share, best)))
        if line.poll():
            line.recv()
            raise _Stop

    while line.poll(IDLE_SECONDS):
        asked = line.recv()
        if asked == "stop":  # it came after the end
            continue
        try:
            line.send(("done", asked.run(tell) if isinstance(asked, Trial) else train(asked[0], asked[1], tell)))
        except _Stop:
            line.send(("stopped", None))
        except Exception as error:  # the page names it; the process lives on
            line.send(
                (
                    "failed",
                    error if isinstance(error, LsvizError) else LsvizError("lab.failed", reason=f"{type(error).__name__}: {error}"),
                )
            )
        give_back()


if __name__ == "__main__":
    hold_little()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)  # readers first
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        serve(Client(sys.argv[1], authkey=bytes.fromhex(os.environ[_KEY])))
