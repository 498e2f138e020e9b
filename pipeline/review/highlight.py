"""A text cut for display: paragraphs, evidence sentences, and marks where names were found."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.records import Mention

Span = tuple[int, int]
PARAGRAPH = re.compile(r"[^\n]*\S[^\n]*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of text; with `mentions` it is a mark. `pieces` says where more than one mention covers it."""

    text: str
    pieces: tuple[tuple[str, bool], ...] = ()
    mentions: tuple[Mention, ...] = ()
    number: int = 0

    @property
    def first(self) -> Mention:
        """The mention that gives a mark its colour: the longest, then the surest."""
        return max(self.mentions, key=lambda m: (m.end - m.start, m.probability))


@dataclass(frozen=True, slots=True)
class Run:
    """Chunks in a row that are all evidence, or all not."""

    evidence: bool
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Mentions that overlap each other, shown as one mark. Neighbours that only touch stay two."""

    start: int
    end: int
    mentions: tuple[Mention, ...]


def cut_text(text: str, mentions: Sequence[Mention], evidence: Sequence[Span]) -> list[tuple[Run, ...]]:
    """The paragraphs of a text, each as runs of chunks. The chunks of a paragraph joined are the paragraph."""
    groups = _group(m for m in mentions if 0 <= m.start < m.end <= len(text))
    sentences = _merge(evidence, len(text))
    numbers = iter(range(1, 2 * len(text) + 2))
    return [_cut_paragraph(text, span, groups, sentences, numbers) for span in find_paragraphs(text)]


def find_paragraphs(text: str) -> list[Span]:
    """Where the paragraphs of a text stand: its lines that are not blank."""
    return [(m.start(), m.end()) for m in PARAGRAPH.finditer(text)]


def _group(mentions: Iterable[Mention]) -> list[_Group]:
    groups: list[_Group] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if groups and mention.start < groups[-1].end:
            last = groups.pop()
            groups.append(_Group(last.start, max(last.end, mention.end), (*last.mentions, mention)))
        else:
            groups.append(_Group(mention.start, mention.end, (mention,)))
    return groups


def _merge(spans: Iterable[Span], length: int) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted((max(a, 0), min(b, length)) for a, b in spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut_paragraph(
    text: str, span: Span, groups: Sequence[_Group], sentences: Sequence[Span], numbers: Iterator[int]
) -> tuple[Run, ...]:
    start, end = span
    near = [s for s in sentences if s[0] < end and s[1] > start]
    runs: list[tuple[bool, list[Chunk]]] = []
    at = start
    for group in [g for g in groups if g.start < end and g.end > start]:
        # A mention that crosses a line break is one mark in each paragraph.
        left, right = max(group.start, start), min(group.end, end)
        _add_plain(runs, text, (at, left), near)
        _add(runs, any(a < right and b > left for a, b in near), _mark(text, (left, right), group, next(numbers)))
        at = right
    _add_plain(runs, text, (at, end), near)
    return tuple(Run(is_evidence, tuple(chunks)) for is_evidence, chunks in runs)


def _add_plain(runs: list[tuple[bool, list[Chunk]]], text: str, span: Span, sentences: Sequence[Span]) -> None:
    start, end = span
    cuts = sorted({start, end, *(cut for s in sentences for cut in s if start < cut < end)})
    for left, right in pairwise(cuts):
        _add(runs, any(a <= left < b for a, b in sentences), Chunk(text[left:right]))


def _add(runs: list[tuple[bool, list[Chunk]]], is_evidence: bool, chunk: Chunk) -> None:
    if runs and runs[-1][0] == is_evidence:
        runs[-1][1].append(chunk)
    else:
        runs.append((is_evidence, [chunk]))


def _mark(text: str, span: Span, group: _Group, number: int) -> Chunk:
    left, right = span
    edges = {edge for m in group.mentions for edge in (m.start, m.end) if left < edge < right}
    cuts = sorted({left, right, *edges})
    pieces = tuple((text[a:b], sum(m.start <= a and b <= m.end for m in group.mentions) > 1) for a, b in pairwise(cuts))
    return Chunk(text[left:right], pieces, group.mentions, number)
