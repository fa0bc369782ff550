"""The reader's own UMAP: what the job reports, what it returns, and that every setting makes another job."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from lsviz.core import cluster_map, projection
from lsviz.jobs.queue import Cancelled
from lsviz.pages.embeddings.umap_live import Asked, lay_out, rows_of
from lsviz.zoo import networks, pictures
from tests.pages.embeddings.test_page import opened
from tests.reading import mounted

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def asked() -> Asked:
    return of_two_networks()


def of_two_networks() -> Asked:
    hard, soft = (run for run in pictures.gallery_runs(10) if run.config.alpha in (0.0, 0.1))
    return Asked(((hard.id, 7), (soft.id, 7)), (hard.sha256, soft.sha256), "test", 240, 10, 0.2, 1.0, "euclidean", 2)


def test_a_layout_is_watched_from_its_start_and_ends_as_cores_own(asked):
    told = []
    panels = lay_out(asked, lambda stage, share, best: told.append((stage, share, best)))
    assert [stage for stage, _ in itertools.groupby(told, key=lambda one: one[0])] == ["neighbours", "settle", "worth"]
    shares = [share for _, share, _ in told]
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] < 1
    run, seed = asked.panels[0]
    x = pictures.features(networks.arrays(run), "test")[rows_of(asked)]
    assert len(x) == 240
    heard = []
    alone = projection.umap_layout(x, 10, 0.2, seed, tell=lambda share, layout: heard.append(layout.copy()))
    np.testing.assert_array_equal(panels[0].layout, alone)
    assert len(panels[0].frames) == len(heard) + 1 == 51, "the start, every tenth epoch, the end"
    for (frame, unit), layout in zip(panels[0].frames[1:], [*heard[1:], alone], strict=True):
        shown = np.frombuffer(frame, "<i2").reshape(-1, 2) * unit
        np.testing.assert_allclose(shown, layout - layout.mean(axis=0), atol=unit)
    kept = dict(panels[0].kept)
    assert kept["trust"] == pytest.approx(projection.trustworthiness(x, panels[0].layout)) and 0.5 < kept["kept"] + kept["knn"] < 2
    found = cluster_map.neighbourhoods(x, panels[0].layout)
    np.testing.assert_array_equal(np.frombuffer(panels[0].near, "<u2", 5 * 240).reshape(240, 5), found.nearest)
    np.testing.assert_array_equal(np.frombuffer(panels[0].near, np.uint8, 240, 10 * 240), found.kept)


def test_another_distance_goes_on_from_where_it_lies(asked):
    one = replace(asked, panels=asked.panels[:1])
    before = lay_out(one, lambda *said: None)
    after = lay_out(replace(one, neighbors=20, start="x"), lambda *said: None, (before[0].layout,))
    assert after[0].frames[0] == before[0].frames[-1]
    alike = projection.procrustes(after[0].layout, before[0].layout)[1]
    anew = projection.procrustes(lay_out(replace(one, neighbors=20), lambda *said: None)[0].layout, before[0].layout)[1]
    assert alike > max(0.9, anew)


def test_a_cancelled_layout_stops_in_the_middle_and_lets_the_next_one_in(asked):
    heard = []

    def tell(stage, share, best):
        heard.append(stage)
        if heard.count("settle") == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        lay_out(asked, tell)
    assert heard[-1] == "settle" and len(lay_out(replace(asked, panels=asked.panels[:1]), lambda *said: None)) == 1


THREADS = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import numpy as np, umap
from dataclasses import replace
from lsviz.core import cluster_map, projection
from lsviz.jobs.queue import Jobs
from lsviz.pages.embeddings.umap_live import lay_out
from tests.pages.embeddings.test_umap_live import of_two_networks
asked = of_two_networks()
queues, wanted = [Jobs(), Jobs()], [asked, replace(asked, neighbors=12, split="train")]  # two workers: a queue alone would have one
found = [queue.ask(one.key, "session", lambda tell, one=one: lay_out(one, tell)) for queue, one in zip(queues, wanted)]
loose = [threading.Thread(target=projection.umap_layout, args=(np.random.default_rng(i).normal(size=(300, 8)),)) for i in range(2)]
for thread in loose: thread.start()
for thread in loose: thread.join()
for queue in queues: queue._worker.shutdown(wait=True)
assert [job.state for job in found] == ["done", "done"], [(job.state, job.error) for job in found]
for one, job in zip(wanted, found):
    for again, panel in zip(lay_out(one, lambda *said: None), job.result):
        np.testing.assert_array_equal(again.layout, panel.layout)
print("alive")
"""


def test_sessions_that_lay_out_at_once_never_end_the_process():
    """In a process of its own: numba's threading layer ends it, without an exception, when two threads enter."""
    done = subprocess.run([sys.executable, "-c", THREADS, str(ROOT)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "alive" in done.stdout, done.stderr[-2000:]


def test_three_dimensions_and_cosine(asked):
    panels = lay_out(replace(asked, panels=asked.panels[:1], dims=3, metric="cosine"), lambda *said: None)
    assert panels[0].layout.shape == (240, 3) and np.ptp(panels[0].layout, axis=0).min() > 0


def test_every_setting_is_part_of_the_key(asked):
    other = dict(
        panels=asked.panels[:1],
        hashes=("x",),
        split="train",
        points=300,
        neighbors=11,
        min_dist=0.3,
        spread=2.0,
        metric="cosine",
        dims=3,
        start="y",
    )
    assert {f.name for f in fields(Asked)} == set(other)
    keys = {replace(asked, **{name: value}).key for name, value in other.items()} | {asked.key}
    assert len(keys) == len(other) + 1 and replace(asked).key == asked.key


def test_the_panel_lays_out_and_says_how_much_is_kept():
    app = opened(n="10", alpha="0.1", live="1", points="200", three="0", nn="5")
    next(button for button in app.button if button.label == "Lay out").click()
    app.run()
    end = time.monotonic() + 90
    while (
        len(found := [c.value for c in app.caption if c.value.startswith("Seed 42: trustworthiness")]) < 2
        and time.monotonic() < end
    ):
        time.sleep(0.3)
        app.run()
    assert not app.exception and len(found) == 2 and "Seed 42" in found[0]
    data = mounted(app)["umap_live_map"]
    assert data["panels"] == [[0], [1]] and len(data["film"]["labels"]) == len(data["networks"][0]["frames"]) == 51


def test_it_is_off_at_first_and_asks_nothing():
    app = opened(n="10", open="")
    assert not [button for button in app.button if button.label == "Lay out"]
