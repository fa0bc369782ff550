"""Wrong labels, live: digits with replaced labels, at several alphas, and the two corrections that know the noise."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lsviz.core.intervals import at_level, chance_of, holm, side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.lab.trials.wrong_labels import Wrong, WrongTrial
from lsviz.pages.labels import wrong_labels_figures
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import prose
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import figure

TRIAL = WrongTrial()


def wrong_live() -> None:
    """The same two figures as for the stored networks, and in words what negative smoothing and the corrections came to."""
    prose.markdown(t("bias.wrong_live", examples=TRIAL.examples, seeds=TRIAL.seeds))
    rates = sum(rate > 0 for rate in TRIAL.rates)
    found = result(TRIAL, "wrong", t("bias.wrong_go", count=TRIAL.seeds * (len(TRIAL.rates) * len(TRIAL.alphas) + 2 * rates)))
    if found is None:
        return
    prose.markdown(_told(found))
    for column, live, key in zip(st.columns(2, gap="large"), _drawn(TRIAL.key, found), ("map", "flips")):
        with column:
            badge = t("bias.live_badge", seeds=found.seeds, images=found.images)
            figure(live, f"bias_live_{key}", badge=badge, source="lab", how=f"bias.how_{key}")


def _told(found: Wrong) -> str:
    rates = sorted({rate for rate, _ in found.cells if rate > 0})
    negative = min(alpha for _, alpha in found.cells)
    said = [
        _part(
            "bias.wrong_negative",
            found,
            rates,
            lambda rate: found.cells[rate, negative],
            r=numbers.alpha_text(negative).replace("-", numbers.MINUS),
        )
    ]
    said += [
        _part(f"bias.wrong_{name}", found, rates, lambda rate, name=name: found.corrected[rate, name])
        for name in ("forward", "backward")
    ]
    verdict = lambda one: t(f"bias.noise_verdict_{('equal', 'gain', 'loss')[side(*one.against_hard[1:])]}")
    least, most = rates[0], rates[-1]
    known = {name: verdict(found.corrected[least, name]) for name in ("forward", "backward")} | {
        "negative": verdict(found.cells[most, negative])
    }
    said.append(t("bias.wrong_papers", least=numbers.percent(least), most=numbers.percent(most), **known))
    return " ".join(said)


def _part(key: str, found: Wrong, rates: list[float], of, **known: str) -> str:
    interval = lambda one: dict(zip(("difference", "low", "high"), map(numbers.points, one.against_hard)))
    parts = "; ".join(t("bias.wrong_part", rate=numbers.percent(rate), **interval(of(rate))) for rate in rates)
    return t(key, parts=parts, **known)


@cached_words(max_entries=2)
def _drawn(key: str, _found: Wrong) -> tuple[LiveFigure, LiveFigure]:
    apart = {where: one.against_hard for where, one in _found.cells.items() if one.against_hard}
    kept = holm({where: chance_of(partial(at_level, of)) for where, of in apart.items()})
    cells = {
        where: wrong_labels_figures.Cell(one.accuracy, _found.seeds, one.accuracy, one.against_hard, where in kept)
        for where, one in _found.cells.items()
    }
    runs = [
        wrong_labels_figures.NoisyRun(
            alpha, rate, (one.accuracy,), (one.learnt,), one.learnt, one.given, one.true, _found.flipped[rate]
        )
        for (rate, alpha), one in _found.cells.items()
        if rate > 0
    ]
    return wrong_labels_figures.noise_map_figure(cells, words("bias")), wrong_labels_figures.flips_figure(runs, words("bias"))
