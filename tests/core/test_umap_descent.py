"""The descent of UMAP against umap-learn's own, its forces against their formulas, and how it is watched and stopped."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core import projection, umap_descent, umap_kernel


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 8, 900)
    return (rng.normal(size=(8, 20))[labels] * 2 + rng.normal(size=(900, 20))).astype(np.float32)


def graph_of(x, k=15):
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set

    near = projection.knn_exact(x, k)
    graph, _, _ = fuzzy_simplicial_set(x, k, np.random.RandomState(0), "euclidean", knn_indices=near[0], knn_dists=near[1])
    return graph, *find_ab_params(1.0, 0.1)


@pytest.mark.parametrize(("k", "metric"), [(15, "euclidean"), (5, "cosine"), (60, "euclidean")])
def test_the_fuzzy_graph_is_umap_learns_to_the_bit(blobs, k, metric):
    from umap.umap_ import fuzzy_simplicial_set

    x = blobs.copy()
    x[5:9] = x[4]  # on one spot
    near = projection.knn_exact(x, k, metric)
    theirs, _, _ = fuzzy_simplicial_set(x, k, np.random.RandomState(0), metric, knn_indices=near[0], knn_dists=near[1])
    ours = umap_descent.fuzzy_graph(*near)
    assert (ours != theirs.tocsr()).nnz == 0 and ours.nnz > k * len(x) / 2


@pytest.mark.parametrize(("spread", "min_dist"), [(1.0, 0.1), (1.0, 0.0), (3.0, 0.99), (0.5, 0.25)])
def test_the_curve_is_umap_learns(spread, min_dist):
    from umap.umap_ import find_ab_params

    assert umap_descent.curve(spread, min_dist) == tuple(map(float, find_ab_params(spread, min_dist)))


def start_of(x, dims=2):
    flat = projection.pca(x, dims).scores
    return (flat / np.abs(flat).max() * 10).astype(np.float32)


@pytest.mark.parametrize(("a", "b"), [(1.577, 0.895), (1.0, 1.0), (0.05, 1.9)])
def test_forces_are_within_half_a_percent_of_their_formulas(a, b):
    attract, repel, low = umap_descent._forces(a, b)
    d = np.exp(np.random.default_rng(0).uniform(np.log(2.0**-13), np.log(2.0**13), 2000)).astype(np.float32)
    place = (d.view(np.int32) >> umap_kernel.DROPPED) - low
    d = d.astype(float)
    np.testing.assert_allclose(attract[place], -2 * a * b * d ** (b - 1) / (1 + a * d**b), rtol=0.005)
    np.testing.assert_allclose(repel[place], 2 * b / ((0.001 + d) * (1 + a * d**b)), rtol=0.007)


@pytest.mark.parametrize("dims", [2, 3])
def test_it_keeps_as_much_as_umap_learn_from_the_same_start(blobs, dims):
    from umap.umap_ import simplicial_set_embedding

    graph, a, b = graph_of(blobs)
    ours, theirs = [], []
    for seed in range(3):
        ours.append(umap_descent.descend(start_of(blobs, dims), graph, a, b, 300, 1.0, seed))
        theirs.append(simplicial_set_embedding(
            blobs, graph.copy(), dims, 1.0, a, b, 1.0, 5, 300, start_of(blobs, dims), np.random.RandomState(seed), "euclidean", {}, False, {}, False,
            parallel=False, verbose=False, tqdm_kwds={"disable": True},
        )[0])  # fmt: skip
    trust = lambda ys: np.mean([projection.trustworthiness(blobs, y) for y in ys])
    kept = lambda ys: np.mean([projection.kept_by(blobs, y, np.zeros(len(blobs), int)).kept for y in ys])
    size = lambda ys: np.mean([y.std(axis=0).mean() for y in ys])
    assert abs(trust(ours) - trust(theirs)) < 0.005 and abs(kept(ours) - kept(theirs)) < 0.02
    assert size(ours) == pytest.approx(size(theirs), rel=0.1)


def test_one_seed_gives_the_same_bits_and_leaves_the_start_alone(blobs):
    graph, a, b = graph_of(blobs)
    start = start_of(blobs)
    before = start.copy()
    first, again, other = (umap_descent.descend(start, graph, a, b, 50, 1.0, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(start, before)
    assert not np.array_equal(first, other) and np.isfinite(first).all()


def test_watching_changes_nothing_and_raising_stops_it(blobs):
    graph, a, b = graph_of(blobs)
    heard = []
    watched = umap_descent.descend(
        start_of(blobs), graph, a, b, 90, 1.0, 1, lambda share, layout: heard.append((share, layout.copy()))
    )
    np.testing.assert_array_equal(watched, umap_descent.descend(start_of(blobs), graph, a, b, 90, 1.0, 1))
    assert [share for share, _ in heard] == [epoch / 90 for epoch in range(0, 90, 10)], "the start, and every tenth epoch"
    np.testing.assert_array_equal(heard[0][1], start_of(blobs))
    assert np.abs(heard[-1][1] - watched).max() < np.abs(heard[1][1] - watched).max(), "it comes to rest"

    class Stop(Exception):
        pass

    def stop(share, layout):
        if share > 0.3:
            raise Stop

    with pytest.raises(Stop):
        projection.umap_layout(blobs, tell=stop)
    assert projection.umap_layout(blobs[:50], quality="warm").shape == (50, 2)  # the lock is free again


def test_points_on_one_spot_stay_finite():
    x = np.repeat(np.random.default_rng(0).normal(size=(30, 4)), 10, axis=0).astype(np.float32)
    assert np.isfinite(projection.umap_layout(x, quality="warm")).all()
