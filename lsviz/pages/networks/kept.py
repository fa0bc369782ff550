"""Learning curves and the comparison with the literature, kept for all sessions: a page's own file runs anew in every run."""

from __future__ import annotations

from lsviz.figures.live import LiveFigure
from lsviz.pages.networks.figures import comparison_figure, learning_figure
from lsviz.pages.networks.table import calibration_reports
from lsviz.texts.catalogue import words
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.run_label import run_label


@of_store(max_entries=16, words=True)
def curves(run_id: str) -> tuple[LiveFigure, ...]:
    run = networks.store().record(run_id)
    section = words("networks")
    return tuple(learning_figure(run.history, quantity, run_label(run), section) for quantity in ("nll", "accuracy"))


@of_store(max_entries=4, words=True)
def comparison() -> LiveFigure:
    return comparison_figure(calibration_reports(), words("networks"))
