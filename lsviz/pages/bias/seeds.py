"""What the stored seeds say on Inductive bias: bias and variance, smoothed minus hard, over alpha and with less data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
import streamlit as st

from lsviz.core.comparing.agreement import surviving
from lsviz.core.intervals import MANY, OverSeeds, over_seeds, side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.bias import seeds_figures
from lsviz.pages.bias.seeds_data import METRICS, Difference, Key, Seeds, seeds, sizes
from lsviz.store.published import published
from lsviz.texts.catalogue import cached_words, t, unbroken, words
from lsviz.ui import notices, prose
from lsviz.ui.shown import figure
from lsviz.zoo.kept import of_store

LOSSES = ("brier", "nll")


def bias_and_variance(n: int, found: Seeds) -> None:
    """Where networks that differ in their seed go wrong together, and where apart."""
    st.subheader(t("bias.parts_heading"), anchor=False)
    count = max((part.seeds for part in found.brier.values()), default=0)
    _show(_over_alpha(n), "brier", t("badge.measured_seeds", seeds=count), "parts")
    notices.mention(found.problems)


def agreement(n: int, found: Seeds) -> None:
    """How far networks of other seeds agree, and the numbers people know."""
    count = max((part.seeds for part in found.brier.values()), default=0)
    _agreement(seeds_figures.agreement_rows(found.agreement, surviving(found.agreement), "α", _alpha_name, words("bias")))
    left, right = st.columns(2, gap="large")
    with left:
        prose.markdown(seeds_figures.metric_table(_over_seeds(found), words("bias")))
    with right:
        most = max(len(values) for metrics in found.metrics.values() for values in metrics.values())
        prose.caption(t("bias.metric_note", n=n, shared=count, most=most))
        prose.markdown(_published())


def in_nll(n: int, found: Seeds) -> None:
    """Both questions again, asked of the loss that is trained."""
    count = max((part.seeds for part in found.brier.values()), default=0)
    made = _over_alpha(n)
    left, right = st.columns(2, gap="large")
    with left:
        _show(made, "nll", t("badge.measured_seeds", seeds=count), "parts")
    if found.differences["accuracy"]:
        with right:
            _show(made, "paired_nll", _seeds_badge(found.each["accuracy"]), "paired")


def _agreement(rows: list[dict[str, str]]) -> None:
    """A table that scrolls on a phone."""
    st.dataframe(rows, hide_index=True, height="content")
    prose.caption(t("bias.agree_note"))


def _alpha_name(alpha: float) -> str:
    return t("bias.hard") if alpha == 0 else f"α = {numbers.alpha_text(alpha)}"


def _over_seeds(found: Seeds) -> dict[float, dict[str, OverSeeds | None]]:
    """Mean and deviation of every metric at every alpha; accuracy and ECE in per cent, as the table tells them."""
    unit = lambda metric: 1 if metric == "nll" else 100
    return {
        alpha: {metric: over_seeds(unit(metric) * np.array(values)) for metric, values in of.items()}
        for alpha, of in found.metrics.items()
    }


def generalisation(n: int, found: Seeds) -> None:
    """Smoothed minus hard over paired seeds, in one sentence and two figures."""
    st.subheader(t("bias.paired_heading"), anchor=False)
    if not found.differences["accuracy"]:
        notices.to_train(t("bias.paired_missing", n=n), "seeds")
        return
    prose.markdown(in_words(found.differences, lambda alpha: f"α = {numbers.alpha_text(alpha)}", found.surviving))
    _show(_over_alpha(n), "paired_accuracy", _seeds_badge(found.each["accuracy"]), "paired")


@cached_words(max_entries=1)
def _published() -> str:
    """What the first paper found on three data sets, hard and at .1."""
    found = {
        data: {entry.setting: entry for entry in published(paper="mueller2019", metric="accuracy", at="alpha", data=data)}
        for data in ("CIFAR-10", "CIFAR-100", "ImageNet")
    }
    said = ", ".join(f"{data} {100 * one[0].value:.1f} → **{100 * one[0.1].value:.1f}**" for data, one in found.items())
    return t("bias.paired_paper", cite=next(iter(found.values()))[0].cite, alpha=numbers.alpha_text(0.1), said=said)


def less_data(n: int) -> None:
    """The same against training-set size: smoothed minus hard, then bias and variance."""
    found, made = sizes(n), _over_size(n)
    if found is None:
        notices.to_train(t("bias.sizes_missing", n=n), "size")
        return
    if found.differences["accuracy"]:
        prose.markdown(in_words(found.differences, lambda size: numbers.percent(size / 100), found.surviving))
    left, right = st.columns(2, gap="large")
    with left:
        count = max(part.seeds for part in found.brier.values())
        _show(made, "sizes_brier", t("badge.measured_seeds", seeds=count), "parts")
    if found.differences["accuracy"]:
        with right:
            _show(made, "sized_accuracy", _seeds_badge(found.each["accuracy"]), "paired")
    name = lambda key: f"{numbers.percent(key[0] / 100)}, " + _alpha_name(key[1])
    _agreement(seeds_figures.agreement_rows(found.agreement, surviving(found.agreement), t("bias.axis_size"), name, words("bias")))


def _seeds_badge(each: Mapping[Key, tuple[float, ...]]) -> str:
    counts = sorted({len(values) for values in each.values()})
    return t("badge.measured_seeds", seeds=counts[0] if len(counts) == 1 else f"{counts[0]}–{counts[-1]}")


def in_words(
    differences: Mapping[str, Mapping[Key, Difference]],
    name: Callable[[Key], str],
    surviving: Collection[tuple[str, Key]] | None = None,
) -> str:
    """Which intervals hold zero, in words: accuracy, then NLL; of many, how many survive Holm's correction."""
    said = []
    for metric in METRICS:
        clear = {key: d for key, d in differences[metric].items() if side(*d[1:])}
        shown = (
            (lambda v: t("bias.points", value=numbers.points(v)))
            if metric == "accuracy"
            else (lambda v: f"{v:+.3f}".replace("-", numbers.MINUS))
        )
        some = ", ".join(f"{name(key)}: {shown(d[0])}" for key, d in clear.items())
        kind = "none" if not clear else "all" if len(clear) == len(differences[metric]) else "some"
        said.append(t(f"bias.said_{kind}", metric=t(f"bias.in_{metric}"), some=some))
    if surviving is not None and (count := sum(map(len, differences.values()))) > MANY:
        said.append(t("bias.said_many", count=count, chance=f"{0.05 * count:.1f}", kept=len(surviving)))
    return unbroken(" ".join(said))


def _show(made: dict[str, LiveFigure], key: str, badge: str, how: str) -> None:
    if live := made.get(key):
        figure(live, f"bias_{key}", badge=badge, how=f"bias.how_{how}")


@of_store(max_entries=4, words=True)
def _over_alpha(n: int) -> dict[str, LiveFigure]:
    found, section = seeds(n), words("bias")
    made = {
        which: seeds_figures.decomposition_figure(getattr(found, which), which, section)
        for which in LOSSES
        if getattr(found, which)
    }
    for which, differences in found.differences.items():
        if differences:
            made[f"paired_{which}"] = seeds_figures.paired_figure(differences, found.each[which], which, section)
    return made


@of_store(max_entries=4, words=True)
def _over_size(n: int) -> dict[str, LiveFigure]:
    found, section = sizes(n), words("bias")
    if found is None:
        return {}
    made = {
        f"sizes_{which}": seeds_figures.sizes_figure(getattr(found, which), found.images, which, section)
        for which in LOSSES
        if getattr(found, which)
    }
    for which, differences in found.differences.items():
        if differences:
            made[f"sized_{which}"] = seeds_figures.paired_figure(
                differences, found.each[which], which, section, alpha=found.alpha, images=found.images
            )
    return made
