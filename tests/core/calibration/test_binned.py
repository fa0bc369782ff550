"""Calibration against slow loops, scikit-learn, torch and reference numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from lsviz.core import calibration
from lsviz.core.calibration import reliability_diagram
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import side
from lsviz.store import Store
from lsviz.texts.catalogue import t


def close(value, wanted, tolerance=1e-12):
    return np.testing.assert_allclose(value, wanted, rtol=0, atol=tolerance)


def loop_ece(confidence, correct, edges) -> float:
    """The definition, example by example, with bins (lo, hi] and 0 in the first."""
    total = 0.0
    for b in range(len(edges) - 1):
        inside = [i for i, c in enumerate(confidence) if edges[b] < c <= edges[b + 1] or (b == 0 and c == 0)]
        if inside:
            total += abs(sum(confidence[i] for i in inside) - sum(bool(correct[i]) for i in inside))
    return total / len(confidence)


def wavy(n: int, amplitude: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidence whose right answers come with probability confidence + amplitude sin(4 pi confidence)."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.02, 0.98, n)
    return confidence, rng.random(n) < confidence + amplitude * np.sin(4 * np.pi * confidence)


@pytest.fixture
def mixed() -> tuple[np.ndarray, np.ndarray]:
    """Gaps of both signs: purely over-confident data cannot tell one convention from another."""
    return wavy(800, 0.2, 3)


@pytest.fixture
def outputs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    return rng.normal(0, 2, (300, 6)), rng.integers(6, size=300)


# --- reference numbers ---


def edge_set() -> tuple[np.ndarray, np.ndarray]:
    e = np.arange(1, 15) / 15
    confidence = np.r_[np.arange(16) / 15, np.nextafter(e, 0), np.nextafter(e, 1), np.ones(20), np.zeros(5), np.full(30, 0.97)]
    return confidence, (np.arange(99) * 7 % 10) < 6


def test_edge_set():
    diagram = reliability_diagram(*edge_set())
    close(diagram.ece, 0.3350168, 5e-8)
    close(diagram.ece, loop_ece(*edge_set(), diagram.edges))


@pytest.mark.parametrize("num_bins", [1, 2, 7, 10, 15, 30, 49, 50])
def test_equal_width_bins_are_exact_at_their_edges(num_bins):
    edges = np.arange(num_bins + 1) / num_bins
    confidence = np.clip(np.r_[edges, np.nextafter(edges, -1), np.nextafter(edges, 2)], 0, 1)
    diagram = reliability_diagram(confidence, np.zeros(len(confidence)), num_bins)
    counts = [sum((c > lo or b == 0) and c <= hi for c in confidence) for b, (lo, hi) in enumerate(zip(edges, edges[1:]))]
    assert diagram.counts.tolist() == counts
    assert reliability_diagram(confidence, np.zeros(len(confidence)), edges=edges).counts.tolist() == counts


@pytest.mark.parametrize("num_bins", [10, 15])
def test_toy(num_bins):
    diagram = reliability_diagram([0.95] * 4 + [0.55, 0.55, 0.65, 0.75], [1, 1, 1, 0, 1, 0, 1, 1], num_bins)
    close(diagram.ece, 0.1875)
    close(diagram.mce, 0.35)


def test_confidence_one_is_counted():
    assert reliability_diagram([0.95, 1.0], [1, 0], 10).ece == 0.475
    assert reliability_diagram([1.0], [0]).counts[-1] == 1


# --- the diagram ---


@pytest.mark.parametrize("num_bins", [5, 15, 50])
@pytest.mark.parametrize("strategy", calibration.STRATEGIES)
def test_ece_is_the_loop(mixed, num_bins, strategy):
    diagram = reliability_diagram(*mixed, num_bins, strategy)
    assert len(diagram.counts) == num_bins
    close(diagram.ece, loop_ece(*mixed, diagram.edges))
    assert np.nanmin(diagram.gap) < 0 < np.nanmax(diagram.gap)


def test_bars_agree_with_scikit_learn(mixed):
    diagram = reliability_diagram(*mixed, 20)
    accuracy, confidence = calibration_curve(mixed[1], mixed[0], n_bins=20)
    used = diagram.counts > 0
    close(diagram.accuracy[used], accuracy)
    close(diagram.confidence[used], confidence)


def test_the_number_printed_is_the_bars_drawn(mixed):
    d = reliability_diagram(*mixed)
    used = d.counts > 0
    close(d.ece, np.average(np.abs(d.confidence - d.accuracy)[used], weights=d.counts[used]))
    close(d.mce, np.nanmax(np.abs(d.gap)))
    close(d.signed_gap, mixed[0].mean() - mixed[1].mean())
    close([d.mean_confidence, d.mean_accuracy], [mixed[0].mean(), mixed[1].mean()])
    assert d.num_samples == 800


def test_empty_bins_are_nan_and_weigh_nothing():
    diagram = reliability_diagram([0.9, 0.9], [1, 0])
    empty = diagram.counts == 0
    assert empty.sum() == 14
    for values in (diagram.accuracy, diagram.confidence, diagram.gap, *diagram.wilson()):
        assert np.isnan(values[empty]).all() and np.isfinite(values[~empty]).all()
    close(diagram.ece, 0.4)


def test_ece_bounds_the_signed_gap(mixed):
    for num_bins in (1, 2, 15, 50):
        diagram = reliability_diagram(*mixed, num_bins)
        assert diagram.ece >= abs(diagram.signed_gap) - 1e-12
    close(reliability_diagram(*mixed, 1).ece, abs(diagram.signed_gap))


def test_order_of_examples_does_not_matter(mixed):
    order = np.random.default_rng(0).permutation(800)
    close(reliability_diagram(mixed[0][order], mixed[1][order]).ece, reliability_diagram(*mixed).ece)


def test_overconfidence_error(mixed):
    toy = reliability_diagram([0.95] * 4 + [0.55, 0.55, 0.65, 0.75], [1, 1, 1, 0, 1, 0, 1, 1])
    close(toy.overconfidence, 4 / 8 * 0.95 * 0.20 + 2 / 8 * 0.55 * 0.05)  # .101875; .65 and .75 are right: no share in it
    total = 0.0
    for b in range(15):
        inside = [(c, right) for c, right in zip(*mixed) if b / 15 < c <= (b + 1) / 15]
        if inside:
            confidence = sum(c for c, _ in inside) / len(inside)
            accuracy = sum(bool(right) for _, right in inside) / len(inside)
            total += len(inside) / len(mixed[0]) * confidence * max(confidence - accuracy, 0)
    close(reliability_diagram(*mixed).overconfidence, total)


def test_max_gap_leaves_small_bins_out():
    diagram = reliability_diagram([0.5] * 30 + [0.9], [True] * 15 + [False] * 16)
    close(diagram.mce, 0.9)
    close(diagram.max_gap(min_count=20), 0)
    assert np.isnan(diagram.max_gap(min_count=31))


def test_equal_mass_bins_hold_equal_counts_and_never_split_ties():
    rng = np.random.default_rng(2)
    distinct = reliability_diagram(rng.random(1000), np.ones(1000), 10, "mass")
    assert distinct.counts.tolist() == [100] * 10
    tied = np.round(rng.random(1000), 1)
    diagram = reliability_diagram(tied, np.ones(1000), 15, "mass")
    assert diagram.counts.sum() == 1000 and diagram.counts.min() > 0
    bins = np.searchsorted(diagram.edges[1:-1], tied)
    assert all(len(set(bins[tied == value])) == 1 for value in np.unique(tied))
    piled = reliability_diagram([0.9] * 50 + [1.0] * 50, [1] * 100, 15, "mass")
    assert piled.counts.tolist() == [50, 50] and piled.edges.tolist() == [0, 0.9, 1]
    assert reliability_diagram([0.5] * 9, [1] * 9, 15, "mass").counts.tolist() == [9]
    assert reliability_diagram([0.1, 0.2, 0.9], [1, 0, 1], 15, "mass").counts.tolist() == [1, 1, 1]


def test_given_edges(mixed):
    edges = [0, 0.3, 0.31, 0.8, 1]
    diagram = reliability_diagram(*mixed, edges=edges)
    assert diagram.strategy == "given"
    close(diagram.ece, loop_ece(*mixed, edges))


def test_wilson_interval_is_scipys():
    confidence = np.repeat([0.1, 0.3, 0.5, 0.7], [40, 7, 1, 12])
    correct = np.r_[np.arange(40) < 4, np.arange(7) < 7, [False], np.arange(12) < 6]
    diagram = reliability_diagram(confidence, correct, 10)
    low, high = diagram.wilson(0.9)
    for b in np.flatnonzero(diagram.counts):
        oracle = binomtest(int(diagram.cells.count[b, 1]), int(diagram.counts[b])).proportion_ci(0.9, "wilson")
        close([low[b], high[b]], [oracle.low, oracle.high])


def test_murphy_terms_add_up_to_the_brier_score(mixed):
    for num_bins in (1, 15, 40):
        terms = reliability_diagram(*mixed, num_bins).murphy
        close(terms.brier, brier_score_loss(mixed[1], mixed[0]))
        close(terms.reliability - terms.resolution + terms.uncertainty + terms.within_bin, terms.brier)
    # Where a bin holds one value only, nothing hides inside it.
    rounded = reliability_diagram(np.round(mixed[0], 1), mixed[1], edges=[0, *(np.arange(10) / 10 + 0.05), 1])
    close(rounded.murphy.within_bin, 0)


def test_corp_terms(mixed):
    from sklearn.isotonic import IsotonicRegression

    terms = calibration.corp_terms(*mixed)
    fitted = IsotonicRegression().fit(*mixed).predict(mixed[0])
    best = brier_score_loss(mixed[1], fitted)
    close(terms.miscalibration, brier_score_loss(mixed[1], mixed[0]) - best)
    close(terms.brier, terms.miscalibration - terms.discrimination + terms.uncertainty)


# --- from outputs to confidence ---


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_confidence_from_logits(outputs, dtype, temperature):
    logits, labels = outputs[0].astype(dtype), outputs[1]
    p = torch.softmax(torch.tensor(logits.astype(np.float64)) / temperature, 1).numpy()
    confidence, correct = calibration.confidence_and_correct(logits, labels, temperature)
    close(confidence, p.max(1))
    assert correct.tolist() == (p.argmax(1) == labels).tolist()
    nll = torch.nn.functional.cross_entropy(torch.tensor(logits.astype(np.float64)) / temperature, torch.tensor(labels))
    close(calibration.nll(logits, labels, temperature), float(nll))
    close(calibration.nll_per_example(logits, labels, temperature), -np.log(p[np.arange(300), labels]))


def test_confidence_from_probs_is_confidence_from_logits(outputs):
    probs = torch.softmax(torch.tensor(outputs[0]), 1).numpy()
    for ours, other in zip(
        calibration.confidence_and_correct_from_probs(probs, outputs[1]), calibration.confidence_and_correct(*outputs)
    ):
        close(ours, other)


def test_saturated_logits_keep_their_confidence():
    confidence, correct = calibration.confidence_and_correct([[1e4, 0], [0, 900]], [0, 0])
    assert confidence.tolist() == [1, 1] and correct.tolist() == [True, False]
    assert calibration.nll([[0, 900]], [0]) == 900


def test_ties_go_to_the_first_class():
    assert calibration.confidence_and_correct([[2, 2, 1]] * 2, [0, 1])[1].tolist() == [True, False]
    assert calibration.confidence_and_correct_from_probs([[0.4, 0.4, 0.2]] * 2, [0, 1])[1].tolist() == [True, False]


def test_strided_input_is_read_as_it_is_indexed(outputs):
    wide = np.repeat(outputs[0], 2, axis=1)[:, ::2]
    close(calibration.confidence_and_correct(wide, outputs[1])[0], calibration.confidence_and_correct(*outputs)[0])


def test_brier_sums_over_classes(outputs):
    probs = torch.softmax(torch.tensor(outputs[0]), 1).numpy()
    close(calibration.brier(probs, outputs[1]), ((probs - np.eye(6)[outputs[1]]) ** 2).sum(1).mean())
    assert calibration.brier([[1, 0], [1, 0]], [0, 1]) == 1


def test_classwise_ece_is_a_diagram_per_class(outputs):
    probs = torch.softmax(torch.tensor(outputs[0]), 1).numpy()
    ours = calibration.classwise_ece(probs, outputs[1], 10)
    close(ours, [reliability_diagram(probs[:, k], outputs[1] == k, 10).ece for k in range(6)])


# --- smooth ECE ---


def test_smooth_ece_of_two_atoms():
    close(calibration.smooth_ece(np.r_[np.ones(500), np.full(500, 0.5)], np.arange(1000) < 500), 0.25)


def test_smooth_ece_is_a_mirrored_gaussian_smoothing(mixed):
    confidence, correct = mixed
    width = calibration.smooth_ece(confidence, correct)
    grid = (np.arange(2000) + 0.5) / 2000
    smoothed = np.zeros(2000)
    for c, y in zip(confidence, correct):
        for mirror in (c, -c, 2 - c):
            smoothed += (y - c) * np.exp(-(((grid - mirror) / width) ** 2) / 2)
    loop = np.abs(smoothed).sum() / 2000 / (width * np.sqrt(2 * np.pi)) / len(confidence)
    close(width, loop, 2e-4)


def test_smooth_ece_at_its_ends():
    assert calibration.smooth_ece([1.0, 1.0], [1, 1]) == 0
    close(calibration.smooth_ece([1.0, 1.0], [0, 0]), 1, 1e-9)
    assert calibration.smooth_ece(*wavy(20_000, 0, 1)) < 0.02


# --- intervals ---


@pytest.mark.parametrize("num_bins", [15, 1])
def test_noise_floor_is_what_calibrated_answers_give(mixed, num_bins):
    # One bin holds confidences from end to end: far less chance in it than in as many throws of one coin.
    confidence = np.where(mixed[0] < 0.5, 0.04, 0.97)
    rng = np.random.default_rng(11)
    draws = [reliability_diagram(confidence, rng.random(800) < confidence, num_bins).ece for _ in range(2000)]
    floor = calibration.ece_noise_floor(reliability_diagram(confidence, mixed[1], num_bins), resamples=4000)
    close([floor.median, floor.upper], np.quantile(draws, [0.5, 0.95]), 0.0015)


def test_noise_floor_of_spread_confidence(mixed):
    rng = np.random.default_rng(11)
    draws = [reliability_diagram(mixed[0], rng.random(800) < mixed[0]).ece for _ in range(2000)]
    floor = calibration.ece_noise_floor(reliability_diagram(*mixed), resamples=4000)
    close([floor.median, floor.upper], np.quantile(draws, [0.5, 0.95]), 0.0015)


def test_noise_floor_of_saturated_confidence():
    confidence = np.full(2000, 0.9995)  # one error expected: far from Gaussian
    rng = np.random.default_rng(1)
    draws = [abs(0.9995 - (rng.random(2000) < confidence).mean()) for _ in range(4000)]
    floor = calibration.ece_noise_floor(reliability_diagram(confidence, np.ones(2000)), resamples=4000)
    close([floor.median, floor.upper], np.quantile(draws, [0.5, 0.95]), 1e-4)
    nothing = calibration.ece_noise_floor(reliability_diagram(np.r_[np.ones(5), np.zeros(5)], np.ones(10)))
    assert (nothing.median, nothing.upper) == (0, 0)


def test_fast_interval_is_the_exact_bootstrap():
    confidence, correct = wavy(4000, 0.08, 2)
    fast = calibration.ece_interval(reliability_diagram(confidence, correct), resamples=20_000)
    place, excess = np.ceil(15 * confidence).astype(int) - 1, confidence - correct
    rng, draws = np.random.default_rng(9), []
    for _ in range(4000):
        picked = rng.integers(4000, size=4000)
        draws.append(np.abs(np.bincount(place[picked], excess[picked])).sum() / 4000)
    close([fast.low, fast.high], 2 * fast.ece - np.quantile(draws, [0.975, 0.025]), 0.001)
    assert fast.low < fast.ece < fast.high


@pytest.mark.parametrize("amplitude", [0, 0.005, 0.01, 0.02, 0.03])
def test_interval_covers_the_truth(amplitude):
    grid = np.linspace(0.02, 0.98, 96_001)[:-1] + 5e-6
    gap = amplitude * np.sin(4 * np.pi * grid)
    bins = np.searchsorted(np.arange(1, 15) / 15, grid)
    truth = np.abs(np.bincount(bins, gap)).sum() / len(grid)
    covered = 0
    for seed in range(100):
        interval = calibration.ece_interval(reliability_diagram(*wavy(2000, amplitude, seed)), resamples=400, seed=seed)
        covered += interval.low <= truth <= interval.high
    assert covered >= 80  # .85 is promised; 100 trials scatter by .036


def test_on_stored_answers_the_interval_covers_as_often_as_is_told():
    """Samples of the 10,000 answers of every network with 100 classes, whose ECE is known: 90 % of the intervals hold it, not 95."""
    store, rng, held = Store(Path(__file__).parents[3] / "checkpoints"), np.random.default_rng(0), []
    for run in [run for run in store.runs if run.config.num_classes == 100]:
        arrays = store.load(run.id)
        confidence, correct = calibration.confidence_and_correct(arrays["test_logits"], arrays["test_labels"])
        truth = reliability_diagram(confidence, correct).ece
        for rows in (200, 1000, 5000):
            for seed in range(60):
                some = rng.integers(len(correct), size=rows)
                found = calibration.ece_interval(reliability_diagram(confidence[some], correct[some]), resamples=300, seed=seed)
                held.append(found.low <= truth <= found.high)
    assert 0.86 < np.mean(held) < 0.94 and "held the true ECE in 90 %" in t("yours.numbers_note")


def test_two_networks_of_equal_ece_are_told_apart_as_often_as_is_told():
    """Temperatures make the ECE of two stored networks equal on all 10,000 answers; samples of these tell them apart in 8 %, not in 5."""
    store, rng, apart = Store(Path(__file__).parents[3] / "checkpoints"), np.random.default_rng(0), []
    arrays = {run.config.alpha: store.load(run.id) for run in store.runs if run.config.num_classes == 100}
    for first, other in (((0, 1.0), (0.1, 0.740)), ((0.05, 1.0), (0, 1.307)), ((0.3, 1.0), (0, 2.127)), ((0, 1.1), (0.05, 0.871))):
        pair = [
            calibration.confidence_and_correct(arrays[a]["test_logits"], arrays[a]["test_labels"], t) for a, t in (first, other)
        ]
        assert reliability_diagram(*pair[0]).ece == pytest.approx(reliability_diagram(*pair[1]).ece, abs=3e-4)
        for seed in range(75):
            some = rng.integers(10_000, size=200)
            found = calibration.ece_difference(*((c[some], right[some]) for c, right in pair), resamples=200, seed=seed)
            apart.append(not found.low <= 0 <= found.high)
    assert 0.04 < np.mean(apart) < 0.14 and "8 % of 4,500 samples" in t("reliability.two_apart")


def test_paired_difference_sees_what_two_intervals_cannot():
    rng = np.random.default_rng(3)
    logits, labels = rng.normal(0, 2, (3000, 5)), rng.integers(5, size=3000)
    logits[np.arange(3000), labels] += 2.5
    first = calibration.confidence_and_correct(logits, labels)
    second = calibration.confidence_and_correct(logits, labels, 1.15)
    found = calibration.ece_difference(first, second)
    eces = [reliability_diagram(*model).ece for model in (first, second)]
    close(found.difference, eces[0] - eces[1])
    assert side(found.low, found.high) and found.low < found.difference < found.high
    intervals = [calibration.ece_interval(reliability_diagram(*model)) for model in (first, second)]
    assert found.high - found.low < sum(i.high - i.low for i in intervals) / 2
    same = calibration.ece_difference(first, first)
    assert (same.difference, same.low, same.high) == (0, 0, 0)


def test_two_calibrated_models_are_told_apart_no_more_often_than_promised():
    told = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        spread, u = rng.uniform(0.3, 1, 1000), rng.random(1000)
        sharp = np.where(rng.random(1000) < 0.9, rng.uniform(0.97, 1, 1000), spread)
        models = (spread, u < spread), (sharp, u < sharp)
        found = calibration.ece_difference(*models, resamples=200, seed=seed)
        told += side(found.low, found.high) != 0
    assert told <= 7  # 3 of 60 are promised; without the rule about noise floors it is 14


def test_the_same_seed_gives_the_same_numbers(mixed):
    diagram = reliability_diagram(*mixed)
    assert calibration.ece_interval(diagram, seed=3) == calibration.ece_interval(diagram, seed=3)
    assert calibration.ece_interval(diagram, seed=3) != calibration.ece_interval(diagram, seed=4)
    assert calibration.ece_difference(mixed, mixed[::1], seed=1) == calibration.ece_difference(mixed, mixed, seed=1)


# --- bad input ---

GOOD = np.array([[0.5, 0.5], [0.3, 0.7]])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: reliability_diagram([], []), "confidence holds no rows"),
        (lambda: reliability_diagram([0.5, np.nan], [1, 0]), "confidence, row 1: nan"),
        (lambda: reliability_diagram([0.5, 1.2], [1, 0]), "confidence, row 1: 1.2"),
        (lambda: reliability_diagram([[0.5]], [1]), "confidence has the shape (1, 1)"),
        (lambda: reliability_diagram([0.5, 0.6], [1]), "correct has the shape (1,)"),
        (lambda: reliability_diagram([0.5, 0.6], [1, 2]), "correct, row 1: 2"),
        (lambda: reliability_diagram([0.5], [1], 0), "num_bins is 0"),
        (lambda: reliability_diagram([0.5], [1], strategy="equal"), "strategy is 'equal'"),
        (lambda: reliability_diagram([0.5], [1], edges=[0, 0.5, 0.5, 1]), "rise strictly"),
        (lambda: reliability_diagram([0.5], [1], edges=[0, 0.9]), "rise strictly"),
        (lambda: calibration.confidence_and_correct([[0, 1], [np.inf, 0]], [0, 1]), "logits, row 1: inf"),
        (lambda: calibration.confidence_and_correct([[0, 1], [np.nan, 0]], [0, 1]), "logits, row 1: nan"),
        (lambda: calibration.confidence_and_correct(GOOD, [0, 2]), "labels, row 1: class 2"),
        (lambda: calibration.confidence_and_correct(GOOD, [0, -1]), "labels, row 1: class -1"),
        (lambda: calibration.confidence_and_correct(GOOD, [0, 0.5]), "labels, row 1: 0.5"),
        (lambda: calibration.confidence_and_correct(GOOD, [0]), "labels has the shape (1,)"),
        (lambda: calibration.confidence_and_correct(GOOD, [0, 1], 0), "temperature is 0"),
        (lambda: calibration.confidence_and_correct([[1.0]], [0]), "K of at least 2"),
        (lambda: calibration.confidence_and_correct(np.zeros((0, 2)), []), "logits holds no rows"),
        (lambda: calibration.confidence_and_correct_from_probs([[0.5, 0.5], [0.5, 0.6]], [0, 1]), "probs, row 1 sums to 1.1"),
        (lambda: calibration.confidence_and_correct_from_probs([[0.5, 0.5], [-0.1, 1.1]], [0, 1]), "probs, row 1: -0.1"),
        (lambda: calibration.brier([[np.nan, 0.5]], [0]), "probs, row 0: nan"),
        (lambda: calibration.ece_difference(([0.5], [1]), ([0.5, 0.5], [1, 1])), "1 and 2 examples"),
        (lambda: calibration.ece_interval(reliability_diagram([0.5], [1]), resamples=0), "resamples is 0"),
        (lambda: reliability_diagram([0.5], [1]).wilson(1.5), "level is 1.5"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(LsvizError) as error:
        call()
    assert words in str(error.value)


def test_labels_need_not_cover_all_classes_and_overflowing_sums_are_fine():
    assert calibration.confidence_and_correct(GOOD, [0, 0])[1].tolist() == [True, False]
    half = np.full((20, 100), 60_000, np.float16)  # finite, though its float16 sum is not
    close(calibration.confidence_and_correct(half, np.zeros(20))[0], 0.01)
