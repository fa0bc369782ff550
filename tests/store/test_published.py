"""The literature's numbers: some read back one by one, every one with its source, and no broken entry gets through."""

from __future__ import annotations

import pytest

from lsviz.core.errors import LsvizError
from lsviz.store.published import FILE, load_published, published
from lsviz.texts.catalogue import t


def values(**wanted) -> dict:
    return {entry.setting: entry.value for entry in published(**wanted)}


def test_the_anchor_and_its_replication():
    cifar = dict(metric="ece15", data="CIFAR-100", model="ResNet-56")
    assert values(paper="mueller2019", at="alpha", **cifar) == {0: 0.150, 0.05: 0.024}
    assert values(paper="mueller2019", at="temperature", **cifar) == {1.9: 0.021}
    assert values(kind="replication", at="alpha", **cifar) == {0: 0.207, 0.05: 0.053, 0.1: 0.043, 0.15: 0.045, 0.3: 0.120}
    assert {entry.kind for entry in published(at="alpha", **cifar)} == {"paper", "replication"}


def test_the_changes_of_accuracy_that_a_page_tells():
    changes = [
        100 * (soft.value - hard.value)
        for paper in ("mueller2019", "wagner")
        for hard in published(paper=paper, metric="accuracy", at="alpha")
        if hard.setting == 0
        for soft in published(paper=paper, metric="accuracy", at="alpha", data=hard.data, model=hard.model)
        if soft.setting > 0
    ]
    told = t("bias.how_paired")
    assert f"{min(changes):.1f}".replace("-", "−") in told and f"{max(changes):+.1f} points" in told


def test_some_others():
    (hard, soft) = published(paper="mueller2019", metric="accuracy", data="CIFAR-100")
    assert (hard.value, hard.spread, soft.value) == (0.721, 0.003, 0.727)
    assert values(paper="chandrasegaran2022", model="ResNet-50 to ResNet-18, smoothed teacher")[2] == 0.68860
    assert values(paper="xia2025", model="ResNet-50, logit norm") == {"hard": 0.0656, "label smoothing .2": 0.0622}
    assert {entry.noise for entry in published(paper="lukasik2020")} == {0.2}
    assert {entry.read for entry in published(paper="wei2022")} == {"summary"}


def test_temperature_beats_smoothing_in_every_row_of_the_replication():
    for row in published(paper="wagner", metric="ece15", at="temperature"):
        smoothed = values(paper="wagner", metric="ece15", at="alpha", data=row.data, model=row.model)
        assert row.value < min(value for alpha, value in smoothed.items() if alpha > 0)


def test_every_number_has_its_source_and_stands_once():
    entries = load_published()
    assert len(entries) > 150
    assert all(entry.cite and entry.link.startswith("https://") and entry.data for entry in entries)
    assert all(entry.kind == "replication" or 2015 <= entry.year <= 2026 for entry in entries)
    keys = [(e.paper, e.data, e.model, e.metric, e.at, e.setting) for e in entries]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("[0.05, 0.024]", "[0.05, 2.4]", "no fraction"),
        ('kind = "paper"', 'kind = "rumour"', "unknown"),
        ('paper = "guo2017"', 'paper = "nobody"', "nobody"),
        ('[["hard", 0.5706', "[[0.1, 0.5706", "no method"),
        ("[[results]]", "[[results", "cannot be read"),
    ],
)
def test_a_broken_entry_is_named(tmp_path, before, after, words):
    text = FILE.read_text("utf-8")
    assert before in text
    path = tmp_path / "published.toml"
    path.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(LsvizError, match=words):
        load_published(path)
