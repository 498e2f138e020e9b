"""Where a spider's Page enters the archive: Scrapy's item pipeline, named to it by dotted path."""

from contextlib import suppress
from typing import Any

from pipeline.evidence import EvidenceWriter
from pipeline.records import Page
from pipeline.store import Store


class Intake:
    """WARC first, then the row that points to it: a kill in between costs an orphan record, never a page."""

    def __init__(self, store: Store) -> None:
        self._store = store
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
            self._store.pages.save(item, *self._writer.append(item))
        elif isinstance(item, Page):
            self._store.pages.touch(item)
        return item

    def close_spider(self) -> None:
        """Close this run's WARC file."""
        # Every page was pushed to the disk when it was acknowledged: what a full disk still refuses belongs to none.
        with suppress(OSError):
            self._writer.close()
