"""What a run's losses are and what became of it: smoothed or hard, in which unit, over which floor; each sentence with its evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lsviz.core.curves.records import Curves, Floats, Plateau, last_fifth
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.smoothing.closed_forms import loss_floor, optimal_logit_margin, target_probabilities
from lsviz.core.smoothing.loss_meaning import alpha_of_floor, probabilities_at_loss

LOSSES = ("train_loss", "val_loss")
PANELS = {
    "train": ("train_loss", "train_nll"),
    "val": ("val_nll", "val_loss"),
    "accuracy": ("val_accuracy", "train_accuracy"),
}
ROUNDED = 5e-4  # a log of few digits may print this much less than the floor
NEAR = 0.03  # of a start that is log N, or log2 N
CLEARLY = 2.0  # times nearer to one closed form than to the other
FEW_WRONG = 0.12  # up to here the closed forms tell smoothed from hard: of the stored networks none wrongly
EXCESS = 0.05  # of log N: what augmentation and averaging over an epoch leave above the floor (stored networks)
RISES, LOSES = 0.05, 0.005  # of the least loss; of accuracy: from here on it is overfitting


@dataclass(frozen=True)
class AlphaRange:
    """The alpha that a training plateau asks for: `best` where only wrong answers cost more than the floor, `low` to `high` what it leaves possible."""

    best: float
    low: float
    high: float


@dataclass(frozen=True)
class Told:
    """What one run's curves say. `kinds[loss]`: smoothed, hard, sum or unclear; `scale[loss]` times the value is in nats.

    `floor` is of the smoothed losses in nats, by `convention`; `reached` what `inferred_alpha` found where none was told.
    """

    curves: Curves
    num_classes: int | None
    alpha: float | None
    kinds: Mapping[str, str]
    scale: Mapping[str, float]
    convention: str
    floor: float
    reached: AlphaRange | None
    findings: tuple[Finding, ...]
    answers: tuple[Finding, ...]

    def comparable(self, name: str) -> Floats:
        """A series as it compares with other runs: a loss in nats, less its floor where it is smoothed; accuracy as it is. (n,)"""
        values = np.asarray(self.curves.series[name], np.float64)
        return values * self.scale.get(name, 1.0) - (self.floor if self.kinds.get(name) == "smoothed" else 0.0)

    def panel(self, panel: str) -> tuple[str, Floats, Floats]:
        """The series that `panel` of `PANELS` shows of this run, "" for none: where (m,), and as it compares (m,)."""
        name = next((name for name in PANELS[panel] if len(self.curves.told(name)[1])), "")
        if not name:
            return "", np.empty(0), np.empty(0)
        values = self.comparable(name)
        if np.isnan(self.scale.get(name, 1.0)):
            values = np.asarray(self.curves.series[name], np.float64)  # a sum, as it is
        told = np.isfinite(values)
        return name, self.curves.at[told], values[told]


def read_out(curves: Curves, num_classes: int | None = None, alpha: float | None = None) -> Told:
    """Read one run's curves. Without `num_classes` nothing is said of floors; `alpha` goes before what the file tells."""
    alpha = curves.alpha if alpha is None else alpha
    kinds, scale, found = {}, {}, []
    for name in LOSSES:
        if len(curves.told(name)[1]) < 3:
            continue
        scale[name], unit = _unit(curves, name, num_classes)
        kinds[name], kind = _kind(curves, name, scale[name], num_classes, alpha)
        found += [*unit, *kind]
    convention, floor = "uniform", 0.0
    if num_classes and alpha and (name := next((name for name in LOSSES if kinds.get(name) == "smoothed"), "")):
        convention, said = _convention(curves, name, scale[name], num_classes, alpha)
        floor = float(loss_floor(num_classes, alpha, convention))
        found += [*said, *(_stops(curves, name, scale[name], num_classes, alpha, floor) if convention == "uniform" else [])]
    reached = None
    if num_classes and alpha is None and kinds.get("train_loss") == "unclear":
        reached, said = _inferred(curves, scale["train_loss"], num_classes)
        found += said
    if num_classes is None and kinds:
        found.append(_say("curve_no_classes"))
    told = Told(curves, num_classes, alpha, kinds, scale, convention, floor, reached, tuple(found), ())
    answers = [answer for look in (_diverged, _train_above, _overfits, _falls) if (answer := look(told))]
    if any(answer.code == "curve_diverged" for answer in answers):
        answers = answers[:1]
    return replace(told, answers=tuple(answers or [_say("curve_plain")]))


