"""Open a folder of stored runs: typed records, arrays on demand, every damage one sentence."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from lsviz.core.errors import LsvizError, MissingArray
from lsviz.store.manifest import Manifest, read_manifest
from lsviz.store.records import FailedRun, RunConfig, RunRecord

_VERIFIED: dict[Path, tuple[int, int, str]] = {}  # file -> (mtime, bytes, sha256) seen good
_LOCK = threading.Lock()


class RunArrays(Mapping[str, NDArray]):
    """The arrays of one run, read from its file when asked for and kept; never writable."""

    def __init__(self, path: Path, record: RunRecord) -> None:
        self.path, self.record = path, record
        self._kept: dict[str, NDArray] = {}

    def __getitem__(self, name: str) -> NDArray:
        if name not in self.record.arrays:
            raise MissingArray(
                "store.array",
                file=self.record.file,
                name=name,
                found=LsvizError("reason.nothing"),
                expected=LsvizError("reason.array"),
            )
        if name not in self._kept:
            spec = self.record.arrays[name]
            try:
                with safe_open(self.path, framework="numpy") as file:
                    array = file.get_tensor(name)
            except (OSError, SafetensorError) as error:
                raise LsvizError("store.damaged", file=self.path, reason=str(error)) from error
            if array.shape != spec.shape or str(array.dtype) != spec.dtype:
                raise LsvizError(
                    "store.array", file=self.path, name=name, found=f"{array.dtype} {array.shape}",
                    expected=f"{spec.dtype} {spec.shape}",
                )  # fmt: skip
            array.flags.writeable = False
            self._kept[name] = array
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.record.arrays)

    def __len__(self) -> int:
        return len(self.record.arrays)


class Store:
    """A folder with `manifest.json` and one safetensors file a run.

    Opening never raises: what is wrong is in `problems` (LsvizError, one sentence each), what is sound is in `runs`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @cached_property
    def _manifest(self) -> Manifest:
        try:
            return read_manifest(self.path)
        except LsvizError as error:
            return Manifest(problems=(error,))

    @cached_property
    def _checked(self) -> tuple[tuple[RunRecord, ...], tuple[LsvizError, ...]]:
        sound, problems = [], list(self._manifest.problems)
        for record in self._manifest.runs:
            try:
                self._path_of(record, check_hash=False)
            except LsvizError as error:
                problems.append(error)
            else:
                sound.append(record)
        return tuple(sound), tuple(problems)

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """Every run whose entry is sound and whose file is there with the promised size, ordered by id."""
        return self._checked[0]

    @property
    def problems(self) -> tuple[LsvizError, ...]:
        return self._checked[1]

    @property
    def failed(self) -> tuple[FailedRun, ...]:
        """Configurations whose training broke off, with the reason."""
        return self._manifest.failed

    @property
    def classes(self) -> tuple[str, ...]:
        return self._manifest.classes

    @property
    def produced(self) -> Mapping[str, object]:
        return self._manifest.produced

    def record(self, run_id: str) -> RunRecord:
        """The record of `run_id`; LsvizError when there is none."""
        for record in self.runs:
            if record.id == run_id:
                return record
        raise LsvizError("store.unknown_run", run=run_id, folder=self.path)

    def load(self, run_id: str) -> RunArrays:
        """The arrays of `run_id`, its file checked against the manifest's hash (once per file and change)."""
        record = self.record(run_id)
        return RunArrays(self._path_of(record, check_hash=True), record)

    def families(self) -> dict[RunConfig, tuple[RunRecord, ...]]:
        """Runs that differ only in alpha and seed, sorted by alpha, then seed."""
        groups: dict[RunConfig, list[RunRecord]] = {}
        for record in self.runs:
            groups.setdefault(record.config.family, []).append(record)
        return {key: tuple(sorted(runs, key=lambda r: (r.config.alpha, r.config.seed))) for key, runs in groups.items()}

    def _path_of(self, record: RunRecord, *, check_hash: bool) -> Path:
        folder = self.path.resolve()
        path = (folder / record.file).resolve()
        if path.parent != folder or path.suffix != ".safetensors":
            raise LsvizError("store.outside", run=record.id, file=record.file)
        if not path.is_file():
            raise LsvizError("store.missing", run=record.id, file=path)
        status = path.stat()
        if status.st_size != record.bytes:
            raise LsvizError("store.damaged", file=path, reason=LsvizError("reason.bytes", found=status.st_size, told=record.bytes))
        if check_hash:
            seen = (status.st_mtime_ns, status.st_size, record.sha256)
            with _LOCK:
                good = _VERIFIED.get(path) == seen
            if not good:
                if sha256_of(path) != record.sha256:
                    raise LsvizError("store.damaged", file=path, reason=LsvizError("reason.hash"))
                with _LOCK:
                    _VERIFIED[path] = seen
        return path


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_values(record: RunRecord, arrays: Mapping[str, NDArray]) -> None:
    """Every array finite, and the stored test logits giving the manifest's accuracy and ECE. Raises LsvizError.

    The metrics are of full precision, the stored logits of half: up to three images may fall to the other side of a tie
    or of a bin's edge.
    """
    from lsviz.core.calibration import confidence_and_correct, reliability_diagram

    for name in arrays:
        array = arrays[name]
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise LsvizError("store.not_finite", run=record.id, name=name)
    diagram = reliability_diagram(*confidence_and_correct(arrays["test_logits"], arrays["test_labels"]))
    told = record.metrics.get("test_stored", record.metrics["test"])  # of the stored rows, where not all test images are
    for name, found in (("accuracy", diagram.mean_accuracy), ("ece15", diagram.ece)):
        said = told.get(name, np.nan)
        if not abs(found - said) <= max(1e-3, 3 / len(arrays["test_labels"])):
            raise LsvizError("store.metric", run=record.id, name=name, found=round(found, 5), told=round(said, 5))
