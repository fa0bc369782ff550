"""Every page of the navigation opens: on the stored networks, on none, on broken ones, on a newer manifest, on junk links."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lsviz import navigation
from tests.opening import OPENS
from tests.reading import keys, opened, plain
from tests.small_zoo import write_small_zoo

ROOT = Path(__file__).parents[2]
PAGES = navigation.names()
NEEDS_NETWORKS = [page for page in PAGES if page in ("loss", "reliability", "embeddings", "bias", "costs", "networks")]


def said(app: AppTest) -> str:
    """Every plain sentence on the page, with plain spaces."""
    return "\n".join(
        plain(element.value) for kind in (app.markdown, app.text, app.caption, app.code, app.title) for element in kind
    )


@pytest.fixture
def zoo(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "zoo"
    folder.mkdir()
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(folder))
    return folder


def test_there_are_pages():
    assert len(PAGES) == 11 and all(Path(navigation.file(page)).is_file() for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_opens_on_the_stored_networks_and_every_foot_has_a_table_and_files_of_its_figure(page, monkeypatch):
    app = opened(page, alpha="0.12")  # which was not trained
    feet = [key.removeprefix("foot_") for key in keys(app) if key.startswith("foot_")]
    before = len(app.dataframe)
    for key in feet:
        app.session_state[f"below_{key}"] = ["how", "table"]
        app.session_state[f"more_{key}"] = True
    made: dict[str, Callable] = {}
    monkeypatch.setattr(st, "download_button", lambda label, make, file, *_, **__: made.update({file: make}))
    app.run()
    for key in feet:
        for kind in (".csv", ".json", ".html"):
            content = made[f"lsviz-{key}{kind}"]()
            OPENS[kind](content.encode() if isinstance(content, str) else content)
    joint = len([key for key in feet if key.startswith("embeddings_soft_")])  # two pictures share that foot
    assert not app.exception and len(app.dataframe) == before + len(feet) + joint
    assert feet or page in ("lab", "yours"), "those two draw nothing before they are given something"
    assert all(len(frame.value) and frame.value.columns.size for frame in app.dataframe)


@pytest.mark.parametrize("page", PAGES)
def test_opens_without_networks(page, zoo):
    app = opened(page)
    assert not app.exception
    if page in NEEDS_NETWORKS:
        assert "holds no networks yet" in said(app) and "lsviz.training.sweep" in said(app)


@pytest.mark.parametrize("page", PAGES)
def test_opens_on_a_newer_manifest(page, zoo):
    (zoo / "manifest.json").write_text(json.dumps({"schema_version": 99, "runs": []}))
    app = opened(page)
    assert not app.exception
    if page in NEEDS_NETWORKS:
        assert "99" in said(app) and "git pull" in said(app)


@pytest.mark.parametrize("content", [b"{", b'{"schema_version": 1, "runs": [{}, 3]}'])  # none, and one of entries that are none
@pytest.mark.parametrize("page", NEEDS_NETWORKS)
def test_opens_on_a_broken_manifest(page, zoo, content):
    (zoo / "manifest.json").write_bytes(content)
    app = opened(page)
    assert not app.exception
    assert "manifest.json" in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("harm", ["flip", "gone"])  # found when it is read, and when the folder is looked at
def test_one_broken_run_is_named_and_the_page_opens(page, zoo, harm):
    records = write_small_zoo(zoo)
    victim = zoo / records[1].file
    if harm == "flip":
        raw = bytearray(victim.read_bytes())
        raw[-40] ^= 1
        victim.write_bytes(raw)
    else:
        victim.unlink()
    app = opened(page, n="5")
    assert not app.exception
    if page == "reliability":
        assert victim.name in said(app)


@pytest.mark.parametrize("page", ["reliability", "networks"])
def test_a_path_that_escapes_is_refused(page, zoo, tmp_path):
    records = write_small_zoo(zoo)
    shutil.copy(zoo / records[0].file, tmp_path / "outside.safetensors")
    manifest = json.loads((zoo / "manifest.json").read_text())
    manifest["runs"][0]["file"] = "../outside.safetensors"
    (zoo / "manifest.json").write_text(json.dumps(manifest))
    app = opened(page, n="5")
    assert not app.exception


@pytest.mark.parametrize("page", PAGES)
def test_junk_in_the_link_is_harmless(page):
    junk = {"alpha": "nan", "n": "-3", "class": "x", "conv": "<b>", "bins": "1e9", "temp": "0", "classes": "1-1-1", "view": "3d"}
    app = opened(page, **junk)
    assert not app.exception


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("alpha", ["0", "1"])
@pytest.mark.parametrize("n", ["2", "1000"])
def test_edges_of_alpha_and_n(page, alpha, n):
    app = opened(page, alpha=alpha, n=n)
    assert not app.exception


@pytest.mark.parametrize("page", ["reliability", "embeddings"])
def test_an_n_without_networks_is_said_to_be_near_another(page):
    assert "no networks for N = 7" in said(opened(page, n="7")) and "no networks" not in said(opened(page, n="10"))
