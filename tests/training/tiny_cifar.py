"""A CIFAR-100 of a few images a class, written by the test itself in every form the loader reads."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from pathlib import Path

import numpy as np

TRAIN_EACH, TEST_EACH = 12, 3
RECORDS = {"train": 100 * TRAIN_EACH, "test": 100 * TEST_EACH}


def records(each: int, seed: int) -> np.ndarray:
    """(100 * each, 3074) uint8: coarse label, fine label, pixels that carry the class a little."""
    rng = np.random.default_rng(seed)
    fine = np.repeat(np.arange(100, dtype=np.uint8), each)
    rng.shuffle(fine)
    pixels = rng.integers(0, 200, (len(fine), 3072)).astype(np.uint8) + (fine[:, None] % 50)
    return np.concatenate([(fine // 5)[:, None], fine[:, None], pixels], axis=1)


TABLES = {"train": records(TRAIN_EACH, 0), "test": records(TEST_EACH, 1)}


def write_shards(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    parts = {f"train-{i}.bin.xz": part for i, part in enumerate(np.array_split(TABLES["train"], 4))} | {
        "test.bin.xz": TABLES["test"]
    }
    sums = []
    for name, table in parts.items():
        raw = lzma.compress(table.tobytes(), preset=0)
        (folder / name).write_bytes(raw)
        sums.append(f"{hashlib.sha256(raw).hexdigest()}  {name}")
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    return folder


def write_release(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for which, table in TABLES.items():
        (folder / f"{which}.bin").write_bytes(table.tobytes())
    return folder


def write_archive(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for which, table in TABLES.items():
            entry = tarfile.TarInfo(f"cifar-100-binary/{which}.bin")
            entry.size = table.nbytes
            archive.addfile(entry, io.BytesIO(table.tobytes()))
    return path
