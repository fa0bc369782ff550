"""Costs: what is drawn is what core measures, for every score and alpha."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct
from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.selective import SCORES, Selected, aurc_difference, risk_coverage, score_of
from lsviz.core.comparing.top_logit import TopLogits, top_logit_numbers
from lsviz.figures import numbers, theme
from lsviz.figures.selective import FEW, area_figure, coverage_figure, findings
from lsviz.figures.tables import verdict_table
from lsviz.pages.costs.easy_figures import Task, easy_figure, foretold_figure
from lsviz.pages.costs.price_figures import Loss, price_figure, probe_figure, tax_figure
from lsviz.pages.costs.student_map import Student, student_map_figure
from lsviz.pages.costs.top_logit_figures import pressure_figure, top_logit_figure
from lsviz.texts.catalogue import words as catalogue
from tests.small_zoo import logits_and_labels, sharpness

WORDS = catalogue("costs")
ALPHAS = (0.0, 0.1, 0.5)


@pytest.fixture(scope="module")
def networks() -> dict[float, Selected]:
    made, hard = {}, None
    for alpha in ALPHAS:
        logits, labels = logits_and_labels(800, 5, sharpness(alpha), 2)
        noisy = logits.astype(float) + np.random.default_rng(int(10 * alpha)).normal(0, 2 * alpha, logits.shape)
        _, correct = confidence_and_correct(noisy, labels)
        pairs = {kind: (score_of(noisy, kind), correct) for kind in SCORES}
        hard = hard or pairs
        against = {kind: aurc_difference(hard[kind], pairs[kind]) for kind in SCORES} if alpha else None
        made[alpha] = Selected({kind: risk_coverage(*pair) for kind, pair in pairs.items()}, against)
    return made


@pytest.mark.parametrize("score", SCORES)
def test_curves_are_the_measured_ones_and_hard_stays(networks, score):
    live = coverage_figure(networks, score, WORDS)
    assert live.overlay
    for alpha in ALPHAS:
        hard, moved = live.at(alpha).data
        for trace, one in ((hard, networks[0.0]), (moved, networks[alpha])):
            for x, y in zip(trace.x[::17], trace.y[::17]):
                assert y == pytest.approx(100 * one.curves[score].risk_at(x / 100))
        assert moved.line.color == theme.alpha_color(alpha)
        assert numbers.percent(networks[alpha].curves[score].risk_at(FEW), 1) in live.alt[ALPHAS.index(alpha)]


@pytest.mark.parametrize("score", SCORES)
def test_areas_and_paired_whiskers(networks, score):
    live = area_figure(networks, score, WORDS)
    lines = live.figure.data[:3]
    for kind, line in zip(SCORES, lines):
        assert list(line.y) == pytest.approx([100 * networks[alpha].curves[kind].aurc for alpha in ALPHAS])
    whiskers = [v for v in live.figure.data[3].y if v is not None]
    hard = networks[0.0].curves[score].aurc
    expected = [
        100 * (hard + end)
        for a in ALPHAS[1:]
        for end in (networks[a].against_hard[score].low, networks[a].against_hard[score].high)
    ]
    assert whiskers == pytest.approx(expected)
    for alpha in ALPHAS:
        ring = live.at(alpha).data[-1]
        assert ring.y[0] == pytest.approx(100 * networks[alpha].curves[score].aurc)
    assert live.overlay and live.figure.data[4].meta == "select-alpha" and list(live.figure.data[4].customdata) == list(ALPHAS)


def test_the_headline_says_what_was_measured_and_whether_it_can_be_told(networks):
    heads, subs = findings(networks, "probability", WORDS)
    for alpha, head, sub in zip(ALPHAS, heads, subs):
        assert numbers.percent(networks[alpha].curves["probability"].risk_at(FEW), 1) in head
        if alpha:
            found = networks[alpha].against_hard["probability"]
            verdict = "equal" if found.low <= 0 <= found.high else "worse" if found.difference > 0 else "better"
            assert WORDS[f"verdict_{verdict}"] in sub and numbers.points(found.difference) in sub


PAID = {0.0: Loss(0.6, 0.5, 0.07, 0.8, 1000), 0.1: Loss(0.55, 0.54, 0.18, 0.81, 1000)}


def test_the_tax_is_minus_log_of_the_target():
    live = tax_figure(PAID, 10, WORDS)
    tax = live.figure.data[0]
    assert tax.y[0] == 0 and tax.y[-1] == pytest.approx(0.094311, abs=1e-6)  # N = 10, alpha = .1: t = .91
    assert list(live.figure.data[2].y) == [0.6, 0.55] and list(live.figure.data[1].y) == [0.07, 0.18]
    assert live.table["minus_log_target"][1] == pytest.approx(-math.log(0.91))
    assert "0.18" in live.at(0.1).layout.title.text and "0.09" in live.at(0.1).layout.title.text and live.overlay


def test_nll_is_drawn_against_accuracy_with_its_remedy():
    plain = price_figure(PAID, WORDS)
    assert len(plain.figure.data) == 3 and "0.54" not in plain.at(0.1).layout.title.text
    live = price_figure(PAID, WORDS, tempered=True)
    whiskers, _, cooled, dots, ring = live.at(0.1).data
    assert list(dots.x) == pytest.approx([80, 81]) and list(dots.y) == [0.6, 0.55] and list(cooled.y) == [0.5, 0.54]
    ends = [v for v in whiskers.x if v is not None]
    assert ends[1] - ends[0] == pytest.approx(2 * 196 * math.sqrt(0.8 * 0.2 / 1000))
    assert (
        ring.y[0] == 0.55
        and "81.0 %" in live.at(0.1).layout.title.text
        and "0.54" in live.at(0.1).layout.title.text
        and live.overlay
    )
    tax = tax_figure(PAID, 10, WORDS, tempered=True)
    assert (
        list(tax.figure.data[4].y) == [0.5, 0.54] == tax.table["nll_at_temperature"]
        and len(tax_figure(PAID, 10, WORDS).figure.data) == 5
    )


def test_the_force_and_what_is_left_of_it():
    rng = np.random.default_rng(0)
    tops = {alpha: TopLogits(rng.normal(10 - 8 * alpha, 1, 80), rng.normal(7 - 5 * alpha, 1, 20)) for alpha in ALPHAS}
    tops = {alpha: top_logit_numbers(one) for alpha, one in tops.items()}
    force = pressure_figure(tops, 10, WORDS)
    assert list(force.at(0.5).data[0].x) == pytest.approx([-0.35, 0.05, -0.45]) and force.overlay  # .5 (.9 - .2), .5 / 10, .5 * .9
    assert "−0.450" in force.alt[2] and "+0.050" in force.alt[2]
    left = top_logit_figure(tops, WORDS)
    wrong, right = left.at(0.1).data
    assert sum(wrong.y) == pytest.approx(100) and sum(right.y) == pytest.approx(100) and left.overlay
    assert left.table["ratio"] == [one.ratio for one in tops.values()] and f"{tops[0.1].ratio:.2f}×" in left.alt[1]


def test_the_probe_is_drawn_against_separation():
    live = probe_figure({0.0: 0.6, 0.1: 0.5}, {0.0: 0.4, 0.1: 0.7}, WORDS)
    dots = live.figure.data[1]
    assert list(dots.x) == [0.4, 0.7] and list(dots.y) == [60, 50]
    assert "50.0 %" in live.at(0.1).layout.title.text


def test_the_verdict_names_every_number_and_its_interval():
    changes = (Change("accuracy", 0.8, 0.9, 0.05, 0.15), Change("nll", 1.0, 1.2, 0.1, 0.3), Change("ece", 0.1, 0.2, -0.1, 0.3))
    table = verdict_table(changes, ("what", "hard", "soft", "apart"), WORDS).replace("\u00a0", " ").splitlines()
    assert len(table) == 5 and all(row.count("|") == 5 for row in table)
    assert "80.0 %" in table[2] and "better: +10.0 (+5.0 … +15.0)" in table[2]
    assert "1.200" in table[3] and "worse: +0.200" in table[3] and "not told apart" in table[4]
    tight = verdict_table((Change("nc1", 0.3, 0.1, -0.25, -0.15),), ("what", "hard", "soft", "apart"), WORDS).replace("\u00a0", " ")
    assert "0.300" in tight and "tighter: −0.200" in tight and "better" not in tight


def test_labels_keep_apart():
    assert theme.stacked([1.1, 5.0, 1.0], 1.0) == [2.0, 5.0, 1.0]


def test_the_map_of_students_and_what_they_do_alone():
    students = {
        (0.0, 1.0): Student(0.74, 1, (0.02, 0.01, 0.03), True),
        (0.0, 2.0): Student(0.73, 2, (0.01, -0.01, 0.03)),
        (0.1, 1.0): Student(0.70, 1, None),
    }
    live = student_map_figure(students, {0.0: 0.72, 0.1: 0.715}, WORDS)
    (trace,) = live.figure.data
    assert list(trace.x) == ["T = 1", "T = 2"] and list(trace.y) == ["hard", "α = 0.10"]
    assert trace.z[0] == pytest.approx((74, 73)) and trace.z[1][1] is None
    assert list(trace.text[0]) == ["74.0<br><b>+2.0</b>", "73.0<br>+1.0"] and trace.text[1][0] == "70.0"
    assert "72.0 %" in live.figure.layout.annotations[0].text and "T = 2: 73.0 %, +1.0 points" in live.alt[0]
    assert live.table["difference"] == [0.02, 0.01, None]


def test_published_ece_stands_above_its_bound():
    task = Task(10, {0.0: 0.9906, 0.1: 0.9931, 0.3: 0.9913}, {0.0: 0.002, 0.1: 0.102, 0.3: 0.281})
    live = easy_figure({"MNIST": task}, WORDS)
    bound, ece = live.figure.data
    assert list(bound.y) == pytest.approx([0, 8.31, 26.13], abs=0.005) and list(ece.y) == pytest.approx([0.2, 10.2, 28.1])
    assert all(b <= e for b, e in zip(bound.y, ece.y)) and "0.2 %" in live.alt[0] and "28.1 %" in live.alt[0]


def test_the_bound_stands_before_the_result():
    ece = {a / 10: 0.01 + a / 20 for a in range(7)}
    bound, cooled = {a: max(0.0, v - 0.03) for a, v in ece.items()}, dict.fromkeys(ece, 0.01)
    before = foretold_figure(bound, {}, {}, 0.97, WORDS)
    assert before.frames is None and list(before.figure.data[0].y) == [100 * v for v in bound.values()] and "97 %" in before.alt[0]
    after = foretold_figure(bound, ece, {}, 0.97, WORDS)
    assert list(after.figure.data[1].y) == [100 * v for v in ece.values()] and after.overlay
    assert after.at(0.1).data[-1].y[0] == pytest.approx(6) and "6.0 %" in after.at(0.1).layout.title.text
    mended = foretold_figure(bound, ece, cooled, 0.97, WORDS)
    assert (
        list(mended.figure.data[2].y) == [1.0] * 7
        and mended.at(0.6).data[-1].y[0] == 1.0
        and mended.table["ece15_at_temperature"] == [0.01] * 7
    )


def test_the_remedy_is_framed_where_it_is():
    one = Student(0.8, 2, (0.01, 0.0, 0.02))
    made = {(alpha, t): one for alpha in (0.0, 0.1, 0.3) for t in (1.0, 2.0)}
    (frame,) = student_map_figure(made, {}, WORDS, cool=True).figure.layout.shapes
    assert frame.x0 < 0 < frame.x1 < 1 and 0 < frame.y0 < 1 and 2 < frame.y1 < 3  # first column, all rows but the hard one
    assert not student_map_figure(made, {}, WORDS).figure.layout.shapes
    assert not student_map_figure({(0.1, 2.0): one}, {}, WORDS, cool=True).figure.layout.shapes
