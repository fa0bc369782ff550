"""What a pasted target vector is: which convention made it, with which alpha, or which mistake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.smoothing.closed_forms import CONVENTIONS, Floats, soft_targets


@dataclass(frozen=True)
class TargetMatch:
    """A convention and the alpha at which it gives the vector."""

    convention: str
    alpha: float


@dataclass(frozen=True)
class TargetDiagnosis:
    """What a target vector is, or which mistake is in it. Classes count from 0.

    Sound: "match", "hard" (alpha 0), "uniform" (alpha 1: every class alike), "negative_smoothing", "anti_label" (the true
    class gets least), "percent" (sound but for a factor of 100).
    Mistaken: "too_short", "not_finite", "one_over_classes" (1/N where alpha/N belongs), "true_without_share" (1-a beside
    a/N), "true_with_extra_share" (1-a+a/N beside a/(N-1)), "negative_share" (1+|r|/N beside -|r|/N), "outside" (an entry
    below 0 or above 1), "sum", "no_single_maximum", "uneven" (sums to 1, but the other classes are not treated alike).
    """

    code: str
    num_classes: int
    total: float
    true_class: int | None = None
    matches: tuple[TargetMatch, ...] = ()
    alpha: float | None = None  # the alpha meant, where a mistake lets it be told
    position: int | None = None  # the first entry that is wrong
    expected: tuple[float, ...] | None = None  # the vector as it should be

    @property
    def sound(self) -> bool:
        return self.code in {"match", "hard", "uniform", "negative_smoothing", "anti_label"}


def diagnose_targets(vector: ArrayLike) -> TargetDiagnosis:
    """Name the convention and alpha of one target vector (K,), several if several fit, or the mistake in it."""
    v = np.asarray(vector, dtype=np.float64).ravel()
    size, total = len(v), round(float(v.sum()), 9)
    if size < 2:
        return TargetDiagnosis("too_short", size, total)
    if not np.isfinite(v).all():
        return TargetDiagnosis("not_finite", size, total, position=int((~np.isfinite(v)).argmax()))
    exact = _sound(v, total, 1e-6)
    if exact:
        return exact
    percent = _sound(v / 100, total, 1e-6)
    if percent:
        return TargetDiagnosis("percent", size, total, percent.true_class, percent.matches, expected=tuple((v / 100).tolist()))
    return _mistake(v, total) or _sound(v, total, _typed_precision(v)) or _rest(v, total)


def _sound(v: Floats, total: float, tolerance: float) -> TargetDiagnosis | None:
    """The diagnosis of a vector without a mistake, entries being known to `tolerance`."""
    size = len(v)
    if np.ptp(v) <= tolerance and abs(v[0] - 1 / size) <= tolerance:
        return TargetDiagnosis("uniform", size, total, matches=(TargetMatch("uniform", 1.0),))
    top = int(v.argmax())
    matches = _matches(v, top, tolerance)
    if matches:
        alphas = {match.alpha for match in matches}
        code = "hard" if alphas == {0.0} else "negative_smoothing" if min(alphas) < 0 else "match"
        return TargetDiagnosis(code, size, total, top, matches)
    if size > 2 and (matches := _matches(v, int(v.argmin()), tolerance)):
        return TargetDiagnosis("anti_label", size, total, int(v.argmin()), matches)
    return None


def _matches(v: Floats, true_class: int, tolerance: float) -> tuple[TargetMatch, ...]:
    size, true = len(v), v[true_class]
    # alpha from the true entry, by each convention's formula turned round
    guesses = {"uniform": (1 - true) * size / (size - 1), "others": 1 - true, "binary": 2 * (1 - true)}
    pad = -1
    if size > 2:
        zeros = [k for k in np.flatnonzero(np.abs(v) <= tolerance) if k != true_class]
        if zeros:
            guesses["others_no_pad"], pad = 1 - true, int(zeros[0])
    found = []
    for convention in CONVENTIONS:
        for decimals in range(2, 7) if convention in guesses else ():
            alpha = round(float(guesses[convention]), decimals) + 0.0  # the roundest alpha that fits; never -0.0
            if not (-100 if convention == "uniform" else 0) <= alpha <= 1:
                continue
            target = soft_targets([true_class], size, alpha, convention, pad_class=pad, allow_negative=True)[0]
            if np.abs(v - target).max() <= 1.01 * tolerance:
                found.append(TargetMatch(convention, alpha))
                break
    return tuple(found)


def _mistake(v: Floats, total: float) -> TargetDiagnosis | None:
    """The slips that have a name, each found by its own arithmetic."""
    size, top = len(v), int(v.argmax())
    true, off = v[top], np.delete(v, top)

    def diagnosis(code: str, alpha: float, wrong: NDArray[np.bool_]) -> TargetDiagnosis:
        alpha = round(float(alpha), 6)
        expected = tuple(soft_targets([top], size, alpha, allow_negative=True)[0].tolist())
        return TargetDiagnosis(code, size, total, top, alpha=alpha, position=int(wrong.argmax()), expected=expected)

    at_top = np.arange(size) == top
    if np.ptp(off) <= 1e-6:
        off = off.mean()
        if off < 0 and abs(true - 1 + off) <= 1e-6:  # 1 + |r|/N beside -|r|/N
            return diagnosis("negative_share", size * off, at_top)
        if 0 < size * off <= 1 and abs(true - 1 + size * off) <= 1e-6:  # 1 - a beside a/N
            return diagnosis("true_without_share", size * off, at_top)
        alpha = (size - 1) * off
        if 0 < alpha <= 1 and abs(true - 1 + alpha - alpha / size) <= 1e-6:  # 1 - a + a/N beside a/(N-1)
            return diagnosis("true_with_extra_share", alpha, ~at_top)
    alpha = (1 - true) * size / (size - 1)
    whole = (np.abs(v - 1 / size) <= 1e-6) & ~at_top
    share = np.abs(v - alpha / size) <= 1e-6
    if 0 < alpha < 1 and whole.any() and (whole | share | at_top).all():
        return diagnosis("one_over_classes", alpha, whole)
    return None


def _typed_precision(v: Floats) -> float:
    """Half a unit of the last decimal, for vectors typed with three decimals or more; with fewer, any alpha would fit."""
    for decimals in range(3, 7):
        if np.abs(v - np.round(v, decimals)).max() < 1e-12:
            return max(0.5 * 10.0**-decimals, 1e-6)
    return 1e-6


def _rest(v: Floats, total: float) -> TargetDiagnosis:
    size = len(v)
    outside = (v < 0) | (v > 1)
    if outside.any():
        return TargetDiagnosis("outside", size, total, position=int(outside.argmax()))
    top = np.flatnonzero(v >= v.max() - 1e-9)
    if len(top) > 1:
        return TargetDiagnosis("no_single_maximum", size, total, position=int(top[1]))
    if abs(total - 1) > 1e-3:
        # What the true entry would have to be, were all others right.
        expected = v.copy()
        expected[top[0]] = 1 - np.delete(v, top[0]).sum()
        sensible = expected[top[0]] >= np.delete(v, top[0]).max()
        return TargetDiagnosis("sum", size, total, int(top[0]), expected=tuple(expected.round(9).tolist()) if sensible else None)
    others = np.delete(np.arange(size), top[0])
    odd = others[np.abs(v[others] - np.median(v[others])).argmax()]
    return TargetDiagnosis("uneven", size, total, int(top[0]), position=int(odd))
