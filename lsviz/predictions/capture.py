"""`from lsviz import capture`: run a PyTorch classifier over a loader and keep what it said, as a file every page understands."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import plain_text
from lsviz.predictions.arrays import metadata_of
from lsviz.predictions.stream import Stream

if TYPE_CHECKING:
    import torch


def capture(
    model: torch.nn.Module, loader: Iterable[Any], path: Path | str = "mine.safetensors", layer: str | None = None, *,
    class_names: Sequence[str] | None = None, alpha: float | None = None, progress: bool | Callable[[int, int | None], None] = True, note: str = "",
) -> Path:  # fmt: skip
    """Record logits, labels, the activations before the last linear layer, and that layer, over all of `loader`.

    `model` is a `torch.nn.Module` on any device; `loader` gives (inputs, labels, ...) or a mapping with "labels" (or "label") whose
    rest are keyword arguments of the model. `layer` names the last linear layer (as in `model.named_modules()`); without it, it is the
    one called last on the first batch. Logits are what that layer gives, so a softmax behind it does no harm; a model that changes them
    in another way (a learned scale) is recorded as it answers, without its activations.

    `alpha` is the label smoothing it was trained with, where you know it: several files then make a series over alpha.

    Rows go to disk as they come. The model's training mode, its hooks and all random states are left as they were. Class names
    come from `loader.dataset.classes` unless given. `progress` prints to stderr, or is called with rows done and rows in all.
    Returns the path of the file. Raises LsvizError (capture.*) for models and loaders it cannot read.
    """
    import torch

    path = Path(path)
    device = next((tensor.device for tensor in (*model.parameters(), *model.buffers())), torch.device("cpu"))
    total = _length(loader)
    report = progress if callable(progress) else _printer() if progress else lambda done, of: None
    started, done, direct = time.perf_counter(), 0, True
    with _as_found(model, loader), torch.inference_mode(), Stream(path) as stream:
        model.eval()
        linear = _candidates(model, layer)
        watched, name = list(linear), ""
        for batch in loader:
            arguments, labels = _parts(batch, device)
            with _watched(watched) as seen:
                answer = _tensor(model(*arguments) if isinstance(arguments, tuple) else model(**arguments))
            if not seen:
                raise (
                    LsvizError("capture.layer", layer=layer, shape="nothing")
                    if layer
                    else LsvizError("capture.no_linear", model=type(model).__name__)
                )
            head, features, logits = seen
            watched, name = [head], linear[head]
            if features.ndim != 2 or logits.ndim != 2 or len(logits) != len(labels):
                raise LsvizError("capture.layer", layer=name, shape=tuple(logits.shape))
            if done == 0:
                direct = _is_direct(answer, logits)
            if not direct:
                logits = answer
            stream.append("test_logits", logits.float().cpu().numpy())
            stream.append("test_labels", labels.to(torch.int64).cpu().numpy())
            if direct:
                stream.append("test_features", features.float().cpu().numpy())
            done += len(labels)
            report(done, total)
        if not done:
            raise LsvizError("outside.empty")
        if direct:
            weight = head.weight.detach().float().cpu().numpy()
            stream.append("head_weight", weight)
            stream.append(
                "head_bias", np.zeros(len(weight), np.float32) if head.bias is None else head.bias.detach().float().cpu().numpy()
            )
        names = tuple(map(str, class_names if class_names is not None else _dataset_names(loader)))
        told = {
            "format": "lsviz 1", "model": type(model).__name__, "layer": name, "data": type(getattr(loader, "dataset", loader)).__name__,
            "rows": str(done), "device": _device_name(device), "torch": torch.__version__, "seconds": f"{time.perf_counter() - started:.1f}",
            **({} if alpha is None else {"alpha": f"{float(alpha):g}"}), "captured_at": datetime.now(UTC).isoformat(timespec="seconds"), "note": note,
        }  # fmt: skip
        width = logits.shape[1]
        metadata = metadata_of(names if len(names) == width else (), {key: plain_text(value, 200) for key, value in told.items()})
        stream.finish(metadata, half=("test_features",))
    return path


# ---- the layer ------------------------------------------------------------------------------------------------------


def _candidates(model: torch.nn.Module, layer: str | None) -> dict[torch.nn.Linear, str]:
    """The linear layers by module, or the named one alone."""
    import torch

    linear = {module: name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    if layer is None:
        return linear
    named = {module: name for module, name in linear.items() if name == layer}
    if not named:
        raise LsvizError("capture.no_layer", layer=layer, known=", ".join(linear.values()) or "none")
    return named


@contextmanager
def _watched(modules: Sequence[torch.nn.Linear]) -> Iterator[list[Any]]:
    """The one of `modules` that is called last inside the block, what it was given, and what it made of it."""
    seen: list[Any] = []

    def look(module: torch.nn.Module, given: tuple[Any, ...], out: Any) -> None:
        seen[:] = module, given[0], out

    handles = [module.register_forward_hook(look) for module in modules]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _is_direct(answer: torch.Tensor | None, logits: torch.Tensor) -> bool:
    """Whether the model answers with the layer's logits, or with their softmax or log-softmax; anything else is its own kind of logits."""
    import torch

    if answer is None or answer.shape != logits.shape:
        return True  # a loss, a sequence: the layer is what tells
    wanted = answer.float()
    kinds = (logits.float(), torch.softmax(logits.float(), 1), torch.log_softmax(logits.float(), 1))
    return any(torch.allclose(wanted, kind, rtol=1e-3, atol=1e-3) for kind in kinds)


# ---- batches --------------------------------------------------------------------------------------------------------


def _parts(batch: Any, device: torch.device) -> tuple[tuple[Any, ...] | dict[str, Any], torch.Tensor]:
    """A batch as the model's arguments, moved to its device, and labels (n,)."""
    import torch

    def move(value: Any) -> Any:
        return value.to(device, non_blocking=True) if isinstance(value, torch.Tensor) else value

    arguments: tuple[Any, ...] | dict[str, Any]
    if isinstance(batch, Mapping):
        key = next((key for key in ("labels", "label", "targets", "target", "y") if key in batch), None)
        if key is None:
            raise LsvizError("capture.batch", found=", ".join(map(str, batch)))
        arguments, labels = {name: move(value) for name, value in batch.items() if name != key}, batch[key]
    elif isinstance(batch, (tuple, list)) and len(batch) >= 2:
        arguments, labels = (move(batch[0]),), batch[1]
    else:
        raise LsvizError("capture.batch", found=type(batch).__name__)
    labels = torch.as_tensor(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.is_floating_point() and not torch.equal(labels, labels.round()):
        raise LsvizError("capture.labels", shape=tuple(labels.shape), dtype=str(labels.dtype).removeprefix("torch."))
    return arguments, labels


def _tensor(answer: Any) -> torch.Tensor | None:
    """The tensor in a model's answer: itself, its `logits`, or the first of several; None when there is none."""
    import torch

    if isinstance(answer, Mapping):
        answer = answer.get("logits", next(iter(answer.values()), None))
    elif hasattr(answer, "logits"):
        answer = answer.logits
    elif isinstance(answer, (tuple, list)) and answer:
        answer = answer[0]
    return answer if isinstance(answer, torch.Tensor) else None


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
