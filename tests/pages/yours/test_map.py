"""The map of somebody's own rows: which rows two networks share, and the files for other tools."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from pyarrow import parquet as arrow

from lsviz.core.cluster_map import neighbourhoods
from lsviz.core.settling import Maps, Settled
from lsviz.pages.yours import map as own

COUNT = 60


def network(name: str, rows: np.ndarray, labels: np.ndarray, seed: int):
    rng = np.random.default_rng(seed)
    outputs = SimpleNamespace(rows=rows, num_rows=len(rows), penultimate=rng.normal(size=(len(rows), 6)) + labels[:, None])
    logits = rng.normal(size=(len(rows), 3)) + 2 * np.eye(3)[labels]
    diagnosis = SimpleNamespace(outputs=outputs, labels=labels, logits=logits)
    return SimpleNamespace(name=name, sha256=name, diagnosis=diagnosis)


@pytest.fixture(scope="module")
def pair():
    """Rows 0 to 59 of one network, and 10 to 69 of another in another order."""
    labels = np.arange(COUNT + 10) % 3
    order = np.random.default_rng(1).permutation(np.arange(10, COUNT + 10))
    return network("a.npz", np.arange(COUNT), labels[:COUNT], 0), network("b.npz", order, labels[order], 1)


NAMES = ("cat", "tab\tor", "dog")


def test_two_networks_show_the_rows_both_have_or_one_alone(pair):
    mine, other = pair
    shared = own.shared_rows(mine, other, NAMES, 1000)
    assert shared.networks == (other, mine) and shared.number.tolist() == list(range(10, COUNT))
    for i, one in enumerate(shared.networks):
        o = one.diagnosis
        assert o.outputs.rows[shared.at[i]].tolist() == shared.number.tolist()
        np.testing.assert_array_equal(shared.features(i), o.outputs.penultimate[shared.at[i]].astype(np.float32))
        np.testing.assert_array_equal(o.labels[shared.at[i]], shared.labels)
    assert len(own.shared_rows(mine, other, NAMES, 20).number) == 20
    strange = network("c.npz", np.arange(COUNT), 2 - mine.diagnosis.labels, 2)
    assert own.shared_rows(mine, strange, NAMES, 1000).networks == (mine,), "rows of other classes are other rows"


def test_the_files_hold_what_the_maps_show(pair):
    mine, other = pair
    rows = own.shared_rows(mine, other, NAMES, 1000)
    layouts = np.random.default_rng(3).normal(size=(2, len(rows.number), 2)).astype(np.float32)
    found = [neighbourhoods(rows.features(i), layout) for i, layout in enumerate(layouts)]
    bytes_of = lambda one: one.nearest.astype("<u2").tobytes() + one.kept.tobytes() + one.intruders.tobytes()
    laid = Maps(Settled(layout, near=bytes_of(one)) for layout, one in zip(layouts, found))
    table = arrow.read_table(io.BytesIO(own.parquet(rows, laid)))
    x, known = rows.features(1), table.to_pydict()
    assert known["row"] == rows.number.tolist() and known["class"] == [NAMES[k] for k in rows.labels]
    np.testing.assert_array_equal(np.transpose([known["x"], known["y"]]), laid[1].layout)
    np.testing.assert_array_equal(np.transpose([known["x_other"], known["y_other"]]), laid[0].layout)
    probs = np.exp(rows.logits(1)) / np.exp(rows.logits(1)).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(known["confidence"], probs.max(axis=1), rtol=1e-6)
    assert known["answer"] == [NAMES[k] for k in probs.argmax(axis=1)]
    near = lambda points, i, k: sorted(set(range(len(points))) - {i}, key=lambda j: np.linalg.norm(points[i] - points[j]))[:k]
    for i, told in enumerate(known["neighbors"]):
        assert told["ids"] == near(x, i, 5)
        np.testing.assert_allclose(told["distances"], [np.linalg.norm(x[i] - x[j]) for j in told["ids"]], rtol=1e-5)
        assert known["neighbours_kept"][i] == len(set(near(x, i, 15)) & set(near(laid[1].layout, i, 15)))
    assert [file["sha256"] for file in json.loads(table.schema.metadata[b"lsviz"])["files"]] == ["b.npz", "a.npz"]
    folder = zipfile.ZipFile(io.BytesIO(own.projector(rows)))
    heads, *lines = [line.split("\t") for line in folder.read("metadata.tsv").decode().splitlines()]
    assert {len(line) for line in lines} == {len(heads)} and len(lines) == len(rows.number)
    np.testing.assert_allclose(np.loadtxt(io.BytesIO(folder.read("vectors.tsv"))), x, rtol=1e-4)
