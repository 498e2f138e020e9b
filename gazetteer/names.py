"""Persons of the list in spellings that no form has: compared by the key of their names, see `namekey`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gazetteer.alphabet import encode
from gazetteer.compiled import Compiled
from gazetteer.ending import Grammar, join, read_ending
from gazetteer.evidence import Candidate
from gazetteer.namekey import VOWEL, add_word, is_article, is_telling, iter_beginnings, iter_parts, make_key
from gazetteer.pattern import Pattern
from gazetteer.record import Entity
from gazetteer.shadow import Shadow

MOST_WORDS = 7
SHORTEST_PART = 3  # letters that stay of a word when an ending is taken off
MOST_REMEMBERED = 65_536  # words
SPELT = "other spelling"
_WORD = re.compile(r"[^\W\d_]+(?:['ʻʼ’‘`][^\W\d_]+)*")
_BETWEEN = frozenset({" ", "-", "‑", "–", "\u00a0"})
_INNER_ENDING = re.compile(r"(?:ом|ой|ем|ии|[аыуеияюӣ])$", re.IGNORECASE)

Places = Mapping[str, Iterable[tuple[int, int]]]


def collect_names(entities: Iterable[Entity], numbers: Mapping[str, int]) -> dict[str, list[tuple[int, int]]]:
    """The keys of persons, with entity and form of each; none that two entities have or that a form has which needs a context."""
    found: dict[str, dict[tuple[int, int], bool]] = defaultdict(dict)
    for entity in entities:
        for place, form in enumerate(entity.forms) if entity.kind == "person" else ():
            if form.is_matched and (key := name_key(form.text)):
                is_free = not (form.ambiguous or form.unless or form.own or form.case == "exact")
                found[key][numbers[entity.id], place] = is_free
    clear = (key for key, places in found.items() if all(places.values()) and len({number for number, _ in places}) == 1)
    return {key: list(found[key]) for key in sorted(clear)}


def name_key(text: str) -> str:
    """The key of a name that has one: of two words and more, and of enough consonants; otherwise an empty string."""
    words = _split(text)
    key = make_key(words) if len(words) > 1 and "." not in text else ""
    return key if is_telling(key) else ""


def collect_parts(entities: Iterable[Entity], names: Places) -> list[str]:
    """The keys of their first words, so that nearly every other capital letter is passed by."""
    forms = (_split(form.text) for entity in entities if entity.kind == "person" for form in entity.forms)
    return sorted({part for words in forms if make_key(words) in names for part in iter_parts(words)})


def _split(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if not is_article(word)]


class _Word(NamedTuple):
    text: str
    start: int
    end: int


class Names:
    """The keys of one compiled list."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._places: Places = compiled.facts["names"]
        self._parts = {part.rstrip(VOWEL) for part in compiled.facts["parts"]}
        self._known: dict[str, bool] = {}
        self.beginnings = tuple({encode(beginning) for key in self._places for beginning in iter_beginnings(key)})

    def find(self, shadow: Shadow, starts: Iterable[int], language: str) -> Iterator[Candidate]:
        """The longest name at each of these places where a capital stands."""
        plain = shadow.plain
        for start in dict.fromkeys(start for start in starts if plain[start].isupper()):
            first = _WORD.match(plain, start)
            if first and self._may_begin(first.group()) and (found := list(self._iter_at(shadow, start, language))):
                yield max(found, key=lambda candidate: candidate.end)

    def _may_begin(self, word: str) -> bool:
        """False for nearly all words, which are remembered."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            parts = {add_word("", part).rstrip(VOWEL) for part in _parts(word)}
            known = self._known[word] = not parts.isdisjoint(self._parts)
        return known

    def _iter_at(self, shadow: Shadow, start: int, language: str) -> Iterator[Candidate]:
        keys = {""}
        for word in _iter_words(shadow.plain, start):
            if is_article(word.text):
                continue
            for key in sorted(keys - {""}):
                yield from self._iter_ends(shadow, start, key, word, language)
            longer = {add_word(key, part) for key in keys for part in _parts(word.text)}
            keys = {key for key in longer if key.rstrip(VOWEL) in self._parts}
            if not keys:
                return

    def _iter_ends(self, shadow: Shadow, start: int, before: str, word: _Word, language: str) -> Iterator[Candidate]:
        """The name may end with this word, or with a part of it that an ending follows."""
        for length in range(len(word.text), SHORTEST_PART - 1, -1):
            if not word.text[length - 1].isalpha():
                continue
            if places := self._places.get(add_word(before, word.text[:length])):
                pattern = self._make_pattern(places, shadow.plain[start : word.start + length], language)
                grammar = Grammar("any", pattern.form.language, True, True, False)
                if read := read_ending(shadow, word.start + length, grammar, language):
                    yield Candidate(start, read[0], pattern, join(pattern.rule, read[1]), True)

    def _make_pattern(self, places: Iterable[tuple[int, int]], written: str, language: str) -> Pattern:
        rows = [(self._compiled.entity(number), place) for number, place in places]
        entity, place = next((row for row in rows if row[0].forms[row[1]].language == language), rows[0])
        return Pattern(written, written, entity.forms[place], entity, f"{SPELT} '{written}'")


def _parts(word: str) -> tuple[str, ...]:
    """The word, and without the ending that Russian and Tajik put on every part of a name."""
    part = _INNER_ENDING.sub("", word)
    return (word,) if part == word else (word, part)


def _iter_words(plain: str, start: int) -> Iterator[_Word]:
    """Words with capitals, articles and the small words of names between them, as far as a space or a dash parts them."""
    for _ in range(MOST_WORDS):
        found = _WORD.match(plain, start)
        if found is None:
            return
        yield _Word(found.group(), found.start(), found.end())
        start = found.end() + 1
        if plain[found.end() : start] not in _BETWEEN:
            return
