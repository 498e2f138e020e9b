"""The same story in another language: documents that the encoder read are compared with those of the days around them.

A vector says that two texts are alike, and two arrests in two towns are as alike as an article and its translation (cosines of
.56 to .90 beside .61 to .91 on the pairs of tests/texts/translations.jsonl). So the vector only proposes; what makes it sure are
figures and listed names that both texts give. A story without either is never called the same.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import numpy as np

from pipeline.records import Document
from pipeline.store.tellings import Telling

DAYS = 3  # between the reports of one event in two languages
ALIKE = 0.6  # cosine; translations of short news were found at .61 and more
SHARED_FIGURES = 0.6  # of the text that has fewer
SHARED_NAMES = 0.5
MANY_DIGITS, FEW_DIGITS = 5, 3  # of the shared figures: so many say enough alone, so many together with names
MOST_STORIES = 8  # that one document is joined to

_BETWEEN_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f,.](?=\d{3}(?!\d))")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Index(Protocol):
    """Where tellings lie."""

    def near(self, telling: Telling, days: int) -> Sequence[Telling]:
        """Documents in other languages of so many days around this one."""
        ...

    def remember(self, telling: Telling, pairs: Sequence[tuple[str, float]]) -> None:
        """Let later documents find it, and keep what it was found to tell too: id, similarity."""
        ...


def find_translations(docs: Sequence[Document], index: Index) -> list[Document]:
    """Let `index` know which documents tell one story in several languages; drops `sense`, which nobody reads after this."""
    for doc in docs:
        if doc.sense is not None:
            telling = make_telling(doc)
            index.remember(telling, find_same(telling, index.near(telling, DAYS)))
    return [replace(doc, sense=None) if doc.sense is not None else doc for doc in docs]


def make_telling(doc: Document) -> Telling:
    """What of a document is compared. Its day is that of publication, else when it was fetched."""
    try:
        day = date.fromisoformat((doc.published or "")[:10])
    except ValueError:
        day = doc.fetched_at.date()
    names = frozenset(mention.entity_id for mention in doc.mentions if mention.entity_id and mention.certain)
    vector = doc.sense.astype(np.float16).astype(np.float32)  # as it is stored, so that the order of batches changes no cosine
    return Telling(doc.id, doc.language, day.toordinal(), names, find_figures(f"{doc.title}\n{doc.text}"), vector)


def find_figures(text: str) -> frozenset[str]:
    """The numbers of a text but years, without what stands between thousands."""
    return frozenset(found for found in _FIGURE.findall(_BETWEEN_THOUSANDS.sub("", text)) if not _YEAR.fullmatch(found))


def find_same(telling: Telling, others: Sequence[Telling]) -> list[tuple[str, float]]:
    """Those of the others that surely tell this story: id and cosine, the most alike first."""
    if not others:
        return []
    likeness = np.stack([other.vector for other in others]) @ telling.vector
    found = [
        (other.id, float(value))
        for other, value in zip(others, likeness, strict=True)
        if value >= ALIKE and agree(telling, other)
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:MOST_STORIES]


def agree(one: Telling, other: Telling) -> bool:
    """Whether figures, with names or alone, say that two texts are about one event."""
    figures = one.figures & other.figures
    if not figures or len(figures) < SHARED_FIGURES * min(len(one.figures), len(other.figures)):
        return False
    digits = sum(character.isdigit() for figure in figures for character in figure)
    names = one.names & other.names
    are_named = bool(names) and len(names) >= SHARED_NAMES * min(len(one.names), len(other.names))
    return digits >= MANY_DIGITS or (digits >= FEW_DIGITS and are_named)
