"""Re-projection by the fast path against plain, unseeded `UMAP().fit_transform`: a stored run and synthetic points, all warm."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from lsviz.core import projection, umap_descent
from lsviz.core.settling import settle
from lsviz.core.umap_descent import EVERY
from lsviz.store import Store
from lsviz.zoo.pictures import mapped

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


def all_images() -> tuple[np.ndarray, np.ndarray]:
    """Features (10,000, 128) and classes of every test image of a stored N = 100 network, as the page lays them out."""
    store = Store(Path(__file__).parents[2] / "checkpoints")
    run = next(r for r in store.runs if "test_features" in r.arrays and (r.config.num_classes, r.config.alpha) == (100, 0.1))
    arrays = store.load(run.id)
    return mapped(arrays, "test").astype(np.float32), arrays["test_labels"].astype(int)


def watched(x: np.ndarray, labels: np.ndarray) -> list[tuple]:
    """What a reader sees of 10,000 images and when, all included; and their neighbours and map against exact ones and umap-learn's own."""
    import umap

    began, seen = time.process_time(), {}

    def tell(stage: str, share: float, maps: object) -> None:
        seen.setdefault(f"{stage} {len(maps[0].frames) - 1 if maps else 0}", time.process_time() - began)

    done = settle([x], [labels], [42], tell)[0]
    epochs = projection.epochs_of("preview", len(x))
    final, preview = seen["worth 35"], seen[f"settle {epochs // EVERY}"]
    rows = projection.evenly_over(len(x), 500)
    exact = np.stack([((x.astype(np.float64) - x[row]) ** 2).sum(axis=1) for row in rows])
    true = np.argsort(exact, axis=1)[:, 1:16]
    recall = lambda near: np.mean(
        [len({*a} & {*b}) / len(b) for a, b in zip(true[:, : near.shape[1]].tolist(), near[rows].tolist())]
    )
    cpu, wall, other = timed(lambda: umap.UMAP(random_state=42, n_jobs=1).fit(x))
    theirs = projection.trustworthiness(x, other.embedding_)
    ours = dict(done.kept)["trust"]
    near = projection.knn_exact(x, 16)[0][:, 1:]
    return [
        ("10,000 images, one core: start, preview", f"CPU {seen['neighbours 0']:.1f}, {preview:.1f} s ({epochs} epochs)", "", None, "<= 2 s"),
        ("10,000 images, one core: final", f"CPU {final:.1f} s, trust {ours:.3f}", f"UMAP(): CPU {cpu:.1f} s, trust {theirs:.3f}", cpu / final,
         "<= 6 s, trust within .005"),
        ("10,000 images: recall of 15 neighbours", f"{recall(near):.4f}", f"UMAP(): {recall(other._knn_indices[:, 1:15]):.4f} of 14", None, "1"),
    ]  # fmt: skip


def rows() -> list[tuple]:
    import umap

    (
        umap.UMAP().fit_transform(clusters(2000)),
        umap.UMAP().fit_transform(clusters(4500)),
        projection.umap_layout(clusters(300)),
    )  # compile all paths
    made = watched(*all_images())
    for what, x, budgets in (
        ("2,000 images of a stored run", stored(), (2, 4, 10)),
        ("5,000 synthetic points", clusters(5000), (1.2, 2.5, 5)),
    ):
        made += [*compared(what, x, budgets), parts(what, x)]
    return made
