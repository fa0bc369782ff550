"""Files nobody should upload: sound ones of every format, and what becomes of them by accident or by malice."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator

import numpy as np

from tests.small_zoo import logits_and_labels

N, K = 60, 4
LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(N, K, 1.0, 0), (np.float32, np.int64)))
HOSTILE = (
    "=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "<script>alert(1)</script>", "<img src=http://evil.example/x.png onerror=alert(1)>",
    "![x](http://evil.example/x.png)", "[x](javascript:alert(1))", "\u202egnp.exe", "a\nb\r\nc", "\x00\x1b[31m", "|---|", "`code`", "$\\href{http://e}{x}$",
    ":material/bug_report:", "../../etc/passwd", "x" * 5000, "{0.__class__}", "%s%n", "\ud7ff\U0001f4a9", "", " ", "]]>", "</style>", "var(--x);background:url(http://e)",
)  # fmt: skip


# ---- sound files ----------------------------------------------------------------------------------------------------


def safetensors(arrays: dict[str, np.ndarray], metadata: dict[str, str] | None = None) -> bytes:
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata)


def npz(arrays: dict[str, np.ndarray], *, packed: bool = True) -> bytes:
    out = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(out, **arrays)
    return out.getvalue()


def table(scores: np.ndarray, labels, names: list[str] | None = None, label: str = "label") -> bytes:
    names = names or [f"class {k}" for k in range(scores.shape[1])]
    text = io.StringIO()
    text.write(",".join([label, *names]) + "\n")
    for true, row in zip(labels, scores):
        text.write(",".join([str(true), *(f"{value:.9g}" for value in row)]) + "\n")
    return text.getvalue().encode()


def parquet(scores: np.ndarray, labels, names: list[str] | None = None, label: str = "label", **options) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as pq

    names = names or [f"class {k}" for k in range(scores.shape[1])]
    columns = {label: pa.array(labels), **{name: pa.array(scores[:, k]) for k, name in enumerate(names)}}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def sound() -> dict[str, bytes]:
    """The same outputs in every format."""
    arrays = {"logits": LOGITS, "labels": LABELS}
    return {
        "mine.safetensors": safetensors(arrays, {"class_names": json.dumps(list("abcd"))}),
        "mine.npz": npz(arrays),
        "plain.npz": npz(arrays, packed=False),
        "mine.csv": table(LOGITS, LABELS),
        "mine.parquet": parquet(LOGITS, LABELS),
    }


# ---- spoilt ones ----------------------------------------------------------------------------------------------------


def raw_safetensors(header: object, data: bytes = b"", size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def raw_npy(shape: object, descr: str = "'<f4'", data: bytes = b"") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def zipped(members: dict[str, bytes], zeros: int = 0) -> bytes:
    """An archive; each member is followed by so many zeros, written without ever being held."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            with archive.open(name, "w") as member:
                member.write(content)
                for start in range(0, zeros, 1 << 20):
                    member.write(bytes(min(1 << 20, zeros - start)))
    return out.getvalue()


