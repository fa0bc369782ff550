"""Where the names of clusters stand: at the edge of their points, clear of each other, on wide panels and on phones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.figures.numbers import letters

Place = tuple[float, float]

# Sizes of a 13 px name as shares of half a panel's side: 156 px on a wide screen, 84 px on a phone.
_WIDE = (0.023, 0.11)  # half a letter's width, a line's height
_PHONE = (0.043, 0.2)
_ASTRAY = 3.5  # lines a name may move away from its cluster before it is better left out


@dataclass(frozen=True)
class Names:
    """`places[s][k]`: where the name of class k stands at stop s, its lower edge in the middle; which are legible, and which on a phone.

    A name is shown at every stop or at none, so that none blinks while alpha is dragged.
    """

    places: tuple[tuple[Place, ...], ...]
    legible: tuple[bool, ...]
    on_phones: tuple[bool, ...]


def above_clusters(
    clouds: Sequence[Sequence[NDArray[np.float64]]], names: Sequence[str], radii: Sequence[float], size: float = 1
) -> Names:
    """Names above their clusters: `clouds[s][k]` (n, 2) are the points of class k at stop s, `radii[s]` half the panel's side.

    `size` is how much larger the names are beside the panel than in one of the usual height.
    """
    wanted = [[_upper_edge(own) for own in clouds_at] for clouds_at in clouds]
    widths = np.array([letters(name) for name in names], float)
    places = [list(at) for at in wanted]
    kept = list(range(len(names)))
    while True:
        for s, (at, r) in enumerate(zip(wanted, radii)):
            for k, place in zip(kept, apart([at[k] for k in kept], size * _WIDE[0] * widths[kept] * r, size * _WIDE[1] * r)):
                places[s][k] = place
        astray = [max((at[k][1] - w[k][1]) / r for at, w, r in zip(places, wanted, radii)) for k in kept]
        if max(astray) <= _ASTRAY * _WIDE[1]:  # in panels, not in lines: a small panel keeps fewer names
            break
        kept.pop(int(np.argmax(astray)))  # the one farthest off makes room for the others
    legible = [k in kept for k in range(len(names))]
    on_phones: list[bool] = []
    for k in range(len(names)):
        free = all(
            not _touch(at[k], at[j], _PHONE[0] * (widths[k] + widths[j]) * r, _PHONE[1] * r)
            for at, r in zip(places, radii)
            for j in range(k)
            if on_phones[j]
        )
        on_phones.append(legible[k] and free)
    return Names(tuple(map(tuple, places)), tuple(legible), tuple(on_phones))


def beyond_clouds(cloud: Sequence[NDArray[np.float64]], names: Sequence[str], centre: NDArray, radius: float) -> list[Place]:
    """Names of three classes beyond the outer ends of their clouds (n, 2), inside the panel even on a phone; their middles."""
    means = np.stack([own.mean(axis=0) for own in cloud])
    away = means - means.mean(axis=0)
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)
    reach = [np.quantile(own @ way, 0.97) for own, way in zip(cloud, away)]
    spots = means + away * (np.array(reach) - (means * away).sum(axis=1))[:, None]
    spots += away * radius * np.array([0.14, 0.09])
    room = np.stack([0.97 - 1.15 * _PHONE[0] * np.array([letters(name) for name in names]), np.full(len(names), 0.9)], axis=1)
    return [(float(x), float(y)) for x, y in np.clip(spots, centre - room * radius, centre + room * radius)]


def apart(places: Sequence[Place], half_widths: Sequence[float] | NDArray[np.float64], height: float) -> list[Place]:
    """Names moved up until none covers another; the lowest keep their place."""
    settled: dict[int, Place] = {}
    for i in sorted(range(len(places)), key=lambda i: places[i][1]):
        x, y = places[i]
        while any(_touch((x, y), other, half_widths[i] + half_widths[j], height) for j, other in settled.items()):
            y += height / 4
        settled[i] = (x, y)
    return [settled[i] for i in range(len(places))]


def _touch(one: Place, other: Place, width: float, height: float) -> bool:
    return abs(one[0] - other[0]) < width and abs(one[1] - other[1]) < height


def _upper_edge(own: NDArray[np.float64]) -> Place:
    """Above the middle of a cluster, at the top of its denser half: strays do not carry the name away."""
    middle = np.median(own, axis=0)
    distance = np.abs(own - middle).max(axis=1)
    return float(middle[0]), float(own[distance <= 2 * np.median(distance), 1].max())
