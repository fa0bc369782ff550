"""`from lsviz import capture`: run a PyTorch classifier over a loader and keep what it said, as a file every page understands."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import plain_text
from lsviz.predictions.answers import Call, Head, choose, described, features_of, head_of, rows_of, scores_in, watched
from lsviz.predictions.arrays import metadata_of
from lsviz.predictions.batches import answer_to, parts
from lsviz.predictions.stream import Stream

if TYPE_CHECKING:
    import torch


def capture(
    model: torch.nn.Module, loader: Iterable[Any], path: Path | str = "mine.safetensors", layer: str | None = None, *, output: str | int | None = None,
    class_names: Sequence[str] | None = None, alpha: float | None = None, progress: bool | Callable[[int, int | None], None] = True, note: str = "",
) -> Path:  # fmt: skip
    """Record what a classifier answers over all of `loader`: scores (n, K) and labels; with them, where there are such, the
    activations before its last layer, and that layer.

    `model` is a `torch.nn.Module` on any device; `loader` gives (inputs, labels, ...), (input, input, labels) or a mapping with
    "labels" (or "label") whose rest are keyword arguments of the model. Labels are whole numbers or one-hot rows. Where a model
    answers several things, `output` names the scores: a key, or a place in a tuple. One logit a row becomes two columns, 0 and
    the logit; the file keeps it as `original_output` too.

    `layer` names the last layer (as in `model.named_modules()`); without it, it is the linear layer or 1x1 convolution that made
    the scores, W h + b on the first batch. Then a softmax behind it does no harm: the logits are recorded. Where no layer made
    them (a learned scale, cosines, a mean of heads), they are recorded as answered, with what the layer called last was given.

    `alpha` is the label smoothing it was trained with, where you know it: several files then make a series over alpha.

    Rows go to disk as they come. The model's training mode, its hooks and all random states are left as they were. Class names
    come from `loader.dataset.classes` unless given. `progress` prints to stderr, or is called with rows done and rows in all.
    Returns the path of the file. Raises LsvizError (capture.*) for models and loaders it cannot read, and an alpha that is none.
    """
    import torch

    if not isinstance(model, torch.nn.Module):
        raise LsvizError("capture.model", found=type(model).__name__)
    if not isinstance(loader, Iterable):
        raise LsvizError("capture.batch", found=type(loader).__name__)
    if alpha is not None and not (isinstance(alpha, SupportsFloat) and 0 <= float(alpha) <= 1):
        raise LsvizError("capture.alpha", found=plain_text(alpha))
    path = Path(path)
    model = _unwrapped(model)
    device = next((tensor.device for tensor in (*model.parameters(), *model.buffers())), torch.device("cpu"))
    total = _length(loader)
    names = tuple(map(str, class_names if class_names is not None else _dataset_names(loader)))
    report = progress if callable(progress) else _printer() if progress else lambda done, of: None
    started, done, width = time.perf_counter(), 0, 0
    chosen: str | None = None
    head: Head | None = None
    beside = certain = False  # features without a head; one column that holds probabilities
    with _as_found(model, loader), torch.inference_mode(), Stream(path) as stream:
        model.eval()
        layers = _candidates(model, layer)
        for batch in loader:
            given, labels = parts(batch, model)
            with watched(list(layers)) as calls:
                answer = answer_to(model, given)
            if layer and not calls:
                raise LsvizError("capture.layer", layer=layer, shape="nothing")
            if done == 0:
                chosen = choose(answer, labels, output, len(names), calls)
                answered = _scores(answer, chosen, calls, len(labels))
                head = head_of(answered, calls)
                beside = head is None and features_of(calls, len(labels)) is not None
                layers = {head.module: layers[head.module]} if head else layers if beside else {}
                certain = head is None and bool((answered >= 0).all() and (answered <= 1).all())
            else:
                answered = _scores(answer, chosen, calls, len(labels))
            features, logits = (
                head.read(calls, answered) if head else (features_of(calls, len(labels)) if beside else None, answered)
            )
            if width and logits.shape[1] != width:
                raise LsvizError("capture.answer", found=tuple(logits.shape), rows=len(labels))
            width = logits.shape[1]
            if width == 1:
                stream.append("original_output", answered.float().cpu().numpy())
                logits = torch.cat([1 - logits if certain else torch.zeros_like(logits), logits], 1)
            stream.append("test_logits", logits.float().cpu().numpy())
            stream.append("test_labels", labels.cpu().numpy())
            if features is not None:
                stream.append("test_features", features.float().cpu().numpy())
            done += len(labels)
            report(done, total)
        if not done:
            raise LsvizError("outside.empty")
        if head:
            for name, array in zip(("head_weight", "head_bias"), head.weights()):
                array = torch.cat([torch.zeros_like(array), array]) if width == 1 else array
                stream.append(name, array.cpu().numpy())
        told = {
            "format": "lsviz 1", "model": type(model).__name__, "layer": next(iter(layers.values()), "") if head else "", "data": type(getattr(loader, "dataset", loader)).__name__,
            "rows": str(done), "device": _device_name(device), "torch": torch.__version__, "seconds": f"{time.perf_counter() - started:.1f}",
            **({} if alpha is None else {"alpha": f"{float(alpha):g}"}), "captured_at": datetime.now(UTC).isoformat(timespec="seconds"), "note": note,
        }  # fmt: skip
        metadata = metadata_of(
            names if len(names) == max(width, 2) else (), {key: plain_text(value, 200) for key, value in told.items()}
        )
        stream.finish(metadata, half=("test_features",))
    return path


# ---- the model ------------------------------------------------------------------------------------------------------


def _unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The model inside torch.compile, DataParallel and DistributedDataParallel: only its own layers can be watched."""
    import torch

    while True:
        inside = getattr(model, "_orig_mod", None)
        if inside is None and isinstance(model, (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)):
            inside = model.module
        if not isinstance(inside, torch.nn.Module):
            return model
        model = inside


