"""Re-projection of 2,000 points by the fast path against plain, unseeded `UMAP().fit_transform`; both warm."""

from __future__ import annotations

import time

import numpy as np

from lsviz.core import projection

_N, _D, _K = 2000, 128, 10


def clusters() -> np.ndarray:
    """Ten classes as a trained network lays them: tight, in few directions, with strays between two of them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, _K, _N)
    x = rng.normal(size=(_K, _D))[labels] * 1.2 + rng.normal(size=(_N, _D)) * np.linspace(1, 0.1, _D)
    return x.astype(np.float32)


def timed(work) -> tuple[float, float, np.ndarray]:
    """CPU seconds, wall seconds and the result."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = work()
    return time.process_time() - cpu, time.perf_counter() - wall, made


def rows() -> list[tuple]:
    import umap

    x = clusters()
    near = projection.knn_exact(x, 61)
    plain = lambda: umap.UMAP().fit_transform(x)
    final = lambda: projection.umap_layout(x)  # exact neighbours included
    plain(), projection.umap_layout(x[:300])  # compile both paths
    base = timed(plain)
    first = timed(final)
    preview = timed(lambda: projection.umap_layout(x, quality="preview", neighbors=near))
    warm = timed(lambda: projection.umap_layout(x, init=first[2], quality="warm", neighbors=near))
    kept = projection.trustworthiness(x, base[2])
    made = []
    for name, (cpu, wall, layout), least, worst in (
        ("final, neighbours included", first, 2, 0.005), ("preview", preview, 4, 0.01), ("warm", warm, 10, 0.015),
    ):  # fmt: skip
        lost = kept - projection.trustworthiness(x, layout)
        ours = f"CPU {cpu:.2f} s, wall {wall:.2f} s, trust {kept - lost:.3f}"
        other = f"UMAP(): CPU {base[0]:.2f} s, wall {base[1]:.2f} s, trust {kept:.3f}"
        made.append((f"UMAP of 2,000 points, {name}", ours, other, base[0] / cpu, f">= {least}x, trust within {worst}"))
    return made
