"""Particles as a Korean reader takes them after numbers, signs, letters and words; signs beside numbers in either language."""

from __future__ import annotations

import re

import pytest

from lsviz.core.spoken import SPOKEN, Particles, josa
from lsviz.figures import numbers
from lsviz.texts.catalogue import own_texts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0은 0이 0을 0과 0으로"),
        ("1", "1은 1이 1을 1과 1로"),
        ("2", "2는 2가 2를 2와 2로"),
        ("3", "3은 3이 3을 3과 3으로"),
        ("0.05", "0.05는 0.05가 0.05를 0.05와 0.05로"),
        ("6", "6은 6이 6을 6과 6으로"),
        ("7", "7은 7이 7을 7과 7로"),
        ("10,000", "10,000은 10,000이 10,000을 10,000과 10,000으로"),
        ("91%", "91%는 91%가 91%를 91%와 91%로"),
        ("N", "N은 N이 N을 N과 N으로"),
        ("L", "L은 L이 L을 L과 L로"),
        ("α", "α는 α가 α를 α와 α로"),
        ("의자", "의자는 의자가 의자를 의자와 의자로"),
        ("교실", "교실은 교실이 교실을 교실과 교실로"),
        ("책", "책은 책이 책을 책과 책으로"),
        ("**0.9**", "**0.9**는 **0.9**가 **0.9**를 **0.9**와 **0.9**로"),
        (
            "Wei et al. (2022)",
            "Wei et al. (2022)는 Wei et al. (2022)가 Wei et al. (2022)를 Wei et al. (2022)와 Wei et al. (2022)로",
        ),
    ],
)
def test_a_particle_follows_the_sound_of_what_it_stands_behind(value, expected):
    assert josa(f"{value}은(는) {value}이(가) {value}을(를) {value}와(과) {value}(으)로") == expected


def test_a_text_chooses_when_it_is_filled():
    text = Particles.of("{a}이(가) {b}(으)로")
    assert text.format(a="0.2", b="0.3") == "0.2가 0.3으로" and text == "{a}이(가) {b}(으)로"
    assert type(Particles.of("{a} 값")) is str


def test_no_korean_text_guesses_the_particle_of_a_value():
    guess = re.compile(r"\}[*\]\u2060]*(?:은|는|이(?= )|가|을|를|과|와|으로|로)(?![가-힣(])")
    assert [
        key for key, text in own_texts("ko").items() if guess.search(text)
    ] == []  # behind a bracket it may follow the word before it


def test_numbers_as_each_language_writes_them():
    assert (numbers.percent(0.91), numbers.whole(10000), numbers.ratio(2.1)) == ("91 %", "10\u202f000", "2.1×")
    before = SPOKEN.set("ko")
    try:
        assert (numbers.percent(0.91), numbers.whole(10000), numbers.ratio(2.1)) == ("91%", "10,000", "2.1배")
    finally:
        SPOKEN.reset(before)


def test_korean_texts_write_numbers_one_way():
    texts = {key: text for key, text in own_texts("ko").items() if not key.startswith("streamlit")}
    apart = re.compile(r"[\d}] %(?!\{)|(?<![\d.])\d{1,3} \d{3}(?![\d.])|(?<=[ =(])\.\d|\d×(?!\d)")
    assert {
        key: apart.search(text)[0]
        for key, text in texts.items()
        if "code" not in key and apart.search(re.sub(r"`[^`]*`", "", text))
    } == {}


def test_the_ends_of_an_interval_stand_as_the_language_writes_them():
    assert numbers.between("−1.2", "+0.3") == "−1.2 … +0.3"
    before = SPOKEN.set("ko")
    try:
        assert numbers.between("−1.2", "+0.3") == "−1.2 ~ +0.3"
    finally:
        SPOKEN.reset(before)
