"""Write a safetensors file whose number of rows is not known in advance: arrays grow on disk, never in memory."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np
from numpy.typing import NDArray

CODES = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64", "int32": "I32", "uint8": "U8"}
HALF_UNTIL = 60_000  # the largest value half precision is trusted with


class Stream:
    """A context: `append` rows to named arrays, then `finish`. Nothing stands at `path` until it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._folder = TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent)
        self._files: dict[str, IO[bytes]] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._dtypes: dict[str, np.dtype] = {}
        self._largest: dict[str, float] = {}

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()
        self._folder.cleanup()

    def append(self, name: str, rows: NDArray) -> None:
        """Add rows (m, ...) of the same type and width as those before."""
        rows = np.ascontiguousarray(rows)
        if name not in self._files:
            self._files[name] = (Path(self._folder.name) / name).open("w+b")
            self._shapes[name], self._dtypes[name], self._largest[name] = (0, *rows.shape[1:]), rows.dtype, 0.0
        if rows.shape[1:] != self._shapes[name][1:] or rows.dtype != self._dtypes[name]:
            raise ValueError(f"{name}: {rows.dtype} {rows.shape} after {self._dtypes[name]} {self._shapes[name]}")
        if rows.nbytes:
            rows.tofile(self._files[name])
        self._shapes[name] = (self._shapes[name][0] + len(rows), *rows.shape[1:])
        if rows.dtype.kind == "f" and rows.size:
            self._largest[name] = max(self._largest[name], float(rows.max()), -float(rows.min()))

    def finish(self, metadata: Mapping[str, str], half: tuple[str, ...] = ()) -> None:
        """Put the arrays into one file under `path`; those named in `half` as float16 where their values allow it."""
        header: dict[str, Mapping[str, object]] = {"__metadata__": dict(metadata)}
        at = 0
        halved = {
            name for name in half if name in self._files and self._dtypes[name] == np.float32 and self._largest[name] <= HALF_UNTIL
        }
        names = sorted(
            self._files, key=lambda name: -(2 if name in halved else self._dtypes[name].itemsize)
        )  # keeps arrays aligned
        for name in names:
            dtype = np.dtype(np.float16) if name in halved else self._dtypes[name]
            size = int(np.prod(self._shapes[name], dtype=np.int64)) * dtype.itemsize
            header[name] = {"dtype": CODES[dtype.name], "shape": list(self._shapes[name]), "data_offsets": [at, at + size]}
            at += size
        text = json.dumps(header, ensure_ascii=False).encode()
        text += b" " * (-len(text) % 8)
        part = Path(self._folder.name) / "whole"
        with part.open("wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            for name in names:
                file = self._files[name]
                file.seek(0)
                if name in halved:
                    while chunk := file.read(1 << 22):
                        out.write(np.frombuffer(chunk, np.float32).astype(np.float16).tobytes())
                else:
                    shutil.copyfileobj(file, out, 1 << 22)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self.path)
