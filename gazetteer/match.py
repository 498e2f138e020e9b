"""Find gazetteer names in a text: Aho-Corasick over the folded shadow, then endings, case and context of each hit."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gazetteer.context import Context, WordSets, find_disclaimers
from gazetteer.entries import load_context, load_entities
from gazetteer.evidence import SETTLED, Candidate, Evidence, Verdict
from gazetteer.inflect import en, ru, tg, uz
from gazetteer.pattern import Declensions, Pattern, iter_patterns
from gazetteer.record import Entity
from gazetteer.shadow import Shadow, make_shadow

__all__ = ["Match", "Matcher", "find_disclaimers", "load_matcher"]

SUFFIX_CHARACTERS = 14
CERTAIN = 0.8
LARGE = 20_000  # keys, beyond which a full automaton takes 300 MB and is no faster
UNKNOWN = b"?"
_ENDINGS: dict[str, Callable[[str, bool], str | None]] = {
    "uz": uz.explain,
    "tg": tg.explain,
    "en": en.explain,
    "ru": ru.explain,
}


@dataclass(frozen=True, slots=True)
class Match:
    """One hit. Offsets are code points of the original text; `text == original[start:end]`.

    The span is the whole token with its ending, without quotes. `certain` means: may serve as key evidence, that is,
    an entity in scope (an armed group, its people, media, acts) under an unambiguous form or in a context that
    settles it. Hits on places, states, offices, platforms, terms and sources are never certain.
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


class Matcher:
    """All forms of all languages in one automaton; thread-safe, since nothing changes after construction."""

    def __init__(
        self,
        entities: Iterable[Entity],
        enabled: frozenset[str] = frozenset(),
        words: WordSets | None = None,
        declensions: Declensions | None = None,
    ) -> None:
        """Compile the entities; `enabled` names those with the policy off-by-default that shall be matched.

        `words` are the context sets and `declensions` the Russian cases, the shipped ones where none are given.
        """
        self.entities = {entity.id: entity for entity in entities}
        self._words = words or WordSets(load_context())
        self._patterns: dict[str, list[Pattern]] = defaultdict(list)
        searched = [entity for entity in self.entities.values() if _is_searched(entity, enabled)]
        for pattern in iter_patterns(searched, declensions):
            self._patterns[pattern.key].append(pattern)
        self._by_number = list(self._patterns.values())
        self._is_capital = [all(map(_starts_with_capital, patterns)) for patterns in self._by_number]
        keys = [_encode(key) for key in self._patterns]
        # A byte that stands for every unknown letter: what it matches is compared letter by letter.
        self._doubtful = {number: key for number, key in enumerate(self._patterns) if UNKNOWN in keys[number]}
        kind = Implementation.DFA if len(keys) < LARGE else Implementation.ContiguousNFA
        self._automaton = BytesAhoCorasick(keys, matchkind=MatchKind.Standard, implementation=kind)
        self._evidence = Evidence(self.entities)

    def find(self, text: str, language: str = "und", script: str = "") -> list[Match]:  # noqa: ARG002  # callers know it, the letters tell it
        """Return the names in `text`, in order, without overlaps.

        `language` is uz, tg, ru, en or und and decides which ambiguous forms may count; `script` (Latn, Cyrl) is
        taken from the letters themselves and may be left out.
        """
        shadow = make_shadow(text)
        candidates = list(self._iter_candidates(shadow.plain, shadow.folded, language))
        if not candidates:
            return []
        context = Context(shadow.plain, shadow.folded, self._words)
        verdicts = _resolve(self._evidence.judge(candidates, context, language), language)
        return [self._make_match(text, shadow, verdict) for verdict in verdicts]

    def _iter_candidates(self, plain: str, folded: str, language: str) -> Iterator[Candidate]:
        """Raw hits that stand as a word, with an ending that their language knows."""
        for number, start, end in self._automaton.find_matches_as_indexes(_encode(folded), overlapping=True):
            if (self._is_capital[number] and not plain[start].isupper()) or (start and folded[start - 1].isalnum()):
                continue
            if number in self._doubtful and folded[start:end] != self._doubtful[number]:
                continue
            follows = folded[end : end + 1]
            is_bare = not (follows.isalnum() or follows in _JOINERS)
            for pattern in self._by_number[number]:
                if pattern.form.case == "exact" and not _has_capitals(plain[start:end], pattern.written):
                    continue
                found = (
                    (end, pattern.rule) if is_bare and pattern.ending in _FREE else _read_ending(folded, end, pattern, language)
                )
                if found:
                    yield Candidate(start, found[0], pattern, found[1])

    def _make_match(self, text: str, shadow: Shadow, verdict: Verdict) -> Match:
        candidate = verdict.candidate
        start, end = shadow.original(candidate.start), shadow.original_end(candidate.end)
        form, entity = candidate.pattern.form, self._resolve_alias(candidate.pattern.entity)
        return Match(
            start=start,
            end=end,
            text=text[start:end],
            entity_id=entity.id,
            kind=entity.kind,
            label=entity.label,
            name=entity.name,
            language=form.language,
            form=form.text,
            rule=candidate.rule,
            why=f"form '{form.text}'" + (f" + {candidate.rule}" if candidate.rule else "") + verdict.reason,
            certain=entity.is_in_scope and verdict.probability >= CERTAIN,
            probability=verdict.probability,
            policy=entity.policy,
        )

    def _resolve_alias(self, entity: Entity) -> Entity:
        if entity.policy == "alias":
            for relation in entity.relations:
                if relation.type == "alias-of" and relation.target in self.entities:
                    return self.entities[relation.target]
        return entity


