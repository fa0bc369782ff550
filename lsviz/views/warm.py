"""Warm-up, ten minutes before class: opens every page for every N once, so that the first student finds everything worked out."""

from __future__ import annotations

import streamlit as st

from lsviz.texts.catalogue import t
from lsviz.ui import warming


def render() -> None:
    st.title(t("warm.title"), anchor=False)
    if (done := warming.finished()) is not None:
        st.markdown(t("warm.done", **done))
    st.markdown(t("warm.about"))
    st.button(t("warm.start"), on_click=warming.start, type="primary", icon=":material/local_fire_department:")


if __name__ == "__main__":
    render()
