"""Train a plan of networks: one model a process, resumable, nothing half-written.

    python -m lsviz.training.sweep --data PATH --out checkpoints --plan small

A run that is finished and whole (its hash is checked) is skipped; a killed sweep loses at most the models in hand.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, Store, write_run

GUESS = {"cpu": 700.0, "cuda": 40_000.0}  # images a second, until one run has told
IMAGES_PER_CLASS = 450


def default_cache() -> Path:
    """Where decoded data is kept: the user's cache folder, never the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lsviz"


def unfinished(out: Path, configs: Sequence[RunConfig]) -> list[RunConfig]:
    """The configurations `out` does not hold, whole. Raises LsvizError if an id there hides another recipe."""
    store = Store(out)
    if (out / "manifest.json").exists() and store.problems and not store.runs:
        raise store.problems[0]
    known = {record.id: record for record in store.runs}
    todo = []
    for config in configs:
        record = known.get(config.run_id)
        if record is not None and record.config != config:
            raise LsvizError("training.recipe", run=config.run_id, folder=out)
        try:
            if record is not None:
                store.load(record.id)
                continue
        except LsvizError as damage:
            print(f"again: {damage}", file=sys.stderr)
        todo.append(config)
    return todo


def train_one(config: RunConfig, data: Path, cache: Path, out: Path, device: str, tell, records=None) -> None:
    """The work of one process: read, train, measure, write. `tell` takes (kind, run_id, value)."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    from lsviz.training.data import read_cifar100, split
    from lsviz.training.measure import record_of
    from lsviz.training.run import train

    try:
        splits = split(read_cifar100(data, cache=cache, records=records), config.num_classes, size=config.size)
        trained = train(config, splits, device, tick=lambda epoch, images: tell(("epoch", config.run_id, images)))
        record, arrays = record_of(config, splits, trained, device_name(device))
        listed = write_run(out, record, arrays, produced())
        tell(("done", config.run_id, listed.metrics["test"]["accuracy"]))
    except LsvizError as error:
        tell(("failed", config.run_id, str(error)))


def device_name(device: str) -> str:
    """What the manifest calls the device: 'NVIDIA H200', or the processor's name."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")) + " (CPU)"
    except (OSError, StopIteration):
        return f"{platform.machine()} (CPU)"


def produced() -> dict[str, str]:
    """Provenance of the manifest: the commit of the code, and the torch it ran on."""
    import torch

    here = Path(__file__).parent
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True).stdout.strip()
    return {"program": "lsviz.training.sweep", "git_commit": commit or "unknown", "torch": torch.__version__}


@dataclass
class Progress:
    """What is done and what is left, in images; printed as one line that rewrites itself on a terminal."""

    total: int
    device: str
    done: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def rate(self) -> float:
        spent = time.perf_counter() - self.started
        return self.done / spent if self.done and spent > 0 else GUESS[self.device.split(":")[0]]

    def line(self, running: int, left: int) -> str:
        share = self.done / max(self.total, 1)
        bar = "#" * round(30 * share)
        minutes = (self.total - self.done) / max(self.rate, 1e-9) / 60
        return f"[{bar:<30}] {100 * share:3.0f} %  {self.rate:,.0f} images/s  {minutes:.1f} min left  {running} running, {left} waiting"


def images_of(config: RunConfig) -> int:
    """Training images one run looks at."""
    return config.num_classes * IMAGES_PER_CLASS * config.size // 100 * config.epochs


def sweep(
    configs: Sequence[RunConfig], data: Path, out: Path, *, device: str, workers: int, cache: Path,
    limit_minutes: float | None = None, records: dict[str, int] | None = None,
) -> int:  # fmt: skip
    """Train what is missing; returns 0 when everything is there, 1 when a run failed or time ran out."""
    todo = unfinished(out, configs)
    print(f"{len(configs)} runs, {len(configs) - len(todo)} finished before, {len(todo)} to train on {device_name(device)}")
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    progress = Progress(sum(map(images_of, todo)), device)
    running: dict[str, multiprocessing.Process] = {}
    failed, skipped = [], []
    terminal = sys.stderr.isatty()
    try:
        while todo or running:
            while todo and len(running) < workers:
                config = todo.pop(0)
                if limit_minutes is not None:
                    spent = time.perf_counter() - progress.started
                    if spent + images_of(config) / (progress.rate / workers) > 60 * limit_minutes:
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
                progress.done += value
            elif run_id in running:
                running.pop(run_id).join()
                if kind == "done":
                    print(f"\r{run_id}: test accuracy {100 * value:.1f} %".ljust(110), flush=True)
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
    parser.add_argument("--plan", default="small", help="one or more of: small, cpu, core, seeds, noise, size")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--workers", type=int, help="models trained at once (default: 2)")
    parser.add_argument("--limit-minutes", type=float, help="start no run that would not finish by then")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where decoded data is kept")
    asked = parser.parse_args(arguments)
    from lsviz.training.data import read_cifar100
    from lsviz.training.plans import plan

    try:
        device = asked.device
        if device == "auto":
            import torch

            device = "cuda" if torch.cuda.is_available() else "cpu"
        configs = plan(asked.plan, device)
        read_cifar100(asked.data, cache=asked.cache)  # a wrong folder stops here, before anything is written
        return sweep(
            configs, asked.data, asked.out, device=device, workers=asked.workers or 2, cache=asked.cache,
            limit_minutes=asked.limit_minutes,
        )  # fmt: skip
    except LsvizError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
