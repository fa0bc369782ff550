"""Opens what can be downloaded: tables parse, pages hold a chart, arrays load, pictures are pictures."""

from __future__ import annotations

import csv
import io
import json
import tomllib
import zipfile
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as parquet
from safetensors.numpy import load


def rows(content: bytes) -> None:
    table = list(csv.reader(io.StringIO(content.decode())))
    assert len(table) > 1 and {len(row) for row in table} == {len(table[0])}, "a head, and rows as wide"


def picture(content: bytes) -> None:
    assert content[:8] == b"\x89PNG\r\n\x1a\n" and content[-8:-4] == b"IEND"


def drawing(content: bytes) -> None:
    assert ElementTree.fromstring(content).tag.endswith("svg") and b"var(--lsviz" not in content


def whole_page(content: bytes) -> None:
    text = content.decode()
    assert "</html>" in text and ("plotly-graph-div" in text or "<svg" in text), "a chart"


def folder(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        for name in packed.namelist():
            inside = packed.read(name)
            assert inside, name
            if name.endswith(".py"):
                compile(inside, name, "exec")
            elif name.endswith(".npz"):
                assert all(array.size for array in np.load(io.BytesIO(inside)).values())
            elif name.endswith(".json"):
                json.loads(inside)


OPENS = {
    ".csv": rows,
    ".json": lambda content: json.loads(content),
    ".html": whole_page,
    ".svg": drawing,
    ".png": picture,
    ".zip": folder,
    ".toml": lambda content: tomllib.loads(content.decode()),
    ".parquet": lambda content: parquet.read_table(io.BytesIO(content)),
    ".safetensors": lambda content: load(content),
}
