"""The gate for promotional content: a text in a group's own voice is dropped, its source paused, the operator told.

What stays is the hash of the page, the host and the time. The text leaves database and WARC files by the same road as an
erasure, so the chain of custody stays whole and the address is never fetched again.
"""

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from pipeline.custody.removal import Busy, erase_pages
from pipeline.records import Document, Reason, Skipped
from pipeline.store import Store
from pipeline.store.gate import Dropped

PROMOTIONAL = "extremist-promotional-content"
WHY = "a group's own voice, and nobody reporting it"


def drop_promotional(docs: Sequence[Document]) -> list[Document | Skipped]:
    """The stage: such a document ends here, and nothing of its text goes on."""
    return [Skipped(doc.id, "gate", Reason.PROMOTIONAL, WHY) if is_promotional(doc) else doc for doc in docs]


def is_promotional(doc: Document) -> bool:
    """Whether the likeliest genre is a group's own voice."""
    genres = [label for label in doc.labels if label.axis == "genre"]
    return bool(genres) and max(genres, key=lambda label: label.probability).label == PROMOTIONAL


def enforce(store: Store) -> list[Dropped]:
    """Erase what the stage stopped, note hash, host and time, pause the sources.

    What stands in a file that a crawl is writing, or that a backup is copying, waits for the next run.
    """
    found = store.gate.waiting()
    for page in found:
        store.gate.drop(page.source, urlsplit(page.url).hostname or "", page.body_sha256)
    if not found:
        return []
    with suppress(Busy):
        erase_pages(store, [page.id for page in found], "promotional content")
    return [event for event in store.gate.events() if event.event == "drop"][-len(found) :]
