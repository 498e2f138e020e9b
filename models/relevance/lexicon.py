"""The term lists of `terms/*.toml`, compiled: which concept stands where in a text.

How a term is written: `terror*` is a word that begins so; `us` is exactly this word; `banned group*` is words in a row,
with anything but letters between them (a hyphen is the
same as a blank); a comma ends a term. Case, apostrophe kinds, ё and Tajik or Uzbek diacritics do
not matter (see fold.py). Uzbek is written in Latin letters and turned into Cyrillic; `uz-Cyrl` adds what that cannot know.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from models import LANGUAGES
from models.relevance.fold import fold
from models.relevance.script import make_cyrillic

FILES = ("key", "topic", "frame", "modality", "voice", "negative", "protected")
_LISTS = ("uz-Latn", "uz-Cyrl", "tg", "ru", "en")
_PROTECTED = "protected"
_LONGEST_WORD = 80  # characters


class BadTerms(ValueError):
    """A term list that cannot be used: file, concept, term and what to do."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A named idea with its words; `role` is the file it stands in."""

    name: str
    role: str
    about: str
    terms: Mapping[str, tuple[str, ...]]
    unless: tuple[str, ...] = ()
    names_a_state: bool = False


class Found(NamedTuple):
    """A word of a concept, in code points of the text (a tuple, because thousands are made a second)."""

    start: int
    end: int
    concept: str


class Lexicon:
    """All words of one language (or of all, for `und`) in one automaton."""

    def __init__(self, concepts: Mapping[str, Concept], languages: tuple[str, ...]) -> None:
        """Compile the terms of these languages."""
        self.concepts = concepts
        self.excused = {concept.name: concept.unless for concept in concepts.values() if concept.unless}
        self._protected = frozenset(concept.name for concept in concepts.values() if concept.role == _PROTECTED)
        rules: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for concept in concepts.values():
            for language in languages:
                for term in concept.terms.get(language, ()):
                    rules.setdefault(_head(term), []).append((_compile(term), concept.name))
        self._rules = [*rules.values()]
        starts = [" " + head for head in rules]
        self._automaton = AhoCorasick(starts, matchkind=MatchKind.Standard, implementation=Implementation.DFA)

    def find(self, folded: str) -> list[Found]:
        """The words in `folded`, in order; protected words, and what they cover, are not among them."""
        protected = self._protected
        found: list[Found] = []
        masked: list[Found] = []
        for one in self._iter_found(folded):
            (masked if one.concept in protected else found).append(one)
        masked.sort()
        starts = [mask.start for mask in masked]
        return [one for one in found if self._counts(one, masked, starts)] if masked else found

    def find_all(self, folded: str) -> list[tuple[int, int]]:
        """Spans of all words of all concepts, protected ones too, in order and apart from each other."""
        apart: list[tuple[int, int]] = []
        for start, end, _ in sorted(self._iter_found(folded)):
            if apart and start < apart[-1][1]:
                apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
            else:
                apart.append((start, end))
        return apart

    def _iter_found(self, folded: str) -> Iterator[Found]:
        # A head begins with a blank, so that no time goes into the middles of words; offsets in `spaced` are one too high,
        # and a match begins at its blank: the two cancel out.
        spaced = " " + _encodable(folded)
        for sign in _SIGNS:
            spaced = spaced.replace(sign, " ")
        spaced = spaced.replace(" '", "  ")
        rules = self._rules
        for number, start, _ in self._automaton.find_matches_as_indexes(spaced, overlapping=True):
            for pattern, concept in rules[number]:
                if match := pattern.match(folded, start):
                    yield Found(start, match.end(), concept)

    def _counts(self, found: Found, masked: list[Found], starts: list[int]) -> bool:
        near = masked[bisect_left(starts, found.start - _LONGEST_WORD) : bisect_left(starts, found.end)]
        covers = [mask for mask in near if found.start < mask.end]
        if not covers:
            return True
        length = found.end - found.start
        return self.concepts[found.concept].names_a_state and all(length > mask.end - mask.start for mask in covers)


@cache
def load_lexicon(language: str) -> Lexicon:
    """The lexicon of `uz`, `tg`, `ru` or `en`; of all of them for anything else."""
    return Lexicon(load_concepts(), (language,) if language in LANGUAGES else LANGUAGES)


