"""The Soft targets page: its sentences, its check of pasted vectors, and code that runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core import smoothing
from lsviz.ui.target_details import convention_table, judge, target_code

ROOT = Path(__file__).parents[2]


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page("lsviz/views/targets.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(str(m.value) for m in (*app.markdown, *app.caption, *app.code))


def test_formula_and_sum_follow_the_address():
    text = said(opened(alpha="0.1", n="5", **{"class": "3"}))
    assert "0.92" in text and "0.02" in text and "**1**" in text


def test_undefined_convention_says_so_and_shows_another():
    assert "at least three classes" in said(opened(n="2", conv="others_no_pad"))


def test_pasted_vector_is_judged_on_the_page():
    app = opened()
    app.text_input(key="targets_paste").set_value(".02 .02 .92 .02 .02").run()
    assert "PyTorch" in said(app) and any("α = 0.1" in s.value for s in app.success)


@pytest.mark.parametrize(
    ("text", "sound", "holds"),
    [
        ("[0.02, 0.02, 0.92, 0.02, 0.02]", True, "α = 0.1"),
        (".9 .025 .025 .025 .025", True, "0.1"),
        ("0 1 0", True, "hard target"),
        ("0.25, 0.925, 0.025, 0.025", False, "1.225"),
        (".25 .925 .25 .25", False, "1.675"),
        ("2 2 92 2 2", False, "divide by 100"),
        ("abc, 0.1", False, "abc"),
        ("1", False, "at least two"),
        ("0.2 nan 0.3", False, "not finite"),
        ("1.2 -.1 -.1", True, "Negative"),
        ("<script>alert(1)</script>", False, "is not a number"),
    ],
)
def test_judge(text, sound, holds):
    judged, sentence = judge(text)
    assert judged is sound and holds in sentence


@pytest.mark.parametrize("convention", ["uniform", "others", "others_no_pad", "binary"])
@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_the_code_on_the_page_makes_the_target(library, convention):
    n, true_class, alpha = 6, 2, 0.15
    names: dict = {}
    exec(target_code(library, n, true_class, alpha, convention), names)  # noqa: S102 - our own snippet
    expected = smoothing.soft_targets([true_class], n, alpha, convention)[0]
    np.testing.assert_allclose(np.asarray(names["target"], float), expected, atol=1e-7)


def test_library_table_gives_the_gaps_everyone_argues_about():
    table = convention_table(5, 0.1, "uniform")
    assert "3.83" in table and "3.58" in table and "3.30" in table and "0.125" in table
