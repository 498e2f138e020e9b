"""Find gazetteer names in a text: keys in the folded shadow, then capitals, ending and context of each hit."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from gazetteer.alphabet import CLASSES, OTHER, UNKNOWN
from gazetteer.cache import load_compiled
from gazetteer.compile import Words, compile_list
from gazetteer.compiled import Compiled
from gazetteer.context import LEGAL, Context, WordSets, find_disclaimers
from gazetteer.cut import DOUBTFUL
from gazetteer.ending import FREE, JOINERS, Grammar, join, make_grammar, read_ending
from gazetteer.entries import DATA, load_entities
from gazetteer.evidence import SETTLED, Candidate, Evidence, Verdict
from gazetteer.index import Hits, Index
from gazetteer.names import Names
from gazetteer.pattern import Declensions, Pattern, is_tolerant
from gazetteer.record import Entity
from gazetteer.shadow import Shadow, make_shadow

__all__ = ["Match", "Matcher", "find_disclaimers", "load_matcher"]

CERTAIN = 0.8
NEARLY = 2  # characters by which a hit with a typing error must be longer than one without


class Match(NamedTuple):
    """One hit. Offsets are code points of the original text; `text == original[start:end]`.

    The span is the whole token with its ending, without quotes. `certain` means: may serve as key evidence, that is,
    an entity in scope (an armed group, its people, media, acts) under an unambiguous form or in a context that
    settles it. Hits on places, states, offices, platforms, terms and sources are never certain. `disclaimer` is the legal
    wording right behind the name; a state named only in such wording is no hit.
    """

    start: int
    end: int
    text: str
    entity_id: str
    kind: str
    label: str
    name: str
    language: str
    form: str
    rule: str
    why: str
    certain: bool
    probability: float
    policy: str
    disclaimer: str = ""


class _Row(NamedTuple):
    """A pattern and what is asked of it for every hit."""

    pattern: Pattern
    grammar: Grammar
    is_free: bool
    is_tolerant: bool
    capitals: tuple[int, ...] | None


class Matcher:
    """All forms of all languages in one index; threads may share it, for what it decodes on the way is the same for all."""

    def __init__(
        self,
        entities: Iterable[Entity],
        enabled: frozenset[str] = frozenset(),
        words: Words | None = None,
        declensions: Declensions | None = None,
    ) -> None:
        """Compile the entities, see `compile_list`."""
        self._prepare(compile_list(entities, enabled, words, declensions))

    @classmethod
    def of(cls, compiled: Compiled) -> "Matcher":
        """A matcher over a list that is compiled already."""
        matcher = cls.__new__(cls)
        matcher._prepare(compiled)
        return matcher

    def _prepare(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._names = Names(compiled)
        self._index = Index(compiled, LEGAL, self._names.beginnings)
        self._words = WordSets(compiled.facts["words"])
        self._evidence = Evidence(compiled.facts["related"])
        self._rows: dict[int, tuple[_Row, ...]] = {}

    @property
    def entities(self) -> Mapping[str, Entity]:
        """Every entity of the list by id."""
        return self._compiled.entities

    def find(self, text: str, language: str = "und", script: str = "") -> list[Match]:  # noqa: ARG002  # callers know it, the letters tell it
        """Return the names in `text`, in order, without overlaps.

        `language` is uz, tg, ru, en or und and decides which ambiguous forms may count; `script` (Latn, Cyrl) is
        taken from the letters themselves and may be left out.
        """
        shadow = make_shadow(text)
        hits, (legal, names) = self._index.find(shadow)
        candidates = self._find_candidates(hits, shadow, language) if hits else []
        if names:
            candidates += self._names.find(shadow, names, language)
        if not candidates:
            return []
        context = Context(shadow, self._words, legal)
        verdicts = _resolve(self._evidence.judge(candidates, context, language), language)
        return [
            self._make_match(text, shadow, verdict, context.find_disclaimer(verdict.candidate.end))
            for verdict in verdicts
            if verdict.candidate.pattern.entity.kind not in _STATES
            or not context.is_legal_wording(verdict.candidate.start, verdict.candidate.end)
        ]

    def _find_candidates(self, hits: Hits, shadow: Shadow, language: str) -> list[Candidate]:
        """Hits that have the capitals of their form and an ending that their language knows."""
        plain, encoded, flags = shadow.plain, shadow.encoded, self._compiled.flags
        candidates = []
        for number, start, end, error in hits:
            is_bare = end == len(encoded) or _BARE[encoded[end]] or (encoded[end] == UNKNOWN and not plain[end].isalnum())
            is_doubtful = flags[number] & DOUBTFUL and not error
            for pattern, grammar, is_free, forgives, capitals in self._rows.get(number) or self._open(number):
                if not forgives if error else capitals and not _has_capitals(plain, start, capitals):
                    continue
                if is_doubtful and shadow.fold_part(start, end) != pattern.key:
                    continue
                if is_bare and is_free:
                    stop, rule = end, join(pattern.rule, _ERROR) if error else pattern.rule
                elif found := read_ending(shadow, end, grammar, language):
                    stop, rule = found[0], join(_ERROR * error, pattern.rule, found[1])
                else:
                    continue
                candidates.append(Candidate(start, stop, pattern, rule, error))
        return candidates

    def _open(self, number: int) -> tuple[_Row, ...]:
        found = self._rows[number] = tuple(map(_make_row, self._compiled.patterns(number)))
        return found

    def _make_match(self, text: str, shadow: Shadow, verdict: Verdict, disclaimer: str) -> Match:
        candidate, reason, probability = verdict
        start, end = shadow.original(candidate.start), shadow.original_end(candidate.end, text)
        form, rule = candidate.pattern.form, candidate.rule
        entity = candidate.pattern.entity
        if entity.policy == "alias":
            entity = self._compiled.resolve_alias(entity)
        return Match(
            start,
            end,
            text[start:end],
            entity.id,
            entity.kind,
            entity.label,
            entity.name,
            form.language,
            form.text,
            rule,
            f"form '{form.text}'" + (f" + {rule}" if rule else "") + reason,
            entity.is_in_scope and probability >= CERTAIN,
            probability,
            entity.policy,
            disclaimer,
        )


@cache
def load_matcher() -> Matcher:
    """The matcher over the shipped data, once per process."""
    return Matcher.of(load_compiled(DATA, lambda: compile_list(load_entities())))


_ERROR = "typing error"
_STATES = frozenset({"place", "government-body"})
_BARE = bytes(CLASSES[code] == OTHER and chr(code) not in JOINERS for code in range(256))


def _make_row(pattern: Pattern) -> _Row:
    places = tuple(place for place, letter in enumerate(pattern.written) if letter.isupper())
    capitals = places if pattern.form.case == "exact" else None
    return _Row(pattern, make_grammar(pattern), pattern.ending in FREE, is_tolerant(pattern), capitals)


def _has_capitals(plain: str, start: int, places: tuple[int, ...]) -> bool:
    return all(plain[start + place].isupper() for place in places)


def _resolve(verdicts: list[Verdict], language: str) -> list[Verdict]:
    """Drop overlaps: the longer wins, then evidence that the text settled, the likelier, the text's own language."""

    def rank(verdict: Verdict) -> tuple[int, bool, float, bool, int]:
        hit = verdict.candidate
        is_settled = bool(verdict.reason) and verdict.probability >= SETTLED and hit.pattern.entity.is_in_scope
        length = hit.end - hit.start - NEARLY * hit.error
        return -length, not is_settled, -verdict.probability, hit.pattern.form.language != language, hit.start

    kept: list[Verdict] = []
    cluster: list[Verdict] = []
    end = 0
    for verdict in sorted(verdicts, key=_start):
        if verdict.candidate.start >= end and cluster:
            kept += _choose(cluster, rank)
            cluster = []
        cluster.append(verdict)
        end = max(end, verdict.candidate.end)
    return kept + _choose(cluster, rank)


def _choose(cluster: list[Verdict], rank: Callable[[Verdict], Any]) -> list[Verdict]:
    """Of verdicts that overlap, the best ones that do not, in order."""
    if len(cluster) < 2:
        return cluster
    taken: list[Verdict] = []
    for verdict in sorted(cluster, key=rank):
        start, end = verdict.candidate[:2]
        if all(end <= other.candidate.start or other.candidate.end <= start for other in taken):
            taken.append(verdict)
    return sorted(taken, key=_start)


_start = attrgetter("candidate.start")
