"""What Overview tells, scene by scene: one sentence, one picture that moves, one question; the numbers come from the stored runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import loss, targets, theme
from lsviz.figures.embeddings import cluster_figure
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.figures.selective import FEW, coverage_figure
from lsviz.state import closed_form_stops
from lsviz.ui import zoo
from lsviz.ui.calibrated import measured
from lsviz.ui.cluster_numbers import spread_rows
from lsviz.ui.pictures import gallery, gallery_runs
from lsviz.ui.selected import surest
from lsviz.ui.texts import cached_words, class_name, t, words

STOPS = closed_form_stops()
TRIO = (0, 1, 2)
ROWS = 5  # of the first picture
SPOKEN_OF = 0.1  # the alpha whose numbers the sentences give, or the trained one nearest to it


@dataclass(frozen=True)
class Scene:
    """A picture with its sentence and question, and the page it leads to."""

    name: str
    page: str
    live: LiveFigure
    sentence: str
    source: str  # a key of foot.ICONS
    question: str


def theory(n: int) -> tuple[Scene, ...]:
    """The two scenes that need no network."""
    bars, descent = _closed_forms(n)
    made = lambda name, live: Scene(name, name, live, t(f"overview.say_{name}"), "closed", t(f"overview.ask_{name}"))
    return made("targets", bars), made("loss", descent)


def practice(n: int) -> Iterator[Scene]:
    """The scenes on stored networks; one that cannot be drawn is left out. Each is worked out when its turn comes."""
    stamp = zoo.stamp()
    found = measured(n)
    if 0.0 in found.networks:
        gap = found.networks[0.0].signed_gap
        sentence = t(f"overview.say_claims_{'over' if gap > 0 else 'under'}", points=theme.points(abs(gap)).lstrip("+"))
        yield Scene("claims", "reliability", _diagram(stamp, n), sentence, "measured", t("overview.ask_claims", count=n))
    if found.networks:
        best = min(found.networks, key=lambda alpha: found.networks[alpha].ece.ece)
        yield Scene("much", "reliability", _trend(stamp, n), t("overview.say_much", best=theme.alpha_text(best)), "measured", t("overview.ask_much"))
    if n >= 3 and (cluster := _clusters(stamp, n)) and len(runs := gallery_runs(n)) > 1:
        at = nearest_stop([run.config.alpha for run in runs], SPOKEN_OF)
        train = next(iter(spread_rows(n, TRIO).values()))
        factor = train[0] / train[at]
        word = t("embeddings.tighter" if factor >= 1 else "embeddings.looser")
        told = dict(alpha=theme.alpha_text(runs[at].config.alpha), factor=theme.ratio(max(factor, 1 / factor)), word=word)
        yield Scene("tight", "embeddings", cluster, t("overview.say_tight", **told), "measured", t("overview.ask_tight"))
    curves = surest(n)
    if 0.0 in curves and len(curves) > 1:
        alphas = list(curves)
        alpha = alphas[nearest_stop(alphas, SPOKEN_OF)]
        few = {a: curves[a].curves["probability"].risk_at(FEW) for a in (0.0, alpha)}
        told = dict(alpha=theme.alpha_text(alpha), few=theme.percent(few[alpha], 1), hard=theme.percent(few[0.0], 1))
        yield Scene("price", "costs", _coverage(stamp, n), t("overview.say_price", **told), "measured", t("overview.ask_price"))


@cached_words(max_entries=32)
def _closed_forms(n: int) -> tuple[LiveFigure, LiveFigure]:
    names = [class_name(CLASS_ORDER, k) for k in targets.rows_shown(n, 0, ROWS)[0]]
    bars = targets.targets_figure(STOPS, n, 0, names, words("targets"), most_rows=ROWS)
    return bars.resized(300), loss.descent_figure(STOPS, n, words("loss")).resized(340)


@cached_words(max_entries=8)
def _diagram(stamp: str, n: int) -> LiveFigure:
    return reliability_figure(measured(n).networks, 15, "uniform", words("reliability")).resized(430)


@cached_words(max_entries=8)
def _trend(stamp: str, n: int) -> LiveFigure:
    found = measured(n)
    return trend_figure(found.networks, found.seeds, words("reliability")).resized(430)


@cached_words(max_entries=8)
def _clusters(stamp: str, n: int) -> LiveFigure | None:
    shown = gallery(n, "plane", "train", TRIO)
    return cluster_figure(shown.pictures, shown.names, shown.places, words("embeddings")) if shown.pictures else None


@cached_words(max_entries=8)
def _coverage(stamp: str, n: int) -> LiveFigure:
    return coverage_figure(surest(n), "probability", words("costs")).resized(360)