@cache
def load_matcher() -> Matcher:
    """The matcher over the shipped data, built once per process."""
    return Matcher(load_entities())


_FREE = frozenset({"any", "none"})
_JOINERS = frozenset({"'", "-", '"'})
_ALONE = frozenset({"disclaimer"})


def _is_searched(entity: Entity, enabled: frozenset[str]) -> bool:
    if entity.policy in _ALONE or entity.tier == "author-or-journalist":
        return False
    return entity.policy != "off-by-default" or entity.id in enabled


def _encode(folded: str) -> bytes:
    """One byte a letter, so that the automaton's offsets are ours and a lone surrogate is no error.

    Folding leaves ASCII and Russian letters of the four languages; this halves what UTF-8 would have it read.
    """
    return folded.encode("cp1251", "replace")


def _starts_with_capital(pattern: Pattern) -> bool:
    return pattern.form.case == "exact" and pattern.written[0].isupper()


def _has_capitals(found: str, written: str) -> bool:
    return all(letter.isupper() for letter, model in zip(found, written, strict=True) if model.isupper())


def _read_ending(folded: str, end: int, pattern: Pattern, language: str) -> tuple[int, str] | None:
    """Return where the token ends and what its ending is, or None where the form is part of another word."""
    joiner, stop = _token_end(folded, end)
    ending = folded[end + len(joiner) : stop]
    if joiner == '"':
        rule = _explain(ending, pattern, language) if pattern.ending == "any" else None
        return (end, _join(pattern.rule, f"{rule} after the quote" if rule else "")) if pattern.ending in _FREE else None
    if not ending:
        return (end, pattern.rule) if pattern.ending in _FREE else None
    rule = _explain(joiner * (joiner == "'") + ending, pattern, language) or _explain(ending, pattern, language)
    if rule:
        return stop, _join(pattern.rule, rule)
    if joiner == "-" and pattern.ending in _FREE and (en.is_compound(ending) or not pattern.form.ambiguous):
        return end, pattern.rule
    if not joiner and ending.isdigit() and not pattern.form.ambiguous and pattern.ending in _FREE:
        return end, _join(pattern.rule, "footnote number")
    return None


def _token_end(folded: str, end: int) -> tuple[str, int]:
    joiner = folded[end : end + 1] if folded[end : end + 1] in _JOINERS else ""
    stop = end + len(joiner)
    limit = min(len(folded), stop + SUFFIX_CHARACTERS)
    while stop < limit and (folded[stop].isalnum() or (folded[stop] == "'" and folded[stop + 1 : stop + 2].isalnum())):
        stop += 1
    return joiner, stop


def _explain(ending: str, pattern: Pattern, language: str) -> str | None:
    form = pattern.form
    if pattern.ending == "stem":
        return ru.explain_stem(ending)
    if pattern.ending == "possessive":
        return uz.explain(ending, False) if uz.starts_with_possessive(ending) else None
    if pattern.ending == "none":
        return None
    may_be_plural = " " not in form.text or form.kind == "demonym" or pattern.entity.kind in {"person", "term"}
    for known in dict.fromkeys((form.language, language)):
        if known in _ENDINGS and (known != "ru" or form.kind == "abbrev" or form.text.isupper()):
            rule = _ENDINGS[known](ending, may_be_plural)
            if rule:
                return rule
    return None


def _join(first: str, second: str) -> str:
    return " + ".join(part for part in (first, second) if part)


def _resolve(verdicts: list[Verdict], language: str) -> list[Verdict]:
    """Drop overlaps: the longer wins, then evidence that the text settled, the likelier, the text's own language."""

    def rank(verdict: Verdict) -> tuple[int, bool, float, bool, int]:
        hit = verdict.candidate
        is_settled = bool(verdict.reason) and verdict.probability >= SETTLED and hit.pattern.entity.is_in_scope
        return hit.start - hit.end, not is_settled, -verdict.probability, hit.pattern.form.language != language, hit.start

    taken: list[tuple[int, int]] = []
    kept: list[Verdict] = []
    for verdict in sorted(verdicts, key=rank):
        span = (verdict.candidate.start, verdict.candidate.end)
        place = bisect(taken, span)
        if (not place or taken[place - 1][1] <= span[0]) and (place == len(taken) or span[1] <= taken[place][0]):
            taken.insert(place, span)
            kept.append(verdict)
    return sorted(kept, key=lambda verdict: verdict.candidate.start)
