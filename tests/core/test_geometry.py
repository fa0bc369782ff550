"""Geometry against loops, closed forms and the scikit-learn-free definitions of the papers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lsviz.core import geometry
from lsviz.core.errors import LsvizError


@pytest.fixture
def cloud():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 240)
    templates = rng.normal(size=(4, 12))
    features = templates[labels] * 2 + rng.normal(size=(240, 12)) * 0.7
    return features, labels, templates


def test_plane_keeps_the_true_distances_of_the_templates(cloud):
    _, _, templates = cloud
    _, corners = geometry.template_plane(templates, templates[:3])
    for i, j in itertools.combinations(range(3), 2):
        assert np.linalg.norm(corners[i] - corners[j]) == pytest.approx(np.linalg.norm(templates[i] - templates[j]))


def test_plane_has_a_fixed_orientation(cloud):
    features, _, templates = cloud
    for scale in (1.0, -1.0, 0.3):
        points, corners = geometry.template_plane(features, templates[:3] * scale)
        assert corners[2] == pytest.approx([0, 0]) and corners[0, 0] > 0 and corners[0, 1] == pytest.approx(0)
        assert corners[1, 1] > 0 and points.shape == (240, 2)


def test_plane_is_an_orthogonal_projection(cloud):
    features, _, templates = cloud
    edges = np.stack([templates[0] - templates[2], templates[1] - templates[2]], axis=1)
    q, _ = np.linalg.qr(edges)  # Müller's recipe, up to rotation: distances in the plane agree
    expected = (features - templates[2]) @ q
    points, _ = geometry.template_plane(features, templates[:3])
    gaps = lambda p: np.linalg.norm(p[:50, None] - p[None, :50], axis=2)  # noqa: E731
    np.testing.assert_allclose(gaps(points), gaps(expected), atol=1e-9)


def test_plane_from_logits_is_the_same_picture(cloud):
    features, _, templates = cloud
    bias = np.array([0.4, -1.0, 2.0])
    logits = features @ templates[:3].T + bias
    points, corners = geometry.template_plane(features, templates[:3])
    again, corners_again = geometry.template_plane_from_logits(logits, templates[:3], bias)
    np.testing.assert_allclose(again, points, atol=1e-9)
    np.testing.assert_allclose(corners_again, corners, atol=1e-12)


def test_templates_on_one_line_are_refused():
    line = np.outer([0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(LsvizError, match="line"):
        geometry.template_plane(np.zeros((4, 3)), line)


def test_covariances_and_nc1_against_a_loop(cloud):
    features, labels, _ = cloud
    within, means = np.zeros((12, 12)), []
    for k in range(4):
        part = features[labels == k]
        means.append(part.mean(axis=0))
        within += np.cov(part.T, bias=True) / 4
    between = np.cov(np.array(means).T, bias=True)
    expected = np.trace(within @ np.linalg.pinv(between, rcond=1e-10)) / 4
    assert geometry.nc1(features, labels) == pytest.approx(expected, rel=1e-9)
    assert geometry.scatter_ratio(features, labels) == pytest.approx(np.trace(within) / np.trace(between))


def test_nc1_does_not_see_spread_across_the_class_means():
    """The pseudo-inverse of the covariance of means leaves every other direction out, whatever happens there."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 50)
    inside = 3 * rng.normal(size=(4, 5))[labels] + rng.normal(size=(200, 5))
    outside = rng.normal(size=(200, 6))
    outside -= np.array([outside[labels == k].mean(axis=0) for k in range(4)])[labels]
    values = [geometry.nc1(np.hstack([inside, scale * outside]), labels) for scale in (0, 1, 100)]
    assert values == pytest.approx([values[0]] * 3, rel=1e-9)


def test_nc1_grows_with_the_square_of_the_spread():
    rng = np.random.default_rng(0)
    labels, means = np.arange(5000) % 5, rng.normal(size=(5, 8)) * 10
    noise = rng.normal(size=(5000, 8))
    noise -= np.array([noise[labels == k].mean(axis=0) for k in range(5)])[labels]
    small, large = (geometry.nc1(means[labels] + s * noise, labels) for s in (0.1, 1.0))
    assert np.log10(large / small) == pytest.approx(2, abs=1e-9)


def test_a_simplex_is_fully_collapsed():
    for count in (3, 10, 100):
        simplex = np.eye(count) - 1 / count
        labels = np.repeat(np.arange(count), 2)
        features = simplex[labels]
        assert geometry.nc1(features, labels) == pytest.approx(0, abs=1e-12)
        assert geometry.nc2(features, labels, simplex) == pytest.approx(0, abs=1e-9)
        assert geometry.nc3(features, labels, simplex * 7) == pytest.approx(0, abs=1e-9)
        assert geometry.nc4(features, labels, features @ simplex.T) == 0
        off = geometry.class_mean_cosines(features, labels)[~np.eye(count, dtype=bool)]
        np.testing.assert_allclose(off, -1 / (count - 1), atol=1e-12)


