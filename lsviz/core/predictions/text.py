"""Text from outside, made safe to show."""

from __future__ import annotations

import unicodedata


def plain_text(text: object, longest: int = 60) -> str:
    """Text from outside on one line, without control and direction characters, cut to a length that fits a table."""
    shown = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs") or c in "\t\r\n" else c for c in str(text)[: 4 * longest])
    shown = "".join(c for c in shown if unicodedata.category(c)[0] != "C").strip()
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def no_formula(text: str) -> str:
    """Text for a cell of a spreadsheet: what would be run as a formula stands behind an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
