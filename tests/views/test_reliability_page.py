"""Reliability opens on stored networks, answers its controls, and loses only what is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.small_zoo import write_small_zoo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run().switch_page("lsviz/views/reliability.py").run()


def said(app: AppTest) -> str:
    return "\n".join(str(e.value) for kind in (app.markdown, app.text, app.caption, app.code) for e in kind)


def mounted(app: AppTest) -> dict[str, dict]:
    """Data of every mounted component that has an answer for us, by what it holds."""
    found = {}
    for component in app.get("bidi_component"):
        data = json.loads(component.proto.json) if component.proto.json else {}
        if "key" in data:
            found[data["key"]] = data
        if "heads" in data:
            found["headline"] = data
    return found


def test_three_figures_a_headline_per_alpha_and_the_table(folder):
    write_small_zoo(folder)
    app = opened(n="5", alpha="0.5")
    assert not app.exception
    there = mounted(app)
    assert {"reliability_diagram", "reliability_trend", "reliability_temperature", "headline"} <= set(there)
    assert there["headline"]["stops"] == there["reliability_diagram"]["frames"]["stops"] == [0.0, 0.1, 0.5]
    table = next(m.value for m in app.markdown if m.value.startswith("| "))
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
