"""Frames: what the browser decodes is what the figure said."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from lsviz.figures import live as module
from lsviz.figures import numbers, theme
from lsviz.figures.live import Frames, LiveFigure, Move, escape

LSVIZ = Path(__file__).parents[2] / "lsviz"
STOPS = (0.0, 0.1, 1.0)


def decode(move: dict) -> np.ndarray:
    """What the plot component does, in numpy."""
    raw = base64.b64decode(move["data"])
    if move["dtype"] == "f4":
        return np.frombuffer(raw, "<f4").reshape(-1, move["n"]).astype(float)
    stored = np.frombuffer(raw, "<i2").reshape(-1, move["n"])
    return np.where(stored == -32768, np.nan, move["offset"] + move["scale"] * stored)


def live(moves=(), layout=None, traces=None) -> LiveFigure:
    traces = traces or [go.Scatter(x=[0], y=[0]), go.Bar(x=[1], y=[0], width=0.5)]
    figure = go.Figure(traces, theme.layout("Title", 300))
    return LiveFigure(figure, ("alt",), {"x": [1]}, Frames(STOPS, tuple(moves), layout or {}))


def test_long_arrays_travel_as_int16_within_a_quarter_thousandth_of_the_range():
    rng = np.random.default_rng(0)
    values = rng.normal(3, 20, (3, 500))
    values[1, 7] = np.nan
    move = Move(0, "x", values).encode()
    back = decode(move)
    assert move["dtype"] == "i2" and len(move["data"]) < 3 * 500 * 2 * 1.4
    assert np.isnan(back[1, 7]) and np.isnan(back).sum() == 1
    assert np.nanmax(np.abs(back - values)) <= (np.nanmax(values) - np.nanmin(values)) / 4000 / 4


def test_constant_and_empty_arrays_survive():
    assert np.all(decode(Move(0, "x", np.full((3, 100), 7.0)).encode()) == 7)
    assert np.isnan(decode(Move(0, "x", np.full((3, 100), np.nan)).encode())).all()


def test_short_arrays_are_exact_to_float32():
    values = np.array([[0.1], [0.2], [np.nan]])
    np.testing.assert_array_equal(decode(Move(0, "y", values).encode()), values.astype("f4").astype(float))


def test_infinity_and_nan_become_null_in_plain_values():
    encoded = Move(0, "text", [np.inf, [1.0, np.nan], "a"]).encode()
    assert encoded["values"] == [None, [1.0, None], "a"]
    json.dumps(encoded, allow_nan=False)


def test_long_lists_of_words_travel_as_a_dictionary_and_places():
    rows = [[f"class {(i * k) % 7}" for i in range(500)] for k in (1, 2, 3)]
    move = Move(0, "text", rows).encode()
    places = np.frombuffer(base64.b64decode(move["data"]), "u1").reshape(3, 500)
    assert [[move["words"][i] for i in row] for row in places] == rows and len(json.dumps(move)) < len(json.dumps(rows)) / 5
    many = [[f"{k}:{i}" for i in range(300)] for k in range(3)]
    move = Move(0, "text", many).encode()
    places = np.frombuffer(base64.b64decode(move["data"]), "<u2").reshape(3, 300)
    assert [[move["words"][i] for i in row] for row in places] == many
    assert "words" not in Move(0, "text", [["a"] * 70, ["b"] * 71, ["c"] * 70]).encode()  # not a column


def test_maps_travel_as_one_row_with_their_width():
    maps = np.random.default_rng(0).uniform(-1, 1, (3, 20, 30))
    maps[:, 4, 5] = np.nan
    move = Move(0, "z", maps).encode()
    assert move["columns"] == 30 and move["n"] == 600
    np.testing.assert_allclose(decode(move).reshape(3, 20, 30), maps, atol=1e-4)


def test_a_column_that_the_first_frame_holds_is_sent_once():
    first, other = np.arange(100.0), np.arange(100.0) + 1
    traces = [go.Scatter(x=first, y=other, text=["a"] * 100), go.Heatmap(z=np.full((10, 10), np.nan))]
    moves = [Move(0, a, np.stack([first] * 3)) for a in "xy"] + [
        Move(0, "text", [["a"] * 100] * 3),
        Move(1, "z", np.full((3, 10, 10), np.nan)),
    ]
    sent = json.loads(live(moves, traces=traces).payload()["figure"])["data"]
    assert "x" not in sent[0] and "text" not in sent[0] and "y" in sent[0] and "z" not in sent[1]  # y starts elsewhere
    assert live(moves, traces=traces).figure.data[0].x is not None


def test_a_frame_count_that_does_not_match_is_refused():
    with pytest.raises(ValueError, match="2 frames for 3 stops"):
        Frames(STOPS, (Move(0, "x", np.zeros((2, 1))),))


def test_at_applies_moves_and_layout():
    figure = live(
        [Move(0, "y", np.array([[1.0], [2.0], [3.0]])), Move(1, "marker.color", ["#111111", "#222222", "#333333"])],
        {"title.text": ["a", "b", "c"]},
    ).at(0.12)
    assert figure.data[0].y[0] == 2 and figure.data[1].marker.color == "#222222" and figure.layout.title.text == "b"


def test_the_overlay_takes_only_what_it_draws_exactly():
    assert live([Move(0, "y", np.zeros((3, 1)))]).overlay
    assert not live([Move(0, "line.shape", ["linear"] * 3)]).overlay
    assert not live(layout={"shapes[0].x0": [0, 1, 2]}).overlay
    assert not live(traces=[go.Bar(x=[1], y=[1])]).overlay  # a bar without explicit width
    assert not live(traces=[go.Pie(values=[1])]).overlay
    assert live(traces=[go.Heatmap(z=[[1]])]).overlay  # painted below everything that moves


def test_exports_carry_no_tokens():
    assert "var(--lsviz" in live().payload()["figure"]
    assert "var(--lsviz" not in live().resolved(0.1).to_json()


def test_payload_is_json_and_the_same_every_time():
    made = live([Move(0, "y", np.zeros((3, 1)))])
    assert json.dumps(made.payload(), allow_nan=False) == json.dumps(made.payload(), allow_nan=False)


def test_escape_keeps_names_literal():
    assert escape('<a href="x">&') == '&lt;a href="x"&gt;&amp;'


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.91, "91 %"), (0.099, "9.9 %"), (0.001, "0.10 %"), (0.9995, "99.95 %"), (1, "100 %"), (0, "0 %"), (0.994, "99.4 %")],
)
def test_percent(value, shown):
    assert numbers.percent(value) == shown


def test_signed_points_use_a_real_minus():
    assert numbers.points(0.1) == "+10.0" and numbers.points(-0.0251) == "\u22122.5" and numbers.points(-0.0001) == "0.0"


def test_alpha_colors_hit_the_anchors_and_hard_is_off_the_ramp():
    assert [theme.alpha_color(a) for a in theme.RAMP_ALPHAS] == list(theme.RAMP)
    assert theme.alpha_color(0) == theme.HARD


@pytest.mark.parametrize("name", ["EMPTY", "LINKED", "SELECT_ALPHA"])
def test_javascript_calls_what_both_sides_share_the_same(name):
    """Once in ui/js and once in Python; everybody else uses the name."""
    value = getattr(module, name)
    programs = "\n".join(path.read_text("utf-8") for path in (LSVIZ / "ui/js").glob("*.js"))
    assert re.findall(rf"^(?:export )?const {name} = (.+?);", programs, re.MULTILINE) == [repr(value)]
    assert programs.count(repr(value).rstrip("'")) == 1
    bare = str(value) if name == "EMPTY" else f'"{value}'
    assert [path.name for path in LSVIZ.rglob("*.py") if bare in path.read_text("utf-8")] == ["live.py"]