@cache
def load_concepts() -> dict[str, Concept]:
    """The shipped concepts by name. Raises BadTerms, which names file, concept and term."""
    folder = files("models.relevance") / "terms"
    return parse_concepts({name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in FILES})


def read_concepts(role: str) -> dict[str, Concept]:
    """The concepts of one more file of terms, which the evidence does not read. Raises BadTerms."""
    text = (files("models.relevance") / "terms" / f"{role}.toml").read_text(encoding="utf-8")
    return {name: _read_concept(role, name, table) for name, table in tomllib.loads(text).items()}


def parse_concepts(texts: Mapping[str, str]) -> dict[str, Concept]:
    """Read TOML texts by role, strictly, and refuse terms that are protected words."""
    concepts: dict[str, Concept] = {}
    for role, text in texts.items():
        for name, table in tomllib.loads(text).items():
            if name in concepts:
                raise BadTerms(f"terms/{role}.toml: [{name}] exists already; choose another name")
            concepts[name] = _read_concept(role, name, table)
    for concept in concepts.values():
        for other in concept.unless:
            if other not in concepts:
                raise BadTerms(f"terms/{concept.role}.toml: [{concept.name}] unless: no concept is called '{other}'")
    _refuse_protected(concepts)
    return concepts


def _read_concept(role: str, name: str, table: object) -> Concept:
    where = f"terms/{role}.toml: [{name}]"
    if not isinstance(table, dict):
        raise BadTerms(f"{where}: expected a table of term lists")
    if unknown := table.keys() - {"about", "unless", "names_a_state", *_LISTS}:
        raise BadTerms(f"{where}: unknown key '{min(unknown)}' (known: about, unless, names_a_state, {', '.join(_LISTS)})")
    if missing := {"uz-Latn", "tg", "ru", "en"} - table.keys():
        raise BadTerms(f"{where}: no terms for {min(missing)}")
    lists = {key: _read_terms(where, key, table[key]) for key in _LISTS if key in table}
    cyrillic = tuple(fold(make_cyrillic(term)) for term in lists["uz-Latn"])
    return Concept(
        name=name,
        role=role,
        about=str(table.get("about", name)),
        terms={
            "uz": tuple(dict.fromkeys((*map(fold, lists["uz-Latn"]), *cyrillic, *map(fold, lists.get("uz-Cyrl", ()))))),
            **{language: tuple(map(fold, lists[language])) for language in ("tg", "ru", "en")},
        },
        unless=tuple(table.get("unless", ())),
        names_a_state=bool(table.get("names_a_state", False)),
    )


def _read_terms(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise BadTerms(f"{where}: {key}: expected one string with commas between the terms")
    terms = tuple(" ".join(term.split()) for term in value.split(","))
    for term in terms:
        if len(_head(term)) < 2 or not re.fullmatch(r"[\w' *-]+", term):
            raise BadTerms(f"{where}: {key}: '{term}' needs two letters at its start and only letters, ', - and *")
    return terms


def _refuse_protected(concepts: Mapping[str, Concept]) -> None:
    masks = {
        language: [(term, _compile(term)) for c in concepts.values() if c.role == _PROTECTED for term in c.terms[language]]
        for language in LANGUAGES
    }
    for concept in concepts.values():
        if concept.role == _PROTECTED or concept.names_a_state:
            continue
        for language, terms in concept.terms.items():
            for term in terms:
                for word in term.replace("*", "").split():
                    hit = next((mask for mask, pattern in masks[language] if pattern.match(word)), None)
                    if hit:
                        raise BadTerms(
                            f"terms/{concept.role}.toml: [{concept.name}]: '{term}' is the protected word '{hit}'; "
                            "words for peoples, faiths and migrants weigh nothing: take it out"
                        )


def _head(term: str) -> str:
    return re.split(r"[* -]", term, maxsplit=1)[0]


@cache  # the lexicon of all languages has the terms of each
def _compile(term: str) -> re.Pattern[str]:
    words = [re.escape(word).replace(r"\*", r"[\w']*") for word in re.split("[ -]", term)]
    return re.compile(r"[^\w\n]+".join(words) + r"(?!\w)")


_SIGNS = tuple('\n\t\r"()[]«»“”„-/.,:;*#@_+=|<>')
_SURROGATES = re.compile("[\ud800-\udfff]")


def _encodable(folded: str) -> str:
    """The automaton reads UTF-8, which has no lone surrogates."""
    try:
        folded.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("?", folded)
    return folded
