"""`lsviz.show`: what a notebook displays holds the report's page and its numbers."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

import numpy as np
import torch

import lsviz
from lsviz.predictions.report import read_report, shown
from lsviz.predictions.report_page import as_html
from tests import malformed
from tests.missing import missing
from tests.small_zoo import logits_and_labels

ROOT = Path(__file__).parents[2]
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


def test_a_notebook_that_is_run_holds_the_page_of_the_command(tmp_path):
    """A real kernel runs the cells, and what it hands the notebook is what Jupyter draws."""
    try:
        import nbformat
        from nbclient import NotebookClient
    except ModuleNotFoundError as error:
        missing(f"the package {error.name}")

    (tmp_path / "mine.npz").write_bytes(malformed.npz({"logits": LOGITS, "labels": LABELS}))
    cells = [
        f"import sys; sys.path.insert(0, {str(ROOT)!r})",
        "import numpy as np; from lsviz import show; mine = np.load('mine.npz'); shown = show(mine['logits'], mine['labels'], name='mine')",
        "shown",
        "print({name: number.value for name, number in shown.numbers.items()})",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    (drawn,), (printed,) = (cell.outputs for cell in book.cells[2:])
    report = read_report(tmp_path / "mine.npz")
    assert ast.literal_eval(printed.text) == {name: number.value for name, number in report.summary.numbers.items()}
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', drawn.data["text/html"])[1])
    assert all(shown(name, number)[0].replace(" ", "\u00a0") in page for name, number in report.summary.numbers.items())


def test_a_second_network_is_held_against_it_and_names_stay_text():
    made = lsviz.show(LOGITS.tolist(), LABELS.tolist(), 2 * LOGITS, class_names=["<b>", "b", "c", "d"], name="<script>x</script>")
    assert made.report.paired_rows == 400 and "Against baseline" in repr(made)
    assert "<script" not in html.unescape(made._repr_html_()).replace("&lt;script", "")
