"""How classes lie in feature space: the template plane, neural-collapse measures, class separation.

Axis letters: n samples, K classes, d features. Labels are 0..K-1; "templates" are the rows of the last layer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.errors import LsvizError

Floats = NDArray[np.float64]


# ---- the template plane (Müller et al. 2019, fig. 1) ----------------------------------------------------------------


def template_plane(penultimate: ArrayLike, templates: ArrayLike) -> tuple[Floats, Floats]:
    """Project features onto the plane through three templates.

    penultimate (n, d), templates (3, d) -> points (n, 2), corners (3, 2), both in units of the features. Template 3 is the
    origin, template 1 lies on the positive x axis, template 2 above it, so the picture never flips between networks.
    Source: Müller et al. 2019, sec. 2 and fig. 1 (QR of [w1 - w3, w2 - w3]). Raises LsvizError when the three templates
    lie on one line.
    """
    points, corners = np.asarray(penultimate, np.float64), np.asarray(templates, np.float64)
    if corners.ndim != 2 or len(corners) != 3 or points.ndim != 2 or points.shape[1] != corners.shape[1]:
        raise LsvizError("input.shape", argument="templates", shape=corners.shape, expected="(3, d), d as in penultimate")
    basis = _plane_basis(corners)
    return (points - corners[2]) @ basis, (corners - corners[2]) @ basis


def completed_by_logits(penultimate: ArrayLike, logits: ArrayLike, weight: ArrayLike, bias: ArrayLike) -> NDArray[np.float64]:
    """Penultimate features (n, d) known only in part, moved the least way to where the last layer gives `logits` (n, K).

    In the span of the rows of `weight` (K, d) they are then as exact as the logits; across it they stay. Directions in
    which the layer is 100 times weaker than in its strongest are left alone: there rounded logits say nothing.
    """
    x, w = np.asarray(penultimate, float), np.asarray(weight, float)
    missing = np.asarray(logits, float) - np.asarray(bias, float) - x @ w.T
    return x + missing @ np.linalg.pinv(w, rcond=0.01).T


def template_plane_from_logits(logits: ArrayLike, templates: ArrayLike, bias: ArrayLike) -> tuple[Floats, Floats]:
    """The same picture from logits (n, 3) of the three classes: without their biases, logit differences are its coordinates.

    u = [w1 - w3, w2 - w3] gives u'(x - w3) = (z1 - b1) - (z3 - b3) and so on; solving in the plane's basis undoes u.
    """
    z, corners = np.asarray(logits, np.float64) - np.asarray(bias, np.float64), np.asarray(templates, np.float64)
    edges = (corners[:2] - corners[2]).T  # (d, 2)
    basis = _plane_basis(corners)
    differences = z[:, :2] - z[:, 2:] - edges.T @ corners[2]
    return np.linalg.solve((edges.T @ basis), differences.T).T, (corners - corners[2]) @ basis


def _plane_basis(corners: Floats) -> Floats:
    """Orthonormal (d, 2): first along w1 - w3, then the part of w2 - w3 at right angles to it."""
    first, second = corners[0] - corners[2], corners[1] - corners[2]
    length = np.linalg.norm(first)
    u = first / length if length else first
    rest = second - u * (u @ second)
    height = np.linalg.norm(rest)
    if not length or height <= 1e-12 * max(length, np.linalg.norm(second)):
        raise LsvizError("geometry.plane")
    return np.stack([u, rest / height], axis=1)


# ---- scatter --------------------------------------------------------------------------------------------------------


def class_means(features: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Means (K', d), counts (K',) and the classes (K',) that occur among labels (n,)."""
    x, y = _checked(features, labels)
    present, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    sums = np.zeros((len(present), x.shape[1]))
    np.add.at(sums, inverse, x)
    return sums / counts[:, None], counts, present


