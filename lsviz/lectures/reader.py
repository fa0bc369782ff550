"""A lecture as one typed value: read from TOML, checked key by key, and packed into a link when it is the reader's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.lectures.bare import Lines, bare, check_cost
from lsviz.state import PLAYER, Control, ViewState, control

FOLDER = Path(__file__).parent
SCHEMA = 1
MOST_BYTES, MOST_STEPS = 60_000, 200
LONGEST_TEXT = 4_000  # characters of one text: all of it goes to the browser and stands on the stage
MOST_CHOICES, MOST_ORDERED, MOST_LEARNED = 4, 5, 5
MOST_MINUTES = 180  # of one step
PICKED_REPLIES = 3  # to an alpha set too low, right, too high
OWN = "~"  # a link's `scene` that begins so holds the lecture itself


@dataclass(frozen=True)
class Step:
    """One page in one state, what to say about it, and a question with its answer: open, one of a few choices, an alpha to set, an order, a curve to draw."""

    page: str
    say: str
    query: str = ""
    ask: str = ""
    reveal: str = ""
    notes: str = ""
    minutes: float = 0  # what it should take, for the lecturer's clock; 0 says nothing
    figure: str = ""  # the one it is about, by its key on the page: it has the stage
    blank: bool = False  # of the figure only the axes are shown until the answer is
    choices: tuple[str, ...] = ()
    pick: str = ""  # what is set by hand: "alpha", or nothing
    draw: str = ""  # what is drawn by hand before it is shown: "loss", or nothing
    order: tuple[str, ...] = ()  # what is to be put in order, as is right
    answer: float | None = None  # the number of the right choice, from 1; or the alpha that is right
    within: float = 0.05  # how far from it an alpha that is set may lie
    replies: tuple[str, ...] = ()  # one a choice; or to an alpha too low, right, too high
    learned: tuple[str, ...] = ()  # of a closing step, which has no figure

    @property
    def has_answer(self) -> bool:
        return bool(self.reveal) or self.answer is not None or bool(self.order or self.draw)

    @property
    def right_bar(self) -> int:
        """Which bar of its counted votes is the right one, from 1; 0 where none is."""
        return 2 if self.pick else 1 if self.order or self.draw else int(self.answer or 0)

    @property
    def mixed(self) -> tuple[int, ...]:
        """The places in `order`, from 0, of what is to be put in order, as it is asked: the same for everybody, and never right."""
        places = sorted(range(len(self.order)), key=lambda place: hashlib.sha256(self.order[place].encode()).digest())
        return tuple(places[1:] + places[:1] if places == sorted(places) else places)

    def view(self, base: ViewState) -> ViewState:
        """The view of this step: what its query names, defaults for the rest, and the player's own fields from `base`."""
        kept = {control(name).url: value for name in PLAYER if (value := control(name).format(getattr(base, name)))}
        asked = dict(parse_qsl(self.query))
        state = ViewState.from_query(asked | kept)
        return state if state.open else replace(state, open=navigation.opened(self.page, asked, self.figure))


@dataclass(frozen=True)
class Lecture:
    """A title and its steps in order; there is at least one."""

    title: str
    steps: tuple[Step, ...]


def shipped() -> tuple[str, ...]:
    """Names of the lectures that come with the program, shortest first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: len(_shipped(name).steps)))


def find_lecture(scene: str, pages: Sequence[str], language: str = "") -> Lecture:
    """The lecture that a link's `scene` means: a shipped one's name, or the packed text of one. Raises LsvizError."""
    if scene.startswith(OWN):
        return read_lecture(unpacked(scene), pages)
    if not re.fullmatch(r"[\w\-]+", scene, re.ASCII) or not (FOLDER / f"{scene}.toml").is_file():
        raise LsvizError("scene.unknown", name=scene, known=", ".join(shipped()))
    return _shipped(scene, language)


def lecture_text(name: str, language: str = "") -> str:
    """The TOML of a shipped lecture in this language, where it was translated; else in English."""
    translated = FOLDER / language / f"{name}.toml"
    return (translated if translated.is_file() else FOLDER / f"{name}.toml").read_text("utf-8")


@once(16)
def _shipped(name: str, language: str = "") -> Lecture:
    return read_lecture(lecture_text(name, language))


def read_lecture(text: str, pages: Sequence[str] = ()) -> Lecture:
    """A lecture from its TOML text. With `pages`, steps may open only those. Raises LsvizError naming the line and the key."""
    if len(text) > MOST_BYTES or len(text.encode()) > MOST_BYTES:
        raise LsvizError("scene.size", most=f"{MOST_BYTES:,}".replace(",", " "))
    found = _read(text, tuple(pages))
    if isinstance(found, LsvizError):
        raise LsvizError(found.code, **found.values)  # a new one: an exception that is raised again keeps all its tracebacks
    return found


@once(32)
def _read(text: str, pages: tuple[str, ...]) -> Lecture | LsvizError:
    """The lecture, or what is wrong with it. Both are kept: a page asks twice in every run."""
    try:
        lecture, where = _as_written(text)
        for key, code, values in title_mistakes(lecture.title):
            raise LsvizError(code, place=where.place(key), **values)
        if not lecture.steps:
            raise LsvizError("scene.empty", line=where.of("step"))
        for number, step in enumerate(lecture.steps, start=1):
            for key, code, values in mistakes(step, pages):
                raise LsvizError(code, place=where.place(key, number), **values)
        return lecture
    except LsvizError as error:
        return LsvizError(error.code, **error.values)


def read_unfinished(text: str) -> Lecture:
    """A lecture as far as it is written: no step need be there or whole. Raises LsvizError where the file is none of a lecture's."""
    if len(text.encode()) > MOST_BYTES:
        raise LsvizError("scene.size", most=f"{MOST_BYTES:,}".replace(",", " "))
    return _as_written(text)[0]


