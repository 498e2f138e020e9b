"""Golden pages: a page with what was read from it on the day, so that a later change of the site or of xabar shows."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.extract import extract
from pipeline.language import detect_language
from pipeline.records import Document, Layout, Page, Skipped, Stop

LEAST_AGREEMENT = 0.9  # of the words: a little more or less is an advertisement, or a correction
EXACT = ("title", "published", "language")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Golden:
    """One recorded page: its address, the bytes of that day and what was read from them."""

    url: str
    body: bytes
    facts: Mapping[str, Any]


def read_facts(page: Page, layout: Layout | None = None) -> dict[str, Any]:
    """What extract and language find: url, content_type, title, text, characters, language, published, or why it was skipped."""
    [outcome] = extract([page], layout_of=lambda _: layout)
    if isinstance(outcome, Document):
        [outcome] = detect_language([outcome])
    kind = next((value for name, value in page.headers.items() if name.lower() == "content-type"), "")
    facts: dict[str, Any] = {"url": page.url, "content_type": kind, "characters": 0, "language": None, "published": None}
    if isinstance(outcome, Skipped):
        return facts | {"skipped": outcome.reason.value}
    if isinstance(outcome, Document):
        return facts | {
            "title": outcome.title,
            "characters": len(outcome.text),
            "language": outcome.language,
            "published": outcome.published,
            "published_source": outcome.published_source,
            "text": outcome.text,
        }
    return facts


def keep_golden(page: Page, folder: Path, layout: Layout | None = None) -> Path:
    """Write the page and what is read from it today. Raises Stop when it cannot be written."""
    target = folder / page.source / f"{page.id}{'.pdf' if page.body.startswith(b'%PDF') else '.html'}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(page.body)
        expected = {"fetched_at": page.fetched_at.isoformat(), "body_sha256": page.body_sha256} | read_facts(page, layout)
        target.with_suffix(".json").write_text(json.dumps(expected, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Stop(f"{target}: cannot be written ({error.strerror}); name another folder with --out") from error
    return target


def load_golden(folder: Path, source: str) -> list[Golden]:
    """The recorded pages of a source, by their names. Raises Stop for a file that cannot be read."""
    found = []
    for path in sorted((folder / source).glob("*.json")):
        body = next((path.with_suffix(ending) for ending in (".html", ".pdf") if path.with_suffix(ending).exists()), None)
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            found.append(Golden(facts["url"], body.read_bytes() if body else b"", facts))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Stop(f"{path}: is no golden page ({error}); remove it, or record it again") from error
    return found


def reread(golden: Golden, source: str, layout: Layout | None = None) -> list[str]:
    """What today's xabar reads otherwise from the very bytes of that day."""
    headers = {"Content-Type": golden.facts.get("content_type", "")}
    page = Page(golden.url, source, datetime.fromisoformat(golden.facts["fetched_at"]), headers, golden.body)
    return compare(golden.facts, read_facts(page, layout))


def compare(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """A line for each thing that is read otherwise than recorded."""
    if "skipped" in found:
        return [] if found["skipped"] == expected.get("skipped") else [f"is skipped now: {found['skipped']}"]
    lines = [f"{key} was {expected.get(key)!r}, is {found.get(key)!r}" for key in EXACT if expected.get(key) != found.get(key)]
    agreement = _measure_agreement(expected.get("text", ""), found.get("text", ""))
    if agreement < LEAST_AGREEMENT:
        lengths = f"{expected.get('characters')} characters then, {found.get('characters')} now"
        lines.append(f"text agrees in {agreement:.0%} of its words only ({lengths})")
    return lines


def _measure_agreement(one: str, other: str) -> float:
    words, others = Counter(_WORDS.findall(one.lower())), Counter(_WORDS.findall(other.lower()))
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 1.0
