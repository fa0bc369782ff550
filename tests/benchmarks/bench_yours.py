"""From the bytes of an uploaded file to the first numbers: 10,000 x 100 logits, and 1,000,000 rows x 10 classes with its memory."""

from __future__ import annotations

import multiprocessing
import re
import time
from pathlib import Path

import numpy as np

from tests import malformed


def made(n: int, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2.5, (n, num_classes)).astype(np.float32)
    labels = logits.argmax(axis=1)
    labels[::4] = rng.integers(0, num_classes, len(labels[::4]))
    return logits, labels


def timed(name: str, content: bytes, pipe) -> None:
    """In a process of its own: seconds from bytes to all numbers, and the most memory it held, MB."""
    from lsviz.core.predictions.diagnosis import diagnose
    from lsviz.core.predictions.summary import summarise
    from lsviz.predictions.reading import read_outside

    read_outside(malformed.sound()["mine.parquet"], "warm.parquet")  # imports
    started = time.perf_counter()
    summarise(diagnose(read_outside(content, name)))
    took = time.perf_counter() - started
    status = Path("/proc/self/status")
    pipe.send((took, int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) // 1024 if status.exists() else 0))


def rows() -> list[tuple[str, str, str, float | None, str]]:
    small, large = made(10_000, 100), made(1_000_000, 10)
    files = (
        ("10,000 x 100 .npz", "a.npz", malformed.npz({"logits": small[0], "labels": small[1]}), 1.0),
        ("10,000 x 100 .csv", "a.csv", malformed.table(*small), 1.0),
        ("1,000,000 x 10 .parquet", "a.parquet", malformed.parquet(*large), 10.0),
    )
    found = []
    for what, name, content, budget in files:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=timed, args=(name, content, theirs))
        process.start()
        took, memory = ours.recv()
        process.join()
        found.append(
            (
                f"{what}, all numbers",
                f"{took:.2f} s, {memory} MB",
                f"{len(content) / 1e6:.1f} MB file",
                took / budget,
                f"<= 1 (of {budget:g} s)",
            )
        )
    return found