def _as_written(text: str) -> tuple[Lecture, Lines]:
    signs = bare(text.replace("\r\n", "\n"))
    check_cost(signs)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(str(error), text) from None
    except (ValueError, RecursionError) as error:  # a date of month 13, say, in a number's place
        raise LsvizError("scene.shape", line=1) from error
    where = Lines(signs)
    schema = tree.get("schema")
    if schema != SCHEMA:
        raise LsvizError(
            "scene.schema",
            line=where.of("schema"),
            found=LsvizError("reason.nothing") if schema is None else str(schema)[:60],
            known=SCHEMA,
        )
    _known(tree, ("schema", "title", "step"), where)
    title = _text(tree, "title", where)
    blocks = tree.get("step", [])
    if not isinstance(blocks, list):
        raise LsvizError("scene.empty", line=where.of("step"))
    if len(blocks) > MOST_STEPS:
        raise LsvizError("scene.many", line=where.of("step", MOST_STEPS + 1), most=MOST_STEPS)
    return Lecture(title, tuple(_step(block, number, where) for number, block in enumerate(blocks, start=1))), where


def _step(block: object, number: int, where: Lines) -> Step:
    if not isinstance(block, dict):
        raise LsvizError("scene.block", line=where.of("step"))
    _known(block, [entry.name for entry in fields(Step)], where, number)
    if not isinstance(blank := block.get("blank", False), bool):
        raise LsvizError("scene.flag", line=where.of("blank", number), key="blank")
    read: dict[str, Any] = {"blank": blank}
    for entry in fields(Step):
        if entry.type == "str":
            read[entry.name] = _text(block, entry.name, where, number)
        elif entry.name in block and entry.name != "blank":
            read[entry.name] = (_number if "float" in str(entry.type) else _texts)(block, entry.name, where, number)
    step = Step(**read)
    return replace(step, page=navigation.page_of(step.page, step.figure), blank=blank or bool(step.draw))


Mistake = tuple[
    str, str, dict[str, object]
]  # the key it is found at, the code of its sentence, and what fills that beside the place


def title_mistakes(title: str) -> Iterator[Mistake]:
    """All that is wrong with a lecture's title."""
    if not title:
        yield "title", "scene.missing", {}
    if len(title) > LONGEST_TEXT:
        yield "title", "scene.long", {"most": LONGEST_TEXT}


def mistakes(step: Step, pages: Sequence[str] = ()) -> Iterator[Mistake]:
    """All that keeps a step from being played, in the order in which its keys are read. With `pages`, it may open only those."""
    for entry in fields(Step):
        value = getattr(step, entry.name)
        if entry.default is MISSING and not value:
            yield entry.name, "scene.missing", {}
        if isinstance(value, tuple) and not all(value):
            yield entry.name, "scene.list", {}
        if isinstance(value, (str, tuple)) and (len(value) if isinstance(value, str) else sum(map(len, value))) > LONGEST_TEXT:
            yield entry.name, "scene.long", {"most": LONGEST_TEXT}
    if pages and step.page and step.page not in pages:
        yield "page", "scene.page", {"value": step.page[:60], "known": ", ".join(pages)}
    for key in ("reveal", "choices", "pick", "order", "draw"):
        if getattr(step, key) and not step.ask:
            yield key, "scene.no_question", {}
    if step.blank and not step.has_answer:
        yield "blank", "scene.no_answer", {}
    yield from _in_question(step)
    yield from _in_query(step.query)


