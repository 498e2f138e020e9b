"""Turn entities into a compiled list: every pattern of every form under its folded key."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gazetteer.alphabet import UNKNOWN, encode
from gazetteer.compiled import Compiled, pack_entity, pack_row
from gazetteer.cut import CAPITAL, DOUBTFUL, TOLERANT, cut
from gazetteer.entries import load_context
from gazetteer.names import Places, collect_names, collect_parts
from gazetteer.packed import pack
from gazetteer.pattern import Declensions, Pattern, is_tolerant, iter_patterns
from gazetteer.record import GROUPS, Entity

_ALONE = frozenset({"disclaimer"})
Words = Mapping[str, Mapping[str, Sequence[str]]]


def compile_list(
    entities: Iterable[Entity],
    enabled: frozenset[str] = frozenset(),
    words: Words | None = None,
    declensions: Declensions | None = None,
) -> Compiled:
    """Compile entities; `enabled` names those with the policy off-by-default that shall be matched.

    `words` are the context sets and `declensions` the Russian cases, the shipped ones where none are given.
    """
    every = list(entities)
    numbers = {entity.id: number for number, entity in enumerate(every)}
    searched = [entity for entity in every if _is_searched(entity, enabled)]
    patterns: dict[bytes, list[Pattern]] = defaultdict(list)
    for pattern in iter_patterns(searched, declensions):
        patterns[encode(pattern.key)].append(pattern)
    keys = sorted(patterns)
    names = collect_names(searched, numbers)
    places = {id(form): place for entity in searched for place, form in enumerate(entity.forms)}
    packed, flags = pack(keys), bytes(_flag(key, patterns[key]) for key in keys)
    return Compiled(
        packed,
        flags,
        cut(packed, flags),
        pack(pack_row(_iter_rows(key, patterns[key], numbers, places)) for key in keys),
        pack(map(pack_entity, every)),
        json.dumps(_state_facts(every, numbers, words or load_context(), names), ensure_ascii=False).encode(),
    )


def _iter_rows(
    key: bytes, patterns: Iterable[Pattern], numbers: Mapping[str, int], places: Mapping[int, int]
) -> Iterator[tuple[object, ...]]:
    for pattern in patterns:
        row = (numbers[pattern.entity.id], places[id(pattern.form)], pattern.rule, pattern.ending)
        yield (*row, pattern.written) if pattern.form.case == "exact" or UNKNOWN in key else row


def _flag(key: bytes, patterns: Sequence[Pattern]) -> int:
    is_capital = all(pattern.form.case == "exact" and pattern.written[0].isupper() for pattern in patterns)
    return is_capital * CAPITAL | any(map(is_tolerant, patterns)) * TOLERANT | (UNKNOWN in key) * DOUBTFUL


def _state_facts(entities: Sequence[Entity], numbers: Mapping[str, int], words: Words, names: Places) -> dict[str, object]:
    return {
        "ids": [entity.id for entity in entities],
        "related": _relate(entities, numbers),
        "aliases": {entity.id: numbers[target] for entity in entities if (target := _alias_of(entity)) in numbers},
        "words": words,
        "names": names,
        "parts": collect_parts(entities, names),
    }


def _relate(entities: Sequence[Entity], numbers: Mapping[str, int]) -> dict[str, dict[str, bool]]:
    """For each entity those that are evidence and stand in a relation with it, and which of them are groups."""
    related: dict[str, dict[str, bool]] = defaultdict(dict)
    for entity in entities:
        for relation in entity.relations:
            for one, other in ((entity.id, relation.target), (relation.target, entity.id)):
                if other in numbers and entities[numbers[other]].is_in_scope:
                    related[one][other] = entities[numbers[other]].kind in GROUPS
    return related


def _alias_of(entity: Entity) -> str:
    if entity.policy != "alias":
        return ""
    return next((relation.target for relation in entity.relations if relation.type == "alias-of"), "")


def _is_searched(entity: Entity, enabled: frozenset[str]) -> bool:
    if entity.policy in _ALONE or entity.tier == "author-or-journalist":
        return False
    return entity.policy != "off-by-default" or entity.id in enabled
