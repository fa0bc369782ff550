"""Glossary: every term in a sentence, with its formula, where it is shown and who named it; searchable."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.texts.catalogue import t, words
from lsviz.texts.terms import TERMS


def found(asked: str) -> list[str]:
    """The terms whose name or sentence holds what is asked, whatever its case."""
    said = lambda term: f"{t(f'glossary_name.{term}')} {t(f'glossary_says.{term}')}".casefold()
    return [term for term in TERMS if asked.strip().casefold() in said(term)]


def render() -> None:
    st.title(t("glossary.title"), anchor=False)
    st.caption(t("glossary.sub"))
    shown = found(st.text_input(t("glossary.search"), key="glossary_search", max_chars=60))
    if not shown:
        st.text(t("glossary.none"))
    sources = words("glossary_source")
    for term in shown:
        st.subheader(t(f"glossary_name.{term}"), anchor=term)
        st.markdown(t(f"glossary_says.{term}"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.page_link(navigation.file(TERMS[term]), label=t(f"nav.{TERMS[term]}"), icon=":material/arrow_forward:")
            if term in sources:
                st.caption(sources[term], width="content")


if __name__ == "__main__":
    render()
