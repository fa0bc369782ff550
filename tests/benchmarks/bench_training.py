"""Training images a second: the sweep's loop against a plain one of the same network; on a GPU also against its matrix rate."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from lsviz.store import RunConfig
from lsviz.training.data import Split
from lsviz.training.model import build
from lsviz.training.plans import on_device
from lsviz.training.run import train
from lsviz.training.speed import flops_an_image, matrix_rate

CONFIG = RunConfig(10, 0.1, epochs=1)


def made_up(count: int, num_classes: int) -> dict[str, Split]:
    """Images of noise: speed does not depend on what they show."""
    rng = np.random.default_rng(0)
    part = lambda n: Split(rng.integers(0, 256, (n, 32, 32, 3), np.uint8), np.arange(n) % num_classes, np.arange(n, dtype=np.int32))
    return {"train": part(count), "validation": part(num_classes), "test": part(num_classes)}


def plain_rate(config: RunConfig, split: Split, steps: int) -> float:
    """Images a CPU-second of the loop one writes first: float32, default memory format, one image augmented after the other."""
    torch.set_num_threads(1)
    net = build(config.num_classes, config.net, 0).to(memory_format=torch.contiguous_format).train()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    images = F.pad(torch.from_numpy(split.images).permute(0, 3, 1, 2).float() / 255 - 0.5, (4, 4, 4, 4), mode="reflect")
    labels = torch.from_numpy(split.labels)
    started = 0.0
    for step in range(steps + 1):
        if step == 1:  # the first one warms up
            started = time.process_time()
        rows, seen = torch.randperm(len(labels))[: config.batch], []
        for row in rows.tolist():
            y, x = torch.randint(0, 9, (2,)).tolist()
            crop = images[row, :, y : y + 32, x : x + 32]
            seen.append(crop.flip(2) if torch.rand(()) < 0.5 else crop)
        loss = F.cross_entropy(net(torch.stack(seen))[0], labels[rows], label_smoothing=config.alpha)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return steps * config.batch / (time.process_time() - started)


def gpu_rows() -> list[tuple[str, str, str, float | None, str]]:
    config = replace(on_device(RunConfig(100, 0.1), "cuda"), epochs=3)
    trained = train(config, made_up(45_000, 100), "cuda")
    peak = matrix_rate("cuda")
    used = trained.images_per_second * flops_an_image(config.net, config.num_classes)
    name = torch.cuda.get_device_name()
    return [(f"{name}: training {config.net}, images a second", f"{trained.images_per_second:,.0f}",
             f"bf16 matrix rate {peak / 1e12:,.0f} TFLOP/s", used / peak, "as measured")]  # fmt: skip


def rows() -> list[tuple[str, str, str, float | None, str]]:
    splits = made_up(128 * 24, CONFIG.num_classes)
    plain = plain_rate(CONFIG, splits["train"], 8)
    made = []
    for precision in ("float32", "bfloat16"):
        ours = train(replace(CONFIG, precision=precision), splits).images_per_second
        made.append(
            (
                f"training, {precision}, images a CPU-second",
                f"{ours:,.0f}",
                f"plain float32 loop {plain:,.0f}",
                ours / plain,
                ">= 2",
            )
        )
    return made + (gpu_rows() if torch.cuda.is_available() else [])