def test_nc4_counts_disagreements():
    features = np.array([[0.0], [0.1], [1.0], [1.1]])
    labels = np.array([0, 0, 1, 1])
    logits = np.array([[1, 0], [0, 1], [0, 1], [0, 1.0]])  # the second is predicted 1 but nearer to the mean of 0
    assert geometry.nc4(features, labels, logits) == 0.25


def test_class_separation_against_the_pairwise_loop(cloud):
    features, labels, _ = cloud
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distance = 1 - unit @ unit.T
    blocks = np.array([[distance[np.ix_(labels == j, labels == k)].mean() for k in range(4)] for j in range(4)])
    assert geometry.class_separation(features, labels) == pytest.approx(1 - np.diag(blocks).mean() / blocks.mean())


@pytest.mark.parametrize("name", ["nc1", "class_separation"])
@pytest.mark.parametrize("width", [3, 12])  # fewer directions than class means have, and more
def test_what_a_row_adds_is_what_it_takes_away(cloud, name, width):
    features, labels, _ = cloud
    measure, x = getattr(geometry, name), features[:, :width] + 1
    parts = getattr(geometry, f"{name}_per_example")(x, labels)
    assert parts.mean() == pytest.approx(measure(x, labels))
    without = [measure(np.delete(x, i, 0), np.delete(labels, i)) for i in range(0, len(x), 4)]
    assert np.corrcoef(parts[::4], without)[0, 1] < -0.995
    rng = np.random.default_rng(0)
    fresh = [rng.normal(size=x.shape) * 0.7 + x.mean(axis=0) + 1.5 * np.eye(4, width)[labels] for _ in range(100)]
    errors = [getattr(geometry, f"{name}_per_example")(each, labels).std() / np.sqrt(len(x)) for each in fresh[:9]]
    assert np.mean(errors) == pytest.approx(np.std([measure(each, labels) for each in fresh]), rel=0.25)


def test_plane_scatter_ignores_what_the_last_layer_cannot_see(cloud):
    features, labels, templates = cloud
    centred = templates - templates.mean(axis=0)
    outside = np.linalg.svd(centred)[2][4:]  # directions at right angles to every difference of templates
    moved = features + np.random.default_rng(1).normal(size=(240, len(outside))) @ outside * 50
    plain = geometry.plane_scatter(features, labels, templates)
    assert geometry.plane_scatter(moved, labels, templates) == pytest.approx(plain)
    assert geometry.scatter_ratio(moved, labels) > 10 * geometry.scatter_ratio(features, labels)


def test_plane_scatter_of_three_classes_is_that_of_the_picture(cloud):
    features, labels, templates = cloud
    trio = labels < 3
    points, _ = geometry.template_plane(features[trio], templates[:3])
    assert geometry.plane_scatter(features[trio], labels[trio], templates[:3]) == pytest.approx(
        geometry.scatter_ratio(points, labels[trio])
    )


def test_edges():
    one = np.zeros((5, 3))
    assert np.isnan(geometry.nc1(one, np.zeros(5, int))) and np.isnan(geometry.scatter_ratio(one, np.zeros(5, int)))
    singles = np.eye(3)
    assert geometry.nc1(singles, np.arange(3)) == pytest.approx(0)
    gap = geometry.nc1(np.eye(3), np.array([0, 5, 9]))  # absent classes are no classes
    assert gap == pytest.approx(0)
    with pytest.raises(LsvizError, match="row 1"):
        geometry.nc1(np.array([[0.0], [np.nan]]), [0, 1])


def test_features_known_in_part_are_completed_by_logits():
    rng = np.random.default_rng(5)
    whole, weight, bias = rng.normal(size=(50, 12)), rng.normal(size=(4, 12)), rng.normal(size=4)
    part = whole.copy()
    part[:, 6:] = 0
    made = geometry.completed_by_logits(part, whole @ weight.T + bias, weight, bias)
    np.testing.assert_allclose(made @ weight.T, whole @ weight.T, atol=1e-10)
    across = np.eye(12) - np.linalg.pinv(weight) @ weight
    np.testing.assert_allclose(made @ across, part @ across, atol=1e-10)
    np.testing.assert_allclose(geometry.completed_by_logits(whole, whole @ weight.T + bias, weight, bias), whole, atol=1e-10)
