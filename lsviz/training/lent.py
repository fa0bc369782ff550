"""What comes back from a machine that is only lent: archives whole after every run, and probes of kept weights."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import tarfile
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load, save

from lsviz.store import RunConfig, RunRecord, locked
from lsviz.store.cifar100 import read_cifar100
from lsviz.training import run
from lsviz.training.data import held_out
from lsviz.training.measure import probe_accuracy
from lsviz.training.model import build
from lsviz.training.run import Trained

ARCHIVE_BYTES = 15 << 20  # a larger one is not begun to be filled


def add_to_archive(share: Path, out: Path, listed: RunRecord) -> None:
    """Add a run's file and entry to the last `zoo-*.tar` in `share`, closed and whole after every run: what is there when time is up."""
    share.mkdir(parents=True, exist_ok=True)
    entry = json.dumps(dataclasses.asdict(listed)).encode()
    with locked(out / ".share"):
        archives = sorted(share.glob("zoo-*.tar"))
        if not archives or archives[-1].stat().st_size + listed.bytes > ARCHIVE_BYTES:
            archives.append(share / f"zoo-{len(archives)}.tar")
        with tarfile.open(archives[-1], "a") as archive:
            archive.add(out / listed.file, listed.file)
            member = tarfile.TarInfo(f"{listed.id}.json")
            member.size = len(entry)
            archive.addfile(member, io.BytesIO(entry))


def keep_weights(folder: Path, config: RunConfig, trained: Trained) -> None:
    """Weights and configuration of a network: its students find their teacher there, and `probes` what to probe."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{config.run_id}.{os.getpid()}.part"
    part.write_bytes(save(dict(trained.weights)))
    part.replace(folder / f"{config.run_id}.safetensors")
    (folder / f"{config.run_id}.json").write_text(json.dumps(dataclasses.asdict(config)))


def processes(count: int | None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"))


def probes(folder: Path, data: Path, device: str, share: Path, records: Mapping[str, int] | None = None) -> dict[str, float]:
    """Linear probes, on the held-out classes, of the networks whose weights are in `folder`: run id -> accuracy.

    `share`/probes.json holds them so far after each one. For a machine that gets the held-out classes later than the others.
    """
    where = run.settled(device)
    seen = held_out(read_cifar100(data, records=dict(records) if records else None))
    labels = {name: replace(part, images=part.images[:0]) for name, part in seen.items()}  # the probe needs no images
    asked: dict[str, Future[float]] = {}
    with processes(os.cpu_count()) as pool:
        for file in sorted(folder.glob("*.json")):
            config = RunConfig(**json.loads(file.read_text()))
            net = build(config.num_classes, config.net, 0)
            weights = load(file.with_suffix(".safetensors").read_bytes())
            net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
            net.to(where)
            features = {name: run.outputs(net, part.images, where, config)[1] for name, part in seen.items()}
            asked[config.run_id] = pool.submit(probe_accuracy, features, labels)
            _write_probes(share, asked)  # what there is when time is up
        for future in asked.values():
            future.result()
            _write_probes(share, asked)
    return {run_id: future.result() for run_id, future in asked.items()}


def _write_probes(share: Path, asked: Mapping[str, Future[float]]) -> None:
    share.mkdir(parents=True, exist_ok=True)
    (share / "probes.json").write_text(json.dumps({run_id: future.result() for run_id, future in asked.items() if future.done()}))
