"""Pages that others fetched: WARC, WACZ, CC-NEWS, saved HTML, PDF and JSONL go the road of a crawled page."""

import gzip
import html
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArchiveLoadFailed

from pipeline.intake import Intake
from pipeline.records import Page, Stop
from pipeline.store import Store
from spiders.address import canonical
from spiders.source import Source, why_denied

MAX_BODY_BYTES = 20_000_000
TEXT_TYPES = ("text/html", "application/xhtml", "application/pdf")
DECODED = ("content-encoding", "content-length")  # what no longer holds of a decoded body
KINDS = {".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".pdf": "application/pdf"}
SHOW_EVERY = 1000


class BrokenFile(Exception):
    """A file ends in the middle, or is not what its name says; what came before is kept."""


@dataclass
class Imported:
    """What an import did with what it found."""

    files: int = 0
    found: int = 0
    stored: int = 0
    left: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Place(Protocol):
    """Which source an address belongs to."""

    def __call__(self, url: str) -> Source | None:
        """None for a host of nobody in the catalogue."""
        ...


def import_files(
    store: Store,
    paths: list[Path],
    sources: Mapping[str, Source],
    *,
    source: Source | None,
    show: Callable[[Imported], None] = lambda _: None,
) -> Imported:
    """Store every page of these files and folders that belongs to a source of the catalogue, or all under `source`.

    A file that was imported whole is passed over, so that an import can be stopped and started again.
    """
    done, intake = Imported(), Intake(store)
    try:
        for path in _files(paths):
            mark = f"import:{path.name}:{path.stat().st_size}"
            if store.pages.recall(mark):
                done.left["file imported before"] += 1
                continue
            done.files += 1
            try:
                for page in _read(path, make_finder(sources, source), done):
                    _take(store, intake, page, done)
                    if done.found % SHOW_EVERY == 0:
                        show(done)
            except BrokenFile as error:
                done.broken.append(f"{path}: {error}")
                continue
            store.pages.mark(mark)
    finally:
        intake.close_spider()
    return done


def _take(store: Store, intake: Intake, page: Page, done: Imported) -> None:
    if store.pages.has(page.id):
        done.left["stored before"] += 1
        return
    intake.process_item(page)
    done.stored += 1


def check_paths(paths: Iterable[Path]) -> None:
    """Raises Stop for one that is not there."""
    for path in paths:
        if not path.exists():
            raise Stop(f"{path}: no such file or folder to import")


def _files(paths: list[Path]) -> Iterator[Path]:
    check_paths(paths)
    for path in paths:
        yield from sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]


def make_finder(sources: Mapping[str, Source], fixed: Source | None) -> Place:
    """Whose an address is: `fixed` if given, else who has its host; nobody's where it is on the deny list."""
    hosts = {host: source for source in sources.values() for host in source.hosts}

    def find(url: str) -> Source | None:
        host = urlsplit(url).netloc.lower()
        if why_denied(host.rsplit(":", 1)[0]):
            return None
        return fixed or hosts.get(host) or hosts.get(host.removeprefix("m."))

    return find


def _read(path: Path, find: Place, done: Imported) -> Iterator[Page]:
    name = path.name.lower()
    if name.endswith((".warc", ".warc.gz")):
        with path.open("rb") as stream:
            yield from _read_warc(stream, find, done)
    elif name.endswith(".wacz"):
        yield from _read_wacz(path, find, done)
    elif name.endswith((".jsonl", ".jsonl.gz")):
        yield from _read_lines(path, find, done)
    elif path.suffix.lower() in KINDS:
        yield from _read_saved(path, find, done)
    else:
        done.left["file of another kind"] += 1


def _read_wacz(path: Path, find: Place, done: Imported) -> Iterator[Page]:
    try:
        with zipfile.ZipFile(path) as bundle:
            for name in sorted(bundle.namelist()):
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    with bundle.open(name) as stream:
                        yield from _read_warc(stream, find, done)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise BrokenFile(f"is no readable WACZ ({error})") from error


