"""The glossary explains every abbreviation that the texts use, in both languages, and finds what is asked for."""

from __future__ import annotations

import re

import pytest

from lsviz import navigation
from lsviz.pages.glossary.page import TERMS, found
from lsviz.texts.catalogue import own_texts
from tests.reading import opened

NO_TERMS = {  # files and their formats, units, data sets, places to fill in, and names that their own sentence explains
    "ASCII", "BLEU", "CIFAR", "CPU", "CSV", "CUDA", "EMNIST", "FILE", "FMNIST", "GB", "GPU", "HTML", "ID", "JSON", "KB", "LSVIZ", "MB", "MNIST", "NAME", "NPY",
    "NPZ", "OE", "OK", "OOD", "PAIR", "PATH", "PNAS", "PNG", "QR", "SHA", "SVG", "TOML", "TSV", "URL", "UTF", "YOLO", "ZIP",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_abbreviation_is_without_an_entry(language):
    texts = own_texts(language)
    names = " ".join(text for key, text in texts.items() if key.startswith("glossary_name."))
    shown = " ".join(
        re.sub(r"`[^`]*`|\$[^$]*\$|\{[^}]*\}|https?://\S+", " ", text) for key, text in texts.items() if "code" not in key
    )
    used = set(re.findall(r"(?<![A-Za-z0-9])[A-Z]{2,}[0-9]?(?![A-Za-z0-9])", shown))
    assert {"ECE", "NLL", "NC1", "AURC"} <= used
    assert sorted(name for name in used - NO_TERMS if name not in names) == []


def test_every_term_has_its_words_and_a_page_that_shows_it():
    for language in ("en", "ko"):
        for table in ("glossary_name", "glossary_says"):
            assert {key.partition(".")[2] for key in own_texts(language) if key.startswith(f"{table}.")} == set(TERMS)
    assert set(TERMS.values()) <= set(navigation.names())


def test_a_search_finds_names_and_sentences():
    assert (
        "ece" in found("expected CALIBRATION")
        and found("negative log") == ["nll"]
        and found("xyzzy") == []
        and found("") == list(TERMS)
    )


def test_the_page_lists_them_all_in_korean_too():
    app = opened("glossary", locale="ko-KR")
    assert len([text for text in app.markdown if text.value.startswith("**")]) == len(TERMS) == len(app.get("page_link"))
    app.text_input(key="glossary_search").set_value("KL").run()
    assert not app.exception and 0 < len(app.get("page_link")) < len(TERMS)
