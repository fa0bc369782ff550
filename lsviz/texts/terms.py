"""The glossary's terms: which page shows each, where a text uses them, and what the card of a term says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from lsviz.core.once import once
from lsviz.texts.catalogue import catalogue, language

TERMS = {  # -> the page that shows it
    "label_smoothing": "targets",
    "hard_target": "targets",
    "logit": "targets",
    "softmax": "targets",
    "logit_gap": "loss",
    "nll": "loss",
    "nat": "loss",
    "entropy": "loss",
    "kl": "bias",
    "floor": "loss",
    "confidence": "reliability",
    "calibration": "reliability",
    "reliability_diagram": "reliability",
    "ece": "reliability",
    "mce": "reliability",
    "smooth_ece": "reliability",
    "noise_floor": "reliability",
    "brier": "bias",
    "temperature": "reliability",
    "desmoothing": "reliability",
    "penultimate": "embeddings",
    "template": "embeddings",
    "pca": "embeddings",
    "umap": "embeddings",
    "trust": "embeddings",
    "scatter": "embeddings",
    "nc": "embeddings",
    "r2": "embeddings",
    "seed": "bias",
    "interval": "bias",
    "inductive_bias": "bias",
    "bias_variance": "bias",
    "overfitting": "labels",
    "risk_coverage": "costs",
    "auroc": "lab",
    "logit_norm": "costs",
    "linear_probe": "costs",
    "distillation": "costs",
    "corrections": "labels",
    "superclass": "labels",
    "sgd": "networks",
}

_CLOSED = re.compile(
    r"`[^`]*`|\$\$[^$]*\$\$|\$[^$]*\$|:\w+\[[^\]]*\]|\[[^\]]*\]\([^)]*\)|https?://\S+|</?\w[^>]*>|:material/\w+:"
)  # where no link may stand
_SIGNS: tuple[tuple[str, str], ...] = (  # LaTeX, in this order -> plain text
    (r"\\mathrm\{(\w+)\}", r"\1"), (r"\\tfrac\{([^}]*)\}\{([^}]*)\}", r"(\1/\2) "), (r"e\^\{([^}]*)\}", r"exp(\1)"),
    (r"\\alpha", "α"), (r"\\sum", "Σ"), (r"\\\|", "‖"), (r"\\,", " "), (r"\\(?:left|right)", ""), (r"\\(ln|max) ?", r"\1 "), (r"\\bar (\w)", "\\1\u0304"),
    (r" ?_k", "ₖ"), (r" ?_j", "ⱼ"), (r" ?_m", "ₘ"), (r" ?_p", "ₚ"), (r"\^2", "²"), ("-", "−"), (r"\|", "∣"),
    (r" +", " "), (r" (?=[ )])|(?<=ln) (?=\()", ""),
)  # fmt: skip


class Use(NamedTuple):
    """A term in a text: text[start:end]."""

    start: int
    end: int
    term: str


def uses(text: str) -> tuple[Use, ...]:
    """The first use of every term in `text`, in order; none in code, formulas, links or coloured words."""
    return _uses(language(), text)


@once(4096)
def _uses(spoken: str, text: str) -> tuple[Use, ...]:
    pattern, terms = _pattern(spoken)
    closed = [found.span() for found in _CLOSED.finditer(text)]
    first: dict[str, Use] = {}
    for found in pattern.finditer(text):
        if not any(start < found.end() and found.start() < end for start, end in closed):
            term = terms[found[1].casefold()]
            first.setdefault(term, Use(*found.span(), term))
    return tuple(first.values())


@once(4)
def _pattern(spoken: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds a term by any of its forms, the longest first, and whose form it is. An abbreviation counts in capitals alone."""
    terms = {form.casefold(): term for term in TERMS for form in forms(spoken, term)}
    written = sorted((form for term in TERMS for form in forms(spoken, term)), key=len, reverse=True)
    either = "|".join(f"(?-i:{re.escape(form)})" if form.isupper() else re.escape(form) for form in written)
    return re.compile(rf"(?<![\w‖-])({either})(?:e?s)?(?![A-Za-z0-9_-])", re.IGNORECASE), terms


def forms(spoken: str, term: str) -> list[str]:
    """How texts write a term: what the glossary calls it, piece by piece, unless it lists them; single letters are no form."""
    said = catalogue(spoken)
    written = said.get(f"glossary_forms.{term}", said[f"glossary_name.{term}"])
    return [form for piece in re.split(r"[,;:()]", written) if len(form := piece.strip()) > 1]


def linked(text: str, wanted: Callable[[str], bool]) -> str:
    """Markdown with the first use of each term that is `wanted` as a link to the glossary, whose title is the term's card."""
    at, pieces = 0, []
    for start, end, term in uses(text):
        if wanted(term):
            pieces += [text[at:start], f'[{text[start:end]}](glossary#{term} "{card(language(), term)}")']
            at = end
    return "".join([*pieces, text[at:]])


@once(128)
def card(spoken: str, term: str) -> str:
    """Name, sentence and formula, told apart by em spaces: a link's title is one line."""
    said = catalogue(spoken)
    sentence, _, formula = said[f"glossary_says.{term}"].rstrip("$").partition(" $")
    return "\u2003".join(filter(None, (said[f"glossary_name.{term}"], sentence, unicode_formula(formula)))).replace('"', "”")


def unicode_formula(latex: str) -> str:
    """A formula of the glossary as plain text.

    >>> unicode_formula(r"p_k = e^{z_k} / \\sum_j e^{z_j}")
    'pₖ = exp(zₖ) / Σⱼ exp(zⱼ)'
    """
    for written, sign in _SIGNS:
        latex = re.sub(written, sign, latex)
    return latex.strip()
