"""What a reader of one format gives back: an article without its origin."""

from dataclasses import dataclass

from pipeline.records import Citation, PageSpan, Section


@dataclass(frozen=True, slots=True)
class Article:
    """An empty `text` means that the reader found nothing to read; `published` is an ISO date or None, never a guess.

    What reports have beside it is said in places of exactly this `text`.
    """

    title: str
    text: str
    published: str | None = None
    published_source: str | None = None
    institution: str = ""
    pages: tuple[PageSpan, ...] = ()
    sections: tuple[Section, ...] = ()
    citations: tuple[Citation, ...] = ()
    calendar: str = ""
