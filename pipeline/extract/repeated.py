"""Lines that a site prints under or over every article: learned from its pages, and taken out.

A line is boilerplate once it stood at the edge of four articles that otherwise have little in common: updates of one story, which
share most of their lines, count as one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeGuard
from zlib import crc32

from pipeline.records import Document, Skipped
from pipeline.store.lines import SiteLines

ARTICLES = 4
RECENT = 80  # articles of a site that are compared
FIRST_LINES, LAST_LINES = 2, 5  # the edges of a text, where boilerplate stands
LEAST_CHARACTERS, MOST_CHARACTERS = 12, 600
MOST_SHARED = 0.34  # of the lines of the shorter one: two articles that share more tell one story
MOST_LEARNED = 200
LEAST_LEFT = 0.5  # of the text: what is repeated as a whole is a copy and no boilerplate


class Memory(Protocol):
    """Where what is known of sites is kept between batches."""

    def recall(self, source: str) -> SiteLines:
        """What is known of a source."""
        ...

    def remember(self, source: str, lines: SiteLines) -> None:
        """Keep it."""
        ...


def drop_repeated(items: Sequence[Document | Skipped], memory: Memory) -> list[Document | Skipped]:
    """Learn from a batch, then take the learned lines out of its texts. Reports are left as they are: their pages are counted."""
    for source in sorted({item.source for item in items if _is_article(item)}):
        docs = [item for item in items if _is_article(item) and item.source == source]
        memory.remember(source, learn(memory.recall(source), docs))
    return [_strip(item, memory.recall(item.source)) if _is_article(item) else item for item in items]


def learn(lines: SiteLines, docs: Iterable[Document]) -> SiteLines:
    """What is known of a site after some more of its articles."""
    recent = dict(lines.recent)
    learned = dict(lines.learned)
    for doc in docs:
        texts = doc.text.split("\n")
        own = frozenset(_hash(text) for text in texts)
        recent[crc32(doc.url.encode("utf-8", "surrogatepass"))] = own
        recent = dict(list(recent.items())[-RECENT:])
        for text in {*texts[:FIRST_LINES], *texts[-LAST_LINES:]}:
            if LEAST_CHARACTERS <= len(text) <= MOST_CHARACTERS and _hash(text) not in learned \
                    and _count_apart(_hash(text), recent.values()) >= ARTICLES:
                learned[_hash(text)] = text
    return SiteLines(tuple(recent.items()), dict(list(learned.items())[-MOST_LEARNED:]))


def _strip(doc: Document, lines: SiteLines) -> Document:
    kept = [text for text in doc.text.split("\n") if _hash(text) not in lines.learned]
    text = "\n".join(kept)
    return replace(doc, text=text) if LEAST_LEFT * len(doc.text) <= len(text) < len(doc.text) else doc


def _count_apart(line: int, articles: Iterable[frozenset[int]]) -> int:
    """How many articles have this line and tell different stories."""
    apart: list[frozenset[int]] = []
    for own in articles:
        if line in own and not any(len(own & other) > max(1, MOST_SHARED * min(len(own), len(other))) for other in apart):
            apart.append(own)
    return len(apart)


def _is_article(item: Document | Skipped) -> TypeGuard[Document]:
    return isinstance(item, Document) and not item.pages


def _hash(text: str) -> int:
    return crc32(" ".join(text.lower().split()).encode("utf-8", "surrogatepass"))
