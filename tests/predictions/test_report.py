"""The report: the core's numbers to the last digit, a JSON of its schema, a page that asks for nothing, the right exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from lsviz.__main__ import main
from lsviz.core.calibration.assessment import assess
from lsviz.core.calibration.registry import MEASURES, REPORTED
from lsviz.core.english import english
from lsviz.core.predictions.by_group import by_group
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.summary import summarise
from lsviz.core.temperature import fit_temperature
from lsviz.predictions.reading import read_outside
from lsviz.predictions.report import SCHEMA, SPOKEN, Limit, as_json, as_markdown, as_text, changed, read_report
from lsviz.predictions.report_page import as_html
from lsviz.state import LANGUAGES
from lsviz.texts.catalogue import own_texts
from tests import malformed
from tests.malformed import HOSTILE
from tests.small_zoo import logits_and_labels

ROOT = Path(__file__).parents[2]
LOGITS, LABELS = (array.astype(kind) for array, kind in zip(logits_and_labels(600, 4, 2.0, 0), (np.float32, np.int64)))


@pytest.fixture
def mine(tmp_path) -> Path:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(
        malformed.safetensors(
            {"test_logits": LOGITS, "test_labels": LABELS}, {"class_names": json.dumps(list("abcd")), "model": "Net"}
        )
    )
    return path


@pytest.fixture
def other(tmp_path) -> Path:
    path = tmp_path / "other.npz"
    path.write_bytes(malformed.npz({"logits": LOGITS / 2, "labels": LABELS}))
    return path


def test_numbers_are_the_cores_to_the_last_digit(mine):
    report = read_report(mine)
    tree, whole = json.loads(as_json(report)), assess(LOGITS, LABELS)
    assert tree["numbers"]["ece"] == {"value": whole.ece.ece, "low": whole.ece.low, "high": max(whole.ece.high, whole.ece.ece)}
    assert (
        tree["numbers"]["accuracy"]["value"] == whole.accuracy
        and tree["chance"]["upper"] == whole.ece.floor.upper
        and tree["verdict"] == "over"
    )
    assert tree["numbers"]["temperature"]["value"] == fit_temperature(LOGITS, LABELS)
    assert tree["numbers"]["ece_at_temperature"]["value"] == report.summary.after.ece.ece
    assert f"{100 * whole.ece.ece:.2f} %" in as_text(report) and f"{100 * whole.ece.ece:.2f}\u00a0%" in as_html(report)


@pytest.mark.parametrize("with_baseline", [False, True])
def test_json_is_of_its_schema(mine, other, with_baseline):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    report = read_report(mine, other if with_baseline else None, limits=[Limit("ece", 0.05), Limit("accuracy", 0.1, least=True)])
    tree = json.loads(as_json(report))
    jsonschema.validate(tree, SCHEMA)
    assert [limit["broken"] for limit in tree["limits"]] == [True, False]
    if with_baseline:
        ece = next(change for change in tree["baseline"]["changes"] if change["metric"] == "ece")
        assert ece["verdict"] == "worse" and tree["baseline"]["rows"] == 600
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree | {"verdict": "fine"}, SCHEMA)


def test_a_number_without_a_value_is_null(tmp_path):
    path = tmp_path / "few.npz"
    path.write_bytes(malformed.npz({"logits": LOGITS[:24] / 5, "labels": LABELS[:24]}))
    tree = json.loads(as_json(read_report(path)))
    jsonschema.validate(tree, SCHEMA)
    assert tree["numbers"]["max_gap"]["value"] is None or tree["numbers"]["max_gap"]["value"] >= 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--fail-above", "ece=0.05"), 1),
        (("--fail-above", "ece=0.9", "--fail-below", "accuracy=0.1"), 0),
        (("--fail-below", "accuracy=0.999"), 1),
        (("--baseline", "OTHER", "--fail-above", "nll=9"), 0),
        (("--baseline", "nowhere.npz"), 2),
    ],
)
def test_exit_codes(mine, other, arguments, code, capsys):
    arguments = [str(other) if argument == "OTHER" else argument for argument in arguments]
    assert main(["report", str(mine), *arguments]) == code
    said = capsys.readouterr()
    assert ("ECE, 15 bins" in said.out) == (code != 2) and bool(said.err) == (code == 2)


def test_bad_input_is_one_sentence_and_2(tmp_path, capsys):
    for name, content in (("a.npz", b"nonsense"), ("b.txt", b"x"), ("c.csv", b"label,a,b\n0,1,2\n")):
        (tmp_path / name).write_bytes(content)
        assert main(["report", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    for wrong in ("ece", "ece=x", "nothing=1"):
        with pytest.raises(SystemExit) as caught:
            main(["report", "x.npz", "--fail-above", wrong])
        assert caught.value.code == 2


def test_the_command_runs_as_it_is_written(mine, tmp_path):
    command = [
        sys.executable,
        "-m",
        "lsviz",
        "report",
        str(mine),
        "--html",
        str(tmp_path / "r.html"),
        "--json",
        str(tmp_path / "r.json"),
        "--fail-above",
        "ece=0.05",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "limit ece at most 0.05: broken, it is" in done.stdout and not done.stderr
    jsonschema.validate(json.loads((tmp_path / "r.json").read_text()), SCHEMA)
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    printed = subprocess.run([*command[:5], "--json", "-"], cwd=ROOT, capture_output=True, text=True)
    assert json.loads(printed.stdout)["format"] == "lsviz report" and set(REPORTED) == set(json.loads(printed.stdout)["numbers"])


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes


@pytest.mark.parametrize("pair", list(zip(HOSTILE, HOSTILE[1:]))[::2] + [HOSTILE[-1:] * 2])
def test_hostile_names_stay_text(pair, tmp_path):
    """As names of two files, of their classes, and in what they tell."""
    files = [re.sub(r"[/\x00]", "_", name)[:80] or "x" for name in pair]
    paths = [tmp_path / f"{i}{file}.safetensors" for i, file in enumerate(files)]
    for path, name in zip(paths, pair):
        told = {"class_names": json.dumps([*pair, *pair]), "note": name.replace("\x00", "")}
        path.write_bytes(malformed.safetensors({"logits": LOGITS, "labels": LABELS}, told))
    page = as_html(read_report(paths[0], paths[1]))
    seen = Seen()
    seen.feed(page)
    assert seen.tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "div", "figure", "figcaption", "table", "tr", "th", "td", "footer", "svg", "text", "path", "circle", "polyline"}  # fmt: skip
    assert not any(key in ("src", "href", "xlink:href", "srcset") or key.startswith("on") for key, _ in seen.attributes)
    assert "default-src 'none'" in page
    text = as_text(read_report(paths[0], paths[1]))
    assert all(line.isprintable() for line in text.split("\n"))


def test_every_measure_has_a_word_in_every_language_that_is_no_other_word_of_the_report():
    for language in LANGUAGES:
        told = {key.removeprefix("measure."): text for key, text in own_texts(language).items() if key.startswith("measure.")}
        assert list(told) == [entry.name for entry in MEASURES] and len(set(told.values())) == len(told)
    assert {name: SPOKEN[name] for name in told} == {name: own_texts("en")[f"measure.{name}"] for name in told}
    assert not set(english("report")) & set(told)


def test_an_over_confident_file_is_told_how_much_smoothing_would_close_its_gap(tmp_path):
    (tmp_path / "sure.npz").write_bytes(malformed.npz({"logits": 6 * LOGITS, "labels": LABELS}))
    report = read_report(tmp_path / "sure.npz")
    a, n = report.summary.assessment, report.summary.diagnosis.outputs.num_classes
    told = json.loads(as_json(report))["foretold"]
    assert told["alpha"] == pytest.approx(a.signed_gap / (a.mean_confidence - 1 / n)) and told["low"] < told["alpha"] < told["high"]
    assert f"smoothing of about {told['alpha']:.2f} ({told['low']:.2f} to {told['high']:.2f})" in as_text(report)


def test_what_a_file_tells_of_its_alpha_is_said_and_not_called_untold(tmp_path):
    def said(name: str, logits=LOGITS / 1.7) -> str:
        (tmp_path / name).write_bytes(malformed.npz({"logits": logits, "labels": LABELS}))
        return as_text(read_report(tmp_path / name))

    assert "cannot be told" in said("mine.npz")
    gap = np.log(1 + 4 * 0.9 / 0.1)
    for name, told in (
        ("a0.1.npz", f"α = 0.1, as the file or its name tells: the loss is then least at a logit gap of {gap:.2f}"),
        ("hard.npz", "hard targets"),
    ):
        assert told in said(name) and "cannot be told" not in said(name)
    closes = "would close its mean gap"
    assert closes in said("hard.npz", LOGITS) and closes not in said("a0.1.npz", LOGITS)


def test_text_card_and_page_say_of_two_files_in_the_same_words(mine, other):
    report = read_report(mine, other, limits=[Limit("nll", 9)])
    assert {change.verdict for change in report.changes} == {0, -1}
    for made in (as_text(report), as_markdown(report), as_html(report).replace("\u00a0", " ")):
        assert made.count("not told apart") == sum(change.verdict == 0 for change in report.changes)
        assert all(SPOKEN[change.metric] in made and changed(change) in made for change in report.changes)
    assert "limit nll at most 9: kept" in as_text(report)


def test_several_files_are_a_series_whose_numbers_are_the_reports(tmp_path, capsys):
    files = []
    for alpha, scale in ((0.1, 0.5), (0.0, 1.0), (0.3, 0.2)):
        files.append(tmp_path / f"a{alpha}.safetensors")
        files[-1].write_bytes(malformed.safetensors({"logits": scale * LOGITS, "labels": LABELS}))
    names = [str(file) for file in files]
    assert main(["report", *names, "--html", str(tmp_path / "s.html"), "--json", str(tmp_path / "s.json")]) == 0
    printed, tree = capsys.readouterr().out, json.loads((tmp_path / "s.json").read_text("utf-8"))
    page = (tmp_path / "s.html").read_text("utf-8")
    assert [file["alpha"] for file in tree["files"]] == [0.0, 0.1, 0.3] and page.count("<svg") == 3
    for measure, every in tree["measures"].items():
        for place, one in enumerate(every["files"]):
            report = read_report(tmp_path / tree["files"][place]["name"])
            assert one["number"]["value"] == report.summary.numbers[measure].value
            assert (text := REPORTED[measure].text(one["number"]["value"])) in printed and text.replace(" ", "\u00a0") in page
    assert all(sentence in printed for sentence in tree["said"]) and "can't tell" in printed
    assert main(["report", *names, "--fail-above", "ece=0.0001"]) == 1
    assert main(["report", *names, "--baseline", names[0]]) == main(["report", *names, "--alpha", "0"]) == 2
    (tmp_path / "other.safetensors").write_bytes(files[0].read_bytes())
    assert main(["report", names[0], str(tmp_path / "other.safetensors")]) == 2
    assert main(["report", names[0], str(tmp_path / "other.safetensors"), "--alpha", "0", ".1"]) == 0


def test_groups_are_told_apart_and_small_ones_named(tmp_path, capsys):
    sites = np.where(np.arange(600) < 300, "Seoul", np.where(np.arange(600) < 580, "Busan", "tiny"))
    scores = LOGITS * np.where(sites == "Busan", 0.2, 1.0)[:, None]
    lines = [",".join(["id", "site", "code", "label", *"abcd"])]
    lines += [
        f"r{i},{site},{len(site)},{'abcd'[label]}," + ",".join(f"{z:.4f}" for z in row)
        for i, (site, label, row) in enumerate(zip(sites, LABELS, scores))
    ]
    (tmp_path / "mine.csv").write_text("\n".join(lines), "utf-8")
    report = read_report(tmp_path / "mine.csv", group="site")
    seoul, busan, tiny = report.groups
    assert (seoul.name, busan.name, tiny.name) == ("Seoul", "Busan", "tiny") and tiny.numbers is None and tiny.count == 20
    alone = assess(scores[300:580], LABELS[300:580])
    assert (
        busan.numbers["ece"].value == pytest.approx(alone.ece.ece, abs=1e-4) and busan.numbers["accuracy"].value == alone.accuracy
    )
    assert "signed_gap" in busan.kept and busan.apart["signed_gap"].difference < 0 < seoul.apart["signed_gap"].difference
    assert (
        main(
            [
                "report",
                str(tmp_path / "mine.csv"),
                "--group",
                "site",
                "--html",
                str(tmp_path / "g.html"),
                "--json",
                str(tmp_path / "g.json"),
            ]
        )
        == 0
    )
    tree, printed = json.loads((tmp_path / "g.json").read_text("utf-8")), capsys.readouterr().out
    jsonschema.validate(tree, SCHEMA)
    assert [group["rows"] for group in tree["groups"]["groups"]] == [300, 280, 20] and "tiny (20)" in printed
    assert (tmp_path / "g.html").read_text("utf-8").count("<svg") == 4
    by_number = read_report(tmp_path / "mine.csv", group="code")  # a column of numbers is no score once it is named
    assert by_number.summary.diagnosis.outputs.num_classes == 4 and [group.name for group in by_number.groups] == ["5", "4"]
    assert (
        main(["report", str(tmp_path / "mine.csv"), "--group", "id"])
        == main(["report", str(tmp_path / "mine.csv"), "--group", "no"])
        == 2
    )


def test_groups_without_a_difference_are_rarely_told_apart():
    rng, summary = np.random.default_rng(0), read_outside(malformed.npz({"logits": LOGITS, "labels": LABELS}), "x.npz")
    summary = summarise(diagnose(summary))
    wrongly = [any(group.kept for group in by_group(summary, list("abcde"), rng.integers(5, size=600))) for _ in range(100)]
    assert sum(wrongly) <= 12  # 5 of 100 by the correction, two and a half deviations more


def test_groups_of_arrays_are_read(tmp_path):
    from lsviz.predictions.groups import read_groups

    at = np.arange(600) % 3
    for name, content in (
        ("x.npz", malformed.npz({"logits": LOGITS, "labels": LABELS, "site": at})),
        ("x.safetensors", malformed.safetensors({"logits": LOGITS, "labels": LABELS, "site": at})),
    ):
        names, codes = read_groups(content, name, "site")
        assert names == ("0", "1", "2") and codes.tolist() == at.tolist()
