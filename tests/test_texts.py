"""The catalogues are complete and used, and say the same: every key in both, with the same placeholders, colours and tags; no word on screen is outside of them."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

import pytest
import streamlit

from lsviz.core.classes import CLASS_ORDER, SUPERCLASSES
from lsviz.core.english import english
from lsviz.lectures import find_lecture, shipped
from lsviz.state import LANGUAGES
from lsviz.store.published import load_published
from lsviz.texts.catalogue import catalogue, own_texts
from tests.bypass import bypassing, words_in

ROOT = Path(__file__).parent.parent
ON_SCREEN = ("pages", "frame", "ui", "jobs", "zoo", "texts")  # folders of lsviz/ that speak
SOURCES = {path: path.read_text("utf-8") for folder in ON_SCREEN for path in (ROOT / "lsviz" / folder).rglob("*.py")}
DRAWN = SOURCES | {path: path.read_text("utf-8") for path in (ROOT / "lsviz/figures").rglob("*.py")}
OTHERS = LANGUAGES[1:]
NAMES = ("class_names", "superclass_names")  # what is English data, translated where a language has a word
# alike in every language: names, code, commands, formulae
NEUTRAL = {
    "share.other_language", "report.language", "networks.references", "networks.grid_command", "networks.compare_paper", "reliability.u_paper",
    "targets.code_torch", "targets.code_numpy", "targets.users_uniform", "targets.users_others_no_pad", "targets.users_binary", "yours.code_capture", "yours.code_report",
    "zoo.command", "lab.optimizer.adam", "embeddings.view.pca",
    "glossary_forms.umap", "glossary_forms.auroc",
}  # fmt: skip

UNITS = {"nat", "AURC", "SGD", "MaxSup"}  # and short names that Korean writes alike


def translated(language: str) -> dict[str, str]:
    return {key: text for key, text in own_texts(language).items() if key.split(".")[0] not in NAMES}


def placeholders(text: str) -> set[str]:
    """Names with their formats, plotly's own among them."""
    plotly = re.findall(r"%\{[^}]*\}", text)
    ours = [
        f"{name}{conversion and '!' + conversion or ''}:{form}"
        for _, name, form, conversion in string.Formatter().parse(re.sub(r"%\{\{?[^}]*\}\}?", "", text))
        if name
    ]
    return {*plotly, *ours}


def markup(text: str) -> list[str]:
    return sorted(re.findall(r":(?:orange|blue|violet|gray-badge|red|green)\[|:material/\w+:|</?\w+>|\$\$|`[^`]*`|\]\(\S+\)", text))


def test_the_sources_are_really_read():
    """A folder that was moved or nested must not leave these tests looking at nothing."""
    assert len(SOURCES) >= 70 and len(DRAWN) >= 90
    assert all(any(path.is_relative_to(ROOT / "lsviz" / folder) for path in SOURCES) for folder in ON_SCREEN)
    assert sum(len(re.findall(r"\bt\(", source)) for source in SOURCES.values()) > 500


# ---- the catalogue ----------------------------------------------------------------------------------------------------


def test_every_key_asked_for_exists():
    keys = catalogue("en")
    for path, source in SOURCES.items():
        for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", source):
            assert key in keys, f"{path.name} asks for {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_can_be_parsed(language):
    for key, text in catalogue(language).items():
        if "{" in text and "%{" not in text:
            list(string.Formatter().parse(text))
        assert text.strip(), f"{key} is empty"


def test_every_error_raised_has_a_sentence():
    raised = set()
    for path in (ROOT / "lsviz").rglob("*.py"):
        raised |= set(re.findall(r"""LsvizError\(\s*["']([\w.]+)["']""", path.read_text("utf-8")))
    assert raised and raised <= set(english("errors")), raised - set(english("errors"))


def test_no_error_sentence_stands_unused():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "lsviz").rglob("*.py"))
    assert [name for name in english("errors") if f'"{name}"' not in code] == []


@pytest.mark.parametrize(("language", "cannot", "longest"), [("en", "cannot show", 90), ("ko", "알 수 없는 것", 90)])
def test_how_to_read_has_three_short_paragraphs(language, cannot, longest):
    for key, text in catalogue(language).items():
        if re.search(r"(_how|\.how_\w+)$", key) and key != "networks.how_table":
            assert cannot in text, f"{key} does not say what it cannot show"
            assert len(text.split()) <= longest, f"{key} is too long"


# ---- the other languages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language):
    assert sorted(translated(language)) == sorted(translated("en"))


def test_what_is_translated_for_streamlit_is_what_it_says():
    program = "\n".join(file.read_text("utf-8") for file in (Path(streamlit.__file__).parent / "static/static/js").glob("*.js"))
    for key, text in own_texts("en").items():
        if key.startswith("streamlit."):
            parts = [part for part, *_ in string.Formatter().parse(text) if part.strip()]
            parts = [re.sub(r"(?<=Enter to )apply$", "${", part) for part in parts]  # put together there
            assert all(part in program for part in parts), f"Streamlit does not say {text!r}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_placeholders(language):
    english = translated("en")
    assert {key: text for key, text in translated(language).items() if placeholders(text) != placeholders(english[key])} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_colours_tags_code_and_links(language):
    english = translated("en")
    assert {
        key: (markup(english[key]), markup(text))
        for key, text in translated(language).items()
        if markup(text) != markup(english[key])
    } == {}


