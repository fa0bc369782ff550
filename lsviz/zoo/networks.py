"""The stored networks as pages see them: one cached store, which alphas and N it can show, and what to say when it cannot."""

from __future__ import annotations

from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.state import nearest_count
from lsviz.store import RunArrays, RunConfig, RunRecord, Store
from lsviz.zoo.kept import folder, of_store, stamp


@of_store(max_entries=2)
def store() -> Store:
    """The folder as it is now."""
    return Store(str(folder()))


# ---- which networks there are ---------------------------------------------------------------------------------------


def counts() -> tuple[int, ...]:
    """The N that have networks, rising; empty when there are none."""
    return _counts(stamp())


@once(2)  # asked for at every turn
def _counts(stamp: str) -> tuple[int, ...]:
    return tuple(sorted({config.num_classes for config in _families()}))


def snapped(num_classes: int) -> int:
    """The N shown for the one asked: the nearest that has networks, itself when none has."""
    return nearest_count(counts(), num_classes) if counts() else num_classes


def family(num_classes: int) -> tuple[RunRecord, ...]:
    """The sound runs that may be compared for this N (snapped): equal but for alpha and seed, sorted by alpha, then seed.

    No label noise, all images, 0 <= alpha <= 1. Of several recipes the one with the most alphas, then epochs. Empty when
    nothing can be shown; `problems` says why.
    """
    return _sound(snapped(num_classes))[0]


def shown(num_classes: int) -> tuple[RunRecord, ...]:
    """One run for each trained alpha of `family(num_classes)`, rising: that of the lowest seed."""
    runs = family(num_classes)
    seed = min((run.config.seed for run in runs), default=0)
    first = {run.config.alpha: run for run in reversed(runs)}  # the lowest seed is written last
    paired = [run for run in runs if run.config.seed == seed]  # same images, same start: keep to one seed where it is there
    return tuple((first | {run.config.alpha: run for run in paired})[alpha] for alpha in sorted(first))


def trained(num_classes: int) -> tuple[tuple[float, ...] | None, tuple[int, ...] | None]:
    """The alphas trained for this N and the N there are, as the dock wants them; (None, None) lets it offer any value."""
    alphas = tuple(run.config.alpha for run in shown(num_classes))
    return (alphas, counts()) if alphas else (None, None)


@of_store(max_entries=2)
def _families() -> dict[RunConfig, tuple[RunRecord, ...]]:
    return {
        config: runs
        for config, runs in store().families().items()
        if not config.variant and any(0 <= run.config.alpha <= 1 for run in runs)
    }


@of_store(max_entries=16)
def _sound(num_classes: int) -> tuple[tuple[RunRecord, ...], tuple[LsvizError, ...]]:
    """The family of this N without the runs whose file is damaged, and what is wrong with those."""
    candidates = [runs for config, runs in _families().items() if config.num_classes == num_classes]
    if not candidates:
        return (), ()
    best = max(candidates, key=lambda runs: (len({run.config.alpha for run in runs}), runs[0].config.epochs))
    sound, wrong = [], []
    for run in best:
        if not 0 <= run.config.alpha <= 1:
            continue
        try:
            store().load(run.id)  # reads no array, but checks the file's hash
        except LsvizError as error:
            wrong.append(error)
        else:
            sound.append(run)
    return tuple(sound), tuple(wrong)


@of_store(max_entries=12)
def arrays(run_id: str) -> RunArrays:
    """The arrays of a run: read when asked for, shared by all sessions, never writable. Raises LsvizError."""
    return store().load(run_id)


# ---- when something is missing --------------------------------------------------------------------------------------


def problems(num_classes: int | None = None) -> tuple[LsvizError, ...]:
    """What is wrong with the folder, and with the files of the networks for this N."""
    damaged = () if num_classes is None else _sound(snapped(num_classes))[1]
    return store().problems + damaged