def inferred_alpha(loss: float, spread: float, wrong: float | None, num_classes: int) -> AlphaRange:
    """Which alpha has a training loss of this plateau (nats), whose values spread so much, with a share `wrong` of wrong answers.

    No loss lies below its floor, so `high` is certain. At best a wrong answer is as sure as smoothing asks and costs (t - o) g above the floor; `low`
    allows twice that and what augmentation leaves. Without `wrong` only `high` is known.
    """
    high = alpha_of_floor(loss + 2 * spread, num_classes)
    if wrong is None:
        return AlphaRange(float("nan"), 0.0, high)

    def least(times: float, beside: float) -> float:
        """The largest alpha whose floor and this excess stay under the plateau."""
        grid = np.linspace(1e-4, 1, 10_000)
        true, off = target_probabilities(num_classes, grid)
        asked = loss_floor(num_classes, grid) + times * wrong * (true - off) * optimal_logit_margin(num_classes, grid) + beside
        under = np.flatnonzero(asked <= loss - (2 * spread if beside else 0))
        return float(grid[under[-1]]) if len(under) else 0.0

    best = least(1.0, 0.0)
    return AlphaRange(best, min(best, least(2.0, EXCESS * math.log(num_classes))), max(best, high))


# ---- what the losses are --------------------------------------------------------------------------------------------


def _say(code: str, **values: object) -> Finding:
    return Finding(code, 1, 1, values)


def _digits(value: float) -> str:
    return f"{value:.4g}"


def _unit(curves: Curves, name: str, num_classes: int | None) -> tuple[float, list[Finding]]:
    """What makes nats of it, told by where it starts: a network that knows nothing has log N. A sum's scale is NaN: no floor is told of it."""
    if not num_classes:
        return 1.0, []
    values, nothing = curves.told(name)[1], math.log(num_classes)
    first, least = float(values[0]), float(values.min())
    known = {"column": curves.called(name), "first": _digits(first), "nothing": _digits(nothing), "n": num_classes}
    if abs(first / math.log2(num_classes) - 1) < NEAR:
        return math.log(2), [_say("curve_bits", **known, bits=_digits(math.log2(num_classes)))]
    right = curves.told("train_accuracy" if name == "train_loss" else "val_accuracy")[1]
    knows = least < 0.8 * first or (len(right) and right.max() > 2 / num_classes)
    if least > 1.5 * nothing and knows and first > 1.8 * nothing:
        return float("nan"), [_say("curve_sum", **known, times=f"{first / nothing:.0f}", least=_digits(least))]
    return 1.0, []


