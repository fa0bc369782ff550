"""Tightness over alpha, kept for all sessions: a page's own file runs anew in every run."""

from __future__ import annotations

from lsviz.figures.live import LiveFigure
from lsviz.pages.embeddings.tightness_figure import tightness_figure
from lsviz.texts.catalogue import words
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import gallery_runs
from lsviz.zoo.spread import spread_rows


@of_store(max_entries=16, words=True)
def tightness(n: int, trio: tuple[int, ...]) -> LiveFigure:
    alphas = [run.config.alpha for run in gallery_runs(n)]
    return tightness_figure(alphas, spread_rows(n, trio), words("embeddings"))