def _candidates(model: torch.nn.Module, layer: str | None) -> dict[torch.nn.Module, str]:
    """Linear layers and 1x1 convolutions by module, or the named one alone."""
    import torch

    convolutions = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)
    known: dict[torch.nn.Module, str] = {
        module: name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
        or (isinstance(module, convolutions) and set(module.kernel_size) == {1} and module.groups == 1)
    }
    if layer is None:
        return known
    named = {module: name for module, name in known.items() if name == layer}
    if not named:
        raise LsvizError("capture.no_layer", layer=layer, known=", ".join(known.values()) or "none")
    return named


def _scores(answer: Any, chosen: str | None, calls: Sequence[Call], rows: int) -> torch.Tensor:
    """The scores (n, K) in an answer, or, where it holds none, of the layer called last."""
    if chosen is not None:
        return scores_in(answer, chosen, rows)
    scores = rows_of(calls[-1].out, rows) if calls else None
    if scores is None or scores.shape[1] < 2:
        raise LsvizError("capture.answer", found=described(answer), rows=rows)
    return scores


def _length(loader: Any) -> int | None:
    try:
        sampler = getattr(loader, "sampler", None)
        return len(sampler) if sampler is not None else len(loader.dataset)
    except (TypeError, AttributeError):
        return None


def _dataset_names(loader: Any) -> tuple[str, ...]:
    """`classes` of the data set, also below a Subset."""
    data = getattr(loader, "dataset", None)
    while data is not None and not hasattr(data, "classes"):
        data = getattr(data, "dataset", None)
    names = getattr(data, "classes", ())
    return tuple(map(str, names)) if isinstance(names, (list, tuple)) else ()


# ---- leaving no trace -----------------------------------------------------------------------------------------------


@contextmanager
def _as_found(model: torch.nn.Module, loader: Any) -> Iterator[None]:
    """Every module's training mode and every random state as they were, whatever happens inside."""
    import torch

    modes = [(module, module.training) for module in model.modules()]
    generators = {
        id(g): g
        for g in (getattr(x, "generator", None) for x in (loader, getattr(loader, "sampler", None)))
        if isinstance(g, torch.Generator)
    }
    states = [(generator, generator.get_state()) for generator in generators.values()]
    before = (torch.get_rng_state(), random.getstate(), np.random.get_state())
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
        for generator, state in states:
            generator.set_state(state)
        torch.set_rng_state(before[0])
        random.setstate(before[1])
        np.random.set_state(before[2])
        if cuda is not None:
            torch.cuda.set_rng_state_all(cuda)


def _device_name(device: torch.device) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _printer() -> Callable[[int, int | None], None]:
    """A line on stderr that counts, at most five times a second."""
    last = [0.0]

    def show(done: int, total: int | None) -> None:
        now = time.perf_counter()
        if now - last[0] > 0.2 or done == total:
            last[0] = now
            end = "\n" if done == total else ""
            print(f"\rcapture: {done:,}" + (f" of {total:,} rows" if total else " rows"), end=end, file=sys.stderr, flush=True)

    return show
