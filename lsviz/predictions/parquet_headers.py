"""What a parquet file says of itself, read before anything in it is decoded: its columns, and how much every page of the used ones unpacks to.

Footers and page headers are Thrift's compact protocol (https://github.com/apache/parquet-format). Arrow makes room for whatever they claim,
so they are walked here first: items are counted, sizes are added up, and what a column would expand to is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.text import plain_text

MAGIC = b"PAR1"
MAX_FOOTER, MAX_ITEMS, MAX_PAGES = 2_000_000, 200_000, 20_000
MAX_DEPTH = 16
PAGE_HEADERS = (4096, 65_536)  # bytes looked at for one page's header, and again where its statistics are long
BYTES, FIXED_BYTES, REPEATED = 6, 7, 2  # of a column: two of its physical types, one of its repetitions
DATA, DICTIONARY, DATA_V2 = 0, 2, 3  # kinds of pages
PLAIN, PLAIN_DICTIONARY, DELTA_LENGTH, RLE_DICTIONARY = 0, 2, 6, 8  # encodings that hold no more text than bytes
STRING_ENCODINGS = (PLAIN, PLAIN_DICTIONARY, DELTA_LENGTH, RLE_DICTIONARY)


@dataclass(frozen=True)
class Column:
    """One column at the top of the schema: `leaf` is its place among the stored columns, None where it is no plain column of values.

    `width` is the length of each value of fixed length, in bytes, where it is told; `items` the place of the values of a column of lists.
    """

    name: str
    leaf: int | None
    is_bytes: bool
    width: int = 0
    items: int | None = None


@dataclass(frozen=True)
class Footer:
    """`chunks[g][leaf]` are the stored columns of row group g as their Thrift fields; `raw` is the footer itself."""

    rows: int
    columns: tuple[Column, ...]
    group_rows: tuple[int, ...]
    chunks: tuple[tuple[dict[int, Any], ...], ...]
    raw: bytes


def read_footer(content: bytes) -> Footer:
    """The footer, when all of it is sound: whole numbers where they belong, one chunk a column in every row group."""
    size = int.from_bytes(content[-8:-4], "little")
    if len(content) < 12 or content[:4] != MAGIC or content[-4:] != MAGIC or not 0 < size <= min(MAX_FOOTER, len(content) - 12):
        raise damaged("reason.header_size", claimed=size, found=len(content))
    raw = content[-8 - size : -8]
    tree = _Thrift(raw, MAX_ITEMS).struct()
    schema, groups, rows = _list(tree, 2), _list(tree, 4), _whole(tree, 3)
    columns, leaves = _columns(schema)
    group_rows = tuple(_whole(group, 3) for group in groups)
    chunks = tuple(tuple(_list(group, 1)) for group in groups)
    if any(len(group) != leaves for group in chunks) or sum(group_rows) != rows:
        raise damaged("reason.footer", found=sum(group_rows), told=rows)
    if any(1 in chunk for group in chunks for chunk in group):  # a chunk in another file
        raise damaged("reason.impossible", name="file_path")
    return Footer(rows, columns, group_rows, tuple(tuple(chunk.get(3) or {} for chunk in group) for group in chunks), raw)


def unpacked(
    content: bytes, footer: Footer, leaves: list[int], words: frozenset[int] = frozenset(), most: int | None = None
) -> int:
    """Bytes that the pages of these leaves unpack to, from the header of every page; `words` are those of text, `most` values are in lists.

    Raises LsvizError for pages that leave their chunk, hold more values than their row group has rows, or pack text so that it could grow.
    """
    total = pages = counted = 0
    left = 2 * MAX_ITEMS
    for rows, group in zip(footer.group_rows, footer.chunks):
        for leaf in leaves:
            chunk = group[leaf]
            start, size, values = min(_whole(chunk, 9), chunk.get(11) or _whole(chunk, 9)), _whole(chunk, 7), 0
            end = start + size
            expected = rows if most is None else _whole(chunk, 5)
            counted += expected
            if most is not None and counted > most:
                raise damaged("reason.place", name=leaf, bytes=expected)
            if start < 4 or end > len(content):
                raise damaged("reason.place", name=leaf, bytes=size)
            while start < end and values < expected:
                pages += 1
                if pages > MAX_PAGES:
                    raise damaged("reason.files", count=pages)
                page, start, left = _page(content, start, end, left)
                kind, packed = page.get(1, -1), _whole(page, 3)
                total += _whole(page, 2)
                start += packed
                told = page.get({DATA: 5, DICTIONARY: 7, DATA_V2: 8}.get(kind, 0)) or {}
                count, encoding = told.get(1, 0), told.get(4 if kind == DATA_V2 else 2, PLAIN)
                if start > end or count > max(expected, _whole(page, 2)):
                    raise damaged("reason.place", name=leaf, bytes=packed)
                if leaf in words and kind in (DATA, DATA_V2, DICTIONARY) and encoding not in STRING_ENCODINGS:
                    raise damaged("reason.encoding", number=encoding)
                values += count if kind in (DATA, DATA_V2) else 0
            if values != expected:
                raise damaged("reason.footer", found=values, told=expected)
    return total


def damaged(reason: str, **told: object) -> LsvizError:
    return LsvizError(
        "outside.damaged",
        format="parquet",
        reason=LsvizError(reason, **{name: plain_text(value, 80) for name, value in told.items()}),
    )


# ---- parts ----------------------------------------------------------------------------------------------------------


def _columns(schema: list[dict[int, Any]]) -> tuple[tuple[Column, ...], int]:
    """The columns at the top, and how many leaves all have together. The schema is a tree written depth first."""
    made, leaves, at = [], 0, 1
    for _ in range(_whole(schema[0], 5)):
        element, first, todo = schema[at], leaves, 1
        flat = not element.get(5) and element.get(3, 0) != REPEATED
        while todo:
            below = schema[at].get(5) or 0
            todo += _count(below) - 1
            leaves += not below
            at += 1
        name = element.get(4, b"")
        made.append(
            Column(
                name.decode("utf-8", "replace") if isinstance(name, bytes) else "",
                first if flat else None,
                element.get(1) == BYTES,
                _count(element.get(2, 0)) if element.get(1) == FIXED_BYTES else 0,
                first if not flat and leaves == first + 1 and schema[at - 1].get(1) not in (BYTES, FIXED_BYTES) else None,
            )
        )
    if at != len(schema):
        raise damaged("reason.header_table", most=len(schema))
    return tuple(made), leaves


def _page(content: bytes, start: int, end: int, left: int) -> tuple[dict[int, Any], int, int]:
    """The header of the page at `start`, where its bytes begin, and how many of the `left` items are left."""
    for size in PAGE_HEADERS:
        reader = _Thrift(content[start : min(end, start + size)], left)
        try:
            return reader.struct(), start + reader.at, reader.left
        except IndexError:
            left = reader.left
    raise damaged("reason.place", name="page", bytes=end - start)


def _list(struct: dict[int, Any], field: int) -> list[dict[int, Any]]:
    found = struct.get(field)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or (field == 2 and not found):
        raise damaged("reason.impossible", name=field)
    return found


def _whole(struct: dict[int, Any], field: int) -> int:
    return _count(struct.get(field))


def _count(found: object) -> int:
    if type(found) is not int or found < 0:
        raise damaged("reason.impossible", name=found)
    return found


class _Thrift:
    """Structs of the compact protocol as {field: value}; `left` items, and no more, are read from `raw`. IndexError where it ends too early."""

    def __init__(self, raw: bytes, left: int) -> None:
        self.raw, self.at, self.left = raw, 0, left

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > MAX_DEPTH:
            raise damaged("reason.header_table", most=MAX_DEPTH)
        made, field = {}, 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._signed()
            made[field] = self._value(head & 15, depth)
        return made

    def _value(self, kind: int, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise damaged("reason.header_table", most=MAX_ITEMS)
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 7:
            return self._bytes(8)
        if kind == 8:
            return self._bytes(self._unsigned())
        if kind in (9, 10):
            return self._items(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise damaged("reason.impossible", name=kind)

    def _items(self, depth: int) -> list[Any]:
        head = self._byte()
        count, kind = head >> 4, head & 15
        count = self._unsigned() if count == 15 else count
        if count > self.left:
            raise damaged("reason.header_table", most=MAX_ITEMS)
        return [self._byte() == 1 if kind in (1, 2) else self._value(kind, depth) for _ in range(count)]

    def _byte(self) -> int:
        self.at += 1
        return self.raw[self.at - 1]

    def _bytes(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.raw):
            raise IndexError
        return self.raw[self.at - size : self.at]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise damaged("reason.impossible", name=value)

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
