"""Losses on the triangle of three classes' probabilities: where each is least, and its curves of equal loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit, log_expit

from lsviz.core import checks
from lsviz.core.errors import LsvizError

Floats = NDArray[np.float64]

# What is mixed into cross-entropy: loss = (1 - a) CE + a KL
#   smoothing           KL(u || p): label smoothing, less its constant a log 3
#   confidence_penalty  KL(p || u): the same divergence turned round; CE - b H(p) with b = a / (1 - a), rescaled
PENALTIES = ("smoothing", "confidence_penalty")

_SIDE = 1e-12  # r on a side of the triangle, as near as a logarithm allows
_FAR = 40.0  # v searched on both sides of 0: beyond, p is 0 or 1


@dataclass(frozen=True)
class LevelCurves:
    """A loss on the triangle for A alphas; the first class is the true one, the other two are alike.

    best (A,): probability of the true class where the loss is least. curves (A, L, P, 3): probabilities along the line
    on which the loss is `levels[l]` above its least; rows of NaN lift the pen where a line leaves the triangle.
    """

    best: Floats
    curves: Floats


def level_curves(alphas: ArrayLike, levels: ArrayLike, penalty: str = "smoothing", points: int = 12) -> LevelCurves:
    """Lines of equal loss for alphas (A,) in [0, 1] and excesses `levels` (L,) above 0, in nats.

    The triangle is walked on rays from the true corner: v = logit of the true class, r = share of the second class in
    the rest. Each loss is convex in p, so along a ray it falls, then rises, and meets a level at most twice. Rays go from
    the middle one (r = 1/2) to the one that only touches the line, or to the side of the triangle; the other half mirrors.
    """
    checks.choice(penalty, "penalty", PENALTIES)
    a, excess = np.atleast_1d(np.asarray(alphas, np.float64)), np.atleast_1d(np.asarray(levels, np.float64))
    if not ((a >= 0) & (a <= 1)).all():
        raise LsvizError("input.number", argument="alphas", value=float(a[~((a >= 0) & (a <= 1))][0]), low=0, high=1)

    middle = np.full(a.shape, 0.5)
    best = _turning(middle, a, penalty)
    wanted = _loss(best, middle, a, penalty)[:, None] + excess
    strength = np.broadcast_to(a[:, None], wanted.shape)

    def misses(r: Floats) -> NDArray[np.bool_]:
        return _loss(_turning(r, strength, penalty), r, strength, penalty) > wanted

    outmost = _border(misses, np.full(wanted.shape, _SIDE), np.full(wanted.shape, 0.5))
    share = outmost[..., None] + (0.5 - outmost[..., None]) * np.linspace(1, 0, points) ** 3  # dense where the line turns
    strength, wanted = (np.broadcast_to(v[..., None], share.shape) for v in (strength, wanted))
    turn = _turning(share, strength, penalty)

    def above(v: Floats) -> NDArray[np.bool_]:
        return _loss(v, share, strength, penalty) > wanted

    low, high = (_border(above, np.full(share.shape, far), turn) for far in (-_FAR, _FAR))
    low, high = (_probs(np.where(np.abs(v) < _FAR - 1, v, np.nan), share) for v in (low, high))  # NaN: never that high
    high = high[..., ::-1, :]
    # Smoothing lets no line reach a side, however near it runs; hard targets and the penalty do.
    cut = (outmost <= 2 * _SIDE) & ((penalty != "smoothing") | (a[:, None] == 0))
    link = np.where(cut[..., None, None], np.nan, high[..., :1, :])
    half = np.concatenate([low, link, high], axis=-2)
    pen_up = np.full((*outmost.shape, 1, 3), np.nan)
    return LevelCurves(expit(best), np.concatenate([half, pen_up, half[..., [0, 2, 1]], pen_up], axis=-2))


def _loss(v: Floats, r: Floats, alpha: Floats, penalty: str) -> Floats:
    """(1-a) CE + a KL, all arguments of one shape."""
    log_p, log_s = log_expit(v), log_expit(-v)  # s = 1 - p is split as r : 1 - r
    if penalty == "smoothing":
        divergence = -(log_p + 2 * log_s + np.log(r) + np.log1p(-r)) / 3 - np.log(3)
    else:
        p, s = np.exp(log_p), np.exp(log_s)
        divergence = np.log(3) - entr(p) - entr(s) - s * (entr(r) + entr(1 - r))
    return -(1 - alpha) * log_p + alpha * divergence


def _turning(r: Floats, alpha: Floats, penalty: str) -> Floats:
    """v at which the loss is least on the ray r: where its slope by v turns from falling to rising."""

    def falls(v: Floats) -> NDArray[np.bool_]:
        p, s = expit(v), expit(-v)
        pull = p - 1 / 3 if penalty == "smoothing" else p * s * (v + entr(r) + entr(1 - r))
        return alpha * pull < (1 - alpha) * s

    return _border(falls, np.full(r.shape, -_FAR), np.full(r.shape, _FAR))


def _probs(v: Floats, r: Floats) -> Floats:
    p, s = expit(v), expit(-v)
    return np.stack([p, s * r, s * (1 - r)], axis=-1)


def _border(holds: Callable[[Floats], NDArray[np.bool_]], far: Floats, near: Floats) -> Floats:
    """By halving: the border between `far`, where something holds, and `near`, where it does not; `far` if it holds nowhere."""
    for _ in range(48):
        middle = (far + near) / 2
        held = holds(middle)
        far, near = np.where(held, middle, far), np.where(held, near, middle)
    return near
