"""Colours of the hundred classes: a hue a superclass, a shade a class, the same in both themes; and of what is counted of fifteen.

Found by search: every shade has a contrast of 3 on either ground, every word 5; hues whose superclasses lie next to each other on the maps are
furthest apart, also for readers who see no red, green or blue (`tests/figures/test_map_colors.py` measures it).
"""

from __future__ import annotations

from functools import lru_cache

from lsviz.core.classes import superclass

# superclass -> its five shades, then its name's colour on light and on dark
FAMILIES: dict[str, tuple[str, ...]] = {
    "aquatic_mammals": ("#017063", "#057066", "#087870", "#0d807b", "#058987", "#087870", "#099990"),
    "fish": ("#058bbd", "#1192cc", "#0f9add", "#149ce7", "#039bf1", "#0c74a7", "#0f9add"),
    "flowers": ("#e3349e", "#f530a0", "#fe40a0", "#fe529d", "#fd5696", "#d40b7f", "#fe40a0"),
    "food_containers": ("#b56b58", "#c07158", "#cb7859", "#ce815f", "#ca8460", "#a75739", "#cb7859"),
    "fruit_and_vegetables": ("#7c7d02", "#808602", "#839005", "#859a0b", "#819f04", "#697402", "#839005"),
    "household_electrical_devices": ("#746237", "#736233", "#7a6a37", "#7f7242", "#847b4e", "#7a6a37", "#988754"),
    "household_furniture": ("#2a70df", "#3975f0", "#4a7afd", "#5e81ff", "#708afe", "#3562e8", "#5382fd"),
    "insects": ("#58684b", "#55694b", "#566d4f", "#5d7559", "#647c63", "#566d4f", "#768e6e"),
    "large_carnivores": ("#a44807", "#a14a01", "#a35105", "#aa5a0b", "#b26207", "#a35105", "#d26a0d"),
    "large_man_made_outdoor_things": ("#ba1581", "#c0037c", "#cd087d", "#d91b7d", "#df347e", "#cd087d", "#f7349c"),
    "large_natural_outdoor_scenes": ("#0967a8", "#0265b0", "#0167c0", "#016bd8", "#2c72de", "#0167c0", "#0887f7"),
    "large_omnivores_and_herbivores": ("#a521b6", "#ae08b5", "#b60db4", "#c31bb6", "#cb33b4", "#b60db4", "#e03adc"),
    "medium_sized_mammals": ("#ee3717", "#f74309", "#fd530a", "#fd6217", "#f9670c", "#c84007", "#fd530a"),
    "non_insect_invertebrates": ("#4e4ce9", "#5745f1", "#6442ff", "#714ffd", "#7f5afc", "#6442ff", "#7e78fd"),
    "people": ("#6a5d80", "#6c5d81", "#746187", "#7d688c", "#857091", "#746187", "#9581a9"),
    "reptiles": ("#70886d", "#759075", "#7a997d", "#7c9c82", "#7d9c85", "#57755a", "#7a997d"),
    "small_mammals": ("#be5bbe", "#ce5ec5", "#dd60cb", "#e167c6", "#e06abe", "#b438a4", "#dd60cb"),
    "trees": ("#048c28", "#10943e", "#129c4f", "#07a55d", "#05a968", "#097d3e", "#129c4f"),
    "vehicles_1": ("#85605c", "#8e6761", "#986e65", "#9e776c", "#a48074", "#8e665d", "#a77d74"),
    "vehicles_2": ("#797796", "#837da0", "#8c84a9", "#958cae", "#9a8fb0", "#726a8d", "#8c84a9"),
}
# none of fifteen neighbours kept, one, ... all: from ten on nothing is worth a look
KEPT = (
    "#d60a31",
    "#d32e43",
    "#cd4553",
    "#c65560",
    "#c0626c",
    "#b96e76",
    "#b2777e",
    "#ab8085",
    "#a5878b",
    "#9f8d8f",
    "#9b9192",
    "#9b9192",
    "#9b9192",
    "#9b9192",
    "#9b9192",
    "#9b9192",
)


def key_of(family: str) -> str:
    """A superclass's name as a key of FAMILIES and of texts."""
    return family.replace(" ", "_").replace("-", "_")


def middle(family: str) -> str:
    """The superclass's own colour: the middle of its five shades."""
    return FAMILIES[key_of(family)][2]


@lru_cache(maxsize=128)
def shade(position: int) -> str:
    """Colour of the class at this place (from 0) of the nested order, where it stands for itself among its superclass."""
    family = superclass(position)
    place = sum(superclass(k) == family for k in range(position))
    return FAMILIES[key_of(family)][place]


def spread_out(position: int) -> str:
    """Colour of any of a hundred classes that have no superclasses: twenty hues in turn, then their other shades."""
    families = list(FAMILIES.values())
    return families[position % len(families)][(2, 0, 4, 1, 3)[position // len(families) % 5]]


def inks(family: str) -> tuple[str, str]:
    """Colours of words about this superclass, on light and on dark."""
    return FAMILIES[key_of(family)][5], FAMILIES[key_of(family)][6]


def readable(color: str, contrast: float) -> tuple[str, str]:
    """`color` darkened for light ground and lightened for dark until words in it have this contrast (WCAG)."""
    return _towards(color, "#000000", "#ffffff", contrast), _towards(color, "#ffffff", "#14161a", contrast)


def _towards(color: str, end: str, ground: str, contrast: float) -> str:
    for step in range(21):
        mixed = "#" + "".join(f"{round(a + (b - a) * step / 20):02x}" for a, b in zip(_channels(color), _channels(end)))
        if contrast_of(mixed, ground) >= contrast:
            return mixed
    return end


def contrast_of(a: str, b: str) -> float:
    """Contrast of two colours by WCAG 2, from 1 to 21."""
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * blue for r, g, blue in (map(_linear, _channels(c)) for c in (a, b)))
    return (high + 0.05) / (low + 0.05)


def _channels(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
