"""Numbers as people read them: per cent, points, ratios, alpha; a true minus sign; as the language that is spoken writes them."""

from __future__ import annotations

import math
import unicodedata

from lsviz.core.spoken import SPOKEN, percent_sign, range_sign

MINUS, TIMES = "\u2212", "\u00d7"
NO_BREAK = "\u00a0"  # a number and its sign stay on one line


def percent(fraction: float, digits: int | None = None) -> str:
    """0.91 -> '91 %', 0.099 -> '9.9 %', 0.001 -> '0.10 %', 5e-6 -> '0.0005 %', 0.9995 -> '99.95 %': only 0 and 1 look certain."""
    value = 100 * fraction
    if digits is None:
        doubt = min(abs(value), abs(100 - abs(value)))
        if 1e-9 < doubt < 0.01:
            text = f"{value:.{1 - math.floor(math.log10(doubt))}f}".rstrip("0")
            return f"{text}{percent_sign()}".replace("-", MINUS)
        whole = abs(value - round(value)) < (0.05 if 1 <= abs(value) < 99.5 else 0.005)
        digits = 0 if whole else 2 if abs(value) < 1 or 99.9 < abs(value) < 100 else 1
    return f"{value:.{digits}f}{percent_sign()}".replace("-", MINUS)


def between(low: str, high: str) -> str:
    """The two ends of an interval, as the language writes them: "−1.2 … +0.3", in Korean "−1.2 ~ +0.3"."""
    return f"{low} {range_sign()} {high}"


def points(fraction: float) -> str:
    """A signed difference in percentage points: 0.1 -> '+10.0'."""
    value = round(100 * fraction, 1) + 0.0
    return f"{value:+.1f}".replace("-", MINUS) if value else "0.0"


def gap(value: float) -> str:
    """A logit gap, two decimals; infinity as its sign."""
    return f"{value:.2f}".replace("inf", "\u221e").replace("-", MINUS)


def ratio(value: float) -> str:
    """0.27 -> '0.27\u00d7', 3.6 -> '3.6\u00d7'; '3.6배' in Korean."""
    times = "배" if SPOKEN.get() == "ko" else TIMES
    return f"{value:.2f}{times}" if value < 1 else f"{value:.1f}{times}"


def whole(count: int) -> str:
    """A count with thin spaces: 10000 -> '10\u202f000'; '10,000' in Korean."""
    return f"{count:,}".replace(",", "," if SPOKEN.get() == "ko" else "\u202f")


def letters(text: str) -> int:
    """How wide `text` stands, in Latin letters: Hangul and its like take two each."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def alpha_text(alpha: float) -> str:
    """0.1 -> '0.10', 0.025 -> '0.025'."""
    return f"{alpha:.2f}" if abs(alpha * 100 - round(alpha * 100)) < 1e-9 else f"{alpha:.3f}".rstrip("0")


def alpha_tick(alpha: float, hard: str = "0") -> str:
    """0 -> `hard`, 0.1 -> '.1', 1 -> '1'."""
    return hard if alpha == 0 else f"{alpha:g}".lstrip("0") if alpha < 1 else "1"
