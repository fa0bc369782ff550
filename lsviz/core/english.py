"""English sentences by code, from the one file of English texts: exceptions and commands speak without Streamlit; pages say the same in two languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lsviz.core.once import once

TEXTS = Path(__file__).parents[1] / "texts/en.toml"


@once()
def parsed(path: Path) -> dict:
    """A file of texts as TOML gives it, read once."""
    return tomllib.loads(path.read_text("utf-8"))


def english(section: str) -> Mapping[str, str]:
    """{code: sentence with {placeholders}} of one section: errors, findings, finding_remedies, report or measure. Read at the first call."""
    return MappingProxyType(parsed(TEXTS)[section])
