"""Find the keys of a compiled list in a shadow: exactly, and long ones also with one typing error.

The automaton finds heads and pieces (see `cut`); what stands around one is compared by look-ups, among the few keys that
have it. Those are decoded the first time that a text has their piece.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gazetteer.alphabet import UNKNOWN
from gazetteer.compiled import Compiled
from gazetteer.cut import BORDERS, HEAD, TOLERANT, split
from gazetteer.shadow import Shadow
from gazetteer.typing_error import LONG, iter_ends

MORE = 4  # bytes behind a head by which its longer keys are told apart
SIZES = (8, 4, 0)  # of the pieces beside a piece

Hit = tuple[int, int, int, bool]  # key, start, end, whether it has a typing error
Hits = list[Hit]
_Numbers = dict[bytes, int]


class _Behind(NamedTuple):
    """Tolerant keys by the two pieces behind their near one, each from one byte up to another.

    An error can touch only one of them. If it is in the first, the second may have gone one to the side, so that it
    stands here with what is then in its place.
    """

    start: int
    stop: int
    next_start: int
    next_stop: int
    first: dict[bytes, list[int]]
    second: dict[bytes, list[int]]


class _Family(NamedTuple):
    """Keys with one head: the short ones by their bytes, of longer ones those that go on with the same bytes."""

    lengths: tuple[int, ...]
    numbers: _Numbers
    longer: dict[bytes, tuple[tuple[int, ...], _Numbers]]
    behind: tuple[_Behind, ...]


class _Left(NamedTuple):
    """A tolerant key; what is to the left of its far piece in two halves, of which an error can touch only one.

    The first stands within so many bytes before the far piece, from `most` to `least`; the second begins `behind` before it.
    """

    number: int
    key: bytes
    near: bytes
    most: int
    least: int
    first: bytes
    behind: int
    second: bytes


class _Before(NamedTuple):
    """Tolerant keys by their far piece with so many bytes to its left, up to the byte before `stop`."""

    left: int
    stop: int
    found: dict[bytes, list[_Left]]


class Index:
    """The automaton over the pieces of one compiled list."""

    def __init__(self, compiled: Compiled, *marks: Iterable[bytes]) -> None:
        """`marks` are groups of beginnings of words whose places are wanted too."""
        self._keys, self._flags, self._cut = compiled.keys, compiled.flags, compiled.cut
        self._heads = len(self._cut.heads)
        self._nears = self._heads + len(self._cut.near.patterns)
        self._glued = self._nears + len(self._cut.glued.patterns)
        self._families: dict[int, _Family] = {}
        self._near: dict[int, tuple[_Behind, ...]] = {}
        self._far: dict[int, tuple[_Before, ...]] = {}
        pieces = (self._cut.heads, *(groups.patterns for groups in (self._cut.near, self._cut.glued, self._cut.far)))
        patterns = [pattern for packed in pieces for pattern in packed]
        self._marks = len(patterns)
        self._kinds = len(marks)
        self._groups = [group for group, beginnings in enumerate(marks) for _ in beginnings]
        patterns += [b" " + mark for beginnings in marks for mark in beginnings]
        self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)

    def find(self, shadow: Shadow) -> tuple[Hits, tuple[list[int], ...]]:  # noqa: C901  # one loop: calls would cost more than it does
        """Every key that stands at the start of a word; hits may overlap. And where the marks of each group stand."""
        text, plain, heads, nears = shadow.encoded, shadow.plain, self._heads, self._nears
        capitals, families, first_mark, groups_of_marks = self._cut.capitals, self._families, self._marks, self._groups
        hits: Hits = []
        marks: tuple[list[int], ...] = tuple([] for _ in range(self._kinds))
        later: list[tuple[list[int], int]] = []
        settled: set[int] = set()
        for number, start, _ in self._automaton.find_matches_as_indexes(_mark_borders(text, plain), overlapping=True):
            if number >= first_mark:
                marks[groups_of_marks[number - first_mark]].append(start)
                continue
            if number >= nears:
                self._add_piece(hits, number, text, plain, start)
                continue
            if number >= heads:
                groups = self._near.get(number) or self._open_near(number)
            elif capitals[number] and not plain[start].isupper():
                continue
            else:
                family = families.get(number) or self._open(number)
                end = start + _add_exact(hits, family, text, start)
                groups = family.behind
                if end >= start + LONG and not plain[end : end + 1].isalnum():
                    settled.add(start)
            for low, high, next_low, next_high, first, second in groups:
                near = first.get(text[start + low : start + high])
                far = second.get(text[start + next_low : start + next_high])
                if near or far:
                    later.append(([*(near or ()), *(far or ())], start))
        for numbers, start in later:
            if start not in settled:
                self._add_behind(hits, dict.fromkeys(numbers), text, plain, start)
        return hits, marks

    def _open(self, head: int) -> _Family:
        stops = self._cut.stops
        members = range(stops[head - 1] if head else 0, stops[head])
        numbers: _Numbers = {}
        longer: dict[bytes, _Numbers] = defaultdict(dict)
        tolerant = []
        for number in members:
            key = self._keys[number]
            if len(key) < HEAD + MORE:
                numbers[key] = number
            else:
                longer[key[HEAD : HEAD + MORE]][key] = number
            if self._flags[number] & TOLERANT and split(key).near == HEAD:
                tolerant.append(number)
        family = _Family(
            _lengths(numbers),
            numbers,
            {more: (_lengths(found), found) for more, found in longer.items()},
            self._sort_behind(tolerant, HEAD),
        )
        self._families[head] = family
        return family

    def _open_near(self, number: int) -> tuple[_Behind, ...]:
        groups, place = self._cut.near, number - self._heads
        found = self._near[number] = self._sort_behind(groups.members(place), len(groups.patterns[place]) - 1)
        return found

    def _sort_behind(self, numbers: Iterable[int], near: int) -> tuple[_Behind, ...]:
        """Cut what is behind the near piece in two, as long as it allows, with a letter between them."""
        groups: dict[int, _Behind] = {}
        for number in numbers:
            key = self._keys[number]
            size = next(size for size in (8, 4, 2) if size * 2 + 2 <= len(key) - near)
            stop, low, high = near + size, near + size + 1, near + size + 1 + size
            group = groups.setdefault(size, _Behind(near, stop, low, high, {}, {}))
            group.first.setdefault(key[near:stop], []).append(number)
            for piece in dict.fromkeys((key[low - 1 : high - 1], key[low:high], key[low + 1 : high + 1])):
                group.second.setdefault(piece, []).append(number)
        return tuple(groups.values())

    def _add_behind(self, hits: Hits, numbers: Iterable[int], text: bytes, plain: str, start: int) -> None:
        """The error is behind the near piece, of a key that has another piece there as it should be."""
        for number in numbers:
            stops = iter_ends(self._keys[number], text, start)
            hits += [(number, start, stop, True) for stop in stops if plain[stop - 1 : stop].isalnum()]

    def _add_piece(self, hits: Hits, number: int, text: bytes, plain: str, start: int) -> None:
        if number < self._glued:
            self._add_behind(hits, self._cut.glued.members(number - self._nears), text, plain, start)
        else:
            place = start - 1
            for left, stop, found in self._far.get(number) or self._open_far(number):
                for row in found.get(text[place - left : place + stop], ()):
                    _, _, _, low, high, first, behind, second = row
                    if text.startswith(second, place - behind) or text.find(first, max(0, place - low), place - high) >= 0:
                        _add_before(hits, row, text, plain, place)

    def _open_far(self, number: int) -> tuple[_Before, ...]:
        groups: dict[tuple[int, int], _Before] = {}
        for member in self._cut.far.members(number - self._glued):
            key = self._keys[member]
            near, start, end = split(key)
            left = next(size for size in SIZES if size <= max(0, start - near - 1))
            stop = end - start + next(size for size in SIZES if size <= len(key) - end)
            group = groups.setdefault((left, stop), _Before(left, stop, {}))
            half = near // 2
            row = _Left(member, key, key[:near], start + 1, start - 1 - half, key[:half], start - half - 1, key[half + 1 : start])
            group.found.setdefault(key[start - left : start + stop], []).append(row)
        found = self._far[number] = tuple(groups.values())
        return found


def _add_before(hits: Hits, row: _Left, text: bytes, plain: str, place: int) -> None:
    """The error is in the near piece: all that is behind it is there, and one to the side a word begins."""
    key, begin = row.key, place - row.most + 1
    end = begin + len(key)
    for start in range(max(0, begin - 1), begin + 2):
        is_word = plain[start].isalnum() and not (start and plain[start - 1].isalnum())
        if is_word and not text.startswith(row.near, start) and end in iter_ends(key, text, start):
            hits.append((row.number, start, end, True))


def _add_exact(hits: Hits, family: _Family, text: bytes, start: int) -> int:
    """Add the keys that stand there as they are, the shortest first; return the length of the longest."""
    lengths, numbers, longer, _ = family
    longest = 0
    while True:
        for length in lengths:
            end = start + length
            found = numbers.get(text[start:end])
            if found is not None and end <= len(text):
                hits.append((found, start, end, False))
                longest = length
        more = longer and longer.get(text[start + HEAD : start + HEAD + MORE])
        if not more:
            return longest
        (lengths, numbers), longer = more, {}


def _lengths(keys: Iterable[bytes]) -> tuple[int, ...]:
    return tuple(sorted({len(key) for key in keys}))


def _mark_borders(text: bytes, plain: str) -> bytes:
    """The text with a space for everything that is no part of a word, and one before it: a head begins with such a space."""
    borders = text.translate(BORDERS)
    if UNKNOWN in text:
        marked = bytearray(borders)
        place = text.find(UNKNOWN)
        while place >= 0:
            if not plain[place].isalnum():
                marked[place] = ord(" ")
            place = text.find(UNKNOWN, place + 1)
        borders = bytes(marked)
    return b" " + borders
