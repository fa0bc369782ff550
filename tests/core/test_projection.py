"""Projection against scikit-learn and loops; UMAP by its fast path, seeded and pruned."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from sklearn import manifold
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from lsviz.core import projection
from lsviz.core.errors import LsvizError


@pytest.fixture(scope="module")
def blobs():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 6, 420)
    return (rng.normal(size=(6, 20))[labels] * 4 + rng.normal(size=(420, 20))).astype(np.float32), labels


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_knn_is_exact(blobs, metric):
    x, _ = blobs
    indices, distances = projection.knn_exact(x, 16, metric)
    far, near = NearestNeighbors(n_neighbors=16, metric=metric, algorithm="brute").fit(x).kneighbors(x)
    np.testing.assert_array_equal(indices[:, 0], np.arange(len(x)))
    np.testing.assert_allclose(distances, far, atol=2e-3)
    assert (np.sort(indices, 1) == np.sort(near, 1)).mean() > 0.999


def test_knn_puts_a_point_before_its_duplicates():
    x = np.repeat(np.eye(3), 4, axis=0)
    indices, distances = projection.knn_exact(x, 5)
    np.testing.assert_array_equal(indices[:, 0], np.arange(12))
    assert np.all(distances[:, :4] == 0) and np.all(distances[:, 4] > 1)


def test_the_least_of_a_row_are_the_first_of_equals():
    rng = np.random.default_rng(0)
    for wide, most in [(30, 6)] * 60 + [(300, 9), (300, 90), (300, 2)] * 20:
        table = rng.integers(0, most, (rng.integers(1, 6), rng.integers(2, wide))).astype(np.float32)
        k = int(rng.integers(1, min(table.shape[1], 20) + 1))
        slowly = [sorted(sorted(range(len(row)), key=lambda j: (row[j], j))[:k]) for row in table]
        assert projection._least(table, k).tolist() == slowly


def test_knn_of_everything_and_of_too_many():
    x = np.random.default_rng(0).normal(size=(7, 2))
    assert projection.knn_exact(x, 7)[0].shape == (7, 7)
    with pytest.raises(LsvizError, match="k is 8"):
        projection.knn_exact(x, 8)


def test_pca_reconstructs_and_has_fixed_signs(blobs):
    x, _ = blobs
    made = projection.pca(x, 20)
    np.testing.assert_allclose(made.scores @ made.basis + made.mean, x, atol=1e-4)
    np.testing.assert_allclose(made.basis @ made.basis.T, np.eye(20), atol=1e-9)
    assert made.explained.sum() == pytest.approx(1) and np.all(np.diff(made.explained) <= 1e-12)
    again = projection.pca(x[::-1], 2)
    np.testing.assert_allclose(again.scores[::-1], made.scores[:, :2], atol=1e-3)


def test_umap_is_bit_identical_and_keeps_neighbours(blobs):
    x, labels = blobs
    first, second = (projection.umap_layout(x, seed=1) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (420, 2) and np.isfinite(first).all()
    assert projection.trustworthiness(x, first) > 0.9
    assert projection.knn_accuracy(first, labels) > 0.9
    assert not np.array_equal(first, projection.umap_layout(x, seed=2))


def test_a_wider_table_of_neighbours_changes_nothing(blobs):
    x, _ = blobs  # umap-learn 0.5.12 does not prune a wide table itself below 4,096 points
    wide = projection.knn_exact(x, 61)
    np.testing.assert_array_equal(
        projection.umap_layout(x, 10, quality="warm", neighbors=wide), projection.umap_layout(x, 10, quality="warm")
    )


def test_a_chain_stays_near_its_start(blobs):
    x, _ = blobs
    other = x + np.random.default_rng(1).normal(size=x.shape).astype(np.float32) * 0.3
    first = projection.umap_layout(x, quality="final")
    second = projection.umap_layout(other, init=first, quality="final")
    alone = projection.umap_layout(other, seed=7)
    assert projection.procrustes(second, first)[1] > max(0.9, projection.procrustes(alone, first)[1])


def test_procrustes_undoes_a_similarity():
    x = np.random.default_rng(0).normal(size=(50, 2))
    turned = x @ np.array([[0.0, -1], [1, 0]]) * [3, 3] + [5, -2]
    back, likeness = projection.procrustes(turned, x)
    np.testing.assert_allclose(back, x, atol=1e-12)
    assert likeness == pytest.approx(1)


def test_turning_changes_no_distance():
    x = np.random.default_rng(0).normal(size=(40, 2))
    turned = projection.turned(x @ np.array([[0.0, -1], [1, 0]]) * 3, x)
    centred = x - x.mean(axis=0)
    np.testing.assert_allclose(turned - turned.mean(axis=0), 3 * centred, atol=1e-12)


def test_quality_numbers_against_scikit_learn_and_a_loop(blobs):
    x, labels = blobs
    y = projection.pca(x, 2).scores
    assert projection.trustworthiness(x, y) == pytest.approx(manifold.trustworthiness(x, y, n_neighbors=15), abs=1e-4)
    true, shown = projection.knn_exact(x, 16)[0][:, 1:], projection.knn_exact(y, 16)[0][:, 1:]
    kept = sum(len(set(a.tolist()) & set(b.tolist())) for a, b in zip(true, shown)) / true.size
    assert projection.kept_by(x, y, np.zeros(len(x), int)).kept == pytest.approx(kept)
    votes = [np.bincount(labels[row]).argmax() for row in true]
    assert projection.knn_accuracy(x, labels) == pytest.approx(np.mean(votes == labels))
    fitted = KNeighborsClassifier(15).fit(x, labels)  # includes the point itself: at least as good
    assert projection.knn_accuracy(x, labels) <= fitted.score(x, labels) + 0.01


def test_kept_by_is_the_single_numbers_at_once(blobs):
    x, labels = blobs
    y = projection.pca(x, 2).scores
    found = projection.kept_by(x, y, labels)
    assert found.trust == projection.trustworthiness(x, y)
    assert (found.knn_original, found.knn_picture) == (projection.knn_accuracy(x, labels), projection.knn_accuracy(y, labels))
    assert found.pieces == projection.graph_components(projection.knn_exact(x, 15)[0])
    with pytest.raises(LsvizError, match="k is 15"):
        projection.kept_by(x[:30], y[:30], labels[:30])


def test_trust_of_the_same_picture_is_one_with_duplicates_too():
    x = np.repeat(np.random.default_rng(0).normal(size=(40, 3)), 2, axis=0)
    assert projection.trustworthiness(x, x, 15) == pytest.approx(1, abs=1e-3)


def test_components_of_two_islands():
    x = np.r_[np.random.default_rng(0).normal(size=(30, 2)), np.random.default_rng(1).normal(size=(30, 2)) + 100]
    assert projection.graph_components(projection.knn_exact(x, 6)[0]) == 2


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12])
def test_few_points_still_give_a_picture(count):
    x = np.random.default_rng(0).normal(size=(count, 4))
    layout = projection.umap_layout(x, quality="warm")
    assert layout.shape == (count, 2) and np.isfinite(layout).all()


def test_constant_input_gives_one_place():
    assert np.ptp(projection.umap_layout(np.ones((40, 3)))) == 0


def test_bad_input_is_named():
    with pytest.raises(LsvizError, match="row 2"):
        projection.umap_layout([[0.0, 0], [1, 1], [np.nan, 0], [1, 0], [2, 2]])
    with pytest.raises(LsvizError, match="n_neighbors is 61"):
        projection.umap_layout(np.eye(80), 61)
    with pytest.raises(LsvizError, match="init"):
        projection.umap_layout(np.eye(20), init=np.zeros((3, 2)))


def test_two_threads_take_turns(blobs):
    x, _ = blobs
    layouts = [None, None]

    def work(i):
        layouts[i] = projection.umap_layout(x[:150], quality="warm")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(layouts[0], layouts[1])
