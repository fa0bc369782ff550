"""The seeds together on Inductive bias: every alpha is worded by its interval."""

from __future__ import annotations

from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.ensembles import together_moved
from lsviz.pages.bias.ensemble import told
from tests.pages.test_every_page import said
from tests.reading import mounted, opened


def test_every_alpha_is_worded_by_its_interval():
    of = lambda low, high: {
        "gap": Change("gap", 0.09, 0.05, -0.05, -0.03),
        "ece15": Change("ece15", 0.1, 0.1 + (low + high) / 2, low, high),
    }
    found = {0.0: of(-0.04, -0.01), 0.1: of(-0.01, 0.03), 0.3: of(0.02, 0.04), 0.5: of(0.0, 0.02)}
    text = told(found, together_moved(found), 3)
    assert "lower at hard (10.0 % → 7.5 %)" in text.replace("\u00a0", " ") and "higher at α = 0.30" in text
    assert "not told apart at α = 0.10" in text and "α = 0.50" in text[text.index("not told apart") :]
    assert text.count("down at hard") == 1 and "up at" not in text


def test_the_page_tells_the_stored_ensembles():
    app = opened("bias", n="10", open="ensemble")
    assert "bias_ensemble" in mounted(app)
    assert "9.5 % → 6.8 %" in said(app).replace("\u00a0", " ")
