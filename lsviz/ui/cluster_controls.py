"""What the pictures on Embeddings show: projection, images, scale, and the three classes of the plane."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.ui import controls
from lsviz.ui.texts import class_name, t

VIEWS = ("plane", "pca", "umap")


def cluster_controls(n: int) -> str:
    """The controls above the pictures; returns the projection asked for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        view = controls.choose("view", VIEWS, "embeddings.view", label=t("embeddings.view_label"))
        controls.choose("split", ("test", "train"), "embeddings.split", label=t("embeddings.split_label"))
        if view == "umap":
            st.caption(t("embeddings.umap_says"), width="content")
        else:
            controls.toggle("same_scale", t("embeddings.same_scale"))
        if view == "plane" and n > 3:
            name = lambda k: class_name(CLASS_ORDER, k - 1)
            controls.pick_three("classes", range(1, n + 1), t("embeddings.classes_label"), name)
    return view