def _in_question(step: Step) -> Iterator[Mistake]:
    """Choices or an alpha to set, with the right one, and replies to all or none."""
    if sum(map(bool, (step.choices, step.pick, step.order, step.draw))) > 1:
        yield next(key for key in ("draw", "order", "pick") if getattr(step, key)), "scene.both", {}
    if step.draw not in ("", "loss"):
        yield "draw", "scene.draw", {}
    if step.order and (not 2 < len(step.order) <= MOST_ORDERED or len({*step.order}) < len(step.order)):
        yield "order", "scene.order", {"most": MOST_ORDERED}
    if step.pick not in ("", "alpha"):
        yield "pick", "scene.pick", {}
    if len(step.choices) == 1 or len(step.choices) > MOST_CHOICES:
        yield "choices", "scene.choices", {"most": MOST_CHOICES}
    if step.choices and step.answer not in range(1, len(step.choices) + 1):
        yield "answer", "scene.answer", {"most": len(step.choices)}
    if step.pick and not (step.answer is not None and 0 <= step.answer <= 1):
        yield "answer", "scene.answer_alpha", {}
    if not 0 <= step.minutes <= MOST_MINUTES:
        yield "minutes", "scene.minutes", {"most": MOST_MINUTES}
    if not 0 < step.within <= 1:
        yield "within", "scene.within", {}
    asked = len(step.choices) or PICKED_REPLIES * bool(step.pick)
    for key in ("answer", "replies"):
        if getattr(step, key) not in (None, ()) and not asked:
            yield key, "scene.no_choices", {}
    if asked and len(step.replies) not in (0, asked):
        yield "replies", "scene.replies", {"most": asked}
    if len(step.learned) > MOST_LEARNED:
        yield "learned", "scene.learned", {"most": MOST_LEARNED}


def _in_query(query: str) -> Iterator[Mistake]:
    allowed = _controls()
    for part in filter(None, query.split("&")):
        name, sign, _ = part.partition("=")
        pair = parse_qsl(part, keep_blank_values=True)
        if not sign or not pair or name not in allowed:
            yield "query", "scene.query_name", {"part": part[:60], "known": " ".join(allowed)}
            continue
        try:
            allowed[name].read(pair[0][1])
        except (ValueError, OverflowError):
            yield "query", "scene.query_value", {"part": part[:60], "name": name, "allowed": allowed[name].allowed}


@once(1)
def _controls() -> dict[str, Control]:
    """What a step's query may hold, by its name there."""
    return {control(entry.name).url: control(entry.name) for entry in fields(ViewState) if entry.name not in PLAYER}


def _text(block: dict, key: str, where: Lines, number: int = 0) -> str:
    value = block.get(key, "")
    if not isinstance(value, str):
        raise LsvizError("scene.text", line=where.of(key, number), key=key)
    return value.strip()


def _texts(block: dict, key: str, where: Lines, number: int) -> tuple[str, ...]:
    value = block.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise LsvizError("scene.list", place=where.place(key, number))
    return tuple(entry.strip() for entry in value)


def _number(block: dict, key: str, where: Lines, number: int) -> float:
    value = block[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e6:  # refuses nan too
        raise LsvizError("scene.number", line=where.of(key, number), key=key)
    return float(value)


def _known(block: dict, known: Sequence[str], where: Lines, number: int = 0) -> None:
    for key in block:
        if key not in known:
            raise LsvizError("scene.key", line=where.of(key, number), key=key[:60], known=", ".join(known))


def _not_toml(said: str, text: str) -> LsvizError:
    """tomllib says 'Expected ... (at line 3, column 7)': the line first, then the reason, and the key when the line has one."""
    found = re.search(r"\s*\(at line (\d+), column \d+\)", said)
    line = int(found[1]) if found else text.count("\n") + 1
    content = text.split("\n")[line - 1]
    key = re.match(r"\s*([\w\-]{1,60})\s*=", content)
    reason = said[: found.start()] if found else said.partition(" (at end")[0]
    return LsvizError("scene.toml", line=line, key=f", {key[1]}" if key else "", reason=reason)


# ---- a lecture inside a link: nothing is stored on the server, so the link works on every replica and after a restart ----


def packed(text: str) -> str:
    """The text of a lecture as the `scene` of a link."""
    return OWN + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(scene: str) -> str:
    """The text in a link's `scene`. Raises LsvizError when the link was cut or is none of ours."""
    body = scene.removeprefix(OWN)
    try:
        unzip = zlib.decompressobj()
        raw = unzip.decompress(base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True), MOST_BYTES + 1)
        if not unzip.eof and len(raw) <= MOST_BYTES:
            raise ValueError("cut")
        return raw.decode() if len(raw) <= MOST_BYTES else " " * (MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise LsvizError("scene.link") from error
