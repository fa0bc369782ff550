"""What a model answers: which of its tensors are the scores, and which layer made them of which features; torch is imported inside functions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lsviz.core.errors import LsvizError

if TYPE_CHECKING:
    import torch

MOST_CALLS = 16
_Kind = Callable[["torch.Tensor"], "torch.Tensor"]


@dataclass(frozen=True)
class Call:
    """One call of a watched layer: what it was given, and what it made of it."""

    module: torch.nn.Module
    given: torch.Tensor
    out: torch.Tensor


@contextmanager
def watched(modules: Sequence[torch.nn.Module]) -> Iterator[Sequence[Call]]:
    """The last calls of `modules` inside the block, in order: all of them would hold every activation of a large model."""
    import torch

    seen: deque[Call] = deque(maxlen=MOST_CALLS)

    def look(module: torch.nn.Module, given: tuple[Any, ...], out: Any) -> None:
        if given and isinstance(given[0], torch.Tensor) and isinstance(out, torch.Tensor):
            seen.append(Call(module, given[0], out))

    handles = [module.register_forward_hook(look) for module in modules]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


# ---- the scores -----------------------------------------------------------------------------------------------------


def choose(answer: Any, labels: torch.Tensor, output: str | int | None, classes: int, calls: Sequence[Call]) -> str | None:
    """The name of the scores in a model's answer; None where it holds none, such as a loss alone.

    Scores are (n, K) numbers, K beyond the highest label; one column is a logit of the second class. Of several the one called
    "logits", else those as wide as the `classes`, less what a layer was given (features) and what is another's softmax.
    Raises LsvizError (capture.outputs, capture.no_output, capture.answer).
    """
    every = dict(_tensors(answer))
    found = {name: scores for name, x in every.items() if (scores := rows_of(x, len(labels))) is not None}
    if output is not None:
        if str(output) not in every:
            raise LsvizError("capture.no_output", output=output, choices=_listed(every))
        if str(output) not in found:
            raise LsvizError("capture.answer", found=tuple(every[str(output)].shape), rows=len(labels))
        return str(output)
    most = int(labels.max()) if len(labels) else 0
    wide = {name: x for name, x in found.items() if x.shape[1] > 1}
    pool = {name: x for name, x in wide.items() if x.shape[1] > most} or wide or (found if most <= 1 else {})
    if "logits" in pool or len(pool) < 2:
        return "logits" if "logits" in pool else next(iter(pool), None)
    given = {call.given.data_ptr() for call in calls}
    pool = {name: x for name, x in pool.items() if every[name].data_ptr() not in given} or pool
    pool = {name: x for name, x in pool.items() if x.shape[1] == (classes or most + 1)} or pool
    pool = {name: x for name, x in pool.items() if not any(_made_of(x, y) for other, y in pool.items() if other != name)}
    if len(pool) != 1:
        raise LsvizError("capture.outputs", choices=_listed(every), output=repr(next(iter(pool or every))))
    return next(iter(pool))


def scores_in(answer: Any, name: str, rows: int) -> torch.Tensor:
    """The scores (n, K) of that name in another batch's answer."""
    every = dict(_tensors(answer))
    scores = rows_of(every[name], rows) if name in every else None
    if scores is None:
        raise LsvizError("capture.answer", found=_listed(every), rows=rows)
    return scores


def described(answer: Any) -> str:
    return _listed(dict(_tensors(answer))) or type(answer).__name__


def rows_of(tensor: torch.Tensor, rows: int) -> torch.Tensor | None:
    """Floating numbers (n, K) of one (n, K), (n, K, 1, 1) or (n,); None for anything else."""
    if not tensor.is_floating_point() or not tensor.ndim or len(tensor) != rows:
        return None
    if tensor.ndim == 1:
        return tensor[:, None]
    return tensor.flatten(1) if all(size == 1 for size in tensor.shape[2:]) else None