def scatter_ratio(features: ArrayLike, labels: ArrayLike) -> float:
    """Spread inside classes over spread between them, tr(Sigma_W) / tr(Sigma_B); smaller is tighter. NaN for one class.

    Sigma_W is the mean over classes of the covariance inside a class, Sigma_B the covariance of the class means.
    """
    inside, spread = _spreads(features, labels)
    total = float((spread**2).sum())
    return float((inside**2).sum() / total) if total > 0 else float("nan")


def plane_scatter(features: ArrayLike, labels: ArrayLike, templates: ArrayLike) -> float:
    """`scatter_ratio` inside the subspace spanned by the centred templates (K, d): what the template plane shows, for all classes.

    The last layer sees only this subspace (up to a shift of all logits), so spread outside it changes no prediction.
    Give three templates and the images of their classes to measure one plane.
    """
    w = np.asarray(templates, np.float64)
    centred = w - w.mean(axis=0)
    left, values, right = np.linalg.svd(centred, full_matrices=False)
    basis = right[values > values[0] * 1e-10] if values[0] > 0 else right[:0]
    if not len(basis):
        return float("nan")
    return scatter_ratio(np.asarray(features, np.float64) @ basis.T, labels)


# ---- neural collapse (Papyan, Han, Donoho 2020; Guo et al. 2024 for NC2 and NC3 as norms) ----------------------------


def nc1(penultimate: ArrayLike, labels: ArrayLike) -> float:
    """Within-class variability, tr(Sigma_W Sigma_B^+) / K: 0 when every class is one point; scales with spread squared.

    It looks only at the K - 1 directions in which class means differ: spread across them leaves it untouched.
    """
    inside, spread = _spreads(penultimate, labels)
    # Sigma_B = spread' spread: its eigenvectors are the rows of `vectors`, without a table of d x d.
    _, lengths, vectors = np.linalg.svd(spread, full_matrices=False)
    values = lengths**2
    kept = values > values[0] * 1e-10
    if not kept.any():
        return float("nan")
    along = ((inside @ vectors[kept].T) ** 2).sum(axis=0)
    return float((along / values[kept]).sum() / len(spread))


def nc1_per_example(penultimate: ArrayLike, labels: ArrayLike) -> Floats:
    """What each row adds to `nc1`, (n,), to first order: their mean is `nc1`, their spread its standard error. NaN where that is.

    The influence function of tr(Sigma_W Sigma_B^+) / K, counts of classes held: a row moves the spread inside its class, and by its class's
    mean the lengths and the directions of Sigma_B^+ (Golub and Pereyra 1973 for the derivative of a pseudo-inverse).
    """
    x, y = _checked(penultimate, labels)
    means, counts, present = class_means(x, y)
    place, count = np.searchsorted(present, y), len(present)
    residual, centred = x - means[place], means - means.mean(axis=0)
    _, lengths, vectors = np.linalg.svd(centred / np.sqrt(count), full_matrices=False)
    values = lengths**2
    kept = values > values[0] * 1e-10
    if not kept.any():
        return np.full(len(x), np.nan)
    basis, values = vectors[kept], values[kept]
    along, share = residual @ basis.T, 1 / (counts[place] * count)
    inside = (along**2 / values).sum(axis=1)
    scatter = (along * share[:, None]).T @ residual  # Sigma_W, its rows in the directions of the means, (r, d)
    turned = centred @ basis.T / values  # Sigma_B^+ of every class's mean, (K', r)
    directions = 2 * (turned / values) @ scatter
    directions -= directions @ basis.T @ basis  # only across them
    moved = directions - 2 * (turned @ (scatter @ basis.T) / values) @ basis  # and the lengths
    slope = inside - (np.bincount(place, inside) / counts)[place] + np.einsum("nd,nd->n", residual, moved[place])
    return ((share * inside).sum() + len(x) * share * slope) / count


def nc2(penultimate: ArrayLike, labels: ArrayLike, templates: ArrayLike) -> float:
    """Distance of templates times class means from a simplex: || W'H/||W'H|| - (I - 11'/K)/sqrt(K-1) ||, Frobenius norms."""
    means, _, present = class_means(penultimate, labels)
    product = np.asarray(templates, np.float64)[present] @ (means - means.mean(axis=0)).T
    count = len(present)
    simplex = (np.eye(count) - 1 / count) / np.sqrt(count - 1) if count > 1 else np.zeros((1, 1))
    return float(np.linalg.norm(_unit(product) - simplex))


