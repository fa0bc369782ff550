"""Maps of the same images beside each other, drawn in the browser from binary files that it keeps; what it is told of their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime import get_instance

from lsviz.core.classes import CLASS_ORDER, SUPERCLASSES, superclass
from lsviz.core.settling import Maps
from lsviz.core.temperature import apply_temperature
from lsviz.core.umap_descent import EVERY
from lsviz.figures import map_colors, numbers, theme
from lsviz.figures.clusters import RIGHT, WRONG, shade
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
    picked: Callable[[int], None] = lambda image: None,
    pinned: Callable[[tuple[int, ...]], None] = lambda classes: None,
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


def answers_of(logits: NDArray) -> NDArray[np.uint8]:
    """The answers to n images by their logits (n, K), and their probability in steps of 1/255 (2, n)."""
    return np.stack([logits.argmax(axis=1), np.round(255 * apply_temperature(logits, 1.0).max(axis=1))]).astype(np.uint8)


def settling(
    laid: Maps,
    named: Sequence[Mapping[str, object]],
    index: NDArray,
    labels: NDArray,
    answers: Sequence[NDArray[np.uint8]],
    prefix: str,
) -> dict[str, object]:
    """What the viewer is told of maps on their way, one a panel: their frames so far, and of every image its row `index`, class and `answers_of` (2, n).

    `named` gives each network's id, alpha and name. Files are named anew at every look, or they would be dropped; a frame that has come keeps its address.
    """
    address = lambda content, name: file_address(content, f"{prefix}.{name}")
    listed = []
    for i, (one, known, answered) in enumerate(zip(laid, named, answers)):
        kept = dict(one.kept)
        said = {name: numbers.percent(kept[name], 0) for name in ("knn", "true")} if kept else {}
        listed.append(
            {
                **known, "said": t("umap.said", **said) if said else "", "unit": one.frames[0][1],
                "frames": [[address(frame, f"{i}.{at}"), unit] for at, (frame, unit) in enumerate(one.frames)],
                "picture": address(one.frames[0][0] + answered.tobytes(), f"{i}.picture"), "near": address(one.near, f"{i}.near") if one.near else None,
            }
        )  # fmt: skip
    most = max(len(one.frames) for one in laid)
    last = len(laid[0].frames) - 1
    return {
        "networks": listed, "count": len(index), "panels": [[i] for i in range(len(laid))], "image": None, "pins": [], "pictures": None, "lifts": False,
        "images": address(index.astype("<u4").tobytes() + labels.astype(np.uint8).tobytes(), "images"),
        "film": {"labels": [t("umap.frame", epoch=EVERY * at) for at in range(most)], "first": prefix, "start": -1 if last else 0},
    }  # fmt: skip


# ---- what it is told of classes -------------------------------------------------------------------------------------


def of_classes(n: int) -> dict[str, object]:
    """The first n classes of CIFAR-100 in our order, their superclasses where there are many, and all the words and colours of a map."""
    wide = n >= FAMILIES_FROM
    names = sorted(SUPERCLASSES)
    return _common(n) | {
        "classes": [_class(k, wide, names) for k in range(n)],
        "families": [_family(name) for name in names] if wide else [],
    }


def of_names(names: Sequence[str]) -> dict[str, object]:
    """Classes of somebody's own, at most a hundred, by their names."""
    shades = [theme.class_color(k) if len(names) < FAMILIES_FROM else map_colors.spread_out(k) for k in range(len(names))]
    classes = [
        {"name": name, "color": own, "ink": list(map_colors.readable(own, READABLE)), "family": -1}
        for name, own in zip(names, shades)
    ]
    return _common(len(names)) | {"classes": classes, "families": []}


def _common(n: int) -> dict[str, object]:
    return {
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
        "read_wrong", "hint", "hint_lines", "hint_phone", "play", "pause", "scrub",
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
