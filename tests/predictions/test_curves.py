"""Training logs of seven layouts, written here as the libraries write them, and what can be wrong with them; the command; our own writer."""

from __future__ import annotations

import json
import sys
from html.parser import HTMLParser
from types import ModuleType, SimpleNamespace

import jsonschema
import numpy as np
import pytest

import lsviz
from lsviz.__main__ import main
from lsviz.core.curves.reading_out import read_out
from lsviz.core.errors import LsvizError
from lsviz.predictions.curves.reading import read_curves
from lsviz.predictions.curves.report import as_html, as_json

LOSS, VAL, RIGHT = (2.0, 1.0, 0.6, 0.52), (1.5, 0.9, 0.6, 0.5), (0.3, 0.6, 0.8, 0.9)
LIGHTNING = "epoch,step,train_loss,val_acc,val_loss\n" + "".join(
    f"{e},{10 * e + 5},{loss + 0.1},,\n{e},{10 * e + 9},{loss - 0.1},,\n{e},{10 * e + 9},,{right},{val}\n"
    for e, (loss, val, right) in enumerate(zip(LOSS, VAL, RIGHT))
)
KERAS = "epoch,accuracy,loss,val_accuracy,val_loss\n" + "".join(
    f"{e},{right},{loss},{right},{val}\n" for e, (loss, val, right) in enumerate(zip(LOSS, VAL, RIGHT))
)
TIMM = "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n" + "".join(
    f"{e},{loss},{val},{100 * right},99.0,0.1\n" for e, (loss, val, right) in enumerate(zip(LOSS, VAL, RIGHT))
)
WANDB = (
    '"Step","a0.1 - train/loss","a0.1 - train/loss__MIN","a0.1 - train/loss__MAX","b - train/loss","b - val/accuracy"\n'
    + "".join(f'"{e}","{loss}","{loss}","{loss}","{2 * loss}","{right}"\n' for e, (loss, right) in enumerate(zip(LOSS, RIGHT)))
)
MLFLOW = "run,metric,step,timestamp,value\n" + "".join(
    f"a,{name},{e},1700000000,{value}\n"
    for name, values in (("train_loss", LOSS), ("val_loss", VAL), ("val_accuracy", RIGHT))
    for e, value in enumerate(values)
)
TRAINER = json.dumps({
    "epoch": 4.0, "global_step": 40,
    "log_history": [line for e, (loss, val, right) in enumerate(zip(LOSS, VAL, RIGHT), 1) for line in (
        {"epoch": float(e), "grad_norm": 1.0, "learning_rate": 1e-3, "loss": loss, "step": 10 * e},
        {"epoch": float(e), "eval_accuracy": right, "eval_loss": val, "eval_runtime": 1.0, "step": 10 * e})]
    + [{"epoch": 4.0, "train_loss": 1.03, "train_runtime": 9.0, "step": 40}],
})  # fmt: skip
HISTORY = json.dumps({"loss": LOSS, "accuracy": RIGHT, "val_loss": VAL, "val_accuracy": RIGHT})


def one(text: str, name: str = "run.csv"):
    (curves,) = read_curves(text.encode(), name)
    return curves, [finding.code for finding in curves.findings]


@pytest.mark.parametrize(
    ("text", "name"),
    [(LIGHTNING, "metrics.csv"), (KERAS, "log.csv"), (TIMM, "summary.csv"), (MLFLOW, "export.csv"),
     (TRAINER, "trainer_state.json"), (HISTORY, "history.json")],
)  # fmt: skip
def test_every_layout_gives_the_same_curves(text, name):
    curves, _ = one(text, name)
    for series, values in (("train_loss", LOSS), ("val_loss", VAL), ("val_accuracy", RIGHT)):
        if name != "export.csv" or series in curves.series:
            assert curves.told(series)[1] == pytest.approx(values), series
    assert len(curves.at) == 4 and (curves.unit == "step") == (name == "export.csv")


def test_runs_of_one_export_are_told_apart():
    first, second = read_curves(WANDB.encode(), "wandb.csv")
    assert first.name == "wandb.csv: a0.1" and first.alpha == 0.1 and second.alpha is None and second.unit == "step"
    assert second.told("train_loss")[1] == pytest.approx(2 * np.array(LOSS)) and list(second.told("val_accuracy")[1]) == list(RIGHT)


