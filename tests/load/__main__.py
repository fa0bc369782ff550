"""A class on one server: `python -m tests.load --sessions 40 --minutes 3`. Prints times, errors, memory, bytes; can harm the server halfway.

Real websocket sessions against a real server on this machine, students and server on the same cores. Memory is the proportional set
size of the server and its children (Linux). Faults: `kill` ends the server halfway and starts it again, `checkpoint` removes a network
for a quarter of the time, `disk` lets the server write no byte to any file, from the start.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from lsviz.jobs.memory import used_mb
from tests.benchmarks.session import ROOT, free_port, launch
from tests.load import asking, classroom
from tests.load.students import WORK, Log, Student

FAULTS = ("kill", "checkpoint", "disk")


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--think", type=float, default=4, help="mean seconds between two doings of a student")
    parser.add_argument("--busy", type=int, default=2, help="how many of them keep the background worker busy")
    parser.add_argument("--work", choices=WORK, default="lab", help="with what")
    parser.add_argument(
        "--ramp", type=counts, metavar="10,20,40", help="more and more people instead, so many minutes each: the capacity"
    )
    parser.add_argument("--fault", choices=FAULTS)
    parser.add_argument("--script", default="app.py", help="the entry point, .cloud/app.py for that of Community Cloud")
    parser.add_argument(
        "--class", dest="class_", type=int, default=0, metavar="PHONES", help="a room with so many phones instead, see classroom.py"
    )
    parser.add_argument("--asking", action="store_true", help="its phones ask through Streamlit's pages, see asking.py")
    parser.add_argument("--players", type=int, default=40, help="sessions that play with the figures beside the phones")
    parser.add_argument(
        "--replicas", type=int, default=1, choices=(1, 2), help="servers of the room; two share it by a redis-server on loopback"
    )
    return parser.parse_args()


def counts(text: str) -> tuple[int, ...]:
    """Rising numbers of people."""
    made = tuple(int(part) for part in text.split(","))
    if not all(0 < before < after for before, after in zip(made, made[1:])) or made[0] < 1:
        raise argparse.ArgumentTypeError("give rising whole numbers, as 10,20,40")
    return made


def capacity(steps: Sequence[tuple[int, float]], most: float = 1.0) -> float:
    """The number of people at which p95 (seconds) passes `most`, between two steps on a straight line; inf where it never does.

    `steps`: (people, p95), rising.
    """
    before, least = 0, 0.0
    for people, p95 in steps:
        if p95 > most:
            return before + (people - before) * (most - least) / (p95 - least)
        before, least = people, p95
    return float("inf")


def ramp(asked: argparse.Namespace, env: dict[str, str]) -> int:
    """One server, more and more people; a line each for so many."""
    port, log = free_port(), Log()
    server = launch(port, asked.script, env=env)
    began, seconds, students = time.monotonic(), 60 * asked.minutes, []
    steps = []
    print(f"{asked.minutes:g} min each, {asked.think:g} s between doings, {len(os.sched_getaffinity(0))} cores")
    print("| people | answers/s | p50 s | p95 s | KB/s | memory MB | load average |\n|---|---|---|---|---|---|---|")
    for step, people in enumerate(asked.ramp, 1):
        students += [
            Student(i, port, log, began + seconds * len(asked.ramp), asked.think, asked.work if i < asked.busy else "")
            for i in range(len(students), people)
        ]
        for student in students:
            if not student.ident:
                student.start()
        time.sleep(min(2 * asked.think, seconds / 2))  # the new ones arrive
        log.take()
        since = time.monotonic()
        time.sleep(max(0, began + step * seconds - since))
        answers, passed = log.take(), time.monotonic() - since
        times = [took for _, took, _ in answers]
        steps.append((people, quantile(times, 0.95)))
        print(f"| {people} | {len(times) / passed:.1f} | {quantile(times, .5):.3f} | {quantile(times, .95):.3f} "
              f"| {sum(size for _, _, size in answers) / passed / 1e3:.0f} | {used_mb(server.pid):.0f} | {os.getloadavg()[0]:.1f} |", flush=True)  # fmt: skip
    for student in students:
        student.join(90)
    server.terminate()
    server.wait(10)
    print(f"p95 passes 1 s at {capacity(steps):.0f} people; {len(log.errors)} errors", *sorted(set(log.errors))[:5], sep="\n  ")
    return 1 if log.errors else 0


def main() -> int:
    asked = arguments()
    if asked.class_:
        return (asking if asked.asking else classroom).run(asked)
    with tempfile.TemporaryDirectory() as scratch:
        env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        networks = Path(scratch) / "checkpoints"
        if asked.fault == "checkpoint":
            shutil.copytree(ROOT / "checkpoints", networks)
            env["LSVIZ_CHECKPOINTS"] = str(networks)
        if asked.ramp:
            return ramp(asked, env)
        no_writing = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))) if asked.fault == "disk" else None
        port = free_port()
        start = lambda: launch(port, asked.script, env=env, preexec_fn=no_writing)
        server = start()
        idle = used_mb(server.pid)
        log, seconds = Log(), 60 * asked.minutes
        began = time.monotonic()
        students = [
            Student(i, port, log, began + seconds, asked.think, work=asked.work if i < asked.busy else "")
            for i in range(asked.sessions)
        ]
        for student in students:
            student.start()
        peak, harmed, mended = idle, False, False
        victim = next(iter(sorted(networks.glob("n010*.safetensors"))), None)
        while (passed := time.monotonic() - began) < seconds:
            time.sleep(1)
            if asked.fault == "kill" and not harmed and passed > seconds / 2:
                server.kill()
                server.wait()
                time.sleep(2)
                server = start()
                harmed = True
            if asked.fault == "checkpoint" and not harmed and passed > seconds / 2:
                victim.rename(Path(scratch) / victim.name)
                harmed = True
            if asked.fault == "checkpoint" and harmed and not mended and passed > 0.75 * seconds:
                (Path(scratch) / victim.name).rename(victim)
                mended = True
            peak = max(peak, used_mb(server.pid))
        for student in students:
            student.join(90)
        report(asked, log, idle, peak, used_mb(server.pid))
        server.terminate()
        server.wait(10)
    return 1 if log.errors or any(not same for _, same in log.returns) else 0


def report(asked: argparse.Namespace, log: Log, idle: float, peak: float, end: float) -> None:
    cores = len(os.sched_getaffinity(0))
    print(f"{asked.sessions} sessions, {asked.minutes:g} min, {asked.think:g} s between doings, {asked.busy} at work ({asked.work}), fault: {asked.fault or 'none'}, "
          f"{asked.script}, {cores} cores, load average {os.getloadavg()[0]:.1f}")  # fmt: skip
    print("| asked | answers | p50 s | p95 s | p99 s | worst s | KB, median | KB, most |\n|---|---|---|---|---|---|---|---|")
    kinds: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for what, seconds, received in log.answers:
        for name in (what, "all but the first" if what != "open" else ""):
            kinds[name].append((seconds, received))
    kinds.pop("", None)
    for what, answers in sorted(kinds.items()):
        times, sizes = [s for s, _ in answers], [b / 1e3 for _, b in answers]
        print(f"| {what} | {len(times)} | {quantile(times, .5):.3f} | {quantile(times, .95):.3f} | {quantile(times, .99):.3f} | {max(times):.3f} "
              f"| {quantile(sizes, .5):.1f} | {max(sizes):.0f} |")  # fmt: skip
    print(
        f"memory (PSS): idle {idle:.0f} MB, most {peak:.0f} MB, at the end {end:.0f} MB; {sum(b for _, _, b in log.answers) / 1e6:.1f} MB sent"
    )
    print(f"{log.quiet} releases of alpha were the browser's alone, of {log.quiet + len(kinds.get('alpha', []))}")
    if log.works:
        print(
            f"{len(log.works)} times the background work was finished, median {quantile(log.works, 0.5):.1f} s after the press, worst {max(log.works):.1f} s"
        )
    if log.returns:
        times = [seconds for seconds, _ in log.returns]
        same = sum(same for _, same in log.returns)
        print(
            f"{len(times)} sessions lost their server; {same} came back in the same state, median {quantile(times, 0.5):.1f} s, worst {max(times):.1f} s"
        )
    print(f"{len(log.errors)} errors", *sorted(set(log.errors))[:5], sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
