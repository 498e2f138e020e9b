"""Read the gazetteer's YAML strictly into frozen records: what is misspelt or dangling stops here, with its place."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from gazetteer.alphabet import UNKNOWN, encode
from gazetteer.block import GazetteerError, check_keys, check_known, check_lines, read_list, read_mapping, show_path
from gazetteer.fold import fold
from gazetteer.record import (
    ASSERTERS,
    CONDITIONS,
    CONFIDENCES,
    FORM_KINDS,
    LABELS,
    LANGUAGES,
    POLICIES,
    SILENT_KINDS,
    STATUSES,
    TIERS,
    WRITINGS,
    Designation,
    Entity,
    Form,
    Relation,
)
from gazetteer.source import read_sources

__all__ = ["DATA", "LABELS", "Designation", "Entity", "Form", "GazetteerError", "Relation", "load_entities", "read_folder"]

DATA = Path(__file__).parent / "data"
NOT_ENTITIES = frozenset({"context.yaml", "protected.yaml", "sources.yaml", "facts.yaml", "given-names.yaml"})
SHORTEST = 2
_DATE = re.compile(r"unknown|\d{4}(-\d\d(-\d\d)?)?")
_FORM_KEYS = frozenset(
    {"text", "lines", "added", "kind", "seen", "note", "ambiguous", "case", "own", "not_in", "needs", "unless"} | {"typos"}
)
_ENTITY_KEYS = frozenset(
    {"id", "kind", "name", "policy", "category", "tier", "about", "caution", "roles", "see_also", "status"}
    | {"designations", "forms", "relations", "provenance"}
)
_RELATION_KEYS = frozenset({"type", "target", "asserted_by", "lines", "added", "note", "inverse"})
_DESIGNATION_KEYS = frozenset({"authority", "list", "status", "date", "lines", "added", "reference", "seen", "note"})


@cache
def load_entities() -> tuple[Entity, ...]:
    """Every entity of the shipped data, sorted by id; raises GazetteerError."""
    return read_folder(DATA)


def read_folder(folder: Path) -> tuple[Entity, ...]:
    """Every entity of a folder shaped like the shipped one; its own context sets and sources where it has them."""
    paths = [path for path in folder.glob("*.yaml") if path.name not in NOT_ENTITIES]
    if not paths:
        raise GazetteerError(f"{folder}: no YAML files of entities here; give a folder like gazetteer/data")
    sources = frozenset(read_sources(_own(folder, "sources.yaml")))
    return read_entities(paths, sources, read_context(folder))


def read_entities(
    paths: Iterable[Path], sources: Collection[str] = (), context: Mapping[str, Any] | None = None
) -> tuple[Entity, ...]:
    """Every entity of these files, sorted by id; raises GazetteerError for duplicates and dangling relations.

    `sources` are ids that relations may name besides entities; `context` holds the sets that conditions may name.
    """
    entities: dict[str, Entity] = {}
    for path in sorted(paths):
        for raw in read_list(path):
            entity = make_entity(raw, show_path(path))
            if entity.id in entities:
                first = entities[entity.id].file
                raise GazetteerError(f"{entity.file}: entry '{entity.id}': duplicate id (first in {first})")
            entities[entity.id] = entity
    found = tuple(entities[id_] for id_ in sorted(entities))
    check_entities(found, sources, context)
    return found


def check_entities(entities: Collection[Entity], sources: Collection[str] = (), context: Mapping[str, Any] | None = None) -> None:
    """Raise GazetteerError where a relation, an asserter or a condition names what there is not."""
    known, conditions = {*(entity.id for entity in entities), *sources}, {*(context or load_context()), *CONDITIONS}
    for entity in entities:
        _check_references(entity, known, conditions)


@cache
def load_context() -> dict[str, dict[str, tuple[str, ...]]]:
    """Context sets by name and writing: words, or stems that end in `*`."""
    return read_context(DATA)


def read_context(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """The context sets of a data folder, or the shipped ones where it has none."""
    return _read_words(_own(folder, "context.yaml"))


@cache
def load_protected() -> dict[str, tuple[str, ...]]:
    """Words for peoples, faiths and migrants by writing: never forms, never evidence."""
    return {writing: tuple(words) for writing, words in read_mapping(DATA / "protected.yaml").items()}


@cache
def load_given_names() -> frozenset[str]:
    """Folded given names, kunyas and titles: what holds one is a person."""
    return frozenset(fold(word) for words in read_mapping(DATA / "given-names.yaml").values() for word in words)


def _own(folder: Path, name: str) -> Path:
    return folder / name if (folder / name).exists() else DATA / name


def _read_words(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    sets = {}
    for name, words in read_mapping(path).items():
        for writing in words:
            check_known(f"{show_path(path)}: set '{name}'", "writing", writing, WRITINGS)
        sets[name] = {writing: tuple(forms) for writing, forms in words.items()}
    return sets


def make_entity(raw: Any, file: str) -> Entity:
    """One entity of a parsed block; raises GazetteerError naming file, entry and form."""
    where = f"{file}: entry '{raw.get('id') if isinstance(raw, dict) else raw}'"
    check_keys(where, raw, _ENTITY_KEYS, ("id", "kind", "name", "policy", "forms"))
    check_known(where, "kind", raw["kind"], LABELS)
    check_known(where, "policy", raw["policy"], POLICIES)
    if raw.get("tier"):
        check_known(where, "tier", raw["tier"], TIERS)
    fields: dict[str, Any] = {key: value for key, value in raw.items() if key not in {"forms", "relations"}}
    fields |= {key: tuple(raw[key]) for key in ("roles", "see_also") if key in raw}
    fields["designations"] = tuple(_make_designation(item, where) for item in raw.get("designations", ()))
    forms = [_make_form(item, writing, where) for writing, items in _forms_of(raw, where).items() for item in items or ()]
    _check_twice(forms, where)
    relations = tuple(_make_relation(item, where) for item in raw.get("relations", ()))
    return Entity(**fields, forms=tuple(forms), relations=relations, file=file)


def _forms_of(raw: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    forms = raw["forms"]
    if not isinstance(forms, dict) or not forms:
        raise GazetteerError(f"{where}: forms must be a mapping of writings ({', '.join(WRITINGS)}) to lists")
    for writing in forms:
        check_known(where, "language", writing, WRITINGS)
    return forms


def _make_form(raw: Any, writing: str, where: str) -> Form:
    text = raw.get("text") if isinstance(raw, dict) else raw
    at = f"{where}: form '{text}'"
    check_keys(at, raw, _FORM_KEYS, ("text",))
    if not isinstance(text, str) or not text.strip():
        raise GazetteerError(f"{where}: empty form under {writing}")
    if ("lines" in raw) == ("added" in raw):
        raise GazetteerError(f"{at}: say either `lines` (of the report) or `added` (a confidence)")
    kind = raw.get("kind", "name")
    check_known(at, "kind", kind, FORM_KINDS)
    if sum(map(str.isalnum, fold(text))) < SHORTEST and kind not in SILENT_KINDS:
        raise GazetteerError(f"{at}: a form needs at least {SHORTEST} letters or digits")
    if encode(text).count(UNKNOWN) * 2 > len(text) and writing != "fa":
        raise GazetteerError(f"{at}: most of its letters are in no alphabet of ours; only `fa` keeps such forms, unmatched")
    check_known(at, "confidence", raw.get("added", "high"), CONFIDENCES)
    case = raw.get("case", "exact" if kind == "abbrev" or text.isupper() else "any")
    check_known(at, "case", case, ("any", "exact"))
    for language in raw.get("not_in", ()):
        check_known(at, "language", language, LANGUAGES)
    if "ambiguous" not in raw and raw.get("needs"):
        raise GazetteerError(f"{at}: `needs` without `ambiguous`: say why the form is ambiguous")
    language, script = WRITINGS[writing]
    fields: dict[str, Any] = {key: tuple(raw[key]) for key in ("lines", "not_in", "needs", "unless") if key in raw}
    fields |= {key: raw[key] for key in ("seen", "note", "ambiguous", "own", "typos") if key in raw}
    return Form(text, language, script, kind, confidence=raw.get("added", "high"), case=case, **fields)


def _check_twice(forms: Iterable[Form], where: str) -> None:
    seen = set()
    for form in forms:
        if (form.language, form.script, form.text) in seen:
            raise GazetteerError(f"{where}: form '{form.text}': stands twice under {form.language}-{form.script}")
        seen.add((form.language, form.script, form.text))


def _make_relation(raw: Any, where: str) -> Relation:
    at = f"{where}: relation '{raw.get('target') if isinstance(raw, dict) else raw}'"
    check_keys(at, raw, _RELATION_KEYS, ("type", "target", "asserted_by"))
    lines = check_lines(at, raw.get("lines", []))
    check_known(at, "confidence", raw.get("added", "high"), CONFIDENCES)
    words: dict[str, Any] = {key: raw[key] for key in ("note", "inverse") if key in raw}
    return Relation(raw["type"], raw["target"], raw["asserted_by"], lines, raw.get("added", "high"), **words)


def _make_designation(raw: Any, where: str) -> Designation:
    at = f"{where}: designation by '{raw.get('authority') if isinstance(raw, dict) else raw}'"
    check_keys(at, raw, _DESIGNATION_KEYS, ("authority", "list", "status", "date"))
    check_known(at, "status", raw["status"], STATUSES)
    check_known(at, "confidence", raw.get("added", "high"), CONFIDENCES)
    if not _DATE.fullmatch(str(raw["date"])):
        raise GazetteerError(f"{at}: date '{raw['date']}' must be 'YYYY', 'YYYY-MM', 'YYYY-MM-DD' in quotes, or unknown")
    if ("lines" in raw) == ("added" in raw):
        raise GazetteerError(f"{at}: say either `lines` (of the report) or `added` (a confidence)")
    fields: dict[str, Any] = {key: value for key, value in raw.items() if key not in {"lines", "added"}}
    fields["date"] = str(raw["date"])
    return Designation(**fields, lines=check_lines(at, raw.get("lines", [])), confidence=raw.get("added", "high"))


def _check_references(entity: Entity, known: set[str], conditions: set[str]) -> None:
    where = f"{entity.file}: entry '{entity.id}'"
    for target in [relation.target for relation in entity.relations] + list(entity.see_also):
        if target not in known:
            raise GazetteerError(f"{where}: relation to unknown entry '{target}'")
    for relation in entity.relations:
        if relation.asserted_by not in known:
            check_known(f"{where}: relation '{relation.target}'", "asserted_by", relation.asserted_by, ASSERTERS)
    for form in entity.forms:
        for name in form.needs + form.unless:
            check_known(f"{where}: form '{form.text}'", "condition", name, sorted(conditions))
