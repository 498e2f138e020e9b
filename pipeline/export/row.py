"""One exported document with all that was found, decided and corrected on it; what may not leave is taken out here, once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from gazetteer.own import list_known
from gazetteer.record import Entity
from pipeline.corrected import apply
from pipeline.records import Document, Mention
from pipeline.store import Store
from pipeline.store.corrections import Correction
from pipeline.store.desk import Decision
from pipeline.store.narrowing import Filters

ACTOR_KINDS = ("organization", "armed-unit")
TOPIC_FROM = 0.5  # the same line that the queue's filter draws


@dataclass(frozen=True, slots=True)
class Row:
    """`doc` as the machine left it, without text, footnotes and headings unless bodies were asked for; `verdict`: none, or what
    the reviewers say together; `same_stories`: documents that tell it in another language, with the cosine."""

    doc: Document
    verdict: str = "none"
    decisions: tuple[Decision, ...] = ()
    corrections: tuple[Correction, ...] = ()
    custody: Mapping[str, Any] = field(default_factory=dict)
    source_name: str = ""
    same_stories: tuple[tuple[str, float], ...] = ()

    @property
    def final(self) -> Document:
        """The document with what reviewers corrected: names, and the language."""
        corrected = apply(self.doc, self.corrections)
        language = corrected.said["language"]
        return replace(corrected.doc, language=language.value["language"]) if language else corrected.doc

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics: a reviewer's, else the likely ones of the machine."""
        said = [correction for correction in self.corrections if correction.task == "topics"]
        if said:
            return tuple(said[-1].value["topics"])
        return tuple(item.label for item in self.doc.labels if item.axis == "topics" and item.probability >= TOPIC_FROM)

    @property
    def moment(self) -> str:
        """The day of publication at midnight UTC, else when it was fetched: RFC 3339, UTC, to the millisecond."""
        day = (self.doc.published or "")[:10]
        return f"{day}T00:00:00.000Z" if len(day) == 10 else rfc3339(self.doc.fetched_at.isoformat())

    @property
    def changed(self) -> str:
        """When it was fetched, decided on or corrected last: RFC 3339, UTC, to the millisecond."""
        moments = [self.doc.fetched_at.isoformat()]
        moments += [decision.decided_at for decision in self.decisions]
        moments += [correction.corrected_at for correction in self.corrections]
        return max(map(rfc3339, moments))

    @property
    def organisations(self) -> tuple[Entity, ...]:
        """The gazetteer's organisations that are named, in the order of their ids."""
        named = {mention.entity_id for mention in self.final.mentions}
        return tuple(entity for id_, entity in sorted(list_known().items()) if id_ in named and entity.label == "ORG")

    @property
    def actors(self) -> tuple[Entity, ...]:
        """The armed and extremist organisations among them: never a state's office, a newspaper or a research source."""
        return tuple(entity for entity in self.organisations if entity.kind in ACTOR_KINDS and entity.is_in_scope)

    @property
    def spans(self) -> list[Mention]:
        """The mentions that do not overlap, the longest first come, in reading order."""
        kept: list[Mention] = []
        for mention in sorted(self.final.mentions, key=lambda m: (m.start - m.end, m.start)):
            if all(mention.end <= other.start or other.end <= mention.start for other in kept):
                kept.append(mention)
        return sorted(kept, key=lambda m: m.start)


def read_rows(store: Store, filters: Filters, *, bodies: bool, persons: bool, newest: int = 0) -> Iterator[Row]:
    """Every document that passes the filters of `Queue`, oldest first. Raises ValueError for an unknown filter.

    `newest`: only so many, those that came last. What waits for the opinion of the filters' `reader` comes without the others'.
    """
    names: dict[str, str] = {}
    for document_id, verdict in store.queue.documents(filters, newest=newest):
        doc = store.documents.load(document_id)
        if doc is None:
            continue
        if doc.source not in names:
            names[doc.source] = store.ledger.source(doc.source).get("name") or doc.source
        hidden = bool(filters.get("reader")) and store.opinions.is_hidden(doc.id, str(filters["reader"]))
        yield Row(
            redact(doc, bodies=bodies, persons=persons),
            "none" if hidden else verdict,
            () if hidden else tuple(store.desk.decisions(doc.id)),
            () if hidden else tuple(store.corrections.of(doc.id)),
            store.desk.custody(doc.id),
            names[doc.source],
            tuple((other["id"], other["similarity"]) for other in store.tellings.same_story(doc.id)),
        )


def redact(doc: Document, *, bodies: bool, persons: bool) -> Document:
    """The document without its text and what quotes it, and without persons that the gazetteer does not hold."""
    if not bodies:
        doc = replace(doc, text="", sections=(), citations=())
    if not persons:
        doc = replace(doc, mentions=tuple(m for m in doc.mentions if m.label != "PER" or m.entity_id))
    return doc


def rfc3339(moment: str) -> str:
    """A stored moment (ISO 8601, with offset) as UTC with milliseconds and a Z."""
    at = datetime.fromisoformat(moment)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
