"""A formula in the simplest part of LaTeX as a MathML tree, for JavaScript that only ever sets text."""

from __future__ import annotations

import re
from collections.abc import Iterator

Node = list  # [tag, *children]; a child is a node or a text

_TOKEN = re.compile(r"\\text\{[^}]*\}|\\[a-z]+|[0-9.\ue000-\uf8ff]+|\S")
_SIGNS = {"\\alpha": ["mi", "α"], "\\qquad": ["mspace"], "-": ["mo", "\u2212"]}


def tree(latex: str) -> Node:
    r"""`latex` as one `mrow`: letters, numbers, operators, `_{}`, `\frac{}{}`, `\text{}`, `\alpha`, `\qquad`.

    Characters of Unicode's private area count as digits: they are places for numbers. Raises ValueError for anything else of LaTeX.

    >>> tree(r"y_{k} = \frac{\alpha}{2}")
    ['mrow', ['msub', ['mi', 'y'], ['mrow', ['mi', 'k']]], ['mo', '='], ['mfrac', ['mrow', ['mi', 'α']], ['mrow', ['mn', '2']]]]
    """
    return _row(iter(_TOKEN.findall(latex)), "")


def _row(tokens: Iterator[str], end: str) -> Node:
    made: Node = ["mrow"]
    for token in tokens:
        if token == end:
            return made
        if token == "_" and len(made) > 1:
            made.append(["msub", made.pop(), _group(tokens)])
        elif token == "\\frac":
            made.append(["mfrac", _group(tokens), _group(tokens)])
        elif token.startswith("\\text{"):
            made.append(["mtext", token[6:-1]])
        elif token in _SIGNS:
            made.append(_SIGNS[token])
        elif token[0] in "\\{}_^":
            raise ValueError(
                f"{token} is not read in formulas here; they hold letters, numbers, _{{}}, \\frac, \\text, \\alpha, \\qquad"
            )
        else:
            made.append(["mn" if re.match(r"[0-9.\ue000-\uf8ff]", token) else "mi" if token.isalpha() else "mo", token])
    if end:
        raise ValueError(f"a formula ends before its {end}")
    return made


def _group(tokens: Iterator[str]) -> Node:
    if next(tokens, "") != "{":
        raise ValueError("_ and \\frac need braces in a formula")
    return _row(tokens, "}")