def _kind(curves: Curves, name: str, scale: float, num_classes: int | None, alpha: float | None) -> tuple[str, list[Finding]]:
    """Smoothed or hard, against two closed forms of a network that asks what smoothing asks and errs as this one does."""
    end = Plateau.of(curves.told(name)[1] * scale)
    if np.isnan(scale):
        return "sum", []
    if num_classes is None or end is None or alpha is None:
        return "unclear", []
    if alpha <= 0:
        return "hard", []
    floors = _floors(num_classes, alpha)
    floor = min(floors.values())
    known = {"column": curves.called(name), "lowest": _digits(end.lowest), "end": _digits(end.value), "floor": _digits(floor), "alpha": f"{alpha:g}", "n": num_classes}  # fmt: skip
    if end.lowest < floor - ROUNDED:
        return "hard", [_say("curve_hard_below", **known)]
    right = curves.told("train_accuracy" if name == "train_loss" else "val_accuracy")[1]
    if not len(right):
        close = end.value - floor < 2 * EXCESS * math.log(num_classes)
        return ("smoothed", [_say("curve_smoothed_near", **known)]) if close else ("unclear", [_say("curve_unclear", **known)])
    wrong = 1 - float(np.median(last_fifth(right)))
    if wrong > FEW_WRONG:
        return "unclear", [_say("curve_unclear", **known)]
    smoothed, hard = zip(*(_would_be(num_classes, alpha, convention, wrong) for convention in floors))
    to_smoothed, to_hard = (min(abs(end.value - one) for one in ones) for ones in (smoothed, hard))
    known |= {"right": f"{100 * (1 - wrong):.1f}", "smoothed": _digits(smoothed[0]), "hard": _digits(hard[0])}
    if CLEARLY * to_smoothed < to_hard:
        return "smoothed", [_say("curve_smoothed", **known)]
    if CLEARLY * to_hard < to_smoothed:
        return "hard", [_say("curve_hard", **known)]
    return "unclear", [_say("curve_unclear", **known)]


def _floors(num_classes: int, alpha: float) -> dict[str, float]:
    """The floor by each convention that leaves the true class the most."""
    conventions = ("uniform", "others") if alpha < (num_classes - 1) / num_classes else ("uniform",)
    return {convention: float(loss_floor(num_classes, alpha, convention)) for convention in conventions}


def _would_be(num_classes: int, alpha: float, convention: str, wrong: float) -> tuple[float, float]:
    """The smoothed and the hard loss of a network that is as sure of every answer as smoothing asks, and errs in a share `wrong`."""
    true, off = target_probabilities(num_classes, alpha, convention)
    gap = float(optimal_logit_margin(num_classes, alpha, convention))
    return float(loss_floor(num_classes, alpha, convention)) + wrong * (true - off) * gap, -math.log(true) + wrong * gap


def _convention(curves: Curves, name: str, scale: float, num_classes: int, alpha: float) -> tuple[str, list[Finding]]:
    """alpha/N over all classes, or alpha/(N-1) over the others: told by which floor the loss gets below, or rests on."""
    end = Plateau.of(curves.told(name)[1] * scale)
    floors = _floors(num_classes, alpha)
    uniform, others = floors["uniform"], floors.get("others", 0.0)
    known = {
        "column": curves.called(name),
        "lowest": _digits(end.lowest) if end else "",
        "uniform": _digits(uniform),
        "others": _digits(others),
    }
    if end is None or others <= uniform:
        return "uniform", []
    if end.lowest < others - ROUNDED:
        return "uniform", [_say("curve_uniform", **known)]
    if end.value - others < (others - uniform) / 3 > 2 * end.spread:
        return "others", [_say("curve_others", **known)]
    return "uniform", []


def _stops(curves: Curves, name: str, scale: float, num_classes: int, alpha: float, floor: float) -> list[Finding]:
    end = Plateau.of(curves.told(name)[1] * scale)
    means = probabilities_at_loss(end.value, num_classes, alpha) if end else None
    if end is None or means is None:
        return []
    low, high = (f"{100 * p:.1f}" for p in means)
    return [_say("curve_stops", column=curves.called(name), end=_digits(end.value), excess=_digits(end.value - floor), floor=_digits(floor), low=low, high=high)]  # fmt: skip


def _inferred(curves: Curves, scale: float, num_classes: int) -> tuple[AlphaRange | None, list[Finding]]:
    end, right = Plateau.of(curves.told("train_loss")[1] * scale), curves.told("train_accuracy")[1]
    if end is None:
        return None, []
    wrong = 1 - float(np.median(last_fifth(right))) if len(right) else None
    found = inferred_alpha(min(end.value, end.lowest + 2 * end.spread), end.spread, wrong, num_classes)
    known = {"column": curves.called("train_loss"), "end": _digits(end.value), "high": f"{found.high:.3f}", "low": f"{found.low:.3f}", "best": f"{found.best:.3f}"}  # fmt: skip
    code = "curve_alpha_most" if wrong is None else "curve_alpha_none" if found.low <= 0 else "curve_alpha"
    return found, [_say(code, **known, n=num_classes, right="" if wrong is None else f"{100 * (1 - wrong):.1f}")]


