"""Decide about ambiguous hits: which of them the text itself supports, and how sure that makes us."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from gazetteer.context import WINDOW_CHARACTERS, Context
from gazetteer.pattern import Pattern
from gazetteer.record import GROUPS

PROBABILITIES = {"high": 0.98, "medium": 0.95, "low": 0.85}
SETTLED = 0.93
SUPPORTED = 0.85
WEAK = 0.7
DOUBT = 0.9  # of a name with a typing error
ROUNDS = 3
NEAREST = 4
TWIN_CHARACTERS = 3
SETTLING = frozenset({"quotes", "disclaimer", "related"})
STRONG = frozenset({"capital", "related"})  # these hold even where a word of an `unless` set stands nearby


class Candidate(NamedTuple):
    """A hit before its context is known, in offsets of the shadow; `rule` explains declension and ending."""

    start: int
    end: int
    pattern: Pattern
    rule: str
    error: bool = False


class Verdict(NamedTuple):
    """A candidate that holds, the reason that settled it (may be empty) and how probable that makes it."""

    candidate: Candidate
    reason: str
    probability: float


class Neighbours:
    """Candidates by entity, in order, so that a nearby one is found without looking at all of them."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._candidates = candidates

    @cached_property
    def _by_entity(self) -> dict[str, list[Candidate]]:
        """Most conditions look at words and signs, so this is often not needed."""
        found: dict[str, list[Candidate]] = defaultdict(list)
        for hit in sorted(self._candidates, key=_start):
            found[hit.pattern.entity.id].append(hit)
        return found

    def find_near(self, hit: Candidate, entity_ids: Iterable[str]) -> Candidate | None:
        """The first candidate of these entities within 150 characters that does not overlap the hit."""
        for entity_id in entity_ids:
            others = self._by_entity.get(entity_id, ())
            place = bisect(others, hit.start, key=_start)
            for other in others[max(0, place - NEAREST) : place + NEAREST]:
                gap = max(hit.start - other.end, other.start - hit.end)
                if 0 <= gap <= WINDOW_CHARACTERS:
                    return other
        return None

    def find_same(self, hit: Candidate) -> Candidate | None:
        """The hit's own entity anywhere else in the text."""
        others = self._by_entity.get(hit.pattern.entity.id, ())
        ends = (*others[:1], *others[-1:])
        return next((other for other in ends if other.end <= hit.start or hit.end <= other.start), None)

    def find_twin(self, hit: Candidate) -> Candidate | None:
        """Another form of the hit's entity right beside it: `Исламское государство (ИГ)`."""
        others = self._by_entity.get(hit.pattern.entity.id, ())
        place = bisect(others, hit.start, key=_start)
        for other in others[max(0, place - NEAREST) : place + NEAREST]:
            gap = max(hit.start - other.end, other.start - hit.end)
            one_is_full = " " in other.pattern.form.text or " " in hit.pattern.form.text
            if 0 < gap <= TWIN_CHARACTERS and one_is_full and other.pattern.form != hit.pattern.form:
                return other
        return None

    def scoped(self) -> list[str]:
        """Ids of the entities here that count as evidence."""
        return [id_ for id_, hits in self._by_entity.items() if hits[0].pattern.entity.is_in_scope]


class Evidence:
    """Judges candidates with the relations between entities in mind."""

    def __init__(self, related: Mapping[str, Mapping[str, bool]]) -> None:
        """`related` says for each entity which ones that are evidence stand in a relation with it, and which are groups."""
        self._related = related

    def judge(self, candidates: Sequence[Candidate], context: Context, language: str) -> list[Verdict]:
        """Return the candidates that hold in this text; what one round settles may settle others in the next."""
        known: list[Candidate] = []
        verdicts: list[Verdict] = []
        waiting: list[Candidate] = []
        for hit in candidates:
            if is_plain(hit.pattern, language):
                known.append(hit)
                verdicts.append(Verdict(hit, "", PROBABILITIES[hit.pattern.form.confidence] * (DOUBT if hit.error else 1)))
            elif _may_hold(hit, context, language):
                waiting.append(hit)
        if not waiting:
            return verdicts
        every = Neighbours(candidates)
        for _ in range(ROUNDS):
            around = Neighbours(tuple(known))
            settled = [verdict for hit in waiting if (verdict := self._weigh(hit, around, every, context))]
            if not settled:
                break
            verdicts += settled
            known += [verdict.candidate for verdict in settled]
            done = {id(verdict.candidate) for verdict in settled}
            waiting = [hit for hit in waiting if id(hit) not in done]
        return verdicts

    def _weigh(self, hit: Candidate, known: Neighbours, every: Neighbours, context: Context) -> Verdict | None:
        """The first of the form's conditions that holds; words of its `unless` sets leave only the strong ones."""
        form = hit.pattern.form
        blocked = any(context.find_word(name, hit.start, hit.end) for name in form.unless)
        if not form.needs:
            return None if blocked else Verdict(hit, "", SUPPORTED)
        weak = WEAK if hit.pattern.entity.kind == "person" else SUPPORTED
        for condition in form.needs:
            if not blocked or condition in STRONG:
                reason = self._find_reason(hit, condition, known, every, context)
                if reason:
                    return Verdict(hit, f"; {reason}", SETTLED if condition in SETTLING else weak)
        return None

    def _find_reason(self, hit: Candidate, condition: str, known: Neighbours, every: Neighbours, context: Context) -> str:
        """Say why a condition holds, or return an empty string."""
        start, end = hit.start, hit.end
        if condition == "quotes":
            return "in quotes" * context.is_quoted(start, end)
        if condition == "disclaimer":
            return "with a disclaimer" * context.is_disclaimed(end)
        if condition == "capital":
            return "capital inside a sentence" * context.is_capital(start, end)
        if condition == "alone":
            return "nothing else in the text" * context.is_alone(start, end)
        if condition in {"entity", "related"}:
            other = known.find_near(hit, known.scoped()) if condition == "entity" else self._find_related(hit, known, every)
            return f"with '{other.pattern.form.text}'" if other else ""
        word = context.find_word(condition, start, end)
        return f"near '{word}' ({condition})" if word else ""

    def _find_related(self, hit: Candidate, known: Neighbours, every: Neighbours) -> Candidate | None:
        """The same entity anywhere, a related one nearby; one that is itself ambiguous only if either is a group."""
        related = self._related.get(hit.pattern.entity.id, {})
        is_group = hit.pattern.entity.kind in GROUPS
        groups = [other for other, other_is_group in related.items() if is_group or other_is_group]
        return known.find_same(hit) or every.find_twin(hit) or known.find_near(hit, related) or every.find_near(hit, groups)


def is_plain(pattern: Pattern, language: str) -> bool:
    """True if the form counts in a text of this language whatever stands around it."""
    form = pattern.form
    return not (form.ambiguous or form.unless or language in form.not_in or (form.own and language != form.language))


def _may_hold(hit: Candidate, context: Context, language: str) -> bool:
    """False where the language rules the form out, or where capitals mean nothing and the form lives by them."""
    form = hit.pattern.form
    if language in form.not_in or (form.own and language not in {form.language, "und"}):
        return False
    if form.own and language == "und" and not form.needs:
        return False
    return not (form.case == "exact" and context.is_shouting(hit.start, hit.end))


def _start(hit: Candidate) -> int:
    return hit.start
