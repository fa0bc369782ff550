"""Files as people save them come to the same numbers to the last digit, whatever stands beside the scores, or end in one sentence."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsviz.__main__ import main
from lsviz.core.calibration.assessment import assess
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.taken import Wish
from lsviz.core.smoothing import log_probs
from lsviz.predictions.reading import read_outside
from tests import malformed
from tests.small_zoo import logits_and_labels

N = 240
ANIMALS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "koi", "lynx")


def network(num_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    logits, labels = logits_and_labels(N, num_classes, 1.6, seed)
    return np.round(logits.astype(np.float64), 6), labels.astype(np.int64)


def written(columns: Sequence[tuple[str, Sequence]], separator: str = ",", decimal: str = ".", header: bool = True) -> bytes:
    """CSV of (name, cells) in this order; numbers with all their digits."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=separator, lineterminator="\n")
    if header:
        rows.writerow([name for name, _ in columns])
    cell = lambda value: (
        repr(float(value)).replace(".", decimal)
        if isinstance(value, float | np.floating)
        else value
        if isinstance(value, str)
        else str(value)
    )
    rows.writerows([[cell(value) for value in row] for row in zip(*(cells for _, cells in columns))])
    return text.getvalue().encode()


def table(logits: np.ndarray, labels: Sequence, names: Sequence[str] | None = None) -> list[tuple[str, Sequence]]:
    names = names or [f"score_{k}" for k in range(logits.shape[1])]
    return [("label", labels), *((name, logits[:, k]) for k, name in enumerate(names))]


def numbers(content: bytes, name: str = "x.csv", wish: Wish | None = None) -> tuple[float, float]:
    """Accuracy and ECE, to the last digit."""
    diagnosis = diagnose(read_outside(content, name, wish=wish))
    found = assess(diagnosis.logits, diagnosis.labels)
    return found.accuracy, found.ece.ece


def codes(content: bytes, name: str = "x.csv") -> set[str]:
    return {finding.code for finding in diagnose(read_outside(content, name)).findings}


def beside(logits: np.ndarray, labels: np.ndarray) -> dict[str, tuple[str, Sequence]]:
    """Columns that people save beside scores, by what they are: (name, cells)."""
    probs, rng = np.exp(log_probs(logits)), np.random.default_rng(1)
    ordered, rows = np.sort(probs, axis=1), np.arange(len(labels))
    return {
        "running": ("id", rows + 1000), "shuffled": ("__index_level_0__", rng.permutation(N)), "saved": ("Unnamed: 0.1", rows),
        "answer": ("zzz", probs.argmax(axis=1)), "confidence": ("confidence", ordered[:, -1]), "margin": ("gap", ordered[:, -1] - ordered[:, -2]),
        "entropy": ("uncertainty", -(probs * np.log(probs)).sum(axis=1)), "loss": ("loss", -np.log(probs[rows, labels])),
        "right": ("correct", probs.argmax(axis=1) == labels), "fold": ("fold", rng.integers(0, 5, N)), "constant": ("epoch", np.full(N, 12)),
        "weight": ("weight", rng.uniform(0.5, 2, N)), "truth": ("target", labels), "words": ("sentence", [f'said "{i}", then' for i in rows]),
        "second": ("second", ordered[:, -2]), "length": ("length", rng.integers(5, 200, N)),
    }  # fmt: skip


KINDS = sorted(beside(*network(3)))


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_stands_beside_the_scores_moves_no_digit(data):
    """Any columns of the known kinds, anywhere, under any separator and decimal sign, scores named by words or by a counter, of logits or probabilities."""
    num_classes = data.draw(st.sampled_from((2, 3, 5, 10, 12)))
    logits, labels = network(num_classes, data.draw(st.integers(0, 5)))
    scores = logits if data.draw(st.booleans()) else np.exp(log_probs(logits))
    names = data.draw(
        st.sampled_from((ANIMALS[:num_classes], [f"p{k}" for k in range(num_classes)], [str(k) for k in range(num_classes)]))
    )
    told = [names[k] for k in labels] if names[0] == "ant" and data.draw(st.booleans()) else labels
    plain = numbers(written(table(scores, told, names)))
    extra = beside(logits, labels)
    columns = table(scores, told, names)
    for kind in data.draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=1, max_size=4)):
        columns.insert(data.draw(st.sampled_from((0, 1, len(columns)))), extra[kind])
    separator, decimal = data.draw(st.sampled_from(((",", "."), (";", ","), ("\t", ","), ("\t", "."), ("|", "."))))
    try:
        assert numbers(written(columns, separator, decimal)) == plain
    except LsvizError as refusal:
        assert refusal.code in ("outside.which_columns", "outside.which_label")
        told_names = tuple(names)
        assert numbers(written(columns, separator, decimal), wish=Wish(told_names, "label")) == plain


