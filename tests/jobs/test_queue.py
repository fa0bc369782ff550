"""The background worker: one run for identical requests, dropped when nobody waits, alive after a failure."""

from __future__ import annotations

import threading
import time

from lsviz.jobs.queue import MOST_KEPT, Jobs


def until(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def held() -> tuple[threading.Event, callable]:
    """Work that reports, then waits for the event and reports again before it is done."""
    go = threading.Event()

    def work(tell):
        tell("first", 0.25, "partial")
        go.wait(10)
        tell("second", 0.5, None)
        return "whole"

    return go, work


def test_identical_requests_run_once_and_both_sessions_get_the_result():
    jobs, (go, work), ran = Jobs(), held(), []
    counted = lambda tell: ran.append(1) or work(tell)
    first, second = jobs.ask("a", "s1", counted), jobs.ask("a", "s2", counted)
    until(lambda: first.result == "partial")
    assert first is second and first.stage == "first" and first.share == 0.25
    go.set()
    until(lambda: first.state == "done")
    assert first.result == "whole" and len(ran) == 1 and jobs.ask("a", "s3", counted) is first and len(ran) == 1


def test_a_job_stops_when_the_last_one_leaves_and_can_be_asked_for_again():
    jobs, (go, work) = Jobs(), held()
    job = jobs.ask("a", "s1", work)
    jobs.ask("a", "s2", work)
    until(lambda: job.state == "running")
    jobs.leave("a", "s1")
    jobs.leave("a", "s2")
    go.set()
    until(lambda: job.state == "cancelled")
    assert job.result is None
    again = jobs.ask("a", "s1", work)
    until(lambda: again.state == "done")


def test_one_who_stays_keeps_it_running():
    jobs, (go, work) = Jobs(), held()
    job = jobs.ask("a", "s1", work)
    jobs.ask("a", "s2", work)
    jobs.leave("a", "s1")
    go.set()
    until(lambda: job.state == "done")


def test_a_closed_session_stops_its_job():
    there = {"s1"}
    jobs, (go, work) = Jobs(there.__contains__), held()
    job = jobs.ask("a", "s1", work)
    until(lambda: job.result == "partial")
    there.clear()
    go.set()
    until(lambda: job.state == "cancelled")


def test_a_closed_browser_tab_stops_its_job():
    """A real server and two real sessions: one asks for endless work and leaves, the other sees it end."""
    from tests.benchmarks.session import Visitor, running_app

    with running_app("tests/jobs/job_app.py") as (port, _, _process):
        asks, watches = Visitor(port), Visitor(port)
        asks.rerun(page="", query="ask=1")
        until(lambda: watches.rerun(page="") and "running" in watches.buttons, 20)
        asks.close()
        until(lambda: watches.rerun() and "cancelled" in watches.buttons, 20)
        watches.close()


def test_waiting_jobs_know_their_place_and_are_dropped_without_running():
    jobs, (go, work), ran = Jobs(), held(), []
    running = jobs.ask("a", "s1", work)
    until(lambda: running.state == "running")
    waiting = [jobs.ask(key, "s1", lambda tell: ran.append(1)) for key in "bc"]
    assert [jobs.ahead_of(job) for job in (running, *waiting)] == [0, 1, 2]
    jobs.leave("b", "s1")
    assert waiting[0].state == "cancelled" and jobs.ahead_of(waiting[1]) == 1
    go.set()
    until(lambda: waiting[1].state == "done")
    assert len(ran) == 1


def test_a_failure_is_kept_and_the_worker_lives_on():
    jobs = Jobs()
    job = jobs.ask("a", "s1", lambda tell: 1 / 0)
    until(lambda: job.state == "failed")
    assert isinstance(job.error, ZeroDivisionError)
    after = jobs.ask("b", "s1", lambda tell: 2)
    until(lambda: after.result == 2)


def test_finished_jobs_are_bounded():
    jobs = Jobs()
    for i in range(MOST_KEPT + 10):
        job = jobs.ask(str(i), "s", lambda tell: 1)
        until(lambda: job.state == "done")
    jobs.ask("last", "s", lambda tell: 1)
    assert jobs.find("0") is None and jobs.find("last") is not None and len(jobs._jobs) <= MOST_KEPT + 1