def test_what_is_odd_is_read_rightly_and_said():
    german = KERAS.replace(",", ";").replace(".", ",")
    curves, said = one(german)
    assert curves.told("train_loss")[1] == pytest.approx(LOSS) and "curve_comma" in said
    assert "curve_percent" in one(TIMM)[1] and "curve_gaps" in one(LIGHTNING)[1]
    curves, said = one(KERAS + "1,.5,9,.5,9\n2,.6,8,.6,8\n")
    assert list(curves.told("train_loss")[1]) == [2.0, 9.0, 8.0, 0.52] and "curve_resumed" in said
    curves, said = one(KERAS.rstrip("\n") + "\n4,0.9,0.")
    assert "curve_cut" in said and len(curves.at) == 4
    assert "curve_cut" in one(KERAS + "4,0.9,0.5,0.9,0.")[1] and "curve_cut" not in one(KERAS.rstrip("\n"))[1]
    curves, said = one(KERAS + "4,nan,nan,nan,nan\n")
    assert said.count("curve_not_finite") == 4 and read_out(curves).answers[0].code == "curve_diverged"
    curves, said = one("step,train_loss,val_error\n1,2,60\n2,1,40\n3,.5,10\n")
    assert list(curves.told("val_accuracy")[1]) == pytest.approx([0.4, 0.6, 0.9]) and {"curve_steps", "curve_error"} <= set(said)
    assert one("loss\n2\n1\n")[1][-1] == "curve_lines"
    assert one("epoch,loss,label_smoothing\n1,2,.2\n2,1,.2\n")[0].alpha == 0.2


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"a,b\n1,2\n", "x.csv", "curves.no_series"), (b"", "x.csv", "outside.empty"), (TRAINER[:-40].encode(), "x.json", "outside.damaged"),
     (b"[]", "x.json", "outside.damaged"), (b"x", "x.txt", "curves.format"), (b"epoch,accuracy\n1,300\n2,1\n", "x.csv", "curves.accuracy"),
     (b"\x00\x01\x02,", "x.csv", "outside.damaged"), (b"9" * 8_000_001, "x.csv", "curves.bytes"), (b"[" * 100_000, "x.json", "outside.damaged")],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(content, name, code):
    with pytest.raises(LsvizError) as caught:
        read_curves(content, name)
    assert caught.value.code == code and "\n" not in str(caught.value)


def test_the_command_says_it_in_text_json_and_html(tmp_path, capsys):
    log = tmp_path / "a0.1.csv"
    lsviz.History(label_smoothing=0.1).log(epoch=0, train_loss=np.float32(2.0)).save(log)
    log.write_text(KERAS, "utf-8")
    assert (
        main(["curves", str(log), "--classes", "10", "--html", str(tmp_path / "x.html"), "--json", str(tmp_path / "x.json")]) == 0
    )
    printed, tree = capsys.readouterr().out, json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert main(["schema", "curves"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tree, schema)
    jsonschema.validate(
        json.loads(as_json([read_out(one(text)[0], 10, 0.1) for text in (LIGHTNING, MLFLOW, KERAS + "4,nan,nan,nan,nan\n")])),
        schema,
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree | {"runs": [{"name": "x"}]}, schema)
    assert tree["runs"][0]["alpha"] == 0.1 and all(finding["sentence"] in printed for finding in tree["runs"][0]["findings"])
    page = (tmp_path / "x.html").read_text("utf-8")
    HTMLParser().feed(page)
    assert page.count("<svg") == 3 and "<script" not in page
    assert main(["curves", str(log), "--alpha", "2"]) == main(["curves", str(tmp_path / "no.csv")]) == 2
    assert main(["curves", str(log), "--alpha", ".1", ".2"]) == 2


def test_names_from_outside_stay_text():
    page = as_html([read_out(curves) for curves in read_curves(KERAS.encode(), "<img src=x>.csv")])
    assert "<img" not in page and "&lt;img" in page


def test_a_history_is_what_is_read_back(tmp_path):
    history = lsviz.History(label_smoothing=0.2)
    for epoch, loss in enumerate(LOSS, 1):
        history.log(epoch=epoch, train_loss=np.float64(loss)).log(epoch=epoch, val_accuracy=0.5).save(tmp_path / "mine.csv")
    curves, _ = one((tmp_path / "mine.csv").read_text("utf-8"), "mine.csv")
    assert list(curves.told("train_loss")[1]) == list(LOSS) and curves.alpha == 0.2
    with pytest.raises(LsvizError, match="loss is str"):
        history.log(loss="2")


@pytest.mark.parametrize("library", ["lightning.pytorch.callbacks", "transformers", "keras.callbacks"])
def test_callbacks_write_what_their_library_hands_them(library, tmp_path, monkeypatch):
    """The libraries are heavy: stand-ins hand over what theirs do."""
    parent = library.split(".")
    for k in range(1, len(parent) + 1):
        monkeypatch.setitem(sys.modules, ".".join(parent[:k]), ModuleType(".".join(parent[:k])))
    base = "TrainerCallback" if library == "transformers" else "Callback"
    setattr(sys.modules[library], base, type(base, (), {}))
    path, item = str(tmp_path / "a0.1.csv"), lambda value: SimpleNamespace(item=lambda: value)
    if library == "transformers":
        from lsviz.predictions.curves.huggingface_callback import HistoryCallback

        state = SimpleNamespace(is_world_process_zero=True, global_step=10, epoch=1.0)
        HistoryCallback(path).on_log(SimpleNamespace(label_smoothing_factor=0.1), state, None, {"loss": 2.0, "step": 10})
    elif library == "keras.callbacks":
        from lsviz.predictions.curves.keras_callback import HistoryCallback

        HistoryCallback(path, label_smoothing=0.1).on_epoch_end(0, {"loss": 2.0})
    else:
        from lsviz.predictions.curves.lightning_callback import HistoryCallback

        trainer = SimpleNamespace(is_global_zero=True, current_epoch=0, callback_metrics={"train_loss": item(2.0)})
        HistoryCallback(path, label_smoothing=0.1).on_train_epoch_end(trainer, None)
    curves, _ = one((tmp_path / "a0.1.csv").read_text("utf-8"), "a0.1.csv")
    assert list(curves.told("train_loss")[1]) == [2.0] and list(curves.at) == [1.0] and curves.alpha == 0.1
    for name in ("lightning", "huggingface", "keras"):
        sys.modules.pop(f"lsviz.predictions.curves.{name}_callback", None)
