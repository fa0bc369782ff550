"""Named arrays from the bytes of a .safetensors or .npz file nobody vouches for: headers are believed only where the bytes bear them out."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import plain_text
from lsviz.predictions.found import Found, unpacked

MAX_HEADER = 2_000_000  # bytes of JSON: thousands of class names
MAX_ARRAYS = 200
DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip


def read_safetensors(content: bytes) -> Found:
    """Arrays and metadata. Every tensor must fill its stretch of bytes exactly, inside the file, beside the others."""
    size = int.from_bytes(content[:8], "little")
    if len(content) < 10 or not 2 <= size <= min(MAX_HEADER, len(content) - 8):
        raise _damaged("safetensors", "reason.header_size", claimed=size, found=len(content))
    header = json.loads(content[8 : 8 + size].decode("utf-8"), parse_constant=_refuse)
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise _damaged("safetensors", "reason.header_table", most=MAX_ARRAYS)
    metadata = header.pop("__metadata__", {})
    arrays, taken = {}, []
    for name, entry in header.items():
        dtype, shape, (start, end) = DTYPES.get(entry["dtype"]), entry["shape"], entry["data_offsets"]
        whole = [*shape, start, end]
        if dtype is None or len(shape) > 8 or not all(type(number) is int and 0 <= number <= len(content) for number in whole):
            raise _damaged("safetensors", "reason.impossible", name=name)
        if end > len(content) - 8 - size or end - start != math.prod(shape) * np.dtype(dtype).itemsize:
            raise _damaged("safetensors", "reason.place", name=name, bytes=end - start)
        taken.append((start, end))
        array = np.frombuffer(content, dtype, math.prod(shape), 8 + size + start).reshape(shape)
        arrays[name] = (array.astype("<u4") << 16).view("<f4") if entry["dtype"] == "BF16" else array
    taken.sort()
    if any(later[0] < earlier[1] for earlier, later in zip(taken, taken[1:])):
        raise _damaged("safetensors", "reason.shared")
    told = {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {}
    return Found(arrays, _names(told.pop("class_names", "")), told)


def read_npz(content: bytes) -> Found:
    """Arrays of an uncompressed or deflated archive. Sizes are added up before the first byte is unpacked."""
    arrays: dict[str, NDArray] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > MAX_ARRAYS:
            raise _damaged("npz", "reason.files", count=len(members))
        unpacked(sum(member.file_size for member in members))
        for member in members:
            if member.filename.endswith(".npy"):
                with archive.open(member) as stream:
                    arrays[member.filename[:-4]] = _npy(stream.read(member.file_size + 1), member.filename)
            elif member.filename.endswith(".pkl"):
                raise LsvizError("outside.pickled")
    names = next((arrays.pop(name) for name in ("class_names", "classes_names", "names") if name in arrays and arrays[name].dtype.kind == "U"), ())
    return Found(arrays, tuple(str(name) for name in np.ravel(names)))


def _npy(raw: bytes, name: str) -> NDArray:
    """One array whose header is checked against its bytes: `numpy.load` would first make room for whatever the header claims."""
    stream = io.BytesIO(raw)
    version = npy.read_magic(stream)
    read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
    if read is None:
        raise _damaged("npz", "reason.npz_version", name=name, version=version)
    shape, columns_first, dtype = read(stream, max_header_size=10_000)
    if dtype.hasobject:
        raise LsvizError("outside.pickled")
    count = math.prod(shape)
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(raw) - stream.tell():
        raise _damaged("npz", "reason.npz_shape", name=name, shape=shape)
    return np.frombuffer(raw, dtype, count, stream.tell()).reshape(shape, order="F" if columns_first else "C")


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
    return LsvizError("outside.damaged", format=kind, reason=LsvizError(reason, **{name: plain_text(value, 80) for name, value in told.items()}))


def metadata_of(class_names: tuple[str, ...], told: Mapping[str, str]) -> dict[str, str]:
    """What `read_safetensors` reads back, as safetensors' own map of strings."""
    return {**told, **({"class_names": json.dumps(list(class_names), ensure_ascii=False)} if class_names else {})}
