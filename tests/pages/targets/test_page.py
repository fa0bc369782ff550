"""The Soft targets page: its sentences, its check of pasted vectors, and code that runs."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core import smoothing
from lsviz.pages.targets.code_to_copy import target_code
from lsviz.pages.targets.formula import convention_table, findings, in_numbers
from lsviz.pages.targets.pasted_vector import judge
from lsviz.state import closed_form_stops
from tests.reading import opened as opened_page
from tests.reading import plain, sent

STOPS = closed_form_stops()


def opened(**query: str) -> AppTest:
    return opened_page("targets", **query)


def heard(app: AppTest) -> str:
    """The headline and its sentence as the browser gets them."""
    return next(str(e.proto) for e in app.main if "headline" in str(getattr(e, "proto", "")))


def said(app: AppTest) -> str:
    return "\n".join(plain(m.value) for m in (*app.markdown, *app.caption, *app.code))


@pytest.mark.parametrize(
    ("convention", "n", "told"),
    [
        ("uniform", 5, ["0.10", "0.92", "0.02", "1", "92 %", "3.83", "0.390"]),
        ("others_no_pad", 5, ["0.10", "0.9", "0.0333333", "1", "90 %", "3.30", "0.435"]),
        ("binary", 5, ["0.10", "0.95", "0.05", "1.15", "95 %", "2.94", "0.199"]),
    ],
)
def test_the_formula_has_the_numbers_of_every_alpha(convention, n, told):
    sheet = next(data for data in sent(opened(n=str(n), conv=convention, open="")) if "blocks" in data)
    assert sheet["values"][sheet["stops"].index(0.1)] == told and len(sheet["values"]) == len(STOPS)
    kinds = [kind for kind, _ in sheet["blocks"]]
    assert kinds == ["formula", "formula", "sentence", "numbers"]


def test_undefined_convention_says_so_and_shows_another():
    with_sentence = opened(n="2", conv="others_no_pad")
    assert "at least three classes" in heard(with_sentence) and "at least three classes" not in heard(opened(n="2"))


@pytest.mark.parametrize(
    ("query", "shown", "name"),
    [
        ({"n": "5", "class": "57"}, 5, "streetcar"),
        ({"n": "1000", "class": "777"}, 777, "class 777"),
        ({"n": "5", "class": "5", "conv": "others_no_pad"}, 4, "bus"),  # the fifth place is padding
    ],
)
def test_class_control_and_code_agree_on_the_true_class(query, shown, name):
    app = opened(**query)
    assert app.selectbox(key="control_true_class").value == shown
    assert len(app.code) == 2 and all(f"true_class = {shown - 1}  # {name};" in code.value for code in app.code)


def test_a_class_out_of_reach_comes_back_with_more_classes():
    app = opened(n="5", **{"class": "57"})
    assert app.session_state["view_state"].true_class == 57


def test_textbook_example_is_one_click():
    app = opened(n="100", conv="binary", axis="log")
    next(button for button in app.button if button.label == "Textbook example").click().run()
    assert not app.exception
    state = app.session_state["view_state"]
    assert (state.num_classes, state.true_class, state.alpha, state.convention) == (5, 3, 0.1, "uniform")


def test_hard_targets_have_no_loss_left_and_no_minus():
    values, _ = in_numbers(STOPS, 10, "uniform")
    assert STOPS[0] == 0 and values[0][-1] == "0.000"


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
@pytest.mark.parametrize("convention", ["uniform", "others", "others_no_pad", "binary"])
def test_headlines_never_claim_certainty_or_nothing(n, convention):
    if convention == "others_no_pad" and n < 3:
        return
    heads, subs = findings(closed_form_stops(), n, convention)
    assert all("100 %]." in head and ":blue[100 %]" not in head for head in heads[1:-1])
    assert not any("gets 0 %" in sub for sub in subs[1:])
    assert all("speaks" in sub for sub in subs[-1:]) if convention.startswith("others") else "speaks" not in subs[-1]


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
        ("tensor([0.0200, 0.9200, 0.0200, 0.0200, 0.0200], device='cuda:0')", True, "α = 0.1"),
        ("np.array([.9, .1], dtype=np.float32)", True, "0.2"),
        ("1.36 \u2212.04 \u2212.04 \u2212.04 \u2212.04 \u2212.04 \u2212.04 \u2212.04 \u2212.04 \u2212.04", True, "\u22120.4"),
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
    exec(target_code(library, n, true_class, "otter", alpha, convention), names)  # noqa: S102 - our own snippet
    expected = smoothing.soft_targets([true_class], n, alpha, convention)[0]
    np.testing.assert_allclose(np.asarray(names["target"], float), expected, atol=1e-7)


def test_library_table_gives_the_gaps_everyone_argues_about():
    table = convention_table(5, 0.1, "uniform")
    assert "3.83" in table and "3.58" in table and "3.30" in table and "0.125" in table
