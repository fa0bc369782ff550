"""The pages by name: their files, for navigation and links, whatever script the app was started from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "views"
SERVICE = ("warm",)  # pages that are not for readers


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Every page a reader can open."""
    return tuple(sorted(path.stem for path in FOLDER.glob("[a-z]*.py") if path.stem not in SERVICE))


def file(name: str) -> str:
    """The file of the page `name`, as st.Page, st.page_link and st.switch_page want it."""
    return str(FOLDER / f"{name}.py")
