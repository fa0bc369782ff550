"""Events: the top answer, one class, the first k, each against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.calibration import classwise_ece, reliability_diagram
from lsviz.core.calibration.assessment import assess, assess_event
from lsviz.core.calibration.events import event_probability, parsed
from lsviz.core.errors import LsvizError
from lsviz.core.temperature import apply_temperature
from tests.small_zoo import logits_and_labels


@pytest.fixture(scope="module")
def outputs():
    logits, labels = logits_and_labels(300, 6, 1.5, 4)
    return logits.astype(np.float32), labels


def test_each_event_is_the_loop(outputs):
    logits, labels = outputs
    probs = apply_temperature(logits, 1.0)
    for event in ("top", "class-3", "first-2", "first-6"):
        chance, happened = event_probability(probs, labels, event)
        for i in range(0, 300, 13):
            order = sorted(range(6), key=lambda k: -probs[i, k])
            chosen = {"top": order[:1], "class-3": [2], "first-2": order[:2], "first-6": order}[event]
            assert chance[i] == pytest.approx(sum(probs[i, k] for k in chosen)) and happened[i] == (labels[i] in chosen)


def test_the_top_event_is_the_usual_assessment(outputs):
    top, usual = assess_event(*outputs, "top"), assess(*outputs)
    assert (
        top.ece.ece == pytest.approx(usual.ece.ece)
        and top.signed_gap == pytest.approx(usual.signed_gap)
        and top.accuracy == usual.accuracy
    )


def test_a_class_is_what_the_class_wise_ece_counts(outputs):
    logits, labels = outputs
    probs = apply_temperature(logits, 1.0)
    every = [reliability_diagram(*event_probability(probs, labels, f"class-{k + 1}")).ece for k in range(6)]
    np.testing.assert_allclose(every, classwise_ece(probs, labels), atol=1e-12)
    assert assess_event(logits, labels, "class-2").ece.ece == pytest.approx(every[1])


def test_all_classes_together_are_always_right(outputs):
    sure = assess_event(*outputs, "first-6")
    assert sure.accuracy == 1 and sure.ece.ece == pytest.approx(0, abs=1e-9) and sure.nll == pytest.approx(0, abs=1e-6)


def test_nll_and_brier_of_an_event_are_those_of_two_classes(outputs):
    logits, labels = outputs
    found = assess_event(logits, labels, "class-1")
    chance, happened = event_probability(apply_temperature(logits, 1.0), labels, "class-1")
    two = np.column_stack([chance, 1 - chance])
    assert found.nll == pytest.approx(-np.log(np.where(happened, two[:, 0], two[:, 1])).mean())
    assert found.brier == pytest.approx(((two - np.column_stack([happened, ~happened])) ** 2).sum(axis=1).mean())


@pytest.mark.parametrize("event", ["", "class", "class-0", "first-x", "top-1", "class-7", "first-9"])
def test_other_events_are_refused(outputs, event):
    with pytest.raises(LsvizError):
        event_probability(apply_temperature(outputs[0], 1.0), outputs[1], event)


def test_names_are_parsed():
    assert [parsed(name) for name in ("top", "class-4", "first-10")] == [("top", 1), ("class", 4), ("first", 10)]