# ---- what became of the run -----------------------------------------------------------------------------------------


def _ends(told: Told, name: str) -> Plateau | None:
    return Plateau.of(told.curves.told(name)[1]) if name in told.curves.series else None


def _diverged(told: Told) -> Finding | None:
    for name in LOSSES:
        values = told.curves.series.get(name, np.empty(0))
        at, finite = told.curves.told(name)
        if not len(finite):
            continue
        given = np.flatnonzero(~np.isnan(values) | _broken(told.curves, name))
        if len(given) and not np.isfinite(values[given[-1]]):
            return _say(
                "curve_diverged", column=told.curves.called(name), first=_digits(float(finite[0])), at=f"{at[-1]:g}", end="NaN"
            )
        end = Plateau.of(finite)
        if end and end.value > 1.5 * end.lowest and end.value > 1.05 * finite[0]:
            return _say("curve_diverged", column=told.curves.called(name), first=_digits(float(finite[0])), at=f"{at[finite.argmin()]:g}", end=_digits(end.value))  # fmt: skip
    return None


def _broken(curves: Curves, name: str) -> np.ndarray:
    """Where the file writes that a value is no number, by what reading found: gaps are no such thing."""
    lines = next((f.values["rows"] for f in curves.findings if f.code == "curve_not_finite" and f.values["series"] == name), ())
    out = np.zeros(len(curves.at), bool)
    out[list(lines)] = True  # type: ignore[call-overload]
    return out


def _train_above(told: Told) -> Finding | None:
    train, val = (_ends(told, name) for name in LOSSES)
    if not train or not val or train.value <= val.value + 2 * train.spread:
        return None
    known = {"train": _digits(train.value), "val": _digits(val.value)}
    if told.kinds.get("train_loss") == "smoothed" and told.kinds.get("val_loss") in ("hard", "unclear"):
        over = train.value * told.scale["train_loss"] - told.floor
        code = "curve_train_above_floor" if told.kinds["val_loss"] == "hard" else "curve_train_above_maybe"
        return _say(code, **known, floor=_digits(told.floor), excess=_digits(over))
    return _say("curve_train_above", **known)


def _overfits(told: Told) -> Finding | None:
    name = next((name for name in ("val_nll", "val_loss") if len(told.curves.told(name)[1]) >= 5), None)
    if name is None:
        return None
    at, loss = told.curves.told(name)
    end, least = Plateau.of(loss), int(loss.argmin())
    if end is None or end.value < (1 + RISES) * loss[least] + 2 * end.spread:
        return None
    known = {
        "column": told.curves.called(name),
        "least": _digits(float(loss[least])),
        "at": f"{at[least]:g}",
        "end": _digits(end.value),
    }
    right_at, right = told.curves.told("val_accuracy")
    if not len(right):
        return _say("curve_overfits", **known)
    then = float(right[int(np.abs(right_at - at[least]).argmin())])
    now = float(np.median(last_fifth(right)))
    code = "curve_overfits_both" if now < then - LOSES else "curve_overfits_nll"
    return _say(code, **known, then=f"{100 * then:.1f}", now=f"{100 * now:.1f}")


def _falls(told: Told) -> Finding | None:
    name = next((name for name in (*LOSSES[::-1], "val_nll") if len(told.curves.told(name)[1]) >= 9), None)
    if name is None:
        return None
    values = told.comparable(name)
    loss = values[np.isfinite(values)] if told.kinds.get(name) != "sum" else told.curves.told(name)[1]
    last = loss[-(len(loss) // 3) :]
    before, after = (float(part.mean()) for part in np.array_split(last, 2))
    noise = float(np.abs(np.diff(last, 2)).mean()) if len(last) > 3 else 0.0
    if before - after < max(0.03 * abs(before), noise):
        return None
    return _say("curve_falls", column=told.curves.called(name), by=_digits(before - after))
