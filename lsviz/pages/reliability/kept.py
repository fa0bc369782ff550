"""The gap over alpha, kept for all sessions: a page's own file runs anew in every run."""

from __future__ import annotations

from lsviz.core.calibration.over_alpha import gap_and_ece
from lsviz.figures.live import LiveFigure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.texts.catalogue import words
from lsviz.zoo.calibration import measured
from lsviz.zoo.kept import of_store


@of_store(max_entries=8, words=True)
def trend(num_classes: int) -> LiveFigure:
    found = measured(num_classes)
    return trend_figure(gap_and_ece(found.networks, found.seeds), words("reliability"))
