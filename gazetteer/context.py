"""What stands around a form: quotes, capitals, disclaimers, and the words of the context sets."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gazetteer.alphabet import decode, encode
from gazetteer.fold import fold
from gazetteer.shadow import Shadow

WINDOW_CHARACTERS = 150
DISCLAIMER_CHARACTERS = 100
LEGAL_CHARACTERS = 60
SHOUTING_CHARACTERS = 40
SHOUTING_SHARE = 0.6
LEGAL = tuple(map(encode, ("запрещ", "признан", "мамну", "такикланган", "taqiqlangan", "banned", "outlawed", "designated")))
_KEY = re.compile(
    r"запрещенн?\w* (?:в|на территории) (?:рф|росси\w*|российской федерации|таджикистане|узбекистане|казахстане|кыргызстане)"
    r"|деятельность (?:которо\w|которых )?\s?запрещен\w* (?:в|на территории) \w+"
    r"|признан\w* (?:в рф |в россии )?(?:террористическ|экстремистск|нежелательн)\w+(?: \w+){0,3}(?: и запрещен\w*)?"
    r"|(?:banned|outlawed|designated as a terrorist organi[sz]ation) in (?:russia|tajikistan|uzbekistan|kyrgyzstan|kazakhstan)"
    r"|(?:o'zbekiston|rossiya|tojikiston|qozog'iston)(?:da| hududida) (?:faoliyati )?taqiqlangan"
    r"|(?:узбекистон|россия|тожикистон|козогистон)(?:да| худудида) (?:фаолияти )?такикланган"
    r"|мамнуъ (?:дар|аст дар) (?:русия|точикистон|узбекистон)|дар (?:русия|точикистон|узбекистон) мамнуъ"
)

_ELSEWHERE = re.compile(r"[().;\n]")
_QUOTES = frozenset({b'"', b"'"})
_LEGAL = tuple(map(encode, ("запрещ", "признан", "мамну", "такикланган", "taqiqlangan", "banned", "outlawed", "designated")))


def find_disclaimers(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of legal boilerplate such as `(запрещена в РФ)`, so that others can leave it out."""
    shadow = fold(text)
    spans: list[tuple[int, int]] = []
    for found in _KEY.finditer(shadow):
        start, end = _around(shadow, found.start(), found.end())
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _around(shadow: str, start: int, end: int) -> tuple[int, int]:
    """Widen to the brackets, or from the asterisk to the end of the sentence."""
    low = max(0, start - WINDOW_CHARACTERS)
    left = shadow.rfind("(", low, start)
    if left >= 0 and ")" not in shadow[left:start]:
        right = shadow.find(")", end, end + WINDOW_CHARACTERS)
        return (left, right + 1) if right >= 0 else (left, end)
    star = shadow.rfind("*", low, start)
    if star >= 0 and "." not in shadow[star:start]:
        stop = shadow.find(".", end, end + WINDOW_CHARACTERS)
        return star, stop + 1 if stop >= 0 else end
    return start, end


