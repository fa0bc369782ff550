"""The view state: round trips through the URL, and junk that must never break a link."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from lsviz.state import ViewState, closed_form_stops, control, url_table


def test_default_view():
    state = ViewState()
    assert (state.num_classes, state.alpha, state.true_class) == (10, 0.1, 1)
    assert state.to_query() == {"alpha": "0.1", "n": "10"}


def test_round_trip_of_every_field():
    other = ViewState(
        alpha=0.025, num_classes=1000, lang="ko", true_class=3, convention="binary", axis="log", negative=-0.4, curve="excess", prior_data="blobs", few="400", alike="386", tax_tempered=True, easy_right=0.9, easy_tempered=True, cool_teacher=True,
        bins=30, binning="mass", edges=(0.25, 0.5), event="class-4", first="n010", second="n011", bin=3, measures=True, temperature=1.75, score="norm", split="train", view="umap", classes=(4, 9, 2), pins=(4, 9), lasso=True, strip=True, same_scale=False, color="right", image=7, measure="nc3", epoch=4, live=True, neighbors=30, min_dist=0.5, spread=2.0, metric="cosine", seed=7,
        three_seeds=True, points=500, dims="3", lab_data="blobs", lab_examples=90, lab_noise=0.4, lab_flips="pair", lab_spoiled=0.5, lab_overlap=0.6, lab_depth=3, lab_width=64, lab_flat=True,
        lab_epochs=20, lab_batch=32, lab_optimizer="sgd", lab_rate=0.1, lab_decay=0.01, lab_seed=3, lab_five=True, lab_epoch=9, lab_curve="excess", lab_inside="pca", lab_losses="spread", lab_predict=True, lab_guess=0.3, lab_negative=True, lab_also=0.12, run="n010-a0.100", hide=("n", "save"), large=True, open=("paste", "code"), scene="five", step=3,
    )  # fmt: skip
    assert all(getattr(other, f.name) != f.default for f in fields(ViewState)), "a field was left at its default"
    assert ViewState.from_query(other.to_query()) == other


@pytest.mark.parametrize("junk", ["", "x", "nan", "inf", "-1", "1e400", "2", "0x1", "٣٣", "<script>", "0.1;drop", "9" * 5000])
@pytest.mark.parametrize("name", [control(f.name).url for f in fields(ViewState)])
def test_junk_falls_back_field_by_field(name, junk):
    state = ViewState.from_query({"split": "train", name: junk, "unknown": junk})
    for entry in fields(ViewState):
        value = getattr(state, entry.name)
        made = control(entry.name)
        assert made.parse(made.format(value)) == value  # whatever came in, what stands is allowed
    if name != "split":
        assert state.split == "train"


def test_a_missing_field_keeps_the_base():
    base = replace(ViewState(), num_classes=5, bins=20)
    assert ViewState.from_query({"alpha": "0.3"}, base=base) == replace(base, alpha=0.3)


def test_closed_form_stops():
    stops = closed_form_stops()
    assert len(stops) == 76 and stops[0] == 0 and stops[-1] == 1
    assert list(stops) == sorted(set(stops)) and {0.005, 0.1, 0.11, 0.3, 0.32}.issubset(stops)


def test_every_url_name_is_in_the_table_once():
    names = [control(f.name).url for f in fields(ViewState)]
    assert len(set(names)) == len(names)
    assert all(f"| `{name}` |" in url_table() for name in names)
