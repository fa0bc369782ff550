"""Reliability diagrams and calibration errors, all from one binning pass in float64."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, sparse
from scipy.special import ndtri

from lsviz.core import checks
from lsviz.core.errors import LsvizError

STRATEGIES = ("uniform", "mass")
WRONG, RIGHT = 0, 1  # the columns of a cell table

Floats = NDArray[np.float64]


# --- from a model's outputs to (confidence, correct) -----------------------------------------------------------


def confidence_and_correct(logits: ArrayLike, labels: ArrayLike, temperature: float = 1.0) -> tuple[Floats, NDArray]:
    """Top-label confidence (n,) and whether it was right (n,), from logits (n, K) and labels (n,).

    confidence = exp(max z - logsumexp z) with z = logits / temperature, in float64. Ties go to the first class.
    """
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    top, highest = _argmax(logits)
    log_total = _logsumexp(logits, highest, temperature)
    return np.exp(highest / temperature - log_total), top == labels


def confidence_and_correct_from_probs(probs: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray]:
    """Top-label confidence (n,) and whether it was right (n,), from probabilities (n, K) and labels (n,)."""
    probs = checks.probabilities(probs)
    labels = checks.class_labels(labels, *probs.shape)
    top, highest = _argmax(probs)
    return np.minimum(highest, 1.0), top == labels  # rounding may lift a probability just above 1


def nll_per_example(logits: ArrayLike, labels: ArrayLike, temperature: float = 1.0) -> Floats:
    """-log p of the true class, in nats (n,): the hard-label loss, comparable across alphas."""
    logits = checks.scores(logits)
    labels = checks.class_labels(labels, *logits.shape)
    _, highest = _argmax(logits)
    true = _pick(logits, labels)
    return _logsumexp(logits, highest, temperature) - true / temperature


def nll(logits: ArrayLike, labels: ArrayLike, temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the true labels, in nats."""
    return float(nll_per_example(logits, labels, temperature).mean())


def brier_per_example(probs: ArrayLike, labels: ArrayLike) -> Floats:
    """Squared distance of p to the one-hot label, summed over classes (n,): between 0 and 2 (Brier 1950)."""
    probs = checks.probabilities(probs)
    labels = checks.class_labels(labels, *probs.shape)
    probs = probs.astype(np.float64, copy=False)
    # sum_k (p_k - y_k)^2 = sum_k p_k^2 - 2 p_y + 1
    return np.einsum("nk,nk->n", probs, probs) - 2 * _pick(probs, labels) + 1


def brier(probs: ArrayLike, labels: ArrayLike) -> float:
    """Mean Brier score, summed over classes."""
    return float(brier_per_example(probs, labels).mean())


# --- the diagram -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """What one binning pass leaves: per bin and per wrong/right, arrays (B, 2). Every number below comes from it."""

    count: NDArray[np.int64]
    total: Floats  # sum of confidence
    square: Floats  # sum of squared confidence


