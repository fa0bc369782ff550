"""What `capture` costs over the bare forward pass: 100 classes, 10,000 rows, the network of the stored runs."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.utils.data import DataLoader, TensorDataset

import lsviz
from lsviz.training.model import build

ROWS, CLASSES, ROUNDS = 10_000, 100, 8


class Logits(torch.nn.Module):
    """The network alone, without the features it also gives."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x)[0]


def bare(model: torch.nn.Module, loader: DataLoader) -> None:
    """The loop one has anyway: logits and labels gathered on the processor."""
    kept = []
    with torch.inference_mode():
        model.eval()
        for images, labels in loader:
            kept.append((model(images).cpu(), labels))


def rows() -> list[tuple[str, str, str, float | None, str]]:
    torch.set_num_threads(1)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    made = torch.Generator().manual_seed(0)
    images, labels = torch.randn(ROWS, 3, 32, 32, generator=made), torch.randint(CLASSES, (ROWS,), generator=made)
    model = Logits(build(CLASSES, "resnet9-stem2", 0)).to(device)
    loader = DataLoader(TensorDataset(images.to(device), labels), batch_size=250)
    bare(model, [next(iter(loader))])
    clock = time.process_time if device == "cpu" else time.perf_counter
    ratios, ours, other = [], [], []
    with TemporaryDirectory() as folder:
        runs = {
            "other": lambda: bare(model, loader),
            "ours": lambda: lsviz.capture(model, loader, Path(folder) / "a.safetensors", progress=False),
        }
        for i in range(ROUNDS):  # in pairs, each first in turn: a busy machine slows both, and going first gains nothing
            took = {}
            for name in sorted(runs, reverse=bool(i % 2)):
                started = clock()
                runs[name]()
                took[name] = clock() - started
            ours.append(took["ours"])
            other.append(took["other"])
            ratios.append(took["ours"] / took["other"])
    ratio = statistics.median(ratios)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} over {ROUNDS} pairs"
    return [(f"capture of {ROWS:,} rows, {CLASSES} classes, on the {device} (median of pairs, {spread})", f"{statistics.median(ours):.2f} s",
             f"bare forward pass {statistics.median(other):.2f} s", ratio, "<= 1.05")]  # fmt: skip
