"""Maps of the same images beside each other, drawn in the browser from binary files that it keeps; what it is told of their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.runtime import get_instance

from lsviz.core.classes import CLASS_ORDER, SUPERCLASSES, superclass
from lsviz.figures import theme
from lsviz.figures.clusters import RIGHT, WRONG, shade
from lsviz.pages.embeddings import map_colors
from lsviz.texts.catalogue import class_name, superclass_name, t, words
from lsviz.ui.assets import served_component

FAMILIES_FROM = 11  # classes: from here on a hue stands for a superclass, and a shade for a class
READABLE = 5.0  # contrast of a class's name on the ground

_map = served_component("lsviz_map", "map", waiting_height="420px")


def file_address(content: bytes, name: str) -> str:
    """Where the browser finds `content`: the same address for the same bytes, so that it is fetched once. `name` is unlike any other of the page."""
    return get_instance().media_file_mgr.add(content, "application/octet-stream", f"lsviz.map.{name}")


def mount(
    data: Mapping[str, object],
    *,
    key: str,
    picked: Callable[[int], None],
    pinned: Callable[[tuple[int, ...]], None],
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


# ---- what it is told of classes -------------------------------------------------------------------------------------


def of_classes(n: int) -> dict[str, object]:
    """The first n classes of CIFAR-100 in our order, their superclasses where there are many, and all the words and colours of a map."""
    wide = n >= FAMILIES_FROM
    names = sorted(SUPERCLASSES)
    return {
        "classes": [_class(k, wide, names) for k in range(n)], "families": [_family(name) for name in names] if wide else [],
        "fifteen": list(map_colors.KEPT), "words": _words(n), "ramps": _ramps(), "shades": [shade(i / 31) for i in range(32)],
        "answer_colors": [shade(RIGHT), WRONG],
    }  # fmt: skip


def _class(k: int, wide: bool, names: Sequence[str]) -> dict[str, object]:
    own = map_colors.shade(k) if wide else theme.class_color(k)
    ink = map_colors.inks(superclass(k)) if wide else map_colors.readable(own, READABLE)
    return {
        "name": class_name(CLASS_ORDER, k),
        "color": own,
        "ink": list(ink),
        "family": names.index(superclass(k)) if wide else -1,
    }


def _family(name: str) -> dict[str, object]:
    return {
        "name": superclass_name(name),
        "short": t(f"map.short.{map_colors.key_of(name)}"),
        "color": map_colors.middle(name),
        "ink": list(map_colors.inks(name)),
    }


def _words(n: int) -> dict[str, str]:
    said = words("map")
    used = (
        "find", "unpin", "outline", "whole", "unread", "close", "image", "answers_right", "answers_wrong", "nearest", "kept_of", "read_kept", "read_right",
        "read_wrong", "hint", "hint_lines", "hint_phone",
    )  # fmt: skip
    return {name: said[name] for name in used} | {"canvas": t("map.canvas", n=n)}


def _ramps() -> dict[str, list]:
    """Colouring -> what its ramp's ends mean, and its colours where they are not those of the fifteen."""
    pale = [shade(i / 7) for i in range(8)]
    ends = lambda name: [t(f"map.{name}_low"), t(f"map.{name}_high")]
    return {
        "kept": [*ends("kept"), None], "intruders": [*ends("intruders"), None], "confidence": [*ends("confidence"), pale], "moved": [*ends("moved"), pale],
        "right": [*ends("right"), [shade(RIGHT), WRONG]],
    }  # fmt: skip
