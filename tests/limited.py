"""Files of every kind that cost more than they look, read one after the other in a process that may take little memory: `python -m tests.limited`.

Prints one line of JSON a case: name, the code of the sentence it ended in ("" where it was read), megabytes at its peak above
those before, seconds of CPU. The process has a hard limit (RLIMIT_AS) above what it holds once everything is imported.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # the others reserve gigabytes of addresses

import numpy as np  # noqa: E402

from tests import malformed  # noqa: E402  (the settings above come first)

MEGABYTES, SECONDS = 120, 2.0  # what one input may take
REFUSED = 0.5  # seconds of CPU until a sentence, where a file is refused
HARD = 60  # megabytes of addresses beyond that which the allocators take without touching them


def text_column(rows: int, *, length: int = 100_000, name: str = "path", label: bool = False, **options: object) -> bytes:
    """Parquet of two classes, and one text of `length` in every row of another column, or of the label itself; as every writer but Arrow would."""
    import pyarrow as pa
    from pyarrow import parquet

    words = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), ["x" * length])
    columns = {
        "label": words if label else pa.array(np.arange(rows) % 2),
        "a": np.zeros(rows, np.float32),
        "b": np.zeros(rows, np.float32),
    }
    if not label:
        columns[name] = words
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out, compression="zstd", store_schema=False, **options)
    return out.getvalue()


def delta_words(rows: int) -> bytes:
    """Labels as the same long text in every row, each told as "as the one before"."""
    import pyarrow as pa
    from pyarrow import parquet

    out = io.BytesIO()
    columns = {"label": pa.array(["x" * 20_000] * rows), "a": np.zeros(rows, np.float32), "b": np.zeros(rows, np.float32)}
    parquet.write_table(
        pa.table(columns),
        out,
        use_dictionary=False,
        column_encoding={"label": "DELTA_BYTE_ARRAY", "a": "PLAIN", "b": "PLAIN"},
        compression="zstd",
    )
    return out.getvalue()


def nested(rows: int) -> bytes:
    """A class that is a list of numbers, many a row."""
    import pyarrow as pa
    from pyarrow import parquet

    lists = pa.ListArray.from_arrays(
        np.arange(0, 2000 * (rows + 1), 2000, dtype=np.int32), pa.array(np.zeros(2000 * rows, np.float32))
    )
    out = io.BytesIO()
    parquet.write_table(
        pa.table({"label": np.zeros(rows, np.int8), "a": lists, "b": np.zeros(rows, np.float32)}), out, compression="zstd"
    )
    return out.getvalue()


def numbers(rows: int, num_classes: int, **options: object) -> bytes:
    return malformed.parquet(np.zeros((rows, num_classes), np.float32), np.arange(rows) % num_classes, **options)


def groups(count: int) -> bytes:
    """A footer of very many row groups."""
    return malformed.parquet(np.zeros((count, 2), np.float32), np.zeros(count, np.int8), row_group_size=1)


def packed(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("logits.npy", malformed.raw_npy("(1000000, 10)") + bytes(40_000_000))
        archive.writestr("labels.npy", malformed.raw_npy("(1000000,)", "'|u1'") + bytes(1_000_000))
    return out.getvalue()


def arrays(rows: int, num_classes: int, kind: str = "f4", **more: np.ndarray) -> dict[str, np.ndarray]:
    return {"logits": np.zeros((rows, num_classes), kind), "labels": (np.arange(rows) % num_classes).astype(np.int32), **more}


def long_header() -> bytes:
    """An .npy whose header claims to be of 50 million bytes, and is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logits.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 50_000_000) + b" " * 50_000_000)
    return out.getvalue()


