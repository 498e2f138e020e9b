"""What a document is about and how relevant it is, with the sentences that say so."""

from collections.abc import Sequence
from dataclasses import replace

from models import registry
from models.relevance.classify import Hit, Judgement
from pipeline.records import Document, Label


def classify(docs: Sequence[Document]) -> list[Document]:
    """Fill `labels`, `evidence` and the model's `reasons`."""
    judge = registry.load("relevance")
    return [_label(doc, judge(doc.title, doc.text, doc.language, doc.script, _hits(doc))) for doc in docs]


def _hits(doc: Document) -> list[Hit]:
    return [Hit(m.start, m.end, m.entity_id, m.kind, m.certain, m.name) for m in doc.mentions if m.entity_id]


def _label(doc: Document, judgement: Judgement) -> Document:
    axes = {
        "relevance": judgement.relevance,
        "topics": judgement.topics,
        "genre": judgement.genre,
        "key": {"two-key": 1.0} if judgement.keyed else {},
    }
    labels = tuple(
        Label(axis, label, probability, judgement.model) for axis, found in axes.items() for label, probability in found.items()
    )
    return replace(doc, labels=labels, evidence=judgement.evidence, reasons=judgement.reasons)
