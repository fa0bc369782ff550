"""Files from outside: the four formats agree, and whatever is wrong ends in one sentence within bounded memory."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.predictions.reading import FORMATS, read_outside
from lsviz.predictions.tables import template_csv
from tests import fuzz, malformed
from tests.malformed import LABELS, LOGITS, K


@pytest.mark.parametrize("name", malformed.sound())
def test_every_format_gives_the_same_outputs(name):
    found = read_outside(malformed.sound()[name], name)
    assert np.array_equal(found.scores.astype(np.float32), LOGITS) and np.array_equal(found.labels, LABELS)
    assert found.kind == "logits"
    if "csv" in name or "parquet" in name:
        assert found.class_names == tuple(f"class {k}" for k in range(K))
    if "safetensors" in name:
        assert found.class_names == tuple("abcd") and found.scores.dtype == np.float32


def sentence(name: str, content: bytes) -> str | None:
    """The one sentence a file ends in, or None where it can be used; anything else is a failure."""
    try:
        diagnosis = diagnose(read_outside(content, name))
        assert np.isfinite(diagnosis.logits).all() and len(diagnosis.logits) == len(diagnosis.labels)
        assert all(finding.sentence for finding in diagnosis.findings)
    except LsvizError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("make", "least"),
    [
        (malformed.damaged, 100), (malformed.objects, 50), (malformed.lies, 60), (malformed.bombs, 10), (malformed.senseless, 90),
        (malformed.texts, 200),
    ],
)  # fmt: skip
def test_malformed_files_end_in_one_sentence(make, least):
    for number, (name, content) in enumerate(make(), start=1):
        tracemalloc.start()
        said = sentence(name, content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 12 * len(content) + 120_000_000, (name, content[:80], peak)
        if said is not None:
            assert said and "\n" not in said and len(said) < 600 and said.endswith((".", "lsviz")), (name, said)
            assert said.isprintable(), (name, said)
    assert malformed.Evil.ran == [] and number >= least


def test_a_short_run_of_the_fuzzer(capsys):
    """Six seconds of `python -m tests.fuzz`; the README has the figures of the long runs."""
    assert fuzz.main(["--minutes", "0.1", "--seed", "3"]) == 0
    assert int(capsys.readouterr().out.split()[0]) >= 10


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(malformed.sound())),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=40)), max_size=4),
)
def test_any_splice_of_a_sound_file_is_a_sentence_or_a_diagnosis(name, cuts):
    content = malformed.sound()[name]
    for place, length, new in cuts:
        at = int(place * len(content))
        content = content[:at] + new + content[at + length :]
    said = sentence(name, content)
    assert said is None or (said.isprintable() and "\n" not in said)


def test_what_is_believed_of_a_hostile_file_is_still_right():
    """A file that is only oddly named, encoded or delimited must be read, not refused."""
    good = malformed.table(LOGITS, LABELS).decode()
    for text in (
        good.encode("utf-16"),
        good.encode("utf-8-sig"),
        good.replace(",", ";").encode(),
        good.replace(",", "\t").encode(),
        good.replace("\n", "\r\n").encode(),
    ):
        assert np.allclose(read_outside(text, "x.CSV").scores, LOGITS)
    decimal = good.replace(",", ";").replace(".", ",").encode()
    assert np.allclose(read_outside(decimal, "x.csv").scores, LOGITS)
    bare = good.partition("\n")[2].encode()
    assert np.allclose(read_outside(bare, "x.csv").scores, LOGITS) and read_outside(bare, "x.csv").class_names == ()
    words = malformed.table(LOGITS, [f"class {k}" for k in LABELS])
    assert np.array_equal(read_outside(words, "x.csv").labels, LABELS)
    with_id = "id," + good.replace("\n", "\n7,").removesuffix("7,")
    assert np.allclose(read_outside(with_id.encode(), "x.csv").scores, LOGITS)
    category = malformed.parquet(LOGITS, [f"class {k}" for k in LABELS])
    assert np.array_equal(read_outside(category, "x.parquet").labels, LABELS)


def test_half_precision_of_either_kind():
    import torch
    from safetensors.torch import save

    for kind, off in ((torch.bfloat16, 0.05), (torch.float16, 0.01)):
        found = read_outside(
            save({"logits": torch.from_numpy(LOGITS).to(kind), "labels": torch.from_numpy(LABELS)}), "x.safetensors"
        )
        assert np.allclose(found.scores, LOGITS, atol=off)


def test_sizes_are_refused_before_anything_is_read():
    with pytest.raises(LsvizError, match="100,000,000"):
        read_outside(bytes(COMMAND.file + 1), "x.npz")


def test_metadata_comes_along_as_plain_text():
    content = malformed.safetensors(
        {"logits": LOGITS, "labels": LABELS}, {"model": "Res\u202eNet\n50", "class_names": json.dumps(["<b>", "b", "c", "d"])}
    )
    found = read_outside(content, "x.safetensors")
    assert found.told["model"] == "ResNet 50" and found.class_names[0] == "<b>"


def test_the_template_is_a_sound_file():
    found = read_outside(template_csv().encode(), "template.csv")
    assert (found.num_rows, found.num_classes, found.class_names) == (4, 3, ("class 0", "class 1", "class 2"))
    assert set(FORMATS) == {"safetensors", "npz", "csv", "tsv", "csv.gz", "parquet"}
