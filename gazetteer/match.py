"""Find gazetteer names in a text: keys in the folded shadow, then capitals, ending and context of each hit."""

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from gazetteer.cache import load_compiled
from gazetteer.compile import Words, compile_list
from gazetteer.compiled import DOUBTFUL, Compiled
from gazetteer.context import Context, WordSets, find_disclaimers
from gazetteer.entries import DATA, load_entities
from gazetteer.evidence import SETTLED, Candidate, Evidence, Verdict
from gazetteer.index import Index
from gazetteer.inflect import en, ru, tg, uz
from gazetteer.pattern import Declensions, Pattern, is_tolerant
from gazetteer.record import Entity
from gazetteer.shadow import Shadow, make_shadow

__all__ = ["Match", "Matcher", "find_disclaimers", "load_matcher"]

SUFFIX_CHARACTERS = 14
CERTAIN = 0.8
NEARLY = 2  # characters by which a hit with a typing error must be longer than one without
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
        self._index = Index(compiled)
        self._words = WordSets(compiled.facts["words"])
        self._evidence = Evidence(compiled.facts["related"])

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
        candidates = list(self._iter_candidates(shadow, language))
        if not candidates:
            return []
        context = Context(shadow.plain, shadow.folded, shadow.encoded, self._words)
        verdicts = _resolve(self._evidence.judge(candidates, context, language), language)
        return [
            self._make_match(text, shadow, verdict, context.find_disclaimer(verdict.candidate.end))
            for verdict in verdicts
            if verdict.candidate.pattern.entity.kind not in _STATES
            or not context.is_legal_wording(verdict.candidate.start, verdict.candidate.end)
        ]

    def _iter_candidates(self, shadow: Shadow, language: str) -> Iterator[Candidate]:
        """Hits that have the capitals of their form and an ending that their language knows."""
        hits = self._index.find(shadow)
        if not hits:
            return
        plain, folded, flags = shadow.plain, shadow.folded, self._compiled.flags
        for number, start, end, error in hits:
            follows = folded[end : end + 1]
            is_bare = not (follows.isalnum() or follows in _JOINERS)
            written = plain[start:end], folded[start:end]
            for pattern in self._compiled.patterns(number):
                if not (is_tolerant(pattern) if error else _is_spelt(pattern, flags[number], *written)):
                    continue
                if is_bare and pattern.ending in _FREE:
                    yield Candidate(start, end, pattern, _join(pattern.rule, _ERROR * error), error)
                elif found := _read_ending(folded, end, pattern, language):
                    yield Candidate(start, found[0], pattern, _join(_ERROR * error, found[1]), error)

    def _make_match(self, text: str, shadow: Shadow, verdict: Verdict, disclaimer: str) -> Match:
        candidate = verdict.candidate
        start, end = shadow.original(candidate.start), shadow.original_end(candidate.end, text)
        form, entity = candidate.pattern.form, self._compiled.resolve_alias(candidate.pattern.entity)
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
            disclaimer=disclaimer,
        )


@cache
def load_matcher() -> Matcher:
    """The matcher over the shipped data, once per process."""
    return Matcher.of(load_compiled(DATA, lambda: compile_list(load_entities())))


_FREE = frozenset({"any", "none"})
_JOINERS = frozenset({"'", "-", '"'})
_TOKEN = re.compile(r"(?:[^\W_]|'(?=[^\W_]))+")
_ERROR = "typing error"
_STATES = frozenset({"place", "government-body"})


def _is_spelt(pattern: Pattern, flag: int, plain: str, folded: str) -> bool:
    """True where the capitals are those of the form, and letters outside our alphabets too."""
    if pattern.form.case == "exact" and not _has_capitals(plain, pattern.written):
        return False
    return not flag & DOUBTFUL or folded == pattern.key


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
    start = end + len(joiner)
    found = _TOKEN.match(folded, start, start + SUFFIX_CHARACTERS + 1)
    return joiner, min(found.end(), start + SUFFIX_CHARACTERS) if found else start


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
        length = hit.end - hit.start - NEARLY * hit.error
        return -length, not is_settled, -verdict.probability, hit.pattern.form.language != language, hit.start

    taken: list[tuple[int, int]] = []
    kept: list[Verdict] = []
    for verdict in sorted(verdicts, key=rank):
        span = (verdict.candidate.start, verdict.candidate.end)
        place = bisect(taken, span)
        if (not place or taken[place - 1][1] <= span[0]) and (place == len(taken) or span[1] <= taken[place][0]):
            taken.insert(place, span)
            kept.append(verdict)
    return sorted(kept, key=lambda verdict: verdict.candidate.start)
