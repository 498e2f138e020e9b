"""Read the gazetteer's YAML strictly into frozen records: what is misspelt or dangling stops here, with its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
NOT_ENTITIES = frozenset({"context.yaml", "protected.yaml"})

LABELS = {
    "person": "PER",
    **dict.fromkeys(("organization", "armed-unit", "media-outlet", "government-body"), "ORG"),
    **dict.fromkeys(("research-source", "platform"), "ORG"),
    "place": "LOC",
    "event": "EVENT",
    "publication": "WORK",
    **dict.fromkeys(("term", "designation"), "TERM"),
}
POLICIES = {
    "match": "a form may create a hit that counts as evidence",
    "context": "hit allowed, never raises relevance",
    "context-only": "kept for linking, hidden from alerting",
    "alias": "resolved to the target of its alias-of relation",
    "never-alone": "counts only beside an unambiguous entity",
    "feature-only": "a classifier's feature, never an alert",
    "disclaimer": "legal wording: found by find_disclaimers, never a hit",
    "extremist-media": "recognised in news of others, never crawled or linked",
    "never-as-subject": "metadata of sources and authors",
    "off-by-default": "not matched unless an analyst asks for it",
}
TIERS = (
    *("public-office", "militant-leader-historical", "militant-leader", "propagandist-named-by-report"),
    *("deceased-perpetrator", "author-or-journalist"),
)
LANGUAGES = ("en", "ru", "tg", "uz", "fa")
WRITINGS = {
    "en": ("en", "Latn"),
    "ru": ("ru", "Cyrl"),
    "tg": ("tg", "Cyrl"),
    "tg-Latn": ("tg", "Latn"),
    "uz-Latn": ("uz", "Latn"),
    "uz-Cyrl": ("uz", "Cyrl"),
    "fa": ("fa", "Arab"),
}
FORM_KINDS = (
    *("name", "abbrev", "adjective", "alias", "demonym", "misspelling", "phrase", "stem", "variant"),
    *("descriptive", "disclaimer", "negative", "shared", "split-mention"),
)
SILENT_KINDS = frozenset({"descriptive", "disclaimer", "negative", "shared", "split-mention"})
CONFIDENCES = ("high", "medium", "low")
CONDITIONS = ("quotes", "capital", "disclaimer", "related", "entity", "alone")
_IN_SCOPE = frozenset({"match", "extremist-media", "alias"})
_CERTAIN_KINDS = frozenset({"organization", "armed-unit", "media-outlet", "publication", "person", "event"})
_FORM_KEYS = frozenset(
    {"text", "lines", "added", "kind", "seen", "note", "ambiguous", "case", "own", "not_in", "needs", "unless"}
)
_ENTITY_KEYS = frozenset(
    {"id", "kind", "name", "policy", "category", "tier", "about", "caution", "roles", "see_also", "status"}
    | {"designations", "forms", "relations"}
)
_RELATION_KEYS = frozenset({"type", "target", "lines", "added", "note", "inverse"})


class GazetteerError(ValueError):
    """The data cannot be used as written; the message names file, entry and form and lists the known values."""


@dataclass(frozen=True, slots=True)
class Form:
    """One written form of a name. `needs`: any one of these must hold near an ambiguous form; `unless`: none may.

    `case` exact means that every capital of the form must be a capital in the text; `own` that only a text in the
    form's language counts; `not_in` names languages in which the same letters are another word.
    """

    text: str
    language: str
    script: str
    kind: str = "name"
    lines: tuple[int, ...] = ()
    confidence: str = "high"
    seen: str = ""
    note: str = ""
    ambiguous: str = ""
    case: str = "any"
    own: bool = False
    not_in: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the form comes from: `report` (with line numbers) or `added`."""
        return "report" if self.lines else "added"

    @property
    def is_matched(self) -> bool:
        """False for forms kept as documentation: descriptions, look-alikes, titles shared with another entity."""
        return self.kind not in SILENT_KINDS and self.language != "fa"


