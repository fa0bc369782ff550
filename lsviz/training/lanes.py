"""Fill a GPU with a whole plan: networks of one family and seed are trained together, their numbers made beside it on the CPU.

    python -m lsviz.training.lanes --data PATH --out FOLDER --plan core --device cuda [--share FOLDER] [--limit-minutes 9]

`lsviz.training.sweep` does this by itself where there is a GPU; the command here is for a machine that is lent for minutes:
half of the data, archives that are whole at any moment, recipes cut short.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from numpy.typing import NDArray
from safetensors.numpy import load

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, write_failure, write_run
from lsviz.store.cifar100 import read_cifar100
from lsviz.training.data import Split, held_out, split
from lsviz.training.lent import add_to_archive, keep_weights, probes
from lsviz.training.measure import record_of
from lsviz.training.plans import is_core, plan, teacher_of
from lsviz.training.produce import (
    BROKE_OFF,
    PROBED,
    Progress,
    default_cache,
    device_name,
    images_of,
    produced,
    said_of,
    unfinished,
    work_of,
)
from lsviz.training.run import Trained
from lsviz.training.speed import flops_an_image, matrix_rate
from lsviz.training.together import AT_ONCE, Lane, bundle_of, bundles, train_together

__all__ = ["AT_ONCE", "Lane", "Place", "bundle_of", "bundles", "main", "sweep_on_gpu", "train_together"]

WORKERS = 10  # processes that measure and write; fewer where there are fewer processors
BACKLOG = 8  # networks, a process, that may wait for being measured: up to 100 MB each
FIRST_GUESS = 1 / 60_000  # seconds an image of a ResNet-9, until one bundle has told
LAST_SECONDS = 10  # left at the end for measuring and writing
MARGIN = 1.1  # on a guessed time
GIVEN_UP = 2  # bundles that could not be captured, after which none is tried
IMPORTANCE = (0.0, 0.1, 0.05, 0.3, 0.2, 0.5, 0.02, 0.15, 0.7, 0.9)  # of alphas, when time runs out


@dataclass(frozen=True)
class Place:
    """Where a sweep finds its data and leaves its results; sent to the processes that measure."""

    data: Path
    out: Path
    weights: Path  # of core networks: where students find their teacher
    cache: Path | None = None  # of decoded data
    share: Path | None = None  # archives of finished runs
    probe: bool = True  # look at held-out classes, which must be in the data
    records: tuple[tuple[str, int], ...] | None = None  # other sizes of the data's files, for tests


@dataclass
class Pace:
    """Seconds an image takes at each batch size, learnt from bundle to bundle."""

    seconds: dict[int, float] = field(default_factory=dict)

    def guess(self, config: RunConfig) -> float:
        """Seconds one network will take in a full bundle; a batch size not seen yet is taken for as slow as the slowest."""
        return self.seconds.get(config.batch, max(self.seconds.values(), default=FIRST_GUESS)) * work_of(config)

    def learn(self, group: Sequence[RunConfig], seconds: float) -> None:
        self.seconds[group[0].batch] = seconds / sum(map(work_of, group))

    def fitting(self, group: Sequence[RunConfig], left: float) -> int:
        """How many of the group's networks can be finished in `left` seconds."""
        return max(0, min(len(group), int(left / (MARGIN * self.guess(group[0])))))


def sweep_on_gpu(
    configs: Sequence[RunConfig], place: Place, *, device: str, at_once: int = AT_ONCE, workers: int | None = None,
    limit_minutes: float | None = None, captured: bool = True, retry: bool = False,
) -> int:  # fmt: skip
    """Train what `place.out` lacks, `at_once` networks together; returns 0 when everything is there, 1 when a run failed or time ran out.

    A run is written as soon as it is measured, so a sweep cut off loses the bundle in hand. Raises LsvizError if an id there
    hides another recipe.
    """
    name, todo = device_name(device), unfinished(place.out, configs, retry=retry)
    place.out.mkdir(parents=True, exist_ok=True)
    print(
        f"{len(configs)} runs, {len(configs) - len(todo)} finished before, {len(todo)} to train on {name}, up to {at_once} at once",
        flush=True,
    )
    if not todo:
        return 0
    progress, pace, rate = Progress(sum(map(work_of, todo)), device), Pace(), matrix_rate(device)
    waiting: list[Future[str]] = []
    failed = breakdowns = 0
    skipped: list[str] = []
    workers = workers or max(1, min(WORKERS, (os.cpu_count() or 2) - 1))
    with measuring(workers) as pool:
        for group in bundles(todo, at_once):
            if limit_minutes is not None:
                fits = pace.fitting(group, 60 * limit_minutes - progress.spent - LAST_SECONDS)
                skipped += [config.run_id for config in group[fits:]]
                group = group[:fits]
            if not group:
                continue
            clock = time.perf_counter()
            results, broke = train_bundle(group, place, device, captured and breakdowns < GIVEN_UP)
            pace.learn(group, time.perf_counter() - clock)
            breakdowns += broke
            failed += sum(isinstance(result, Exception) for result in results)
            waiting += [
                pool.submit(measured, config, trained, place, name) for config, trained in finished_of(group, results, place)
            ]
            progress.done += sum(map(work_of, group))
            progress.images += sum(map(images_of, group))
            print(bundle_line(group, results, progress, rate), file=sys.stderr, flush=True)
            waiting, wrong = told(waiting, BACKLOG * workers)
            failed += wrong
        failed += told(waiting, 0)[1]
    if skipped:
        print(f"no time for {len(skipped)} runs: {', '.join(skipped)}", file=sys.stderr)
    print(
        f"{len(configs) - failed - len(skipped)} of {len(configs)} runs are in {place.out} after {progress.spent:,.0f} s",
        flush=True,
    )
    return 1 if failed or skipped else 0


