"""A class in one room: phones that hear the lecturer's steps and answer them, on real connections, against one server or two with Redis."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import csv
import io
import json
import os
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from lsviz.jobs.memory import used_mb
from lsviz.lectures import packed
from tests.benchmarks.session import free_port, launch
from tests.classroom.redis_server import redis_server
from tests.load.students import Log, Student

STEP_S, ANSWER_S, ARRIVE_S = 20.0, 10.0, 10.0  # a step every so often, all answer within, all come within
THINK_S = 10.0  # of those who play with the figure
RETRY_S = (1.0, 3.0)  # a phone's way back, as the browser's
STEP = '[[step]]\npage = "loss"\nsay = "S"\nask = "Which of these four, with a question of usual length?"\nchoices = ["One of the choices", "Another of the choices", "A third one", "None"]\nanswer = 2\n'
LECTURE = packed('schema = 1\ntitle = "Load"\n' + 60 * STEP)
NUMBERS = re.compile(rb'"step": (\d+).*?"round": (\d+)', re.DOTALL)


@dataclass
class Told:
    """What the class went through; times in seconds."""

    turned: dict[int, float] = field(default_factory=dict)  # when the lecturer turned to a step
    seen: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    votes: dict[tuple[int, int], int] = field(default_factory=dict)  # (phone, step) -> what was counted
    forgotten: int = 0  # votes that a phone which came back was not told of
    errors: list[str] = field(default_factory=list)


async def request(port: int, method: str, path: str, said: object = None, **headers: str) -> tuple[int, bytes]:
    """One HTTP request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = b"" if said is None else json.dumps(said).encode()
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}", "Content-Type: application/json"]  # fmt: skip
        head += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        answer = await reader.read()
        top, _, rest = answer.partition(b"\r\n\r\n")
        return int(top.split(b" ", 2)[1]), rest
    finally:
        writer.close()


