"""The same class where a host forwards Streamlit's own addresses alone: a phone is a session of the app that asks every few seconds."""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import threading
import time

from websockets.exceptions import WebSocketException

from lsviz.jobs.memory import used_mb
from tests.benchmarks.session import Visitor, free_port, launch
from tests.load.classroom import ANSWER_S, ARRIVE_S, LECTURE, STEP_S, THINK_S, Told, _cpu_seconds, report
from tests.load.students import Log, Student

PACE_S = 5.0  # as guest.js


class Asking(threading.Thread):
    def __init__(self, number: int, port: int, code: str, told: Told, end: float) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.code, self.told, self.end = number, port, code, told, end
        self.random = random.Random(number)
        self.device = f"{self.random.getrandbits(128):032x}"

    def run(self) -> None:
        time.sleep(self.random.uniform(0, ARRIVE_S))
        try:
            self.attend()
        except (OSError, WebSocketException, TimeoutError) as error:
            self.told.errors.append(f"phone: {type(error).__name__} {error}")

    def attend(self) -> None:
        began = time.monotonic()
        visitor = Visitor(self.port)
        visitor.rerun(page="", query=f"join={self.code}")
        step, answers_at = 0, float("inf")
        while (now := time.monotonic()) < self.end:
            looks_at = now + PACE_S
            answer = visitor.ask({"ask": "look", "code": self.code, "device": self.device})
            if "told" not in answer:
                self.told.errors.append(f"look {answer}")
                return
            if (found := answer["told"]["step"]) > step:
                heard = time.monotonic()
                if step == 0:
                    self.told.first.append(heard - began)
                elif found in self.told.turned:
                    self.told.seen.append(heard - self.told.turned[found])
                step, answers_at = found, heard + self.random.uniform(0, ANSWER_S - 1)
            if answers_at < looks_at:
                time.sleep(max(0.0, answers_at - time.monotonic()))
                self.vote(visitor, step)
                answers_at = float("inf")
                continue  # the page looks again when it has voted
            time.sleep(max(0.0, min(looks_at, self.end) - time.monotonic()))
        visitor.close()

    def vote(self, visitor: Visitor, step: int) -> None:
        choice, began = self.random.randint(1, 4), time.monotonic()
        answer = visitor.ask({"ask": "vote", "code": self.code, "device": self.device, "step": step, "round": 1, "answer": choice})
        if answer.get("refused"):
            self.told.errors.append(f"vote {answer}")
            return
        self.told.counted.append(time.monotonic() - began)
        self.told.votes[self.number, step] = choice


def run(asked: argparse.Namespace) -> int:
    """`--class N --asking`: prints the figures; 0 where no vote was lost and nothing went wrong."""
    told, log, port = Told(), Log(), free_port()
    server = launch(port, asked.script, env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
    try:
        lecturer = Visitor(port)
        lecturer.rerun(page="", query="join=")
        opened = lecturer.ask({"ask": "open", "scene": LECTURE, "language": "en", "step": 1})
        room = {name: opened[name] for name in ("code", "secret")}
        end = time.monotonic() + 60 * asked.minutes
        people = [Asking(number, port, room["code"], told, end) for number in range(asked.class_)]
        people += [Student(number, port, log, end, THINK_S) for number in range(asked.players)]
        for one in people:
            one.start()
        most, step, turns_at = 0.0, 1, time.monotonic() + ARRIVE_S + 2 + STEP_S
        while time.monotonic() < end:
            time.sleep(0.5)
            most = max(most, used_mb(server.pid))
            if turns_at < time.monotonic() < end - STEP_S:
                step, turns_at = step + 1, turns_at + STEP_S
                told.turned[step] = time.monotonic()
                answer = lecturer.ask({"ask": "say", "act": "step", "step": step, **room})
                told.errors += [f"step {answer}"] if answer.get("refused") else []
        for one in people:
            one.join(90)
        used = _cpu_seconds(server.pid)
        table = lecturer.ask({"ask": "votes.csv", **room})["text"]
    finally:
        server.terminate()
        server.wait(10)
    counted = sum(int(row["count"]) for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    print(f"{asked.class_} phones that ask, {asked.players} play with figures, {asked.minutes:g} min, {len(told.turned)} steps turned, "
          f"{len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f}, {used:.0f} CPU seconds")  # fmt: skip
    return report(told, log, len(told.votes) - counted, most)
