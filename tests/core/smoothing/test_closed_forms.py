"""Label smoothing against torch, autograd, slow loops and tabulated check values."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsviz.core import smoothing
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import pasted_targets

# num_classes, alpha, true, off, margin, floor, -log true
TABLE = [
    (2, 0.1, 0.95, 0.05, 2.944439, 0.198515, 0.051293),
    (2, 0.2, 0.90, 0.10, 2.197225, 0.325083, 0.105361),
    (3, 0.1, 0.933333, 0.033333, 3.332205, 0.291140, 0.068993),
    (4, 0.1, 0.925, 0.025, 3.610918, 0.348780, 0.077962),
    (5, 0.05, 0.96, 0.01, 4.564348, 0.223396, 0.040822),
    (5, 0.1, 0.92, 0.02, 3.828641, 0.389673, 0.083382),
    (5, 0.2, 0.84, 0.04, 3.044522, 0.661477, 0.174353),
    (5, 0.3, 0.76, 0.06, 2.538974, 0.883791, 0.274437),
    (5, 0.5, 0.60, 0.10, 1.791759, 1.227529, 0.510826),
    (5, 0.9, 0.28, 0.18, 0.441833, 1.591085, 1.272966),
    (10, 0.01, 0.991, 0.001, 6.898715, 0.071129, 0.009041),
    (10, 0.05, 0.955, 0.005, 5.252273, 0.282396, 0.046044),
    (10, 0.1, 0.91, 0.01, 4.510860, 0.500288, 0.094311),
    (10, 0.2, 0.82, 0.02, 3.713572, 0.866894, 0.198451),
    (10, 0.3, 0.73, 0.03, 3.191847, 1.176509, 0.314711),
    (10, 0.5, 0.55, 0.05, 2.397895, 1.676890, 0.597837),
    (100, 0.05, 0.9505, 0.0005, 7.550135, 0.424499, 0.050767),
    (100, 0.1, 0.901, 0.001, 6.803505, 0.777797, 0.104250),
    (100, 0.2, 0.802, 0.002, 5.993961, 1.407451, 0.220647),
    (1000, 0.1, 0.9001, 0.0001, 9.105091, 1.014848, 0.105249),
    (32000, 0.1, 0.900003, 3.125e-6, 12.570719, 1.362390, 0.105357),
]


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    return rng.normal(0, 3, (40, 7)), rng.integers(7, size=40)


def close(value, wanted, tolerance=1e-6):
    return np.testing.assert_allclose(value, wanted, rtol=0, atol=tolerance)


# --- targets ---


@pytest.mark.parametrize("num_classes, alpha, true, off, margin, floor, tax", TABLE)
def test_closed_forms_have_their_tabulated_values(num_classes, alpha, true, off, margin, floor, tax):
    close(smoothing.target_probabilities(num_classes, alpha), (true, off))
    close(smoothing.optimal_logit_margin(num_classes, alpha), margin)
    close(smoothing.loss_floor(num_classes, alpha), floor)
    close(-np.log(smoothing.target_probabilities(num_classes, alpha)[0]), tax)


def test_the_table_is_one_broadcast_away():
    n, a, true, off, margin, floor, _ = map(np.array, zip(*TABLE))
    close(smoothing.target_probabilities(n, a), (true, off))
    close(smoothing.optimal_logit_margin(n, a), margin)
    close(smoothing.loss_floor(n, a), floor)
    assert smoothing.optimal_logit_margin(np.arange(2, 1001)[:, None], np.linspace(0, 1, 76)).shape == (999, 76)


def test_scalars_come_back_as_floats():
    assert all(type(x) is float for x in (*smoothing.target_probabilities(5, 0.1), smoothing.loss_floor(5, 0.1)))
    assert type(smoothing.optimal_logit_margin(5, 0.1)) is float


@pytest.mark.parametrize("num_classes, floor", [(2, 0.693147), (5, 1.609438), (10, 2.302585), (100, 4.605170), (1000, 6.907755)])
def test_limits(num_classes, floor):
    assert smoothing.optimal_logit_margin(num_classes, 0) == np.inf
    assert smoothing.loss_floor(num_classes, 0) == 0
    assert smoothing.optimal_logit_margin(num_classes, 1) == 0
    close(smoothing.loss_floor(num_classes, 1), floor)


@pytest.mark.parametrize(
    "convention, true, off, margin",
    [
        ("uniform", 0.92, 0.02, 3.828641),
        ("others", 0.90, 0.025, 3.583519),
        ("others_no_pad", 0.90, 0.033333, 3.295837),
        ("binary", 0.95, 0.05, 2.944439),
    ],
)
def test_conventions_at_five_classes(convention, true, off, margin):
    close(smoothing.target_probabilities(5, 0.1, convention), (true, off))
    close(smoothing.optimal_logit_margin(5, 0.1, convention), margin)


def test_floors_of_the_others_convention():
    close(smoothing.loss_floor(np.array([5, 10, 100, 1000]), 0.1, "others"), [0.463712, 0.544805, 0.784595, 1.015758])


@pytest.mark.parametrize("convention", ["uniform", "others", "others_no_pad"])
def test_floor_is_the_entropy_of_a_target_row(convention):
    row = smoothing.soft_targets([0], 6, 0.3, convention)[0]
    close(smoothing.loss_floor(6, 0.3, convention), -sum(p * np.log(p) for p in row if p > 0), 1e-12)


def test_others_becomes_an_anti_label():
    close(smoothing.optimal_logit_margin(5, 0.9, "others"), -0.810930)
    assert (smoothing.optimal_logit_margin(5, np.linspace(0, 1, 101)) >= 0).all()
    assert smoothing.optimal_logit_margin(5, 1, "others") == -np.inf


@pytest.mark.parametrize("convention", ["uniform", "others", "others_no_pad"])
@pytest.mark.parametrize("alpha", [0, 0.1, 0.55, 1])
def test_rows_sum_to_one(convention, alpha):
    targets = smoothing.soft_targets([0, 3, 2], 6, alpha, convention)
    close(targets.sum(axis=1), 1, 1e-12)
    assert targets.min() >= 0


def test_targets_row_by_row():
    close(smoothing.soft_targets([2], 5, 0.1), [[0.02, 0.02, 0.92, 0.02, 0.02]])
    close(smoothing.soft_targets([1], 4, 0.1), [[0.025, 0.925, 0.025, 0.025]])
    assert smoothing.soft_targets([1, 0], 3, 0).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_padding_gets_nothing_and_carries_no_loss():
    first = smoothing.soft_targets([2, 0], 4, 0.1, "others_no_pad", pad_class=0)
    close(first, [[0, 0.05, 0.9, 0.05], [0, 0, 0, 0]])
    last = smoothing.soft_targets([2, 3], 4, 0.1, "others_no_pad")
    close(last, [[0.05, 0.05, 0.9, 0], [0, 0, 0, 0]])


def test_negative_smoothing():
    close(smoothing.soft_targets([0], 10, -0.4, allow_negative=True)[0, :2], [1.36, -0.04])
    close(smoothing.soft_targets([0], 10, -1, allow_negative=True)[0, :2], [1.9, -0.1])
    close(smoothing.soft_targets([0, 1], 10, -2.5, allow_negative=True).sum(axis=1), 1, 1e-12)
    with pytest.raises(LsvizError, match="alpha is -0.4"):
        smoothing.soft_targets([0], 10, -0.4)


# --- the loss ---


@pytest.mark.parametrize("alpha", [0, 0.05, 0.1, 0.5, 1])
def test_loss_and_gradient_agree_with_torch(batch, alpha):
    logits, labels = batch
    z = torch.tensor(logits, requires_grad=True)
    loss = F.cross_entropy(z, torch.tensor(labels), label_smoothing=alpha, reduction="none")
    loss.sum().backward()
    close(smoothing.smoothed_cross_entropy(logits, labels, alpha), loss.detach().numpy(), 1e-12)
    close(smoothing.loss_gradient(logits, labels, alpha), z.grad.numpy(), 1e-12)


def test_loss_check_values():
    z = [[2.0, 0, 0, 0, 0]]
    close(smoothing.smoothed_cross_entropy(z, [0], 0), 0.432653)
    close(smoothing.smoothed_cross_entropy(z, [0], 0.1), 0.592653)
    close(smoothing.smoothed_cross_entropy(z, [0], 0.3), 0.912653)
    close(smoothing.smoothed_cross_entropy(z, [0], 1), 2.032653)
    for alpha, loss in ((0, 1.440190), (0.1, 1.490190), (0.2, 1.540190)):
        close(smoothing.smoothed_cross_entropy([[1, 2, 3, 4]], [2], alpha), loss)


def test_gradient_check_values():
    z = [[2.0, 0, 0, 0, 0]]
    for alpha, true, off in ((0, -0.351214, 0.087804), (0.1, -0.271214, 0.067804), (0.3, -0.111214, 0.027804)):
        close(smoothing.loss_gradient(z, [0], alpha), [[true, off, off, off, off]])


def test_a_certain_model_is_pulled_back():
    certain = [[60.0, 0, 0, 0, 0]]
    close(smoothing.loss_gradient(certain, [0], 0.1), [[0.08, -0.02, -0.02, -0.02, -0.02]])
    close(smoothing.loss_gradient(certain, [0], 0), [[0, 0, 0, 0, 0]])


def test_smoothing_presses_a_right_top_logit_and_lifts_a_wrong_one(batch):
    logits, labels = batch
    top = logits.argmax(axis=1)
    change = smoothing.loss_gradient(logits, labels, 0.1) - smoothing.loss_gradient(logits, labels, 0)
    change = change[np.arange(len(top)), top]
    right = top == labels
    assert right.any() and not right.all()
    close(change[right], 0.1 * (1 - 1 / 7), 1e-12)
    close(change[~right], -0.1 / 7, 1e-12)


def test_huge_logits_do_not_overflow():
    z = [[1e4, 0, -1e4]]
    close(smoothing.smoothed_cross_entropy(z, [0], 0.3), 0.3 * 1e4)
    assert np.isfinite(smoothing.loss_gradient(z, [2], 0.3)).all()


def test_loss_is_least_at_the_target(batch):
    _, labels = batch
    for alpha in (0.1, 0.7):
        at_target = smoothing.smoothed_cross_entropy(np.log(smoothing.soft_targets(labels, 7, alpha)), labels, alpha)
        close(at_target, smoothing.loss_floor(7, alpha), 1e-12)
        assert (smoothing.smoothed_cross_entropy(*batch, alpha) > at_target).all()


# --- margins ---


def test_loss_at_margin_check_values():
    margins = np.array([0, 2, 4, 6, 10, 20])
    close(smoothing.loss_at_margin(margins, 10, 0), [2.302585, 0.796614, 0.152584, 0.022064, 0.000409, 0])
    close(smoothing.loss_at_margin(margins, 10, 0.1), [2.302585, 0.976614, 0.512584, 0.562064, 0.900409, 1.8])
    close(smoothing.loss_at_margin(smoothing.optimal_logit_margin(10, 0.1), 10, 0.1), 0.500288)
    close(smoothing.loss_slope_at_margin(100, 10, 0.1), 0.09)


@pytest.mark.parametrize("num_classes, alpha", [(2, 0.1), (10, 0), (10, 0.3), (1000, 1)])
def test_loss_at_margin_is_the_loss(num_classes, alpha):
    margins = np.linspace(-8, 15, 9)
    z = np.zeros((9, num_classes))
    z[:, 1] = margins
    labels = np.ones(9, int)
    close(smoothing.loss_at_margin(margins, num_classes, alpha), smoothing.smoothed_cross_entropy(z, labels, alpha), 1e-12)
    gradient = smoothing.loss_gradient(z, labels, alpha)[:, 1]
    close(smoothing.loss_slope_at_margin(margins, num_classes, alpha), gradient, 1e-12)


def test_slope_vanishes_at_the_optimal_margin():
    n, a = np.array([[2], [10], [1000]]), np.linspace(0.01, 1, 40)
    close(smoothing.loss_slope_at_margin(smoothing.optimal_logit_margin(n, a), n, a), 0, 1e-12)


def test_every_nine_costs_the_same():
    nines = np.array([0.9, 0.99, 0.999, 0.9999])
    close(smoothing.margin_for_probability(nines, 5), [3.583519, 5.981414, 8.293049, 10.596535])
    close(smoothing.margin_for_probability(nines, 10), [4.394449, 6.792344, 9.103979, 11.407465])
    assert smoothing.margin_for_probability(1, 10) == np.inf
    assert smoothing.margin_for_probability(0, 10) == -np.inf


def test_free_logit_descent_check_values():
    wanted = {
        0: [3.735001, 6.190473, 8.514105, 10.819401],
        0.05: [3.477734, 4.556248, 4.564348, 4.564348],
        0.1: [3.237345, 3.828564, 3.828641, 3.828641],
        0.3: [2.417089, 2.538974, 2.538974, 2.538974],
    }
    close(smoothing.free_logit_descent(5, list(wanted), [10, 100, 1000, 10000]), list(wanted.values()))


@pytest.mark.parametrize("alpha", [0, 0.1, 1])
def test_free_logit_descent_is_gradient_descent(alpha):
    z, steps, margins = np.zeros((1, 6)), list(range(0, 60, 3)), []
    for step in range(max(steps) + 1):
        if step in steps:
            margins.append(z[0, 4] - z[0, 0])
        z -= 0.7 * smoothing.loss_gradient(z, [4], alpha)
    close(smoothing.free_logit_descent(6, alpha, steps, rate=0.7), margins, 1e-12)


# --- equivalences ---


def test_equivalent_alpha():
    close(smoothing.equivalent_alpha("others", np.array([5, 10, 100, 1000]), 0.1), [0.125, 0.111111, 0.10101, 0.1001])
    for convention in ("uniform", "others"):
        same = smoothing.equivalent_alpha(convention, 5, 0.3)
        close(smoothing.soft_targets([1], 5, same), smoothing.soft_targets([1], 5, 0.3, convention), 1e-12)
    # Among the classes that are not padding, and in a single yes/no question:
    same = smoothing.equivalent_alpha("others_no_pad", 5, 0.3)
    close(smoothing.soft_targets([1], 4, same)[0], smoothing.soft_targets([1], 5, 0.3, "others_no_pad")[0, :4], 1e-12)
    same = smoothing.equivalent_alpha("binary", 5, 0.3)
    close(smoothing.target_probabilities(2, same), smoothing.target_probabilities(5, 0.3, "binary"), 1e-12)


def test_noise_is_smoothing():
    close(smoothing.noise_rate_to_alpha(0.08, 5), 0.1)
    close(smoothing.noise_rate_to_alpha([0.2, 0.4], 10), [0.222222, 0.444444])
    close(smoothing.noise_rate_to_alpha(0.2, 100), 0.202020)
    close(smoothing.alpha_to_noise_rate(smoothing.noise_rate_to_alpha(0.3, 7), 7), 0.3, 1e-12)
    noisy = np.where(np.arange(5) == 1, 1 - 0.08, 0.08 / 4)  # the expected one-hot label of class 1
    close(smoothing.soft_targets([1], 5, smoothing.noise_rate_to_alpha(0.08, 5))[0], noisy, 1e-12)


def test_backward_correction_is_negative_smoothing():
    r = smoothing.backward_correction_rate(0.1)
    close(r, -0.111111)
    inverse = np.linalg.inv(smoothing.transition_matrix(5, 0.1))
    close(smoothing.soft_targets(np.arange(5), 5, r, allow_negative=True), inverse, 1e-12)
    close(inverse[0, :2], [1.088889, -0.022222])


def test_desmoothing_undoes_the_population_optimum():
    eta = np.array([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5]])
    smoothed = 0.9 * eta + 0.1 / 3
    close(smoothed[0], [0.663333, 0.213333, 0.123333])
    close(smoothing.desmooth(smoothed, 0.1), eta, 1e-12)
    assert (smoothed.argmax(1) == eta.argmax(1)).all()
    sharp = [[0.99, 0.005, 0.005]]
    close(smoothing.desmooth(sharp, 0.1), [[1, 0, 0]], 1e-12)
    assert smoothing.desmooth(sharp, 0.1, clip=False).min() < 0


# --- whose targets are these? ---


@pytest.mark.parametrize("convention", smoothing.CONVENTIONS)
@pytest.mark.parametrize("num_classes", [3, 5, 10, 100, 1000])
@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.123, 0.37])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_diagnosis_recovers_convention_and_alpha(convention, num_classes, alpha, dtype):
    vector = smoothing.soft_targets([1], num_classes, alpha, convention)[0].astype(dtype)
    found = pasted_targets.diagnose_targets(vector)
    assert (found.code, found.true_class, found.sound) == ("match", 1, True)
    assert pasted_targets.TargetMatch(convention, alpha) in found.matches


def test_diagnosis_names_every_convention_that_fits():
    found = pasted_targets.diagnose_targets([0.9, 0.025, 0.025, 0.025, 0.025])
    assert found.matches == (pasted_targets.TargetMatch("uniform", 0.125), pasted_targets.TargetMatch("others", 0.1))
    two = pasted_targets.diagnose_targets([0.05, 0.95])
    assert {match.convention: match.alpha for match in two.matches} == {"uniform": 0.1, "others": 0.05, "binary": 0.1}


def test_diagnosis_reads_typed_decimals():
    found = pasted_targets.diagnose_targets([0.933, 0.033, 0.033])
    assert found.code == "match" and found.matches[0] == pasted_targets.TargetMatch("uniform", 0.1)


@pytest.mark.parametrize(
    "vector, code",
    [
        ([0, 1, 0], "hard"),
        ([0.25] * 4, "uniform"),
        ([1.36] + [-0.04] * 9, "negative_smoothing"),
        ([0.1] + [0.225] * 4, "anti_label"),
        ([92, 2, 2, 2, 2], "percent"),
        ([0.25, 0.925, 0.025, 0.025], "one_over_classes"),
        ([0.25, 0.925, 0.25, 0.25], "one_over_classes"),
        ([0.9, 0.02, 0.02, 0.02, 0.02], "true_without_share"),
        ([0.92, 0.025, 0.025, 0.025, 0.025], "true_with_extra_share"),
        ([1.04] + [-0.04] * 9, "negative_share"),
        ([0.01, 0.01, 0.98, 0.01], "sum"),
        ([0.45, 0.45, 0.06, 0.04], "no_single_maximum"),
        ([0.7, 0.2, 0.1], "uneven"),
        ([5, 2, -1], "outside"),
        ([np.nan, 1], "not_finite"),
        ([1], "too_short"),
        ([], "too_short"),
    ],
)
def test_diagnosis_codes(vector, code):
    assert pasted_targets.diagnose_targets(vector).code == code


def test_diagnosis_of_the_row_that_sums_to_1_225():
    found = pasted_targets.diagnose_targets([0.25, 0.925, 0.025, 0.025])
    assert (found.total, found.alpha, found.position, found.true_class, found.sound) == (1.225, 0.1, 0, 1, False)
    assert found.expected == (0.025, 0.925, 0.025, 0.025)


def test_every_mended_vector_is_sound():
    for vector in ([0.9] + [0.02] * 4, [0.92] + [0.025] * 4, [1.04] + [-0.04] * 9, [92, 2, 2, 2, 2], [0.01, 0.01, 0.98, 0.01]):
        assert pasted_targets.diagnose_targets(pasted_targets.diagnose_targets(vector).expected).sound


# --- bad input ---


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: smoothing.soft_targets([0], 5, 1.2), "alpha is 1.2"),
        (lambda: smoothing.loss_floor(5, [0.1, np.nan]), "alpha is nan"),
        (lambda: smoothing.loss_floor(1, 0.1), "num_classes is 1"),
        (lambda: smoothing.loss_floor(2.5, 0.1), "num_classes is 2.5"),
        (lambda: smoothing.target_probabilities(2, 0.1, "others_no_pad"), "3 or more"),
        (lambda: smoothing.soft_targets([0], 5, 0.1, "keras"), "convention is 'keras'"),
        (lambda: smoothing.soft_targets([0, 5], 5, 0.1), "labels, row 1: class 5"),
        (lambda: smoothing.soft_targets([0], 5, 0.1, "others_no_pad", pad_class=5), "pad_class is 5"),
        (lambda: smoothing.smoothed_cross_entropy([[0, 1], [np.inf, 1]], [0, 0], 0.1), "logits, row 1: inf"),
        (lambda: smoothing.loss_gradient([[0, 1]], [0, 0], 0.1), "labels has the shape"),
        (lambda: smoothing.free_logit_descent(5, 0.1, [3, 2]), "steps is"),
        (lambda: smoothing.free_logit_descent(5, 0.1, [3], rate=9), "rate is 9"),
        (lambda: smoothing.margin_for_probability(1.5, 5), "probability is 1.5"),
        (lambda: smoothing.noise_rate_to_alpha(-0.1, 5), "noise_rate is -0.1"),
        (lambda: smoothing.desmooth([[0.5, 0.5]], 1), "alpha is 1"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(LsvizError) as error:
        call()
    assert words in str(error.value)
