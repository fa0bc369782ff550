"""Named arrays from the bytes of a .safetensors or .npz file nobody vouches for: headers are believed only where the bytes bear them out."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import ArrayLike, NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import Budget
from lsviz.core.predictions.outputs import wanted
from lsviz.core.predictions.ranking import Header, Picked
from lsviz.core.predictions.taken import Taken, Wish
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.found import Found

MAX_HEADER = 2_000_000  # bytes of JSON: thousands of class names
MAX_ARRAYS = 200
MEMBER = b"PK\x01\x02"  # begins an entry of an archive's directory
MAX_NPY_HEADER = 10_000
MAX_NAMES = 4_000_000  # bytes of class names in an array
CHUNK = 1 << 20  # bytes unpacked at a time
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def read_safetensors(content: bytes, budget: Budget, wish: Wish | None = None) -> Found:
    """The arrays that are used, as views of `content`, and metadata. Every tensor must fill its stretch of bytes exactly, inside the file, beside the others."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 10 or not 2 <= size <= min(MAX_HEADER, len(content) - 8):
        raise _damaged("safetensors", "reason.header_size", claimed=size, found=len(content))
    header = json.loads(content[8 : 8 + size].decode("utf-8"), parse_constant=_refuse)
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise _damaged("safetensors", "reason.header_table", most=MAX_ARRAYS)
    metadata = header.pop("__metadata__", {})
    places, taken = {}, []
    for name, entry in header.items():
        dtype, shape, (start, end) = DTYPES.get(entry["dtype"]), entry["shape"], entry["data_offsets"]
        whole = [*shape, start, end]
        if dtype is None or len(shape) > 8 or not all(type(number) is int and 0 <= number <= len(content) for number in whole):
            raise _damaged("safetensors", "reason.impossible", name=name)
        if end > len(content) - 8 - size or end - start != math.prod(shape) * np.dtype(dtype).itemsize:
            raise _damaged("safetensors", "reason.place", name=name, bytes=end - start)
        taken.append((start, end))
        places[name] = (
            entry["dtype"],
            Header(tuple(shape), np.dtype("<f4" if entry["dtype"] == "BF16" else dtype)),
            8 + size + start,
        )
    taken.sort()
    if any(later[0] < earlier[1] for earlier, later in zip(taken, taken[1:])):
        raise _damaged("safetensors", "reason.shared")
    told = {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {}
    headers = {name: header for name, (_, header, _) in places.items()}
    picked = wanted(headers, lambda name, rows: _tensor(content, *places[name], rows), budget, wish)
    names = _names(told.pop("class_names", "")) or _listed(
        _tensor(content, *places[picked.class_names]) if picked.class_names else ()
    )
    return _found({name: _tensor(content, *places[name]) for name in picked.used}, names, told, picked, list(headers))


def _found(
    arrays: Mapping[str, NDArray], names: tuple[str, ...], told: Mapping[str, str], picked: Picked, every: list[str]
) -> Found:
    """What is handed over, and what it was taken for."""
    used = {*picked.used, picked.class_names}
    left = tuple(name for name in every if name not in used)
    taken = Taken(picked.labels, picked.scores, picked.scores, left, tuple(every), columns=False)
    return Found(arrays, names, told, picked, taken, picked.notes)


def _listed(names: ArrayLike) -> tuple[str, ...]:
    """Class names as an array holds them."""
    return tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in np.ravel(np.asarray(names)))


def _tensor(content: bytes, kind: str, header: Header, start: int, rows: int | None = None) -> NDArray:
    shape = header.shape if rows is None or not header.shape else (min(rows, header.shape[0]), *header.shape[1:])
    array = np.frombuffer(content, DTYPES[kind], math.prod(shape), start).reshape(shape)
    if kind != "BF16":
        return array
    wide = array.astype("<u4")
    wide <<= 16
    return wide.view("<f4")


def read_npz(content: bytes, budget: Budget, wish: Wish | None = None) -> Found:
    """Arrays of an uncompressed or deflated archive. All headers are read before the first array; those that are not used stay packed."""
    arrays: dict[str, NDArray] = {}
    if (count := content.count(MEMBER)) > MAX_ARRAYS:  # before the directory becomes as many objects
        raise _damaged("npz", "reason.files", count=count)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if any(member.filename.endswith(".pkl") for member in members):
            raise LsvizError("outside.pickled")
        places: dict[str, tuple[zipfile.ZipInfo, Header, bool, int]] = {}
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # the others may claim any memory
                raise _damaged("npz", "reason.encoding", number=member.compress_type)
            if member.filename.endswith(".npy"):
                with archive.open(member) as stream:
                    places[member.filename[:-4]] = member, *_npy_header(stream, member)
        headers = {name: header for name, (_, header, *_) in places.items()}
        picked = wanted(headers, lambda name, rows: _npy(archive, *places[name], rows), budget, wish)
        for name in picked.used:
            arrays[name] = _npy(archive, *places[name])
        named = picked.class_names
        names = _npy(archive, *places[named]) if named and headers[named].made <= MAX_NAMES else ()
    return _found(arrays, _listed(names), {}, picked, list(headers))


def _npy_header(stream: IO[bytes], member: zipfile.ZipInfo) -> tuple[Header, bool, int]:
    """What the array in `stream` claims to be, checked against the size of its member; whether its columns come first; where its bytes begin."""
    stream = io.BytesIO(stream.read(MAX_NPY_HEADER + 16))  # numpy would read a header of any length before it refuses it
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise _damaged("npz", "reason.npz_version", name=member.filename, version=version)
    shape, columns_first, dtype = read(stream, max_header_size=MAX_NPY_HEADER)
    if dtype.hasobject:
        raise LsvizError("outside.pickled")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != member.file_size - stream.tell():
        raise _damaged("npz", "reason.npz_shape", name=member.filename, shape=shape)
    return Header(shape, dtype), columns_first, stream.tell()


def _npy(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: Header, columns_first: bool, begins: int, rows: int | None = None
) -> NDArray:
    """One array, or its first rows, unpacked straight into its place: a member that gives more or less than it said is refused, and nothing beyond is unpacked."""
    some = rows is not None and bool(header.shape) and rows < header.shape[0] and not (columns_first and len(header.shape) > 1)
    shape = (rows or 0, *header.shape[1:]) if some else header.shape
    made = np.empty(math.prod(shape), header.dtype)
    place, at = made.view(np.uint8).data if made.nbytes else memoryview(b""), 0
    with archive.open(member) as stream:
        stream.read(begins)
        while at < len(place) and (part := stream.read(min(CHUNK, len(place) - at))):
            place[at : at + len(part)] = part
            at += len(part)
        if at < len(place) or (not some and stream.read(1)):
            raise _damaged("npz", "reason.npz_shape", name=member.filename, shape=header.shape)
    return made.reshape(shape, order="F" if columns_first else "C")


def _names(text: str) -> tuple[str, ...]:
    """Class names from metadata: a JSON list of strings, or nothing."""
    try:
        names = json.loads(text)
    except ValueError:
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} in the header")


def _damaged(kind: str, reason: str, **told: object) -> LsvizError:
    return LsvizError(
        "outside.damaged", format=kind, reason=LsvizError(reason, **{name: plain_text(value, 80) for name, value in told.items()})
    )


def metadata_of(class_names: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """What `read_safetensors` reads back, as safetensors' own map of strings."""
    return {**told, **({"class_names": json.dumps(list(class_names), ensure_ascii=False)} if class_names else {})}
