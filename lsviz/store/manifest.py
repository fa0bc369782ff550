"""The manifest: JSON <-> typed records, schema versions and their migrations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from lsviz.core.errors import LsvizError
from lsviz.store.records import ArraySpec, FailedRun, RunConfig, RunRecord

SCHEMA_VERSION = 1
NAME = "manifest.json"

# version -> function that lifts a manifest of that version to the next; applied in order
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


@dataclass(frozen=True)
class Manifest:
    """Every run that can be read, and one sentence-bearing error for each entry that cannot."""

    runs: tuple[RunRecord, ...] = ()
    classes: tuple[str, ...] = ()
    produced: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[LsvizError, ...] = ()
    failed: tuple[FailedRun, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """Read `folder`/manifest.json. Raises LsvizError when there is none, or it is no manifest of a known schema."""
    path = folder / NAME
    try:
        tree = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LsvizError("store.empty", folder=folder) from None
    except (OSError, ValueError) as error:
        raise LsvizError("store.manifest", file=path, reason=str(error)) from error
    if not isinstance(tree, dict) or not isinstance(tree.get("schema_version"), int) or not isinstance(tree.get("runs"), list):
        raise LsvizError("store.manifest", file=path, reason=LsvizError("reason.no_runs"))
    version = tree["schema_version"]
    if version > SCHEMA_VERSION:
        raise LsvizError("store.newer", file=path, found=version, known=SCHEMA_VERSION)
    while version < SCHEMA_VERSION:
        if version not in MIGRATIONS:
            raise LsvizError("store.manifest", file=path, reason=LsvizError("reason.version", version=version))
        tree, version = MIGRATIONS[version](tree), version + 1
    runs, problems = [], []
    for entry in tree["runs"]:
        try:
            runs.append(_record(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            name = entry.get("id", "?") if isinstance(entry, dict) else "?"
            problems.append(LsvizError("store.entry", file=path, run=name, reason=f"{type(error).__name__}: {error}"))
    failed = []
    for entry in tree.get("failed", ()):
        try:
            failed.append(
                FailedRun(
                    RunConfig(**entry["config"]),
                    str(entry["reason"]),
                    str(entry["at"]),
                    str(entry.get("code", "")),
                    dict(entry.get("values", {})),
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            problems.append(LsvizError("store.entry", file=path, run="?", reason=f"{type(error).__name__}: {error}"))
    return Manifest(tuple(runs), tuple(tree.get("classes", ())), tree.get("produced", {}), tuple(problems), tuple(failed))


def manifest_text(manifest: Manifest) -> str:
    """The manifest as JSON: runs in a fixed order, one line each, so that a change reads as a change of lines."""
    ordered = sorted(manifest.runs, key=lambda run: run.id)
    lines = ",\n  ".join(json.dumps(asdict(run), sort_keys=True, allow_nan=False) for run in ordered)
    head: dict[str, object] = {
        "schema_version": SCHEMA_VERSION,
        "produced": dict(manifest.produced),
        "classes": list(manifest.classes),
    }
    if manifest.failed:
        head["failed"] = [asdict(failure) for failure in manifest.failed]
    return json.dumps(head, indent=1, allow_nan=False)[:-2] + ',\n "runs": [\n  ' + lines + "\n ]\n}\n"


def _record(entry: dict[str, Any]) -> RunRecord:
    known = {f.name for f in fields(RunRecord)}
    values = {key: value for key, value in entry.items() if key in known}
    values["config"] = RunConfig(**entry["config"])
    values["history"] = {name: tuple(numbers) for name, numbers in entry["history"].items()}
    values["arrays"] = {name: ArraySpec(tuple(spec["shape"]), spec["dtype"]) for name, spec in entry["arrays"].items()}
    record = RunRecord(**values)
    _ = record.memorised, record.metrics["test"]["accuracy"]  # the least a page needs
    return record
