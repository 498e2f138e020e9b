"""A document as its reviewers left it: names added and taken off, language, level, topics and genre as they put them right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gazetteer.own import list_known
from pipeline.records import Document, Mention
from pipeline.store.corrections import Correction


@dataclass(frozen=True, slots=True)
class Corrected:
    """A document as the reviewers left it, and what they changed: `said` by task, the newest; `removed` mentions."""

    doc: Document
    said: Mapping[str, Correction | None] = field(default_factory=dict)
    removed: tuple[Mention, ...] = ()


def list_entities() -> dict[str, tuple[str, str]]:
    """Every entity of the gazetteer and of the own lists in use by id: its English name and its label."""
    return {entity.id: (entity.name, entity.label) for entity in list_known().values()}


def apply(doc: Document, corrections: Sequence[Correction]) -> Corrected:
    """The document with names added and removed; a machine's finding that somebody removed is listed, not shown."""
    said: dict[str, Correction | None] = dict.fromkeys(("language", "relevance", "topics", "genre"))
    said |= {c.task: c for c in corrections if c.task != "entities"}
    mentions, removed = list(doc.mentions), []
    for correction in (c for c in corrections if c.task == "entities"):
        value = correction.value
        same = [m for m in mentions if (m.start, m.end, m.label) == (value["start"], value["end"], value["label"])]
        if value["action"] == "remove":
            removed += same
            mentions = [m for m in mentions if m not in same]
        elif not same:
            mentions.append(_make_mention(doc, correction))
    return Corrected(replace(doc, mentions=tuple(sorted(mentions, key=lambda m: m.start))), said, tuple(removed))


def _make_mention(doc: Document, correction: Correction) -> Mention:
    value = correction.value
    start, end = value["start"], value["end"]
    known = list_known().get(value["entity_id"] or "")
    why, name = f"added by {correction.reviewer}", known.name if known else ""
    return Mention(start, end, doc.text[start:end], value["label"], value["entity_id"], ("reviewer",), 1.0, why, name)