def nc3(penultimate: ArrayLike, labels: ArrayLike, templates: ArrayLike) -> float:
    """Distance between templates and class means as directions: || W/||W|| - H/||H|| ||, both centred."""
    means, _, present = class_means(penultimate, labels)
    w = np.asarray(templates, np.float64)[present]
    return float(np.linalg.norm(_unit(w - w.mean(axis=0)) - _unit(means - means.mean(axis=0))))


def nc4(penultimate: ArrayLike, labels: ArrayLike, logits: ArrayLike) -> float:
    """Share of examples whose prediction is not the class of the nearest class mean."""
    x, _ = _checked(penultimate, labels)
    means, _, present = class_means(x, labels)
    distance = (means**2).sum(axis=1) - 2 * x @ means.T
    return float((present[distance.argmin(axis=1)] != np.asarray(logits).argmax(axis=1)).mean())


# ---- angles ---------------------------------------------------------------------------------------------------------


def class_mean_cosines(penultimate: ArrayLike, labels: ArrayLike) -> Floats:
    """Cosines (K', K') between centred class means; a simplex has -1/(K-1) off the diagonal."""
    means, _, _ = class_means(penultimate, labels)
    centred = means - means.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    direction = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return direction @ direction.T


def class_separation(penultimate: ArrayLike, labels: ArrayLike) -> float:
    """R^2 = 1 - d_within / d_total on cosine distance, pairs with themselves included (Kornblith et al. 2021, sec. 3.3).

    d_within is the mean over classes of the mean distance inside one; d_total the mean over pairs of classes. The mean
    cosine over all pairs of two classes is the product of their mean directions, so no pairwise table is needed.
    """
    return float(class_separation_per_example(penultimate, labels).mean())


def class_separation_per_example(penultimate: ArrayLike, labels: ArrayLike) -> Floats:
    """What each row adds to it, (n,), to first order: their mean is `class_separation`, their spread its standard error. NaN where that is."""
    x, y = _checked(penultimate, labels)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    unit = np.divide(x, length, out=np.zeros_like(x), where=length > 0)
    means, counts, present = class_means(unit, y)
    place, count, middle = np.searchsorted(present, y), len(present), means.mean(axis=0)
    within, total = 1 - (means**2).sum(axis=1).mean(), 1 - middle @ middle
    if not total > 0:
        return np.full(len(x), np.nan)
    moved = 2 / count * (means / total - within / total**2 * middle)  # what a class's mean moves it by, (K', d)
    slope = np.einsum("nd,nd->n", unit - means[place], moved[place]) / counts[place]
    return 1 - within / total + len(x) * slope


# ---- parts ----------------------------------------------------------------------------------------------------------


def _spreads(features: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """Roots of Sigma_W and Sigma_B: `inside` (n, d) with inside' inside the mean over classes of the covariance in a class,
    `spread` (K', d) with spread' spread that of the class means."""
    x, y = _checked(features, labels)
    means, counts, present = class_means(x, y)
    place = np.searchsorted(present, y)
    inside = x - means[place]
    inside /= np.sqrt(counts[place] * len(present))[:, None]
    return inside, (means - means.mean(axis=0)) / np.sqrt(len(present))


def _unit(matrix: Floats) -> Floats:
    norm = np.linalg.norm(matrix)
    return matrix / norm if norm > 0 else matrix


def _checked(features: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.intp]]:
    x = np.asarray(features, np.float64)
    if x.ndim != 2 or not len(x):
        raise LsvizError("input.shape", argument="features", shape=x.shape, expected="(n, d) with n of at least 1")
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise LsvizError("input.not_finite", argument="features", row=int(row), value=float(x[row, column]))
    return x, checks.class_labels(labels, len(x), max(int(np.max(labels, initial=0)) + 1, 1))
