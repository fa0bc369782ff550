"""Every word on screen comes from here: one catalogue a language, looked up by dotted key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lsviz.core.diagnosis import FINDINGS, REMEDIES, Finding
from lsviz.core.errors import MESSAGES, LsvizError

FOLDER = Path(__file__).parent.parent / "texts"


@lru_cache(maxsize=8)
def catalogue(language: str = "en") -> Mapping[str, str]:
    """The whole catalogue, flattened: {"dock.any_value": "any value", ...}. English sentences of errors and findings live in core."""
    tree = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    ours = {"errors": MESSAGES, "findings": FINDINGS, "finding_remedies": REMEDIES} if language == "en" else {}
    flat = dict(_flatten(tree)) | {f"{section}.{code}": text for section, texts in ours.items() for code, text in texts.items()}
    return MappingProxyType(flat)


def _flatten(tree: Mapping, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def t(key: str, /, **values: object) -> str:
    """The text at `key` with its {placeholders} filled."""
    text = catalogue()[key]
    return text.format(**values) if values else text


@lru_cache(maxsize=64)
def words(section: str) -> Mapping[str, str]:
    """All texts below `section`, keys without its prefix: what a figure builder is given."""
    prefix = section + "."
    return MappingProxyType({k.removeprefix(prefix): v for k, v in catalogue().items() if k.startswith(prefix)})


def unbroken(text: str) -> str:
    """`text` with its numbers and signs kept on one line: "0.91 %", "T = 1", "α = 0.10"."""
    return text.replace(" %", "\u00a0%").replace(" = ", "\u00a0=\u00a0")


def error_text(error: LsvizError) -> str:
    """The sentence for an error, in the reader's language."""
    return t(f"errors.{error.code}", **error.values)


def finding_text(finding: Finding) -> str:
    """The sentence for a finding, in the reader's language."""
    return t(f"findings.{finding.code}", count=finding.count, of=finding.of, **finding.values)


def class_name(names: tuple[str, ...], position: int) -> str:
    """A CIFAR-100 class as people write it: 'maple tree'; beyond the known classes, 'class 101'."""
    return names[position].replace("_", " ") if position < len(names) else t("common.class_number", number=position + 1)
