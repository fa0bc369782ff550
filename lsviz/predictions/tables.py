"""Scores and labels from the bytes of a .csv or .parquet file: one row an example, one column a class, one column of labels."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import Budget
from lsviz.core.lines import encoding_of, line_blocks
from lsviz.core.predictions.columns import Choice, choose
from lsviz.core.predictions.label_columns import GUESS_WORDS, TRUE_WORDS
from lsviz.core.predictions.naming import by_words, of_two, tokens
from lsviz.core.predictions.ranking import FEATURE_WORDS, SCORE_WORDS, SCORES, Picked
from lsviz.core.predictions.seen import Sheet
from lsviz.core.predictions.taken import LABELS, Note, Taken, Wish, listed, matching, shown
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.found import Found

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import FileMetaData, ParquetFile

    from lsviz.predictions.parquet_headers import Footer

MISSING = ("", "nan", "na", "n/a", "null", "none", "#n/a", "<na>", "-nan")  # cells without a number
LONGEST_LINE = 1_000_000  # characters: ten thousand classes with all their digits take a quarter
WIDEST = 16  # bytes of a number of fixed length
DELIMITERS = ",;\t|"
MOST_BESIDE = 12  # columns that say something else of a row, which count against no limit of classes
MOST_WORDS = 10_000  # different words in a column of labels
MOST_TRIED = 60  # rows from which the form of a file is told
SEP = re.compile(r'"?sep=([,;\t|])"?\n', re.IGNORECASE)  # Excel's
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.' \u00a0]?\d{3})*(?:[.,]\d+)?\s?%?")  # 1,234.5 and 12 %: numbers written for people
_COMMA, _POINT = (re.compile(rf"\s*[+-]?\d*{sign}\d+(?:[eE][+-]?\d+)?\s*") for sign in (",", r"\."))
_DIGITS = re.compile(r"[0-9eE+\-.,\n]*")


# ---- CSV ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """How a file writes its cells: `numeric` columns, `words` that may be labels; the others are text. `skipped` first line: "sep=;"."""

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    named: bool
    numeric: tuple[int, ...]
    words: tuple[int, ...]


def read_csv(content: bytes, budget: Budget, wish: Wish | None = None) -> Found:
    """Comma, semicolon, tab or bar; decimal point or comma: whichever reads best. UTF-8, UTF-16, else Latin-1.

    Read block by block into the one table, which is made for as many rows as there are lines; then `choose` says what its columns are.
    """
    blocks = _refusing(line_blocks(content, LONGEST_LINE, encoding_of(content)))
    block = next((stripped for found in blocks if (stripped := found.lstrip("\n"))), "")
    told = SEP.match(block)
    block = block[told.end() :] if told else block
    first = block.partition("\n")[0]
    most = max(map(first.count, told[1] if told else DELIMITERS))
    budget.table(1, max(2, most - MOST_BESIDE))  # before a million cells become as many strings
    form, block = _form(block, told[1] if told else DELIMITERS, wish or Wish())
    rows = max(1, max(content.count(b"\n"), content.count(b"\r")) + 1 - form.named)
    sample = block or next(blocks, "")
    lines = max(1, content.rstrip().count(b"\n") + 1 - form.named)
    budget.table(lines, max(2, len(form.numeric) - MOST_BESIDE))
    table = np.empty((rows, len(form.numeric)))
    codes = {j: np.empty(rows, np.int32) for j in form.words}
    budget.decoded(table.nbytes + 4 * rows * len(codes))
    known: dict[int, dict[str, int]] = {j: {} for j in form.words}
    strange: dict[int, LsvizError] = {}  # columns in which a cell is no number
    at = 0
    while sample:
        found = _plain(sample, form)
        if found is None:
            found, words = _cells(sample, form, strange)
            for j, cells in words.items():
                codes[j][at : at + len(found)] = [known[j].setdefault(cell, len(known[j])) for cell in cells]
        table[at : at + len(found)] = found
        at += len(found)
        sample = next(blocks, "")
    if not at:
        raise LsvizError("outside.empty")
    place = {j: k for k, j in enumerate(form.numeric)}
    words_of = {j: (codes[j][:at], list(known[j])) for j in form.words if len(known[j]) <= MOST_WORDS}
    sheet = Sheet(form.names, at, form.numeric, lambda j: table[:at, place[j]], words_of, form.named)
    choice = choose(sheet, wish)
    for j in (*choice.kept, *([choice.label] if choice.label is not None else [])):
        if j in strange:
            raise strange[j]
    labels = _labels_of(sheet, choice)
    columns = [place[j] for j in choice.kept]
    for k, column in enumerate(columns if columns == sorted(columns) else []):
        if k != column:
            table[:, k] = table[:, column]  # in its place: there is room for one table
    scores = table[:at, : len(columns)] if columns == sorted(columns) else table[:at, columns]
    return _table_found(scores, labels, sheet, choice, budget)


def _refusing(blocks: Iterator[str]) -> Iterator[str]:
    """The same blocks, or one sentence where they are no lines of text."""
    try:
        for block in blocks:
            if "\x00" in block:
                raise LsvizError("reason.no_text")
            yield block
    except LsvizError as error:
        raise LsvizError("outside.damaged", format="csv", reason=error) from None


def _form(block: str, delimiters: Sequence[str], wish: Wish) -> tuple[_Form, str]:
    """The form that reads most cells of the first lines as numbers, in rows of one length; and the block without the line of names."""
    head = block[: max(block.find("\n", 20_000) + 1, 0) or len(block)]
    tried = [_tried(head, delimiter) for delimiter in delimiters]
    share, _, delimiter, decimal, rows = max(tried, key=lambda one: one[:2])
    cells = [cell.strip() for cell in rows[0]] if rows else []
    while len(cells) > 2 and not cells[-1] and all(len(row) < len(cells) or not row[len(cells) - 1].strip() for row in rows[1:]):
        cells.pop()  # a separator at the end of every line
    named = not all(_number(cell) for cell in cells)
    if named and not any(cell.lower() in LABELS for cell in cells) and sum(_fraction(cell) for cell in cells) * 2 >= len(cells) > 1:
        raise LsvizError("outside.no_header", value=plain_text(cells[0], 30))
    names = tuple(cells) if named else tuple(f"column {i + 1}" for i in range(len(cells)))
    body = rows[1:] if named else rows
    kinds = [_kind([row[j].strip() for row in body if len(row) > j], names) for j in range(len(names))]
    unread = set(matching(names, wish.ignore))
    unread |= set(range(len(names))) - set(matching(names, wish.columns)) if wish.columns else set()
    for j in (j for j, kind in enumerate(kinds) if kind == "grouped" and j not in unread):
        value = next(row[j] for row in body if len(row) > j and _GROUPED.fullmatch(row[j].strip()) and not _number(row[j]))
        raise LsvizError("outside.cell", column=shown(names[j]), value=plain_text(value, 30), parts=names)
    lower = {name.strip().lower() for name in names}
    labelled = [j for j, name in enumerate(names) if name.strip().lower() in LABELS or name == wish.label]
    words = tuple(
        j
        for j, kind in enumerate(kinds)
        if kind == "text" and (j in labelled or _may_be_label(names[j], [row[j] for row in body if len(row) > j], lower))
    )
    numeric = tuple(j for j, kind in enumerate(kinds) if kind == "number")
    form = _Form(delimiter, decimal, names, named, numeric, words)
    if not named:
        return form, block
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    next((row for row in reader if row), None)
    cut = 0
    for _ in range(reader.line_num):
        cut = block.find("\n", cut) + 1 or len(block)
    return form, block[cut:]


def _tried(head: str, delimiter: str) -> tuple[float, int, str, str, list[list[str]]]:
    """How well the first lines read with this delimiter: the share of rows of one length times that of numbers; how long rows are; the better decimal sign; the rows."""
    rows = [row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row][:MOST_TRIED]
    body = rows[1:] or rows
    width = len(rows[0]) if rows else 0
    even = sum(len(row) == width for row in body) / max(1, len(body))
    cells = [cell for row in body for cell in row if cell.strip()]
    commas, points = sum(bool(_COMMA.fullmatch(cell)) for cell in cells), sum(bool(_POINT.fullmatch(cell)) for cell in cells)
    decimal = "," if commas > points else "."
    numbers = sum(_reads(cell, decimal) for cell in cells) / max(1, len(cells))
    return (0.5 + 0.5 * even) * (0.1 + numbers) * (width > 1), min(width, 3), delimiter, decimal, rows


def form_of(head: str) -> tuple[str, str]:
    """The delimiter and the decimal sign with which the first lines of a table read best."""
    _, _, delimiter, decimal, _ = max((_tried(head, delimiter) for delimiter in DELIMITERS), key=lambda one: one[:2])
    return delimiter, decimal


def _reads(cell: str, decimal: str) -> bool:
    if decimal == "," and "." in cell:
        return False
    return _number(cell.replace(",", ".") if decimal == "," else cell)


def _kind(cells: Sequence[str], names: Sequence[str]) -> str:
    """Of a column's first cells: numbers, or text where most are neither numbers nor missing, where a word for "missing" is the name of a class,
    or where true and false have a third beside them."""
    told = [cell for cell in cells if cell.lower() not in MISSING]
    if any(cell in names for cell in cells if cell and cell.lower() in (*MISSING, "inf", "-inf", "infinity")):
        return "text"
    if told and 2 * sum(not _number(cell) and bool(_GROUPED.fullmatch(cell)) for cell in told) > len(told):
        return "grouped"
    words = sum(not _number(cell) and cell.lower() not in ("true", "false") for cell in told)
    return "text" if 2 * words > len(told) or words and not any(map(_number, told)) else "number"


def _may_be_label(name: str, cells: Sequence[str], lower: set[str]) -> bool:
    """Is a column of text called a label, or are its words names of columns?"""
    parts = set(tokens(name))
    if parts & set(GUESS_WORDS):
        return False
    words = {cell.strip().lower() for cell in cells}
    begins = {part for name in lower for part in (name, *re.split(r"[\W_]+", name))}  # "p_cat" is called after cat
    return bool(parts & set(TRUE_WORDS)) or words <= begins


def _plain(block: str, form: _Form) -> NDArray | None:
    """The numeric columns (m, c) of a block of nothing but digits, by the fast way; None for any other."""
    if form.words or (form.decimal == "," and ("." in block or form.delimiter == ",")):
        return None
    text = block.replace(",", ".") if form.decimal == "," else block
    text = (text if form.delimiter == "," else text.replace(form.delimiter, ",")).replace(", ", ",").rstrip("\n")
    if (
        not _DIGITS.fullmatch(text)
        or ",," in text
        or ",\n" in text
        or "\n," in text
        or "\n\n" in text
        or text[:1] == ","
        or text[-1:] == ","
    ):
        return None
    lines = text.split("\n")
    if any(line.count(",") != len(form.names) - 1 for line in lines):
        return None
    try:
        table = np.fromstring(text.replace("\n", ","), sep=",")
    except ValueError:
        return None
    if table.size != len(lines) * len(form.names):
        return None
    table = table.reshape(len(lines), -1)
    return table if len(form.numeric) == len(form.names) else table[:, form.numeric]


def _cells(block: str, form: _Form, strange: dict[int, LsvizError]) -> tuple[NDArray, dict[int, list[str]]]:
    """The same of any block, cell by cell, and the words of what may be labels: an empty cell is NaN; a word among numbers is put into `strange`."""
    rows = [row for row in csv.reader(io.StringIO(block, newline=""), delimiter=form.delimiter) if row]
    width = len(form.names)
    longest = max(map(len, rows), default=width)
    if longest > width and any(cell.strip() for row in rows for cell in row[width:]):
        raise LsvizError("outside.damaged", format="csv", reason=LsvizError("reason.cells", found=longest, told=width))

    def column(i: int) -> list[str]:
        return [row[i] if i < len(row) else "" for row in rows]

    table = np.empty((len(rows), len(form.numeric)))
    for place, i in enumerate(form.numeric):
        try:
            table[:, place] = _floats(column(i), form.decimal, form.names[i])
        except LsvizError as error:
            strange.setdefault(i, error.bare())
            table[:, place] = [_or_nan(cell, form.decimal) for cell in column(i)]
    return table, {j: [cell.strip() for cell in column(j)] for j in form.words}


def _or_nan(cell: str, decimal: str) -> float:
    try:
        return _floats([cell], decimal, "")[0]
    except LsvizError:
        return float("nan")


def _floats(cells: list[str], decimal: str, name: str) -> NDArray[np.float64]:
    if decimal == ",":
        if thousands := next((cell for cell in cells if "." in cell), None):  # 1.234,5: which sign is which?
            raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=plain_text(thousands, 30))
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        return np.array(cells, np.float64)
    except ValueError:
        return np.array([_float(cell.strip(), name) for cell in cells], np.float64)


def _float(cell: str, name: str) -> float:
    if cell.lower() in MISSING:
        return float("nan")
    if cell.lower() in ("true", "false"):
        return float(cell.lower() == "true")
    try:
        return float(cell)
    except ValueError:
        raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=plain_text(cell, 30)) from None


# ---- parquet --------------------------------------------------------------------------------------------------------


def read_parquet(content: bytes, budget: Budget, wish: Wish | None = None) -> Found:
    """Columns by name. Numbers are decoded one column at a time, text only where it may be the label, and stays in its dictionary."""
    import pyarrow as pa
    from pyarrow import parquet

    from lsviz.predictions.parquet_headers import damaged, read_footer, unpacked

    footer = read_footer(content)
    names = tuple(column.name for column in footer.columns)
    budget.table(footer.rows, max(2, len(names) - 1 - MOST_BESIDE))
    told, limits = sound_metadata(footer)
    schema = told.schema.to_arrow_schema()
    plain = [
        j for j, column in enumerate(footer.columns) if column.leaf is not None and column.width <= WIDEST and not column.is_bytes
    ]
    numeric = tuple(j for j in plain if _is_number(schema.field(j).type) or pa.types.is_null(schema.field(j).type))
    asked = matching(names, [wish.label]) if wish and wish.label else []
    words = [
        j
        for j, column in enumerate(footer.columns)
        if column.is_bytes and column.leaf is not None and (j in asked or _called_label(names[j]))
    ]
    lists = [j for j, column in enumerate(footer.columns) if column.items is not None and _is_list(schema.field(j).type)]
    scores_list = _list_of_scores(names, lists, numeric, wish)
    leaf = {j: footer.columns[j].leaf for j in (*numeric, *words)}
    used = [place for j in (*numeric, *words) if (place := leaf[j]) is not None]
    budget.decoded(unpacked(content, footer, used, frozenset(place for j in words if (place := leaf[j]) is not None)))
    file = parquet.ParquetFile(pa.BufferReader(content), metadata=told, read_dictionary=[names[j] for j in words] or None, **limits)
    single = [j for j in numeric if _is_single(schema.field(j).type)]
    double = [j for j in numeric if j not in single]
    budget.table(footer.rows, max(2, len(numeric) - MOST_BESIDE))
    budget.decoded(footer.rows * (4 * len(single) + 8 * len(double)))
    tables: list[NDArray] = [np.empty((footer.rows, len(single)), np.float32), np.empty((footer.rows, len(double)))]
    at: dict[int, tuple[NDArray, int]] = {
        j: (table, k) for table, columns in zip(tables, (single, double)) for k, j in enumerate(columns)
    }

    def column(j: int) -> pa.ChunkedArray:
        found = file.reader.read_column(leaf[j])
        if len(found) != footer.rows:
            raise damaged("reason.footer", found=len(found), told=footer.rows)
        return found

    for j, (table, k) in at.items():
        table[:, k] = _numbers(column(j), names[j])
    words_of = {j: _codes(column(j)) for j in words}
    sheet = Sheet(
        names, footer.rows, numeric, lambda j: at[j][0][:, at[j][1]], {j: found for j, found in words_of.items() if found}
    )
    if scores_list is not None:
        return _with_list(content, footer, file, sheet, scores_list, budget, wish)
    for wished in matching(names, wish.columns) if wish else []:
        if wished not in numeric:
            raise LsvizError(
                "outside.cell", column=plain_text(names[wished]) or "without a name", value=_type_name(schema.field(wished).type)
            )
    choice = choose(sheet, wish)
    if (
        not choice.kept
        and (bad := next((j for j in range(len(names)) if j not in numeric and j != choice.label), None)) is not None
    ):
        raise LsvizError(
            "outside.cell", column=plain_text(names[bad]) or "without a name", value=_type_name(schema.field(bad).type)
        )
    labels = _labels_of(sheet, choice)
    of = {id(at[j][0]) for j in choice.kept}
    columns = [at[j][1] for j in choice.kept]
    if len(of) == 1 and columns == sorted(columns):
        table = at[choice.kept[0]][0]
        for k, place in enumerate(columns):
            if k != place:
                table[:, k] = table[:, place]  # in its place: there is room for one table
        scores = table[:, : len(columns)]
    else:
        budget.decoded(footer.rows * (4 * len(single) + 8 * len(double) + 8 * len(columns)))
        scores = np.empty((footer.rows, len(columns)))
        for k, j in enumerate(choice.kept):
            scores[:, k] = at[j][0][:, at[j][1]]
    return _table_found(scores, labels, sheet, choice, budget)


def sound_metadata(footer: Footer) -> tuple[FileMetaData, dict[str, int]]:
    """Arrow reads the sound footer without the schema that its writer hid in it, which could claim anything. With it, what a file is opened with."""
    import pyarrow as pa
    from pyarrow import parquet

    alone = b"PAR1" + footer.raw.replace(b"ARROW:schema", b"arrow-schema") + len(footer.raw).to_bytes(4, "little") + b"PAR1"
    limits = {"thrift_string_size_limit": len(footer.raw), "thrift_container_size_limit": 200_000}
    return parquet.ParquetFile(pa.BufferReader(alone), **limits).metadata, limits


def _list_of_scores(names: Sequence[str], lists: Sequence[int], numeric: Sequence[int], wish: Wish | None) -> int | None:
    """The column of lists that holds the scores: the one asked for, or that called so, or the only one where there are no numbers but the label."""
    if wish and wish.columns:
        asked = [j for j in matching(names, wish.columns) if j in lists]
        return asked[0] if asked else None
    ignored = matching(names, wish.ignore) if wish else []
    possible = [j for j in lists if j not in ignored and not set(tokens(names[j])) & set(FEATURE_WORDS)]
    called = [j for j in possible if names[j].strip().lower() in SCORES] or [
        j for j in possible if set(tokens(names[j])) & set(SCORE_WORDS)
    ]
    ranked = sorted(
        called, key=lambda j: SCORES.index(names[j].strip().lower()) if names[j].strip().lower() in SCORES else len(SCORES)
    )
    if not ranked and len(possible) > 1:
        raise LsvizError("outside.which_columns", names=listed(names[j] for j in possible))
    return next(iter(ranked or possible), None)


def _with_list(
    content: bytes, footer: Footer, file: ParquetFile, sheet: Sheet, scores_at: int, budget: Budget, wish: Wish | None
) -> Found:
    """Scores from a column of lists, one list a row; labels from the other columns."""
    from lsviz.predictions.parquet_headers import unpacked

    names, leaf = sheet.names, footer.columns[scores_at].items
    assert leaf is not None
    size = unpacked(content, footer, [leaf], most=budget.scores)
    budget.decoded(size)
    found = file.read(columns=[names[scores_at]], use_threads=False).column(0).combine_chunks()
    found = found.chunk(0) if hasattr(found, "chunk") else found
    flat, lengths = found.flatten(), np.diff(found.offsets.to_numpy())
    if len(found) != sheet.rows or found.null_count or not len(lengths) or np.ptp(lengths) or len(flat) != sheet.rows * lengths[0]:
        raise LsvizError("outside.lists", column=plain_text(names[scores_at]))
    budget.table(sheet.rows, max(2, int(lengths[0])))
    table = _numbers(flat, names[scores_at]).reshape(sheet.rows, int(lengths[0]))
    labels, label, notes = _labels_beside(sheet, table, wish)
    left = tuple(names[j] for j in range(len(names)) if j not in (label, scores_at))
    name = names[scores_at]
    arrays = {"scores": table, "labels": labels}
    return Found(arrays, (), {}, _PICKED, Taken(names[label], name, name, left, names), notes)


def _labels_beside(sheet: Sheet, table: NDArray, wish: Wish | None) -> tuple[NDArray, int, tuple[Note, ...]]:
    """The labels of a table whose scores stand in one column: those columns are put beside the others to be looked at."""
    classes = table.shape[1] if table.ndim == 2 else 1
    count = len(sheet.names)
    beside = Sheet(
        (*sheet.names, *(f"score_{k}" for k in range(classes))),
        sheet.rows,
        (*sheet.numeric, *range(count, count + classes)),
        lambda j: sheet.number(j) if j < count else table[:, j - count],
        sheet.words,
    )
    asked = Wish(tuple(beside.names[count:]), wish.label if wish else "", wish.ignore if wish else ())
    choice = choose(beside, asked)
    if choice.label is None:
        raise LsvizError("outside.no_label_column")
    if choice.label in sheet.words:
        raise LsvizError("outside.words_alone")
    return _whole(sheet.number(choice.label)), choice.label, choice.notes


def _numbers(column: pa.ChunkedArray | pa.Array, name: str) -> NDArray:
    """A column as numbers; an empty cell is NaN, a word is refused."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if not _is_number(kind):
        raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=_type_name(kind))
    made = column.cast(pa.float32() if pa.types.is_floating(kind) and kind.bit_width <= 32 else pa.float64(), safe=False)
    return made.to_numpy() if isinstance(made, pa.ChunkedArray) else made.to_numpy(zero_copy_only=False)


