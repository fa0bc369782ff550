"""Five assumptions side by side, and bias and variance over every alpha: what is drawn is what was trained."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.comparing.bias_variance import Decomposition
from lsviz.core.smoothing.wrong_classes import darkest
from lsviz.pages.bias.five_assumptions_figures import Belief, data_figure, priors_figure
from lsviz.pages.bias.many_samples_figure import samples_figure
from lsviz.pages.labels.likeness_figure import Likeness, likeness_figure
from lsviz.texts.catalogue import words

WORDS = words("bias")
NAMES = ("hard", "smoothed", "decay", "stopped", "penalty")


def belief(settings, confidence):
    levels = np.array([[[100 * k + c for k in (0, 1)] for _ in range(2)] for c in confidence])
    sure = np.array([[0.9, 0.8, c / 100] for c in confidence])
    return Belief(settings, levels, sure, (0.95, 0.94))


BELIEFS = {
    "hard": belief((200.0, 200.0), (99, 99)), "smoothed": belief((0.0, 0.1), (99, 75)), "decay": belief((0.0, 0.018), (99, 97)),
    "stopped": belief((0.0, 17.0), (99, 96)), "penalty": belief((0.0, 0.4), (99, 50)),
}  # fmt: skip


def test_each_assumption_has_its_field_and_says_its_setting():
    points, labels = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
    live = priors_figure((0.0, 0.1), BELIEFS, (0, 1), (0, 1), points, labels, ("a", "b"), WORDS)
    figure = live.at(0.1)
    assert [trace.type for trace in figure.data] == ["heatmap"] * 5 + ["scatter"] * 5
    assert figure.data[0].z[0] == (98, 198) or list(figure.data[0].z[0]) == [98, 198]  # hue of each class, as deep as can be
    assert list(figure.data[1].z[0]) == [50, 150] and list(figure.data[4].z[0]) == [
        0,
        100,
    ]  # 75 % is half way to sure, 50 % is chance
    notes = [note.text for note in figure.layout.annotations]
    assert (
        "200 epochs" in notes[0]
        and "α = 0.10" in notes[1]
        and "λ = 0.018" in notes[2]
        and "17 epochs" in notes[3]
        and "β = 0.4" in notes[4]
    )
    assert "75 %" in notes[6] and "99 %" in notes[5] and "90 %" in notes[6]
    assert "75 %" in figure.layout.title.text and "97 %" in figure.layout.title.text
    assert WORDS["prior_off"] in live.at(0.0).layout.annotations[2].text
    for far in ("99 %", "75 %", "97 %", "96 %", "50 %"):
        assert far in live.alt[1]
    assert len(live.table["confidence_far"]) == 10 and live.table["confidence_far"][3] == pytest.approx(0.75)
    boxes = [(figure.layout[f"xaxis{i or ''}"].domain, figure.layout[f"yaxis{i or ''}"].domain) for i in (None, 2, 3, 4, 5)]
    assert all(left[0][1] < right[0][0] for left, right in zip(boxes, boxes[1:]))
    phone = [(live.narrow[f"xaxis{i or ''}.domain"], live.narrow[f"yaxis{i or ''}.domain"]) for i in (None, 2, 3, 4, 5)]
    assert phone[1][0][1] <= 1 and phone[2][1][1] < phone[0][1][0]  # two in a row, the next row below


def test_before_training_there_are_only_the_data():
    live = data_figure(np.zeros((3, 2)), np.array([0, 1, 1]), ("a", "b<"), WORDS)
    assert (
        [len(trace.x) for trace in live.figure.data] == [1, 2] and "3" in live.alt[0] and live.table["class"] == ["a", "b<", "b<"]
    )
    assert "b&lt;" in live.figure.data[1].hovertemplate


def test_the_three_lines_add_up_and_rings_follow_alpha():
    parts = {0.0: Decomposition(0.30, 0.20, 0.10, 8), 0.1: Decomposition(0.27, 0.22, 0.05, 8), 0.9: Decomposition(0.8, 0.8, 0.0, 8)}
    for which in ("brier", "nll"):
        live = samples_figure(parts, which, WORDS)
        expected, bias, variance, *rings = live.at(0.1).data
        assert list(expected.y) == pytest.approx([b + v for b, v in zip(bias.y, variance.y)])
        assert [ring.y[0] for ring in rings] == pytest.approx([0.27, 0.22, 0.05]) and rings[0].x[0] == pytest.approx(0.1**0.5)
        assert "0.220" in live.at(0.1).layout.title.text and live.overlay and live.table["seeds"] == [8, 8, 8]


def test_a_live_map_has_its_own_title_and_a_shared_scale():
    dark, pale = np.array([[np.nan, 0.9], [0.9, np.nan]]), np.array([[np.nan, 0.5], [0.5, np.nan]])
    live = likeness_figure({0.0: Likeness(pale, 0, 0, 1)}, ("0", "1"), WORDS, pinned=True, title="Even", top=darkest(dark))
    assert live.figure.data[0].zmax == pytest.approx(0.9) and live.alt == ("Even",) and live.figure.layout.xaxis.tickangle == 0
