"""Similar classes: what smoothing erases of how wrong classes differ, in two maps and one number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lsviz.core.classes import CLASS_ORDER, SUPERCLASSES, superclass
from lsviz.core.comparing.changes import Change
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import mean_interval, side
from lsviz.core.smoothing.wrong_classes import darkest, flatness, likeliest_is_alike, mean_off_target, off_target, share_of_alike
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.labels.likeness_figure import Likeness, likeness_figure
from lsviz.texts.catalogue import (
    class_name,
    superclass_name,
    t,
    words,
)
from lsviz.ui.plots import caption_along
from lsviz.ui.shown import row
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store

_SINGLE = 20  # classes that are still drawn one by one; more are summed by superclass


@dataclass(frozen=True)
class Alike:
    """The networks of one N by rising alpha, the names of the map's rows, and how many images it rests on."""

    networks: Mapping[float, Likeness]
    names: tuple[str, ...]
    images: int


def similar_classes(n: int) -> None:
    """One sentence with its interval, then the hard map beside the one at alpha."""
    st.subheader(t("bias.similar_heading"), anchor=False)
    found = _alike(n)
    if found is None:
        return
    stops = tuple(found.networks)
    caption_along(stops, [_told(n, alpha or stops[-1], found) for alpha in stops], key="labels_similar", plain=True)
    row(dict(zip(("bias_alike_hard", "bias_alike_soft"), _maps(n, found))), how="bias.how_alike")


def _told(n: int, alpha: float, found: Alike) -> str:
    change = found.networks[alpha].likeliest
    return "\n\n".join([_sentence(n, alpha, found), *([likeliest_in_words(alpha, change, words("bias"))] if change else [])])


def _sentence(n: int, alpha: float, found: Alike) -> str:
    hard, soft = found.networks[0.0], found.networks[alpha]
    difference, low, high = soft.against_hard if soft.against_hard else (0.0, 0.0, 0.0)
    verdict = ("equal", "more", "less")[side(low, high)]
    return t(
        f"bias.similar_{verdict}",
        n=n,
        alpha=numbers.alpha_text(alpha),
        hard=numbers.percent(hard.share, 0),
        soft=numbers.percent(soft.share, 0),
        even=numbers.percent(hard.even, 0),
        difference=numbers.points(difference),
        low=numbers.points(low),
        high=numbers.points(high),
        flat_hard=f"{hard.flatness:.2f}",
        flat=f"{soft.flatness:.2f}",
        images=numbers.whole(found.images),
        seed=networks.shown(n)[0].config.seed,
    )


def likeliest_in_words(alpha: float, change: Change, words: Mapping[str, str]) -> str:
    """Whether smoothing changes which wrong class is likeliest, however flat the rest is."""
    told = {name: numbers.percent(value, 0) for name, value in (("hard", change.first), ("soft", change.second))}
    ends = {
        name: numbers.points(value)
        for name, value in (("difference", change.difference), ("low", change.low), ("high", change.high))
    }
    return words[f"likeliest_{change.moved}"].format(alpha=numbers.alpha_text(alpha), **told, **ends)


@of_store(max_entries=8, words=True)
def _alike(n: int) -> Alike | None:
    """None below three classes, where no two classes are of one kind, or where the hard network is missing."""
    kinds = [superclass(k) for k in range(n)] if 3 <= n <= len(CLASS_ORDER) else []
    if len(set(kinds)) == len(kinds):
        return None
    groups = np.array([list(SUPERCLASSES).index(kind) for kind in kinds])
    by_alpha: dict[float, Likeness] = {}
    names: tuple[str, ...] = ()
    hard, hard_top, images = None, np.empty(0), 0
    for run in networks.shown(n):
        try:
            arrays = networks.arrays(run.id)
            logits, labels = arrays["test_logits"], arrays["test_labels"].astype(int)
            spread = off_target(logits, labels)
        except LsvizError:
            continue  # the page names damaged runs already
        share, even = share_of_alike(spread, labels, groups)
        names, drawn = _drawn(mean_off_target(logits, labels), groups)
        top, apart, likeliest = likeliest_is_alike(spread, labels, groups), None, None
        if run.config.alpha == 0:
            hard, hard_top, images = share, top, len(share)
        elif hard is not None and len(hard) == len(share):
            apart = mean_interval(share - hard)
            likeliest = Change("likeliest", float(hard_top.mean()), float(top.mean()), *mean_interval(top - hard_top)[1:])
        shared, spread_out, flat = (float(values.mean()) for values in (share, even, flatness(spread)))
        by_alpha[run.config.alpha] = Likeness(drawn, shared, spread_out, flat, apart, likeliest)
    return Alike(by_alpha, names, images) if 0.0 in by_alpha and len(by_alpha) > 1 else None


def _drawn(mean: np.ndarray, groups: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """The map with look-alikes side by side; of many classes, summed over columns and averaged over rows by superclass."""
    if len(groups) > _SINGLE:
        kinds = np.unique(groups)
        one_of = (groups[:, None] == kinds).astype(float)
        return tuple(superclass_name(list(SUPERCLASSES)[k]) for k in kinds), (one_of / one_of.sum(axis=0)).T @ mean @ one_of
    first = {group: int(np.argmax(groups == group)) for group in groups}
    order = sorted(range(len(groups)), key=lambda k: (first[groups[k]], k))
    drawn = mean[np.ix_(order, order)].copy()
    np.fill_diagonal(drawn, np.nan)
    return tuple(class_name(CLASS_ORDER, k) for k in order), drawn


@of_store(max_entries=8, words=True)
def _maps(n: int, _found: Alike) -> tuple[LiveFigure, ...]:
    top = darkest(_found.networks[0.0].map)
    return tuple(likeness_figure(_found.networks, _found.names, words("bias"), top=top, pinned=pinned) for pinned in (True, False))
