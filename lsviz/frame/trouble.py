"""What a visitor is told when a page fails: a sentence and what to do. The details are the server's, in its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lsviz.texts.catalogue import t


@contextmanager
def told() -> Iterator[None]:
    """Say so when something inside fails, above Streamlit's own notice, and let it fail: Streamlit logs it."""
    try:
        yield
    except Exception:
        st.text(t("app.failed"))
        raise
