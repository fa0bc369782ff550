"""What Overview tells, chapter by chapter: one sentence, one picture that moves, one question; the numbers come from the stored runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsviz.core.calibration.assessment import NUM_BINS
from lsviz.core.calibration.events import TOP
from lsviz.core.calibration.over_alpha import gap_and_ece
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.comparing.selective import Selected, risk_coverage
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.core.smoothing.target_rows import target_rows
from lsviz.figures import loss, numbers, targets
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.figures.selective import FEW, coverage_figure
from lsviz.state import PLANE_TRIO, ViewState, closed_form_stops, control
from lsviz.texts.catalogue import cached_words, class_name, t, words
from lsviz.zoo.calibration import diagrams, least_error, measured
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import gallery_runs
from lsviz.zoo.spread import spread_rows

STOPS = closed_form_stops()
TRIO = tuple(k - 1 for k in PLANE_TRIO)
ROWS = 5  # of the first picture
SPOKEN_OF = 0.1  # the alpha whose numbers the sentences give, or the trained one nearest to it


@dataclass(frozen=True)
class Chapter:
    """A picture with its sentence and question, and the page it leads to."""

    name: str
    page: str
    live: LiveFigure | None  # None where the page it leads to says it better with its own
    sentence: str
    source: str  # a key of foot.ICONS
    badge: str
    how: str
    shows: Mapping[str, object]  # fields of the view that the picture has fixed: its page opens with them

    @property
    def question(self) -> str:
        return t(f"overview.ask_{self.name}")

    def query(self, state: ViewState) -> dict[str, str]:
        """The query that opens the page on this picture."""
        return state.to_query() | {control(name).url: control(name).format(value) for name, value in self.shows.items()}


def theory(n: int) -> tuple[Chapter, ...]:
    """The two chapters that need no network."""
    bars, descent = _closed_forms(n)
    made = lambda name, live, how, **shows: Chapter(
        name, name, live, t(f"overview.say_{name}"), "closed", t("badge.closed"), how, shows
    )
    plain = dict(true_class=1, convention="uniform", axis="linear", negative=0.0)
    return made("targets", bars, "targets.how_bars", **plain), made("loss", descent, "loss.how_descent")


def practice(n: int) -> Iterator[Chapter]:
    """The chapters on stored networks; one that cannot be drawn is left out. Each is worked out when its turn comes."""
    made = lambda name, page, live, sentence, badge, how, **shows: Chapter(
        name, page, live, sentence, "measured", badge, how, shows
    )
    found = measured(n)
    if found.networks:
        images = numbers.whole(len(next(iter(found.networks.values())).confidence))
    if 0.0 in found.networks:
        hard = found.networks[0.0]
        told = dict(claimed=numbers.percent(hard.mean_confidence), right=numbers.percent(hard.accuracy))
        sentence = t(f"overview.say_claims_{'over' if hard.verdict == 'over' else 'under'}", **told)
        badge = t("reliability.badge_diagram", images=images)
        yield made(
            "claims",
            "reliability",
            _diagram(n),
            sentence,
            badge,
            "reliability.how_diagram",
            event=TOP,
            bins=15,
            binning="uniform",
        )
    if found.networks:
        least = least_error(n)
        alike = ", ".join(map(numbers.alpha_text, least.alike))
        seeds = max(map(len, found.seeds.values()), default=1)
        badge = t(f"reliability.badge_{'seeds' if seeds >= LEAST_SEEDS else 'one'}", seeds=seeds, images=images)
        yield made(
            "much",
            "reliability",
            _trend(n),
            t(f"overview.say_much{'_alike' if alike else ''}", best=numbers.alpha_text(least.alpha), alike=alike),
            badge,
            "reliability.how_trend",
        )
    if n >= 3 and len(runs := gallery_runs(n)) > 1:
        at = nearest_stop([run.config.alpha for run in runs], SPOKEN_OF)
        train = next(iter(spread_rows(n, TRIO).values()))
        factor = train[0] / train[at]
        told = dict(alpha=numbers.alpha_text(runs[at].config.alpha), factor=numbers.ratio(max(factor, 1 / factor)))
        plane = dict(view="plane", split="train", classes=PLANE_TRIO, color="class", strip=False)
        sentence = t(f"overview.say_{'tight' if factor >= 1 else 'loose'}", **told)
        yield made("tight", "embeddings", None, sentence, "", "", **plane)
    curves = surest(n)
    if 0.0 in curves and len(curves) > 1:
        alphas = list(curves)
        alpha = alphas[nearest_stop(alphas, SPOKEN_OF)]
        few = {a: curves[a].curves["probability"].risk_at(FEW) for a in (0.0, alpha)}
        told = dict(alpha=numbers.alpha_text(alpha), few=numbers.percent(few[alpha], 1), hard=numbers.percent(few[0.0], 1))
        live = _coverage(n)
        yield made(
            "price", "costs", live, t("overview.say_price", **told), t("badge.measured_one"), "costs.how_curve", score="probability"
        )


@cached_words(max_entries=32)
def _closed_forms(n: int) -> tuple[LiveFigure, LiveFigure]:
    rows = target_rows(STOPS, n, 0, most=ROWS)
    bars = targets.targets_figure(rows, [class_name(CLASS_ORDER, k) for k in rows.classes], words("targets"))
    return bars.resized(300), loss.descent_figure(STOPS, n, words("loss")).resized(340)


@of_store(max_entries=8, words=True)
def _diagram(n: int) -> LiveFigure:
    return reliability_figure(diagrams(n, NUM_BINS, "uniform"), words("reliability")).resized(430)


@of_store(max_entries=8, words=True)
def _trend(n: int) -> LiveFigure:
    found = measured(n)
    return trend_figure(gap_and_ece(found.networks, found.seeds), words("reliability")).resized(430)


@of_store(max_entries=8, words=True)
def _coverage(n: int) -> LiveFigure:
    return coverage_figure(surest(n), "probability", words("costs")).resized(360)


@of_store(max_entries=8)
def surest(num_classes: int) -> Mapping[float, Selected]:
    """The same networks sorted by their own probability alone, without intervals: a hundredth of the work."""
    assessed = measured(num_classes).networks
    return {alpha: Selected({"probability": risk_coverage(one.confidence, one.correct)}, None) for alpha, one in assessed.items()}
