"""Where a spider's Page enters the archive: Scrapy's item pipeline, named to it by dotted path."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pipeline.doorway import Doorkeeper
from pipeline.evidence import EvidenceWriter
from pipeline.live import load_judge
from pipeline.records import Page
from pipeline.store import Store


class Intake:
    """WARC first, then the row that points to it: a kill in between costs an orphan record, never a page.

    Before both the doorkeeper: of a page in a group's own voice only hash, host and time are noted, and its source is paused.
    """

    def __init__(self, store: Store, doorkeeper: Doorkeeper | None = None) -> None:
        self._store = store
        self._doorkeeper = doorkeeper or Doorkeeper(load_judge(store))
        self._writer = EvidenceWriter(store.evidence_folder)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Intake":
        """Scrapy calls this; `xabar crawl` gives the store to the spider as its archive."""
        return cls(crawler.spider.archive)

    def process_item(self, item: Any) -> Any:
        """Archive a page that we do not have yet; what comes back is acknowledged. What was erased on request stays out."""
        if isinstance(item, Page) and self._store.removals.is_erased(item.url):
            return item
        if isinstance(item, Page) and not self._store.pages.has(item.id):
            self._take(item)
        elif isinstance(item, Page):
            self._store.pages.touch(item)
        return item

    def _take(self, page: Page) -> None:
        if self._store.gate.has_dropped(page.body_sha256):
            return
        if self._doorkeeper.refuses(page):
            self._store.gate.drop(page.source, urlsplit(page.url).hostname or "", page.body_sha256)
            return
        self._store.pages.save(page, *self._writer.append(page))

    def close_spider(self) -> None:
        """Close this run's WARC file."""
        # Every page was pushed to the disk when it was acknowledged: what a full disk still refuses belongs to none.
        with suppress(OSError):
            self._writer.close()
