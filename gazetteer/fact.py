"""Dated facts of the report as data: what it says, on which line, about whom."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gazetteer.block import GazetteerError, check_keys, check_lines, read_list, show_path
from gazetteer.entries import DATA, load_entities

_KEYS = frozenset({"id", "line", "question", "answer", "entities", "must", "note"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A question with its answer; `must` are words of the report's line, `note` says who claims it where not the report."""

    id: str
    line: int
    question: str
    answer: str
    entities: tuple[str, ...]
    must: tuple[str, ...]
    note: str = ""


@cache
def load_facts() -> tuple[Fact, ...]:
    """The shipped facts."""
    return read_facts(DATA / "facts.yaml", [entity.id for entity in load_entities()])


def read_facts(path: Path, entity_ids: Collection[str]) -> tuple[Fact, ...]:
    """The facts of one file; raises GazetteerError for a double id or an entity that is not known."""
    facts: dict[str, Fact] = {}
    known = set(entity_ids)
    for raw in read_list(path):
        fact = _make_fact(raw, show_path(path))
        if fact.id in facts:
            raise GazetteerError(f"{show_path(path)}: fact '{fact.id}': duplicate id")
        for id_ in fact.entities:
            if id_ not in known:
                raise GazetteerError(f"{show_path(path)}: fact '{fact.id}': unknown entity '{id_}'")
        facts[fact.id] = fact
    return tuple(facts.values())


def _make_fact(raw: Any, file: str) -> Fact:
    where = f"{file}: fact '{raw.get('id') if isinstance(raw, dict) else raw}'"
    check_keys(where, raw, _KEYS, ("id", "line", "question", "answer", "entities", "must"))
    check_lines(where, [raw["line"]])
    if not all(isinstance(raw[key], str) for key in ("question", "answer")):
        raise GazetteerError(f"{where}: question and answer must be text; put quotes around a bare number")
    return Fact(**raw | {"entities": tuple(raw["entities"]), "must": tuple(map(str, raw["must"]))})