@dataclass(frozen=True)
class MurphyTerms:
    """Brier score of the top label = reliability - resolution + uncertainty + within_bin (Murphy 1973; Stephenson 2008).

    `within_bin` is what binning hides: variance of the confidence inside bins, less twice its covariance with being right.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bin: float


@dataclass(frozen=True)
class ReliabilityDiagram:
    """Confidence against accuracy in B bins (edges[b], edges[b+1]]; 0 falls in the first. Empty bins are NaN, never 0."""

    edges: Floats  # (B + 1,)
    strategy: str  # "uniform", "mass" or "given"
    cells: Cells

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Examples per bin (B,)."""
        return self.cells.count.sum(axis=1)

    @cached_property
    def confidence(self) -> Floats:
        """Mean confidence per bin (B,): the x position of its bar."""
        return _ratio(self.cells.total.sum(axis=1), self.counts)

    @cached_property
    def accuracy(self) -> Floats:
        """Share of right predictions per bin (B,)."""
        return _ratio(self.cells.count[:, RIGHT], self.counts)

    @cached_property
    def gap(self) -> Floats:
        """Confidence - accuracy per bin (B,): + over-confident, - under-confident."""
        return self.confidence - self.accuracy

    @cached_property
    def _excess(self) -> Floats:
        """Sum over a bin of (confidence - correct): the gap times the count, exactly 0 in an empty bin."""
        return self.cells.total.sum(axis=1) - self.cells.count[:, RIGHT]

    @property
    def num_samples(self) -> int:
        return int(self.counts.sum())

    @property
    def ece(self) -> float:
        """Expected calibration error: sum over bins of count/n |gap| (Guo et al. 2017)."""
        return float(np.abs(self._excess).sum() / self.num_samples)

    @property
    def overconfidence(self) -> float:
        """Overconfidence error: sum over bins of count/n confidence max(gap, 0) (Thulasidasan et al. 2019, On Mixup Training)."""
        used = self.counts > 0
        gap = np.maximum(self.gap[used], 0.0)
        return float((self.counts[used] * self.confidence[used] * gap).sum() / self.num_samples)

    @property
    def mce(self) -> float:
        """Largest |gap| over all non-empty bins, however small."""
        return self.max_gap(min_count=1)

    def max_gap(self, min_count: int = 20) -> float:
        """Largest |gap| over bins of at least `min_count` examples; NaN if there is none."""
        enough = self.counts >= max(min_count, 1)
        return float(np.abs(self.gap[enough]).max()) if enough.any() else float("nan")

    @property
    def mean_confidence(self) -> float:
        return float(self.cells.total.sum() / self.num_samples)

    @property
    def mean_accuracy(self) -> float:
        return float(self.cells.count[:, RIGHT].sum() / self.num_samples)

    @property
    def signed_gap(self) -> float:
        """Mean confidence - accuracy over all examples: the sign `ece` throws away; |signed_gap| <= ece."""
        return float(self._excess.sum() / self.num_samples)

    def wilson(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Wilson score interval (low, high) of each bin's accuracy, (B,) each (Wilson 1927)."""
        z = float(ndtri(0.5 + checks.number(level, "level", 0, 1) / 2))
        n = np.where(self.counts > 0, self.counts, np.nan)
        centre = (self.accuracy + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(self.accuracy * (1 - self.accuracy) / n + z**2 / (4 * n**2))
        # Rounding must not leave 0 or 1 outside the interval of a bin that is all wrong or all right.
        low = np.where(self.accuracy == 0, 0.0, centre - half)
        return low, np.where(self.accuracy == 1, 1.0, centre + half)

    @cached_property
    def murphy(self) -> MurphyTerms:
        """The Brier score of the top label, taken apart."""
        n, used = self.num_samples, self.counts > 0
        weight = self.counts[used] / n
        confidence, accuracy, base = self.confidence[used], self.accuracy[used], self.mean_accuracy
        total, square = self.cells.total, self.cells.square
        variance = square.sum(axis=1)[used] / self.counts[used] - confidence**2
        covariance = total[used, RIGHT] / self.counts[used] - confidence * accuracy
        return MurphyTerms(
            brier=float((square.sum() - 2 * total[:, RIGHT].sum() + self.cells.count[:, RIGHT].sum()) / n),
            reliability=float(weight @ (confidence - accuracy) ** 2),
            resolution=float(weight @ (accuracy - base) ** 2),
            uncertainty=base * (1 - base),
            within_bin=float(weight @ (variance - 2 * covariance)),
        )


def reliability_diagram(
    confidence: ArrayLike,
    correct: ArrayLike,
    num_bins: int = 15,
    strategy: str = "uniform",
    *,
    edges: ArrayLike | None = None,
) -> ReliabilityDiagram:
    """Bin confidence (n,) and correct (n,) into a diagram.

    `strategy` "uniform" has edges k/B; "mass" aims at equal counts with edges that are confidences themselves, so equal
    values never part (and fewer bins may result). `edges`, 0 = e_0 < ... < e_B = 1, overrides both.
    """
    confidence = checks.unit_vector(confidence)
    correct = checks.truth_vector(correct, len(confidence))
    if edges is None:
        edges = bin_edges(confidence, num_bins, strategy)
        bins = uniform_bins(confidence, edges) if strategy == "uniform" else _bins(confidence, edges)
    else:
        strategy, edges = "given", _given_edges(edges)
        bins = _bins(confidence, edges)
    cell, size = 2 * bins + correct, 2 * (len(edges) - 1)
    table = Cells(
        count=np.bincount(cell, minlength=size).reshape(-1, 2),
        # numpy's stub has whole numbers of weighted counts too
        total=np.bincount(cell, confidence, size).reshape(-1, 2),  # type: ignore[arg-type]
        square=np.bincount(cell, confidence * confidence, size).reshape(-1, 2),  # type: ignore[arg-type]
    )
    return ReliabilityDiagram(edges, strategy, table)


def ece_per_example(confidence: ArrayLike, correct: ArrayLike, num_bins: int = 15) -> Floats:
    """What each example adds to ECE, (n,), of mean ECE: its confidence minus its correctness, with the sign of its bin's gap.

    From it the spread of ECE over examples, to first order: a bin whose gap may have either sign adds its bias as well.
    """
    confidence = checks.unit_vector(confidence)
    excess = confidence - checks.truth_vector(correct, len(confidence))
    bins = uniform_bins(confidence, bin_edges(confidence, num_bins))
    return excess * np.sign(np.bincount(bins, excess, num_bins))[bins]


def bin_edges(confidence: ArrayLike, num_bins: int = 15, strategy: str = "uniform") -> Floats:
    """Bin edges from 0 to 1, strictly rising: (B + 1,) for "uniform", at most that many for "mass"."""
    checks.choice(strategy, "strategy", STRATEGIES)
    num_bins = int(checks.number(num_bins, "num_bins", 1, 10_000))
    if strategy == "uniform":
        return np.arange(num_bins + 1) / num_bins
    ranked = np.sort(checks.unit_vector(confidence))
    # The last example of the k-th share closes bin k, with everything that ties with it.
    last = -(-np.arange(1, num_bins) * len(ranked) // num_bins) - 1
    inner = ranked[last[last >= 0]]
    return np.unique(np.r_[0.0, inner[inner < ranked[-1]], 1.0])


def _given_edges(edges: ArrayLike) -> Floats:
    edges = np.asarray(edges, dtype=np.float64)
    if edges.ndim != 1 or len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or not (np.diff(edges) > 0).all():
        raise LsvizError("calibration.edges", value=np.array2string(edges.ravel(), threshold=8, precision=4))
    return edges


def _bins(confidence: Floats, edges: Floats) -> NDArray[np.intp]:
    return np.searchsorted(edges[1:-1], confidence, side="left")  # inner edges below x: x = edge stays left of it


def uniform_bins(confidence: Floats, edges: Floats) -> NDArray[np.intp]:
    """`_bins` for equal widths: truncation guesses, the edges themselves decide (floor(x B) errs at values like 7/15)."""
    num_bins = len(edges) - 1
    bins = (confidence * num_bins).astype(np.intp)
    np.minimum(bins, num_bins - 1, out=bins)
    bins -= confidence <= edges.take(bins)
    bins += confidence > edges.take(bins + 1)
    return np.maximum(bins, 0, out=bins)


# --- how sure we are of an ECE ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoiseFloor:
    """The ECE that chance alone would give, were these confidences perfectly calibrated: its median and upper quantile."""

    median: float
    upper: float


@dataclass(frozen=True)
class EceInterval:
    """An ECE, its confidence interval and its noise floor. Below the floor's upper end, `low` is 0."""

    ece: float
    low: float
    high: float
    floor: NoiseFloor


@dataclass(frozen=True)
class EceDifference:
    """ECE of the first model less ECE of the second on the same examples, with the interval of the difference."""

    difference: float
    low: float
    high: float


def ece_noise_floor(diagram: ReliabilityDiagram, *, level: float = 0.95, resamples: int = 1000, seed: int = 0) -> NoiseFloor:
    """ECE of `diagram`'s confidences with every answer redrawn as right with probability = confidence.

    Right answers in a bin are Poisson-binomial with mean S = sum c and variance S - Q, Q = sum c^2: drawn as the binomial
    (m, S/m), m = S^2/Q, which has both (exact where a bin holds one value).
    """
    total, square = diagram.cells.total.sum(axis=1), diagram.cells.square.sum(axis=1)
    trials = np.rint(total**2 / np.where(square > 0, square, 1))
    trials = np.clip(trials, np.ceil(total), diagram.counts).astype(np.int64)
    chance = np.clip(total / np.maximum(trials, 1), 0, 1)
    right = np.random.default_rng(seed).binomial(trials, chance, (_resamples(resamples), len(trials)))
    draws = np.abs(total - right).sum(axis=1) / diagram.num_samples
    median, upper = np.quantile(draws, [0.5, checks.number(level, "level", 0, 1)])
    return NoiseFloor(float(median), float(upper))


def ece_interval(diagram: ReliabilityDiagram, *, level: float = 0.95, resamples: int = 1000, seed: int = 0) -> EceInterval:
    """Basic bootstrap interval (2 ECE - quantiles), clipped at 0, with `diagram`'s bins held fixed.

    Resampling n examples is a multinomial over the (bin x wrong/right) cells; the confidences inside a cell then add up
    to a Gaussian of the cell's mean and variance. When the ECE does not clear its noise floor, the lower end is 0:
    the bootstrap alone cannot see that an ECE of 0 never looks like 0.
    """
    draws = _bootstrap_ece(diagram, _resamples(resamples), np.random.default_rng(seed))
    floor = ece_noise_floor(diagram, level=level, resamples=resamples, seed=seed + 1)
    return _basic_interval(diagram.ece, draws, level, floor)


def ece_difference(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    num_bins: int = 15,
    strategy: str = "uniform",
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> EceDifference:
    """Paired bootstrap of two models, each (confidence (n,), correct (n,)) on the same n examples in the same order.

    The interval holds 0 whenever neither ECE clears its own noise floor: chance lifts a spread-out model's ECE more than a
    sharp one's, and that is no difference in calibration.
    """
    if len(np.asarray(first[0])) != len(np.asarray(second[0])):
        raise LsvizError("calibration.pairs", first=len(np.asarray(first[0])), second=len(np.asarray(second[0])))
    diagrams = [reliability_diagram(*model, num_bins, strategy) for model in (first, second)]
    excess = [_excess_matrix(*model, diagram) for model, diagram in zip((first, second), diagrams)]
    draws = _resampled_ece(excess, _resamples(resamples), np.random.default_rng(seed))
    difference = diagrams[0].ece - diagrams[1].ece
    low, high = 2 * difference - np.quantile(draws[:, 0] - draws[:, 1], _tails(level)[::-1])
    floors = [ece_noise_floor(d, level=level, resamples=resamples, seed=seed + 1) for d in diagrams]
    if all(diagram.ece < floor.upper for diagram, floor in zip(diagrams, floors)):
        low, high = min(low, 0.0), max(high, 0.0)  # two models that may both be calibrated cannot be told apart
    return EceDifference(difference, float(low), float(high))


def _bootstrap_ece(diagram: ReliabilityDiagram, resamples: int, rng: np.random.Generator) -> Floats:
    cells = diagram.cells
    count = cells.count.ravel()
    used = count > 0
    count, total, square = count[used], cells.total.ravel()[used], cells.square.ravel()[used]
    mean = total / count
    variance = np.maximum(square / count - mean**2, 0)
    drawn = rng.multinomial(diagram.num_samples, count / count.sum(), resamples)
    summed = drawn * mean + np.sqrt(drawn * variance) * rng.standard_normal(drawn.shape)
    bins, right = np.divmod(np.flatnonzero(used), 2)
    # Both cells of a bin, wrong and right, add into one column.
    fold = sparse.csr_array((np.ones(len(bins)), (np.arange(len(bins)), bins)), (len(bins), len(cells.count)))
    return np.abs((summed - drawn * right) @ fold).sum(axis=1) / diagram.num_samples


def _excess_matrix(confidence: ArrayLike, correct: ArrayLike, diagram: ReliabilityDiagram) -> sparse.csr_array:
    """confidence - correct of each example in the row of its bin (B, n)."""
    confidence = np.asarray(confidence, dtype=np.float64)
    bins = _bins(confidence, diagram.edges)
    value = confidence - np.asarray(correct, dtype=np.float64)
    return sparse.csr_array((value, (bins, np.arange(len(bins)))), (len(diagram.counts), len(bins)))


def _resampled_ece(models: list[sparse.csr_array], resamples: int, rng: np.random.Generator) -> Floats:
    """ECE of every model (resamples, models) under one and the same resampling of the examples."""
    n = models[0].shape[1]
    block = int(np.clip(1_000_000 // n, 1, 64))  # what is drawn at a time stays below 4 MB
    draws = np.empty((resamples, len(models)))
    for start in range(0, resamples, block):
        for i, picked in enumerate(rng.integers(n, size=(min(block, resamples - start), n), dtype=np.int32), start):
            times = np.bincount(picked, minlength=n).astype(np.float64)
            draws[i] = [np.abs(excess @ times).sum() / n for excess in models]
    return draws


def _basic_interval(ece: float, draws: Floats, level: float, floor: NoiseFloor) -> EceInterval:
    low, high = np.clip(2 * ece - np.quantile(draws, _tails(level)[::-1]), 0, 1)
    return EceInterval(ece, 0.0 if ece < floor.upper else float(low), float(high), floor)


def _tails(level: float) -> Floats:
    checks.number(level, "level", 0, 1)
    return np.array([(1 - level) / 2, (1 + level) / 2])


def _resamples(resamples: int) -> int:
    return int(checks.number(resamples, "resamples", 1, 1_000_000))


# --- calibration errors beside the diagram ---------------------------------------------------------------------


def classwise_ece(probs: ArrayLike, labels: ArrayLike, num_bins: int = 15) -> Floats:
    """ECE of each class's own probability against "is it this class?" (K,), equal-width bins; its mean is the usual number.

    Kull et al. 2019.
    """
    probs = checks.probabilities(probs)
    labels = checks.class_labels(labels, *probs.shape)
    n, num_classes = probs.shape
    edges = bin_edges([0.0], num_bins)
    flat = np.minimum(probs.astype(np.float64).ravel(), 1.0)
    column = uniform_bins(flat, edges).reshape(n, num_classes) + np.arange(num_classes) * num_bins
    excess = flat
    excess[np.arange(n) * num_classes + labels] -= 1  # p - y, in place
    sums = np.bincount(column.ravel(), excess, num_classes * num_bins)
    return np.abs(sums.reshape(num_classes, num_bins)).sum(axis=1) / n


@dataclass(frozen=True)
class CorpTerms:
    """Brier score of the top label = miscalibration - discrimination + uncertainty, by isotonic recalibration.

    Bins chosen by the data, none by hand (Dimitriadis, Gneiting & Jordan 2021).
    """

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float


def corp_terms(confidence: ArrayLike, correct: ArrayLike) -> CorpTerms:
    """CORP decomposition of confidence (n,) against correct (n,)."""
    confidence = checks.unit_vector(confidence)
    correct = checks.truth_vector(correct, len(confidence))
    value, group, size = np.unique(confidence, return_inverse=True, return_counts=True)
    rate = np.bincount(group, correct) / size
    recalibrated = optimize.isotonic_regression(rate, weights=size).x[group]
    brier = float(np.mean((confidence - correct) ** 2))
    best = float(np.mean((recalibrated - correct) ** 2))
    base = float(np.mean(correct))
    uncertainty = base * (1 - base)
    return CorpTerms(brier, brier - best, uncertainty - best, uncertainty)


# --- small helpers ---------------------------------------------------------------------------------------------


def _ratio(part: NDArray, whole: NDArray) -> Floats:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _argmax(scores: NDArray) -> tuple[NDArray[np.intp], Floats]:
    """Column of the highest score, the first among equals, and that score in float64."""
    top = scores.argmax(axis=1)
    return top, _pick(scores, top)


def _pick(scores: NDArray, column: NDArray[np.intp]) -> Floats:
    """scores[i, column[i]] in float64, (n,)."""
    n, width = scores.shape
    return scores.ravel().take(column + np.arange(0, n * width, width)).astype(np.float64)


def _logsumexp(logits: NDArray, highest: Floats, temperature: float) -> Floats:
    """log sum_k exp(z_k / T) in float64, by blocks of rows that stay in cache."""
    checks.number(temperature, "temperature", 1e-6, 1e6)
    out = np.empty(len(logits))
    block = max(1, 32_768 // logits.shape[1])
    for start in range(0, len(logits), block):
        rows = slice(start, start + block)
        shifted = np.subtract(logits[rows], highest[rows, None], dtype=np.float64)
        shifted /= temperature
        out[rows] = np.exp(shifted, out=shifted).sum(axis=1)
    return np.log(out) + highest / temperature
