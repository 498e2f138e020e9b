"""`xabar extract`: files of HTML or PDF to text and date, one line of JSON each, nothing stored."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.batch import process
from pipeline.extract import extract
from pipeline.language import assign_language
from pipeline.records import Document, Page, Quarantined, Skipped


def read_files(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """`{"path", "title", "text", "published", "published_source", "language"}` or `{"path", "error"}`, in order."""
    for path in paths:
        try:
            body = path.read_bytes()
        except OSError as error:
            yield {"path": str(path), "error": f"cannot be read: {error.strerror}"}
            continue
        yield {"path": str(path)} | _read(Page(path.resolve().as_uri(), "", datetime.now(UTC), {}, body))


def _read(page: Page) -> dict[str, Any]:
    outcome = process([page], (extract, assign_language))[0]
    match outcome:
        case Skipped():
            return {"error": f"{outcome.reason.value}: {outcome.detail}".removesuffix(": ")}
        case Quarantined():
            return {"error": f"stage {outcome.stage} failed: {outcome.error}"}
        case Document():
            return {
                "title": outcome.title,
                "text": outcome.text,
                "published": outcome.published,
                "published_source": outcome.published_source,
                "language": outcome.language,
                "script": outcome.script,
            }
