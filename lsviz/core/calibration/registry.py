"""The one list of measures. Reliability, Your model, the report, its limits and its JSON read it; words are texts' [measure]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import binned
from lsviz.core.calibration.assessment import MIN_COUNT, NUM_BINS, Assessment
from lsviz.core.calibration.kernel_smoothed import smooth_ece
from lsviz.core.comparing.selective import RiskCoverage, aurc_per_example, risk_per_example
from lsviz.core.intervals import mean_interval
from lsviz.core.spoken import percent_sign
from lsviz.core.temperature import apply_temperature

LEVEL = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Number:
    """A value with its 95 % interval, where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class Sample:
    """n examples, repeated ones included, as measures take them; what several measures need is worked out once."""

    def __init__(self, confidence: Floats, correct: NDArray[np.bool_], labels: NDArray, probs: Callable[[], Floats]) -> None:
        self.confidence, self.correct, self.labels, self._probs = confidence, correct, labels, probs

    @cached_property
    def probs(self) -> Floats:
        """(n, K)"""
        return self._probs()

    @cached_property
    def diagram(self) -> binned.ReliabilityDiagram:
        """15 bins of equal width."""
        return binned.reliability_diagram(self.confidence, self.correct, NUM_BINS)

    @cached_property
    def corp(self) -> binned.CorpTerms:
        return binned.corp_terms(self.confidence, self.correct)

    def nll(self) -> float:
        true = self.probs[np.arange(len(self.labels)), self.labels]
        return float(-np.log(np.maximum(true, 1e-300)).mean())

    def brier(self) -> float:
        return binned.brier(self.probs, self.labels)

    def classwise(self) -> float:
        return float(binned.classwise_ece(self.probs, self.labels).mean())


@dataclass(frozen=True)
class Facts:
    """What a report knows of one network's logits (n, K) and labels (n,). `after` are all rows, each half at the temperature of the other,
    `after_nll` their NLL (n,) there."""

    logits: NDArray
    labels: NDArray
    whole: Assessment
    risk: RiskCoverage
    temperature: float
    after: Assessment
    after_nll: Floats

    @cached_property
    def sample(self) -> Sample:
        return Sample(self.whole.confidence, self.whole.correct, self.labels, lambda: apply_temperature(self.logits, 1.0))


@dataclass(frozen=True)
class Entry:
    """A measure wherever it is told.

    `of` works it out for any sample: Reliability draws it anew for interval and chance. `told` gives the report its number,
    where that has an interval of its own or needs more than a sample; by default it is `of` the whole file.
    """

    name: str  # in JSON, in limits and in the texts
    of: Callable[[Sample], float] | None = None
    told: Callable[[Facts], Number] | None = None
    reported: bool = True  # by the report and Your model
    share: bool = True  # between 0 and 1, told in per cent
    signed: bool = False  # a difference of shares: told in points, with its sign
    error: bool = False  # 0 is perfect
    digits: int = 2  # behind the point, as it is told

    def number(self, facts: Facts) -> Number:
        return self.told(facts) if self.told else Number(self.drawn(facts.sample))

    def drawn(self, sample: Sample) -> float:
        """Its value for a sample, of the whole file or of rows drawn from it."""
        assert self.of, f"{self.name} is worked out for no sample"
        return self.of(sample)

    def digit_text(self, value: float) -> str:
        """A value without its unit."""
        return f"{100 * value if self.share else value:{'+' if self.signed else ''}.{self.digits}f}"

    def text(self, value: float) -> str:
        return self.digit_text(value) + (percent_sign() if self.share and not self.signed else "")


def _accuracy(facts: Facts) -> Number:
    low, high = (float(end[0]) for end in facts.whole.diagram(1).wilson(LEVEL))
    return Number(facts.whole.accuracy, low, high)


def _mean(values: NDArray) -> Number:
    return Number(*mean_interval(values, level=LEVEL))


def _nll(facts: Facts) -> Number:
    return _mean(binned.nll_per_example(facts.logits, facts.labels))


def _brier(facts: Facts) -> Number:
    return _mean(binned.brier_per_example(apply_temperature(facts.logits, 1.0), facts.labels))


def _around(value: float, parts: Floats) -> Number:
    """A value with the normal interval of what each row adds to it, to first order."""
    mean, low, high = mean_interval(parts, level=LEVEL)
    return Number(value, max(0.0, value + low - mean), value + high - mean)


def _aurc(facts: Facts) -> Number:
    return _around(facts.risk.aurc, aurc_per_example(facts.whole.confidence, facts.whole.correct))


def _error_at(coverage: float) -> Callable[[Facts], Number]:
    """The error rate among the surest rows, that share of all."""
    return lambda f: _around(f.risk.risk_at(coverage), risk_per_example(f.whole.confidence, f.whole.correct, coverage))


def _ece(assessed: Assessment) -> Number:
    """Its interval takes off what counting in bins adds, so it can end below the number, which it reaches here all the same."""
    ece = assessed.ece
    return Number(ece.ece, min(ece.low, ece.ece), max(ece.high, ece.ece))


def _ece_mass(sample: Sample) -> float:
    return binned.reliability_diagram(sample.confidence, sample.correct, NUM_BINS, "mass").ece


MEASURES = (  # in the order of every table: proper scores before errors of calibration
    Entry("accuracy", lambda s: s.diagram.mean_accuracy, _accuracy),
    Entry("confidence", told=lambda f: _mean(f.whole.confidence)),
    Entry("signed_gap", told=lambda f: Number(f.whole.signed_gap, f.whole.gap_low, f.whole.gap_high), signed=True),
    Entry("nll", lambda s: s.nll(), _nll, share=False, digits=4),
    Entry("brier", lambda s: s.brier(), _brier, share=False, digits=4),
    Entry("ece", lambda s: s.diagram.ece, lambda f: _ece(f.whole), error=True),
    Entry("ece_mass", _ece_mass, error=True),
    Entry("smooth_ece", lambda s: smooth_ece(s.confidence, s.correct), error=True),
    Entry("overconfidence", lambda s: s.diagram.overconfidence, error=True),
    Entry("mce", lambda s: s.diagram.mce, error=True, reported=False),
    Entry("max_gap", lambda s: s.diagram.max_gap(MIN_COUNT), error=True),
    Entry("classwise", lambda s: s.classwise(), error=True, reported=False),
    Entry("murphy_reliability", lambda s: s.diagram.murphy.reliability, error=True, reported=False),
    Entry("murphy_resolution", lambda s: s.diagram.murphy.resolution, reported=False),
    Entry("corp_miscalibration", lambda s: s.corp.miscalibration, error=True, reported=False),
    Entry("corp_discrimination", lambda s: s.corp.discrimination, reported=False),
    Entry("aurc", told=_aurc),
    Entry("error_at_50", told=_error_at(0.5)),
    Entry("error_at_80", told=_error_at(0.8)),
    Entry("temperature", told=lambda f: Number(f.temperature), share=False, digits=4),
    Entry("ece_at_temperature", told=lambda f: _ece(f.after)),
    Entry("nll_at_temperature", told=lambda f: _mean(f.after_nll), share=False, digits=4),
)
RESAMPLED = {entry.name: entry for entry in MEASURES if entry.of}
REPORTED = {entry.name: entry for entry in MEASURES if entry.reported}