def damaged(seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Truncated and bit-flipped versions of every sound file."""
    rng = np.random.default_rng(seed)
    for name, content in sound().items():
        for share in (0, 0.01, 0.1, 0.5, 0.9, 0.999):
            yield name, content[: int(share * len(content))]
        for _ in range(12):
            yield name, mutated(content, rng)
        yield name, b"\x00" * 100 + content
        yield name, content + b"\xff" * 100
        yield name, content[::-1]


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """A few bits flipped, bytes overwritten with telling values, a stretch cut out, doubled or moved."""
    raw = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        at, kind = int(rng.integers(len(raw))) if raw else 0, int(rng.integers(6))
        if rng.random() < 0.5:  # headers and footers are where the lies matter
            at = int(rng.integers(min(400, max(1, len(raw)))))
            at = at if rng.random() < 0.5 else max(0, len(raw) - 1 - at)
        length = int(rng.integers(1, 64))
        if kind <= 1 and raw:
            raw[at] ^= 1 << int(rng.integers(8))
        elif kind == 2:
            raw[at : at + 8] = rng.choice(np.array([0, -1, 2**31 - 1, 2**31, 2**63 - 1, 10**7, 255])).astype("<i8").tobytes()
        elif kind == 3:
            del raw[at : at + length]
        elif kind == 4:
            raw[at:at] = raw[at : at + length]
        else:
            raw[at:at] = rng.integers(0, 256, length).astype(np.uint8).tobytes()
    return bytes(raw)


class Evil:
    """Would leave a trace if it were ever unpickled."""

    ran: list[str] = []

    def __reduce__(self):
        return (Evil.ran.append, ("unpickled",))


def objects() -> Iterator[tuple[str, bytes]]:
    """Pickles under every name, and arrays of Python objects."""
    for protocol in range(6):
        for ending in ("safetensors", "npz", "csv", "parquet", "pkl", "pt", "txt", ""):
            yield f"mine.{ending}" if ending else "mine", pickle.dumps([Evil()], protocol)
    nothing = np.array([None, {"a": 1}], object)
    yield "mine.npz", npz({"logits": nothing, "labels": LABELS})
    yield "mine.npz", zipped({"logits.npy": raw_npy((N, K), "'|O'", pickle.dumps([Evil()]))})
    yield "mine.npz", zipped({"archive/data.pkl": pickle.dumps([Evil()]), "archive/version": b"3"})
    yield "mine.npz", npz({"logits": np.array([("a", 1.0)], [("name", "U5"), ("value", "f4")]), "labels": LABELS[:1]})


def lies() -> Iterator[tuple[str, bytes]]:
    """Headers that promise what the bytes do not hold."""
    data = LOGITS.tobytes() + LABELS.tobytes()
    end = LOGITS.nbytes
    entry = lambda **changes: {"dtype": "F32", "shape": [N, K], "data_offsets": [0, end]} | changes
    labels = {"dtype": "I64", "shape": [N], "data_offsets": [end, end + LABELS.nbytes]}
    for wrong in (
        {"shape": [10**7, K]}, {"shape": [10**18, 10**18]}, {"shape": [-1, K]}, {"shape": [N, K, 0]}, {"shape": []}, {"shape": [1.5, 2]}, {"shape": "6x4"},
        {"shape": [True, K]}, {"shape": None}, {"shape": [[1]]}, {"shape": [N] * 40}, {"data_offsets": [0, 10**12]}, {"data_offsets": [-8, end]},
        {"data_offsets": [end, 0]}, {"data_offsets": [8, end + 8]}, {"data_offsets": [0]}, {"data_offsets": {}}, {"data_offsets": [0, end, 1]}, {"dtype": "F128"},
        {"dtype": 7}, {"dtype": None}, {"dtype": "F64"}, {"dtype": "F8_E4M3"}, {"dtype": "I64"},
    ):  # fmt: skip
        yield "mine.safetensors", raw_safetensors({"logits": entry(**wrong), "labels": labels}, data)
    for header in (
        [],
        3,
        None,
        "x",
        {},
        {"logits": 3},
        {"logits": {}},
        {"__metadata__": 3},
        {f"a{i}": entry() for i in range(5000)},
    ):
        yield "mine.safetensors", raw_safetensors(header, data)
    for size in (0, 1, 10**9, 2**63, 2**64 - 1):
        yield "mine.safetensors", raw_safetensors({"logits": entry(), "labels": labels}, data, size)
    for text in (
        b"{",
        b"[" * 100_000,
        b"\xff" * 50,
        b'{"a": NaN}',
        b'{"logits": {"dtype": "F32", "shape": [' + b"9" * 5000 + b"]}}",
        b"{" + b'"a":1,' * 300_000 + b'"b":1}',
    ):
        yield "mine.safetensors", raw_safetensors(text, data)
    for shape in (
        "(10000000, 100)",
        "(10**9, 4)",
        "(-1, 4)",
        "(1e9,)",
        "()",
        "(60, 4",
        "((60, 4),)",
        "(9" + "9" * 40 + ", 4)",
        "(0, 4)",
        "(60, 0)",
        "(" * 500,
    ):
        yield (
            "mine.npz",
            zipped(
                {"logits.npy": raw_npy(shape, data=LOGITS.tobytes()), "labels.npy": raw_npy("(60,)", "'<i8'", LABELS.tobytes())}
            ),
        )
    for descr in (
        "'<f2'",
        "'<f16'",
        "'<c8'",
        "'<M8[s]'",
        "'<U1000000000'",
        "'|V7'",
        "[('a', '<f4')]",
        "__import__('os').system('true')",
        "'nope'",
        "7",
    ):
        yield (
            "mine.npz",
            zipped(
                {
                    "logits.npy": raw_npy("(60, 4)", descr, LOGITS.tobytes()),
                    "labels.npy": raw_npy("(60,)", "'<i8'", LABELS.tobytes()),
                }
            ),
        )


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that unpack to large ones."""
    yield "mine.npz", zipped({"logits.npy": raw_npy("(50000000, 4)")}, zeros=800_000_000)
    yield "mine.npz", zipped({f"a{i}.npy": raw_npy("(1000000,)") for i in range(110)}, zeros=4_000_000)
    small = bytearray(zipped({"logits.npy": raw_npy("(1000000, 10)")}, zeros=40_000_000))
    directory = small.rindex(b"PK\x01\x02")
    small[directory + 24 : directory + 28] = struct.pack("<I", 128)  # declares 128 bytes, holds forty million
    yield "mine.npz", bytes(small)
    yield "mine.npz", zipped({f"a{i}.npy": b"" for i in range(3000)})
    flat = np.zeros((1_200_000, 2), np.float32)
    yield "mine.parquet", parquet(flat, np.zeros(len(flat), np.int8))
    yield "mine.parquet", parquet(np.zeros((1, 12_000), np.float32), [0])
    yield "mine.csv", b"label," + b"," * 30_000_000 + b"\n"
    yield "mine.csv", b"label,a,b\n" + b"0,1,2\n" * 1_000_500
    yield "mine.csv", b"9" * 5_000_000
    yield "mine.csv", b'label,a,b\n0,"' + b"x" * 5_000_000


def senseless() -> Iterator[tuple[str, bytes]]:
    """Well-formed files of arrays that make no sense, or only just."""
    shapes = ((0, 4), (60, 1), (60, 0), (1, 2), (1, 10_000), (2, 10_001), (60,), (3, 4, 5))
    for shape in shapes:
        scores = np.zeros(shape, np.float32)
        labels = np.zeros(shape[0], np.int64)
        yield "mine.npz", npz({"logits": scores, "labels": labels})
        yield "mine.safetensors", safetensors({"logits": scores, "labels": labels})
        if scores.ndim == 2:
            yield "mine.parquet", parquet(scores, labels)
            yield "mine.csv", table(scores, labels)
    for value in (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45):
        for share in (1, N):
            scores = LOGITS.copy()
            scores[:share] = value
            yield "mine.npz", npz({"logits": scores, "labels": LABELS})
            yield "mine.csv", table(scores, LABELS)
            yield "mine.parquet", parquet(scores, LABELS)
    for labels in (LABELS + 1, LABELS + 7, -LABELS, LABELS + 0.5, LABELS[:-1], np.full(N, -100), np.full(N, 2**62), np.full(N, np.nan), LABELS.astype("U3"), LABELS > 1, np.eye(K)[LABELS], np.zeros((N, K)), np.full((N, K), np.nan)):  # fmt: skip
        yield "mine.npz", npz({"logits": LOGITS, "labels": labels})
    for dtype in ("f2", "f8", "i1", "u1", "i8", "?", "c8", "U5", "S5", "M8[s]"):
        yield "mine.npz", npz({"logits": LOGITS.astype("i8").astype(dtype), "labels": LABELS})
    yield "mine.npz", npz({"labels": LABELS})
    yield "mine.npz", npz({"logits": LOGITS})
    yield "mine.npz", npz({"logits": np.zeros((N, K)), "labels": LABELS})
    yield (
        "mine.npz",
        npz({"logits": LOGITS, "labels": LABELS, "penultimate": np.full((N, 3), np.nan), "head_weight": np.zeros((9, 9))}),
    )


def texts() -> Iterator[tuple[str, bytes]]:
    """CSV of every encoding and delimiter, words where numbers belong, and hostile names."""
    good = table(LOGITS, LABELS).decode()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp037"):
        yield "mine.csv", good.replace("class 0", "größe").encode(encoding)
    yield "mine.csv", good.encode() + "1,2,3,4,\xfc\n".encode("latin-1") + "é,1,2,3,4\n".encode()
    for old, new in (
        (",", ";"),
        (",", "\t"),
        (",", " "),
        (",", "|"),
        ("\n", "\r\n"),
        ("\n", "\r"),
        ("label", "nothing"),
        ("label", "LABEL "),
        ("class 1", "class 0"),
        (".", ","),
    ):
        yield "mine.csv", good.replace(old, new).encode()
    for row in (
        "x,1,2,3,4",
        "0,one,2,3,4",
        "0,1,2,3",
        "0,1,2,3,4,5",
        ",,,,",
        "0,nan,inf,-inf,1e999",
        '"',
        "0,0x10,1_000,٣,4",
        "=1+1,1,2,3,4",
    ):
        yield "mine.csv", (good + row + "\n").encode()
    for text in (
        "",
        "\n",
        "label",
        "label,a,b",
        "label,a,b\n",
        ",,,\n,,,\n",
        "1\n2\n",
        "0.5,1.5\n0.25,2.5\n",
        "label,label\n1,2\n",
        "\x00\x00",
        "a,b\n1,2\n",
        "%PDF-1.7",
        "<html><body>",
        '{"logits": [[1]]}',
    ):
        yield "mine.csv", text.encode()
    for name in HOSTILE:
        quoted = '"' + name.replace('"', '""') + '"'
        yield "mine.csv", good.replace("class 2", quoted, 1).encode("utf-8", "replace")
        yield f"{name}.csv", good.encode()
        yield name, good.encode()
        yield (
            "mine.safetensors",
            safetensors(
                {"logits": LOGITS, "labels": LABELS},
                {"class_names": json.dumps([name] * K), name: name} if name.isascii() and "\x00" not in name else None,
            ),
        )
        yield "mine.parquet", parquet(LOGITS, LABELS, [name or "empty", "a", "b", "c"])
        yield "mine.npz", npz({"logits": LOGITS, "labels": LABELS, "class_names": np.array([name or "x"] * K)})
        odd = {name: {"dtype": "F32", "shape": [N, K], "data_offsets": [0, 7]}}
        yield "mine.safetensors", raw_safetensors(odd, LOGITS.tobytes())
        yield "mine.npz", zipped({f"{name}.npy".replace("\x00", ""): b"nonsense"})
    for names in ("null", "3", '{"a": 1}', "[1, 2, null, []]", "[" * 5000, '["a"]', '"abcd"'):
        yield "mine.safetensors", safetensors({"logits": LOGITS, "labels": LABELS}, {"class_names": names})