@settings(max_examples=30, deadline=None)
@given(num_classes=st.integers(2, 12), order=st.randoms(use_true_random=False), first=st.integers(-1, 4), step=st.integers(1, 3), stem=st.sampled_from(("", "class_", "p")), tail=st.sampled_from(("", ".0")))  # fmt: skip
def test_columns_in_any_order_are_matched_by_their_names(num_classes, order, first, step, stem, tail):
    if stem and first < 0:
        first = 0
    logits, labels = network(num_classes)
    values = first + step * np.arange(num_classes)
    places = list(range(num_classes))
    order.shuffle(places)
    names = [f"{stem}{value}{tail}" for value in values]
    shuffled = [("label", values[labels]), *((names[k], logits[:, k]) for k in places)]
    accuracy, ece = numbers(written(shuffled))
    expected = assess(logits, labels)
    assert accuracy == expected.accuracy and abs(ece - expected.ece.ece) < 1e-12


def test_words_that_count_are_placed_once():
    logits, labels = network(4)
    order = [2, 0, 3, 1]
    expected = assess(logits, labels)
    for stem in ("LABEL_", "c", "class "):
        columns = [("species", [f"{stem}{k}" for k in labels]), *((f"{stem}{k}", logits[:, k]) for k in order)]
        assert numbers(written(columns)) == (expected.accuracy, expected.ece.ece)
    names = np.array([f"class_{k}" for k in order])
    for word in ("class_{}", "{}.0"):
        arrays = {"logits": logits[:, order], "labels": np.array([word.format(k) for k in labels]), "class_names": names}
        assert numbers(malformed.npz(arrays), "x.npz") == (expected.accuracy, expected.ece.ece)


def test_true_false_and_a_third_are_three_words():
    logits, labels = network(3)
    expected = assess(logits, labels)
    for words in (("true", "false", "unknown"), ("False", "True", "maybe")):
        for stem in ("", "p_"):
            content = written(table(logits, [words[k] for k in labels], [f"{stem}{word}" for word in words]))
            assert numbers(content) == (expected.accuracy, expected.ece.ece)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (("True", "False"), ("False", "True")), (("no", "yes"), ("no", "yes")), (("-1", "1"), (-1, 1)), (("neg", "pos"), (-1, 1)), (("NA", "nan"), ("NA", "nan")),
        (("None", "null"), ("None", "null")), (("2", "4"), (2, 4)), (("p_ham", "p_spam"), ("ham", "spam")), (("p_no", "p_yes"), (0, 1)), (("p_pos", "p_neg"), (0, 1)),
    ],
)  # fmt: skip
def test_two_classes_of_any_name(names, labels):
    logits, truth = network(2)
    columns = logits[:, ::-1] if names[0] in ("True", "p_pos") else logits
    expected = assess(logits, truth)
    found = numbers(written(table(columns, [labels[k] for k in truth], names)))
    assert np.allclose(found, (expected.accuracy, expected.ece.ece), atol=1e-12)


