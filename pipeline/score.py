"""The priority for analysts: what the model said, under the two-key rule, as one number with its reasons."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.records import Document

RELEVANT = ("R2", "R3")
# Without a key the score stays below every threshold that flags: religion, origin or migration alone never flag.
KEYLESS_CEILING = 0.49


def make_score(docs: Sequence[Document], *, flag_at: float) -> list[Document]:
    """Fill `score` (0 to 1: probability of R2 or R3) and `flagged`; documents are scored, never persons."""
    return [_score(doc, flag_at) for doc in docs]


def _score(doc: Document, flag_at: float) -> Document:
    probability = sum(label.probability for label in doc.labels if label.axis == "relevance" and label.label in RELEVANT)
    keyed = any(label.axis == "key" and label.label == "two-key" for label in doc.labels)
    score = round(min(probability, 1.0) if keyed else min(probability, KEYLESS_CEILING), 4)
    return replace(doc, score=score, flagged=keyed and score >= flag_at)
