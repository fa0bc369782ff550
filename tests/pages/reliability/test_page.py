"""Reliability opens on stored networks, answers its controls, and loses only what is broken."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core.calibration.every_measure import MEASURES
from lsviz.state import ViewState
from tests.reading import mounted, plain
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def opened(**query: str) -> AppTest:
    return opened_page("reliability", **query)


def said(app: AppTest) -> str:
    """Every plain sentence on the page, with plain spaces."""
    return "\n".join(plain(e.value) for kind in (app.markdown, app.text, app.caption, app.code) for e in kind)


def test_three_figures_a_headline_per_alpha_and_the_table(folder):
    write_small_zoo(folder)
    app = opened(n="5", alpha="0.5")
    assert not app.exception
    there = mounted(app)
    assert {"reliability_diagram", "reliability_trend", "reliability_temperature", "headline"} <= set(there)
    assert there["headline"]["stops"] == there["reliability_diagram"]["frames"]["stops"] == [0.0, 0.1, 0.5]
    table = next(plain(m.value) for m in app.markdown if m.value.startswith("| "))
    assert "α = 0.50" in table and "hard target" in table and "Brier" in table


def test_bins_and_binning_come_from_the_link_and_reach_the_diagram(folder):
    write_small_zoo(folder)
    some = mounted(opened(n="5", bins="7"))["reliability_diagram"]["figure"]
    more = mounted(opened(n="5", bins="8"))["reliability_diagram"]["figure"]
    mass = mounted(opened(n="5", bins="7", binning="mass"))["reliability_diagram"]["figure"]
    assert len({some, more, mass}) == 3
    assert not opened(n="5", bins="9999", binning="sideways", temp="-3").exception


def test_the_payload_does_not_depend_on_alpha(folder):
    write_small_zoo(folder)
    first, second = (mounted(opened(n="5", alpha=alpha)) for alpha in ("0", "0.5"))
    for key in ("reliability_diagram", "reliability_trend", "reliability_temperature", "headline"):
        assert first[key] == second[key]


def test_the_fitted_temperature_is_one_click_away_and_accuracy_stays(folder):
    write_small_zoo(folder)
    app = opened(n="5", alpha="0")
    before = {metric.label: metric.value for metric in app.metric}
    fit = next(button for button in app.button if "fitted" in button.label)
    app = fit.click().run()
    after = {metric.label: metric.value for metric in app.metric}
    assert float(fit.label.split("=")[1]) == pytest.approx(2.0, rel=0.25)  # the small zoo's hard networks are twice too sharp
    assert app.slider(key="control_temperature").value == float(fit.label.split("=")[1])
    assert after["Accuracy, frozen"] == before["Accuracy, frozen"]
    assert float(after["NLL"]) < float(before["NLL"])


def test_a_broken_network_is_named_and_the_others_show(folder):
    run = write_small_zoo(folder)[1]
    path = folder / run.file
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    app = opened(n="5", alpha="0.1")
    assert not app.exception and run.file in said(app)
    assert mounted(app)["reliability_diagram"]["frames"]["stops"] == [0.0, 0.5]


def test_a_broken_hard_network_takes_only_itself_away(folder):
    run = write_small_zoo(folder)[0]
    (folder / run.file).unlink()
    app = opened(n="5", alpha="0")
    assert not app.exception and run.id in said(app)
    assert mounted(app)["reliability_diagram"]["frames"]["stops"] == [0.1, 0.5]


@pytest.mark.parametrize("content", [None, "{", '{"schema_version": 99, "runs": []}'])
def test_nothing_to_show_is_one_sentence_with_its_command(folder, content):
    if content:
        (folder / "manifest.json").write_text(content)
    app = opened()
    assert not app.exception and mounted(app).keys().isdisjoint({"reliability_diagram", "headline"})
    assert len(app.code) == 1 and app.code[0].value.startswith(("python -m lsviz", "git "))


def test_an_n_without_networks_snaps_and_says_so(folder):
    write_small_zoo(folder)
    app = opened(n="7")
    assert not app.exception and "no networks for N = 7: these have N = 5" in said(app)


def test_an_event_and_own_edges_come_from_the_link_and_reach_the_diagram(folder):
    write_small_zoo(folder)
    shown = lambda **query: mounted(opened(n="5", **query))["reliability_diagram"]["figure"]
    views = [
        {},
        {"about": "class-2"},
        {"about": "first-3"},
        {"binning": "smooth"},
        {"binning": "own"},
        {"binning": "own", "edges": "0.3-0.6"},
    ]
    assert len({shown(**query) for query in views}) == len(views)
    assert "dolphin" in shown(about="class-2")
    assert shown(about="class-99") == shown(about="first-9") == shown()  # too few classes for either


def test_edges_are_typed_and_a_mistake_is_named_and_kept(folder):
    write_small_zoo(folder)
    app = opened(n="5", binning="own")
    app = app.text_input(key="control_edges").input("0.2, 0.4").run()
    assert app.session_state["view_state"].edges == (0.2, 0.4)
    app = app.text_input(key="control_edges").input("0.9 0.1").run()
    assert not app.exception and "0.9 0.1" in said(app) and app.text_input(key="control_edges").value == "0.9 0.1"
    assert app.session_state["view_state"].edges == (0.2, 0.4)
    app = app.text_input(key="control_edges").input("0.5").run()
    assert app.session_state["view_state"].edges == (0.5,) and "0.9 0.1" not in said(app)


def test_every_measure_is_worked_out_when_asked_for(folder):
    write_small_zoo(folder)
    app = opened(n="5", alpha="0.5", open="measures")
    table = app.table[0].value
    assert len(table) == len(MEASURES) and table.shape[1] == 5 and "%" in str(table.iloc[3, 1])


def test_any_two_networks_are_compared_on_their_common_images(folder):
    runs = write_small_zoo(folder, seeds=(0, 1))
    table = lambda app: [m.value for m in app.markdown if m.value.startswith("| ")][1]
    usual = table(opened(n="5", alpha="0.5"))
    named = table(opened(n="5", alpha="0.5", first=runs[0].id, second=runs[2].id))
    assert "ECE" in usual and usual != named
    assert "two different" in said(opened(n="5", first=runs[0].id, second=runs[0].id)).lower()
    assert "not stored on the same images" in said(opened(n="5", first=runs[0].id, second=runs[1].id))  # other labels, no index
    assert table(opened(n="5", alpha="0.5", first="nothing", second="nobody")) == usual


def test_a_bin_opens_its_images(folder):
    write_small_zoo(folder)
    app = opened(n="5", alpha="0.1", bins="4", bin="2")
    table = app.dataframe[0].value
    low, high = 0.25, 0.5
    assert len(table) and ((table["claimed"] > low) & (table["claimed"] <= high)).all()
    surprise = abs(table["right"].astype(float) - table["claimed"])
    assert (surprise.diff().dropna() <= 1e-9).all()
    assert not opened(n="5", bins="4", bin="49").exception


def test_thumbnails_where_the_data_set_is(folder, tmp_path_factory, monkeypatch):
    write_small_zoo(folder, with_index=True)
    data = tmp_path_factory.mktemp("cifar")
    rng = np.random.default_rng(0)
    for name in ("train.bin", "test.bin"):
        (data / name).write_bytes(rng.integers(0, 20, (500, 3074), dtype=np.uint8).tobytes())
    monkeypatch.setenv("LSVIZ_CIFAR100", str(data))
    assert opened(n="5").dataframe[0].value["picture"].str.startswith("data:image/png;base64,").all()
    monkeypatch.setenv("LSVIZ_CIFAR100", str(data / "nowhere"))
    app = opened(n="5")
    assert not app.exception and "nowhere" in said(app) and "picture" not in app.dataframe[0].value


def test_the_page_is_saved_as_one_file_and_the_data_with_its_sources(folder):
    from lsviz.pages.reliability import after_training
    from lsviz.ui import foot

    write_small_zoo(folder)
    app = opened(n="5", alpha="0.5")
    assert any(button.proto.label == "Save this page (HTML)" for button in app.get("download_button"))
    live = after_training.figures(5)
    saved = foot.view_html(":violet[Head] <b>", "*sub*", live, ViewState(alpha=0.5, num_classes=5))
    assert "<h1>Head &lt;b&gt;</h1><p>sub</p>" in saved and saved.count("Plotly.newPlot(") == len(live)
    assert "alpha=0.5" in saved and 'src="http' not in saved and "plotly.js v" in saved
