"""For Keras: `model.fit(..., callbacks=[HistoryCallback("a0.1.csv", label_smoothing=0.1)])` writes what the fit logs, once an epoch."""

from __future__ import annotations

from typing import Any

from keras.callbacks import Callback

from lsviz.predictions.curves.history import History


class HistoryCallback(Callback):
    """Writes `path` after every epoch; `told` holds for the whole run."""

    def __init__(self, path: str, **told: float | str) -> None:
        super().__init__()
        self.path, self.lines = path, History(**told)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.lines.log(epoch=epoch + 1, **(logs or {})).save(self.path)
