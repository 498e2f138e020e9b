"""Cut keys into the pieces that the automaton looks for, when a list is compiled.

The automaton holds only the first bytes of each key (its head), so that it is small and built in a blink. A key that is
forgiven a typing error has two pieces, `near` its beginning and `far` from it, of which no single error can touch both:
one letter is left out between them, since two letters in each other's place may touch two pieces that stand side by side.
Both begin where a word begins, so that only few places of a text are looked at. The first word of a name may be too short
to leave one out: then it is a piece as a whole, and what an error makes of the space behind it is looked for too.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gazetteer.alphabet import CLASSES, CYRILLIC_LETTER, DIGIT, LATIN_LETTER, UNKNOWN
from gazetteer.packed import Packed, pack

HEAD = 8
TAIL = 12  # of a name in which no second word can be a piece
SHORTEST_NEAR = 5
SHORTEST_FAR = 3
CAPITAL, TOLERANT, DOUBTFUL = 1, 2, 4  # flags of a key, see Compiled

_WORD_CLASSES = (LATIN_LETTER, CYRILLIC_LETTER, DIGIT)
BORDERS = bytes(code if CLASSES[code] in _WORD_CLASSES or code == UNKNOWN else ord(" ") for code in range(256))


class Split(NamedTuple):
    """`near` is the length of the first piece; the second stands from `start` to `end` of the key, with its space."""

    near: int
    start: int
    end: int


class Groups(NamedTuple):
    """Patterns for the automaton, and which keys have each: `keys` up to `stops` of the same number."""

    patterns: Packed
    stops: "array[int]"
    keys: "array[int]"

    def members(self, number: int) -> "array[int]":
        """The keys of one pattern."""
        return self.keys[self.stops[number - 1] if number else 0 : self.stops[number]]


class Cut(NamedTuple):
    """`heads` of all keys, in order; the keys of a head stand together up to its stop. `capitals`: all of them need one.

    `near` has the first pieces that are no heads, `far` the second pieces, `glued` the errors between two words.
    """

    heads: Packed
    stops: "array[int]"
    capitals: bytes
    near: Groups
    glued: Groups
    far: Groups


def cut(keys: Packed, flags: bytes) -> Cut:
    """Cut sorted folded keys."""
    heads, stops, capitals = _cut_heads(keys, flags)
    near: dict[bytes, list[int]] = defaultdict(list)
    glued: dict[bytes, list[int]] = defaultdict(list)
    far: dict[bytes, list[int]] = defaultdict(list)
    for number, flag in enumerate(flags):
        if flag & TOLERANT:
            key = keys[number]
            pieces = split(key)
            far[key[pieces.start : pieces.end].translate(BORDERS)].append(number)
            if pieces.near < HEAD:
                near[b" " + key[: pieces.near].translate(BORDERS)].append(number)
            if pieces.near == pieces.start + 1:
                for written in _glue(key, pieces.start):
                    glued[b" " + written.translate(BORDERS)].append(number)
    return Cut(heads, stops, capitals, _group(near), _group(glued), _group(far))


def split(key: bytes) -> Split:
    """Where the two pieces of a key stand: the second at the word that leaves most to both."""
    borders = key.translate(BORDERS)
    best, most = Split(HEAD, max(HEAD + 1, len(key) - TAIL), len(key)), 0
    space = borders.find(b" ", 1)
    while space >= 0:
        end = min(len(key), space + 1 + HEAD)
        near, far = min(HEAD, space - 1), end - space - 1
        if far >= SHORTEST_FAR and borders[space + 1] != ord(" ") and near + far > most:
            best, most = Split(near if near >= SHORTEST_NEAR else space + 1, space, end), near + far
        space = borders.find(b" ", space + 1)
    return best


def _glue(key: bytes, space: int) -> tuple[bytes, ...]:
    """The beginning where the space is missing, or has changed its place with the letter before or behind it."""
    first, rest = key[:space], key[space + 1 : space + 4]
    return first + rest, first[:-1] + b" " + first[-1:] + rest, first + rest[:1] + b" " + rest[1:]


def _cut_heads(keys: Packed, flags: bytes) -> tuple[Packed, "array[int]", bytes]:
    heads: list[bytes] = []
    stops, capitals = array("I"), bytearray()
    start = 0
    for number, end in enumerate(keys.ends):
        head = keys.blob[start : min(start + HEAD, end)]
        if heads and heads[-1] == head:
            stops[-1] = number + 1
            capitals[-1] &= flags[number]
        else:
            heads.append(head)
            stops.append(number + 1)
            capitals.append(flags[number] & CAPITAL)
        start = end
    return pack(b" " + head.translate(BORDERS) for head in heads), stops, bytes(capitals)


def _group(members: Mapping[bytes, Iterable[int]]) -> Groups:
    stops, keys = array("I"), array("I")
    for found in members.values():
        keys.extend(found)
        stops.append(len(keys))
    return Groups(pack(members), stops, keys)
