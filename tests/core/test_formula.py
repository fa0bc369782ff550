import re

import pytest

from lsviz.core.formula import tree
from lsviz.state import CONVENTIONS
from lsviz.texts.catalogue import catalogue


def flat(node) -> str:
    return "".join(child if isinstance(child, str) else flat(child) for child in node[1:])


def test_letters_numbers_fractions_and_names():
    made = tree(r"y_{\text{other class}} = \frac{\alpha}{N-1} = 0.02")
    assert made == [
        "mrow",
        ["msub", ["mi", "y"], ["mrow", ["mtext", "other class"]]],
        ["mo", "="],
        ["mfrac", ["mrow", ["mi", "α"]], ["mrow", ["mi", "N"], ["mo", "\u2212"], ["mn", "1"]]],
        ["mo", "="],
        ["mn", "0.02"],
    ]


@pytest.mark.parametrize("odd", [r"\sum x", "x^2", r"\frac12", r"\frac{1}{2", "}", "_{k}"])
def test_what_it_does_not_read_is_refused(odd):
    with pytest.raises(ValueError, match="formula"):
        tree(odd)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_formula_of_soft_targets_is_read(language, convention):
    text = catalogue(language)[f"targets.formula_{convention}"].format(alpha="0.1", n=5, true="0.92", off="0.02")
    shown = [flat(tree(latex)) for latex in re.findall(r"\$\$(.+?)\$\$", text)]
    assert len(shown) == 2 and shown[0].endswith("=0.92") and "=0.02" in shown[1]