@dataclass(frozen=True, slots=True)
class Relation:
    """(entity, type, target), or the reverse where `inverse`; `lines` of the report say who asserts it."""

    type: str
    target: str
    lines: tuple[int, ...] = ()
    confidence: str = "high"
    note: str = ""
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing in the world that we look for, with everything the gazetteer says of it."""

    id: str
    kind: str
    name: str
    policy: str
    forms: tuple[Form, ...]
    relations: tuple[Relation, ...] = ()
    category: str = ""
    tier: str = ""
    about: str = ""
    caution: str = ""
    roles: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    status: Mapping[str, Any] | None = None
    designations: tuple[Mapping[str, Any], ...] = ()
    file: str = ""

    @property
    def label(self) -> str:
        """PER, ORG, LOC, EVENT, WORK or TERM."""
        return LABELS[self.kind]

    @property
    def is_in_scope(self) -> bool:
        """True if a hit may be evidence: an armed group, its people, media and acts; not a state, office or place."""
        return (
            self.policy in _IN_SCOPE
            and self.kind in _CERTAIN_KINDS
            and self.tier not in {"public-office", "author-or-journalist"}
            and self.category != "armed-opposition-not-designated"
        )


@cache
def load_entities() -> tuple[Entity, ...]:
    """Every entity of the shipped data, sorted by id; raises GazetteerError."""
    return read_entities(path for path in DATA.glob("*.yaml") if path.name not in NOT_ENTITIES)


def read_entities(paths: Iterable[Path]) -> tuple[Entity, ...]:
    """Every entity of these files, sorted by id; raises GazetteerError for duplicates and dangling relations."""
    entities: dict[str, Entity] = {}
    for path in sorted(paths):
        for raw in _read_list(path):
            entity = _make_entity(raw, _shown(path))
            if entity.id in entities:
                first = entities[entity.id].file
                raise GazetteerError(f"{entity.file}: entry '{entity.id}': duplicate id (first in {first})")
            entities[entity.id] = entity
    _check_references(entities)
    return tuple(entities[id_] for id_ in sorted(entities))


@cache
def load_context() -> dict[str, dict[str, tuple[str, ...]]]:
    """Context sets by name and writing: words, or stems that end in `*`."""
    return _read_words(DATA / "context.yaml")


@cache
def load_protected() -> dict[str, tuple[str, ...]]:
    """Words for peoples, faiths and migrants by writing: never forms, never evidence."""
    return {writing: tuple(words) for writing, words in _read_mapping(DATA / "protected.yaml").items()}


def _shown(path: Path) -> str:
    return f"gazetteer/data/{path.name}"


def _parse(path: Path) -> Any:
    try:
        return yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        raise GazetteerError(f"{_shown(path)}: not YAML: {error}") from error


def _read_list(path: Path) -> list[Any]:
    data = _parse(path)
    if not isinstance(data, list):
        raise GazetteerError(f"{_shown(path)}: must be a list of entries")
    return data


def _read_mapping(path: Path) -> dict[str, Any]:
    data = _parse(path)
    if not isinstance(data, dict):
        raise GazetteerError(f"{_shown(path)}: must be a mapping")
    return data


def _read_words(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    sets = {}
    for name, words in _read_mapping(path).items():
        for writing in words:
            _check_known(f"{_shown(path)}: set '{name}'", "writing", writing, WRITINGS)
        sets[name] = {writing: tuple(forms) for writing, forms in words.items()}
    return sets


def _make_entity(raw: Any, file: str) -> Entity:
    where = f"{file}: entry '{raw.get('id') if isinstance(raw, dict) else raw}'"
    _check_keys(where, raw, _ENTITY_KEYS, ("id", "kind", "name", "policy", "forms"))
    _check_known(where, "kind", raw["kind"], LABELS)
    _check_known(where, "policy", raw["policy"], POLICIES)
    if raw.get("tier"):
        _check_known(where, "tier", raw["tier"], TIERS)
    fields: dict[str, Any] = {key: value for key, value in raw.items() if key not in {"forms", "relations"}}
    fields |= {key: tuple(raw[key]) for key in ("roles", "see_also", "designations") if key in raw}
    forms = [_make_form(item, writing, where) for writing, items in _forms_of(raw, where).items() for item in items or ()]
    relations = tuple(_make_relation(item, where) for item in raw.get("relations", ()))
    return Entity(**fields, forms=tuple(forms), relations=relations, file=file)


def _forms_of(raw: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    forms = raw["forms"]
    if not isinstance(forms, dict) or not forms:
        raise GazetteerError(f"{where}: forms must be a mapping of writings ({', '.join(WRITINGS)}) to lists")
    for writing in forms:
        _check_known(where, "language", writing, WRITINGS)
    return forms


def _make_form(raw: Any, writing: str, where: str) -> Form:
    text = raw.get("text") if isinstance(raw, dict) else raw
    at = f"{where}: form '{text}'"
    _check_keys(at, raw, _FORM_KEYS, ("text",))
    if not isinstance(text, str) or not text.strip():
        raise GazetteerError(f"{where}: empty form under {writing}")
    if ("lines" in raw) == ("added" in raw):
        raise GazetteerError(f"{at}: say either `lines` (of the report) or `added` (a confidence)")
    kind = raw.get("kind", "name")
    _check_known(at, "kind", kind, FORM_KINDS)
    _check_known(at, "confidence", raw.get("added", "high"), CONFIDENCES)
    case = raw.get("case", "exact" if kind == "abbrev" or text.isupper() else "any")
    _check_known(at, "case", case, ("any", "exact"))
    for language in raw.get("not_in", ()):
        _check_known(at, "language", language, LANGUAGES)
    if "ambiguous" not in raw and raw.get("needs"):
        raise GazetteerError(f"{at}: `needs` without `ambiguous`: say why the form is ambiguous")
    language, script = WRITINGS[writing]
    fields: dict[str, Any] = {key: tuple(raw[key]) for key in ("lines", "not_in", "needs", "unless") if key in raw}
    fields |= {key: raw[key] for key in ("seen", "note", "ambiguous", "own") if key in raw}
    return Form(text, language, script, kind, confidence=raw.get("added", "high"), case=case, **fields)


def _make_relation(raw: Any, where: str) -> Relation:
    at = f"{where}: relation '{raw.get('target') if isinstance(raw, dict) else raw}'"
    _check_keys(at, raw, _RELATION_KEYS, ("type", "target"))
    words: dict[str, Any] = {key: raw[key] for key in ("note", "inverse") if key in raw}
    return Relation(raw["type"], raw["target"], tuple(raw.get("lines", ())), raw.get("added", "high"), **words)


def _check_references(entities: Mapping[str, Entity]) -> None:
    sets = {*load_context(), *CONDITIONS}
    for entity in entities.values():
        where = f"{entity.file}: entry '{entity.id}'"
        for target in [relation.target for relation in entity.relations] + list(entity.see_also):
            if target not in entities:
                raise GazetteerError(f"{where}: relation to unknown entry '{target}'")
        for form in entity.forms:
            for name in form.needs + form.unless:
                _check_known(f"{where}: form '{form.text}'", "condition", name, sorted(sets))


def _check_keys(where: str, raw: Any, known: frozenset[str], required: tuple[str, ...]) -> None:
    if not isinstance(raw, dict):
        raise GazetteerError(f"{where}: must be a mapping")
    for key in raw:
        _check_known(where, "key", key, sorted(known))
    for key in required:
        if not raw.get(key) and not (key == "text" and key in raw):
            raise GazetteerError(f"{where}: missing `{key}`")


def _check_known(where: str, what: str, value: Any, known: Iterable[str]) -> None:
    names = list(known)
    if value not in names:
        raise GazetteerError(f"{where}: unknown {what} '{value}' (known: {', '.join(names)})")
