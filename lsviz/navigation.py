"""The one list of pages: their names in links, in the menu's order, what the dock offers on each, and where their files lie."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "views"
# name, which is the url path -> what the dock offers there: any alpha ("closed"), the trained ones ("stored"), the lab's ("lab"), or no dock
PAGES = {
    "overview": "closed",
    "targets": "closed",
    "loss": "closed",
    "reliability": "stored",
    "embeddings": "stored",
    "bias": "stored",
    "costs": "stored",
    "lab": "lab",
    "yours": "none",
    "networks": "none",
}
FIRST = next(iter(PAGES))  # Streamlit serves it at "/"
WARM_UP = "warm"  # a page that is not for readers


def names() -> tuple[str, ...]:
    """Every page a reader can open, in order."""
    return tuple(PAGES)


def file(name: str) -> str:
    """The file of the page `name`, as st.Page, st.page_link and st.switch_page want it, whatever script the app was started from."""
    return str(FOLDER / f"{name}.py")
