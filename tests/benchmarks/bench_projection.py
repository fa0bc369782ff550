"""Re-projection by the fast path against plain, unseeded `UMAP().fit_transform`: a stored run and synthetic points, all warm."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from lsviz.core import projection, umap_descent
from lsviz.store import Store

_D, _K = 128, 10
_WORST = {"final, neighbours included": 0.005, "preview": 0.01, "warm": 0.015}


def stored(count: int = 2000) -> np.ndarray:
    """The features (count, d) of training and test images of the N = 10 network at alpha = .1, read as the page reads them."""
    store = Store(Path(__file__).parents[2] / "checkpoints")
    run = next(r for r in store.runs if "train_features" in r.arrays and (r.config.num_classes, r.config.alpha) == (10, 0.1))
    arrays = store.load(run.id)
    return np.vstack([arrays["train_features"], arrays["test_features"]])[:count].astype(np.float32)


def clusters(count: int) -> np.ndarray:
    """Ten classes as a trained network lays them: tight, in few directions, with strays between two of them."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, _K, count)
    x = rng.normal(size=(_K, _D))[labels] * 1.2 + rng.normal(size=(count, _D)) * np.linspace(1, 0.1, _D)
    return x.astype(np.float32)


def timed(work) -> tuple[float, float, np.ndarray]:
    """CPU seconds, wall seconds and the result."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = work()
    return time.process_time() - cpu, time.perf_counter() - wall, made


def compared(what: str, x: np.ndarray, budgets: tuple[float, float, float]) -> list[tuple]:
    """A row each for the final, preview and warm layout of `x`, beside `UMAP()` on the same points."""
    import umap

    near = projection.knn_exact(x, 61)
    base = timed(lambda: umap.UMAP().fit_transform(x))
    final = timed(lambda: projection.umap_layout(x))
    preview = timed(lambda: projection.umap_layout(x, quality="preview", neighbors=near))
    warm = timed(lambda: projection.umap_layout(x, init=final[2], quality="warm", neighbors=near))
    kept = projection.trustworthiness(x, base[2])
    other = f"UMAP(): CPU {base[0]:.2f} s, wall {base[1]:.2f} s, trust {kept:.3f}"
    made = []
    for (name, worst), (cpu, wall, layout), least in zip(_WORST.items(), (final, preview, warm), budgets):
        trust = projection.trustworthiness(x, layout)
        ours = f"CPU {cpu:.2f} s, wall {wall:.2f} s ({base[1] / wall:.1f}x), trust {trust:.3f}"
        made.append((f"UMAP of {what}, {name}", ours, other, base[0] / cpu, f">= {least}x, trust within {worst}"))
    return made


def parts(what: str, x: np.ndarray) -> tuple:
    """A row that says where the time of a final layout goes, against umap-learn's own descent on the same graph."""
    from umap.umap_ import (
        find_ab_params,
        fuzzy_simplicial_set,
        simplicial_set_embedding,
    )

    near_cpu, _, near = timed(lambda: projection.knn_exact(x, 15))
    flat_cpu, _, flat = timed(lambda: projection.pca(x).scores)
    start = (flat / np.abs(flat).max() * 10).astype(np.float32)
    graph_cpu, _, graph = timed(
        lambda: fuzzy_simplicial_set(x, 15, np.random.RandomState(42), "euclidean", knn_indices=near[0], knn_dists=near[1])[0]
    )
    (a, b), epochs = find_ab_params(1.0, 0.1), projection.epochs_of("final", len(x))
    ours, _, _ = timed(lambda: umap_descent.descend(start, graph, a, b, epochs, 1.0, 42))
    theirs, _, _ = timed(
        lambda: simplicial_set_embedding(
            x, graph.copy(), 2, 1.0, a, b, 1.0, 5, epochs, start.copy(), np.random.RandomState(42), "euclidean", {}, False, {}, False,
            parallel=False, verbose=False, tqdm_kwds={"disable": True},
        )
    )  # fmt: skip
    said = f"CPU: neighbours {near_cpu:.3f} s, PCA {flat_cpu:.3f} s, graph {graph_cpu:.3f} s, descent {ours:.3f} s"
    return f"UMAP of {what}, where the time goes", said, f"umap-learn's descent {theirs:.3f} s", theirs / ours, ""


def rows() -> list[tuple]:
    import umap

    (
        umap.UMAP().fit_transform(clusters(2000)),
        umap.UMAP().fit_transform(clusters(4500)),
        projection.umap_layout(clusters(300)),
    )  # compile all paths
    made = []
    for what, x, budgets in (
        ("2,000 images of a stored run", stored(), (2, 4, 10)),
        ("5,000 synthetic points", clusters(5000), (1.2, 2.5, 5)),
    ):
        made += [*compared(what, x, budgets), parts(what, x)]
    return made
