"""The catalogue is complete and used: every key a page asks for exists, every key stands for something on screen."""

from __future__ import annotations

import re
import string
from pathlib import Path

from lsviz.core.errors import MESSAGES
from lsviz.ui.texts import catalogue

ROOT = Path(__file__).parent.parent
SOURCES = {path: path.read_text("utf-8") for folder in ("views", "ui") for path in (ROOT / "lsviz" / folder).glob("*.py")}
SOURCES[ROOT / "app.py"] = (ROOT / "app.py").read_text("utf-8")


def test_every_key_asked_for_exists():
    keys = catalogue()
    for path, source in SOURCES.items():
        for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", source):
            assert key in keys, f"{path.name} asks for {key}"


def test_every_template_can_be_parsed():
    for key, text in catalogue().items():
        if "{" in text and "%{" not in text:
            list(string.Formatter().parse(text))
        assert text.strip(), f"{key} is empty"


def test_every_error_raised_has_a_sentence():
    raised = set()
    for path in (ROOT / "lsviz").rglob("*.py"):
        raised |= set(re.findall(r"""LsvizError\(\s*["']([\w.]+)["']""", path.read_text("utf-8")))
    assert raised and raised <= set(MESSAGES), raised - set(MESSAGES)


def test_no_error_sentence_stands_unused():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "lsviz").rglob("*.py") if path.name != "errors.py")
    assert [name for name in MESSAGES if f'"{name}"' not in code] == []


def test_how_to_read_has_three_short_paragraphs():
    for key, text in catalogue().items():
        if re.search(r"(_how|\.how_\w+)$", key) and key != "networks.how_table":
            assert "cannot show" in text, f"{key} does not say what it cannot show"
            assert len(text.split()) <= 90, f"{key} is too long"


def test_pages_hold_no_sentences():
    """A string with two words and a capital or a full stop belongs in the catalogue."""
    for path, source in SOURCES.items():
        body = re.sub(r'"""(?:.|\n)*?"""', "", source)
        for text in re.findall(r'(?<![\w])"([^"\n{}]*)"', body):
            looks = re.match(r"[A-Z][a-z]+ [a-z]+ [a-z]+", text)
            assert not looks, f"{path.name}: {text!r} bypasses the catalogue"
