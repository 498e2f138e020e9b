"""The records that travel: pages come in, documents go on, and every page ends in exactly one outcome."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

KEYED = "two-key"  # a label of the axis "key": the two-key rule is met
CLOSER = "closer"  # a label of the axis "key": the cheap reading asks for the encoder's


class Stop(Exception):
    """Going on would write wrong data or is impossible: the command ends with status 2 and this one line."""


class Reason(StrEnum):
    """Why a page was skipped: a closed list, counted in every summary."""

    EMPTY = "empty"
    NOT_TEXT = "not-text"
    UNREADABLE = "unreadable"
    NO_TEXT_LAYER = "no-text-layer"
    NOT_AN_ARTICLE = "not-an-article"
    TOO_SHORT = "too-short"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    PROMOTIONAL = "promotional-content"


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched response. `body` is decoded from its transfer and content encodings, `raw` is as received."""

    url: str
    source: str
    fetched_at: datetime
    headers: Mapping[str, str]
    body: bytes
    status: int = 200
    hint_published: str | None = None
    hint_title: str | None = None
    raw: bytes | None = None

    @property
    def id(self) -> str:
        """The same address with the same bytes is the same page, so saving twice changes nothing."""
        return hashlib.sha256(self.url.encode("utf-8", "surrogatepass") + b"\0" + self.body).hexdigest()[:20]

    @property
    def body_sha256(self) -> str:
        """SHA-256 of the decoded body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of `Document.text`, in code points: `text[start:end] == mention.text`."""

    start: int
    end: int
    text: str
    label: str
    entity_id: str | None
    found_by: tuple[str, ...]
    probability: float
    why: str = ""
    name: str = ""
    kind: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """What a classifier said on one axis (`relevance`, `topics`, `genre`), and which one said it."""

    axis: str
    label: str
    probability: float
    model: str


@dataclass(frozen=True, slots=True)
class PageSpan:
    """A page of a report: `text[start:end]` stands on it; `number` is its place in the file, from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its heading; `text[start:end]` is heading and body. `relevance`: of R2 or R3, 0 to 1."""

    start: int
    end: int
    level: int
    title: str
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote taken out of a report's text: its mark, what it says, and where in the text it was called (None: unknown)."""

    mark: str
    text: str
    urls: tuple[str, ...]
    page: int
    anchor: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """An article. Stages fill their own field with `dataclasses.replace`; `text` never changes after extract."""

    id: str
    url: str
    source: str
    fetched_at: datetime
    title: str
    text: str
    published: str | None = None
    published_source: str | None = None
    language: str = "und"
    script: str = ""
    language_confidence: float = 0.0
    guess: str = ""
    cluster_id: str = ""
    mentions: tuple[Mention, ...] = ()
    labels: tuple[Label, ...] = ()
    evidence: tuple[tuple[int, int], ...] = ()
    score: float = 0.0
    flagged: bool = False
    reasons: tuple[str, ...] = ()
    institution: str = ""
    calendar: str = ""
    pages: tuple[PageSpan, ...] = ()
    sections: tuple[Section, ...] = ()
    citations: tuple[Citation, ...] = ()
    novel: bool = field(default=True, compare=False)  # no earlier report of the story was known; orders the queue, is not kept
    vectors: Any = field(default=None, compare=False, repr=False)
    """What the encoder made of title and text, float32 [windows, size], for the stages after it; never stored."""
    sense: Any = field(default=None, compare=False, repr=False)
    """Title and beginning as a unit vector that means the same in every language, float32 [size], where the encoder read them."""

    def page_at(self, offset: int) -> int | None:
        """The page of a report on which a place of its text stands; None where there are no pages."""
        return next((page.number for page in reversed(self.pages) if page.start <= offset), None)

    def section_at(self, offset: int) -> Section | None:
        """The innermost section that holds a place of the text."""
        return next((part for part in reversed(self.sections) if part.start <= offset < part.end), None)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An expected end: this page is nothing for us, and `reason` says why."""

    id: str
    stage: str
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An unexpected end: a stage raised on this page alone. `xabar run --retry` tries it again."""

    id: str
    stage: str
    error: str
    traceback: str = field(default="", repr=False)


Outcome = Document | Skipped | Quarantined
Stage = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Link:
    """An article that an index page points to, with what the index says of it."""

    url: str
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """What we remember of an address between runs, so that the next request can be conditional."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    links: tuple[Link, ...] = ()
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the pages of one source have what, in CSS selectors: the text, perhaps the title, the day, and what is none of it."""

    text: str
    title: str = ""
    date: str = ""
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """A site's robots.txt as it was answered: HTTP status and body; `site` is host and port."""

    site: str
    status: int
    body: bytes


class FetchLog(Protocol):
    """Where spiders look up and leave what they must remember; the store is one, a dict-backed one serves tests."""

    def recall(self, url: str) -> Fetch | None:
        """The last good fetch of this address, or None."""
        ...

    def is_erased(self, url: str) -> bool:
        """Whether this address was erased on request, and is never asked for again."""
        ...

    def remember(self, fetch: Fetch, source: str) -> None:
        """Keep the validators (and an index page's links) of a fetch that was handled."""
        ...

    def recall_rules(self, site: str) -> Rules | None:
        """The robots.txt of a site, if it was read within the last 24 hours (RFC 9309, 2.4)."""
        ...

    def remember_rules(self, rules: Rules) -> None:
        """Keep a robots.txt that could be read, or the answer that there is none."""
        ...
