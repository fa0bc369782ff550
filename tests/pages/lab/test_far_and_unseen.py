"""Far and unseen in the Lab: the sentences say what the networks said, and which way an interval lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lsviz.jobs import queue
from lsviz.lab.trials.far_and_unseen import DISTANCES, UnseenTrial
from lsviz.pages.lab import far_and_unseen_live
from tests.pages.test_every_page import said
from tests.pages.test_live_evidence import pressed
from tests.reading import mounted, opened


def test_a_press_in_the_fold_trains_them_and_words_go_by_the_numbers(monkeypatch):
    small = UnseenTrial(seeds=2, examples=60, epochs=2, alphas=(0.0, 0.1, 0.5))
    monkeypatch.setattr(far_and_unseen_live, "TRIAL", small)
    app = opened("lab", alpha="0.5")
    pressed(app, "unseen", "lab_unseen")
    found = queue.shared().find(small.key).result
    assert f"{100 * found.sure[2, -1]:.1f} %" in said(app) and f"**{found.auroc['probability'][2]:.3f}**" in said(app)
    assert len(mounted(app)["lab_far"]["frames"]["stops"]) == 3

    cap = 1 - 0.5 + 0.5 / 8
    rising = np.where(np.array(DISTANCES) >= 5, cap + 0.01, cap - 0.01)
    of = lambda row: far_and_unseen_live._far(replace(found, sure=np.stack([row, row, row])), 0.5)
    assert "from 5 times" in of(rising) and "stay below" in of(np.full(len(DISTANCES), cap))
    words = [(0.1, 0.01, 0.2), (-0.1, -0.2, -0.01), (0.1, 0.0, 0.2)]
    against = {score: (None, None, each) for score, each in zip(("probability", "logit", "norm"), words)}
    told = far_and_unseen_live._apart(replace(found, against_hard=against), 0.5)
    assert [told.count(word) for word in ("better", "worse", "not told apart")] == [1, 1, 1]
    assert told.index("better") < told.index("worse") < told.index("not told apart")
