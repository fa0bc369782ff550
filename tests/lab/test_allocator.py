"""The threads of a server share few of the allocator's arenas. Counted by glibc itself."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from lsviz.lab.allocator import ARENAS
from tests.browser.harness import ROOT

PROGRAM = """
import ctypes, os, re, sys, threading
from lsviz.lab.allocator import give_back, hold_little
if sys.argv[1] == "little":
    hold_little()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
libc.malloc.argtypes, libc.fdopen.argtypes = [ctypes.c_size_t], [ctypes.c_int, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fflush.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
together = threading.Barrier(7)

def work():
    together.wait()
    libc.malloc(1000)
    together.wait()  # all are alive at once: each would have an arena of its own

threads = [threading.Thread(target=work) for _ in range(6)]
[thread.start() for thread in threads]
together.wait(); together.wait()
[thread.join() for thread in threads]
give_back()
end, begin = os.pipe()
stream = libc.fdopen(begin, b"w")
libc.malloc_info(0, stream); libc.fflush(stream)
print(len(re.findall(rb"<heap nr=", os.read(end, 1 << 16))))
"""


def arenas(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT)},
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not glibc")
def test_threads_share_few_arenas():
    assert arenas("much") > ARENAS
    assert arenas("little") <= ARENAS
