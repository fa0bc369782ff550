"""Arrays that grow on disk become one sound safetensors file, or none."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load_file

from lsviz.predictions.stream import Stream


def test_rows_become_one_file(tmp_path):
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, 3)).astype(np.float32) for n in (4, 0, 7)]
    with Stream(tmp_path / "a.safetensors") as stream:
        for part in parts:
            stream.append("x", part)
            stream.append("half", part)
            stream.append("large", 1e6 * part)
            stream.append("y", np.arange(len(part)))
        stream.finish({"a": "b"}, half=("half", "large", "absent"))
    found = load_file(tmp_path / "a.safetensors")
    whole = np.concatenate(parts)
    assert np.array_equal(found["x"], whole) and found["y"].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6]
    assert found["half"].dtype == np.float16 and np.array_equal(found["half"], whole.astype(np.float16))
    assert found["large"].dtype == np.float32  # half precision would make infinity of it
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_what_breaks_off_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="float64"), Stream(path) as stream:
        stream.append("x", np.zeros((2, 3), np.float32))
        stream.append("x", np.zeros((2, 3)))
    assert path.read_bytes() == b"before" and [entry.name for entry in tmp_path.iterdir()] == ["a.safetensors"]
