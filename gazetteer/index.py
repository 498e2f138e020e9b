"""Find the keys of a compiled list in a shadow: exactly, and long ones also with one typing error.

The automaton holds only the first bytes of each key (its head), so that it is small and built in a blink; what follows
a head is compared by look-ups. A typing error leaves either the head of a long key as it is, or its last bytes (its tail).
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gazetteer.alphabet import CLASSES, CYRILLIC_LETTER, DIGIT, LATIN_LETTER, UNKNOWN
from gazetteer.compiled import CAPITAL, TOLERANT, Compiled
from gazetteer.shadow import Shadow
from gazetteer.typing_error import LONG, iter_ends

HEAD = 8
TAIL = 12
# Two letters in each other's place may touch two pieces that stand side by side, so one letter is left out between them.
FIRST = slice(HEAD, HEAD + 3)
SECOND = slice(HEAD + 4, HEAD + 6)  # ends where the shortest tolerant key does, see LONG
MIDDLE = HEAD + 1
SMALL = 4_000  # heads, up to which a full automaton is built in a blink too, and is faster

_WORD_CLASSES = (LATIN_LETTER, CYRILLIC_LETTER, DIGIT)
_BORDERS = bytes(code if CLASSES[code] in _WORD_CLASSES or code == UNKNOWN else ord(" ") for code in range(256))

Hit = tuple[int, int, int, bool]  # key, start, end, whether it has a typing error


class _Family(NamedTuple):
    """Keys with one head: by their bytes for the exact look-up, tolerant ones by the two pieces behind the head."""

    lengths: tuple[int, ...]
    numbers: dict[bytes, int]
    first: dict[bytes, list[int]]
    second: dict[bytes, list[int]]


class Index:
    """The automaton over heads and tails of one compiled list."""

    def __init__(self, compiled: Compiled) -> None:
        self._keys, self._flags = compiled.keys, compiled.flags
        heads, self._stops, self._needs_capital = _cut_heads(compiled)
        tails, self._tail_stops, self._tail_keys = _cut_tails(compiled)
        self._count = len(heads)
        self._families: dict[int, _Family] = {}
        self._middles: dict[int, dict[int, dict[bytes, list[int]]]] = {}
        kind = Implementation.DFA if len(heads) < SMALL else Implementation.ContiguousNFA
        patterns = [b" " + head.translate(_BORDERS) for head in heads] + [tail.translate(_BORDERS) for tail in tails]
        self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard, implementation=kind)

    def find(self, shadow: Shadow) -> list[Hit]:
        """Every key that stands at the start of a word; hits may overlap."""
        text, plain, count, capitals = shadow.encoded, shadow.plain, self._count, self._needs_capital
        hits: list[Hit] = []
        for number, start, end in self._automaton.find_matches_as_indexes(_mark_borders(text, plain), overlapping=True):
            if number >= count:
                self._add_by_tail(hits, number - count, text, plain, end - 1)
                continue
            if capitals[number] and not plain[start].isupper():
                continue
            lengths, numbers, first, _ = family = self._families.get(number) or self._open(number)
            longest = 0
            for length in lengths:
                if start + length > len(text):
                    break
                found = numbers.get(text[start : start + length])
                if found is not None:
                    hits.append((found, start, start + length, False))
                    longest = length
            if first and (longest < LONG or plain[start + longest : start + longest + 1].isalnum()):
                self._add_behind_head(hits, family, text, plain, start)
        return hits

    def _open(self, head: int) -> _Family:
        """Decode the keys with this head, the first time that a text has it."""
        low, high = self._stops[head - 1] if head else 0, self._stops[head]
        keys = {self._keys[number]: number for number in range(low, high)}
        first: dict[bytes, list[int]] = defaultdict(list)
        second: dict[bytes, list[int]] = defaultdict(list)
        for key, number in keys.items():
            if self._flags[number] & TOLERANT:
                first[key[FIRST]].append(number)
                second[key[SECOND]].append(number)
        family = _Family(tuple(sorted({len(key) for key in keys})), keys, dict(first), dict(second))
        self._families[head] = family
        return family

    def _add_behind_head(self, hits: list[Hit], family: _Family, text: bytes, plain: str, start: int) -> None:
        """The error is behind the head: either the next piece is as it should be, or the one after it, one to the side."""
        near = family.first.get(text[start + FIRST.start : start + FIRST.stop], ())
        for place in range(start - 1, start + 2):
            near = [*near, *family.second.get(text[place + SECOND.start : place + SECOND.stop], ())]
        for number in dict.fromkeys(near):
            stops = iter_ends(self._keys[number], text, start)
            hits += [(number, start, stop, True) for stop in stops if plain[stop - 1 : stop].isalnum()]

    def _add_by_tail(self, hits: list[Hit], tail: int, text: bytes, plain: str, end: int) -> None:
        """The error is in the head: all that is behind it is there, and one to the side a word begins."""
        middles = self._middles.get(tail) or self._open_tail(tail)
        for length, numbers in middles.items():
            begin = end - length - MIDDLE
            for number in numbers.get(text[end - length : end], ()):
                key = self._keys[number]
                if begin >= 0 and text.startswith(key, begin) and not (begin and plain[begin - 1].isalnum()):
                    continue
                for start in range(max(0, begin - 1), begin + 2):
                    is_word = plain[start].isalnum() and not (start and plain[start - 1].isalnum())
                    if is_word and end in iter_ends(key, text, start):
                        hits.append((number, start, end, True))

    def _open_tail(self, tail: int) -> dict[int, dict[bytes, list[int]]]:
        """The keys with this tail, by the length and the bytes of what is behind their heads."""
        low, high = self._tail_stops[tail - 1] if tail else 0, self._tail_stops[tail]
        middles: dict[int, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number in self._tail_keys[low:high]:
            middle = self._keys[number][MIDDLE:]
            middles[len(middle)][middle].append(number)
        found = {length: dict(numbers) for length, numbers in middles.items()}
        self._middles[tail] = found
        return found


def _mark_borders(text: bytes, plain: str) -> bytes:
    """The text with a space for everything that is no part of a word, and one before it: a head begins with such a space."""
    borders = text.translate(_BORDERS)
    if UNKNOWN in text:
        marked = bytearray(borders)
        place = text.find(UNKNOWN)
        while place >= 0:
            if not plain[place].isalnum():
                marked[place] = ord(" ")
            place = text.find(UNKNOWN, place + 1)
        borders = bytes(marked)
    return b" " + borders


def _cut_heads(compiled: Compiled) -> tuple[list[bytes], "array[int]", bytearray]:
    """The heads in order, where the keys of each end (sorted, they stand together), and whether all need a capital."""
    heads: list[bytes] = []
    stops, capitals = array("I"), bytearray()
    blob, flags, start = compiled.keys.blob, compiled.flags, 0
    for number, end in enumerate(compiled.keys.ends):
        head = blob[start : min(start + HEAD, end)]
        if heads and heads[-1] == head:
            stops[-1] = number + 1
            capitals[-1] &= flags[number]
        else:
            heads.append(head)
            stops.append(number + 1)
            capitals.append(flags[number] & CAPITAL)
        start = end
    return heads, stops, capitals


def _cut_tails(compiled: Compiled) -> tuple[list[bytes], "array[int]", "array[int]"]:
    """The tails of tolerant keys, where the keys of each end, and those keys."""
    by_tail: dict[bytes, list[int]] = defaultdict(list)
    keys, flags = compiled.keys, compiled.flags
    for number in _tolerant(flags):
        end = keys.ends[number]
        by_tail[keys.blob[max(end - TAIL, end - len(keys[number]) + MIDDLE) : end]].append(number)
    stops, numbers = array("I"), array("I")
    for found in by_tail.values():
        numbers.extend(found)
        stops.append(len(numbers))
    return list(by_tail), stops, numbers


def _tolerant(flags: bytes) -> Iterable[int]:
    return (number for number, flag in enumerate(flags) if flag & TOLERANT)
