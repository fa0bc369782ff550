"""What a link can cost: every shape of TOML and of query is answered within the memory and the time of a good lecture, whatever it says.

One child process reads them all, one after the other as a server would, under a hard limit of its address space.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsviz.core.errors import LsvizError
from lsviz.lectures import lecture_text, read_lecture
from lsviz.state import ViewState

ROOT = Path(__file__).parents[2]
ROOM = 120  # MB that one link may take
DEARER = 60  # times the processor time of the longest shipped lecture that a refusal may cost: linear shapes come to about 10

CHILD = """
import json, re, resource, sys, time
from urllib.parse import parse_qsl
import lsviz.lectures as scenes
from lsviz.core.errors import LsvizError
from lsviz.state import ViewState

def status(name):
    return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

def answer(kind, text):
    try:
        if kind == "toml":
            return type(scenes.read_lecture(text)).__name__
        if kind == "link":
            return type(scenes.find_lecture(text, ())).__name__
        return type(ViewState.from_query(dict(parse_qsl(text)))).__name__
    except LsvizError as error:
        return "sentence" if len(str(error)) < 2000 and str(error).isprintable() else "no plain sentence"
    except BaseException as error:
        return repr(error)[:200]

room = float(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (int((status("VmSize") + room) * 2**20),) * 2)
begun = status("VmHWM")
for line in sys.stdin:
    kind, text = json.loads(line)
    open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here
    started = time.process_time()
    said = answer(kind, text)
    print(json.dumps([said, time.process_time() - started, status("VmHWM") - begun]), flush=True)
