"""Which names of the gazetteer stand in a document, and where."""

from collections.abc import Sequence
from dataclasses import replace

from gazetteer.match import Match, load_matcher
from pipeline.records import Document, Mention


def find_entities(docs: Sequence[Document]) -> list[Document]:
    """Fill `mentions`, with what found each one and why."""
    matcher = load_matcher()
    return [replace(doc, mentions=tuple(_mention(m) for m in matcher.find(doc.text, doc.language, doc.script))) for doc in docs]


def _mention(match: Match) -> Mention:
    return Mention(
        match.start,
        match.end,
        match.text,
        match.label,
        match.entity_id,
        ("gazetteer",),
        match.probability,
        match.why,
        match.name,
        match.kind,
        match.certain,
    )
