"""Every word on screen comes from here: one catalogue a language, looked up by dotted key in the language of the session that asks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial, wraps
from pathlib import Path
from types import MappingProxyType
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lsviz.core.english import english, parsed
from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.spoken import SPOKEN, Particles
from lsviz.core.turns import first_time
from lsviz.state import LANGUAGES
from lsviz.store import FailedRun

Given = ParamSpec("Given")
Made = TypeVar("Made")

FOLDER = Path(__file__).parent
_PARTICLE = re.compile(r"(?<=[%)}\]*])(?=[가-힣])")  # a Korean particle stays on the line of the number or bracket it belongs to
_KEPT = re.compile(
    r"\$\$[^$]*\$\$|\$[^$]*\$|`[^`]*`| %| [=−±≈≤≥×] |(?:첫|두|세|네|다섯|한) (?:번|개|장|번째)(?![0-9])"
)  # what a line does not break in
_SESSION = "spoken"  # the same in the session, for runs that begin elsewhere than in main.py: fragments and callbacks


# ---- the language ---------------------------------------------------------------------------------------------------


def speak(wanted: str, locale: str | None) -> None:
    """Say everything in the language `wanted` from now on; where it is empty, in the browser's, as far as there is a catalogue."""
    known = (language for language in (wanted, (locale or "").partition("-")[0]) if language in LANGUAGES)
    st.session_state[_SESSION] = spoken = next(known, LANGUAGES[0])
    SPOKEN.set(spoken)


def language() -> str:
    """The language of the session that runs now; English outside of any."""
    spoken = SPOKEN.get()
    if spoken is None:
        if get_script_run_ctx(suppress_warning=True) is None:
            return LANGUAGES[0]
        spoken = st.session_state.get(_SESSION, LANGUAGES[0])
        SPOKEN.set(spoken)
    return spoken


def other_language() -> str:
    """The one the switch changes to."""
    return LANGUAGES[LANGUAGES.index(language()) - 1]


def later(make: Callable[[], Made]) -> Callable[[], Made]:
    """`make` in the language of now, for a file that is made on a click, when no session runs."""
    return partial(said_in, language(), make)


def said_in(spoken: str, make: Callable[[], Made]) -> Made:
    """What `make` gives in this language, whatever this thread speaks."""
    before = SPOKEN.set(spoken)
    try:
        return make()
    finally:
        SPOKEN.reset(before)


def cached_words(
    *, max_entries: int, hash_funcs: dict[str | type, Callable] | None = None
) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """`st.cache_resource` for what holds words, kept apart by language. What holds numbers alone needs no such care.

    Few entries are one for each N, so there are as many again for the other language; of many, the languages share the room.
    """
    entries = max_entries if max_entries >= 16 else len(LANGUAGES) * max_entries

    def decorate(make: Callable[Given, Made]) -> Callable[Given, Made]:
        cached = kept_for_all(with_first("language", make), entries, hash_funcs)

        @wraps(make)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            return cached(language(), *args, **kwargs)

        return call

    return decorate


def kept_for_all(
    make: Callable[..., Made], max_entries: int, hash_funcs: dict[str | type, Callable] | None = None
) -> Callable[..., Made]:
    """`make` by `st.cache_resource`; what is worked out for the first time keeps no page waiting."""
    return first_time(st.cache_resource(max_entries=max_entries, show_spinner=False, hash_funcs=hash_funcs)(make))


def with_first(name: str, make: Callable[Given, Made]) -> Callable[..., Made]:
    """`make` with one more argument in front, which tells a cache's entries apart and is not used."""

    @wraps(make)
    def made(_: str, *args: Given.args, **kwargs: Given.kwargs) -> Made:
        return make(*args, **kwargs)

    own = inspect.signature(make)
    first = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    made.__signature__ = own.replace(parameters=[first, *own.parameters.values()])  # type: ignore[attr-defined]  # inspect's, not in its stub
    return made


# ---- the catalogues -------------------------------------------------------------------------------------------------


@once(8)
def catalogue(language: str) -> Mapping[str, str]:
    """The whole catalogue, flattened: {"dock.any_value": "any value", ...}; in English where a translation is missing."""
    english = dict(catalogue(LANGUAGES[0])) if language != LANGUAGES[0] else {}
    return MappingProxyType(english | own_texts(language))


def own_texts(language: str) -> dict[str, str]:
    """What this language's file says."""
    return {key: Particles.of(_PARTICLE.sub("\u2060", text)) for key, text in _flatten(parsed(FOLDER / f"{language}.toml"))}


def _flatten(tree: Mapping, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def t(key: str, /, **values: object) -> str:
    """The text at `key` with its {placeholders} filled."""
    text = catalogue(language())[key]
    return text.format(**values) if values else text


def words(*sections: str) -> Mapping[str, str]:
    """All texts below `sections`, keys without the prefix, later ones before earlier ones: what a figure builder is given."""
    return _words(language(), sections)


@once(128)
def _words(language: str, sections: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for prefix in (f"{section}." for section in sections):
        found |= {k.removeprefix(prefix): v for k, v in catalogue(language).items() if k.startswith(prefix)}
    return MappingProxyType(found)


def streamlits_own() -> list[tuple[str, str]]:
    """What Streamlit says by itself, and what it should say instead; nothing where it is English that is spoken."""
    if language() == LANGUAGES[0]:
        return []
    theirs, ours = _words(LANGUAGES[0], ("streamlit",)), words("streamlit")
    return [(theirs[name], ours[name]) for name in theirs]


def unbroken(text: str) -> str:
    """`text` with its numbers and signs kept on one line: "0.91 %", "T = 1", "α = 0.10", "confidence − accuracy", "첫 번째"; not in formulas and code."""
    return _KEPT.sub(lambda found: found[0].replace(" ", "\u00a0") if found[0][0] not in "$`" else found[0], text)


def error_text(error: LsvizError) -> str:
    """The sentence for an error, in the reader's language."""
    said = {name: error_text(value) if isinstance(value, LsvizError) else value for name, value in error.values.items()}
    return t(f"errors.{error.code}", **said)


def failure_text(failure: FailedRun) -> str:
    """Why a training broke off, in the reader's language where the manifest keeps the error itself."""
    return error_text(LsvizError(failure.code, **failure.values)) if failure.code in english("errors") else failure.reason


def finding_text(finding: Finding) -> str:
    """The sentence for a finding, in the reader's language."""
    return t(f"findings.{finding.code}", count=finding.count, of=finding.of, **finding.values)


def class_name(names: tuple[str, ...], position: int) -> str:
    """A CIFAR-100 class as people write it: 'maple tree'; beyond the known classes, 'class 101'."""
    if position >= len(names):
        return t("common.class_number", number=position + 1)
    return _translated("class_names", names[position])


def superclass_name(name: str) -> str:
    """A superclass of CIFAR-100 in the reader's language."""
    return _translated("superclass_names", name)


def setting_name(setting: float | str) -> str:
    """A method's name in published.toml, in the reader's language."""
    return _translated("published", str(setting))


def _translated(section: str, name: str) -> str:
    """What the catalogue calls `name`, which is English data: itself where it says nothing."""
    return catalogue(language()).get(f"{section}.{name}", name).replace("_", " ")
