"""What the mounts hand to the browser: pieces of text, addresses of files, payloads that do not depend on alpha."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lsviz.core.marked import parts
from lsviz.ui import assets
from lsviz.ui.plots import headline
from tests.reading import sent


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [["plain", ""]]),
        ("", []),
        ("at :blue[**91 %**], not *all*", [["at ", ""], ["91 %", "blue bold"], [", not ", ""], ["all", "italic"]]),
        (":orange[hard] :violet[under]", [["hard", "orange"], [" ", ""], ["under", "violet"]]),
        ("With *α* = **0.10**.", [["With ", ""], ["α", "italic"], [" = ", ""], ["0.10", "bold"], [".", ""]]),
        ("<b>&amp; 3 * 4 :red[x]", [["<b>&amp; 3 * 4 :red[x]", ""]]),  # anything else stays as typed
    ],
)
def test_markup_becomes_pieces_of_text(text, pieces):
    assert parts(text) == pieces


def test_a_headline_needs_one_of_each_per_stop():
    with pytest.raises(ValueError, match="2 stops, 1 heads and 2 subs"):
        headline([0.0, 0.1], ["a"], ["b", "c"])


def test_streamlit_ships_exactly_one_plotly_bundle():
    """It is found by its name; when Streamlit renames it, the package's own file is all that is left."""
    assert len(list(Path(st.__file__).parent.glob("static/static/js/PlotlyChart.*.js"))) == 1


def test_both_sources_of_plotly_exist():
    (kind, own), (fallback, package) = assets.plotly_sources()
    assert (kind, fallback) == ("module", "script")
    assert (Path(st.__file__).parent / "static" / own).is_file()
    import plotly

    assert (Path(plotly.__file__).parent / "package_data" / package.split("/")[-1]).is_file()


def test_the_small_bundle_is_of_the_version_the_python_package_was_made_for():
    import plotly

    first_lines = lambda path: path.read_text("utf-8")[:200]
    version = lambda text: re.search(r"plotly\.js (?:\(basic - minified\) )?v([\d.]+)", text)[1]
    package = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    assert version(first_lines(assets.JS / "vendor" / "plotly-basic.min.js")) == version(first_lines(package))


def test_every_import_of_the_served_modules_exists():
    for module in assets.JS.glob("*.js"):
        for name in re.findall(r"from '\./([\w.]+)'", module.read_text("utf-8")):
            assert (assets.JS / name).is_file(), f"{module.name} imports {name}"
        for name in re.findall(r"useStyle\('(\w+)'\)", module.read_text("utf-8")):
            assert (assets.JS / f"{name}.css").is_file()


def test_no_module_turns_text_into_markup():
    for module in assets.JS.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", module.read_text("utf-8")), (
            module.name
        )


PAGE = """
import numpy as np
import plotly.graph_objects as go
import streamlit as st
from lsviz.figures import theme
from lsviz.figures.live import Frames, LiveFigure, Move
from lsviz.ui import plots

figure = go.Figure(go.Scatter(x=[0.0], y=[1.0]), theme.layout("T", 300))
live = LiveFigure(figure, ("alt",), {"x": [0]}, Frames((0.0, 0.1), (Move(0, "y", np.zeros((2, 1))),)))
st.session_state.alpha = st.slider("alpha", 0.0, 1.0, 0.1)
plots.headline((0.0, 0.1), ("a", "*b*"), ("c", "d"))
plots.live_plot(live, key="one")
plots.image_buttons("one", "file")
"""


def messages(app: AppTest) -> list[dict]:
    return [element.proto for element in app.get("bidi_component")]


def test_what_is_sent_does_not_depend_on_alpha_and_carries_no_program():
    app = AppTest.from_string(PAGE, default_timeout=30).run()
    assert not app.exception
    first = [proto.SerializeToString() for proto in messages(app)]
    app.slider[0].set_value(0.5).run()
    assert [proto.SerializeToString() for proto in messages(app)] == first
    assert len(first) == 3
    for proto in messages(app):
        assert len(proto.js_content) < 800
    plot = sent(app)[1]
    assert plot["key"] == "one" and plot["frames"]["stops"] == [0.0, 0.1] and len(plot["source"]) == 2
