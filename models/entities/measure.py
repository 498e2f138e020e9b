"""Strict span F1: a name counts when its beginning, its end and its kind are right (Tjong Kim Sang and De Meulder, 2003)."""

from collections import Counter
from collections.abc import Iterable, Sequence

Span = tuple[int, int, str]
Counts = tuple[int, int, int]


def count_spans(wanted: Iterable[Sequence[Span]], found: Iterable[Sequence[Span]]) -> dict[str, Counts]:
    """(right, found, wanted) per kind and under "all"."""
    right: Counter[str] = Counter()
    given: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for truth, guess in zip(wanted, found, strict=True):
        for counter, spans in ((right, set(truth) & set(guess)), (given, set(guess)), (asked, set(truth))):
            counter.update(kind for _, _, kind in spans)
            counter["all"] += len(spans)
    return {kind: (right[kind], given[kind], asked[kind]) for kind in sorted(given | asked)}


def make_f1(right: int, found: int, wanted: int) -> float:
    """The harmonic mean of precision and recall; 0 where nothing is right."""
    return 2 * right / (found + wanted) if right else 0.0
