"""The folded shadow of a text with a way back to its offsets, also where folding cannot be one to one."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from gazetteer.alphabet import CLASSES, STRANGE, encode, iter_runs
from gazetteer.fold import encode_folded, unfold

# What stands inside words without being a letter (marks, control and format characters), and letters that stand for two.
_EXPANDED = {"ş": "sh", "Ş": "Sh", "ç": "ch", "Ç": "Ch", "и\u0306": "й", "И\u0306": "Й"}
_FIND_UNEVEN = re.compile(
    "[иИ]\u0306|[şŞçÇ]"
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_CONTROL = "\x00"
_MIXED = (b"LC", b"CL")
_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYaceopxykmt", "АВСЕНКМОРТХУасеорхукмт")
_LOOK_ALIKE_BACK = str.maketrans("АВСЕНКМОРТХУасеорхукмт", "ABCEHKMOPTXYaceopxykmt")
_ENDING_BEHIND = re.compile("[A-Za-z]+[Ѐ-ӿ]+")
LONGEST_WORD = 64
_WORD_BYTES = bytes(ord("W") if code in b"LC" else ord(" ") for code in range(256))


@dataclass(eq=False)
class Shadow:
    """`folded` and its bytes have the length of `plain`; `starts` and `shifts` lead from it back to the original text."""

    plain: str
    encoded: bytes
    starts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    @cached_property
    def folded(self) -> str:
        """The folded text."""
        return unfold(self.encoded, self.plain)

    def fold_part(self, start: int, end: int) -> str:
        """A part of the folded text, for most texts have no need of the whole."""
        return unfold(self.encoded[start:end], self.plain[start:end])

    def original(self, offset: int) -> int:
        """The offset in the original text of a character of the shadow."""
        if not self.starts:
            return offset
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]

    def original_end(self, offset: int, text: str) -> int:
        """The offset in the original text right after the character before `offset` and the marks upon it."""
        if not self.starts:
            return offset
        end = self.original(offset - 1) + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        return end


def make_shadow(text: str) -> Shadow:
    """Fold a text; only a text with uneven characters, or with words of two alphabets, pays for more than three look-ups."""
    encoded = encode(text)
    classes = encoded.translate(CLASSES)
    is_strange, is_mixed = STRANGE in classes, _is_mixed(classes)
    if not (is_strange or is_mixed):
        return Shadow(text, encoded)
    plain, starts, shifts = _make_even(text, classes) if is_strange else (text, (), ())
    if starts:
        classes = encode(plain).translate(CLASSES)
        is_mixed = _is_mixed(classes)
    if is_mixed:
        plain = _repair(plain, classes)
    return Shadow(plain, encode_folded(plain), starts, shifts)


def _make_even(text: str, classes: bytes) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """The text without uneven characters, and the map back; without a map where there are none."""
    parts: list[str] = []
    starts, shifts = [0], [0]
    length = last = 0
    for found in _iter_uneven(text, classes):
        kept, new = text[last : found.start()], _EXPANDED.get(found.group(), "")
        if found.group() == _CONTROL and _is_border(text, found):
            continue
        parts += [kept, new]
        length += len(kept)
        for number in range(1, len(new)):
            starts.append(length + number)
            shifts.append(found.start() - length - number)
        length += len(new)
        last = found.end()
        starts.append(length)
        shifts.append(last - length)
    return ("".join([*parts, text[last:]]), tuple(starts), tuple(shifts)) if parts else (text, (), ())


def _iter_uneven(text: str, classes: bytes) -> "Iterator[re.Match[str]]":
    """Only what no alphabet has can be uneven, with the letter before it: the rest of the text need not be looked at."""
    for start, end in iter_runs(classes, STRANGE):
        yield from _FIND_UNEVEN.finditer(text, max(0, start - 1), end)


def _is_border(text: str, found: "re.Match[str]") -> bool:
    """A NUL stands for a lost space where a capital follows a small letter, and for nothing inside a word."""
    return text[found.start() - 1 : found.start()].islower() and text[found.end() : found.end() + 1].isupper()


def _is_mixed(classes: bytes) -> bool:
    # One letter is looked for in a tenth of the time that a pair takes, and most texts have one alphabet.
    return b"L" in classes and b"C" in classes and any(pair in classes for pair in _MIXED)


def _repair(plain: str, classes: bytes) -> str:
    """Turn look-alike letters of the other alphabet into those of their word: a Latin `a` inside `Талибан`."""
    parts, last = [], 0
    for start, end in _iter_mixed(classes):
        word = plain[start:end]
        parts += [plain[last:start], _repair_word(word) if end - start <= LONGEST_WORD else word]
        last = end
    return "".join([*parts, plain[last:]])


def _iter_mixed(classes: bytes) -> Iterator[tuple[int, int]]:
    """Where the words stand that have letters of both alphabets."""
    words = classes.translate(_WORD_BYTES)
    place = 0
    while pairs := [found for pair in _MIXED if (found := classes.find(pair, place)) >= 0]:
        start = words.rfind(b" ", place, min(pairs)) + 1 or place
        end = words.find(b" ", min(pairs))
        place = end if end >= 0 else len(classes)
        yield start, place


@lru_cache(maxsize=4096)
def _repair_word(word: str) -> str:
    """A word of both alphabets stays as it is unless every letter of one has a look-alike in the other.

    A Cyrillic ending behind a Latin name is no error (`IShIDга`, `USAIDу`).
    """
    cyrillic, latin = word.translate(_LOOK_ALIKE), word.translate(_LOOK_ALIKE_BACK)
    is_cyrillic = not any(map(_is_latin, cyrillic))
    is_latin = all(map(_is_latin, latin)) and not _ENDING_BEHIND.fullmatch(word)
    if is_cyrillic and is_latin:
        return latin if sum(map(_is_latin, word)) * 2 > len(word) else cyrillic
    return cyrillic if is_cyrillic else latin if is_latin else word


def _is_latin(letter: str) -> bool:
    return letter < "Ѐ"
