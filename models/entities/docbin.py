"""Annotated texts to and from spaCy's DocBin, for researchers who train elsewhere."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, DocBin
from spacy.util import filter_spans

from models import LANGUAGES


class BadSpans(ValueError):
    """A row that cannot become a spaCy text; the message names its id."""


def write_docbin(rows: Iterable[dict[str, Any]], path: Path) -> int:
    """Write rows `{id, language, text, spans: [[start, end, label]]}`; returns how many. Raises BadSpans."""
    store = make_docbin(rows)
    store.to_disk(path)
    return len(store)


def make_docbin(rows: Iterable[dict[str, Any]]) -> DocBin:
    """The same rows as a DocBin in memory. Raises BadSpans."""
    store = DocBin(store_user_data=True)
    pipelines = {language: make_blank(language) for language in LANGUAGES}
    for row in rows:
        store.add(_make(row, pipelines))
    return store


def read_docbin(path: Path) -> Iterator[dict[str, Any]]:
    """The rows again, with offsets in code points. Texts of other tools have no id or language: they get a number and `und`."""
    vocab = spacy.blank("xx").vocab
    for number, parsed in enumerate(DocBin(store_user_data=True).from_disk(path).get_docs(vocab), 1):
        yield {
            "id": parsed.user_data.get("id", str(number)),
            "language": parsed.user_data.get("language", "und"),
            "text": parsed.text,
            "spans": [[span.start_char, span.end_char, span.label_] for span in parsed.ents],
        }


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """One object a line."""
    yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def make_blank(language: str) -> Any:
    """An empty pipeline in one of our languages. Uzbek and Tajik are registered when this room is imported."""
    from models.entities import spacy_language

    own = {"uz": spacy_language.Uzbek, "tg": spacy_language.Tajik}
    return own[language]() if language in own else spacy.blank(language)


def _make(row: dict[str, Any], pipelines: dict[str, Any]) -> Doc:
    if row.get("language") not in pipelines:
        raise BadSpans(f"text {row.get('id')!r}: language {row.get('language')!r} is unknown (known: {', '.join(LANGUAGES)})")
    parsed: Doc = pipelines[row["language"]].make_doc(row["text"])
    spans = []
    for start, end, label, *_ in row.get("spans", ()):
        inside = 0 <= start < end <= len(row["text"])
        span = parsed.char_span(start, end, label, alignment_mode="expand") if inside else None
        if span is None:
            length = len(row["text"])
            raise BadSpans(f"text {row.get('id')!r}: no words between {start} and {end} of a text of {length} characters")
        spans.append(span)
    parsed.ents = tuple(filter_spans(spans))
    parsed.user_data |= {"id": str(row.get("id", "")), "language": row["language"]}
    return parsed
