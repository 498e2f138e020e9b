"""`xabar sources check`, `record` and `add`: what a source answers today, asked as politely as in a crawl."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.config import Config
from pipeline.crawl import check_contact
from pipeline.golden import Golden, compare, keep_golden, load_golden, read_facts, reread
from pipeline.records import Fetch, Page, Rules, Stop
from spiders.crawl import crawl
from spiders.discovery import GOLDEN, LOOKS, DiscoverySpider, OnePageSpider
from spiders.road import SourceSpider
from spiders.settings import crawl_settings
from spiders.source import Source, Start, load_source, why_denied
from spiders.tally import Tally

LEAST_CHARACTERS = 200
ARTICLES = 2
MOST_WAYS = 2


@dataclass
class Finding:
    """One source: what works, what does not, what its own site suggests instead, what its articles are like, and what is read
    otherwise from its golden pages."""

    source: str
    works: list[str] = field(default_factory=list)
    fails: list[str] = field(default_factory=list)
    suggests: list[str] = field(default_factory=list)
    articles: list[dict[str, Any]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    verified_on: str | None = None

    @property
    def good(self) -> bool:
        """Whether a way in was read, an article came out of it, and the golden pages are read as they were."""
        enough = any(article["characters"] >= LEAST_CHARACTERS for article in self.articles)
        return bool(self.works) and enough and not self.changed


class Notebook:
    """A FetchLog that forgets between runs and keeps what was read for the report; also the archive of a check."""

    def __init__(self) -> None:
        self.read: list[tuple[str, Fetch]] = []
        self.pages: list[Page] = []

    def recall(self, url: str) -> Fetch | None:  # noqa: ARG002  the protocol has it
        """Everything is asked anew."""
        return None

    def is_erased(self, url: str) -> bool:  # noqa: ARG002  the protocol has it
        """Nothing is stored, so nothing was erased."""
        return False

    def remember(self, fetch: Fetch, source: str) -> None:
        """Keep an index page that was read."""
        self.read.append((source, fetch))

    def recall_rules(self, site: str) -> Rules | None:  # noqa: ARG002  the protocol has it
        """Robots.txt is asked anew."""
        return None

    def remember_rules(self, rules: Rules) -> None:
        """It is not kept."""


class Collect:
    """Scrapy's item pipeline of a check: pages stay in memory and are never stored."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Collect":
        """Scrapy calls this."""
        return cls(crawler.spider.archive)

    def process_item(self, item: Any) -> Any:
        """Keep a page."""
        if isinstance(item, Page):
            self._notebook.pages.append(item)
        return item


def check_sources(sources: Mapping[str, Source], config: Config, golden: Path | None = None) -> list[Finding]:
    """Robots, homepage, every way in, two articles and the golden pages. Scrapy's reactor starts once per process."""
    kept = {name: load_golden(golden, name) if golden else [] for name in sources}
    asked = {
        name: replace(source, start=(*source.start, *_looks(source), *(Start(GOLDEN, page.url) for page in kept[name])))
        for name, source in sources.items()
    }
    notebook, tally = _ask(asked, config, ARTICLES, DiscoverySpider)
    reasons = {row.source: row.reasons for row in tally.rows()}
    return [_describe(source, notebook, reasons[name], kept[name]) for name, source in sources.items()]


def _ask(sources: dict[str, Source], config: Config, limit: int, spider: type[SourceSpider]) -> tuple[Notebook, Tally]:
    check_contact(sources, config)
    settings = crawl_settings(
        contact=config.crawl.contact,
        delay=config.crawl.delay_seconds,
        loopback_delay=config.crawl.loopback_delay_seconds,
        timeout=config.crawl.timeout_seconds,
        max_bytes=config.crawl.max_bytes,
        allow_private_hosts=config.crawl.allow_private_hosts,
        item_pipeline="pipeline.inspect_source.Collect",
        sources=sources.values(),
    )
    notebook = Notebook()
    return notebook, crawl(sources, limit=limit, settings=settings, fetch_log=notebook, archive=notebook, spider=spider)


def _looks(source: Source) -> tuple[Start, ...]:
    return Start("homepage", source.homepage), Start("robots", urljoin(source.homepage, "/robots.txt"))