def test_what_a_planted_difference_looks_like():
    assert placeholders("{a:.2f} %{y:.1f}") != placeholders("{a:.3f} %{y:.1f}") and placeholders("{a!r}") != placeholders("{a}")
    assert placeholders("%{y:.1f} {b}") == placeholders("{b}: %{y:.1f}")
    assert markup(":blue[a] <b>b</b>") != markup(":orange[a] <b>b</b>") and markup("`x`") != markup("x")


def test_korean_is_korean():
    """A text in which English has a word holds Hangul, and no stretch of English sentence is left in it."""
    english = translated("en")
    for key, text in translated("ko").items():
        if key in NEUTRAL:
            continue
        latin = set(words_in(re.sub(r"\{\w+\}", "", text))) - UNITS
        assert re.search("[가-힣]", text) or not latin or not words_in(re.sub(r"\{\w+\}", "", english[key])), (
            f"{key}: {text!r} is not Korean"
        )
        bare = re.sub(r"`[^`]*`|\([^()]*\)|\*[^*]*\*|https?://\S+|(?:python|git|pip) [^가-힣]*", "", text)
        assert not re.search(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b", bare), f"{key}: {text!r} holds English"


def test_every_name_in_the_data_has_a_korean_word():
    korean = own_texts("ko")
    assert [name for name in CLASS_ORDER if f"class_names.{name}" not in korean] == []
    assert [name for name in SUPERCLASSES if f"superclass_names.{name}" not in korean] == []
    assert len({korean[f"class_names.{name}"] for name in CLASS_ORDER}) == len(CLASS_ORDER), (
        "two classes share a word: a figure could not tell them apart"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_method_shown_has_a_name(language):
    shown = {e.setting for e in load_published() if e.metric == "accuracy" and e.at == "method" and e.noise > 0} | {
        "hard",
        "label smoothing",
        "softmax",
    }
    assert {setting for setting in shown if f"published.{setting}" not in own_texts(language)} == set()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", shipped())
def test_a_translated_lecture_is_the_same_lecture(language, name):
    english, other = find_lecture(name, (), "en"), find_lecture(name, (), language)
    assert other != english and other.title != english.title
    assert [(step.page, step.query, step.blank, step.figure) for step in other.steps] == [
        (step.page, step.query, step.blank, step.figure) for step in english.steps
    ]
    for mine, theirs in zip(other.steps, english.steps):
        for part in ("say", "ask", "reveal", "notes"):
            text, original = getattr(mine, part), getattr(theirs, part)
            assert bool(text) == bool(original) and re.findall(r":(\w+)\[", text).sort() == re.findall(r":(\w+)\[", original).sort()
            assert not original or re.search("[가-힣]", text), f"{name}: {text!r} is not Korean"


def test_the_catalogue_files_hold_nothing_twice():
    for language in LANGUAGES:
        tomllib.loads((ROOT / f"lsviz/texts/{language}.toml").read_text("utf-8"))  # TOML refuses a key given twice


# ---- no word outside of them -------------------------------------------------------------------------------------------


def test_no_word_on_screen_bypasses_the_catalogues():
    assert {path.name: found for path, source in DRAWN.items() if (found := bypassing(source))} == {}


@pytest.mark.parametrize(
    "planted",
    [
        'st.button("Play")',
        'st.caption(f"{n} networks")',
        'column.metric("Loss", value)',
        'st.toggle(t("a.b"), help="Shows more")',
        'theme.note("smoothed", 0, 1)',
        'theme.axis(title="epochs")',
        'go.Scatter(hovertemplate="gap %{y:.2f}<extra></extra>")',
        'layout = {"title.text": ["Hard", "Soft"]}',
        'said = f"{a} and {b}"',
        'said = "The network is sure of itself."',
        'Move(3, "text", ["hard"])',
        'LiveFigure(figure, ("A curve.",), table)',
    ],
)
def test_a_planted_word_is_found(planted):
    assert bypassing(planted), planted


def test_javascript_holds_no_words():
    """What components say comes in their data: no literal there is a text, a title or a label."""
    scripts = sorted((ROOT / "lsviz").rglob("js/*.js"))
    assert len(scripts) >= 15
    for path in scripts:
        for line in path.read_text("utf-8").splitlines():
            said = re.search(
                r"""(textContent|title|innerText|ariaLabel) = ['"`]([^'"`]*)|setAttribute\('(?:aria-label|title)', ['"`]([^'"`]*)""",
                line,
            )
            assert not said or not words_in(re.sub(r"\$\{[^}]*\}", "", said[2] or said[3] or "")), f"{path.name}: {line.strip()}"


def test_a_stored_failure_is_told_in_the_readers_language(tmp_path):
    from lsviz.core.errors import LsvizError
    from lsviz.store import RunConfig, Store, write_failure
    from lsviz.texts import catalogue

    errors = (
        LsvizError("training.ran_away", run="n010-a-0.400", reach=65504.0),
        LsvizError("training.diverged", run="n010", epoch=7),
    )
    for seed, error in enumerate((*errors, "Something else.")):
        write_failure(tmp_path, RunConfig(5, 0.9, seed), error)
    *failures, other = Store(tmp_path).failed
    for failure, error in zip(failures, errors, strict=True):
        assert catalogue.failure_text(failure) == failure.reason == str(error)
        spoken = catalogue.SPOKEN.set("ko")
        try:
            assert catalogue.failure_text(failure) == catalogue.error_text(error) != str(error)
        finally:
            catalogue.SPOKEN.reset(spoken)
    assert catalogue.failure_text(other) == "Something else."