"""


class Reader:
    """The child; `read` gives (what it said, CPU seconds, MB that it grew by at most so far)."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(ROOM)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        good = [lecture_text("fifty") + f"\n# {i}" for i in range(5)]
        self.usual = min(self.read("toml", text)[1] for text in good)

    def read(self, kind: str, text: str) -> tuple[str, float, float]:
        print(json.dumps([kind, text]), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def costs_little(self, kind: str, text: str) -> str:
        said, seconds, megabytes = self.read(kind, text)
        assert said in ("sentence", "Lecture", "ViewState"), said
        assert megabytes < ROOM, f"{megabytes:.0f} MB"
        assert seconds < DEARER * self.usual, f"{seconds:.2f} s against {self.usual:.3f} s"
        return said


@pytest.fixture(scope="module")
def reader():
    made = Reader()
    yield made
    made.process.stdin.close()
    assert made.process.wait(10) == 0, "the child ended well"


STEPS = 'schema = 1\ntitle = "x"\n' + '[[step]]\npage = "loss"\nsay = "x"\n' * 200
SHAPES = {
    "a key of 29,000 parts": ".".join(["a"] * 29_000) + " = 1",
    "a key of quoted parts": '"a".' * 9_000 + "b = 1",
    "a head of 15,000 parts, keys below it": "[" + ".".join(["a"] * 15_000) + "]\n" + "".join(f"k{i}=1\n" for i in range(3_500)),
    "arrays in arrays": "a = " + "[" * 50_000,
    "tables in tables": "a = " + "{a=" * 19_000,
    "an array in lines": "a = [\n" + "[1],\n" * 11_000 + "]",
    "numbers": "a = [" + "1," * 29_000 + "]",
    "empty tables in an array": "a = [" + "{}," * 19_000 + "]",
    "6,000 tables": "".join(f"[t{i}]\n" for i in range(6_000)),
    "9,000 tables of one name": "[[a]]\n" * 9_000,
    "6,000 keys": "".join(f"k{i}=1\n" for i in range(6_000)),
    "many keys of nine parts": "".join(f"a{i}.b.c.d.e.f.g.h.i=1\n" for i in range(2_400)),
    "a number of 50,000 digits": "schema = " + "9" * 50_000,
    "the same in hexadecimal": "schema = 0x" + "f" * 50_000,
    "50,000 blank lines, 200 steps, one mistake at the end": STEPS + "\n" * 50_000 + 'query = "zz=1"\n',
    "9,000 blank lines and the same": STEPS + "\n" * 9_000 + 'query = "zz=1"\n',
    "a long text that never ends": 'schema = """\n',
    "a text that never ends": 'a = "' + "x" * 50_000,
    "quotes": "a = " + '"' * 59_000,
    "single quotes": "a = " + "'" * 59_000,
    "escapes": 'title = "' + "\\u0041" * 9_900 + '"',
    "escaped ends of lines": 'title = """' + "\\\n" * 9_000 + '"""',
    "spaces": " " * 59_000,
    "comments": "#\n" * 9_900,
    "colours that never close": 'schema = 1\ntitle = "x"\n[[step]]\npage = "loss"\nsay = "' + ":blue[" * 9_000 + '"',
    "a long query": 'schema = 1\ntitle = "x"\n[[step]]\npage = "loss"\nsay = "x"\nquery = "' + "n=5&" * 14_000 + '"',
    "long edges": 'schema = 1\ntitle = "x"\n[[step]]\npage = "loss"\nsay = "x"\nquery = "edges=' + "0.5-" * 14_000 + '"',
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_no_shape_of_a_lecture_costs_more_than_a_good_one(reader, text):
    assert len(text.encode()) <= 60_000, "within the bound, or it would be refused by that alone"
    assert reader.costs_little("toml", text) == "sentence"


PIECES = st.sampled_from(
    [
        "a",
        "b.",
        ".",
        "=",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "\n",
        '"',
        '""',
        '"""',
        "'",
        "'''",
        "#",
        "\\",
        " ",
        "1",
        "true",
        '"a"',
        "step",
        "schema = 1\n",
        "é",
        "\U0001f600",
    ]
)


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(st.tuples(st.lists(PIECES, min_size=1, max_size=6), st.sampled_from([1, 1, 3, 1_000, 20_000])), max_size=6))
def test_no_repetition_of_signs_does(reader, parts):
    text = "".join("".join(pieces) * times for pieces, times in parts)
    reader.costs_little("toml", text.encode()[:60_000].decode(errors="ignore"))


@settings(max_examples=40, deadline=None, database=None)
@given(st.text("ABCabc_-019~", max_size=40), st.sampled_from([1, 100, 2_000]))
def test_no_scene_of_a_link_does(reader, text, times):
    reader.costs_little("link", "~" + text * times)


VALUES = [
    "9" * 400_000,
    "-" * 400_000,
    "1-" * 200_000,
    "0.5-" * 100_000,
    "١" * 5_000,
    "1_0",
    "1e400",
    "-inf",
    "nan",
    "386." * 100_000,
    "\x00",
    "٣٥",
    "~" + "A" * 80_001,
    "true" * 99_999,
    "",
]


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.dictionaries(
        st.sampled_from([entry.metadata["control"].url for entry in ViewState.__dataclass_fields__.values()]),
        st.sampled_from(VALUES),
        max_size=3,
    )
)
def test_no_query_does(reader, query):
    reader.costs_little("query", urlencode(query))


def test_a_query_of_a_thousand_names_and_one_of_every_name_at_its_longest(reader):
    reader.costs_little("query", "&".join(f"f{i}=1" for i in range(1_000)))
    names = [entry.metadata["control"].url for entry in ViewState.__dataclass_fields__.values()]
    reader.costs_little("query", urlencode(dict.fromkeys(names, "1-" * 3000)))


def test_what_is_wrong_is_found_out_once_and_is_a_new_error_each_time(monkeypatch):
    text = 'schema = 1\ntitle = "asked twice"\n'
    with pytest.raises(LsvizError) as first:
        read_lecture(text)
    monkeypatch.setattr("tomllib.loads", lambda text: pytest.fail("parsed again"))
    with pytest.raises(LsvizError) as second:
        read_lecture(text)
    assert str(first.value) == str(second.value) and first.value is not second.value
