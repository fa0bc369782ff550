"""The likeness matrix in the link: what is written is what is read, and junk stays out."""

from __future__ import annotations

import pytest

from lsviz.pages.labels.similar_digits_live import parsed, written
from lsviz.state import ALIKE, ViewState


def test_there_and_back():
    for text in ("", "386", ALIKE, "012.900"):
        assert written(parsed(text)) == text
    weights = parsed("386.900")
    assert weights[3][8] == 6 and weights[8][3] == 1 and weights[9][0] == 0 and weights[4][4] == 0


@pytest.mark.parametrize("junk", ["38", "3866", "336", "38a", "386.", "386,836", "." * 9, ".".join(["386"] * 91)])
def test_junk_keeps_the_matrix(junk):
    assert ViewState.from_query({"alike": junk}).alike == ALIKE
    assert ViewState.from_query({"alike": ""}).alike == ""
