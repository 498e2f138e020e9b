"""The texts that the encoder learns from: sentences with spans, and plain texts to count pieces in and to distil on."""

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ("PER", "ORG", "LOC")
_PIECE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with its names: (start, end, label) in code points; `source` names the file."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    language: str
    source: str


def read_sentences(path: Path) -> Iterator[Sentence]:
    """Every line of every text of a JSONL file with `spans`; titles are sentences without known spans and stay out."""
    for row in _read_rows(path):
        if row.get("ship", True) and "spans" in row:
            spans = [_make_span(span) for span in row["spans"]]
            yield from _cut(row["text"], [span for span in spans if span[2] in LABELS], row["language"], path.name)


def read_texts(path: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of a TSV `language<TAB>text...`, of SIB-200, of JSONL, or of plain text in the language of its name."""
    if ".jsonl" in path.name:
        yield from ((row["language"], row["text"]) for row in _read_rows(path) if row.get("ship", True))
    elif path.name.startswith("sib200"):
        language = {"tgk": "tg", "uzn": "uz", "rus": "ru", "eng": "en"}[path.name[7:10]]
        yield from ((language, row["text"]) for row in csv.DictReader(_open(path), delimiter="\t"))
    elif ".tsv" in path.name:
        for line in _open(path):
            language, text = line.rstrip("\n").split("\t")[:2]
            yield language.split("-")[0], text
    else:
        yield from ((path.name[:2], line.strip()) for line in _open(path) if line.strip())


def make_key(text: str) -> str:
    """The key under which reserved texts are excluded: SHA-256 of the lower-cased words."""
    return hashlib.sha256(re.sub(r"\W+", " ", text.lower()).strip().encode("utf-8", "replace")).hexdigest()


def load_excluded(path: Path | None) -> frozenset[str]:
    """The keys of texts that must not be learned from."""
    return frozenset(path.read_text(encoding="utf-8").split()) if path else frozenset()


def _make_span(span: Any) -> tuple[int, int, str]:
    return (span["start"], span["end"], span["label"]) if isinstance(span, dict) else (span[0], span[1], span[2])


def _cut(text: str, spans: Iterable[tuple[int, int, str]], language: str, source: str) -> Iterator[Sentence]:
    spans = sorted(spans)
    for match in _PIECE.finditer(text):
        start, end = match.span()
        inside = tuple((a - start, b - start, label) for a, b, label in spans if a >= start and b <= end)
        yield Sentence(match.group(), inside, language, source)


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in _open(path))


def _open(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from lines
