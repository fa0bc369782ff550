"""A lecture while it is written: steps added, moved, removed and brought back, none of which need be whole; and its TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from lsviz import navigation
from lsviz.lectures.reader import MOST_BYTES, MOST_STEPS, SCHEMA, Lecture, Mistake, Step, mistakes, title_mistakes
from lsviz.state import PLAYER, ViewState, control

KINDS = ("open", "choices", "pick", "order", "draw", "learned")  # how a step is answered; the last is the closing one
_FRESH: dict[str, dict[str, object]] = {
    "open": {},
    "choices": {"choices": ("", "")},
    "pick": {"pick": "alpha"},
    "order": {"order": ("", "", "")},
    "draw": {"draw": "loss", "within": 0.1, "blank": True},
    "learned": {"learned": ("",)},
}
_ANSWERS = ("choices", "pick", "draw", "order", "answer", "within", "replies", "learned", "blank")  # what a kind decides
_KEYS = (
    "page", "minutes", "query", "figure", "say", "ask", "choices", "pick", "order", "draw", "answer", "within", "replies", "reveal", "blank",
    "learned", "notes",
)  # fmt: skip
_PLAIN = {'"': r"\"", "\\": r"\\", "\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}


@dataclass(frozen=True)
class Draft:
    """A title and steps, each under a number that stays its own wherever it goes; `gone` are those removed, with their place, the last one last."""

    title: str = ""
    steps: tuple[tuple[int, Step], ...] = ()
    gone: tuple[tuple[int, int, Step], ...] = ()

    @property
    def names(self) -> tuple[int, ...]:
        return tuple(name for name, _ in self.steps)

    def step(self, name: int) -> Step:
        return dict(self.steps)[name]


def drafted(lecture: Lecture) -> Draft:
    """A lecture to be changed."""
    return Draft(lecture.title, tuple(enumerate(lecture.steps, start=1)))


def added(draft: Draft, step: Step, after: int | None = None) -> Draft:
    """With one more step, behind the one of this number or at the end."""
    place = draft.names.index(after) + 1 if after in draft.names else len(draft.steps)
    return _with(draft, place, newest(draft) + 1, step)


def newest(draft: Draft) -> int:
    """The number given last; 0 where none was."""
    return max((*draft.names, *(name for _, name, _ in draft.gone)), default=0)


def changed(draft: Draft, name: int, **values: object) -> Draft:
    """With these fields of a step, or the draft as it was if there is no such step any more."""
    return replace(draft, steps=tuple((one, replace(step, **values) if one == name else step) for one, step in draft.steps))  # type: ignore[arg-type]


def moved(draft: Draft, name: int, by: int) -> Draft:
    """With a step so many places further on, or back; never beyond the ends."""
    place = draft.names.index(name)
    left = (*draft.steps[:place], *draft.steps[place + 1 :])
    to = max(0, min(place + by, len(left)))
    return replace(draft, steps=(*left[:to], draft.steps[place], *left[to:]))


def doubled(draft: Draft, name: int) -> Draft:
    """With a step once more, behind itself."""
    return added(draft, draft.step(name), name)


def removed(draft: Draft, name: int) -> Draft:
    place = draft.names.index(name)
    left = tuple(entry for entry in draft.steps if entry[0] != name)
    return replace(draft, steps=left, gone=(*draft.gone, (place, name, draft.step(name))))


def put_back(draft: Draft) -> Draft:
    """With the step that was removed last where it stood."""
    place, name, step = draft.gone[-1]
    return _with(replace(draft, gone=draft.gone[:-1]), place, name, step)


def _with(draft: Draft, place: int, name: int, step: Step) -> Draft:
    return replace(draft, steps=(*draft.steps[:place], (name, step), *draft.steps[place:]))


def joined(kept: Draft, new: Draft) -> Draft:
    """What was kept, and behind it the steps of another."""
    for _, step in new.steps:
        kept = added(kept, step)
    return replace(kept, title=kept.title or new.title)


# ---- a step: how it is answered, what it shows ------------------------------------------------------------------------


def kind(step: Step) -> str:
    """Which of KINDS a step is."""
    return next((key for key in KINDS if key != "open" and getattr(step, key)), "open")


def of_kind(step: Step, wanted: str, before: Step | None = None) -> Step:
    """The step answered in another way: as in `before`, which it was once, or afresh. What is said, asked and noted stays."""
    usual: dict[str, object] = {entry.name: entry.default for entry in fields(Step) if entry.name in _ANSWERS}
    answers = {key: getattr(before, key) for key in _ANSWERS} if before is not None else usual | _FRESH[wanted]
    return replace(step, **answers)


def seen(page: str, view: ViewState, figure: str = "") -> Step:
    """A step that shows this page as it is now."""
    return Step(page, "", _query(view.to_query()), figure=figure)


def from_address(text: str) -> tuple[str, str]:
    """The page and the query that a link means, or "" and the query itself; what belongs to the room is left out of a link's."""
    text = text.strip()
    if "?" not in text and "://" not in text:
        return "", text
    link = urlsplit(text)
    page = link.path.rstrip("/").rpartition("/")[2]
    return page if page in navigation.names() else navigation.FIRST if link.netloc else "", _query(dict(parse_qsl(link.query)))