def z(arrays: dict[str, np.ndarray]) -> bytes:
    """An .npz that is packed fast."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array)
    return out.getvalue()


def repeated(rows: int, num_classes: int) -> bytes:
    """CSV of numbers with all their digits, the same few hundred rows again and again."""
    few = 250
    head, _, body = malformed.table(
        np.random.default_rng(0).normal(size=(few, num_classes)).astype(np.float32), np.arange(few) % num_classes
    ).partition(b"\n")
    return head + b"\n" + body * (rows // few)


def lists_of_scores(rows: int, num_classes: int) -> bytes:
    """Parquet whose column `logits` holds a list a row, all of zeros, so that it packs to nothing."""
    import pyarrow as pa
    from pyarrow import parquet

    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows * num_classes)), num_classes)
    out = io.BytesIO()
    parquet.write_table(pa.table({"label": np.arange(rows) % num_classes, "logits": lists.cast(pa.list_(pa.float64()))}), out)
    return out.getvalue()


def pictures(count: int, num_classes: int, side: int) -> dict[str, np.ndarray]:
    return {"logits": np.zeros((count, num_classes, side, side), np.float32), "labels": np.zeros((count, side, side), np.int64)}


def members(count: int) -> bytes:
    entry = b"PK\x01\x02" + bytes(42)
    return (
        entry * count
        + b"PK\x05\x06"
        + struct.pack("<HHHHIIH", 0, 0, min(count, 65_535), min(count, 65_535), len(entry) * count, 0, 0)
    )


def unfolding(rows: int, width: int) -> dict[str, np.ndarray]:
    """Features of one column that a basis turns into very many."""
    return arrays(rows, 2) | {
        "features": np.ones((rows, 1), np.float32),
        "feature_basis": np.ones((1, width), np.float32),
        "feature_mean": np.zeros(width, np.float32),
    }


def footer(raw: bytes) -> bytes:
    return b"PAR1" + raw + struct.pack("<I", len(raw)) + b"PAR1"


def cases() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    """(what, name, how to make it): the last only when its turn comes, in another process than the one that reads it."""
    st = malformed.safetensors
    for rows in (8_000, 20_000):
        yield f"long text in {rows} rows that nobody asked for", "a.parquet", lambda rows=rows: text_column(rows)
    for rows in (20_000, 100_000):
        yield f"long text as label in {rows} rows", "a.parquet", lambda rows=rows: text_column(rows, label=True)
    yield "long text as a class", "a.parquet", lambda: text_column(20_000, name="c")
    yield "long text without a dictionary", "a.parquet", lambda: text_column(1_000, use_dictionary=False)
    yield "long text as label without a dictionary", "a.parquet", lambda: text_column(1_000, use_dictionary=False, label=True)
    yield "labels told as the one before", "a.parquet", lambda: delta_words(8_000)
    yield "lists as a class", "a.parquet", lambda: nested(8_000)
    for rows, num_classes in ((1_000_000, 20), (100_000, 20), (2_000, 1_000)):
        yield (
            f"parquet of {rows} x {num_classes}",
            "a.parquet",
            lambda rows=rows, num_classes=num_classes: numbers(rows, num_classes, compression="zstd"),
        )
    yield (
        "parquet in bytes split by place",
        "a.parquet",
        lambda: numbers(20_000, 100, use_dictionary=False, use_byte_stream_split=True, compression="gzip"),
    )
    yield "parquet of 3,000 row groups", "a.parquet", lambda: groups(3_000)
    yield (
        "parquet whose footer is a list of a million structs",
        "a.parquet",
        lambda: footer(b"\x15\x02\x19\xfc\xc0\x84\x3d" + bytes(1_000_000)),
    )
    yield "parquet whose footer nests", "a.parquet", lambda: footer(b"\x1c" * 500_000)
    for kind in ("f4", "f8"):
        yield f"npz of 1,000,000 x 20 {kind}", "a.npz", lambda kind=kind: z(arrays(1_000_000, 20, kind))
    for kind in ("f2", "i8"):
        yield f"npz of 100,000 x 20 {kind}", "a.npz", lambda kind=kind: z(arrays(100_000, 20, kind))
    yield "npz as it is, double precision", "a.npz", lambda: malformed.npz(arrays(20_000, 100, "f8"), packed=False)
    yield "npz with features", "a.npz", lambda: z(arrays(100_000, 20, "f8", penultimate=np.zeros((100_000, 100))))
    yield (
        "npz with as many features as may be",
        "a.npz",
        lambda: z(arrays(9_000, 100, "f4", penultimate=np.zeros((9_000, 768), np.float32))),
    )
    yield (
        "npz with a large array nobody asked for",
        "a.npz",
        lambda: z(arrays(1_000, 10, weights=np.zeros((5_000, 4_000), np.float32))),
    )
    yield "npz with a large training set", "a.npz", lambda: z(arrays(1_000, 10, train_logits=np.zeros((700_000, 10), np.float32)))
    yield (
        "npz with twenty names for scores",
        "a.npz",
        lambda: z({f"x{i}": np.zeros((100_000, 20), np.float32) for i in range(20)} | arrays(100, 4)),
    )
    yield "npz that unfolds", "a.npz", lambda: z(unfolding(10_000, 100_000))
    yield "npz with a long header", "a.npz", long_header
    yield "npz of 300,000 members", "a.npz", lambda: members(300_000)
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield f"npz packed by method {method}", "a.npz", lambda method=method: packed(method)
    yield (
        "npz in an npz",
        "a.npz",
        lambda: malformed.zipped({"logits.npz": z(arrays(1_000_000, 20)), "logits.npy": z(arrays(1_000_000, 20))}),
    )
    yield (
        "safetensors as large as may be",
        "a.safetensors",
        lambda: st(arrays(9_000, 100, penultimate=np.zeros((9_000, 768), np.float32))),
    )
    yield "safetensors of half precision", "a.safetensors", lambda: st(arrays(100_000, 20, "f2"))
    yield (
        "safetensors with a full header",
        "a.safetensors",
        lambda: malformed.raw_safetensors({"__metadata__": {str(i): "x" for i in range(100_000)}}, b""),
    )
    yield (
        "safetensors with a header of brackets",
        "a.safetensors",
        lambda: malformed.raw_safetensors(b"[" + b"[]," * 600_000 + b"[]]", b""),
    )
    yield "csv of 20,000 x 100", "a.csv", lambda: repeated(20_000, 100)
    yield (
        "csv of 100,000 x 10 with file names",
        "a.csv",
        lambda: b"\n".join(
            b"%s,pictures/one.png" % line if i else line + b",file" for i, line in enumerate(repeated(100_000, 10).splitlines())
        ),
    )
    yield "csv packed to 400 times less", "a.csv.gz", lambda: gzip.compress(bytes(400_000_000), 1)
    yield "packed csv of 8,000 x 200", "a.csv.gz", lambda: gzip.compress(repeated(8_000, 200)[:15_900_000], 1)
    yield "parquet of lists of scores", "a.parquet", lambda: lists_of_scores(100_000, 20)
    yield "pictures of 30 x 30 with as many labels", "a.npz", lambda: z(pictures(20, 100, 30))
    yield "csv of one line", "a.csv", lambda: b"label,a,b\n" + b"1," * 10_000_000
    yield "csv of one open quote", "a.csv", lambda: b'label,a,b\n0,"' + b"x\n" * 10_000_000
    yield "csv of commas", "a.csv", lambda: b"label,a,b\n" + b"," * 20_000_000
    yield "csv of one header", "a.csv", lambda: b"," * 20_000_000
    yield "csv of empty lines", "a.csv", lambda: b"label,a,b\n0,1,2\n" + b"\n" * 20_000_000
    yield (
        "csv in UTF-16 with one sign beyond it",
        "a.csv",
        lambda: ("label,a,\U0001f4a9\n" + "0,1.5,2.5\n" * 110_000).encode("utf-16"),
    )
    yield "csv of long words", "a.csv", lambda: b"label,a,name\n" + (b"0,1," + b"x" * 100_000 + b"\n") * 200
    for what, make in {
        "one line": lambda: b"1," * 4_950_000, "one open quote": lambda: b'a,"' + b"x\n" * 4_900_000, "2,000,000 cells": lambda: (b"1," * 490 + b"1\n") * 4_000 + b"0" * 3,
        "as many cells as may be": lambda: b"".join(b"1.5," * 400 + b"%d\n" % (i % 3) for i in range(4_900)), "commas": lambda: b"\n" + b"," * 9_900_000,
        "short rows": lambda: b"1,2\n" * 2_400_000, "empty lines": lambda: b"\n" * 9_900_000,
    }.items():  # fmt: skip
        yield f"lab: {what}", "lab.csv", make


def work(name: str, content: bytes) -> str:
    """What the page does with such a file, down to its numbers; the code of the sentence it ends in."""
    from lsviz.core.errors import LsvizError
    from lsviz.core.gate import PAGE
    from lsviz.core.predictions.diagnosis import diagnose
    from lsviz.core.predictions.summary import summarise
    from lsviz.lab.table import read_table
    from lsviz.predictions.reading import read_outside

    try:
        if name.startswith("lab"):
            read_table(content)
        else:
            summarise(diagnose(read_outside(content, name, PAGE)))
    except LsvizError as error:
        return error.code
    return ""


def peak() -> float:
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1e3


def held() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def main(folder: Path) -> None:
    """Read every file in `folder`, in order. Its number is the case's."""
    from lsviz.lab.allocator import give_back, hold_little

    hold_little()
    for name, content in malformed.sound().items():
        work(name, content)  # imports
    give_back()
    addresses = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (addresses + (MEGABYTES + HARD) * 10**6,) * 2)
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        give_back()
        Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
        before, started = held() - len(content) / 1e6, time.process_time()
        code = work(path.name.partition("-")[2], content)
        took, most = time.process_time() - started, peak()
        print(
            json.dumps(
                {
                    "case": int(path.name.partition("-")[0]),
                    "code": code,
                    "megabytes": round(most - before, 1),
                    "seconds": round(took, 2),
                }
            ),
            flush=True,
        )
        del content


if __name__ == "__main__":
    main(Path(sys.argv[1]))
