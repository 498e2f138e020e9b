"""Screen texts without storing anything: JSONL in, JSONL out, in order, one bad line at a time survived."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from models import LANGUAGES
from pipeline.batch import process
from pipeline.classify import classify, reconsider
from pipeline.entities import find_entities
from pipeline.language import assign_language
from pipeline.names import find_names
from pipeline.records import Document, Mention, Quarantined, Stage, Stop
from pipeline.score import Priority, is_look, make_score

STAGES = ("language", "gazetteer", "entities", "classify")
KNOWN = (*LANGUAGES, "und")


class BadLine(Exception):
    """One input line cannot be used; the message says what is wrong with it."""


def make_scan_stages(
    names: Sequence[str],
    flag_at: float,
    priority: Priority | None = None,
    *,
    cascade: bool = True,
    lists: Sequence[Path] = (),
) -> tuple[Stage, ...]:
    """The stages that `--stages` names, in the order of the road. Raises Stop for an unknown name."""
    unknown = [name for name in names if name not in STAGES]
    if unknown or not names:
        raise Stop(f"--stages: unknown stage {', '.join(map(repr, unknown)) or repr('')} (known: {', '.join(STAGES)})")
    stages: list[Stage] = [_assign_missing_language] if "language" in names else []
    if "gazetteer" in names:
        stages.append(partial(find_entities, lists=lists))
    if "classify" in names:
        stages.append(_classify_known)
    if "classify" in names and "entities" in names:
        stages.append(partial(reconsider, cascade=cascade))
    if "entities" in names:
        stages.append(partial(find_names, cascade=cascade))
    if "classify" in names:
        stages.append(partial(make_score, flag_at=flag_at, priority=priority))
    return tuple(stages)


def scan(lines: Iterable[bytes], stages: Sequence[Stage]) -> Iterator[dict[str, Any]]:
    """One answer per non-empty line: the findings, or `{"id", "error"}`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        ident: Any = None
        try:
            row = _parse(line)
            ident = row.get("id")
            yield _scan_one(_check(row), stages)
        except BadLine as error:
            yield {"id": ident, "error": f"line {number}: {error}"}


def dump(row: dict[str, Any]) -> str:
    """One line of JSON; lone surrogates, which UTF-8 cannot hold, stay escaped as they came."""
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return text


def _parse(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise BadLine("nested too deeply") from error
    except ValueError as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadLine(f"must be an object with 'id' and 'text', not a {type(row).__name__}")
    return row


def _check(row: dict[str, Any]) -> dict[str, Any]:
    if "id" not in row:
        raise BadLine("'id' is missing")
    for key in ("text", "title", "url", "language"):
        if key == "text" and key not in row:
            raise BadLine("'text' is missing")
        if not isinstance(row.get(key) or "", str):
            raise BadLine(f"'{key}' must be a text, not a {type(row[key]).__name__}")
    if (row.get("language") or "und") not in KNOWN:
        known = ", ".join(KNOWN)
        raise BadLine(f"'language' {row['language']!r} is unknown (known: {known}; leave it out to have it detected)")
    return row


def _scan_one(row: dict[str, Any], stages: Sequence[Stage]) -> dict[str, Any]:
    doc = Document(
        id=str(row["id"]),
        url=row.get("url") or "",
        source="",
        fetched_at=datetime.now(UTC),
        title=row.get("title") or "",
        text=row["text"] or "",
        language=row.get("language") or "",
    )
    outcome = process([doc], stages)[0]
    if not isinstance(outcome, Document):
        raise BadLine(f"stage {outcome.stage} failed: {outcome.error if isinstance(outcome, Quarantined) else outcome.detail}")
    return {"id": row["id"]} | _answer(outcome)


def _answer(doc: Document) -> dict[str, Any]:
    labels: dict[str, Any] = {"relevance": {}, "topics": {}, "genre": {}}
    for label in doc.labels:
        if label.axis in labels:
            labels[label.axis][label.label] = round(label.probability, 4)
    return {
        "language": doc.language or "und",
        "script": doc.script,
        "language_confidence": round(doc.language_confidence, 4),
        "guess": doc.guess,
        "mentions": [_mention(mention) for mention in doc.mentions],
        "labels": labels,
        "modality": [label.label for label in doc.labels if label.axis == "modality"],
        "score": doc.score,
        "flagged": doc.flagged,
        "look": is_look(doc),
        "reasons": list(doc.reasons),
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return asdict(mention) | {"found_by": list(mention.found_by)}


def _assign_missing_language(docs: Sequence[Document]) -> list[Document]:
    """A language that the caller gives is believed; the script is always read from the text."""
    found = assign_language(docs)
    return [
        replace(new, language=old.language, language_confidence=1.0, guess="") if old.language else new
        for old, new in zip(docs, found, strict=True)
    ]


def _classify_known(docs: Sequence[Document]) -> list[Document]:
    """A text in a language that is not ours gets no labels: the classifier has never seen it."""
    return [
        classify([doc])[0]
        if doc.language != "und"
        else replace(doc, reasons=(f"language not supported{f': looks like {doc.guess}' if doc.guess else ''}",))
        for doc in docs
    ]