def _codes(column: pa.ChunkedArray) -> tuple[NDArray, list[str]] | None:
    """Each row's place in a list of words, from the dictionaries of the column's parts; None where there are too many, or rows without one."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return None
    known: dict[str, int] = {}
    made = [np.empty(0, np.int64)]
    for part in column.chunks:
        if part.null_count:
            raise LsvizError("outside.label_word", value="(empty)")
        at = part.indices.to_numpy()
        used = np.unique(at)
        if len(used) > MOST_WORDS:
            return None
        places = np.zeros(len(part.dictionary), np.int64)
        places[used] = [known.setdefault(_word(part.dictionary[int(i)]), len(known)) for i in used]
        made.append(places[at])
    return np.concatenate(made), list(known)


def _word(value: pa.Scalar) -> str:
    """A label's text; of bytes that are no text, and of a long one, only what tells that it is no name."""
    raw = value.as_buffer()
    return bytes(raw[:1000]).decode("utf-8", "replace") if raw else ""


# ---- both -----------------------------------------------------------------------------------------------------------


def _labels_of(sheet: Sheet, choice: Choice) -> NDArray:
    """Labels (n,) as they stand, words as places among the names of the columns of scores."""
    if choice.label is None:
        return np.stack([sheet.number(j) for j in choice.one_hot], axis=1).argmax(axis=1).astype(np.int64)
    if choice.label not in sheet.words:
        return _whole(sheet.number(choice.label))
    at, words = sheet.words[choice.label]
    names = [sheet.names[j] for j in choice.kept]
    if len(names) == 1:
        used = [word for word in words if word]
        places = of_two(used, names[0])
        if places is None or len(used) != len(words):
            raise LsvizError("outside.one_score_words", column=plain_text(names[0]), names=listed(words))
        return np.array(places, np.int64)[at]
    return np.array(by_words(words, names), np.int64)[at]


