"""What stands around a form: quotes, capitals, disclaimers, and the words of the context sets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gazetteer.fold import fold

WINDOW_CHARACTERS = 150
DISCLAIMER_CHARACTERS = 100
SHOUTING_CHARACTERS = 40
SHOUTING_SHARE = 0.6
_WORD = re.compile(r"[\w']+")
_KEY = re.compile(
    r"запрещенн?\w* (?:в|на территории) (?:рф|росси\w*|российской федерации|таджикистане|узбекистане|казахстане|кыргызстане)"
    r"|деятельность (?:которо\w|которых )?\s?запрещен\w* (?:в|на территории) \w+"
    r"|признан\w* (?:в рф |в россии )?(?:террористическ|экстремистск|нежелательн)\w+(?: \w+){0,3}(?: и запрещен\w*)?"
    r"|(?:banned|outlawed|designated as a terrorist organi[sz]ation) in (?:russia|tajikistan|uzbekistan|kyrgyzstan|kazakhstan)"
    r"|(?:o'zbekiston|rossiya|tojikiston|qozog'iston)(?:da| hududida) (?:faoliyati )?taqiqlangan"
    r"|(?:узбекистон|россия|тожикистон|козогистон)(?:да| худудида) (?:фаолияти )?такикланган"
    r"|мамнуъ (?:дар|аст дар) (?:русия|точикистон|узбекистон)|дар (?:русия|точикистон|узбекистон) мамнуъ"
)


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
    """The context sets of one data folder, compiled once."""

    def __init__(self, sets: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._sets = {name: _compile(word for words in writings.values() for word in words) for name, writings in sets.items()}

    def find_in(self, name: str, window: str) -> str:
        """The first word of a folded window that is in the set, or an empty string."""
        return self._sets[name].find_in(window)


class Context:
    """One text, as the matcher needs it: `plain` as written, `shadow` folded, both of the same length."""

    def __init__(self, plain: str, shadow: str, words: WordSets) -> None:
        self.plain = plain
        self.shadow = shadow
        self._words = words

    def find_word(self, name: str, start: int, end: int) -> str:
        """Return the word of a context set that stands within 150 characters, or an empty string."""
        before = self.shadow[max(0, start - WINDOW_CHARACTERS) : start]
        return self._words.find_in(name, before) or self._words.find_in(name, self.shadow[end : end + WINDOW_CHARACTERS])

    def is_quoted(self, start: int, end: int) -> bool:
        """True if a quotation mark opens right before and one closes right after."""
        return self.shadow[start - 1 : start] in {'"', "'"} and self.shadow[end : end + 1] in {'"', "'"}

    def is_disclaimed(self, end: int) -> bool:
        """True if an asterisk or a disclaimer follows closely."""
        if self.shadow[end : end + 1] == "*" or self.shadow[end : end + 2] == '"*':
            return True
        return bool(_KEY.search(self.shadow, end, min(len(self.shadow), end + DISCLAIMER_CHARACTERS)))

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


@dataclass(frozen=True, slots=True)
class _WordSet:
    """A context set, folded: whole words, stems (any ending), and phrases of several words."""

    words: frozenset[str]
    stems: tuple[str, ...]
    phrases: tuple[str, ...]

    def find_in(self, window: str) -> str:
        """The first word of the window that is in the set; an alternation of regexes would take 50 times as long."""
        for word in _WORD.findall(window):
            if word in self.words or word.startswith(self.stems):
                return str(word)
        return next((phrase for phrase in self.phrases if phrase in window), "")


def _compile(words: Iterable[str]) -> _WordSet:
    folded = {fold(word) for word in words}
    return _WordSet(
        frozenset(word for word in folded if " " not in word and not word.endswith("*")),
        tuple(sorted(word[:-1] for word in folded if " " not in word and word.endswith("*"))),
        tuple(sorted(word.rstrip("*") for word in folded if " " in word)),
    )