def _read_warc(stream: IO[bytes], find: Place, done: Imported) -> Iterator[Page]:
    with _readable():
        for record in ArchiveIterator(stream):
            if record.rec_type == "response" and record.http_headers is not None:
                done.found += 1
                page = page_of_record(record, find, done)
                if page:
                    yield page


def page_of_record(record: Any, find: Place, done: Imported) -> Page | None:
    """The page of a response record if it is one of ours; else it is counted under why it was left."""
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    source = find(url)
    kind = (record.http_headers.get_header("Content-Type") or "").lower()
    why = _why_left(url, source, record.http_headers.get_statuscode(), kind)
    if source is None or why:
        done.left[why] += 1
        return None
    body = record.content_stream().read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        done.left[f"larger than {MAX_BODY_BYTES / 1e6:.0f} MB"] += 1
        return None
    headers = {name: value for name, value in record.http_headers.headers if name.lower() not in DECODED}
    at = _moment(record.rec_headers.get_header("WARC-Date"))
    return Page(canonical(url, source.homepage, source.hosts), source.id, at, headers, body)


def _why_left(url: str, source: Source | None, status: str, kind: str) -> str:
    if source is None:
        return "host not in the catalogue"
    if status != "200":
        return f"HTTP {status}"
    if not any(name in kind for name in TEXT_TYPES):
        return "neither HTML nor PDF"
    return (
        ""
        if source.allows(canonical(url, source.homepage, source.hosts)) or not source.owns(url)
        else "outside the article paths"
    )


def _read_lines(path: Path, find: Place, done: Imported) -> Iterator[Page]:
    """Lines {"url", "html" or "text", "title"?, "published"?, "fetched_at"?}; a text becomes a plain page."""
    with _readable(), gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            done.found += 1
            try:
                page = _page_of_row(json.loads(line), find)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                done.broken.append(f"{path}: line {number}: {error!r}")
                continue
            if page is None:
                done.left["host not in the catalogue"] += 1
                continue
            yield page


def _page_of_row(row: dict[str, Any], find: Place) -> Page | None:
    url, title = str(row["url"]), str(row.get("title") or "")
    source = find(url)
    if source is None:
        return None
    parts = "".join(f"<p>{html.escape(part)}</p>" for part in str(row.get("text") or "").splitlines() if part.strip())
    head = html.escape(title)
    plain = f"<html><head><title>{head}</title></head><body><article><h1>{head}</h1>{parts}</article></body></html>"
    body = row.get("html") or plain
    return Page(
        canonical(url, source.homepage, source.hosts),
        source.id,
        _moment(row.get("fetched_at")),
        {"Content-Type": "text/html; charset=utf-8"},
        body.encode(),
        hint_published=row.get("published"),
        hint_title=title or None,
    )


def _read_saved(path: Path, find: Place, done: Imported) -> Iterator[Page]:
    """A saved file: its address is read from the file itself, else made from the source's homepage and the file's name."""
    done.found += 1
    body = path.read_bytes()
    url = _own_address(body) if path.suffix.lower() != ".pdf" else ""
    source = find(url or "file:///")
    if source is None:
        done.left["host not in the catalogue; say whose it is with --source"] += 1
        return
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
    address = url or urljoin(source.homepage, f"{source.allow[0].rstrip('/')}/{quote(path.name)}")
    yield Page(
        canonical(address, source.homepage, source.hosts), source.id, at, {"Content-Type": KINDS[path.suffix.lower()]}, body
    )


def _own_address(body: bytes) -> str:
    from scrapy import Selector

    page = Selector(text=body[:200_000].decode("utf-8", "replace"), type="html")
    return page.css('link[rel="canonical"]::attr(href), meta[property="og:url"]::attr(content)').get("").strip()


def _moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return datetime.now(UTC).replace(microsecond=0)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).replace(microsecond=0)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error) as error:
        raise BrokenFile(f"cannot be read to its end ({error})") from error
