"""CIFAR-100 from the official binary release or from xz shards of it: read and checked. Never unpickled.

A record is 1 byte coarse label, 1 byte fine label, 3,072 bytes of pixels (R plane, G plane, B plane, row-major 32 x 32).
"""

from __future__ import annotations

import hashlib
import lzma
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError

RECORD = 2 + 3 * 32 * 32
EXPECTED = {"train": 50_000, "test": 10_000}


@dataclass(frozen=True)
class Cifar100:
    """Both official files as raw records, (50000, 3074) and (10000, 3074) uint8."""

    train: NDArray[np.uint8]
    test: NDArray[np.uint8]


def read_cifar100(path: Path | str, *, cache: Path | None = None, records: dict[str, int] | None = None) -> Cifar100:
    """Read CIFAR-100 from `path`.

    `path` is a folder with `train-*.bin.xz` and `test.bin.xz` (checked against `SHA256SUMS` where present), a folder
    with the official `train.bin` and `test.bin` (or the `cifar-100-binary` folder in it), or the official
    `cifar-100-binary.tar.gz`. `records` is the number of records expected in each file. Decoded shards are kept in
    `cache`. Raises LsvizError with one sentence for a wrong folder, a damaged file or an impossible label.
    """
    path, records = Path(path), records or EXPECTED
    parts = _sources(path)
    arrays = {}
    for which in ("train", "test"):
        arrays[which] = _cached(which, parts[which], path, cache)
        table = arrays[which]
        if len(table) != records[which]:
            raise LsvizError("data.records", path=path, which=which, found=len(table), expected=records[which])
        wrong = np.flatnonzero((table[:, 0] >= 20) | (table[:, 1] >= 100))
        if wrong.size:
            row = int(wrong[0])
            raise LsvizError("data.label", path=path, which=which, row=row, value=int(table[row, 1]))
    return Cifar100(**arrays)


def _sources(path: Path) -> dict[str, list[Path]]:
    """Which files hold the training and the test records."""
    if path.is_file() and path.name.endswith((".tar.gz", ".tgz")):
        return {"train": [path], "test": [path]}
    if not path.is_dir():
        raise LsvizError("data.missing", path=path)
    shards = sorted(path.glob("train-*.bin.xz"))
    if shards and (path / "test.bin.xz").is_file():
        return {"train": shards, "test": [path / "test.bin.xz"]}
    for folder in (path, path / "cifar-100-binary"):
        if (folder / "train.bin").is_file() and (folder / "test.bin").is_file():
            return {"train": [folder / "train.bin"], "test": [folder / "test.bin"]}
    archive = path / "cifar-100-binary.tar.gz"
    if archive.is_file():
        return {"train": [archive], "test": [archive]}
    raise LsvizError("data.missing", path=path)


def _cached(which: str, files: list[Path], path: Path, cache: Path | None) -> NDArray[np.uint8]:
    """Decode, or take the decoded array a former call left in `cache` under the sum of the files' names, sizes and times."""
    if cache is None or not any(file.suffix in (".xz", ".gz") for file in files):
        return _decode(which, files, path)
    identity = "|".join(f"{file.resolve()}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in files)
    kept = Path(cache) / f"{which}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.npy"
    if kept.is_file():
        return np.load(kept, allow_pickle=False, mmap_mode="r")
    table = _decode(which, files, path)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as stream:
        np.save(stream, table, allow_pickle=False)
    part.replace(kept)
    return table


def _decode(which: str, files: list[Path], path: Path) -> NDArray[np.uint8]:
    sums = _sums(path)
    tables = []
    for file in files:
        try:
            if file.name.endswith((".tar.gz", ".tgz")):
                with tarfile.open(file) as archive:
                    member = archive.extractfile(f"cifar-100-binary/{which}.bin")
                    raw = member.read() if member else b""  # a folder of that name has no bytes
            else:
                raw = file.read_bytes()
                if (known := sums.get(file.name)) and hashlib.sha256(raw).hexdigest() != known:
                    raise LsvizError("data.damaged", file=file, reason="its SHA-256 differs from SHA256SUMS")
                if file.suffix == ".xz":
                    raw = lzma.decompress(raw)
        except (OSError, EOFError, KeyError, lzma.LZMAError, tarfile.TarError) as error:
            raise LsvizError("data.damaged", file=file, reason=str(error) or type(error).__name__) from error
        if not raw or len(raw) % RECORD:
            raise LsvizError("data.damaged", file=file, reason=f"{len(raw)} bytes are not whole records of {RECORD}")
        tables.append(np.frombuffer(raw, np.uint8).reshape(-1, RECORD))
    return np.concatenate(tables)


def _sums(path: Path) -> dict[str, str]:
    file = path / "SHA256SUMS"
    if not file.is_file():
        return {}
    return {line.split()[1].lstrip("*"): line.split()[0] for line in file.read_text().splitlines() if len(line.split()) == 2}


def read_records(path: Path | str, which: str) -> NDArray[np.uint8]:
    """The raw records of one official file, "train" or "test", (n, 3074); as `read_cifar100`, without reading the other."""
    path = Path(path)
    return _decode(which, _sources(path)[which], path)


def pictures(records: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The images (n, 32, 32, 3) of raw records (n, 3074)."""
    return np.ascontiguousarray(records[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
