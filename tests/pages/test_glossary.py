"""The glossary explains every abbreviation that the texts use, in both languages, and finds what is asked for."""

from __future__ import annotations

import re

import pytest

from lsviz import navigation
from lsviz.pages.glossary.page import found
from lsviz.texts import catalogue
from lsviz.texts.catalogue import own_texts
from lsviz.texts.terms import TERMS, card, linked, uses
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
    assert [heading.anchor for heading in app.subheader] == list(TERMS) and len(TERMS) == len(app.get("page_link"))
    app.text_input(key="glossary_search").set_value("KL").run()
    assert not app.exception and 0 < len(app.get("page_link")) < len(TERMS)


# ---- terms where they stand ------------------------------------------------------------------------------------------


@pytest.fixture(params=["en", "ko"])
def spoken(request):
    before = catalogue.SPOKEN.set(request.param)
    yield request.param
    catalogue.SPOKEN.reset(before)


def test_every_term_is_found_in_the_texts_of_the_pages(spoken):
    used = {use.term for key, text in own_texts(spoken).items() if not key.startswith("glossary") for use in uses(text)}
    assert set(TERMS) - used == set()


def test_a_card_is_one_plain_line(spoken):
    for term in TERMS:
        name, sentence, *formula = card(spoken, term).split("\u2003")
        assert name and sentence and not re.search(r'[\\$"{}|_^\n]', card(spoken, term).replace("‖", "")), card(spoken, term)
    assert card(spoken, "softmax").endswith("\u2003pₖ = exp(zₖ) / Σⱼ exp(zⱼ)")
    assert card(spoken, "ece").endswith("Σₘ (nₘ/n) ∣accₘ−confₘ∣") and card(spoken, "brier").endswith("Σₖ (pₖ−yₖ)²")


def test_the_first_use_of_a_term_becomes_a_link_where_a_link_may_stand():
    text = "Cross-entropy in nats: `softmax` of $logit$ by [NLL](x), **Logits** of two nats; seedling, ECE-like, AUROC"
    assert [text[use.start : use.end] for use in uses(text)] == ["Cross-entropy", "nats", "Logits", "AUROC"]
    assert linked("a seed, a seed", lambda term: True).startswith('a [seed](glossary#seed "seed\u2003')
    assert linked("a seed", lambda term: False) == "a seed"


def test_no_line_breaks_inside_a_number_or_before_a_sign():
    kept = catalogue.unbroken("at α = 0.10 : 91 % of it, confidence − accuracy is 첫 번째, `a = b`, $c = d$, $$e = f$$")
    assert kept.replace("\u00a0", "_") == "at α_=_0.10 : 91_% of it, confidence_−_accuracy is 첫_번째, `a = b`, $c = d$, $$e = f$$"
