"""Somebody else's script trains a network, captures it, and drops the file on the page: finding, figures, report, and not one request elsewhere."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from lsviz.core.calibration.registry import REPORTED
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing import log_probs
from lsviz.predictions.report import SPOKEN, as_json, read_report
from tests.browser.harness import ROOT
from tests.malformed import HOSTILE, npz, safetensors, table
from tests.predictions import test_files_as_saved as as_saved
from tests.small_zoo import logits_and_labels

SCRIPT = """
import json, sys
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from lsviz import capture

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
    def forward(self, x):
        return torch.relu(x + self.bn1(self.conv1(x)))

class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.conv1, self.layer1 = nn.Conv2d(1, 8, 3, padding=1), nn.Sequential(Block(8))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(4), nn.Linear(8 * 16, num_classes)
    def forward(self, x):
        return self.fc(self.avgpool(self.layer1(torch.relu(self.conv1(x)))).flatten(1))

folder, names = sys.argv[1], json.loads(sys.argv[2])
names_of = {0.0: "hard", 0.1: "smoothed", 0.4: "more"}
for alpha in (0.0, 0.1, 0.4):
    torch.manual_seed(0)
    centres = torch.randn(len(names), 1, 8, 8)
    labels = torch.randint(len(names), (2400,))
    images = centres[labels] + 3 * torch.randn(2400, 1, 8, 8)
    labels[torch.rand(2400) < 0.1] = 0
    net = Net(len(names))
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for epoch in range(30):
        for rows in torch.randperm(400).split(50):
            loss = nn.functional.cross_entropy(net(images[rows]), labels[rows], label_smoothing=alpha)
            optimiser.zero_grad(); loss.backward(); optimiser.step()
    test = TensorDataset(images[1200:], labels[1200:])
    test.classes = names
    capture(net, DataLoader(test, batch_size=128), f"{folder}/{names_of[alpha]}.safetensors", alpha=alpha, progress=False)
