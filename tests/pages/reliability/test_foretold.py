"""What was foretold is drawn as foretold, and what is said of it is what the paired interval bears out."""

from __future__ import annotations

import pytest

from lsviz.core.calibration.assessment import assess
from lsviz.core.calibration.foretold import foretold_closing, foretold_gaps
from lsviz.core.comparing.changes import Change
from lsviz.pages.reliability.foretold_figure import foretold_figure, foretold_in_words
from lsviz.texts.catalogue import words
from tests.small_zoo import logits_and_labels, sharpness

WORDS = words("reliability")


def test_the_line_is_foretold_and_the_dots_are_measured():
    found = {alpha: assess(*logits_and_labels(600, 5, sharpness(alpha), 0)) for alpha in (0.0, 0.1, 0.5)}
    gaps, closing = foretold_gaps(found[0.0], 5, (0.0, 0.1, 0.3, 0.5)), foretold_closing(found[0.0], 5)
    live = foretold_figure(found, gaps, closing, 0.12, WORDS)
    band, line, _, _, dots = live.figure.data
    assert list(line.y) == pytest.approx([100 * value for value, _, _ in gaps.values()]) and len(band.x) == 8
    assert list(dots.y) == pytest.approx([100 * one.signed_gap for one in found.values()])
    assert live.table["foretold"] == pytest.approx([gaps[alpha][0] for alpha in found]) and "0.12" in live.alt[0]
    assert foretold_figure(found, gaps, closing, None, WORDS).alt[0].startswith(WORDS["foretold_open"][:12])


@pytest.mark.parametrize(("low", "high", "key"), [(-0.03, -0.01, "less"), (0.01, 0.03, "more"), (-0.01, 0.01, "equal")])
def test_the_sentence_is_the_intervals(low, high, key):
    said = foretold_in_words(0.1, Change("signed_gap", 0.02, 0.02 + (low + high) / 2, low, high), WORDS)
    assert said.startswith(
        WORDS[f"foretold_{key}"].format(alpha="0.10", told="+2.0", measured="{}", difference="", low="", high="").split("{}")[0]
    )
    assert ("more confidence" in said, "less confidence" in said, "not told apart" in said) == (
        key == "less",
        key == "more",
        key == "equal",
    )
