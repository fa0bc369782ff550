"""What the pictures on Embeddings show: projection, images, scale, and the three classes of the plane."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import numbers
from lsviz.pages.embeddings.side_by_side import Sides
from lsviz.state import COLORS, ONLY_ON_MAPS, PLANE_TRIO, VIEWS
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, t
from lsviz.ui import controls
from lsviz.zoo.pictures import comparable, run_name

_LIES = "map_lies"
ALIKE = (8, 9, 10)  # maple tree, oak tree, rocket: two look-alikes and one that is not, as in Müller et al. 2019, fig. 1, third row


def cluster_controls(n: int, two: Sides) -> str:
    """The controls above the pictures, rarer ones in a menu; returns the projection asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        view = controls.choose("view", VIEWS, "embeddings.view", label=t("embeddings.view_label"))
        controls.choose("split", ("test", "train"), "embeddings.split", label=t("embeddings.split_label"))
        if view != "umap":
            controls.toggle("same_scale", t("embeddings.same_scale"))
        else:
            _where_it_lies()
        if controls.offers("controls"):
            with st.popover(t("embeddings.more"), type="tertiary"):
                if view in ("plane", "all") and n >= max(ALIKE):
                    _preset()
                _more(n, two)
        if view in ("plane", "all") and n > 3:
            controls.pick_three("classes", range(1, n + 1), t("embeddings.classes_label"), lambda k: class_name(CLASS_ORDER, k - 1))
    return view


def _where_it_lies() -> None:
    """The colour that says which neighbourhoods of a map are true, a press away from that of the classes."""
    if not controls.offers("controls"):
        return
    st.session_state[_LIES] = controls.view_state().color == "kept"
    st.toggle(t("map.lies"), key=_LIES, on_change=lambda: controls.update(color="kept" if st.session_state[_LIES] else "class"))


def _preset() -> None:
    """The two trios of Müller et al. 2019, fig. 1, each a click away from the other."""
    other = PLANE_TRIO if controls.view_state().classes == ALIKE else ALIKE
    label = t("embeddings.preset_muller" if other == PLANE_TRIO else "embeddings.preset_alike")
    st.button(label, on_click=controls.update, kwargs={"classes": other}, width="stretch")


def _more(n: int, two: Sides) -> None:
    """Which networks, what colours the images, all alphas at once, marking."""
    if not controls.view_state().strip:
        _networks(n, two)
    state = controls.view_state()
    on_map = state.view == "umap"
    offered = COLORS if on_map else tuple(by for by in COLORS if by not in ONLY_ON_MAPS)
    controls.pick(
        "color",
        offered,
        t("embeddings.color_label"),
        lambda by: t(f"embeddings.color.{by}"),
        state.color if state.color in offered else "class",
    )
    controls.toggle("strip", t("embeddings.strip"))
    if not on_map:
        controls.toggle("lasso", t("embeddings.lasso"))


def _networks(n: int, two: Sides) -> None:
    """Any network of this N on the left; on the right another, or, first of the list, the one that follows alpha."""
    known = {run.id: _called(run) for run in comparable(n)}
    controls.pick("first", list(known), t("embeddings.left_label"), lambda run: t("embeddings.left", name=known[run]), two.left)
    follows = lambda run: t("embeddings.right", name=known[run]) if run else t("embeddings.right_alpha")
    controls.pick("second", ["", *known], t("embeddings.right_label"), follows, two.right)


def _called(run: RunRecord) -> str:
    hard = run.config.alpha == 0
    return run_name(run) or (
        t("embeddings.tick_hard") if hard else t("embeddings.number_soft", alpha=numbers.alpha_text(run.config.alpha))
    )
