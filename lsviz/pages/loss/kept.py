"""Loss's closed forms and courses, kept for all sessions: a page's own file runs anew in every run."""

from __future__ import annotations

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import loss as draw
from lsviz.figures import training_curves as real
from lsviz.figures.live import LiveFigure
from lsviz.pages.loss import findings as say
from lsviz.pages.loss.triangle_figure import simplex_figure
from lsviz.state import closed_form_stops
from lsviz.texts.catalogue import cached_words, class_name, words
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store

STOPS = closed_form_stops()


@cached_words(max_entries=64)
def findings(num_classes: int) -> tuple[list[str], list[str]]:
    return say.findings(STOPS, num_classes, words("loss"))


@cached_words(max_entries=64)
def theory(num_classes: int) -> tuple[LiveFigure, ...]:
    builders = (draw.loss_figure, draw.descent_figure, draw.force_figure, draw.probability_figure)
    return tuple(build(STOPS, num_classes, words("loss")) for build in builders)


@cached_words(max_entries=4)
def triangles() -> LiveFigure:
    return simplex_figure(STOPS, [class_name(CLASS_ORDER, k) for k in range(3)], words("loss"))


@of_store(max_entries=16)
def recorded(num_classes: int) -> tuple[real.Course, ...]:
    """The networks shown for this N, one an alpha, whose training was recorded."""
    runs = [run for run in networks.shown(num_classes) if "margin_train" in run.facts and "margin" in run.history]
    return tuple(real.Course(num_classes, run.config.alpha, run.facts["margin_train"], run.history) for run in runs)


@of_store(max_entries=32, words=True)
def practice(num_classes: int, curve: str) -> tuple[LiveFigure, LiveFigure, LiveFigure]:
    here = recorded(num_classes)
    everywhere = [course for n in networks.counts() for course in recorded(n)]
    return (
        real.margin_course_figure(STOPS, here, words("loss")),
        real.plateau_figure(STOPS, everywhere, num_classes, words("loss")),
        real.curves_figure(STOPS, here, curve, words("loss")),
    )
