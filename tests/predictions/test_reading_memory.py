"""What comes from outside costs what it is worth: every kind of file, in one process with a hard limit on memory, at most 120 MB and 2 s each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import limited

ROOT = Path(__file__).parents[2]
NOISE = 2.5  # CPU seconds of a machine that others share
REFUSALS = ("outside.", "page.", "lab.", "memory.")
READ = (
    "that nobody asked for",
    "parquet of 100000 ",
    "parquet of 2000 ",
    "bytes split",
    "npz of 100,000",
    "as it is",
    "as many features",
    "large array",
    "twenty names",
    "csv of 20,000",
    "file names",
    "packed csv of",
    "lists of scores",
    "pictures of",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict[str, dict]:
    """Every case's line, by what it is. A process that dies tells nothing of those after."""
    folder = tmp_path_factory.mktemp("outside")
    every = list(limited.cases())
    for number, (_, name, make) in enumerate(every):
        (folder / f"{number:03d}-{name}").write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-m", "tests.limited", str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(every), f"died of {every[len(lines)][0]}: {done.stderr[-2000:]}"
    return {every[line["case"]][0]: line for line in lines}


def test_no_input_takes_more_memory_than_it_may(told):
    assert {what: line["megabytes"] for what, line in told.items() if line["megabytes"] > limited.MEGABYTES} == {}


def test_no_input_takes_more_time_than_it_may(told):
    assert {what: line["seconds"] for what, line in told.items() if line["seconds"] > NOISE * limited.SECONDS} == {}
    refused = {what: line["seconds"] for what, line in told.items() if line["code"].startswith("page.")}
    assert len(refused) >= 6 and {what: took for what, took in refused.items() if took > limited.REFUSED} == {}


def test_each_ends_in_a_sentence_and_what_is_sound_is_read(told):
    assert {what: line["code"] for what, line in told.items() if line["code"] and not line["code"].startswith(REFUSALS)} == {}
    sound = {what: line["code"] for what, line in told.items() if any(known in what for known in READ)}
    assert len(sound) >= len(READ) and set(sound.values()) == {""}, sound
