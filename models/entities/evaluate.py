"""How well names are found: strict F1 per kind, and which mistakes are the most frequent.

    python -m models.entities.evaluate FILE.jsonl[.gz]...

Files hold {"text", "language", "spans"}; each line of a text is one sentence, as in training.
"""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from models.encoder.corpus import Sentence, read_sentences
from models.entities.measure import Span, count_spans, make_f1
from models.entities.tag import load_tagger

RESAMPLINGS = 1000
MOST_MISTAKES = 10


def find(sentences: Sequence[Sentence]) -> list[list[Span]]:
    """What the shipped model finds in each."""
    found = load_tagger().find([(item.language, item.text) for item in sentences])
    return [[(name.start, name.end, name.kind) for name in names] for names in found]


def name_mistakes(wanted: Sequence[Span], found: Sequence[Span]) -> list[str]:
    """Each mistake by its kind: a name that was missed or made up, or whose border or kind is wrong."""
    mistakes = []
    open_names = [span for span in found if span not in wanted]
    for start, end, kind in (span for span in wanted if span not in found):
        over = next((span for span in open_names if span[0] < end and start < span[1]), None)
        if over is None:
            mistakes.append(f"{kind} missed")
            continue
        open_names.remove(over)
        same_place = over[:2] == (start, end)
        mistakes.append(f"{kind} taken for {over[2]}" if same_place else f"{kind} with other borders ({over[2]})")
    return mistakes + [f"{kind} made up" for _, _, kind in open_names]


def make_interval(wanted: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> tuple[float, float]:
    """The 95 % interval of F1 over sentences drawn with replacement."""
    pairs = [count_spans([truth], [guess]).get("all", (0, 0, 0)) for truth, guess in zip(wanted, found, strict=True)]
    draw = random.Random(0)  # noqa: S311  # reproducible, not secret
    scores = []
    for _ in range(RESAMPLINGS):
        right, given, asked = (sum(column) for column in zip(*draw.choices(pairs, k=len(pairs)), strict=True))
        scores.append(make_f1(right, given, asked))
    scores.sort()
    return scores[round(0.025 * RESAMPLINGS)], scores[round(0.975 * RESAMPLINGS) - 1]


def describe(path: Path) -> str:
    """One file's figures, as a paragraph."""
    sentences = list(read_sentences(path))
    wanted, found = [item.spans for item in sentences], find(sentences)
    scores = {kind: make_f1(*counts) for kind, counts in count_spans(wanted, found).items()}
    low, high = make_interval(wanted, found)
    kinds = ", ".join(f"{kind} {scores[kind]:.3f}" for kind in ("PER", "ORG", "LOC") if kind in scores)
    mistakes = Counter(
        mistake for truth, guess in zip(wanted, found, strict=True) for mistake in name_mistakes(truth, guess)
    ).most_common(MOST_MISTAKES)
    return (
        f"{path.name}: {len(sentences)} sentences, strict F1 {scores['all']:.3f} ({low:.3f} to {high:.3f}); {kinds}\n"
        f"    mistakes: {', '.join(f'{name} {count}' for name, count in mistakes)}"
    )


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.write(describe(Path(argument)) + "\n")