def test_a_network_of_one_column():
    logits, labels = network(2)
    margin = logits[:, 1] - logits[:, 0]
    expected = numbers(written(table(np.stack([0 * margin, margin], axis=1), labels)))
    probability = 1 / (1 + np.exp(-margin))
    for told in (labels, 2 * labels - 1, labels == 1):
        for name, column in (("prob", probability), ("logit", margin)):
            assert np.allclose(numbers(written([("label", told), (name, column), ("age", np.arange(N) % 70)])), expected, atol=1e-9)
            assert np.allclose(numbers(malformed.npz({"scores": column[:, None], "y_true": told}), "x.npz"), expected, atol=1e-6)
    assert np.allclose(
        numbers(written([("label", [("ham", "spam")[k] for k in labels]), ("spam", probability)])), expected, atol=1e-9
    )
    sure = np.maximum(probability, 1 - probability)
    for columns, code in (
        ([("label", labels), ("conf", sure)], "outside.only_sure"),
        ([("label", np.arange(N) % 5), ("conf", sure)], "outside.one_column"),
        ([("label", [("ham", "spam")[k] for k in labels]), ("prob", probability)], "outside.one_score_words"),
    ):
        with pytest.raises(LsvizError) as caught:
            read_outside(written(columns), "x.csv")
        assert caught.value.code == code


def test_what_cannot_be_told_is_refused_until_it_is_named():
    logits, labels = network(4)
    other = network(4, seed=9)[0]
    two = [("label", labels), *((f"a_{k}", logits[:, k]) for k in range(4)), *((f"b_{k}", other[:, k]) for k in range(4))]
    with pytest.raises(LsvizError, match="--columns"):
        read_outside(written(two), "x.csv")
    plain = numbers(written(table(logits, labels)))
    assert numbers(written(two), wish=Wish(("a_*",))) == plain == numbers(written(two), wish=Wish(ignore=("b_*",)))
    wrong = [("label", labels), ("target", (labels + 1) % 4), *table(logits, labels)[1:]]
    with pytest.raises(LsvizError, match="--label"):
        read_outside(written(wrong), "x.csv")
    assert numbers(written(wrong), wish=Wish(label="label")) == plain
    answers = [("label", logits.argmax(axis=1)), ("target", labels), *table(logits, labels)[1:]]
    assert numbers(written(answers)) == plain and "label_is_answer" in codes(written(answers))
    empty = written([("thing", labels), *table(logits, labels)[1:], ("other", [""] * N)])
    with pytest.raises(
        LsvizError, match="no rows"
    ):  # every row lacks a score, and the labels were told from the others all the same
        numbers(empty, wish=Wish(("score_*", "other")))
    with pytest.raises(LsvizError, match="no nowhere"):
        read_outside(written(two), "x.csv", wish=Wish(label="nowhere"))


def test_text_tables_are_read_by_trying():
    logits, labels = network(4)
    columns = table(logits, labels, ["red", "tea, green", "blue", "ink"])
    plain = numbers(written(columns))
    semicolons = written(columns, ";", ",")
    for name, content in (
        ("x.csv", b"sep=;\r\n" + semicolons.replace(b"\n", b"\r\n")), ("x.tsv", written(columns, "\t", ",")), ("x.csv", written(columns, ",", ",")),
        ("x.csv.gz", gzip.compress(semicolons)), ("x.csv", semicolons.decode().encode("utf-16")),
        ("x.csv", semicolons.decode().encode("utf-16-le")), ("x.csv", semicolons.decode().encode("utf-16-be")), ("x.csv", semicolons.replace(b"\n", b";\n")),
        ("x.csv", written(columns, header=False)), ("x.csv", written([("i", np.arange(N)), *columns], header=False)),
    ):  # fmt: skip
        assert numbers(content, name) == plain
    assert "no_header" in codes(written(columns, header=False))
    for name, content, code in (
        ("x.csv", written([("label", [ANIMALS[k] for k in labels]), *columns[1:]], header=False), "outside.no_header"),
        ("x.csv", written(columns, ";", ",").replace(b";0,", b";1.000,", 1), "outside.cell"),
        (
            "x.csv",
            written([*columns[:2], ("tea", [f"{1000 * value:,.2f}" for value in logits[:, 1]]), *columns[3:]]),
            "outside.cell",
        ),
        ("x.csv", written([*columns[:2], ("tea", [f"{value:.1f} %" for value in logits[:, 1]]), *columns[3:]]), "outside.cell"),
        ("x.csv.gz", gzip.compress(semicolons)[:-20], "outside.damaged"),
        ("x.csv.gz", gzip.compress(bytes(60_000_000)), "outside.bytes"),
        ("x.npy", b"\x93NUMPY", "outside.npy"),
    ):
        with pytest.raises(LsvizError) as caught:
            read_outside(content, name)
        assert caught.value.code == code


