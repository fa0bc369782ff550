"""The reader's table: read as it is, or one sentence that names column and row."""

from __future__ import annotations

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.lab.config import LabConfig
from lsviz.lab.run import train
from lsviz.lab.table import read_table


def text(rows: int = 40, header: str = "height,width,label", **cells: str) -> bytes:
    lines = [f"{i % 7}.5,{(i * 3) % 11},{i % 3}" for i in range(rows)]
    for place, line in cells.items():
        lines[int(place.removeprefix("row"))] = line
    return "\n".join([header, *lines] if header else lines).encode()


@pytest.mark.parametrize(
    "raw",
    [text(), text(header=""), text().replace(b",", b";"), text().replace(b",", b"\t"), b"\xef\xbb\xbf" + text(), text().replace(b"\n", b"\r\n"), text() + b"\n\n"],
)  # fmt: skip
def test_it_reads_what_spreadsheets_write(raw):
    table = read_table(raw)
    assert table.x.shape == (40, 2) and table.names == ("0", "1", "2")
    np.testing.assert_array_equal(table.y, np.arange(40) % 3)
    assert np.allclose(table.x.mean(axis=0), 0) and np.allclose(table.x.std(axis=0), 1)


def test_the_label_column_is_found_by_name():
    raw = "\n".join(["Class,a,b"] + [f"{i % 2 + 7},{i},{i * i % 5}" for i in range(30)]).encode()
    table = read_table(raw)
    assert table.names == ("7", "8") and table.x.shape == (30, 2)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (text(row4="1.5,,2"), "Column width, row 5 is empty"),
        (text(row4="1.5,NA,2"), "Column width, row 5 is empty"),
        (text(row2="tall,3,1"), "Column height, row 3: 'tall'"),
        (text(row2="inf,3,1"), "Column height, row 3: 'inf'"),
        (text(row2="1e40,3,1"), "Column height, row 3"),
        (text(row9="1,2,0.5"), "Column label, row 10: the label 0.5 is not a whole number"),
        (text(row9="1,2"), "Row 10 has 2 cells"),
        (text(rows=5), "5 rows"),
        (b"", "no rows"),
        (b"\n\n \n", "no rows"),
        (b"\xff\xfe\x00a", "not CSV text"),
        (b"a,label\n" + b"1,1\n" * 30, "1 different labels"),
        (b"a,label\n" + b"".join(b"1,%d\n" % i for i in range(130)), "130 different labels"),
        (b"label\n" + b"1\n2\n" * 20, "1 columns"),
        (b"1," * 600 + b"1\n", "601 columns"),
        (b"1," * 4_900_000 + b"1\n", "A line of the table has more than 50000 characters"),
        (b'label,"' + b"a" * 9_000_000, "A line of the table has more than 50000 characters"),
        (b"1," * 400 + b"1\n" + (b"1," * 400 + b"1\n") * 6000, "The table has 6001 rows. Bring 16 to 4987"),
        (b"1,2,3\n" * 2_000_000, "MB"),
    ],
)
def test_what_is_wrong_is_named(raw, said):
    with pytest.raises(LsvizError, match=said):
        read_table(raw)


def test_a_table_trains():
    table = read_table(text(rows=80))
    run = train(LabConfig(data="csv", num_classes=3, epochs=2, width=8, alphas=(0, 0.1), digest=table.digest), table)
    assert run.done and run.names == ("0", "1", "2")
