"""Two prices on Costs: NLL for never claiming certainty, and what features still tell of classes the network never saw."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lsviz.core.intervals import share_difference, side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.pages.costs import price_figures
from lsviz.pages.costs.measured import losses, probes
from lsviz.store.published import published
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.shown import figure, row
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store

PROBE_IMAGES = 2000  # the test images of the 20 held-out classes, 100 each
MOST_CLASSES = 80  # of a network that leaves those 20 unseen


def price(n: int, tempered: bool) -> None:
    """NLL over alpha beside the tax, and NLL against accuracy; the temperature that repairs both is a switch."""
    if made := _prices(n, tempered):
        controls.toggle("tax_tempered", t("costs.price_switch"))
        row(dict(zip(("costs_tax", "costs_price"), made)))


def transfer(n: int, stops: Sequence[float]) -> None:
    """A linear probe on classes the network never saw, against how far apart its own lie."""
    if n > MOST_CLASSES:
        prose.markdown(t("costs.probe_none", n=n, most=MOST_CLASSES))
        return
    probe = _probe(n)
    if probe is None:
        notices.to_train(t("costs.probe_missing", n=n), "core")
        return
    left, right = st.columns(2, gap="large")
    with left:
        figure(probe, "costs_probe")
    with right:
        at_alpha("costs_probe", lambda now: prose.markdown(_told(n, stops[nearest_stop(stops, now.alpha)])))
        prose.markdown(t("costs.probe_privacy"))


def _told(n: int, alpha: float) -> str:
    """The published probe beside ours, and whether ours settles it and fits the paper's explanation."""
    accuracy, separation = probes(n)
    if not {0.0} < accuracy.keys():
        return ""
    soft = min((a for a in accuracy if a > 0), key=lambda a: abs(a - alpha))
    paper = {entry.setting: entry for entry in published(metric="probe_accuracy")}
    low, high = share_difference(accuracy[0.0], accuracy[soft], PROBE_IMAGES)
    told = [t(f"costs.probe_{('equal', 'gains', 'falls')[side(low, high)]}")]
    against = high < 0 and separation[soft] <= separation[0.0]
    told.append(
        t(
            "costs.probe_separation",
            r_hard=f"{separation[0.0]:.3f}",
            r=f"{separation[soft]:.3f}",
            against=t("costs.probe_against") if against else "",
        )
    )
    return t(
        "costs.probe_text",
        cite=paper["hard"].cite,
        hard=numbers.percent(paper["hard"].value, 1),
        soft=numbers.percent(paper["label smoothing"].value, 1),
        alpha=numbers.alpha_text(soft),
        ours_hard=numbers.percent(accuracy[0.0], 1),
        ours=numbers.percent(accuracy[soft], 1),
        difference=numbers.points(accuracy[soft] - accuracy[0.0]),
        low=numbers.points(low),
        high=numbers.points(high),
        seed=networks.shown(n)[0].config.seed,
        told=" ".join(told),
    )


@of_store(max_entries=8, words=True)
def _prices(n: int, tempered: bool) -> tuple[LiveFigure, LiveFigure] | None:
    paid = losses(n)
    return (
        (
            price_figures.tax_figure(paid, n, words("costs"), tempered=tempered),
            price_figures.price_figure(paid, words("costs"), tempered=tempered),
        )
        if paid
        else None
    )


@of_store(max_entries=8, words=True)
def _probe(n: int) -> LiveFigure | None:
    accuracy, separation = probes(n)
    return price_figures.probe_figure(accuracy, separation, words("costs")) if len(accuracy) > 1 else None
