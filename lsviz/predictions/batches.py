"""What a loader gives, as arguments of a model and labels; torch is imported inside functions, like in `capture`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import plain_text

if TYPE_CHECKING:
    import torch

LABEL_KEYS = ("labels", "label", "targets", "target", "y")
Given = tuple[tuple[Any, ...], dict[str, Any]]


def parts(batch: Any, model: torch.nn.Module) -> tuple[Given, torch.Tensor]:
    """A batch as the model's arguments, on its device and of its precision, and labels (n,). Raises LsvizError (capture.batch, capture.labels)."""
    if isinstance(batch, Mapping):
        key = next((key for key in LABEL_KEYS if key in batch), None)
        if key is None:
            raise LsvizError("capture.batch", found=", ".join(map(str, batch)) or "nothing")
        inputs: Any = {name: value for name, value in batch.items() if name != key}
        labels = batch[key]
    elif isinstance(batch, (tuple, list)) and len(batch) >= 2:
        at = _label_place(batch, model)
        # (inputs, labels, whatever) or (one input, another, labels)
        inputs, labels = (batch[:1] if at == 1 else batch[:at]), batch[at]
    else:
        raise LsvizError("capture.batch", found=type(batch).__name__)
    return _arguments(_moved(inputs, model), model), _whole(labels)


def answer_to(model: torch.nn.Module, given: Given) -> Any:
    """What the model says. Raises LsvizError (capture.call) where it cannot be called with these arguments."""
    try:
        return model(*given[0], **given[1])
    except (TypeError, RuntimeError) as error:
        told = ", ".join([*(_described(value) for value in given[0]), *(f"{name}={_described(x)}" for name, x in given[1].items())])
        reason = plain_text(str(error).strip().split("\n")[0], 200).rstrip(".")
        raise LsvizError("capture.call", model=type(model).__name__, given=told, reason=reason) from error


def _described(value: Any) -> str:
    return f"{tuple(value.shape)}" if hasattr(value, "shape") else type(value).__name__


# ---- labels ---------------------------------------------------------------------------------------------------------


def _label_place(batch: Sequence[Any], model: torch.nn.Module) -> int:
    """Second, as in (inputs, labels, paths); last where the second cannot be labels, or the model needs it as an input."""
    last = len(batch) - 1
    if last == 1:
        return 1
    second, final = _like_labels(batch[1]), _like_labels(batch[last])
    return last if final and (not second or len(_required(model)) >= 2) else 1


def _like_labels(value: Any) -> bool:
    try:
        _whole(value)
    except LsvizError:
        return False
    return True


def _whole(labels: Any) -> torch.Tensor:
    """Labels (n,) from (n,), (n, 1) or one-hot rows (n, K)."""
    import torch

    try:
        made = torch.as_tensor(labels)
    except (TypeError, ValueError, RuntimeError):
        first = labels[0] if isinstance(labels, (tuple, list)) and labels else labels
        raise LsvizError("capture.labels", shape="", dtype=type(first).__name__) from None
    if made.ndim == 2 and made.shape[1] == 1:
        made = made[:, 0]
    if made.ndim == 2 and len(made) and bool(((made == 1).sum(1) == 1).all() & ((made != 0).sum(1) == 1).all()):
        made = made.to(torch.uint8).argmax(1)
    if made.ndim != 1 or made.is_complex() or (made.is_floating_point() and not torch.equal(made, made.round())):
        raise LsvizError("capture.labels", shape=tuple(made.shape), dtype=str(made.dtype).removeprefix("torch."))
    return made.to(torch.int64)


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _moved(value: Any, model: torch.nn.Module) -> Any:
    """Every tensor inside, on the model's device, floating ones of its precision where all its weights have one."""
    import torch

    tensors = (*model.parameters(), *model.buffers())
    device = next((tensor.device for tensor in tensors), torch.device("cpu"))
    kinds = {tensor.dtype for tensor in model.parameters() if tensor.is_floating_point()}
    half = kinds.pop() if len(kinds) == 1 else None

    def move(inside: Any) -> Any:
        if isinstance(inside, torch.Tensor):
            kind = half if half in (torch.float16, torch.bfloat16) and inside.is_floating_point() else None
            return inside.to(device, kind or inside.dtype, non_blocking=True)
        if isinstance(inside, Mapping):
            return {name: move(x) for name, x in inside.items()}
        if isinstance(inside, (tuple, list)):
            return [move(x) for x in inside]
        return inside

    return move(value)


def _arguments(inputs: Any, model: torch.nn.Module) -> Given:
    """As many of the inputs as `forward` takes: by name where names fit, else in order."""
    import torch

    if isinstance(inputs, list) and len(inputs) == 1:
        [only] = inputs
        if isinstance(only, list) and len(_required(model)) >= 2 or isinstance(only, dict) and set(only) & set(_parameters(model)):
            inputs = only
        else:
            return (only,), {}
    known = _parameters(model).values()
    if isinstance(inputs, dict):
        if any(p.kind is p.VAR_KEYWORD for p in known):
            return (), inputs
        taken = {name: value for name, value in inputs.items() if name in _parameters(model)}
        tensors = [value for value in inputs.values() if isinstance(value, torch.Tensor)]
        if not taken and len(tensors) == 1:
            return (tensors[0],), {}
        return (), taken or inputs
    most = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in known)
    if len(inputs) > most and not any(p.kind is p.VAR_POSITIONAL for p in known):
        wide = [x for x in inputs if isinstance(x, torch.Tensor) and x.ndim > 1]  # an index or a length is none
        inputs = wide if len(wide) <= most else inputs
    return tuple(inputs), {}


def _parameters(model: torch.nn.Module) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(model.forward).parameters
    except (TypeError, ValueError):  # compiled code has none: it takes what comes
        return {"inputs": inspect.Parameter("inputs", inspect.Parameter.VAR_POSITIONAL)}


def _required(model: torch.nn.Module) -> list[str]:
    return [
        name
        for name, p in _parameters(model).items()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
