"""Everything the page and the report say of one network's outputs, worked out in one place, so that both say the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import EceDifference, ece_difference, nll_per_example
from lsviz.core.calibration.assessment import Assessment, TemperatureCurve, assess, temperature_curve
from lsviz.core.calibration.foretold import Closing, foretold_closing
from lsviz.core.calibration.registry import LEVEL, REPORTED, Facts, Number
from lsviz.core.comparing.changes import Change, compare
from lsviz.core.comparing.selective import RiskCoverage, risk_coverage
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Diagnosis
from lsviz.core.temperature import BOUNDS, fit_temperature, temperature_limit

LEAST_ROWS = 20  # half of them fit a temperature
CURVE_ROWS = 50_000  # for the picture over all temperatures, and for what a temperature gains
PAIRED_ROWS = 200_000  # of a comparison, drawn at random from more
ADVICE = ("leave", "scale", "other", "worse", "nothing", "perfect")
USUAL_LEAD = 10.0  # of the top logit over the row's mean: a network with ten times that may ask for a ten times higher temperature


@dataclass(frozen=True)
class Summary:
    """One network on n rows. `temperature` has the least NLL on all of them; what it does is told by cross-fitting.

    `assessment` is of all rows as they are, `after` of all rows at temperatures that they did not choose: each random half at that
    of the other. `curve` is over a part of the rows, all at the same temperature.
    """

    diagnosis: Diagnosis
    assessment: Assessment
    numbers: Mapping[str, Number]
    risk: RiskCoverage
    temperature: float
    after: Assessment
    after_nll: NDArray[np.float64]  # (n,)
    curve: TemperatureCurve
    gain: EceDifference  # ECE after - before
    limit: str  # why there is no finite temperature: "nothing", "perfect"; else ""
    seed: int

    @property
    def advice(self) -> str:
        return advised(self.limit, self.assessment.ece.ece < self.assessment.ece.floor.upper, self.gain.low, self.gain.high)

    @property
    def verdict(self) -> str:
        return self.assessment.verdict

    @property
    def closing(self) -> Closing | None:
        """How much smoothing is foretold to close the mean gap; None unless it claims too much and neither shows nor tells of smoothing."""
        if any(finding.code in ("trained_smoothed", "told_smoothed") for finding in self.diagnosis.findings):
            return None
        return foretold_closing(self.assessment, self.diagnosis.outputs.num_classes)


def advised(limit: str, by_chance: bool, low: float, high: float) -> str:
    """What rows bear out that did not choose it: that no temperature exists ("nothing", "perfect"), that it makes ECE "worse", to "leave" an ECE that
    chance alone could give, to "scale" by it, or "other" remedies. `low` to `high` is the interval of ECE after - before."""
    if limit:
        return limit
    if low > 0:
        return "worse"
    if by_chance:
        return "leave"
    return "scale" if high < 0 else "other"


def summarise(diagnosis: Diagnosis, seed: int = 0, tick: Callable[[], None] = lambda: None) -> Summary:
    """Work out a summary; the halves of cross-fitting are drawn by `seed`. `tick` is called between steps and may raise to stop.

    Raises LsvizError for fewer than 20 rows or unmended input.
    """
    logits, labels = diagnosis.logits, diagnosis.labels
    n = len(labels)
    if n < LEAST_ROWS:
        raise LsvizError("outside.few", found=n, least=LEAST_ROWS)
    whole = assess(logits, labels)
    tick()
    scale = max(1.0, float((logits.max(axis=1) - logits.mean(axis=1, dtype=np.float64)).mean()) / USUAL_LEAD)
    bounds = (BOUNDS[0], min(BOUNDS[1] * scale, 1e5))
    temperature = fit_temperature(logits, labels, bounds)
    chosen, scaled = [temperature], np.empty(logits.shape, np.promote_types(logits.dtype, np.float32))
    drawn = halves(n, seed)
    for rows, others in (drawn, drawn[::-1]):
        tick()
        chosen.append(fit_temperature(logits[others], labels[others], bounds))
        scaled[rows] = logits[rows] / chosen[-1]
    limit = next(filter(None, (temperature_limit(logits, labels, one, bounds) for one in chosen)), "")
    tick()
    after, after_nll = assess(scaled, labels), nll_per_example(scaled, labels)
    del scaled
    tick()
    some = np.concatenate(drawn)[:CURVE_ROWS] if n > CURVE_ROWS else slice(None)
    over = np.geomspace(min(0.25, temperature / 2), max(8.0, temperature * 2), 25)
    curve = temperature_curve(logits[some], labels[some], temperature, over)
    tick()
    scaled_rows, plain_rows = ((one.confidence[some], one.correct[some]) for one in (after, whole))
    gain = ece_difference(scaled_rows, plain_rows, resamples=300, level=LEVEL)
    tick()
    risk = risk_coverage(whole.confidence, whole.correct)
    facts = Facts(logits, labels, whole, risk, temperature, after, after_nll)
    numbers = {name: entry.number(facts) for name, entry in REPORTED.items()}
    if limit:
        numbers |= dict.fromkeys(("temperature", "ece_at_temperature", "nll_at_temperature"), Number(float("nan")))
    return Summary(
        diagnosis,
        whole,
        numbers,
        risk,
        temperature,
        after,
        after_nll,
        curve,
        gain,
        limit,
        seed,
    )


def halves(n: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two random halves of n rows, the same for the same seed."""
    order = np.random.default_rng(seed).permutation(n)
    return order[: n // 2], order[n // 2 :]


def paired(first: Summary, second: Summary) -> tuple[tuple[Change, ...], int]:
    """Second - first, number by number, on the rows both have, and how many these are. Raises LsvizError for other examples.

    Temperatures are fitted on one half, drawn by the seed of `first`, and judged on the other. Beyond 20,000 rows the bootstrap
    draws fewer times, as its intervals are narrow by then; beyond 200,000 it looks at that many of them.
    """
    a, b = first.diagnosis, second.diagnosis
    if a.outputs.num_classes != b.outputs.num_classes:
        raise LsvizError(
            "outside.unpaired", reason=LsvizError("reason.other_classes", first=a.outputs.num_classes, second=b.outputs.num_classes)
        )
    rows, at_a, at_b = np.intersect1d(a.outputs.rows, b.outputs.rows, assume_unique=True, return_indices=True)
    told = [max(int(d.outputs.rows.max()) + 1, d.outputs.num_rows) for d in (a, b)]
    if len(rows) < LEAST_ROWS or abs(told[0] - told[1]) > 0.1 * max(told):
        raise LsvizError("outside.unpaired", reason=LsvizError("reason.other_rows", first=told[0], second=told[1]))
    if len(rows) > PAIRED_ROWS:
        drawn = np.sort(np.random.default_rng(first.seed).choice(len(rows), PAIRED_ROWS, replace=False))
        rows, at_a, at_b = rows[drawn], at_a[drawn], at_b[drawn]
    labels = a.labels[at_a]
    apart = int((labels != b.labels[at_b]).sum())
    if apart:
        raise LsvizError("outside.unpaired", reason=LsvizError("reason.other_labels", apart=apart, rows=len(rows)))
    fitted, held = halves(len(rows), first.seed)
    z, w = a.logits[at_a], b.logits[at_b]
    resamples = int(np.clip(20_000_000 / len(rows), 100, 1000))
    return compare(z, w, labels, (z[fitted], w[fitted], labels[fitted]), held=held, resamples=resamples, level=LEVEL), len(rows)