"""


COLUMNS = ['"' + "".join(" " if c in "\n\r\x00" else c for c in name).replace('"', "'") + f'{k}"' for k, name in enumerate(HOSTILE)]
DROP = """files => {
    const carried = new DataTransfer();
    for (const [name, data] of files) carried.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name));
    const zone = document.querySelector('[data-testid=stFileUploaderDropzone]');
    for (const kind of ['dragenter', 'dragover', 'drop']) zone.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def captured(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("someone")
    (folder / "train.py").write_text(SCRIPT)
    names = [HOSTILE[4], HOSTILE[5], HOSTILE[6], "otter"]
    subprocess.run(
        [sys.executable, str(folder / "train.py"), str(folder), json.dumps(names)],
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    return folder


def watched(opened, host: str) -> list[str]:
    """Every request to another host and every dialog from now on."""
    elsewhere: list[str] = []
    strange = lambda url: urlsplit(url).scheme.startswith(("http", "ws")) and urlsplit(url).netloc != host
    opened.on("request", lambda request: elsewhere.append(request.url) if strange(request.url) else None)
    opened.on("websocket", lambda socket: elsewhere.append(socket.url) if strange(socket.url) else None)
    opened.on("dialog", lambda dialog: (elsewhere.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    return elsewhere


def test_a_captured_network_is_shown_end_to_end(app_server, page, settle, captured):
    opened = page(f"{app_server}yours?alpha=0.1&n=10&open=all-repair-pair-shape", fresh=True)
    elsewhere = watched(opened, urlsplit(app_server).netloc)
    opened.locator("input[type=file]").set_input_files([captured / "hard.safetensors", captured / "smoothed.safetensors"])
    expect(opened.get_by_text("This network: hard.safetensors. The other one: smoothed.safetensors.")).to_be_visible()
    settle(opened, 4)
    if folder := os.environ.get("LSVIZ_PICTURES"):
        opened.screenshot(path=f"{folder}/yours.png")
    report = read_report(captured / "hard.safetensors", captured / "smoothed.safetensors")
    gap = abs(100 * report.summary.assessment.signed_gap)
    expect(opened.locator("h1").first).to_contain_text(f"{gap:.1f} points over-confident")
    expect(
        opened.get_by_text("1,200 rows", exact=False).or_(opened.get_by_text("1\u202f200 rows", exact=False)).first
    ).to_be_visible()
    expect(opened.get_by_text("How its classes lie")).to_be_visible()
    for key in ("html", "json"):
        with opened.expect_download() as waiting:
            opened.locator(f".st-key-yours_{key} button").click()
        text = Path(waiting.value.path()).read_text("utf-8")
        if key == "json":
            assert json.loads(text) == json.loads(as_json(report))
        else:
            alone = page("", fresh=True)
            alone.on("request", lambda request: elsewhere.append(request.url) if request.url.startswith("http") else None)
            alone.on("dialog", lambda dialog: elsewhere.append("dialog"))
            alone.set_content(text)
            assert "over-confident" in alone.locator("h1").inner_text() and alone.locator("svg").count() == 2
    assert elsewhere == [] and opened.get_by_test_id("stException").count() == 0
    assert opened.locator("main img[src^=http], [data-testid=stMain] img[src^=http]").count() == 0


def test_three_files_become_a_series_under_the_dock_and_a_map(app_server, page, settle, captured):
    opened = page(f"{app_server}yours?alpha=0.1&open=all-repair-shape")
    opened.evaluate(
        DROP, [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in sorted(captured.glob("*.safetensors"))]
    )
    expect(opened.get_by_text("This network: smoothed.safetensors. The other one: hard.safetensors.")).to_be_visible()
    settle(opened, 6)
    at = {alpha: read_report(captured / f"{name}.safetensors").summary for alpha, name in ((0.1, "smoothed"), (0.4, "more"))}
    ece = lambda alpha: f"{100 * at[alpha].assessment.ece.ece:.2f}\u00a0%"
    expect(opened.locator("h1").first).to_contain_text("= 0.10")
    expect(opened.get_by_role("cell").filter(has_text=ece(0.1)).first).to_be_visible()
    rail = opened.locator("input[type=range]").first
    rail.focus()
    rail.press("End")
    expect(opened.locator("h1").first).to_contain_text("= 0.40")
    expect(opened.get_by_text("This network: more.safetensors. The other one: hard.safetensors.")).to_be_visible()
    expect(opened.get_by_role("cell").filter(has_text=ece(0.4)).first).to_be_visible()
    settle(opened, 6)
    opened.get_by_role("button", name=re.compile("with UMAP")).click()
    expect(opened.get_by_text(re.compile("Trustworthiness 0"))).to_have_count(2, timeout=180_000)  # both networks, row by row
    expect(opened.locator(".lsviz-map canvas").first).to_be_visible()
    settle(opened, 6)
    if folder := os.environ.get("LSVIZ_PICTURES"):
        opened.screenshot(path=f"{folder}/yours-series.png")
    assert opened.get_by_test_id("stException").count() == 0


def test_hostile_names_ask_for_nothing_and_run_nothing(app_server, page, settle):
    opened = page(f"{app_server}yours?open=which-held-all-repair-pair-shape", fresh=True)
    elsewhere = watched(opened, urlsplit(app_server).netloc)
    logits, labels = logits_and_labels(400, len(HOSTILE), 2.0, 0)
    features = np.random.default_rng(0).normal(size=(400, 5))
    for start in range(0, len(HOSTILE), 13):  # as names of files, of columns, of classes, in metadata
        files = []
        for i, name in enumerate(HOSTILE[start : start + 13]):
            arrays = {
                "logits": logits.astype("f4"),
                "labels": labels.astype("i8"),
                "features": features,
                "head_weight": np.random.default_rng(1).normal(size=(len(HOSTILE), 5)),
            }
            told = {"class_names": json.dumps(HOSTILE), "alpha": f"{i / 20}", "note": HOSTILE[5], "model": HOSTILE[4]}
            content = safetensors(arrays, told) if i % 2 else table(logits, labels, COLUMNS)
            shown = re.sub(r"[/\x00]", "_", name)[:80]
            files.append(
                {"name": f"{shown}{i}a{i / 20}.{'safetensors' if i % 2 else 'csv'}", "mimeType": "text/plain", "buffer": content}
            )
        opened.locator("input[type=file]").first.set_input_files(files)
        expect(opened.get_by_text(re.compile("your file")).first).to_be_visible()
        settle(opened, 3)
        closed = opened.locator("[data-testid=stExpander] details:not([open]) > summary")
        for _ in range(closed.count()):  # one that opens may open others: the page is drawn anew
            if closed.count():
                closed.first.click()
                settle(opened)
        opened.wait_for_timeout(500)
        assert (
            opened.get_by_test_id("stException").count() == 0
            and opened.locator("[data-testid=stMain] :is(img, script, iframe, a[href*=evil])").count() == 0
        )
        opened.reload()
        settle(opened)
    assert elsewhere == []


def test_a_bad_file_is_a_sentence_and_others_do_not_see_it(app_server, page, settle, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04nonsense")
    opened, other = page(f"{app_server}yours"), page(f"{app_server}yours")
    opened.locator("input[type=file]").set_input_files(tmp_path / "bad.npz")
    expect(opened.get_by_text(re.compile("This is no sound npz file"))).to_be_visible()
    other.reload()
    settle(other)
    assert other.get_by_text("no sound npz file").count() == 0 and other.get_by_text("This is a stored one").count() == 1


def test_of_files_as_people_save_them_the_page_says_what_the_report_says(app_server, page, settle, tmp_path):
    """Ten kinds and a refusal, one after the other on one page: every sentence that is seen, and every number of the table to its last digit."""
    opened = page(f"{app_server}yours?open=all")
    for name, content in saved_files().items():
        (tmp_path / name).write_bytes(content)
        opened.locator("input[type=file]").set_input_files(tmp_path / name)
        try:
            report = json.loads(as_json(read_report(tmp_path / name)))
            sentences = [*report["read"]["sentences"], *(finding["sentence"] for finding in report["findings"])]
            values = {
                SPOKEN[measure]: [100 * value if REPORTED[measure].share else value for value in told.values() if value is not None]
                for measure, told in report["numbers"].items()
            } | {"ECE by chance alone": [100 * report["chance"]["upper"]]}
        except LsvizError as refusal:
            sentences, values = [str(refusal)], {}
        expect(opened.get_by_test_id("stText").first).to_have_text(sentences[0])  # tells the rows, and no two files have as many
        settle(opened)
        shown = [text.replace("\u00a0", " ") for text in opened.get_by_test_id("stText").all_inner_texts()]
        assert shown == sentences, name
        rows = opened.locator("[data-testid=stMarkdown] table tr:has(td)").all_inner_texts()
        seen = dict(row.replace("\u00a0", " ").split("\t") for row in rows)
        assert seen.keys() == values.keys(), name
        for measure, told in values.items():
            figures = re.findall(r"[+−]?\d+(?:\.\d+)?", seen[measure])
            assert len(figures) == len(told), (name, measure, seen[measure])
            for figure, value in zip(figures, told):
                last = 10.0 ** -len(figure.partition(".")[2])
                assert abs(float(figure.replace("−", "-")) - value) <= 0.5001 * last, (name, measure, figure, value)
        opened.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()


def saved_files() -> dict[str, bytes]:
    """One network as ten people save it, each with rows of his own; the last file holds two columns of labels that differ."""
    answers = lambda z, y: as_saved.table(z, y) + [("pred", z.argmax(1)), ("loss", -log_probs(z)[np.arange(len(y)), y])]
    words = lambda z, y: [("truth", [f"s{k}" for k in y]), *((f"s{k}", np.exp(log_probs(z))[:, k]) for k in range(4))]
    margin = lambda z, y: z[:, 1] - z[:, 0] + 2 * (y % 2) - 1
    features = lambda z: np.random.default_rng(0).normal(size=(len(z), 9))
    kinds = {
        "answers.csv": lambda z, y: as_saved.written(answers(z, y)),
        "order.csv": lambda z, y: as_saved.written(as_saved.table(z[:, ::-1], y, ["3", "2", "1", "0"])),
        "words.csv": lambda z, y: as_saved.written(words(z, y)),
        "one.csv": lambda z, y: as_saved.written([("id", np.arange(len(y))), ("label", y % 2), ("logit", margin(z, y))]),
        "signed.csv": lambda z, y: as_saved.written([("label", 2 * (y % 2) - 1), ("-1", -margin(z, y)), ("1", 0 * margin(z, y))]),
        "german.tsv": lambda z, y: as_saved.written(as_saved.table(z, y), ";", ",").decode().encode("utf-16"),
        "bare.csv": lambda z, y: as_saved.written(as_saved.table(z, y), header=False),
        "embedding.npz": lambda z, y: npz({"embedding": features(z), "logit": z, "label": y}),
        "tokens.npz": lambda z, y: npz({"predictions": z.reshape(-1, 4, 4), "label_ids": y.reshape(-1, 4)}),
        "from_one.npz": lambda z, y: npz({"probs": np.exp(log_probs(z)), "labels": y + 1}),
        "unclear.csv": lambda z, y: as_saved.written([*as_saved.table(z, y), ("target", (y + 1) % 4)]),
    }
    logits, labels = (array.astype(kind) for array, kind in zip(logits_and_labels(400, 4, 2.0, 0), (np.float64, np.int64)))
    return {name: kind(logits[: 400 - 20 * k], labels[: 400 - 20 * k]) for k, (name, kind) in enumerate(kinds.items())}
