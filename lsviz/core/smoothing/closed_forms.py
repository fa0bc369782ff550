"""Label smoothing in closed form: targets, loss, gradient, floor, margin, and what they are equal to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, xlogy

from lsviz.core import checks
from lsviz.core.errors import LsvizError

Floats = NDArray[np.float64]
Number = Any  # a float for scalar arguments, an array as soon as one argument is an array: numpy types its functions so too

# How libraries spread the mass that smoothing takes from the true class (code examples: PyTorch, fairseq, OpenNMT, YOLO):
#   uniform        over all N classes, the true one included      true 1 - a + a/N   off a/N
#   others         over the N - 1 other classes                   true 1 - a         off a/(N - 1)
#   others_no_pad  the same, but one class is padding and gets 0  true 1 - a         off a/(N - 2)
#   binary         each logit is a yes/no question of its own     true 1 - a/2       off a/2
CONVENTIONS = ("uniform", "others", "others_no_pad", "binary")


# --- targets ---------------------------------------------------------------------------------------------------


def target_probabilities(
    num_classes: ArrayLike, alpha: ArrayLike, convention: str = "uniform", *, allow_negative: bool = False
) -> tuple[Number, Number]:
    """(true, off): what the target asks of the true class and of each other class. Arguments broadcast.

    `allow_negative` admits alpha < 0, negative smoothing: true > 1 and off < 0 (Wei et al. 2022).
    """
    n, a = _classes(num_classes, convention), _alpha(alpha, allow_negative)
    if convention == "uniform":
        true, off = 1 - a + a / n, a / n
    elif convention == "others":
        true, off = 1 - a, a / (n - 1)
    elif convention == "others_no_pad":
        true, off = 1 - a, a / (n - 2)
    else:
        true, off = 1 - a / 2 + 0 * n, a / 2 + 0 * n
    true, off = np.broadcast_arrays(true, off)
    return _plain(true), _plain(off)


def soft_targets(
    labels: ArrayLike,
    num_classes: int,
    alpha: float,
    convention: str = "uniform",
    *,
    pad_class: int = -1,
    allow_negative: bool = False,
) -> Floats:
    """Targets (n, K) for labels (n,) (Szegedy et al. 2016, section 7). Rows sum to 1, "binary" with K > 2 aside.

    Under "others_no_pad" the class `pad_class` gets 0, and a row whose label is padding is all 0: it carries no loss.
    """
    true, off = target_probabilities(num_classes, alpha, convention, allow_negative=allow_negative)
    labels = checks.class_labels(labels, len(np.atleast_1d(labels)), num_classes)
    targets = np.full((len(labels), num_classes), off)
    targets[np.arange(len(labels)), labels] = true
    if convention == "others_no_pad":
        checks.number(pad_class, "pad_class", -num_classes, num_classes - 1)
        targets[:, pad_class] = 0
        targets[labels == pad_class % num_classes] = 0
    return targets


def desmooth(probs: ArrayLike, alpha: float, *, clip: bool = True) -> Floats:
    """eta = (p - alpha/K) / (1 - alpha), (n, K): undoes uniform smoothing exactly at the population optimum.

    A finite model can leave the simplex; `clip` puts negative entries to 0 and rescales the row.
    """
    probs = checks.probabilities(probs).astype(np.float64)
    checks.number(alpha, "alpha", 0, 0.999)
    probs /= probs.sum(axis=1, keepdims=True)  # single precision leaves rows a little off 1
    eta = (probs - alpha / probs.shape[1]) / (1 - alpha)
    if clip:
        np.maximum(eta, 0, out=eta)
        eta /= eta.sum(axis=1, keepdims=True)
    return eta


# --- what the target asks for ----------------------------------------------------------------------------------


def optimal_logit_margin(num_classes: ArrayLike, alpha: ArrayLike, convention: str = "uniform") -> Number:
    """Logit of the true class less that of any other, where the loss is least: log(true/off). At alpha 0 it is inf.

    "uniform": log(1 + N(1-a)/a). "binary": the single logit log((1-a/2)/(a/2)), whatever N.
    """
    n, a = np.broadcast_arrays(_classes(num_classes, convention), _alpha(alpha))
    with np.errstate(divide="ignore"):
        if convention == "uniform":
            return _plain(np.log1p(n * (1 - a) / a))
        true, off = target_probabilities(n, a, convention)
        return _plain(np.log(true) - np.log(off))


def loss_floor(num_classes: ArrayLike, alpha: ArrayLike, convention: str = "uniform") -> Number:
    """Entropy of the target in nats: no model's smoothed loss gets below it. "binary": per logit.

    H = -t log t - m o log o, with m classes that share the off-target mass.
    """
    n = _classes(num_classes, convention)
    true, off = target_probabilities(num_classes, alpha, convention)
    others = n - 2 if convention == "others_no_pad" else 1 if convention == "binary" else n - 1
    return _plain(-xlogy(true, true) - others * xlogy(off, off))


# --- the loss --------------------------------------------------------------------------------------------------


def log_probs(logits: ArrayLike) -> Floats:
    """log softmax (n, K) of logits (n, K), in float64."""
    z = checks.scores(logits).astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    return z


def smoothed_cross_entropy(logits: ArrayLike, labels: ArrayLike, alpha: float) -> Floats:
    """Loss per example (n,) in nats, "uniform" convention; equals torch's `cross_entropy(label_smoothing=alpha)`.
    A stable name: for scripts that import it.

    CE + a (z_y - mean z): smoothing is a penalty on the true logit's lead, linear in the logits.
    """
    log_p, true = _log_probs_and_true(logits, labels)
    return -true + _alpha(alpha) * (true - log_p.mean(axis=1))  # log p differs from z by a constant per row


def loss_gradient(logits: ArrayLike, labels: ArrayLike, alpha: float) -> Floats:
    """Gradient of the smoothed loss by the logits (n, K): p - y. A stable name: for scripts that import it."""
    log_p, _ = _log_probs_and_true(logits, labels)
    return np.exp(log_p) - soft_targets(labels, log_p.shape[1], alpha)


# --- one margin: all other logits equal ------------------------------------------------------------------------


def margin_for_probability(probability: ArrayLike, num_classes: ArrayLike) -> Number:
    """The margin that gives the true class this probability: log(p (N-1) / (1-p)); every further nine costs 2.3."""
    p = np.asarray(probability, np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise LsvizError("input.number", argument="probability", value=_first_outside(p, 0, 1), low=0, high=1)
    with np.errstate(divide="ignore"):
        return _plain(np.log(p) - np.log1p(-p) + np.log(_classes(num_classes) - 1))


def loss_at_margin(margin: ArrayLike, num_classes: ArrayLike, alpha: ArrayLike) -> Number:
    """Smoothed loss L(g) = log(1 + (N-1) e^-g) + a g (N-1)/N. Arguments broadcast."""
    g, n = np.asarray(margin, np.float64), _classes(num_classes)
    return _plain(np.logaddexp(0, np.log(n - 1) - g) + _alpha(alpha) * g * (n - 1) / n)


def loss_slope_at_margin(margin: ArrayLike, num_classes: ArrayLike, alpha: ArrayLike) -> Number:
    """dL/dg = a (N-1)/N - (1 - p(g)): negative below the optimal margin, positive above. Arguments broadcast."""
    g, n = np.asarray(margin, np.float64), _classes(num_classes)
    return _plain(_alpha(alpha) * (n - 1) / n - expit(np.log(n - 1) - g))


def free_logit_descent(num_classes: int, alpha: ArrayLike, steps: ArrayLike, rate: float = 1.0) -> Floats:
    """Margin after each of `steps` gradient steps on one example's own logits, from 0: alpha's shape + (len(steps),).

    The other logits stay equal by symmetry, so two numbers suffice, and their difference moves by
    g <- g + rate (t - p(g)) N/(N-1). `steps` must rise; `rate` in (0, 4).
    """
    n, (true, _) = float(_classes(num_classes)), target_probabilities(num_classes, alpha)
    wanted = np.asarray(steps, dtype=np.int64)
    if wanted.ndim != 1 or len(wanted) == 0 or wanted[0] < 0 or (np.diff(wanted) <= 0).any():
        raise LsvizError("smoothing.steps", value=np.array2string(wanted, threshold=8))
    gain = checks.number(rate, "rate", 1e-6, 4) * n / (n - 1)
    push = gain * np.asarray(true, np.float64)  # rate N/(N-1) t
    offset = np.log(n - 1)
    lead = np.full(push.shape, -offset)  # g - log(N-1), so that p = expit(lead)
    pull = np.empty_like(lead)
    out = np.empty((*push.shape, len(wanted)))
    done = 0
    for column, until in enumerate(wanted):
        for _ in range(until - done):
            expit(lead, out=pull)
            np.multiply(pull, gain, out=pull)
            np.add(lead, push, out=lead)
            np.subtract(lead, pull, out=lead)
        done = until
        out[..., column] = lead + offset
    return out


# --- the same thing by other names -----------------------------------------------------------------------------


def equivalent_alpha(convention: str, num_classes: ArrayLike, alpha: ArrayLike) -> Number:
    """The "uniform" alpha with the same targets as `convention` at `alpha`; above 1 where the true class gets least.

    others: a N/(N-1). others_no_pad: a (N-1)/(N-2), among the N-1 classes that are not padding. binary: a, with N = 2.
    """
    n, a = np.broadcast_arrays(_classes(num_classes, convention), _alpha(alpha))
    if convention == "others":
        return _plain(a * n / (n - 1))
    if convention == "others_no_pad":
        return _plain(a * (n - 1) / (n - 2))
    return _plain(a.copy())


def noise_rate_to_alpha(noise_rate: ArrayLike, num_classes: ArrayLike) -> Number:
    """Smoothing that equals, on average, flipping labels to a random other class at this rate: a = rho N/(N-1)."""
    rho = np.asarray(noise_rate, np.float64)
    if not ((rho >= 0) & (rho <= 1)).all():
        raise LsvizError("input.number", argument="noise_rate", value=_first_outside(rho, 0, 1), low=0, high=1)
    n = _classes(num_classes)
    return _plain(rho * n / (n - 1))


def alpha_to_noise_rate(alpha: ArrayLike, num_classes: ArrayLike) -> Number:
    """Flip rate to a random other class whose average target is smoothing with alpha: rho = a (N-1)/N."""
    n = _classes(num_classes)
    return _plain(_alpha(alpha) * (n - 1) / n)


def transition_matrix(num_classes: int, alpha: float) -> Floats:
    """T = (1-a) I + (a/K) 11', (K, K): row y is the smoothed target of class y and the noisy label's distribution."""
    return soft_targets(np.arange(num_classes), num_classes, alpha)


def backward_correction_rate(alpha: float) -> float:
    """r = -a/(1-a): undoing the noise of `alpha` in the loss (T^-1) is negative smoothing with this r (Lukasik et al. 2020)."""
    return -checks.number(alpha, "alpha", 0, 0.999) / (1 - alpha)


# --- whose targets are these? ----------------------------------------------------------------------------------


# --- small helpers ---------------------------------------------------------------------------------------------


def _classes(num_classes: ArrayLike, convention: str = "uniform") -> Floats:
    checks.choice(convention, "convention", CONVENTIONS)
    least = 3 if convention == "others_no_pad" else 2
    n = np.asarray(num_classes, dtype=np.float64)
    wrong = ~(n >= least) | (n != np.floor(n)) | ~np.isfinite(n)
    if wrong.any():
        raise LsvizError("smoothing.num_classes", value=float(n[wrong].flat[0]), least=least, convention=convention)
    return n


def _alpha(alpha: ArrayLike, allow_negative: bool = False) -> Floats:
    a, low = np.asarray(alpha, dtype=np.float64), -100 if allow_negative else 0
    if not ((a >= low) & (a <= 1)).all():
        raise LsvizError("input.number", argument="alpha", value=_first_outside(a, low, 1), low=low, high=1)
    return a


def _first_outside(values: Floats, low: float, high: float) -> float:
    return float(values[~((values >= low) & (values <= high))].flat[0])


def _log_probs_and_true(logits: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """log p (n, K) and its entry at the true class (n,)."""
    log_p = log_probs(logits)
    labels = checks.class_labels(labels, *log_p.shape)
    return log_p, log_p[np.arange(len(log_p)), labels]


def _plain(value: Number) -> Number:
    return float(value) if np.ndim(value) == 0 else np.asarray(value)
