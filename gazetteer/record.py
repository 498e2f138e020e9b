"""The gazetteer's records and closed vocabularies; `entries` fills them from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
GROUPS = frozenset({"organization", "armed-unit", "media-outlet", "publication"})
CONFIDENCES = ("high", "medium", "low")
ASSERTERS = {
    "report": "the policy report in its own voice",
    "afghan-opposition": "Afghan opposition sources, as the report says",
    "unnamed-reports": "reports that the policy report does not name",
    "project": "written here: geography, catalogue of sources",
    "unknown": "added without a source that could be named",
}
STATUSES = ("listed", "banned", "removed", "suspended", "not-listed")
CONDITIONS = ("quotes", "capital", "disclaimer", "related", "entity", "alone")
_IN_SCOPE = frozenset({"match", "extremist-media", "alias"})
_CERTAIN_KINDS = frozenset({"organization", "armed-unit", "media-outlet", "publication", "person", "event"})


@dataclass(frozen=True, slots=True)
class Form:
    """One written form of a name. `needs`: any one of these must hold near an ambiguous form; `unless`: none may.

    `case` exact means that every capital of the form must be a capital in the text; `own` that only a text in the
    form's language counts; `not_in` names languages in which the same letters are another word. `typos` says whether
    one typing error is forgiven; where it says nothing, long unambiguous names are.
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
    typos: bool | None = None

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
    """(entity, type, target), or the reverse where `inverse`, on `lines` of the report; the target may be a source.

    `asserted_by` is one of ASSERTERS, a source or an entity.
    """

    type: str
    target: str
    asserted_by: str
    lines: tuple[int, ...] = ()
    confidence: str = "high"
    note: str = ""
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Designation:
    """What an authority did to an entity on one of its lists; `date` is YYYY[-MM[-DD]] or `unknown`."""

    authority: str
    list: str
    status: str
    date: str
    lines: tuple[int, ...] = ()
    confidence: str = "high"
    reference: str = ""
    seen: str = ""
    note: str = ""


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
    designations: tuple[Designation, ...] = ()
    provenance: str = "shipped"
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
