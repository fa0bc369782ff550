"""Networks: curves end where training ended; the comparison draws every source as it reports."""

from __future__ import annotations

import pytest

from lsviz.figures import theme
from lsviz.pages.networks.figures import Reported, comparison_figure, learning_figure
from lsviz.texts.catalogue import words

WORDS = words("networks")
SOURCES = [
    Reported("ours", "measured", {0.0: 0.096, 0.1: 0.04}, {0.0: (0.09, 0.10), 0.1: (0.03, 0.05)}),
    Reported("paper", "paper", {0.0: 0.150, 0.05: 0.024}, tempered=(1.9, 0.021)),
    Reported("copy", "replication", {0.0: 0.207, 0.3: 0.120}),
]


def test_every_source_stands_where_it_reports():
    live = comparison_figure(SOURCES, WORDS)
    lines = {trace.text[0].split(",")[0]: trace for trace in live.figure.data if trace.mode == "lines+markers"}
    for source in SOURCES:
        line = lines[source.name]
        assert list(line.x) == pytest.approx([theme.alpha_position(alpha) for alpha in source.ece])
        assert list(line.y) == pytest.approx([100 * value for value in source.ece.values()])
    assert lines["ours"].line.dash == "solid" and len({line.line.dash for line in lines.values()}) == 3
    (tick,) = [trace for trace in live.figure.data if trace.mode == "markers"]
    assert tick.y == (2.1,) and "1.9" in tick.text[0]
    whiskers = [v for trace in live.figure.data if trace.mode == "lines" for v in trace.y if v is not None]
    assert whiskers == pytest.approx([9, 10, 3, 5])
    assert live.table["ece15"] == [0.096, 0.04, 0.150, 0.024, 0.207, 0.120] and "15.0 %" in live.alt[0]


def test_it_stands_without_ours():
    live = comparison_figure(SOURCES[1:], WORDS)
    assert [trace.mode for trace in live.figure.data] == ["lines+markers", "markers", "lines+markers"]


@pytest.mark.parametrize("quantity", ["nll", "accuracy"])
def test_learning_curves_say_the_last_epoch(quantity):
    history = {
        "epoch": [1, 2],
        "train_nll": [2.0, 0.5],
        "test_nll": [2.1, 0.9],
        "train_accuracy": [0.3, 0.99],
        "test_accuracy": [0.2, 0.8],
    }
    live = learning_figure(history, quantity, "run", WORDS)
    ends = {note.text for note in live.figure.layout.annotations}
    shown = {"nll": ("0.50", "0.90"), "accuracy": ("99 %", "80 %")}[quantity]
    assert all(any(value in text for text in ends) for value in shown)
    assert [list(trace.y) for trace in live.figure.data] == [history[f"train_{quantity}"], history[f"test_{quantity}"]]
