"""`lsviz.show`: what a notebook displays holds the report's page and its numbers."""

from __future__ import annotations

import html
import re

import numpy as np
import torch

import lsviz
from lsviz.predictions.report import read_report, shown
from lsviz.predictions.report_page import as_html
from tests import malformed
from tests.small_zoo import logits_and_labels

LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(400, 4, 2.0, 0), (np.float32, np.int64)))


def test_a_notebook_shows_the_reports_page_and_numbers(tmp_path):
    (tmp_path / "mine.npz").write_bytes(malformed.npz({"logits": LOGITS, "labels": LABELS}))
    report = read_report(tmp_path / "mine.npz")
    made = lsviz.show(torch.tensor(LOGITS, requires_grad=True), torch.tensor(LABELS), name="mine")
    assert made.numbers == report.summary.numbers
    frame = made._repr_html_()
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert page == as_html(made.report) and 'sandbox=""' in frame and page.count("<svg") == 2
    for name, number in report.summary.numbers.items():
        value, interval = shown(name, number)
        assert value.replace(" ", "\u00a0") in page and interval.replace(" ", "\u00a0") in page and value in repr(made), name
    assert made.save(tmp_path / "mine.html") is made and (tmp_path / "mine.html").read_text("utf-8") == page


def test_a_second_network_is_held_against_it_and_names_stay_text():
    made = lsviz.show(LOGITS.tolist(), LABELS.tolist(), 2 * LOGITS, class_names=["<b>", "b", "c", "d"], name="<script>x</script>")
    assert made.report.paired_rows == 400 and "Against baseline" in repr(made)
    assert "<script" not in html.unescape(made._repr_html_()).replace("&lt;script", "")
