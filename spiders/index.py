"""What a reader of index pages gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipeline.records import Link
from spiders.source import Source


class NotAnIndex(Exception):
    """The page does not announce articles; the message says what it is instead."""


@dataclass(frozen=True, slots=True)
class Index:
    """What an index page announces: articles, further index pages, and the next page of the same list."""

    links: tuple[Link, ...]
    indexes: tuple[str, ...] = ()
    next_url: str | None = None


def join(base: str, address: str) -> str:
    """A whole address; '' for one that is none, so that one broken link does not cost the others."""
    try:
        url = urljoin(base, address.strip())
        return url if urlsplit(url).port != 0 else ""
    except ValueError:
        return ""


Reader = Callable[[bytes, str, Source], Index]
