"""The hundred colours: each seen on both grounds, superclasses told apart by every kind of eye."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from lsviz.core.classes import SUPERCLASSES, superclass
from lsviz.figures import map_colors

GROUNDS = ("#ffffff", "#14161a")
# Machado et al. 2009, severity 1: what is left of linear red, green and blue
EYES = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(color: str, eye: str) -> np.ndarray:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(EYES[eye]) @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_every_class_has_a_shade_of_its_superclass_and_no_two_are_alike():
    shades = [map_colors.shade(k) for k in range(100)]
    assert len(set(shades)) == 100
    assert all(shade in map_colors.FAMILIES[map_colors.key_of(superclass(k))][:5] for k, shade in enumerate(shades))
    assert set(map_colors.FAMILIES) == {map_colors.key_of(name) for name in SUPERCLASSES}


@pytest.mark.parametrize("ground", GROUNDS)
def test_dots_and_words_are_seen_on_both_grounds(ground):
    assert min(map_colors.contrast_of(map_colors.shade(k), ground) for k in range(100)) >= 3
    words = [map_colors.inks(family)[GROUNDS.index(ground)] for family in SUPERCLASSES]
    assert min(map_colors.contrast_of(word, ground) for word in words) >= 4.5


@pytest.mark.parametrize(("eye", "least"), [("normal", 13), ("protan", 6), ("deutan", 6), ("tritan", 9)])
def test_superclasses_are_told_apart_and_the_ends_of_the_scale_are_far_apart(eye, least):
    middles = [lab(map_colors.middle(family), eye) for family in SUPERCLASSES]
    assert min(np.linalg.norm(a - b) for a, b in combinations(middles, 2)) > least
    assert np.linalg.norm(lab(map_colors.KEPT[0], eye) - lab(map_colors.KEPT[-1], eye)) > 30


def test_a_name_is_darkened_or_lightened_until_it_can_be_read():
    for color in ("#a08a00", "#9982f8", "#04755b"):
        light, dark = map_colors.readable(color, 5)
        assert map_colors.contrast_of(light, "#ffffff") >= 5 and map_colors.contrast_of(dark, "#14161a") >= 5
    assert map_colors.contrast_of("#000000", "#ffffff") == pytest.approx(21)
    assert map_colors.contrast_of("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's own example
