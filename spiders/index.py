"""What a reader of index pages gives back."""

from collections.abc import Callable
from dataclasses import dataclass

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


Reader = Callable[[bytes, str, Source], Index]
