"""Logs and callbacks of the real libraries, which are large: `pip install -r tests/requirements-loggers.txt` brings them, else these are skipped."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import torch

from lsviz.predictions.curves.reading import read_curves

library = pytest.importorskip  # not `missing`: a job of its own has them
EPOCHS, ROWS, CLASSES = 3, 60, 3
X = torch.tensor(np.random.default_rng(0).normal(size=(ROWS, 4)), dtype=torch.float32)
Y = X[:, :CLASSES].argmax(dim=1)


def series(path) -> dict[str, int]:
    """Of the one run in this file, how many values every series has."""
    (curves,) = read_curves(path.read_bytes(), path.name)
    return {name: int(np.isfinite(values).sum()) for name, values in curves.series.items()}


def test_lightning_writes_what_is_read(tmp_path):
    lightning = library("lightning.pytorch")
    from lightning.pytorch.loggers import CSVLogger

    from lsviz.predictions.curves.lightning_callback import HistoryCallback

    class Module(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net, self.loss = torch.nn.Linear(4, CLASSES), torch.nn.CrossEntropyLoss(label_smoothing=0.1)

        def training_step(self, batch, index):
            loss = self.loss(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch, index):
            logits = self.net(batch[0])
            self.log_dict({"val_loss": self.loss(logits, batch[1]), "val_acc": (logits.argmax(1) == batch[1]).float().mean()})

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.1)

    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, Y), 20)
    mine = HistoryCallback(str(tmp_path / "mine.csv"), label_smoothing=0.1)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, logger=CSVLogger(tmp_path, name="", version=""), callbacks=[mine], accelerator="cpu", log_every_n_steps=1,
        enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, num_sanity_val_steps=0,
    )  # fmt: skip
    trainer.fit(Module(), loader, loader)
    written, called = series(tmp_path / "metrics.csv"), series(tmp_path / "mine.csv")
    assert set(written) == set(called) == {"train_loss", "val_loss", "val_accuracy"} and set(called.values()) == {EPOCHS}
    assert written["val_loss"] == written["val_accuracy"] == EPOCHS <= written["train_loss"]


def test_hugging_face_writes_what_is_read(tmp_path):
    transformers = library("transformers")
    library("accelerate")
    from lsviz.predictions.curves.huggingface_callback import HistoryCallback

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Linear(4, CLASSES)

        def forward(self, inputs, labels=None):
            logits = self.net(inputs)
            return {"loss": torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1), "logits": logits}

    rows = [{"inputs": x, "labels": y} for x, y in zip(X, Y)]
    told = transformers.TrainingArguments(
        str(tmp_path), num_train_epochs=EPOCHS, per_device_train_batch_size=20, per_device_eval_batch_size=20, logging_strategy="epoch",
        eval_strategy="epoch", save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True, label_names=["labels"],
    )  # fmt: skip
    right = lambda said: {"accuracy": float((said.predictions.argmax(1) == said.label_ids).mean())}
    trainer = transformers.Trainer(
        Net(),
        told,
        train_dataset=rows,
        eval_dataset=rows,
        compute_metrics=right,
        callbacks=[HistoryCallback(str(tmp_path / "mine.csv"))],
    )
    trainer.train()
    trainer.save_state()
    for name in ("trainer_state.json", "mine.csv"):
        assert series(tmp_path / name) == dict.fromkeys(("train_loss", "val_loss", "val_accuracy"), EPOCHS), name


def test_keras_writes_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    keras = library("keras")
    from lsviz.predictions.curves.keras_callback import HistoryCallback

    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(CLASSES, activation="softmax")])
    model.compile("sgd", keras.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy"])
    callbacks = [
        keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
        HistoryCallback(str(tmp_path / "mine.csv"), label_smoothing=0.1),
    ]
    x, y = X.numpy(), np.eye(CLASSES)[Y]
    history = model.fit(x, y, validation_data=(x, y), epochs=EPOCHS, verbose=0, callbacks=callbacks).history
    (tmp_path / "history.json").write_text(json.dumps(history))
    for name in ("log.csv", "mine.csv", "history.json"):
        assert series(tmp_path / name) == dict.fromkeys(("train_loss", "train_accuracy", "val_loss", "val_accuracy"), EPOCHS), name
