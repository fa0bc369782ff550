"""CIFAR-100 from the official binary release or from xz shards of it: read, checked, split. Never unpickled.

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

from lsviz.core.classes import CLASS_ORDER, OFFICIAL
from lsviz.core.errors import LsvizError

RECORD = 2 + 3 * 32 * 32
EXPECTED = {"train": 50_000, "test": 10_000}
VALIDATION_PER_CLASS = 50
VALIDATION_SEED = 20_191  # one fixed permutation for every N and every seed
HELD_OUT = 20  # classes for the linear probe


@dataclass(frozen=True)
class Split:
    """Images (n, 32, 32, 3) uint8, labels (n,) in the nested class order, and their rows in the official file."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    index: NDArray[np.int32]


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


def _sources(path: Path) -> dict[str, list]:
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
                    raw = archive.extractfile(f"cifar-100-binary/{which}.bin").read()
            else:
                raw = file.read_bytes()
                if (known := sums.get(file.name)) and hashlib.sha256(raw).hexdigest() != known:
                    raise LsvizError("data.damaged", file=file, reason="its SHA-256 differs from SHA256SUMS")
                if file.suffix == ".xz":
                    raw = lzma.decompress(raw)
        except (OSError, EOFError, KeyError, AttributeError, lzma.LZMAError, tarfile.TarError) as error:
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


def nested_labels(fine: NDArray[np.uint8], num_classes: int) -> NDArray[np.int64]:
    """Official fine labels (n,) -> position in the nested class order, -1 for classes beyond the first `num_classes`."""
    position = np.full(len(OFFICIAL), -1)
    for place, name in enumerate(CLASS_ORDER[:num_classes]):
        position[OFFICIAL.index(name)] = place
    return position[fine]


def split(data: Cifar100, num_classes: int, *, size: int = 100) -> dict[str, Split]:
    """train, validation and test of the first `num_classes` classes.

    Validation is the same 50 images a class for every N, so no network is fitted or tempered on images shown. `size`
    keeps that percentage of every class's training images, nested: 10 % lies inside 30 %.
    """
    fine = data.train[:, 1]
    rng = np.random.default_rng(VALIDATION_SEED)
    validation, kept = np.zeros(len(fine), bool), np.zeros(len(fine), bool)
    for label in range(len(OFFICIAL)):
        rows = rng.permutation(np.flatnonzero(fine == label))
        held = min(VALIDATION_PER_CLASS, len(rows) // 2)
        validation[rows[:held]] = True
        rest = rows[held:]
        kept[rest[: round(len(rest) * size / 100)]] = True
    mine = nested_labels(fine, num_classes) >= 0
    test = nested_labels(data.test[:, 1], num_classes) >= 0
    return {
        "train": _take(data.train, mine & kept, num_classes),
        "validation": _take(data.train, mine & validation, num_classes),
        "test": _take(data.test, test, num_classes),
    }


def _take(table: NDArray[np.uint8], chosen: NDArray[np.bool_], num_classes: int) -> Split:
    index = np.flatnonzero(chosen)
    rows = table[index]
    images = np.ascontiguousarray(rows[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return Split(images, nested_labels(rows[:, 1], num_classes), index.astype(np.int32))


def held_out(data: Cifar100) -> dict[str, Split]:
    """probe_train and probe_test: the last 20 classes of the nested order, labels 0..19, which no network of N <= 80 has seen."""
    made = {}
    for name, table in (("probe_train", data.train), ("probe_test", data.test)):
        place = nested_labels(table[:, 1], len(CLASS_ORDER)) - (len(CLASS_ORDER) - HELD_OUT)
        all_classes = _take(table, place >= 0, len(CLASS_ORDER))
        made[name] = Split(all_classes.images, place[place >= 0], all_classes.index)
    return made


def evenly(labels: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Rows of at most `most` examples, as many of each class, the first of each in file order: the same for every alpha."""
    classes = np.unique(labels)
    each = max(1, most // len(classes))
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:each] for k in classes]))


def noisy_labels(labels: NDArray[np.int64], num_classes: int, noise: float, seed: int) -> NDArray[np.int64]:
    """Labels (n,) of which each became, with probability `noise`, a uniformly random other class."""
    rng = np.random.default_rng((seed, 77))
    flipped = rng.random(len(labels)) < noise
    shift = rng.integers(1, num_classes, len(labels))
    return np.where(flipped, (labels + shift) % num_classes, labels)
