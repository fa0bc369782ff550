"""One run from its configuration to its record: what is missing, what it costs, how it is trained and named."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from numpy.typing import NDArray
from safetensors.numpy import load, save

from lsviz.core.errors import LsvizError
from lsviz.store import MEMORISED, RunConfig, RunRecord, Store, locked

GUESS = {"cpu": 700.0, "cuda": 40_000.0}  # images a second of the CPU network (and of the GPU's), until one run has told
IMAGES_PER_CLASS = 450
BROKE_OFF = ("training.diverged", "training.ran_away")  # recorded as failed, so that the next sweep passes them by
PROBED = 50  # up to this N the held-out classes are unseen
COST = {
    "resnet9-toy": 0.05,
    "resnet9-student": 0.7,
    "resnet9-half-student": 0.7,
    "resnet56": 7.0,
}  # of one image, beside a ResNet-9 on that device


def default_cache() -> Path:
    """Where decoded data and weights are kept: the user's cache folder, never the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lsviz"


def unfinished(out: Path, configs: Sequence[RunConfig], *, retry: bool = False) -> list[RunConfig]:
    """The configurations `out` does not hold, whole; those that failed before only when asked to `retry`.

    Raises LsvizError if an id there hides another recipe.
    """
    store = Store(out)
    if (out / "manifest.json").exists() and store.problems and not store.runs:
        raise store.problems[0]
    known = {record.id: record for record in store.runs}
    failed = {failure.config: failure for failure in store.failed}
    todo = []
    for config in configs:
        record = known.get(config.run_id)
        if record is not None and record.config != config:
            raise LsvizError("training.recipe", run=config.run_id, folder=out)
        if config in failed and not retry:
            print(f"failed on {failed[config].at[:10]}, --retry trains it again: {failed[config].reason}", file=sys.stderr)
            continue
        try:
            if record is not None:
                store.load(record.id)
                continue
        except LsvizError as damage:
            print(f"again: {damage}", file=sys.stderr)
        todo.append(config)
    return todo


def produce(
    config: RunConfig, data: Path, cache: Path, device: str, tick=lambda epoch, images: None, records=None
) -> tuple[RunRecord, dict[str, NDArray]]:
    """Read, train, measure: the record and arrays of one run. Its weights stay in `cache`, where students find their teacher."""
    from lsviz.store.cifar100 import read_cifar100
    from lsviz.training.data import held_out, split
    from lsviz.training.measure import record_of
    from lsviz.training.plans import is_core, snapshot_epochs
    from lsviz.training.run import train

    images = read_cifar100(data, cache=cache, records=records)
    splits = split(images, config.num_classes, size=config.size)
    if is_core(config) and config.num_classes <= PROBED:
        splits |= held_out(images)
    teacher = None if config.teacher_alpha is None else teacher_weights(config, data, cache, device, records)
    trained = train(config, splits, device, tick, teacher, snapshot_epochs(config))
    kept = weights_file(cache, config)
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(save(dict(trained.weights)))
    part.replace(kept)
    return record_of(config, splits, trained, device_name(device))


def weights_file(cache: Path, config: RunConfig) -> Path:
    return Path(cache) / "weights" / f"{config.run_id}.safetensors"


def teacher_weights(config: RunConfig, data: Path, cache: Path, device: str, records=None) -> dict[str, NDArray]:
    """The weights of a student's teacher, trained first where the cache does not hold them; two students wait for one training."""
    from lsviz.training.plans import teacher_of

    teacher = teacher_of(config)
    file = weights_file(cache, teacher)
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_suffix(".lock")):
        if not file.is_file():
            produce(teacher, data, cache, device, records=records)
        return load(file.read_bytes())


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
    """Provenance of the manifest: the commit of the code (LSVIZ_COMMIT names it where there is no git), and the torch it ran on."""
    import torch

    here = Path(__file__).parent
    try:
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True).stdout.strip()
    except OSError:  # a machine without git must not lose a trained network over it
        commit = ""
    return {
        "program": "lsviz.training.sweep",
        "git_commit": commit or os.environ.get("LSVIZ_COMMIT", "unknown"),
        "torch": str(torch.__version__),
    }


@dataclass
class Progress:
    """What is done and what is left, in images of a ResNet-9's cost; one line that rewrites itself on a terminal."""

    total: float
    device: str
    done: float = 0
    images: int = 0
    started: float = field(default_factory=time.perf_counter)

    @property
    def spent(self) -> float:
        return max(time.perf_counter() - self.started, 1e-9)

    @property
    def rate(self) -> float:
        return self.done / self.spent if self.done else GUESS[self.device.split(":")[0]]

    def line(self, running: int, left: int) -> str:
        share = self.done / max(self.total, 1)
        bar = "#" * round(30 * share)
        minutes = (self.total - self.done) / max(self.rate, 1e-9) / 60
        return f"[{bar:<30}] {100 * share:3.0f} %  {self.images / self.spent:,.0f} images/s  {minutes:.1f} min left  {running} running, {left} waiting"


def images_of(config: RunConfig) -> int:
    """Training images one run looks at."""
    return config.num_classes * IMAGES_PER_CLASS * config.size // 100 * config.epochs


def work_of(config: RunConfig) -> float:
    """What one run costs, in images of a ResNet-9."""
    return images_of(config) * COST.get(config.net, 1.0)


def said_of(run_id: str, metrics) -> str:
    """One line about a finished run; one that has not memorised its training images says so."""
    train, test = metrics["train"]["accuracy"], metrics["test"]["accuracy"]
    return f"{run_id}: test accuracy {100 * test:.1f} %" + (
        "" if train >= MEMORISED else f", not memorised: train accuracy {100 * train:.1f} %"
    )
