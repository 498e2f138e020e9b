"""The texts written for the project: every label known, every span in place, nothing held back that was trained on."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.relevance.labels import load_labels

FOLDER = Path(__file__).resolve().parent.parent / "models" / "texts"
FILES = sorted(FOLDER.glob("*.jsonl"))
LABELLED = [path for path in FILES if path.name.split(".")[0] in ("first", "short", "written", "later", "heldback")]
NER = [path for path in FILES if path.name.startswith("ner.")]
SCRIPTS = {"uz": {"Latn", "Cyrl"}, "tg": {"Cyrl"}, "ru": {"Cyrl"}, "en": {"Latn"}}
SPAN_LABELS = {"PER", "ORG", "LOC", "EVENT", "WORK", "TERM"}
NEGATIVE_CLASSES = {
    *("ordinary-religion", "names", "places-history", "homograph", "media-brands", "state-life"),
    *("legal-boilerplate", "other-conflict", "ordinary-crime"),
}
KINDS = {"ethnicity", "nationality", "religion", "migrant", "name", "gender"}
SHINGLE = 4
ALIKE = 0.5


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def iter_words(text: str) -> Iterator[str]:
    return (match[0] for match in re.finditer(r"\w+", text.lower()))


def make_shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = list(iter_words(text))
    return frozenset(tuple(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=name)
def test_ids_are_unique_and_no_text_stands_twice(path: Path) -> None:
    rows = read(path)
    assert [key for key, count in Counter(row["id"] for row in rows).items() if count > 1] == []
    keys = Counter(" ".join(iter_words(row.get("text") or row["a"] + " | " + row["b"])) for row in rows)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("path", [*LABELLED, *NER], ids=name)
def test_language_and_script_agree_with_the_file_name(path: Path) -> None:
    language, _, script = path.name.split(".")[1].partition("-")
    for row in read(path):
        assert row["language"] == language, row["id"]
        assert row["script"] in SCRIPTS[language], row["id"]
        assert script in ("", row["script"]), row["id"]


@pytest.mark.parametrize("path", [*LABELLED, *NER], ids=name)
def test_spans_stand_in_the_text_and_never_overlap(path: Path) -> None:
    for row in read(path):
        end_before = 0
        for start, end, label, *_ in sorted(row.get("spans", ())):
            assert end_before <= start < end <= len(row["text"]), row["id"]
            assert row["text"][start:end] == row["text"][start:end].strip(), row["id"]
            assert label in (SPAN_LABELS if path in LABELLED else {"PER", "ORG", "LOC"}), row["id"]
            end_before = end


@pytest.mark.parametrize("path", LABELLED, ids=name)
def test_labels_are_of_the_scheme_and_agree_with_each_other(path: Path) -> None:
    scheme = load_labels()
    for row in read(path):
        assert row["relevance"] in scheme["relevance"], row["id"]
        assert set(row["topics"]) <= scheme["topics"].keys(), row["id"]
        assert row["genre"] in scheme["genre"].keys() - {"extremist-promotional-content"}, row["id"]
        assert row["negative_class"] is None or row["negative_class"] in NEGATIVE_CLASSES, row["id"]
        if row["relevance"] in ("R2", "R3"):
            assert row["negative_class"] is None, row["id"]


@pytest.mark.parametrize("path", [path for path in LABELLED if path.name.startswith("heldback")], ids=name)
def test_nothing_held_back_is_nearly_a_training_text(path: Path) -> None:
    language = path.name.split(".")[1].split("-")[0]
    training = [row for other in LABELLED if not other.name.startswith("heldback") for row in read(other)]
    shingles = [(row["id"], make_shingles(row["text"])) for row in training if row["language"] == language]
    for row in read(path):
        own = make_shingles(row["text"])
        alike = [key for key, theirs in shingles if len(own & theirs) >= ALIKE * min(len(own), len(theirs))]
        assert alike == [], row["id"]


def test_pairs_name_what_they_swap_and_differ_in_little() -> None:
    for row in read(FOLDER / "counterfactual.jsonl"):
        assert row["kind"] in KINDS, row["id"]
        assert row["expected"] == "same", row["id"]
        a, b = set(iter_words(row["a"])), set(iter_words(row["b"]))
        assert a != b, row["id"]
        assert len(a & b) >= 0.5 * max(len(a), len(b)), row["id"]
