"""The priority for analysts: what the model said, under the two-key rule, as one number with its reasons.

The probability decides on which side of the line an item stands; novelty and severity only order it among its neighbours.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.records import KEYED, Document, Label

RELEVANT = ("R2", "R3")
# Without a key the score stays below every threshold that flags: religion, origin or migration alone never flag.
KEYLESS_CEILING = 0.49
BAND, LOOK = "band", "look"
_LEAST = 0.0001


@dataclass(frozen=True, slots=True)
class Priority:
    """How a probability becomes a score. Weights are steps of log-odds; `severity` is 0 to 1 by topic."""

    flag_at: float = 0.5
    look_from: float = 0.5
    novelty_weight: float = 0.0
    severity_weight: float = 0.0
    severity: Mapping[str, float] = field(default_factory=dict)


def make_score(docs: Sequence[Document], *, flag_at: float = 0.5, priority: Priority | None = None) -> list[Document]:
    """Fill `score` (0 to 1), `flagged` and the band `look`; documents are scored, never persons.

    Without a priority the score is the probability, and there is no band.
    """
    chosen = priority or Priority(flag_at=flag_at, look_from=flag_at)
    return [_score(doc, chosen) for doc in docs]


def is_look(doc: Document) -> bool:
    """Whether the model abstains: not flagged, and too likely to be passed over."""
    return any(label.axis == BAND and label.label == LOOK for label in doc.labels)


def _score(doc: Document, priority: Priority) -> Document:
    probability = sum(label.probability for label in doc.labels if label.axis == "relevance" and label.label in RELEVANT)
    keyed = any(label.axis == "key" and label.label == KEYED for label in doc.labels)
    probability = min(probability, 1.0) if keyed else min(probability, KEYLESS_CEILING)
    flagged = keyed and probability >= priority.flag_at
    look = not flagged and probability >= priority.look_from
    score = _order(probability, doc, priority)
    kept = tuple(label for label in doc.labels if label.axis != BAND)
    band = (Label(BAND, LOOK, round(probability, 4), _find_model(doc)),) if look else ()
    said = _say(doc, priority, probability) if flagged or look else ()
    return replace(doc, score=score, flagged=flagged, labels=kept + band, reasons=(*doc.reasons, *said))


def _order(probability: float, doc: Document, priority: Priority) -> float:
    """Lifted or lowered by novelty and severity, but never across the line that flags."""
    step = priority.severity_weight * (_find_severity(doc, priority)[0] - 0.5) - priority.novelty_weight * (not doc.novel)
    clipped = min(max(probability, _LEAST), 1 - _LEAST)
    lifted = 1 / (1 + math.exp(-math.log(clipped / (1 - clipped)) - step)) if step else probability
    inside = max(lifted, priority.flag_at) if probability >= priority.flag_at else min(lifted, priority.flag_at - _LEAST)
    return round(max(inside, 0.0), 4)


def _find_severity(doc: Document, priority: Priority) -> tuple[float, str]:
    """The gravest topic: its severity times its probability, and its name."""
    topics = [label for label in doc.labels if label.axis == "topics"]
    return max(((one.probability * priority.severity.get(one.label, 0.0), one.label) for one in topics), default=(0.0, ""))


def _say(doc: Document, priority: Priority, probability: float) -> tuple[str, ...]:
    severity, topic = _find_severity(doc, priority)
    lines = []
    if probability < priority.flag_at:
        lines.append(f"look: the model is not sure ({probability:.2f}), so a human should")
    if topic and priority.severity_weight and severity >= 0.5:
        lines.append(f"order: raised by the topic {topic} (severity {priority.severity[topic]:g})")
    if not doc.novel and priority.novelty_weight:
        lines.append("order: lowered, an earlier report of this story is known")
    return tuple(lines)


def _find_model(doc: Document) -> str:
    return next((label.model for label in doc.labels if label.axis == "relevance"), "")
