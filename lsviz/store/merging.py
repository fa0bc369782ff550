"""Take finished runs over from another folder, and take runs out of one. Files first, the manifest last: nothing missing is ever listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.store.manifest import NAME
from lsviz.store.precision import check_precision
from lsviz.store.reader import Store, check_values
from lsviz.store.records import RunRecord
from lsviz.store.writer import list_runs, unlist_runs, write_file


@dataclass(frozen=True)
class Merged:
    """Ids of the runs a merge added, those it replaced, and those that were there already, bit for bit."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


def merge(source: Path | str, into: Path | str, *, replace: bool = False) -> Merged:
    """Copy every run of the folder `source` to `into` and list it there, failures too; both manifests stay readable throughout.

    All runs are checked before the first is copied: hash, values, bits of the logits. Raises LsvizError, with nothing
    changed, for a run that is not sound, another recipe under the same id, or, unless `replace`, another run of the same recipe.
    """
    come, there = Store(source), Store(into)
    if come.problems:
        raise come.problems[0]
    if (Path(into) / NAME).exists() and there.problems and not there.runs:
        raise there.problems[0]
    known = {record.id: record for record in there.runs}
    news = [record for record in come.runs if _is_news(record, known.get(record.id), Path(into), replace)]
    for record in news:
        arrays = come.load(record.id)
        check_values(record, arrays)
        check_precision(record, arrays)
    for record in news:
        write_file(Path(into), record.file, (come.path / record.file).read_bytes())
    list_runs(Path(into), news, come.failed, come.produced)
    added = tuple(record.id for record in news if record.id not in known)
    replaced = tuple(record.id for record in news if record.id in known)
    return Merged(added, replaced, tuple(record.id for record in come.runs if record not in news))


def _is_news(record: RunRecord, known: RunRecord | None, into: Path, replace: bool) -> bool:
    """Whether `into` lacks this very run. Raises LsvizError where another one of its name may not give way."""
    if known is None:
        return True
    if known.config != record.config:
        raise LsvizError("training.recipe", run=record.id, folder=into)
    if known == record:
        return False
    if not replace:
        raise LsvizError("store.superseded", run=record.id, folder=into, there=known.trained_at[:10], here=record.trained_at[:10])
    return True


def remove(folder: Path | str, run_ids: Sequence[str]) -> tuple[str, ...]:
    """Take runs out of the manifest, then their files out of the folder. Raises LsvizError, with nothing changed, for an unknown id."""
    store = Store(folder)
    records = [store.record(run_id) for run_id in run_ids]
    unlist_runs(store.path, {record.id for record in records})
    for record in records:
        (store.path / record.file).unlink(missing_ok=True)
    return tuple(record.id for record in records)
