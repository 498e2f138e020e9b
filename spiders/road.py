"""The road that all spiders share: an index page announces articles, an article becomes a Page."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import scrapy
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from pipeline.records import Fetch, FetchLog, Link, Page, Rules
from spiders.address import canonical
from spiders.failure import explain
from spiders.files import find_files
from spiders.guard import Refused
from spiders.index import Index, NotAnIndex, Reader
from spiders.source import Source, Start, load_sources
from spiders.tally import Tally

MAX_INDEX_PAGES = 50
SLOW_SECONDS = 10.0


class NoMemory:
    """A FetchLog that forgets: for `scrapy crawl`, which has no store."""

    def recall(self, url: str) -> Fetch | None:  # noqa: ARG002  the protocol has it
        """Nothing is known."""
        return None

    def is_erased(self, url: str) -> bool:  # noqa: ARG002  the protocol has it
        """Nothing is known to have been erased."""
        return False

    def remember(self, fetch: Fetch, source: str) -> None:
        """Nothing is kept."""

    def recall_rules(self, site: str) -> Rules | None:  # noqa: ARG002  the protocol has it
        """Nothing is known."""
        return None

    def remember_rules(self, rules: Rules) -> None:
        """Nothing is kept."""


class SourceSpider(scrapy.Spider):
    """Crawls sources through one kind of index; subclasses say which ones they can read."""

    readers: ClassVar[dict[str, Reader]] = {}

    def __init__(self, source: str | None = None, sources: str | dict[str, Source] = "spiders/sources", limit: int | None = None,
                 fetch_log: FetchLog | None = None, tally: Tally | None = None, archive: Any = None,
                 resting: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        found = sources if isinstance(sources, dict) else load_sources(Path(sources))
        self.sources = {source: found[source]} if source else found
        self.limit = int(limit) if limit else None
        self.fetch_log = fetch_log or NoMemory()
        self.tally = tally or Tally(self.sources)
        self.archive = archive
        self.resting = resting or {}
        self._asked: dict[str, set[str]] = {name: set() for name in self.sources}
        self._indexes: dict[str, set[str]] = {name: {start.url for start in found.start} for name, found in self.sources.items()}

    async def start(self) -> AsyncIterator[Request]:
        """One request per way into each source."""
        for source in self.sources.values():
            for start in source.start:
                if start.kind in self.readers:
                    yield self._ask(source, start.url, self.parse_index, start=start)

    async def parse_index(self, response: Response) -> AsyncIterator[Request]:
        """Ask for what the index announces; after a 304, for what it announced last time."""
        source, start = response.meta["source"], response.meta["start"]
        try:
            # In a thread: a feed made to be slow would hold up every other site.
            index = await asyncio.to_thread(self._read_index, response)
        except NotAnIndex as error:
            self.tally.fail(source.id, f"{start.kind}: {error}")
            self.tally.answer(source.id)
            return
        self.tally.read(source.id)
        requests = self._ask_articles(source, start, index.links)
        for request in (*requests, *self._ask_indexes(source, start, index, requests)):
            yield request
        self.tally.answer(source.id)

    def _read_index(self, response: Response) -> Index:
        source, start, known = response.meta["source"], response.meta["start"], response.meta["known"]
        if response.status == 304 and known:
            return Index(known.links, next_url=known.next_url)
        index = self.readers[start.kind](response.body, response.url, source)
        # An index of sitemaps is read anew every time: after a 304 nothing would lead to the sitemaps below it.
        if not index.indexes:
            self.fetch_log.remember(_fetch(response, index), source.id)
        return index

    def parse_article(self, response: Response) -> Iterator[Page | Request]:
        """The Page, unless it is what we have; of a report's page also the files that it links to."""
        source, link, known = response.meta["source"], response.meta["link"], response.meta["known"]
        self.tally.answer(source.id)
        for oddity in _oddities(response):
            self.tally.note(source.id, oddity)
        if response.url != response.meta["asked"]:
            known = self.fetch_log.recall(response.url)
        if response.status == 200 and (packed := response.headers.get("Content-Encoding")):
            self.tally.fail(source.id, f"is packed in a way that was not asked for ({packed.decode('latin-1')[:20]})")
            return
        if response.status == 200 and (wish := _opt_out(response)):
            self.tally.refuse(source.id, f"asks not to be kept ({wish})")
            return
        page = Page(url=response.url, source=source.id, fetched_at=datetime.now(UTC).replace(microsecond=0),
                    headers=response.meta["headers"], body=response.body, status=response.status,
                    hint_published=link.published, hint_title=link.title, raw=response.meta.get("raw"))
        if response.status == 304:
            self.tally.keep(source.id)
        elif response.status != 200:
            self.tally.fail(source.id, f"HTTP {response.status}")
        elif known and known.body_sha256 == page.body_sha256:
            self.fetch_log.remember(replace(_fetch(response, Index(())), url=page.url), source.id)
            self.tally.keep(source.id)
        else:
            yield page
            if response.meta["start"].kind == "report":
                yield from self._ask_articles(source, response.meta["start"], find_files(response.body, response.url, source))

    def fail(self, failure: Failure) -> None:
        """Count a request that brought nothing, with the reason in words."""
        request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        self.tally.answer(request.meta["source"].id)
        what = "" if request.meta.get("article") else f"{request.meta['start'].kind}: "
        if isinstance(failure.value, Refused):
            self.tally.refuse(request.meta["source"].id, what + str(failure.value))
        else:
            self.tally.fail(request.meta["source"].id, what + explain(failure.value or Exception("no detail"), self.settings))

    def _ask_articles(self, source: Source, start: Start, links: Sequence[Link]) -> list[Request]:
        """Requests for the articles that this crawl has not asked for yet."""
        requests = []
        for link in links:
            url = canonical(link.url, source.homepage, source.hosts)
            if not source.owns(url):
                self.tally.refuse_link(source.id, urlsplit(url).netloc)
                continue
            asked = self._asked[source.id]
            if not source.allows(url):
                self.tally.note(source.id, "links outside the allowed paths, not followed")
                continue
            if url in asked or (self.limit and len(asked) >= self.limit):
                continue
            if self.fetch_log.is_erased(url):
                self.tally.refuse(source.id, "erased on request, not fetched again")
                continue
            asked.add(url)
            requests.append(self._ask(source, url, self.parse_article, article=True, link=link, start=start))
        return requests

    def _ask_indexes(self, source: Source, start: Start, index: Index, requests: Sequence[Request]) -> Iterator[Request]:
        further = list(index.indexes)
        fresh = any(request.meta["known"] is None for request in requests)
        # A page that adds nothing ends the list, or an endless one would be read to the limit at every crawl.
        if index.next_url and requests and (fresh or self._has_unknown(source, index.next_url)):
            further.append(index.next_url)
        for url in further:
            seen = self._indexes[source.id]
            if not source.owns(url) or url in seen or (self.limit and len(self._asked[source.id]) >= self.limit):
                continue
            seen.add(url)
            if len(seen) > MAX_INDEX_PAGES:
                self.tally.note(source.id, f"{start.kind}: goes on after {MAX_INDEX_PAGES} pages, stopped there")
                return
            yield self._ask(source, url, self.parse_index, start=start)

    def _has_unknown(self, source: Source, url: str) -> bool:
        """Whether a list's next page was never read, or announced articles that a killed crawl did not get."""
        known = self.fetch_log.recall(url)
        if known is None:
            return True
        addresses = (canonical(link.url, source.homepage, source.hosts) for link in known.links)
        return any(self.fetch_log.recall(address) is None for address in addresses if source.allows(address))

    def _ask(self, source: Source, url: str, callback: Any, **meta: Any) -> Request:
        known = self.fetch_log.recall(url)
        self.tally.ask(source.id)
        headers = {}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        # We keep our own record of what was asked: Scrapy's filter would drop a redirect to a known address uncounted.
        return Request(url, callback, headers=headers, errback=self.fail, dont_filter=True,
                       meta={"source": source, "known": known, "asked": url, "handle_httpstatus_list": [304], **meta})