def _describe(source: Source, notebook: Notebook, reasons: Mapping[str, int], golden: Sequence[Golden]) -> Finding:
    found, own = Finding(source.id), {start.url: start.kind for start in source.start}
    for name, fetch in notebook.read:
        if name != source.id:
            continue
        if kind := own.get(fetch.url):
            dated = sum(link.published is not None for link in fetch.links)
            allowed = sum(source.allows(link.url) for link in fetch.links)
            found.works.append(
                f"{kind} {fetch.url}: {len(fetch.links)} items, {dated} with a date, {allowed} in the article paths"
            )
        elif fetch.url == urljoin(source.homepage, "/robots.txt"):
            found.suggests += [f"sitemap {link.url}" for link in fetch.links if link.url not in own]
        elif fetch.url == source.homepage:
            found.suggests += [f"feed {link.url}" for link in fetch.links if link.url not in own]
    found.fails = [reason for reason in reasons if not reason.startswith(tuple(f"{kind}: " for kind in LOOKS))]
    pages = {page.url: page for page in notebook.pages if page.source == source.id}
    layout = source.layout
    for kept in golden:
        lines = [f"from the same bytes: {line}" for line in reread(kept, source.id, layout)]
        page = pages.get(kept.url)
        lines += compare(kept.facts, read_facts(page, layout)) if page else ["does not come any more"]
        found.changed += [f"golden page {kept.url}: {line}" for line in lines]
    found.articles = [{key: value for key, value in read_facts(page, layout).items() if key != "text"} for page in pages.values()]
    return found


def mark_verified(source: Source, day: date) -> None:
    """Write the day into the source's file. Raises Stop when it cannot be written."""
    if source.path is None:
        return
    try:
        text = source.path.read_text(encoding="utf-8")
        text = re.sub(r"^(verified|verified_on)\s*=.*\n?", "", text, flags=re.MULTILINE).rstrip()
        source.path.write_text(f"{text}\nverified = true\nverified_on = {day.isoformat()}\n", encoding="utf-8")
    except OSError as error:
        raise Stop(
            f"{source.path}: cannot be written ({error.strerror}); copy the catalogue and name it with --sources"
        ) from error
    load_source(source.path)


def record_page(source: Source, url: str, config: Config, folder: Path) -> Path:
    """Keep one page and what is read from it today, so that a change of the site or of xabar shows. Raises Stop."""
    if not source.allows(url):
        paths, hosts = ", ".join(source.allow), ", ".join(sorted(source.hosts))
        raise Stop(f"{url} is not among the article paths of {source.id} ({paths} on {hosts})")
    notebook, tally = _ask({source.id: replace(source, start=(Start("addresses", url),))}, config, 1, OnePageSpider)
    if not notebook.pages:
        raise Stop(f"{url}: nothing came ({'; '.join(tally.rows()[0].reasons) or 'no reason given'})")
    return keep_golden(notebook.pages[0], folder, source.layout)


def make_file(url: str, finding: Finding, *, name: str, country: str, languages: Iterable[str], kind: str) -> str:
    """A source file for a site that was looked at."""
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    ways = [f"{{{way} = {json.dumps(address)}}}" for way, address in (line.split(" ", 1) for line in finding.suggests)]
    ways = ways[:MOST_WAYS] or [f"{{listing = {json.dumps(home)}}}"]
    lines = {
        "name": json.dumps(name, ensure_ascii=False),
        "homepage": json.dumps(home),
        "country": json.dumps(country),
        "languages": json.dumps(list(languages)),
        "kind": json.dumps(kind),
        "start": f"[{', '.join(ways)}]",
        "allow": '["/"]',
        "interval_hours": "6",
        "verified": "false",
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def look_at(url: str, config: Config) -> Finding:
    """What a site that is in no catalogue says of its ways in. Raises Stop for a host on the deny list."""
    parts = urlsplit(url)
    home = f"{parts.scheme}://{parts.netloc}/"
    if reason := why_denied(parts.hostname or ""):
        raise Stop(f"{parts.netloc} is on the deny list and is never asked: {reason}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Stop(f"{url!r} is no address such as https://news.example/")
    twin = parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}"
    site = Source("new", parts.netloc, home, "XX", ("und",), "news-site", (), ("/",), frozenset({parts.netloc, twin}))
    return check_sources({"new": site}, config)[0]


def as_row(finding: Finding) -> dict[str, Any]:
    """For --json."""
    return asdict(finding) | {"good": finding.good}
