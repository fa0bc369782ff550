"""The language that is spoken now, and what it does to a sentence around its values: Korean particles, signs beside numbers."""

from __future__ import annotations

import re
from contextvars import ContextVar

SPOKEN: ContextVar[str | None] = ContextVar("spoken", default=None)  # of this thread: a session's run has one of its own

_PAIR = re.compile(r"(\S)([\s)\]*”’\u2060]*)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|와\(과\)|\(으\)로)")
_FORMS = {"은(는)": ("은", "는"), "이(가)": ("이", "가"), "을(를)": ("을", "를"), "과(와)": ("과", "와"), "와(과)": ("과", "와"), "(으)로": ("으로", "로")}  # fmt: skip
_LETTERS = "abcdefghijkopqstuvwxyz"
_OPEN = {*"2459%αβγδελμρστω", *_LETTERS, *_LETTERS.upper()}  # read with a vowel at the end: 이, 사, 오, 구, 퍼센트, 알파, 에이 …
_L = set("178lLrR")  # read with an ㄹ at the end: 일, 칠, 팔, 엘, 알


def percent_sign() -> str:
    """What stands behind a percentage: apart from it in English, joined to it in Korean."""
    return "%" if SPOKEN.get() == "ko" else " %"


def range_sign() -> str:
    """What stands between the ends of an interval."""
    return "~" if SPOKEN.get() == "ko" else "…"


def josa(sentence: str) -> str:
    """A Korean sentence with each pair of particles, "을(를)", as the one that what stands before it takes; digits, signs and letters as they are read.

    >>> josa("α = 0.2을(를), N = 10와(과), 91%은(는), “의자”이(가), (2021)(으)로")
    'α = 0.2를, N = 10과, 91%는, “의자”가, (2021)로'
    """
    return _PAIR.sub(lambda found: found[1] + found[2] + _form(found[1], found[3]), sentence)


def _form(last: str, pair: str) -> str:
    closed, opened = _FORMS[pair]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        vowel, liquid = final == 0, final == 8
    else:
        vowel, liquid = last in _OPEN, last in _L
    return opened if vowel or (liquid and pair == "(으)로") else closed


class Particles(str):
    """A text with pairs of particles: filling its places chooses among them."""

    __slots__ = ()

    def format(self, *args: object, **values: object) -> str:
        return josa(str.format(self, *args, **values))

    @classmethod
    def of(cls, text: str) -> str:
        """`text`, which chooses its particles where it has any."""
        return cls(text) if _PAIR.search(text) else text