def _oddities(response: Response) -> Iterator[str]:
    """What an operator should know of an answer that came all the same."""
    if response.meta.get("download_latency", 0.0) > SLOW_SECONDS:
        yield f"answers slowly: more than {SLOW_SECONDS:.0f} s a page"
    if response.meta.get("retry_times"):
        yield "came only at a second or third try"
    if response.status == 200 and not response.body:
        yield "answered with 0 bytes"
    kind = response.headers.get("Content-Type") or b""
    if b"\0" in response.body[:1000] and b"text/html" in kind:
        yield "binary data served as text/html"
    elif response.status == 200 and (charset := _misdeclared(response)):
        yield f"declares {charset[:20]} and is in another character set"


def _misdeclared(response: Response) -> str | None:
    """The character set that the header declares, when the bytes are not in it."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    declared = re.search(r"charset=[\"']?([\w-]+)", kind, re.IGNORECASE)
    try:
        response.body.decode(declared[1] if declared else "latin-1")
    except (UnicodeDecodeError, LookupError):
        return declared[1].lower() if declared else None
    return None


def _opt_out(response: Response) -> str | None:
    """The header in which a publisher reserves the use of a page, beyond robots.txt."""
    tag = ", ".join(value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag")).lower()
    if {"none", "noindex", "noarchive"} & {word.strip() for word in tag.split(",")}:
        return f"X-Robots-Tag: {tag}"
    return "TDM-Reservation: 1" if response.headers.get("TDM-Reservation") == b"1" else None


def _fetch(response: Response, index: Index) -> Fetch:
    headers = {name.lower(): value for name, value in response.meta["headers"].items()}
    asked = response.meta["asked"]  # the address before any redirect: the one that is looked up next time
    return Fetch(asked, headers.get("etag"), headers.get("last-modified"), hashlib.sha256(response.body).hexdigest(),
                 index.links, index.next_url)
