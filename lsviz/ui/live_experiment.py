"""A live experiment on a page: a button until somebody has asked, a bar while it trains, then its result for everybody who comes."""

from __future__ import annotations

from typing import TypeVar, overload

import streamlit as st

from lsviz.jobs import queue, training
from lsviz.lab.config import LabConfig
from lsviz.lab.run import LabRun
from lsviz.lab.trials.trial import Trial
from lsviz.texts.catalogue import t
from lsviz.ui import controls, progress

Answer = TypeVar("Answer")


@overload
def result(asked: Trial[Answer], key: str, label: str) -> Answer | None: ...
@overload
def result(asked: LabConfig, key: str, label: str) -> LabRun | None: ...
def result(asked: Trial | LabConfig, key: str, label: str) -> object | None:
    """What `asked` came to, None until it is there. `key` names the widget, `label` says what the button trains."""
    job = queue.shared().find(asked.key)
    if job is not None and job.state == "done":
        return job.result
    if job is not None and job.open and queue.this_session() in job.sessions:
        progress.follow(job, progress.progress)
        return None
    if job is not None and job.state == "failed":
        progress.progress(job)  # says why
    if controls.offers("controls"):
        st.button(label, key=f"train_{key}", icon=":material/play_arrow:", on_click=_ask, args=(asked,))
    else:
        st.caption(t("trial.none"))
    return None


def _ask(asked: Trial | LabConfig) -> None:
    train = (
        (lambda trial, tell: training.ready().answer(trial, tell))
        if isinstance(asked, Trial)
        else (lambda config, tell: training.train(config, None, tell))
    )
    queue.shared().ask(asked.key, queue.this_session(), lambda tell: train(asked, tell))
