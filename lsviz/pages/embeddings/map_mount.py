"""Two maps of the same images beside each other, drawn in the browser from binary files that it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.runtime import get_instance

from lsviz.ui.assets import served_component

_map = served_component("lsviz_map", "map", waiting_height="420px")


def file_address(content: bytes, name: str) -> str:
    """Where the browser finds `content`: the same address for the same bytes, so that it is fetched once. `name` is unlike any other of the page."""
    return get_instance().media_file_mgr.add(content, "application/octet-stream", f"lsviz.map.{name}")


def two_maps(
    data: Mapping[str, object], *, key: str, picked: Callable[[int], None], pinned: Callable[[tuple[int, ...]], None]
) -> None:
    """Mount them. `picked` hears the image (its row in the official file) whose card is opened, -1 when it is closed;
    `pinned` the classes, from 1, that are pinned."""

    def hear() -> None:
        said = st.session_state[key].get("picked")
        if isinstance(said, int) and not isinstance(said, bool):
            picked(said)

    def hear_pins() -> None:
        said = st.session_state[key].get("pinned")
        if isinstance(said, list) and all(isinstance(k, int) and 0 <= k < 100 for k in said):
            pinned(tuple(k + 1 for k in said))

    _map(key=key, data=data, on_picked_change=hear, on_pinned_change=hear_pins)
