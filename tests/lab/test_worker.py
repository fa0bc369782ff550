"""The training process: same results as here, cancelled at any moment, gone when it dies."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.jobs.queue import Cancelled
from lsviz.lab.config import LabConfig
from lsviz.lab.run import train
from lsviz.lab.worker import Worker

QUICK = LabConfig(num_classes=4, examples=80, width=16, epochs=6, batch=20, alphas=(0, 0.1, 0.5))
quiet = lambda stage, share, best: None


@pytest.fixture(scope="module")
def worker():
    made = Worker()
    yield made
    made.close()


def test_it_trains_what_is_trained_here(worker):
    told = []
    there = worker.train(QUICK, None, lambda *said: told.append(said))
    np.testing.assert_array_equal(there.test_logits, train(QUICK).test_logits)
    assert {stage for stage, _, _ in told} >= {"import", "train"} and any(best is not None for _, _, best in told)


def test_a_mistake_arrives_as_its_sentence_and_the_process_lives_on(worker):
    with pytest.raises(LsvizError, match="times larger"):
        worker.train(LabConfig(width=512, depth=6, epochs=400), None, quiet)
    process = worker._process
    assert worker.train(QUICK, None, quiet).done and worker._process is process


@pytest.mark.parametrize("calls", [1, 12])  # while it imports, while it trains
def test_cancelled_at_any_moment_it_is_ready_again(worker, calls):
    left = [calls]

    def tell(stage, share, best):
        left[0] -= 1
        if left[0] == 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        worker.train(replace(QUICK, epochs=400, width=256, examples=1000), None, tell)
    assert worker.train(QUICK, None, quiet).done


def test_a_process_that_dies_is_named_and_replaced(worker):
    def tell(stage, share, best):
        if stage == "train":
            worker._process.kill()

    with pytest.raises(LsvizError, match="ended before"):
        worker.train(replace(QUICK, epochs=400, width=256, examples=1000), None, tell)
    assert worker.train(QUICK, None, quiet).done


def test_a_process_that_never_answers_is_named(monkeypatch):
    worker = Worker()
    with monkeypatch.context() as broken:
        broken.setattr("lsviz.lab.worker.sys.executable", shutil.which("false"))
        with pytest.raises(LsvizError, match="ended before"):
            worker.train(QUICK, None, quiet)
    assert worker.train(QUICK, None, quiet).done
    worker.close()


def test_closing_ends_the_process():
    worker = Worker()
    worker.train(QUICK, None, quiet)
    process = worker._process
    worker.close()
    assert process.poll() is not None
    began = time.monotonic()
    worker.close()  # twice is fine
    assert time.monotonic() - began < 1


def test_a_trial_is_answered_there_as_here(worker):
    from lsviz.lab.trials.many_samples import SamplesTrial

    trial = SamplesTrial(sizes=(30,), seeds=2, epochs=2, alphas=(0.0, 0.1))
    assert worker.answer(trial, quiet).brier == trial.run(quiet).brier