# ---- the GPU's side -------------------------------------------------------------------------------------------------


def train_bundle(group: Sequence[RunConfig], place: Place, device: str, captured: bool) -> tuple[list[Trained | Exception], bool]:
    """The group's networks, and whether the device failed at training them together: then each two are tried once more, uncaptured."""
    splits = splits_of(place, group[0])
    taught = [teacher_weights(config, place, device) for config in group]
    try:
        return list(train_together(group, splits, device, taught, captured)), False
    except Exception as error:  # noqa: BLE001 - a full device, a step that cannot be captured: the other bundles go on
        broke = not isinstance(error, LsvizError)
        print(
            f"{group[0].run_id} and {len(group) - 1} more, tried again uncaptured: {type(error).__name__}: {error}",
            file=sys.stderr,
            flush=True,
        )
    results: list[Trained | Exception] = []
    for first in range(0, len(group), 2):  # outside of `except`, which would hold the broken lanes' memory
        two = slice(first, first + 2)
        try:
            results += train_together(group[two], splits, device, taught[two], captured=False)
        except Exception as error:  # noqa: BLE001
            results += [error] * len(group[two])
    return results, broke


def finished_of(
    group: Sequence[RunConfig], results: Sequence[Trained | Exception], place: Place
) -> list[tuple[RunConfig, Trained]]:
    """Those that are to be measured, without their weights; why the others failed is said, and recorded where it is the recipe's fault."""
    made = []
    for config, result in zip(group, results, strict=True):
        if isinstance(result, Exception):
            print(f"{config.run_id}: {result}", file=sys.stderr, flush=True)
            if isinstance(result, LsvizError) and result.code in BROKE_OFF:
                write_failure(place.out, config, result)
            continue
        if is_core(config) and config.num_classes <= PROBED:
            keep_weights(place.weights, config, result)
        made.append((config, replace(result, weights={})))
    return made


def teacher_weights(config: RunConfig, place: Place, device: str) -> Mapping[str, NDArray] | None:
    """Weights of a student's teacher, trained now where they are not kept; None for a network that labels alone teach."""
    if config.teacher_alpha is None:
        return None
    teacher = teacher_of(config)
    file = place.weights / f"{teacher.run_id}.safetensors"
    if not file.is_file():
        (trained,) = train_together([teacher], splits_of(place, teacher), device, captured=False)
        if isinstance(trained, LsvizError):
            return None  # its students say that they lack a teacher
        keep_weights(place.weights, teacher, trained)
    return load(file.read_bytes())


def bundle_line(group: Sequence[RunConfig], results: Sequence[Trained | Exception], progress: Progress, rate: float | None) -> str:
    """How far the sweep is, how fast this bundle was, and which share of the device's matrix rate that is."""
    images = next((result.images_per_second for result in results if isinstance(result, Trained)), 0.0)
    share = (
        ""
        if rate is None
        else f", {images * flops_an_image(group[0].net, group[0].num_classes) / rate:.0%} of {rate / 1e12:,.0f} TFLOP/s bf16"
    )
    minutes = (progress.total - progress.done) / progress.rate / 60
    return f"[{progress.done / progress.total:4.0%}] {len(group)} x N = {group[0].num_classes}: {images:,.0f} images/s{share}; {minutes:.1f} min left"


# ---- the CPU's side: numbers and files, in processes of their own ---------------------------------------------------