def _query(query: Mapping[str, str]) -> str:
    rooms = {*(control(name).url for name in PLAYER), "embed"}
    return urlencode({name: value for name, value in query.items() if name not in rooms})


# ---- what is wrong, and what can be played ---------------------------------------------------------------------------


def all_mistakes(draft: Draft, pages: Sequence[str]) -> Iterator[tuple[int, Mistake]]:
    """As (a step's number in the draft, 0 for the title, and what the reader of lectures says of it)."""
    yield from ((0, mistake) for mistake in title_mistakes(draft.title))
    for name, step in draft.steps:
        yield from ((name, mistake) for mistake in mistakes(step, pages))


def whole(draft: Draft, pages: Sequence[str]) -> Draft:
    """The steps alone that can be played."""
    return replace(draft, steps=tuple((name, step) for name, step in draft.steps if not any(mistakes(step, pages))), gone=())


def is_full(draft: Draft) -> bool:
    """Whether one more step would be too many."""
    return len(draft.steps) >= MOST_STEPS


def is_too_long(draft: Draft) -> bool:
    """Whether a reader would refuse the whole of it."""
    return len(written(draft).encode()) > MOST_BYTES


# ---- TOML ------------------------------------------------------------------------------------------------------------


def written(draft: Draft) -> str:
    """The draft as TOML, which the readers read as it was: what is empty or usual is left out."""
    head = f"schema = {SCHEMA}\ntitle = {_text(draft.title)}\n"
    return head + "".join(f"\n[[step]]\n{_step(step)}" for _, step in draft.steps)


def _step(step: Step) -> str:
    usual = {entry.name: entry.default for entry in fields(Step)}
    lines = []
    for key in _KEYS:
        value = getattr(step, key)
        if value != usual[key] and (usual[key] is not MISSING or value):
            lines.append(f"{key} = {_value(value)}\n")
    return "".join(lines)


def _value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        rows = [_text(entry) for entry in value]
        together = f"[{', '.join(rows)}]"
        return together if len(together) <= 100 else "[\n" + "".join(f"  {row},\n" for row in rows) + "]"
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _text(text: str) -> str:
    """In quotes; over several lines where it has them."""
    if "\n" not in text:
        return f'"{_escaped(text)}"'
    return '"""\n' + "\n".join(map(_escaped, text.split("\n"))) + '"""'


def _escaped(text: str) -> str:
    return re.sub(r'["\\\x00-\x1f\x7f]', lambda found: _PLAIN.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
