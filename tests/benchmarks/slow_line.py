"""A line of so many bits a second and so much delay in front of a server on this machine: what all browsers together get through it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.benchmarks.session import free_port

PIECE = 4096


class Line:
    """Bytes from the server share `bits` a second and come half the round trip late; those to it only come late, and so does a connection."""

    def __init__(self, server: int, bits: float, round_trip: float) -> None:
        self.server, self.bits, self.late = server, bits, round_trip / 2
        self.free = 0.0  # when the line has sent all that was given to it, on the loop's clock
        self.carried = 0  # bytes from the server

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self.late)
        there, back = await asyncio.open_connection("127.0.0.1", self.server)
        await asyncio.gather(self.carry(reader, back, counted=False), self.carry(there, writer, counted=True))

    async def carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool) -> None:
        loop, under_way = asyncio.get_running_loop(), asyncio.Queue(16)  # a window of 64 KB: who sends waits for the line

        async def deliver() -> None:
            while (piece := await under_way.get()) is not None:
                due, sent = piece
                await asyncio.sleep(due - loop.time())
                try:
                    sink.write(sent)
                    await sink.drain()
                except OSError:
                    return
            sink.close()

        delivering = asyncio.create_task(deliver())
        try:
            while sent := await source.read(PIECE):
                due = loop.time()
                if counted:
                    self.free = due = max(due, self.free) + 8 * len(sent) / self.bits
                    self.carried += len(sent)
                await under_way.put((due + self.late, sent))
        except OSError:
            pass
        await under_way.put(None)
        await delivering


@contextmanager
def slow_line(server: int, bits: float = 1.6e6, round_trip: float = 0.15) -> Iterator[tuple[str, Line]]:
    """Address of a way to the server at that port through a slow line, and the line."""
    port, line, loop = free_port(), Line(server, bits, round_trip), asyncio.new_event_loop()
    listening = threading.Event()

    async def serve() -> None:
        async with await asyncio.start_server(line.connect, "127.0.0.1", port):
            listening.set()
            await asyncio.Event().wait()

    def run() -> None:
        task = loop.create_task(serve())
        ended.append(task)
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    ended: list[asyncio.Task] = []
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    listening.wait(30)
    try:
        yield f"http://localhost:{port}/", line
    finally:
        loop.call_soon_threadsafe(ended[0].cancel)
        thread.join(10)
