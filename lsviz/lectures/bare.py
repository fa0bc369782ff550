"""A lecture's TOML without its texts: what it costs to parse is told from this alone, and where each key stands."""

from __future__ import annotations

import re

from lsviz.core.errors import LsvizError

# tomllib's time and memory grow with the square of the parts of a dotted key, and nesting ends in a RecursionError. A lecture of 200
# steps has 2,000 signs, two brackets deep and without a dot; whatever passes these is parsed in milliseconds.
DEEPEST, MOST_DOTS, MOST_SIGNS, LONGEST_WORD, MOST_LINES = 4, 8, 8_000, 200, 10_000

# As tomllib reads them: a long string ends with its first three quotes and may have two more before them. Possessive, so in one pass.
_TEXT = re.compile(
    r'''"""(?:[^"\\]|\\.|"{1,2}+(?!"))*+"{3,5}+|\'\'\'(?:[^']|'{1,2}+(?!'))*+'{3,5}+'''
    r"""|"(?!"")(?:[^"\\\n]|\\[^\n])*+"|'(?!'')[^'\n]*+'|\#[^\n]*+|(?P<open>["'])""",
    re.DOTALL,
)
_QUOTED_KEY = re.compile(r"""["'][\w\-]{1,40}["']""")
_KEY = re.compile(r"""\s*(\[\[\s*(?=step\s*\]\]))?(?:\[+\s*)?["']?([\w\-]+)["']?\s*[=.\]]""")


def bare(text: str) -> str:
    """`text` line for line without comments and with every string emptied, unless it could be a key; nothing after one that never ends."""
    pieces, at = [], 0
    for found in _TEXT.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        if found["open"]:
            return "".join(pieces)  # tomllib stops here too
        pieces.append(_emptied(found[0]))
    return "".join(pieces) + text[at:]


def _emptied(token: str) -> str:
    if token.startswith("#"):
        return ""
    return token if _QUOTED_KEY.fullmatch(token) else '""' + "\n" * token.count("\n")


def check_cost(bare_text: str) -> None:
    """Raise LsvizError "scene.shape", naming the line, where the text would cost tomllib more than a lecture does."""
    depth = signs = 0
    for number, line in enumerate(bare_text.split("\n"), start=1):
        if number > MOST_LINES:
            raise LsvizError("scene.shape", line=number)
        for sign in re.findall(r"[\[\]{}=,.]", line):
            depth += (sign in "[{") - (sign in "]}")
            signs += 1
            if depth > DEEPEST or signs > MOST_SIGNS:
                raise LsvizError("scene.shape", line=number)
        if line.count(".") > MOST_DOTS or max(map(len, re.findall(r"[^\s\[\]{}=,.]+", line)), default=0) > LONGEST_WORD:
            raise LsvizError("scene.shape", line=number)


class Lines:
    """Where a key stands: tomllib does not tell. One pass over the text, then look-ups."""

    def __init__(self, bare_text: str) -> None:
        # what stands before the first [[step]], then a section a step: its first line and the line of every key in it, from 1
        self.sections: list[tuple[int, dict[str, int]]] = [(1, {})]
        for number, line in enumerate(bare_text.split("\n"), start=1):
            if not (found := _KEY.match(line)):
                continue
            if found[1]:
                self.sections.append((number, {}))
            self.sections[-1][1].setdefault(found[2], number)

    def of(self, key: str, number: int = 0) -> int:
        """Line, from 1, of `key` in step `number` (0: before the steps); of the step's head where the key is not written."""
        if key == "step" and not number and len(self.sections) > 1:
            return self.sections[1][0]
        first, keys = self.sections[number if number < len(self.sections) else 0]
        return keys.get(key, first)

    def place(self, key: str, number: int = 0) -> LsvizError:
        """The beginning of a sentence about it."""
        return LsvizError("scene.line", line=self.of(key, number), key=key)
