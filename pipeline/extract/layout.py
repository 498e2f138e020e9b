"""A source's own layout: where its file says, in CSS selectors, that text, headline and day stand.

What a selector does not find is read as on any other page, so a site that was rebuilt loses nothing but the advantage.
"""

from collections.abc import Iterator, Sequence
from datetime import date, tzinfo
from functools import cache
from itertools import islice
from typing import Any

from lxml.cssselect import CSSSelector

from pipeline.extract.dates import find_dates, read_stamp
from pipeline.extract.tree import Block, squash
from pipeline.records import Layout

MOST_ELEMENTS = 200  # that one selector gives
LEAST_CHARACTERS = 200  # of text; with less, the selector has missed the article


def drop_elements(tree: Any, layout: Layout) -> None:
    """Take out what the source's file says is none of the article, keeping the text behind it."""
    for selector in layout.drop:
        for element in list(_select(tree, selector)):
            parent, before = element.getparent(), element.getprevious()
            if parent is None or element.tag == "body":
                continue
            if element.tail:
                if before is not None:
                    before.tail = (before.tail or "") + element.tail
                else:
                    parent.text = (parent.text or "") + element.tail
            parent.remove(element)


def read_own_title(tree: Any, layout: Layout) -> str:
    """The headline where the file says it stands; empty when it does not."""
    found = (squash("".join(element.itertext())) for element in _select(tree, layout.title))
    return next((text for text in found if text), "")


def read_own_date(tree: Any, layout: Layout, latest: date | None, zone: tzinfo | None) -> tuple[date, str] | None:
    """(day, source) where the file says it stands: an attribute `datetime` or `content`, else the text."""
    for element in _select(tree, layout.date):
        stamp = element.get("datetime") or element.get("content")
        written = [day for *_, day in find_dates(squash("".join(element.itertext())))]
        day = read_stamp(stamp, zone) if stamp else written[0] if written else None
        if day and (latest is None or day <= latest):
            return day, "time" if stamp else "visible-text"
    return None


def read_own_text(tree: Any, blocks: Sequence[Block], layout: Layout) -> str:
    """The blocks inside the elements that hold the text; empty when there is hardly any."""
    homes = set(_select(tree, layout.text))
    if not homes:
        return ""
    inside = (block for block in blocks if homes & {block.element, *block.element.iterancestors()})
    text = "\n".join(block.text for block in inside if block.element.tag != "h1")
    return text if len(text) >= LEAST_CHARACTERS else ""


def _select(tree: Any, selector: str) -> Iterator[Any]:
    return islice(_compile(selector)(tree), MOST_ELEMENTS) if selector else iter(())


@cache
def _compile(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")
