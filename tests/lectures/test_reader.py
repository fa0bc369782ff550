"""Lectures are read key by key; whatever is wrong with a file is said in one sentence with its line and key."""

from __future__ import annotations

import pytest

from lsviz.core.errors import LsvizError
from lsviz.lectures import Step, find_lecture, packed, read_lecture, shipped, unpacked
from lsviz.state import ViewState

GOOD = """schema = 1
title = "Mine"

[[step]]
page = "targets"
query = "alpha=0.3&n=5"
say = "First."
ask = "Why?"
reveal = '''
page = "no key"
[[step]]
Because.'''

[[step]]
page = "loss"
say = "Second."
"""
PAGES = ("targets", "loss")


def test_a_lecture_is_read_as_written():
    lecture = read_lecture(GOOD, PAGES)
    assert lecture.title == "Mine" and len(lecture.steps) == 2
    assert lecture.steps[0].query == "alpha=0.3&n=5" and lecture.steps[0].reveal.endswith("Because.")
    assert lecture.steps[1] == Step("loss", "Second.")


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("schema = 1", "schema = 2", 1, "schema"),
        ("schema = 1", "", 1, "schema"),
        ('title = "Mine"', "", 1, "title"),
        ('title = "Mine"', "title = 3", 2, "title"),
        ('title = "Mine"', 'title = "Mine"\ncolour = "red"', 3, "colour"),
        ('title = "Mine"', "title = Mine", 2, "title"),
        ('page = "loss"', 'page = "lass"', 15, "page"),
        ('page = "loss"', "", 14, "page"),
        ('say = "Second."', 'say = " "', 16, "say"),
        ('say = "Second."', 'say = "Second."\nsaid = "Third."', 17, "said"),
        ('say = "Second."', 'say = "Second."\nreveal = "No."', 17, "reveal"),
        ('say = "Second."', 'say = "Second."\nblank = true', 17, "blank"),
        ('say = "Second."', 'say = "Second."\nblank = "yes"', 17, "blank"),
        ('say = "Second."', 'say = "Second', 16, "say"),
        ('say = "Second."', 'say = "Second."\nnotes = 7', 17, "notes"),
        ("alpha=0.3&n=5", "alpha=3&n=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha=0.3&m=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha=0.3&step=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha", 6, "query"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_key(old, new, line, key):
    assert old in GOOD
    with pytest.raises(LsvizError, match=rf"^Line {line}, {key}: .+\.$"):
        read_lecture(GOOD.replace(old, new), PAGES)


def test_a_file_without_steps_and_one_with_too_many():
    with pytest.raises(LsvizError, match="step: there is no step"):
        read_lecture('schema = 1\ntitle = "Mine"\n')
    with pytest.raises(LsvizError, match=r"Line 603, step: these are too many"):
        read_lecture('schema = 1\ntitle = "Mine"\n' + '[[step]]\npage = "loss"\nsay = "x"\n' * 201)
    with pytest.raises(LsvizError, match="too long"):
        read_lecture("#" * 60_001)


def test_what_is_not_toml_at_all():
    for text in ("", "<html>", "\x00", 'schema = 1\ntitle = "Mine"\nstep = 3\n', 'schema = 1\ntitle = "M"\nstep = [3]\n'):
        with pytest.raises(LsvizError, match=r"^Line \d"):
            read_lecture(text)


def test_a_packed_lecture_comes_back_from_its_link():
    scene = packed(GOOD)
    assert unpacked(scene) == GOOD and find_lecture(scene, PAGES) == read_lecture(GOOD, PAGES)
    assert ViewState.from_query({"scene": scene}).scene == scene


@pytest.mark.parametrize(
    "harm", [lambda s: s[:-9], lambda s: s[:20] + "A" + s[21:], lambda s: "~", lambda s: "~AAAA", lambda s: "~é"]
)
def test_a_harmed_link_is_one_sentence(harm):
    with pytest.raises(LsvizError, match="incomplete"):
        find_lecture(harm(packed(GOOD)), PAGES)


def test_a_link_cannot_unpack_without_end():
    with pytest.raises(LsvizError, match="too long"):
        find_lecture(packed("#" * 10_000_000), PAGES)


@pytest.mark.parametrize("name", ["six", "", "../reader", "/etc/passwd", "five.toml"])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(LsvizError, match="five, twenty, fifty"):
        find_lecture(name, PAGES)


def test_a_step_sets_the_whole_view_and_leaves_the_room_alone():
    before = ViewState(alpha=0.9, num_classes=5, bins=30, scene="five", step=2, hide=("n",), large=True)
    step = Step("reliability", "x", "alpha=0.05&split=train")
    assert step.view(before) == ViewState(alpha=0.05, split="train", scene="five", step=2, hide=("n",), large=True)


def test_three_lectures_ship():
    assert shipped() == ("five", "twenty", "fifty")
