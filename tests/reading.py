"""What a page says, all of it: Streamlit's elements, figures, headline, dock; and which of it is in the other language."""

from __future__ import annotations

import gzip
import json
import re
import string
from functools import lru_cache
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from lsviz import navigation
from lsviz.figures.live import nearest_stop
from lsviz.texts.catalogue import catalogue

ROOT = Path(__file__).parents[1]
PAGES = navigation.names()
SWITCH = catalogue("en")["share.other_language"]  # the one word that is not in the page's language
_TERM = re.compile(r"\[([^\]]*)\]\(glossary#[^)]*\"\)")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def opened(page: str, locale: str = "en-US", **query: str) -> AppTest:
    """The page as a browser with this locale gets it by its address, with all its folds open unless `open` says which; without a name, wherever the link leads."""
    if page:
        query.setdefault("open", "-".join(navigation.FOLDS.get(page, ())))
    app = AppTest.from_file(str(ROOT / "lsviz/frame/main.py"), default_timeout=120)
    app.context = {"locale": locale}
    for name, value in query.items():
        app.query_params[name] = value
    if page not in ("", navigation.FIRST):
        app._page_hash = calc_hash(page)  # switch_page knows the pages of a former run alone: that would run the first page too
    app.run()
    assert not app.exception, app.exception
    return app


def plain(text: object) -> str:
    """As it is read: plain spaces, the glossary's terms without their links."""
    return _TERM.sub(r"\1", str(text)).replace("\u00a0", " ")


def sent(app: AppTest) -> list[dict]:
    """The data of every component of ours on the page, in order."""
    return [
        unpacked(element.proto.bytes) if element.proto.bytes else json.loads(element.proto.json)[0]
        for element in app.get("bidi_component")
    ]


def unpacked(sent: bytes) -> dict:
    """What `ui.assets.packed` made of two: a line of JSON, and gzipped JSON below it."""
    head, _, body = sent.partition(b"\n")
    return json.loads(gzip.decompress(body)) | json.loads(head)


def mounted(app: AppTest) -> dict[str, dict]:
    """Data of the plots by their key, and of the headline."""
    return {data.get("key", "headline"): data for data in sent(app) if "key" in data or "heads" in data}


def along(app: AppTest, alpha: float) -> list[str]:
    """What the captions and paragraphs that follow alpha say there."""
    of = [data for data in sent(app) if "look" in data]
    return [plain("".join(piece for piece, *_ in data["subs"][nearest_stop(data["stops"], alpha)])) for data in of]


def keys(app: AppTest) -> set[str]:
    """The keys of plots and containers on the page."""
    return {getattr(getattr(node, "proto", None), "id", "").rpartition("-")[2] for node in _leaves(app._tree)}


def everything(app: AppTest) -> str:
    """Every text of the page, whatever carries it."""
    protos = [node.proto for node in _leaves(app._tree) if hasattr(getattr(node, "proto", None), "SerializeToString")]
    raw = "\n".join(proto.SerializeToString().decode("utf-8", "replace") for proto in protos)
    raw += "".join(
        "\n" + json.dumps(unpacked(proto.bytes))
        for proto in protos
        if isinstance(getattr(proto, "bytes", None), bytes) and proto.bytes
    )
    return (
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), raw)
        .replace("\\n", "\n")
        .replace("\\u00a0", " ")
        .replace("\u00a0", " ")
        .replace('\\"', '"')
    )


def _leaves(node):
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _leaves(child)


def foreign(text: str, language: str) -> list[str]:
    """What of `text` is not in this language: Hangul on an English page, English sentences of the catalogue on a Korean one."""
    text = text.replace(SWITCH, "")
    if language == "en":
        return re.findall(r"[가-힣]{2,}[^\n]{0,40}", text)
    return [piece for piece in _english() if piece in text]


@lru_cache(maxsize=1)
def _english() -> tuple[str, ...]:
    """Stretches of the English catalogue, two words or more between placeholders and markup, that a Korean text does not hold as well."""
    korean = "\n".join(catalogue("ko").values())
    found = set()
    for key, text in catalogue("en").items():
        if key.startswith("streamlit."):  # sent to be replaced
            continue
        plain = (
            "\n".join(part for part, *_ in string.Formatter().parse(text)) if not re.search(r"%\{|^report\.", key + text) else text
        )
        for piece in re.split(r"[\n{}$`|]|:\w+\[|\]|\*+|<[^>]*>|%\{", plain):
            piece = piece.strip(" .,:;()")
            if re.search(r"[A-Za-z]{2,} [a-z]{2,}", piece) and piece not in korean:
                found.add(piece)
    return tuple(sorted(found))
