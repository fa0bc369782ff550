"""For Lightning: `Trainer(callbacks=[HistoryCallback("a0.1.csv")])` writes what the module logs, once an epoch."""

from __future__ import annotations

from typing import Any

try:
    from lightning.pytorch.callbacks import Callback
except ModuleNotFoundError:
    from pytorch_lightning.callbacks import Callback

from lsviz.predictions.curves.history import History


class HistoryCallback(Callback):
    """Writes `path` after every epoch; `told` holds for the whole run, such as label_smoothing=0.1."""

    def __init__(self, path: str, **told: float | str) -> None:
        super().__init__()
        self.path, self.history = path, History(**told)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        if trainer.is_global_zero:
            self.history.log(epoch=trainer.current_epoch + 1, **trainer.callback_metrics).save(self.path)
