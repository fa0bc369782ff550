"""The maps hold the means, on one scale; the title says the share."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lsviz.core.smoothing.wrong_classes import darkest
from lsviz.pages.labels.likeness_figure import Likeness, likeness_figure
from lsviz.texts.catalogue import words

WORDS = words("bias")
HARD = np.array([[np.nan, 0.8, 0.2], [0.7, np.nan, 0.3], [0.5, 0.5, np.nan]])
NETWORKS = {
    0.0: Likeness(HARD, 0.58, 0.15, 0.2),
    0.1: Likeness(np.where(np.isnan(HARD), HARD, 0.5), 0.29, 0.15, 0.8, (-0.3, -0.32, -0.28)),
}


@pytest.mark.parametrize("pinned", [True, False])
def test_maps_share_their_scale_and_only_one_moves(pinned):
    live = likeness_figure(NETWORKS, ("a", "b<", "c"), WORDS, top=darkest(HARD), pinned=pinned)
    (trace,) = live.at(0.1).data
    assert trace.zmax == pytest.approx(np.nanquantile(HARD, 0.995)) and trace.zmin == 0
    assert trace.z[0][0] is None and trace.z[0][1] == (0.8 if pinned else 0.5)
    assert "58 %" in live.alt[0] and "15 %" in live.alt[0]
    assert (live.frames is None) == pinned and (pinned or "29 %" in live.alt[1])
    assert "b&lt;" in json.dumps(live.payload()["figure"]) or "b\\u0026lt;" in live.payload()["figure"]
