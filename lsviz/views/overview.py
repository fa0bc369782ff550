"""Overview: the story in five live pictures, each a door to its page in the same state."""

from __future__ import annotations

import streamlit as st

from lsviz.core import smoothing
from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import loss, targets, theme
from lsviz.figures.embeddings import cluster_figure
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.state import closed_form_stops
from lsviz.ui import controls, pages, zoo
from lsviz.ui.calibrated import measured
from lsviz.ui.cluster_numbers import spread_rows
from lsviz.ui.foot import ICONS
from lsviz.ui.pictures import gallery, gallery_runs
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.texts import class_name, t, words

STOPS = closed_form_stops()
TRIO = (0, 1, 2)
FEW = 5  # rows of the first picture


@st.cache_resource(max_entries=32, show_spinner=False)
def closed_forms(n: int) -> tuple[LiveFigure, LiveFigure]:
    names = [class_name(CLASS_ORDER, k) for k in targets.rows_shown(n, 0, FEW)[0]]
    bars = targets.targets_figure(STOPS, n, 0, names, words("targets"), most_rows=FEW)
    return bars.resized(300), loss.descent_figure(STOPS, n, words("loss")).resized(340)


@st.cache_resource(max_entries=8, show_spinner=False)
def measurements(stamp: str, n: int) -> dict[str, LiveFigure]:
    """The pictures of the stored networks; one that cannot be drawn is left out."""
    made = {}
    found = measured(n)
    if found.networks:
        made["reliability"] = reliability_figure(found.networks, 15, "uniform", words("reliability")).resized(430)
        made["costs"] = trend_figure(found.networks, found.seeds, words("reliability")).resized(430)
    shown = gallery(n, "plane" if n >= 3 else "pca", "train", TRIO)
    if shown.pictures:
        made["embeddings"] = cluster_figure(shown.pictures, shown.names, shown.places, words("embeddings"))
    return made


def scene(name: str, live: LiveFigure | None, page: str, **values: str) -> None:
    text, picture = st.columns([4, 8], gap="large", vertical_alignment="center")
    with text:
        st.subheader(t(f"overview.scene_{name}"), anchor=False)
        st.markdown(t(f"overview.text_{name}", **values))
        closed = name in ("targets", "loss")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            source = "closed" if closed else "measured"
            st.badge(t("badge.closed" if closed else "badge.measured_one"), icon=ICONS[source], color="gray")
            st.page_link(pages.file(page), label=t(f"overview.go_{name}"), icon=":material/arrow_forward:", width="content")
    with picture:
        live_plot(live, key=f"overview_{name}") if live else zoo.sorry(300)


def said(n: int) -> dict[str, dict[str, str]]:
    """The measured numbers of the texts, worked out from the stored runs."""
    found, runs = measured(n).networks, gallery_runs(n)
    made: dict[str, dict[str, str]] = {}
    if 0.0 in found:
        best = min(found, key=lambda alpha: found[alpha].ece.ece)
        images = theme.whole(int(zoo.shown(n)[0].facts.get("training_images", 450 * n)))
        hard = theme.points(found[0.0].signed_gap).lstrip("+")
        made["reliability"] = dict(images=images, n=str(n), hard=t("overview.points", points=hard))
        made["costs"] = dict(best=theme.alpha_text(best))
    if runs and n >= 3:
        at = nearest_stop([run.config.alpha for run in runs], 0.1)
        train = next(iter(spread_rows(n, TRIO).values()))
        made["embeddings"] = dict(alpha=theme.alpha_text(runs[at].config.alpha), train=theme.ratio(train[0] / train[at]))
    return made


def render() -> None:
    state = controls.view_state()
    n = zoo.snapped(state.num_classes)
    true, _ = smoothing.target_probabilities(state.num_classes, STOPS)
    key = lambda alpha: "overview.head_hard" if alpha == 0 else "overview.head"
    heads = [t(key(a), alpha=theme.alpha_text(a), true=theme.percent(p)) for a, p in zip(STOPS, true)]
    headline(STOPS, heads, [t("overview.sub")] * len(STOPS))
    bars, descent = closed_forms(state.num_classes)
    scene("targets", bars, "targets")
    scene("loss", descent, "loss")
    pictures, numbers = measurements(zoo.stamp(), n), said(n)
    for name, page in (("reliability", "reliability"), ("embeddings", "embeddings"), ("costs", "networks")):
        if name in pictures and name in numbers:
            scene(name, pictures[name], page, **numbers[name])
    if not pictures:
        zoo.sorry(300)
    elif alphas := zoo.trained(state.num_classes)[0]:
        st.caption(t("overview.snapped", n=n, alphas=", ".join(theme.alpha_text(a) for a in alphas)))


if __name__ == "__main__":
    render()