class WordSets:
    """The context sets of one data folder in one automaton: a window is read once for all of them."""

    def __init__(self, sets: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._members: dict[bytes, dict[str, bool]] = {}
        for name, writings in sets.items():
            for word in (word for words in writings.values() for word in words):
                members = self._members.setdefault(encode(word.rstrip("*")), {})
                members[name] = members.get(name, False) or word.endswith("*")
        self._keys = list(self._members)
        self._automaton = BytesAhoCorasick(self._keys, matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def find_in(self, text: bytes, plain: str, low: int, high: int) -> dict[str, str]:
        """The first word of each set that begins in this part of a text: whole words, stems with any ending, phrases."""
        found: dict[str, str] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(text[low:high], overlapping=True):
            start, end = low + start, low + end
            if start and plain[start - 1].isalnum():
                continue
            goes_on = end < len(plain) and (plain[end].isalnum() or text[end : end + 1] == b"'")
            for name, is_stem in self._members[self._keys[number]].items():
                if is_stem or not goes_on:
                    found.setdefault(name, decode(self._keys[number]))
        return found


class Context:
    """One text, as the matcher needs it: `plain` as written, `shadow` folded."""

    def __init__(self, shadow: Shadow, words: WordSets, legal: Sequence[int] = ()) -> None:
        """`legal` says where words of legal wording begin, in order; see LEGAL."""
        self.plain = shadow.plain
        self.shadow = shadow
        self._encoded = shadow.encoded
        self._words = words
        self._legal = legal
        self._near: dict[tuple[int, int], dict[str, str]] = {}

    def find_word(self, name: str, start: int, end: int) -> str:
        """Return the word of a context set that stands within 150 characters, or an empty string."""
        near = self._near.get((start, end))
        if near is None:
            before = self._words.find_in(self._encoded, self.plain, max(0, start - WINDOW_CHARACTERS), start)
            after = self._words.find_in(self._encoded, self.plain, end, min(len(self.plain), end + WINDOW_CHARACTERS))
            near = self._near[start, end] = after | before
        return near.get(name, "")

    def is_quoted(self, start: int, end: int) -> bool:
        """True if a quotation mark opens right before and one closes right after."""
        return self._encoded[start - 1 : start] in _QUOTES and self._encoded[end : end + 1] in _QUOTES

    def is_disclaimed(self, end: int) -> bool:
        """True if an asterisk or a disclaimer follows closely."""
        if self._encoded[end : end + 1] == b"*" or self._encoded[end : end + 2] == b'"*':
            return True
        return bool(self._find_wording(end))

    def find_disclaimer(self, end: int) -> str:
        """The legal wording that belongs to the name before it, as written: its bracket, its clause, or an asterisk."""
        rest = self._encoded[end : end + 3].lstrip(b'" ')
        if not rest or rest[0] not in b"(*,[":
            return ""
        if rest[0] == ord("*"):
            return "*"
        found = self._find_wording(end)
        if found is None or _ELSEWHERE.search(self.shadow.folded, end + 3, found.start()):
            return ""
        start, stop = _around(self.shadow.folded, found.start(), found.end())
        return self.plain[max(start, end) : stop].strip(" ,")

    def is_legal_wording(self, start: int, end: int) -> bool:
        """True for a state that only stands in such wording: the РФ of `запрещена в РФ`."""
        low, high = max(0, start - LEGAL_CHARACTERS), min(len(self.plain), end + LEGAL_CHARACTERS)
        if not self._is_legal(low, high):
            return False
        return any(found.start() <= start and end <= found.end() for found in _KEY.finditer(self.shadow.folded, low, high))

    def _find_wording(self, end: int) -> "re.Match[str] | None":
        stop = min(len(self.plain), end + DISCLAIMER_CHARACTERS)
        return _KEY.search(self.shadow.folded, end, stop) if self._is_legal(end, stop) else None

    def _is_legal(self, low: int, high: int) -> bool:
        """False for most texts and most names: then nothing need be compared."""
        place = bisect_left(self._legal, low)
        return place < len(self._legal) and self._legal[place] < high

    def is_capital(self, start: int, end: int) -> bool:
        """True for a capital that means something: not at the start of a sentence, not in a line of capitals."""
        if not self.plain[start : start + 1].isupper() or self.is_shouting(start, end):
            return False
        before = self.plain[max(0, start - 10) : start].rstrip(" \t\u00a0«“\"'„(‘’ʻ*")
        return bool(before) and before[-1] not in ".!?…\n:•"

    def is_shouting(self, start: int, end: int) -> bool:
        """True if most letters around are capitals, so that a capital says nothing."""
        around = self.plain[max(0, start - SHOUTING_CHARACTERS) : start] + self.plain[end : end + SHOUTING_CHARACTERS]
        letters = [letter for letter in around if letter.isalpha()]
        return len(letters) > 3 and sum(map(str.isupper, letters)) / len(letters) > SHOUTING_SHARE

    def is_alone(self, start: int, end: int) -> bool:
        """True if the form is all there is: a bare name, as a query or a tag."""
        return not any(map(str.isalnum, self.plain[:start] + self.plain[end:])) and self.plain[start].isupper()
