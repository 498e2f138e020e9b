"""What changed between two versions of an article: paragraphs that came or went, and in those that stayed, the words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
ALIKE = 0.5  # two paragraphs with more in common are one that was changed
MOST_COMPARISONS = 4_000_000  # tokens times tokens; a longer paragraph is shown as taken out and put in


@dataclass(frozen=True, slots=True)
class Part:
    """Text that is in both (`same`), only in the old (`out`) or only in the new (`in`)."""

    kind: str
    text: str


def compare_lines(before: Sequence[str], after: Sequence[str]) -> list[tuple[Part, ...]]:
    """The paragraphs of both in reading order, each in its parts; one part for those that stayed, came or went as a whole."""
    found: list[tuple[Part, ...]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(Part("same", line),) for line in after[c:d]]
        else:
            found += _compare_block(before[a:b], after[c:d])
    return [parts for parts in found if any(part.text.strip() for part in parts)]


def _compare_block(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Part, ...]]:
    old, rest = list(before), list(after)
    while old and rest:
        parts = tuple(_compare_words(old[0], rest[0]))
        if len(parts) == 2 and {part.kind for part in parts} == {"out", "in"} and len(old) != len(rest):
            # Another paragraph: the longer side gives one up.
            yield (Part("out", old.pop(0)),) if len(old) > len(rest) else (Part("in", rest.pop(0)),)
            continue
        old.pop(0)
        rest.pop(0)
        yield parts
    yield from ((Part("out", line),) for line in old)
    yield from ((Part("in", line),) for line in rest)


def _compare_words(old: str, new: str) -> Iterator[Part]:
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if len(before) * len(after) > MOST_COMPARISONS or matcher.ratio() < ALIKE:
        yield from (Part("out", old), Part("in", new))
        return
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(after[c:d]))
            continue
        yield from (Part(side, "".join(words)) for side, words in (("out", before[a:b]), ("in", after[c:d])) if words)
