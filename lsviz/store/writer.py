"""Write runs so that nothing half-written is ever listed: temporary name, fsync, rename; the manifest last."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.store.manifest import NAME, Manifest, manifest_text, read_manifest
from lsviz.store.reader import sha256_of
from lsviz.store.records import ArraySpec, FailedRun, RunConfig, RunRecord


def write_run(
    folder: Path | str, record: RunRecord, arrays: Mapping[str, NDArray], produced: Mapping[str, object] | None = None
) -> RunRecord:
    """Write the arrays of a run and list it in the manifest, replacing an earlier entry of the same id.

    `record.file`, `.bytes`, `.sha256` and `.arrays` are filled in here; the record as listed is returned. A folder may be
    written by several processes at once: the manifest is changed under a lock.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    path = folder / f"{record.id}.safetensors"
    try:
        _write(path, save(contiguous))
        listed = replace(
            record,
            file=path.name,
            bytes=path.stat().st_size,
            sha256=sha256_of(path),
            arrays={name: ArraySpec(array.shape, str(array.dtype)) for name, array in contiguous.items()},
        )
    except OSError as error:
        raise LsvizError("store.unwritable", folder=folder, reason=error.strerror or str(error)) from error
    list_runs(folder, [listed], (), produced or {})
    return listed


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Put a run's file, as it is, into `folder`; `list_runs` comes after. Raises LsvizError when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / name, content)
    except OSError as error:
        raise LsvizError("store.unwritable", folder=folder, reason=error.strerror or str(error)) from error


def list_runs(folder: Path, records: Sequence[RunRecord], failed: Sequence[FailedRun], produced: Mapping[str, object]) -> None:
    """List runs whose files are there, in place of entries of the same id; failures of configurations not listed are told too."""
    new = {record.id for record in records}
    with _changing(folder) as known:
        runs = (*(run for run in known.runs if run.id not in new), *records)
        done = {run.id for run in runs}
        failures = {failure.config: failure for failure in (*known.failed, *failed) if failure.config.run_id not in done}
        _list(folder, replace(known, runs=runs, failed=tuple(failures.values()), produced={**known.produced, **produced}))


def unlist_runs(folder: Path, run_ids: Collection[str]) -> None:
    """Take runs out of the manifest; their files stay."""
    with _changing(folder) as known:
        _list(folder, replace(known, runs=tuple(run for run in known.runs if run.id not in run_ids)))


def write_failure(folder: Path | str, config: RunConfig, error: LsvizError | str) -> None:
    """Record in the manifest that training `config` broke off; runs and earlier failures stay as they are."""
    folder = Path(folder)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    failure = FailedRun(config, str(error), at, *((error.code, error.values) if isinstance(error, LsvizError) else ()))
    with _changing(folder) as known:
        others = tuple(failure for failure in known.failed if failure.config != config)
        _list(folder, replace(known, failed=(*others, failure)))


@contextmanager
def _changing(folder: Path) -> Iterator[Manifest]:
    """The manifest as it is, for one process at a time to write anew. Raises LsvizError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            yield _known(folder)
    except OSError as error:
        raise LsvizError("store.unwritable", folder=folder, reason=error.strerror or str(error)) from error


def _list(folder: Path, manifest: Manifest) -> None:
    _write(folder / NAME, manifest_text(replace(manifest, classes=CLASS_ORDER)).encode("utf-8"))


def _known(folder: Path) -> Manifest:
    """The manifest so far; an empty one where there is none yet. A broken one is never overwritten."""
    if not (folder / NAME).exists():
        return Manifest()
    manifest = read_manifest(folder)
    if manifest.problems:
        raise manifest.problems[0]
    return manifest


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One process at a time inside, by an advisory lock on `file`."""
    with file.open("w") as stream:
        try:
            import fcntl
        except ImportError:  # no such locks on Windows: one writer at a time there
            yield
        else:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield
