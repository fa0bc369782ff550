"""Soft targets' figures, kept for all sessions: a page's own file runs anew in every run."""

from __future__ import annotations

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.smoothing.target_rows import target_rows
from lsviz.figures import targets as draw
from lsviz.figures.live import LiveFigure
from lsviz.state import closed_form_stops
from lsviz.texts.catalogue import cached_words, class_name, words

STOPS = closed_form_stops()


@cached_words(max_entries=64)
def hero(num_classes: int, true_class: int, convention: str, log: bool) -> tuple[LiveFigure, LiveFigure]:
    section, rows = words("targets"), target_rows(STOPS, num_classes, true_class, convention)
    bars = draw.targets_figure(rows, [class_name(CLASS_ORDER, k) for k in rows.classes], section, log)
    return bars, draw.margin_figure(STOPS, num_classes, section, convention)


@cached_words(max_entries=32)
def margin_map(num_classes: int, convention: str) -> LiveFigure:
    return draw.margin_map_figure(STOPS, num_classes, words("targets"), convention)
