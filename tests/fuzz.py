"""Throw mutated files at the readers for a while: `python -m tests.fuzz --minutes 10`. Ends with 1 at the first crash, traceback or excess.

Every file goes through a child process that has read all the others before it, as one server would. What counts: each ends in one
sentence or a sound diagnosis, within `--seconds` each, no file takes more than `--each` megabytes at its peak, and the child's
memory stays below `--megabytes`. Files are read within the page's budget.
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import re
import resource
import sys
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np

from tests import limited, malformed


def one(name: str, content: bytes) -> str:
    """ "sound", or the code of the sentence the file ends in. Anything else is raised."""
    from lsviz.core.errors import LsvizError
    from lsviz.core.gate import PAGE
    from lsviz.core.predictions.diagnosis import diagnose
    from lsviz.predictions.reading import read_outside

    try:
        diagnosis = diagnose(read_outside(content, name, PAGE))
        if not np.isfinite(diagnosis.logits).all() or len(diagnosis.logits) != len(diagnosis.labels):
            raise AssertionError("a diagnosis that is not sound")
    except LsvizError as error:
        if not str(error).isprintable():
            raise AssertionError(f"no plain sentence: {error!r}") from error
        return error.code
    return "sound"


def child(pipe) -> None:
    np.seterr(all="ignore")
    faulthandler.enable()  # a crash says where
    while True:
        try:
            name, content = pipe.recv()
        except EOFError:
            return
        before = from_here()
        started = time.perf_counter()
        try:
            said = one(name, content)
        except Exception:
            said = traceback.format_exc()
        most = peak()
        pipe.send((said, time.perf_counter() - started, most, most - before))


def from_here() -> int:
    """Let `peak` begin anew; the memory held now, in megabytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    """The most memory this process held since `from_here`, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before it started this one
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--each", type=int, default=limited.MEGABYTES)
    asked = parser.parse_args(arguments)
    rng = np.random.default_rng(asked.seed)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=child, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    sound = list(malformed.sound().items())
    spoilt = (malformed.damaged, malformed.objects, malformed.lies, malformed.senseless, malformed.texts)
    corpus = sound + [(name, content) for make in spoilt for name, content in make() if len(content) < 20_000]
    until, codes, slowest, memory, dearest = time.monotonic() + 60 * asked.minutes, Counter(), 0.0, 0, 0
    while time.monotonic() < until:
        name, content = sound[rng.integers(len(sound))] if rng.random() < 0.7 else corpus[rng.integers(len(corpus))]
        content = malformed.mutated(content, rng)
        ours.send((name, content))
        try:
            said, took, memory, cost = ours.recv() if ours.poll(asked.seconds) else (None, asked.seconds, memory, 0)
        except (EOFError, ConnectionError):
            said, took, cost = "the process\ndied", 0.0, 0
        slowest, dearest = max(slowest, took), max(dearest, cost if codes else 0)  # the first one imports
        wrong = said is None or "\n" in said or memory > asked.megabytes or dearest > asked.each
        if wrong:
            print(
                f"after {codes.total()} files: {name}, {len(content)} bytes, {memory} MB: {said or 'no answer in time'}\n{content.hex()}",
                file=sys.stderr,
            )
            return 1
        codes[said] += 1
    print(
        f"{codes.total()} files in {asked.minutes:g} minutes, slowest {slowest:.2f} s, memory at most {memory} MB, {dearest} MB for one file"
    )
    print("\n".join(f"{count:8d} {code}" for code, count in codes.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
