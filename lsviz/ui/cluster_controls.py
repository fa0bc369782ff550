"""What the pictures on Embeddings show: projection, images, scale, and the three classes of the plane."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import theme
from lsviz.state import COLORS, PLANE_TRIO
from lsviz.ui import controls
from lsviz.ui.pictures import gallery_runs
from lsviz.ui.texts import class_name, t

VIEWS = ("plane", "pca", "umap")
ALIKE = (8, 9, 10)  # maple tree, oak tree, rocket: two look-alikes and one that is not, as in Müller et al. 2019, fig. 1, third row


def cluster_controls(n: int) -> str:
    """The controls above the pictures; returns the projection asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        view = controls.choose("view", VIEWS, "embeddings.view", label=t("embeddings.view_label"))
        controls.choose("split", ("test", "train"), "embeddings.split", label=t("embeddings.split_label"))
        if view == "umap":
            st.caption(t("embeddings.umap_says"), width="content")
        else:
            controls.toggle("same_scale", t("embeddings.same_scale"))
        controls.toggle("strip", t("embeddings.strip"))
        controls.toggle("lasso", t("embeddings.lasso"))
        controls.pick("color", COLORS, t("embeddings.color_label"), lambda by: t(f"embeddings.color.{by}"), width=190)
        if not controls.view_state().strip:
            alphas = [run.config.alpha for run in gallery_runs(n)]
            pin = controls.view_state().pin
            named = lambda a: t("embeddings.pin", alpha=t("embeddings.tick_hard") if a == 0 else f"α = {theme.alpha_text(a)}")
            controls.pick("pin", alphas, t("embeddings.pin_label"), named, pin if pin in alphas else alphas[0], width=170)
        if view == "plane" and n > 3:
            name = lambda k: class_name(CLASS_ORDER, k - 1)
            controls.pick_three("classes", range(1, n + 1), t("embeddings.classes_label"), name)
            if n >= max(ALIKE):
                alike = controls.view_state().classes == ALIKE
                other = PLANE_TRIO if alike else ALIKE
                label = t("embeddings.preset_muller" if alike else "embeddings.preset_alike")
                st.button(label, on_click=controls.update, kwargs={"classes": other}, type="tertiary")
    return view
