"""Which documents the encoder reads: asked by the stages that read with it. What the labels of a document say decides."""

from models import registry
from models.relevance.classify import WORDED
from pipeline.records import CLOSER, KEYED, Document

RELEVANT = ("R2", "R3")
# The probability of R2 or R3 from which names are read: far below the band "look", measured in models/entities/card.md.
NAMES_FROM = 0.015


def needs_encoder(doc: Document) -> bool:
    """Whether the first reading is sure to want a closer look, or wants one and the gate's words agree, or these alone do."""
    keys = {label.label for label in doc.labels if label.axis == "key"}
    if keys >= {CLOSER, KEYED}:
        return True
    passes: bool = registry.load("gate")(doc.title, doc.text, doc.language, asked=CLOSER in keys)
    return passes


def wants_names(doc: Document) -> bool:
    """Whether a document that the cascade let through is, after its wording was read, still likely enough to be looked at.

    One that nobody judged goes by the gate alone.
    """
    judged = [label.probability for label in doc.labels if label.axis == "relevance" and label.label in RELEVANT]
    if judged and sum(judged) < NAMES_FROM:
        return False
    return is_worded(doc) or needs_encoder(doc)


def is_worded(doc: Document) -> bool:
    """Whether its wording was read: the model that judged it says so."""
    return any(label.axis == "relevance" and label.model.endswith(WORDED) for label in doc.labels)
