"""Wrong labels: what smoothing buys there, where it stops, and noise and smoothing as one thing."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan

import streamlit as st

from lsviz.core.intervals import side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.labels import wrong_labels_figures
from lsviz.pages.labels.noise_identity_figures import corrections_figure, identity_figure
from lsviz.pages.labels.wrong_labels_data import cells, noisy
from lsviz.state import closed_form_stops
from lsviz.store.published import published
from lsviz.texts.catalogue import cached_words, setting_name, t, unbroken, words
from lsviz.ui import notices, prose
from lsviz.ui.shown import figure
from lsviz.zoo.kept import of_store

_BROKEN = 0.2  # this far below hard, a run has not learnt less but run away
_FEW = (0.0, 0.1)  # the alphas whose epochs are drawn: all of them would be a thicket


def noise_map(n: int, asked: int, *, trained: bool) -> None:
    """What smoothing buys at every share of wrong labels, in one sentence and a map; the command where nothing was trained so."""
    if not trained:
        return notices.to_train(t("bias.noise_missing"), "noise")
    if n != asked:
        prose.caption(t("bias.noise_nearest", asked=asked, shown=n))
    _show(_measured(n), "map", _badge(one.seeds for one in cells(n).values()))
    prose.markdown(_finding(n))


def by_heart(n: int) -> None:
    """What becomes of the images whose label was replaced."""
    _show(_measured(n), "flips", _badge(one.seeds for (rate, _), one in cells(n).items() if rate > 0))


def identity(n: int, asked: int) -> None:
    """Label noise as it is on average, and smoothing: the same target."""
    st.subheader(t("bias.identity_heading"), anchor=False)
    prose.markdown(t("bias.identity_text", n=asked))
    _show(_closed(asked, _rates(n)), "identity", t("badge.closed"), "closed")


def corrections(n: int, asked: int) -> None:
    """The losses that know the noise."""
    _show(_closed(asked, _rates(n)), "corrections", t("badge.closed"), "closed")


def epochs(n: int) -> None:
    """Wrong labels learnt by heart, epoch by epoch."""
    for column, key in zip(st.columns(2, gap="large"), ("test_accuracy", "memorised")):
        with column:
            _show(_epochs(n), key, t("badge.measured_one"), how="bias.how_noise")


def literature() -> None:
    prose.markdown(_published())


def _rates(n: int) -> tuple[float, ...]:
    return tuple(sorted({rate for rate, _ in cells(n) if rate > 0}))


def _badge(counts: Iterable[int]) -> str:
    """How many networks stand behind each number shown: the clean ones of a map may have more seeds than the noisy ones."""
    every = set(counts)
    if len(every) > 1:
        return t("reliability.badge_seeds", seeds=max(every))
    return t("badge.measured_one") if every == {1} else t("badge.measured_seeds", seeds=max(every))


def _show(made: dict[str, LiveFigure], key: str, badge: str, source: str = "measured", how: str = "") -> None:
    if live := made.get(key):
        figure(live, f"bias_{key}", badge=badge, source=source, how=how)


@of_store(max_entries=8, words=True)
def _finding(n: int) -> str:
    """What the map says: smoothing chosen on validation images at every noise rate, negative smoothing at the highest, runs that broke down."""
    found = cells(n)
    apart = {key: one.against_hard for key, one in found.items() if one.against_hard and key[0] > 0}
    said = [t("bias.noise_text")]
    best: dict[float, float] = {}
    for rate, alpha in apart:
        if alpha > 0 and (rate not in best or found[rate, alpha].validation > found[rate, best[rate]].validation):
            best[rate] = alpha
    if best:
        parts = [
            t("bias.noise_part", rate=numbers.percent(rate), alpha=numbers.alpha_text(alpha), **_interval(apart[rate, alpha]))
            for rate, alpha in best.items()
        ]
        said.append(t("bias.noise_best", parts="; ".join(parts)))
    negative = max((key for key in apart if key[1] < 0), default=None)
    if negative:
        _, low, high = apart[negative]
        verdict = ("equal", "gain", "loss")[side(low, high)]
        known = dict(rate=numbers.percent(negative[0]), alpha=_signed(negative[1]), verdict=t(f"bias.noise_verdict_{verdict}"))
        said.append(t("bias.noise_negative", **known, **_interval(apart[negative])))
    for (rate, alpha), (_, _, high) in apart.items():
        if alpha < 0 and high < -_BROKEN:
            accuracy = numbers.percent(found[rate, alpha].accuracy, 1)
            said.append(t("bias.noise_broken", rate=numbers.percent(rate), alpha=_signed(alpha), accuracy=accuracy))
    return unbroken(" ".join(said))


def _interval(apart: tuple[float, float, float]) -> dict[str, str]:
    return dict(zip(("difference", "low", "high"), map(numbers.points, apart)))


def _signed(alpha: float) -> str:
    return numbers.alpha_text(alpha).replace("-", numbers.MINUS)


@cached_words(max_entries=1)
def _published() -> str:
    """One badge with its numbers for each paper and data set."""
    rows: dict[tuple, list[str]] = {}
    for entry in published(metric="accuracy", at="method"):
        if entry.noise > 0:
            rows.setdefault((entry.cite, entry.read, entry.noise, entry.data, entry.model), []).append(
                f"{setting_name(entry.setting)} **{100 * entry.value:.1f}**"
            )
    lines = [
        t(
            "bias.published",
            cite=cite,
            read=t(f"bias.read_{read}"),
            noise=numbers.percent(rate),
            data=", ".join(filter(None, (data, model))),
            said=", ".join(said),
        )
        for (cite, read, rate, data, model), said in rows.items()
    ]
    return "  \n".join(lines)


@of_store(max_entries=4, words=True)
def _measured(n: int) -> dict[str, LiveFigure]:
    made = {"map": wrong_labels_figures.noise_map_figure(cells(n), words("bias"))}
    known = [run for run in noisy(n) if not isnan(run.given)]
    return made | ({"flips": wrong_labels_figures.flips_figure(known, words("bias"))} if known else {})


@of_store(max_entries=4, words=True)
def _epochs(n: int) -> dict[str, LiveFigure]:
    runs = [run for run in noisy(n) if run.alpha in _FEW]
    return (
        {which: wrong_labels_figures.noise_figure(runs, which, words("bias")) for which in ("test_accuracy", "memorised")}
        if runs
        else {}
    )


@cached_words(max_entries=8)
def _closed(n: int, rates: tuple[float, ...]) -> dict[str, LiveFigure]:
    stops = closed_form_stops()
    return {"identity": identity_figure(stops, n, rates, words("bias")), "corrections": corrections_figure(stops, n, words("bias"))}
