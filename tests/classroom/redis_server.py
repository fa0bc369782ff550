"""A real redis-server on loopback, for as long as a test needs it; nothing is written to disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.session import free_port
from tests.missing import missing


@contextmanager
def redis_server() -> Iterator[str]:
    """Its address. Without Debian's redis-server, or the package redis, the test is skipped."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server")
    try:
        import redis  # noqa: F401
    except ModuleNotFoundError:
        missing("the package redis")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
