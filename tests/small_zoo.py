"""Networks small enough for a test: random logits whose calibration is known, written as a real store."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lsviz.store import RunConfig, RunRecord, write_run

HISTORY = (
    "train_loss", "train_nll", "validation_nll", "test_nll", "train_accuracy", "validation_accuracy", "test_accuracy",
    "test_ece15", "margin",
)  # fmt: skip


def logits_and_labels(n: int, num_classes: int, sharpness: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits (n, K) fp16 whose labels are drawn from softmax(logits / sharpness): 1 is calibrated, 2 over-confident."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2.5, (n, num_classes))
    weights = np.exp(honest - honest.max(axis=1, keepdims=True))
    cumulative = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    labels = np.minimum((rng.random((n, 1)) > cumulative).sum(axis=1), num_classes - 1)
    return (sharpness * honest).astype(np.float16), labels.astype(np.int16)


def sharpness(alpha: float) -> float:
    """Over-confident without smoothing, under-confident with much of it, calibrated at alpha = .1."""
    return 2.0 if alpha == 0 else (0.1 / alpha) ** 0.5


def write_small_zoo(
    folder: Path,
    num_classes: int = 5,
    alphas: tuple[float, ...] = (0.0, 0.1, 0.5),
    seeds: tuple[int, ...] = (0,),
    n: int = 400,
    with_index: bool = False,
) -> list[RunRecord]:
    """One run for every alpha and seed; the logits of one seed differ between alphas by their scale alone."""
    written = []
    for alpha in alphas:
        for seed in seeds:
            config = RunConfig(num_classes, alpha, seed)
            arrays = {}
            for i, split in enumerate(("test", "validation")):
                logits, labels = logits_and_labels(n, num_classes, sharpness(alpha), 10 * seed + i)
                arrays |= {f"{split}_logits": logits, f"{split}_labels": labels}
                if with_index:
                    arrays[f"{split}_index"] = np.arange(n, dtype=np.int32)
            record = RunRecord(
                id=config.run_id,
                config=config,
                metrics={"train": {"accuracy": 1.0}, "test": {"accuracy": 0.0}},
                history={"epoch": (1, 2)} | dict.fromkeys(HISTORY, (1.5, 0.9)),
                facts={},
                device="test",
                torch="none",
                trained_at="2026-01-01T00:00:00+00:00",
                seconds=1.0,
                file="",
                bytes=0,
                sha256="",
            )
            written.append(write_run(folder, record, arrays))
    return written


def write_series(folder: str, seed: int) -> None:
    """Four alphas of one seed: the work of one of several writers in processes of their own."""
    write_small_zoo(Path(folder), alphas=(0.0, 0.1, 0.2, 0.3), seeds=(seed,), n=40)
