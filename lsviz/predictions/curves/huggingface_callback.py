"""For Hugging Face: `Trainer(..., callbacks=[HistoryCallback("a0.1.csv")])` writes what the trainer logs, as it logs it."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from lsviz.predictions.curves.history import History


class HistoryCallback(TrainerCallback):
    """Writes `path` at every log; the smoothing is that of the trainer's arguments."""

    def __init__(self, path: str) -> None:
        self.path, self.history = path, History()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **others: Any) -> None:
        if state.is_world_process_zero and logs and "train_runtime" not in logs:
            numbers = {name: value for name, value in logs.items() if isinstance(value, (int, float))}
            line = {
                "label_smoothing": args.label_smoothing_factor,
                "step": state.global_step,
                "epoch": state.epoch or 0.0,
                **numbers,
            }
            self.history.log(**line).save(self.path)
