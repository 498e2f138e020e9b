"""Fetched pages, and what must be remembered of an address between two crawls."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.records import Fetch, Link, Page, Rules
from pipeline.store.connection import Connection, marks, now
from pipeline.store.removal import Removals

RULES_HOURS = 24  # RFC 9309, 2.4: a cached robots.txt should not be used for longer
KEPT = "pages.id NOT IN (SELECT page_id FROM tombstones)"  # what was removed has no bytes to read again


@dataclass(frozen=True, slots=True)
class PageRef:
    """A stored page without its bytes: enough to read them from the WARC and make the Page again."""

    id: str
    url: str
    source: str
    fetched_at: datetime
    status: int
    body_sha256: str
    warc_file: str
    warc_offset: int
    hint_title: str | None
    hint_published: str | None


class Pages:
    """The tables pages, fetches and robots. It is also the spiders' FetchLog."""

    def __init__(self, connection: Connection, removals: Removals) -> None:
        self._connection = connection
        self.is_erased = removals.is_erased

    def save(self, page: Page, warc_file: str, warc_offset: int) -> bool:
        """Store a page and its validators together. False when these very bytes were stored before."""
        row = (
            page.id,
            page.url,
            page.source,
            page.fetched_at.isoformat(timespec="seconds"),
            page.status,
            page.body_sha256,
            warc_file,
            warc_offset,
            page.hint_title,
            page.hint_published,
        )
        with self._connection.write() as db:
            new = db.execute(f"INSERT OR IGNORE INTO pages VALUES ({marks(row)})", row).rowcount == 1
            _remember(db, _fetch(page), page.source)
        return new

    def touch(self, page: Page) -> None:
        """Bytes that are stored already came again: keep only the validators for the next request."""
        self.remember(_fetch(page), page.source)

    def has(self, page_id: str) -> bool:
        """Whether these bytes from this address are stored."""
        return self._connection.one("SELECT 1 FROM pages WHERE id = ?", page_id) is not None

    def recall(self, url: str) -> Fetch | None:
        """The last handled fetch of an address, or None."""
        row = self._connection.one("SELECT * FROM fetches WHERE url = ?", url)
        if row is None:
            return None
        links = tuple(Link(*link) for link in json.loads(row["links"]))
        return Fetch(row["url"], row["etag"], row["last_modified"], row["body_sha256"], links, row["next_url"])

    def remember(self, fetch: Fetch, source: str) -> None:
        """Keep the validators of a fetch, and an index page's links so that a later 304 still leads to them."""
        with self._connection.write() as db:
            _remember(db, fetch, source)

    def recall_rules(self, site: str) -> Rules | None:
        """The robots.txt of a site, if it is not older than a day."""
        oldest = (datetime.now(UTC) - timedelta(hours=RULES_HOURS)).isoformat(timespec="seconds")
        sql = "SELECT site, status, body FROM robots WHERE site = ? AND fetched_at BETWEEN ? AND ?"
        row = self._connection.one(sql, site, oldest, now())
        return None if row is None else Rules(*row)

    def remember_rules(self, rules: Rules) -> None:
        """Keep a site's robots.txt for a day."""
        with self._connection.write() as db:
            db.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", (rules.site, rules.status, rules.body, now()))

    def mark(self, name: str) -> None:
        """Remember that something, such as a file to import, was done whole; `recall` gives it back."""
        self.remember(Fetch(name), "")

    def pending(self, *, batch: int, retry: bool = False, again: bool = False) -> Iterator[list[PageRef]]:
        """Pages without an outcome, in batches; `retry` adds the quarantined ones, `again` takes every page."""
        wanted = "1" if again else "outcome IS NULL" + (" OR outcome = 'quarantined'" if retry else "")
        sql = (
            f"SELECT pages.rowid AS number, pages.* FROM pages LEFT JOIN outcomes ON page_id = pages.id"
            f" WHERE ({wanted}) AND {KEPT} AND pages.rowid > ? ORDER BY pages.rowid LIMIT ?"
        )
        last = 0
        while rows := self._connection.all(sql, last, batch):
            last = rows[-1]["number"]
            yield [_page_ref(row) for row in rows]

    def count_pending(self, *, retry: bool = False, again: bool = False) -> int:
        """How many pages `pending` will give now."""
        wanted = "1" if again else "outcome IS NULL" + (" OR outcome = 'quarantined'" if retry else "")
        sql = f"SELECT count(*) FROM pages LEFT JOIN outcomes ON page_id = pages.id WHERE ({wanted}) AND {KEPT}"
        return int(self._connection.one(sql)[0])


def _fetch(page: Page) -> Fetch:
    headers = {name.lower(): value for name, value in page.headers.items()}
    return Fetch(page.url, headers.get("etag"), headers.get("last-modified"), page.body_sha256)


def _remember(db: sqlite3.Connection, fetch: Fetch, source: str) -> None:
    links = json.dumps([[link.url, link.title, link.published] for link in fetch.links], ensure_ascii=False)
    row = (fetch.url, source, fetch.etag, fetch.last_modified, fetch.body_sha256, links, fetch.next_url, now())
    db.execute(f"INSERT OR REPLACE INTO fetches VALUES ({marks(row)})", row)


def _page_ref(row: sqlite3.Row) -> PageRef:
    names = ("id", "url", "source", "status", "body_sha256", "warc_file", "warc_offset", "hint_title", "hint_published")
    return PageRef(fetched_at=datetime.fromisoformat(row["fetched_at"]), **{name: row[name] for name in names})
