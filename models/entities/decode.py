"""From numbers per word to names: the best sequence of labels in which no name begins in its middle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = ("PER", "ORG", "LOC")
LABELS = ("O", *(f"{place}-{kind}" for kind in KINDS for place in "BI"))
FORBIDDEN = -1e4
Scores = NDArray[np.float32]


def _make_steps() -> Scores:
    steps = np.zeros((len(LABELS), len(LABELS)), dtype=np.float32)
    for place, label in enumerate(LABELS):
        if label.startswith("I-"):
            allowed = [LABELS.index("B-" + label[2:]), place]
            steps[[other for other in range(len(LABELS)) if other not in allowed], place] = FORBIDDEN
    return steps


STEPS = _make_steps()
_INSIDE = np.array([label.startswith("I-") for label in LABELS])


def find_best(scores: Scores) -> list[int]:
    """Viterbi over log-probabilities [words, labels]: the label of each word."""
    if not len(scores):
        return []
    total = np.where(_INSIDE, FORBIDDEN, scores[0])
    back: list[NDArray[Any]] = []
    for row in scores[1:]:
        reached = total[:, None] + STEPS
        back.append(reached.argmax(0))
        total = reached.max(0) + row
    path = [int(total.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


def label_words(places: Sequence[int], spans: Sequence[tuple[int, int, str]]) -> list[int]:
    """The label of each word, given where it begins: B- for the first word of a name, I- for its others."""
    labels, begun = [], set()
    for place in places:
        span = next((span for span in spans if span[0] <= place < span[1]), None)
        labels.append(0 if span is None else LABELS.index(f"{'I' if span in begun else 'B'}-{span[2]}"))
        begun.add(span)
    return labels


def make_spans(words: Sequence[tuple[int, int]], scores: Scores) -> list[tuple[int, int, str, float]]:
    """(start, end, kind, probability) of every name; the probability is the mean over its words of that kind's share."""
    chosen = [LABELS[label] for label in find_best(scores)]
    spans = []
    for first, label in enumerate(chosen):
        if not label.startswith("B-"):
            continue
        kind, last = label[2:], first
        while last + 1 < len(chosen) and chosen[last + 1] == f"I-{kind}":
            last += 1
        columns = [LABELS.index(f"B-{kind}"), LABELS.index(f"I-{kind}")]
        share = float(np.exp(scores[first : last + 1, columns]).sum(1).mean())
        spans.append((words[first][0], words[last][1], kind, min(1.0, share)))
    return spans
