"""One button for every file that a page gives away: made on the click, in the language of the page, when no session runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lsviz.texts.catalogue import later

ICON = ":material/download:"


def save_button(
    label: str, make: Callable[[], str | bytes], file: str, kind: str, *, icon: str | None = ICON, **options: Any
) -> None:
    """A button that saves what `make` gives as `file`; `kind` is its media type.

    `make` runs after the page's run and outside of any session: what it needs of the view, it takes when it is offered.
    """
    st.download_button(label, later(make), file, kind, on_click="ignore", icon=icon, **options)
