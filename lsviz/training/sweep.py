"""Train a plan of networks: one model a process, or several at once on a GPU; resumable, nothing half-written.

    python -m lsviz.training.sweep --data PATH --out checkpoints --plan small

A run that is finished and whole (its hash is checked) is skipped; a killed sweep loses at most the models in hand.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, write_failure, write_run
from lsviz.training.plans import PLANS, PRECISIONS, plan
from lsviz.training.produce import (
    BROKE_OFF,
    COST,
    Progress,
    default_cache,
    device_name,
    produce,
    produced,
    said_of,
    unfinished,
    work_of,
)


def train_one(config: RunConfig, data: Path, cache: Path, out: Path, device: str, tell, records=None) -> None:
    """The work of one process: produce and write. `tell` takes (kind, run_id, value)."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    try:
        record, arrays = produce(config, data, cache, device, lambda epoch, images: tell(("epoch", config.run_id, images)), records)
        listed = write_run(out, record, arrays, produced())
        tell(("done", config.run_id, listed.metrics))
    except LsvizError as error:
        if error.code in BROKE_OFF:
            write_failure(out, config, error)
        tell(("failed", config.run_id, str(error)))


def sweep(
    configs: Sequence[RunConfig], data: Path, out: Path, *, device: str, workers: int, cache: Path,
    limit_minutes: float | None = None, records: dict[str, int] | None = None, retry: bool = False,
) -> int:  # fmt: skip
    """Train what is missing; returns 0 when everything is there, 1 when a run failed or time ran out."""
    todo = unfinished(out, configs, retry=retry)
    print(f"{len(configs)} runs, {len(configs) - len(todo)} finished before, {len(todo)} to train on {device_name(device)}")
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    progress = Progress(sum(map(work_of, todo)), device)
    cost = {config.run_id: COST.get(config.net, 1.0) for config in todo}
    running: dict[str, BaseProcess] = {}
    failed, skipped = [], []
    terminal = sys.stderr.isatty()
    try:
        while todo or running:
            while todo and len(running) < workers:
                config = todo.pop(0)
                expected = progress.spent + work_of(config) / (progress.rate / workers)
                if limit_minutes is not None and expected > 60 * limit_minutes:
                    skipped.append(config.run_id)
                    continue
                arguments = (config, data, cache, out, device, queue.put, records)
                running[config.run_id] = context.Process(target=train_one, args=arguments, daemon=True)
                running[config.run_id].start()
            try:
                kind, run_id, value = queue.get(timeout=0.5)
            except Empty:
                for run_id in [r for r, process in running.items() if not process.is_alive() and queue.empty()]:
                    failed.append(f"{run_id}: its process ended with code {running.pop(run_id).exitcode}")
                    print(failed[-1], file=sys.stderr)
                continue
            if kind == "epoch":
                progress.done += value * cost[run_id]
                progress.images += value
            elif run_id in running:
                running.pop(run_id).join()
                if kind == "done":
                    print(("\r" + said_of(run_id, value)).ljust(110), flush=True)
                else:
                    failed.append(value)
                    print(f"\r{value}".ljust(110), file=sys.stderr, flush=True)
            if terminal or kind == "done":
                print("\r" + progress.line(len(running), len(todo)), end="" if terminal else "\n", file=sys.stderr, flush=True)
    finally:
        for process in running.values():
            process.terminate()
    if skipped:
        print(f"no time for {len(skipped)} runs: {', '.join(skipped)}", file=sys.stderr)
    print(f"\n{len(configs) - len(failed) - len(skipped)} of {len(configs)} runs are in {out}")
    return 1 if failed or skipped else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lsviz.training.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=Path, help="folder or archive with CIFAR-100, binary version")
    parser.add_argument("--out", default=Path("checkpoints"), type=Path)
    parser.add_argument("--plan", default="small", help=f"one or more of: {', '.join(PLANS)}")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="of the products; bfloat16 halves the time on a CPU with AMX (default: float32 on a CPU)",
    )
    parser.add_argument("--workers", type=int, help="models trained at once (default: 2, and 5 on a GPU)")
    parser.add_argument("--limit-minutes", type=float, help="start no run that would not finish by then")
    parser.add_argument("--retry", action="store_true", help="also train runs that failed before")
    parser.add_argument("--launcher", choices=("local", "dask"), default="local", help="where the models are trained")
    parser.add_argument("--scheduler", help="address of a running Dask scheduler, tcp://host:8786, for --launcher dask")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where decoded data is kept")
    asked = parser.parse_args(arguments)
    from lsviz.store.cifar100 import read_cifar100

    try:
        if (asked.launcher == "dask") != bool(asked.scheduler):
            raise LsvizError("training.scheduler")
        device = asked.device
        if device == "auto":
            import torch

            device = "cuda" if torch.cuda.is_available() else "cpu"
        configs = plan(asked.plan, device, asked.precision)
        read_cifar100(asked.data, cache=asked.cache)  # a wrong folder stops here, before anything is written
        where = dict(device=device, cache=asked.cache, limit_minutes=asked.limit_minutes, retry=asked.retry)
        if asked.launcher == "dask":
            from lsviz.training.on_dask import sweep_on_cluster

            return sweep_on_cluster(configs, asked.data, asked.out, scheduler=asked.scheduler, **where)
        if device.startswith("cuda"):
            from lsviz.training.lanes import AT_ONCE, Place, sweep_on_gpu

            place = Place(asked.data, asked.out, asked.cache / "weights", asked.cache)
            limits = dict(limit_minutes=asked.limit_minutes, retry=asked.retry)
            return sweep_on_gpu(configs, place, device=device, at_once=asked.workers or AT_ONCE, **limits)
        return sweep(configs, asked.data, asked.out, workers=asked.workers or 2, **where)
    except LsvizError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