def measuring(workers: int) -> ProcessPoolExecutor:
    """Processes that are ready to measure: one thread each, deaf to Ctrl-C so that finished networks are still written."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # read by the processes started below
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_made_ready)
    for _ in range(workers):
        pool.submit(time.sleep, 0.1)  # start them now, while the GPU trains its first bundle
    return pool


def _made_ready() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A sweep that is killed leaves no process behind that waits for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def measured(config: RunConfig, trained: Trained, place: Place, name: str) -> str:
    """Measure and write one network; what to say of it."""
    record, arrays = record_of(config, splits_of(place, config), trained, name)
    listed = write_run(place.out, record, arrays, produced())
    if place.share is not None:
        add_to_archive(place.share, place.out, listed)
    return said_of(config.run_id, listed.metrics)


def told(waiting: Sequence[Future[str]], most: int) -> tuple[list[Future[str]], int]:
    """Say what the finished ones have to say, the oldest awaited until `most` are left; those still at work, and how many failed."""
    left, failed = [], 0
    for future in waiting:
        if not future.done() and sum(not other.done() for other in waiting) <= most:
            left.append(future)
            continue
        try:
            print(future.result(), flush=True)
        except Exception as error:  # noqa: BLE001 - one run's numbers are lost, the others come
            failed += 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    return left, failed


def splits_of(place: Place, config: RunConfig) -> dict[str, Split]:
    """What a network is trained and looked at on; read once, cut once for each N and size."""
    seen = place.probe and is_core(config) and config.num_classes <= PROBED
    return _splits(place.data, place.cache, config.num_classes, config.size, seen, place.records)


@lru_cache(maxsize=3)
def _splits(
    data: Path, cache: Path | None, num_classes: int, size: int, probe: bool, records: tuple[tuple[str, int], ...] | None
) -> dict[str, Split]:
    images = read_cifar100(data, cache=cache, records=dict(records) if records else None)
    made = split(images, num_classes, size=size)
    return made | held_out(images) if probe else made


# ---- the command ----------------------------------------------------------------------------------------------------


def chosen(
    configs: Sequence[RunConfig],
    classes: Sequence[int] = (),
    seeds: Sequence[int] = (),
    batch: int | None = None,
    epochs: int | None = None,
) -> list[RunConfig]:
    """Those of some N and seeds, the core first by N as given and by how much an alpha matters; with smaller batches or fewer epochs."""
    kept = [c for c in configs if (not seeds or c.seed in seeds) and (not classes or c.num_classes in classes)]
    if classes:
        core = sorted(filter(is_core, kept), key=lambda c: (list(classes).index(c.num_classes), IMPORTANCE.index(c.alpha)))
        kept = core + [c for c in kept if not is_core(c)]
    if batch:  # the rate goes with the batch
        kept = [c if c.batch <= batch else replace(c, batch=batch, learning_rate=c.learning_rate * batch / c.batch) for c in kept]
    return [replace(c, epochs=epochs) for c in kept] if epochs else kept


def whole_numbers(text: str) -> list[int]:
    """ "10,50,20" -> [10, 50, 20]; nothing where there is no text."""
    return [int(part) for part in text.split(",") if part]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m lsviz.training.lanes", description=__doc__.splitlines()[0])
    made.add_argument("--data", required=True, type=Path)
    made.add_argument("--out", required=True, type=Path)
    made.add_argument("--plan", default="core")
    made.add_argument("--classes", default="", type=whole_numbers, help="only these N, in this order: 10,50,20")
    made.add_argument("--seeds", default="", type=whole_numbers, help="only these seeds: 0,1,2")
    made.add_argument("--device", default="cuda")
    made.add_argument("--as-device", help="the recipe of another device, to rehearse: cuda")
    made.add_argument("--limit-minutes", type=float, default=9, help="start no bundle that would not finish by then")
    made.add_argument("--at-once", type=int, default=AT_ONCE, help="networks trained together")
    made.add_argument("--workers", type=int, default=WORKERS, help="processes that measure and write")
    made.add_argument("--share", type=Path, help="folder for archives of finished runs, whole at any moment")
    made.add_argument("--probe", action="store_true", help="the held-out classes are in the data: probe the core networks at once")
    made.add_argument("--eager", action="store_true", help="capture no step")
    made.add_argument("--epochs", type=int, help="other epochs than the plan's")
    made.add_argument("--batch", type=int, help="at most so many images a step, the rate in proportion")
    made.add_argument(
        "--keep-weights", type=Path, default=default_cache() / "weights", help="folder for the weights of core networks"
    )
    made.add_argument("--probes", type=Path, help="probe the weights kept in this folder, and nothing else")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    try:
        if asked.probes:
            made = probes(asked.probes, asked.data, asked.device, asked.share or asked.out)
            print(f"probes of {len(made)} networks", flush=True)
            return 0
        configs = plan(asked.plan, asked.as_device or asked.device)
        configs = chosen(configs, asked.classes, asked.seeds, asked.batch, asked.epochs)
        place = Place(asked.data, asked.out, asked.keep_weights, share=asked.share, probe=asked.probe)
        return sweep_on_gpu(
            configs, place, device=asked.device, at_once=asked.at_once, workers=asked.workers, limit_minutes=asked.limit_minutes, captured=not asked.eager,
        )  # fmt: skip
    except LsvizError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