def _whole(labels: NDArray) -> NDArray:
    """A copy as whole numbers where all are that."""
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(labels).all() and (labels == np.floor(labels)).all() and (np.abs(labels) < 2**53).all()
    return labels.astype(np.int64 if whole else np.float64)


def _table_found(scores: NDArray, labels: NDArray, sheet: Sheet, choice: Choice, budget: Budget) -> Found:
    if not choice.kept:
        raise LsvizError("outside.no_score_columns")
    placed = choice.label is None or choice.label in sheet.words
    budget.table(len(scores), max(2, scores.shape[1]))
    called = sheet.names
    names = tuple(sheet.names[j] for j in choice.kept)
    label = called[choice.label] if choice.label is not None else f"{called[choice.one_hot[0]]} …"
    taken = Taken(label, called[choice.kept[0]], called[choice.kept[-1]], tuple(called[j] for j in choice.left), sheet.names)
    return Found({"scores": scores, "labels": labels}, names if sheet.named else (), {}, _PICKED, taken, choice.notes, placed)


_PICKED = Picked("scores", "labels", None, None, (), None)


def _called_label(name: str) -> bool:
    parts = set(tokens(name))
    return name.strip().lower() in LABELS or bool(parts & set(TRUE_WORDS) and not parts & set(GUESS_WORDS))


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)


def _is_list(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_number(kind.value_type)


def _type_name(kind: pa.DataType) -> str:
    """Arrow's type as people call it."""
    import pyarrow as pa

    known = {"text": pa.types.is_string, "longer text": pa.types.is_large_string, "lists": pa.types.is_nested, "dates": pa.types.is_temporal, "raw bytes": pa.types.is_binary, "words": pa.types.is_dictionary}  # fmt: skip
    return next(("text" if "text" in word else word for word, of in known.items() if of(kind)), plain_text(kind, 30))


def _is_single(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_floating(kind) and kind.bit_width <= 32


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _fraction(cell: str) -> bool:
    """Is this a number with a part behind the point?"""
    return bool(re.fullmatch(r"[+-]?\d*[.,]\d{2,}(?:[eE][+-]?\d+)?", cell.strip()))


def template_csv(num_classes: int = 3, rows: int = 4) -> str:
    """A file of the form `read_csv` takes, to be filled in: column of labels first, then one a class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", *(f"class {k}" for k in range(num_classes))])
    for row in range(rows):
        true = row % num_classes
        writer.writerow([true, *(4.5 if k == true else round(0.1 * k - 0.3 * row, 2) for k in range(num_classes))])
    return text.getvalue()
