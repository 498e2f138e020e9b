"""What a reader of one format gives back: an article without its origin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Article:
    """An empty `text` means that the reader found nothing to read; `published` is an ISO date or None, never a guess."""

    title: str
    text: str
    published: str | None = None
    published_source: str | None = None