ARRAYS = (("embedding", "logit", "label"), ("arr_0", "arr_1", "arr_2"), ("feats", "pred_probs", "gt"), ("embs", "y_hat", "truth"), ("a", "b", "c"))  # fmt: skip


@pytest.mark.parametrize("names", ARRAYS)
def test_arrays_are_ranked_by_what_they_hold(names):
    logits, labels = network(5)
    features = np.random.default_rng(0).normal(size=(N, 32)).astype(np.float32)
    plain = numbers(malformed.npz({"logits": logits, "labels": labels}), "x.npz")
    more = {"preds": logits.argmax(axis=1), "idx": np.arange(N)}
    for told in (labels, labels[:, None], labels.astype(float), np.eye(5)[labels]):
        for content in (
            {names[0]: features, names[1]: logits, names[2]: told},
            {names[2]: told, names[1]: logits, names[0]: features[:, :, None, None]},
            more | {names[0]: features, names[1]: logits[:, None], names[2]: told},
        ):
            assert numbers(malformed.npz(content), "x.npz") == plain


def test_shapes_of_arrays():
    logits, labels = network(5)
    plain = numbers(malformed.npz({"logits": logits, "labels": labels}), "x.npz")
    tokens = {"predictions": logits.reshape(N // 8, 8, 5), "label_ids": labels.reshape(N // 8, 8)}
    pictures = {"logits": np.moveaxis(logits.reshape(4, 6, N // 24, 5), -1, 1), "mask": labels.reshape(4, 6, N // 24)}
    for arrays in (tokens, pictures):
        assert numbers(malformed.npz(arrays), "x.npz") == plain and "flattened" in codes(malformed.npz(arrays), "x.npz")
    words = np.array(["w", "x", "y", "z", "a"])
    assert numbers(malformed.npz({"probs": logits, "labels": words[labels], "classes": words}), "x.npz") == plain
    broken = np.ones((N, 7))
    broken[3] = np.nan
    for features, code in (
        (broken, "features_broken"),
        (np.ones((N - 1, 7)), "features_rows"),
        (np.ones((N, 7, 3)), "features_shape"),
    ):
        assert code in codes(malformed.npz({"logits": logits, "labels": labels, "features": features}), "x.npz")
    for arrays, code in (
        ({"logits": logits.T, "labels": labels}, "outside.transposed"),
        ({"logits": logits, "labels": np.eye(5)[labels] + np.eye(5)[(labels + 1) % 5]}, "outside.multi_label"),
        ({"logits": logits.astype(np.float16).view("V2"), "labels": labels}, "outside.bfloat16"),
        ({"logits_a": logits, "logits_b": -logits, "labels": labels}, "outside.which_array"),
        ({"probs": logits, "labels": words[labels]}, "outside.words_alone"),
        ({"logits": logits.reshape(N // 8, 8, 5), "labels": labels[: N // 8]}, "outside.axes"),
        ({"logits": logits[:25].reshape(5, 5, 5), "labels": labels[:25].reshape(5, 5)}, "outside.which_axis"),
    ):
        with pytest.raises(LsvizError) as caught:
            read_outside(malformed.npz(arrays), "x.npz")
        assert caught.value.code == code
    two = malformed.npz({"logits_a": logits, "logits_b": -logits, "labels": labels})
    assert numbers(two, "x.npz", Wish(("logits_a",))) == plain


def test_columns_of_parquet():
    import pyarrow as pa
    from pyarrow import parquet

    logits, labels = network(5)
    single = logits.astype(np.float32)

    def saved(columns: dict) -> bytes:
        out = io.BytesIO()
        parquet.write_table(pa.table(columns), out)
        return out.getvalue()

    scores = {f"class_{k}": single[:, k] for k in range(5)}
    plain = numbers(saved({"label": labels, **scores}), "x.parquet")
    beside_them = {"__index_level_0__": np.random.default_rng(0).permutation(N), "loss": np.ones(N), "sentence": ["a"] * N}
    assert numbers(saved({**beside_them, "label": labels, **scores}), "x.parquet") == plain
    lists = {"label": labels, "embedding": list(np.ones((N, 3), np.float32)), "logits": list(single), "text": ["a"] * N}
    assert numbers(saved(lists), "x.parquet") == plain
    with pytest.raises(LsvizError, match="different lengths"):
        read_outside(saved({"label": labels, "logits": [row[: 3 + i % 2] for i, row in enumerate(single)]}), "x.parquet")
    with pytest.raises(LsvizError, match="holds text"):
        read_outside(saved({"label": labels, **scores, "note": ["a"] * N}), "x.parquet", wish=Wish(("class_*", "note")))


def test_no_limit_is_passed_by_a_file_that_may_be_misread(tmp_path, capsys):
    logits, labels = network(5)
    path = tmp_path / "x.csv"
    path.write_bytes(written([("quality", labels), *table(logits, labels)[1:]]))
    assert main(["report", str(path)]) == 0
    said = capsys.readouterr().out
    assert "the labels are the column quality, the scores the columns score_0 to score_4" in said
    assert main(["report", str(path), "--fail-above", "ece=0.9"]) == 2
    assert "quality" in capsys.readouterr().err
    assert main(["report", str(path), "--label", "quality", "--fail-above", "ece=0.9"]) == 0


@pytest.mark.parametrize("place", [0, 2, 4])
def test_columns_beyond_the_classes_never_pass_in_silence(place):
    """Between or beside classes called by words: left out where probabilities add up without them, refused by name, or in doubt."""
    logits, labels = network(4)
    probs, names = np.exp(log_probs(logits)), ANIMALS[:4]
    expected = numbers(written(table(np.round(probs, 4), labels, names)))
    for name in ("difficulty", "gini", "kappa"):
        noise = np.random.default_rng(3).uniform(0, 1, N)
        columns = table(np.round(probs, 4), labels, names)
        columns.insert(1 + place, (name, noise))
        assert numbers(written(columns)) == expected
        columns = table(logits, labels, names)
        columns.insert(1 + place, (name, noise))
        try:
            assert any(finding.doubt for finding in diagnose(read_outside(written(columns), "x.csv")).findings)
        except LsvizError as refusal:
            assert refusal.code == "outside.which_columns"


def test_classes_in_another_order_are_in_doubt():
    logits, labels = network(3)
    assert "elsewhere" in codes(malformed.npz({"logits": logits[:, ::-1], "labels": labels}), "x.npz")
    kept = labels > 0
    moved = diagnose(read_outside(malformed.npz({"logits": logits[kept], "labels": labels[kept] - 1}), "x.npz"))
    assert [finding.code for finding in moved.findings if finding.doubt] == ["elsewhere"]
    assert "elsewhere" not in codes(
        malformed.npz({"logits": np.random.default_rng(0).normal(size=(N, 3)), "labels": labels}), "x.npz"
    )


def test_one_column_of_answers_is_no_column_of_scores():
    logits, labels = network(2)
    for answers in (logits.argmax(axis=1).astype(float), np.sign(logits[:, 1] - logits[:, 0])):
        with pytest.raises(LsvizError) as caught:
            read_outside(malformed.npz({"scores": answers, "labels": labels}), "x.npz")
        assert caught.value.code == "outside.only_answers"


def test_scores_of_another_network_are_not_passed_over():
    """As many columns as classes that answer rightly, beside features that count or probabilities of another network."""
    logits, labels = network(4)
    rng = np.random.default_rng(2)
    for beside_them in (
        rng.normal(size=logits.shape),
        np.exp(log_probs(logits / 2)),
        np.exp(log_probs(rng.normal(size=logits.shape))),
    ):
        others = [(f"e{k}", beside_them[:, k]) for k in range(4)]
        with pytest.raises(LsvizError, match="--columns"):
            read_outside(written([*table(logits, labels, ANIMALS[:4]), *others]), "x.csv")
