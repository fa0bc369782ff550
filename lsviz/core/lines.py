"""Text from outside in blocks of whole lines: bounded pieces of a file whose length and encoding nobody vouches for."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

from lsviz.core.errors import LsvizError

BLOCK = 1 << 19  # characters read at a time


def line_blocks(content: bytes, longest: int, encoding: str) -> Iterator[str]:
    """The text in blocks that end with a line, every line break as "\\n". A break inside quotes ends no block.

    Raises LsvizError("reason.line") for a line, or an open quote, of more than `longest` characters, and UnicodeDecodeError.
    """
    text, rest, step = io.TextIOWrapper(io.BytesIO(content), encoding), "", min(BLOCK, longest)
    while part := text.read(step):
        rest += part
        cut = rest.rfind("\n") + 1
        quoted = '"' in rest and rest.count('"', 0, cut) % 2
        if len(rest) - (0 if quoted else cut) > longest + quoted * step:
            raise LsvizError("reason.line", limit=longest)
        if cut and not quoted:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def encoding_of(content: bytes) -> str:
    """UTF-16 by its mark or where every other byte is 0, UTF-8 where it is that (with or without mark), else Latin-1: numbers are the same in both."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    first, second = content[:BLOCK:2], content[1:BLOCK:2]
    for zeros, text, name in ((second, first, "utf-16-le"), (first, second, "utf-16-be")):
        if 2 * zeros.count(0) > len(zeros) and not text.count(0):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), BLOCK):
            decoder.decode(content[start : start + BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"