class Phone:
    def __init__(self, number: int, ports: list[int], code: str, told: Told, end: float) -> None:
        self.number, self.ports, self.code, self.told, self.end = number, ports, code, told, end
        self.port = ports[number % len(ports)]
        self.random = random.Random(number)
        self.device = f"{self.random.getrandbits(128):032x}"
        self.step = 0
        self.lost_at = 0.0
        self.answering: set[asyncio.Task] = set()

    async def live(self) -> None:
        await asyncio.sleep(self.random.uniform(0, ARRIVE_S))
        while time.monotonic() < self.end:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self.listen()
            if time.monotonic() < self.end:
                self.lost_at = self.lost_at or time.monotonic()
                self.port = self.ports[(self.ports.index(self.port) + 1) % len(self.ports)]
                await asyncio.sleep(self.random.uniform(*RETRY_S))
        await asyncio.gather(*self.answering)

    async def listen(self) -> None:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**17)
        try:
            writer.write(f"GET /room/{self.code}/events?device={self.device} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            status = await reader.readline()
            if b" 200 " not in status:
                self.told.errors.append(status.decode().strip())
                raise OSError
            while time.monotonic() < self.end:
                try:
                    async with asyncio.timeout(max(0.1, self.end - time.monotonic())):
                        line = await reader.readuntil(b"\n")
                except TimeoutError:
                    return
                if line.startswith(b'data: {"word"'):
                    mine = json.loads(line[6:])["votes"]
                    self.told.forgotten += sum(
                        1 for (phone, step), _ in self.told.votes.items() if phone == self.number and str(step) not in mine
                    )
                    (self.told.back if self.lost_at else self.told.first).append(time.monotonic() - (self.lost_at or began))
                    self.lost_at = 0.0
                elif line.startswith(b"data: "):
                    self.hear(line)
        finally:
            writer.close()

    def hear(self, line: bytes) -> None:
        found = NUMBERS.search(line)
        step = int(found[1]) if found else 0
        if step <= self.step:
            return
        if self.step and step in self.told.turned:
            self.told.seen.append(time.monotonic() - self.told.turned[step])
        self.step = step
        task = asyncio.create_task(self.answer(step, 1))
        self.answering.add(task)
        task.add_done_callback(self.answering.discard)

    async def answer(self, step: int, round_: int) -> None:
        """One vote, sent until it is answered, as the page does."""
        await asyncio.sleep(self.random.uniform(0, ANSWER_S - 1))
        choice, began = self.random.randint(1, 4), time.monotonic()
        while True:
            try:
                status, body = await request(
                    self.port,
                    "POST",
                    f"/room/{self.code}/vote",
                    {"device": self.device, "step": step, "round": round_, "answer": choice},
                )
            except (OSError, IndexError, ValueError):
                status, body = 599, b""
            if status == 200:
                self.told.counted.append(time.monotonic() - began)
                self.told.votes[self.number, step] = choice
                return
            if status < 500 and status not in (403, 429):
                self.told.errors.append(f"vote {status} {body[:60]!r}")
                return
            if time.monotonic() > self.end:
                return
            await asyncio.sleep(self.random.uniform(*RETRY_S))


async def lecture(ports: list[int], code: str, secret: str, told: Told, end: float) -> None:
    await asyncio.sleep(ARRIVE_S + 2)
    step = 1
    while time.monotonic() + STEP_S < end:
        await asyncio.sleep(STEP_S)
        step += 1
        told.turned[step] = time.monotonic()
        for port in (*ports, *ports):
            try:
                status, body = await request(
                    port, "POST", f"/room/{code}/say", {"act": "step", "step": step}, Authorization=f"Bearer {secret}"
                )
            except (OSError, IndexError):
                continue
            if status != 200:
                told.errors.append(f"step {status} {body!r}")
            break


async def attend(asked: argparse.Namespace, ports: list[int], servers: dict, told: Told) -> tuple[float, int]:
    """The whole hour; the most memory of a server in MB, and votes in the table at the end."""
    status, body = await request(ports[0], "POST", "/room", {"scene": LECTURE, "language": "en", "step": 1})
    assert status == 201, body
    code, secret = (json.loads(body)[name] for name in ("code", "secret"))
    began = time.monotonic()
    end = began + 60 * asked.minutes
    phones = [Phone(number, ports, code, told, end) for number in range(asked.class_)]
    tasks = [asyncio.create_task(phone.live()) for phone in phones] + [asyncio.create_task(lecture(ports, code, secret, told, end))]
    most, harmed = 0.0, False
    while time.monotonic() < end:
        await asyncio.sleep(1)
        alive = [server for server in servers.values() if server.poll() is None]
        for server in alive:
            most = max(most, await asyncio.to_thread(used_mb, server.pid))
        if asked.fault == "kill" and not harmed and time.monotonic() - began > 30 * asked.minutes:
            servers[ports[0]].kill()
            harmed = True
    await asyncio.gather(*tasks)
    _, table = await request(ports[-1], "GET", f"/room/{code}/votes.csv", Authorization=f"Bearer {secret}")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    return most, sum(int(row["count"]) for row in rows)


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def run(asked: argparse.Namespace) -> int:
    """`--class N`: prints the figures; 0 where no vote was lost and nothing went wrong."""
    told, log = Told(), Log()
    replicas = 2 if asked.fault == "kill" else asked.replicas
    with redis_server() if replicas > 1 else contextlib.nullcontext() as url:
        ports = [free_port() for _ in range(replicas)]
        env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LSVIZ_REDIS": url or ""}
        servers = {port: launch(port, asked.script, env=env) for port in ports}
        try:
            end = time.monotonic() + 60 * asked.minutes
            players = [Student(number, ports[-1], log, end, THINK_S) for number in range(asked.players)]
            for player in players:
                player.start()
            most, counted = asyncio.run(attend(asked, ports, servers, told))
            for player in players:
                player.join(90)
            used = sum(_cpu_seconds(server.pid) for server in servers.values() if server.poll() is None)
        finally:
            for server in servers.values():
                server.terminate()
                server.wait(10)
    lost = len(told.votes) - counted
    print(f"{asked.class_} phones, {asked.players} play with figures, {replicas} server(s), {asked.minutes:g} min, {len(told.turned)} steps turned, "
          f"fault: {asked.fault or 'none'}, {len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{used:.0f} CPU seconds")
    return report(told, log, lost, most)


def report(told: Told, log: Log, lost: int, most: float) -> int:
    """The table of times; 0 where all went well. `most` is a server's memory in MB."""
    print("| what | how many | p50 s | p95 s | worst s |\n|---|---|---|---|---|")
    for what, times in (
        ("came in", told.first),
        ("step seen", told.seen),
        ("vote counted", told.counted),
        ("back after the fault", told.back),
    ):
        if times:
            print(f"| {what} | {len(times)} | {quantile(times, 0.5):.3f} | {quantile(times, 0.95):.3f} | {max(times):.3f} |")
    print(f"{lost} votes lost of {len(told.votes)}, {told.forgotten} forgotten; memory (PSS) of a server at most {most:.0f} MB")
    errors = [*told.errors, *log.errors]
    print(f"{len(errors)} errors", *sorted(set(errors))[:5], sep="\n  ")
    return 1 if errors or lost or told.forgotten else 0


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