def _tensors(answer: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    import torch

    if isinstance(answer, np.ndarray) and answer.dtype.kind == "f":
        answer = torch.from_numpy(answer)
    if isinstance(answer, torch.Tensor):
        yield name, answer
        return
    if isinstance(answer, Mapping):
        inside: Any = answer.items()
    elif isinstance(answer, (tuple, list)):
        inside = zip(getattr(answer, "_fields", range(len(answer))), answer)
    else:
        inside = vars(answer).items() if hasattr(answer, "__dict__") else ()
    for key, value in inside:
        yield from _tensors(value, f"{name}.{key}" if name else str(key))


def _listed(tensors: Mapping[str, torch.Tensor]) -> str:
    return ", ".join(f"{name or 'a tensor'} {tuple(x.shape)}" for name, x in list(tensors.items())[:8])


def _made_of(scores: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether `scores` are the softmax or log-softmax of `other`."""
    return scores.shape == other.shape and any(_same(scores, kind(other)) for kind in _kinds(other)[1:])


# ---- the layer ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The layer that made the scores, at which of its calls (counted from the last), and how its places became one row an example."""

    module: torch.nn.Module
    back: int
    mean: bool
    kind: int  # of `_kinds`: what became of its logits on the way to the answer

    def read(self, calls: Sequence[Call], scores: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (n, d) and logits (n, K) of one batch."""
        own = [call for call in calls if call.module is self.module]
        if len(own) <= self.back:
            raise LsvizError("capture.layer", layer=type(self.module).__name__, shape="nothing")
        features, logits, _ = _joined(own[-1 - self.back], scores, self.mean, self.kind)
        return features, logits

    def weights(self) -> tuple[torch.Tensor, torch.Tensor]:
        """W (K, d) and b (K,), b = 0 where the layer has none."""
        import torch

        layer: Any = self.module
        weight = layer.weight.detach().float().flatten(1)
        return weight, torch.zeros(len(weight)) if layer.bias is None else layer.bias.detach().float()


def head_of(scores: torch.Tensor, calls: Sequence[Call]) -> Head | None:
    """The layer, last ones first, for which scores (n, K) = W h + b, or the softmax of it: h its input, in one place or as the mean over all."""
    seen: dict[torch.nn.Module, int] = {}
    for call in reversed(calls):
        back = seen[call.module] = seen.get(call.module, -1) + 1
        if call.out.ndim < 2 or len(call.out) != len(scores) or _places(call)[1].shape[2] != scores.shape[1]:
            continue
        for mean in (False, True):
            for kind in range(len(_kinds(scores))):
                if _joined(call, scores, mean, kind)[2]:
                    return Head(call.module, back, mean, kind)
    return None


def features_of(calls: Sequence[Call], rows: int) -> torch.Tensor | None:
    """What the layer called last was given (n, d), where that is one row an example."""
    given = calls[-1].given if calls else None
    return None if given is None or given.ndim < 2 else rows_of(given, rows)


def _places(call: Call) -> tuple[torch.Tensor, torch.Tensor]:
    """Input (n, T, d) and output (n, T, K) of a layer over T places: words of a text, pixels of a picture, or one."""
    import torch

    if isinstance(call.module, torch.nn.Linear):
        return tuple(x.flatten(1, -2) if x.ndim > 2 else x[:, None] for x in (call.given, call.out))  # type: ignore[return-value]
    return call.given.flatten(2).transpose(1, 2), call.out.flatten(2).transpose(1, 2)


def _joined(call: Call, scores: torch.Tensor, mean: bool, kind: int) -> tuple[torch.Tensor, torch.Tensor, bool]:
    """Features (n, d), logits (n, K), and whether these are the `scores`: of the mean over places, or of the place nearest to them."""
    import torch

    features, logits = _places(call)
    made = _kinds(scores)[kind]
    if mean:
        features, logits = features.float().mean(1), logits.float().mean(1)
    else:
        apart = (made(logits) - scores[:, None].float()).abs().amax(2)
        rows, at = torch.arange(len(scores), device=scores.device), apart.argmin(1)
        features, logits = features[rows, at], logits[rows, at]
    return features, logits, _same(scores, made(logits))


def _kinds(scores: torch.Tensor) -> tuple[_Kind, ...]:
    """What may stand between logits and an answer, along the last axis."""
    import torch

    if scores.shape[1] == 1:
        return (lambda z: z.float()), (lambda z: torch.sigmoid(z.float()))
    return (lambda z: z.float()), (lambda z: torch.softmax(z.float(), -1)), (lambda z: torch.log_softmax(z.float(), -1))


def _same(first: torch.Tensor, second: torch.Tensor) -> bool:
    import torch

    off = 1e-3 if first.dtype in (torch.float32, torch.float64) else 2e-2
    return torch.allclose(first.float(), second.float(), rtol=off, atol=off)
