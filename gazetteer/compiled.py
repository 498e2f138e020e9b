"""A list of names made ready for matching, as a few byte strings: written to a file and read back without parsing it.

What a hit needs is decoded when a text first has it; the rest stays bytes. So a list of 50,000 forms is ready as soon
as its file is read, and takes the memory of its bytes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any

from gazetteer.cut import Cut
from gazetteer.fold import fold
from gazetteer.packed import Packed
from gazetteer.pattern import Pattern
from gazetteer.record import Designation, Entity, Form, Relation

_ENTITY = tuple(field.name for field in fields(Entity))
_PARTS = {
    "forms": (Form, tuple(field.name for field in fields(Form))),
    "relations": (Relation, tuple(field.name for field in fields(Relation))),
    "designations": (Designation, tuple(field.name for field in fields(Designation))),
}


class Compiled:
    """Sorted folded `keys`, for each its `flags` and a row of patterns, their `cut`, the entities, and `facts` of the list.

    `facts`: `ids` of the entities in order, `related` (entity -> evidence -> whether that is a group), `aliases`, and
    the context sets under `words`.
    """

    def __init__(self, keys: Packed, flags: bytes, cut: Cut, rows: Packed, entities: Packed, facts: bytes) -> None:
        self.keys = keys
        self.flags = flags
        self.cut = cut
        self.rows = rows
        self.packed_entities = entities
        self.packed_facts = facts
        self._patterns: dict[int, tuple[Pattern, ...]] = {}
        self._entities: dict[int, Entity] = {}

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What is said of the list as a whole."""
        facts: Mapping[str, Any] = json.loads(self.packed_facts)
        return facts

    @cached_property
    def entities(self) -> dict[str, Entity]:
        """Every entity by id: decodes the whole list."""
        return {entity.id: entity for entity in map(self.entity, range(len(self.packed_entities)))}

    def entity(self, number: int) -> Entity:
        """One entity."""
        found = self._entities.get(number)
        if found is None:
            found = self._entities[number] = unpack_entity(self.packed_entities[number])
        return found

    def resolve_alias(self, entity: Entity) -> Entity:
        """The entity that an alias stands for, or the entity itself."""
        target = self.facts["aliases"].get(entity.id)
        return entity if target is None else self.entity(target)

    def patterns(self, number: int) -> tuple[Pattern, ...]:
        """The patterns of one key."""
        found = self._patterns.get(number)
        if found is None:
            key = self.keys[number].decode("cp1251")
            rows = json.loads(self.rows[number])
            found = self._patterns[number] = tuple(self._make_pattern(key, row) for row in rows)
        return found

    def _make_pattern(self, key: str, row: list[Any]) -> Pattern:
        entity = self.entity(row[0])
        written = row[4] if len(row) > 4 else key
        return Pattern(fold(written), written, entity.forms[row[1]], entity, row[2], row[3])


def pack_entity(entity: Entity) -> bytes:
    """One entity as JSON: its values in the order of the record's fields."""
    row = [[_values(part, _PARTS[name][1]) for part in value] if name in _PARTS else value for name, value in _named(entity)]
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def unpack_entity(packed: bytes) -> Entity:
    """The entity again, equal to what it was."""
    values = dict(zip(_ENTITY, json.loads(packed.decode("utf-8", "surrogatepass")), strict=True))
    for name, (kind, _) in _PARTS.items():
        values[name] = tuple(kind(*map(_freeze, part)) for part in values[name])
    return Entity(**{name: value if name in _PARTS else _freeze(value) for name, value in values.items()})


def pack_row(rows: Iterable[tuple[object, ...]]) -> bytes:
    """The patterns of one key as JSON: entity, form, rule, ending, and what is written where capitals count."""
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _named(entity: Entity) -> Iterable[tuple[str, Any]]:
    return zip(_ENTITY, _values(entity, _ENTITY), strict=True)


def _values(record: object, names: Iterable[str]) -> list[Any]:
    return [getattr(record, name) for name in names]


def _freeze(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
