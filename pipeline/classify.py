"""What a document is about and how relevant it is, with the sentences that say so; a long report section by section."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from gazetteer.entries import load_entities
from models import registry
from models.encoder.encode import BrokenModel
from models.relevance.classify import Hit, Judgement
from models.relevance.wording import Worded, read_wording
from pipeline.cascade import RELEVANT, needs_encoder
from pipeline.records import CLOSER, KEYED, Document, Label, Stop

LONG_CHARACTERS = 12_000  # from here on one relevant section would drown in the rest


class Judge(Protocol):
    """A relevance model, as the pipeline asks it; `worded` is what the encoder made of the text, where it read it."""

    def __call__(
        self, title: str, text: str, language: str, script: str, hits: Sequence[Hit], worded: Worded | None = None
    ) -> Judgement:
        """Judge one text."""
        ...


@dataclass(frozen=True, slots=True)
class _Part:
    """A passage of a long report between two headings, and what the model says of it."""

    start: int
    end: int
    title: str
    judgement: Judgement

    @property
    def relevance(self) -> float:
        return sum(self.judgement.relevance.get(name, 0.0) for name in RELEVANT)


def classify(docs: Sequence[Document], judge: Judge | None = None) -> list[Document]:
    """Fill `labels`, `evidence` and the model's `reasons`; of a long report also the relevance of each section.

    Without a judge the shipped model is asked. This is the cheap reading, by the evidence alone.
    """
    asked: Judge = judge or _load()
    return [_classify(doc, asked, {}) for doc in docs]


def reconsider(docs: Sequence[Document], judge: Judge | None = None, *, cascade: bool = True) -> list[Document]:
    """Judge again, now by the wording too, what has any evidence and passes the cascade or, without it, all that has; the rest
    stays.

    Without evidence the wording may change nothing (two-key rule), so it is not worth the encoder's time.
    """
    wanted = [_has_evidence(doc) and (not cascade or needs_encoder(doc)) for doc in docs]
    places = [(doc, start, end) for doc, asks in zip(docs, wanted, strict=True) if asks for start, end in _find_places(doc)]
    if not places:
        return list(docs)
    asked: Judge = judge or _load()
    worded = read_parts(places)
    return [_classify(doc, asked, worded) if asks else doc for doc, asks in zip(docs, wanted, strict=True)]


def read_parts(places: Sequence[tuple[Document, int, int]]) -> dict[tuple[str, int], Worded]:
    """What the encoder makes of passages of documents, by document and start, protected words and places masked. Raises Stop."""
    texts = [(doc.language, doc.title, doc.text[start:end]) for doc, start, end in places]
    try:
        readings = read_wording(texts, registry.load("encoder"))
    except BrokenModel as error:
        raise Stop(str(error)) from error
    return {(doc.id, start): worded for (doc, start, _), worded in zip(places, readings, strict=True)}


def judge_part(doc: Document, judge: Judge, start: int = 0, end: int | None = None, worded: Worded | None = None) -> Judgement:
    """What a model says of the text from `start` to `end`, or of all of it."""
    stop = len(doc.text) if end is None else end
    hits = make_hits(doc, start, stop)
    return judge(doc.title, doc.text[start:stop], doc.language, doc.script, hits, worded=worded)


def make_hits(doc: Document, start: int, end: int) -> list[Hit]:
    """The mentions of entities between `start` and `end` as the classifier reads them, counted from `start`."""
    return [
        Hit(m.start - start, m.end - start, m.entity_id, m.kind, m.certain, m.name, _cite(m.entity_id))
        for m in doc.mentions
        if m.entity_id and start <= m.start and m.end <= end
    ]


def _load() -> Judge:
    try:
        found: Judge = registry.load("relevance")
    except BrokenModel as error:
        raise Stop(str(error)) from error
    return found


def _has_evidence(doc: Document) -> bool:
    return doc.language != "und" and bool(doc.evidence or any(label.label == KEYED for label in doc.labels))


def _find_places(doc: Document) -> list[tuple[int, int]]:
    """What is judged by itself: all of the text; of a long report each section."""
    if len(doc.text) < LONG_CHARACTERS or len(doc.sections) < 2:
        return [(0, len(doc.text))]
    starts = sorted({0, *(section.start for section in doc.sections)})
    return list(zip(starts, [*starts[1:], len(doc.text)], strict=True))


def _classify(doc: Document, judge: Judge, worded: Mapping[tuple[str, int], Worded]) -> Document:
    places = _find_places(doc)
    titles = {section.start: section.title for section in doc.sections}
    parts = [_Part(start, end, titles.get(start, ""), judge_part(doc, judge, start, end, worded.get((doc.id, start))))
             for start, end in places]
    return _label(doc, parts[0].judgement) if len(parts) == 1 else _join(doc, parts)


def _join(doc: Document, parts: Sequence[_Part]) -> Document:
    """A report is as relevant as its most relevant section, which gives the reasons; evidence comes from every relevant one."""
    best = max(parts, key=lambda part: part.relevance)
    telling = [part for part in parts if part is best or part.relevance >= 0.5]
    evidence = tuple((start + part.start, end + part.start) for part in telling for start, end in part.judgement.evidence)
    topics: dict[str, float] = {}
    for part in telling:
        topics |= {name: max(value, topics.get(name, 0.0)) for name, value in part.judgement.topics.items()}
    sections = tuple(
        replace(section, relevance=round(max(part.relevance for part in parts if section.start <= part.start < section.end), 4))
        for section in doc.sections)
    whole = replace(best.judgement, topics=topics, evidence=evidence, reasons=(_name(doc, best), *best.judgement.reasons))
    return replace(_label(doc, whole), sections=sections)


def _name(doc: Document, part: _Part) -> str:
    page = doc.page_at(part.start)
    where = f"section “{part.title}”" if part.title else "the part before the first heading"
    return f"read by section; the most relevant is {where}" + (f" from page {page}" if page else "")


def _label(doc: Document, judgement: Judgement) -> Document:
    axes = {
        "relevance": judgement.relevance,
        "topics": judgement.topics,
        "genre": judgement.genre,
        "modality": judgement.modality,
        "key": {name: 1.0 for name, given in ((KEYED, judgement.keyed), (CLOSER, judgement.closer)) if given},
    }
    labels = tuple(
        Label(axis, label, probability, judgement.model) for axis, found in axes.items() for label, probability in found.items()
    )
    return replace(doc, labels=labels, evidence=judgement.evidence, reasons=judgement.reasons)


def _cite(entity_id: str) -> str:
    """Where the list has a name from: the first line of the report that has it, if one does."""
    line = _first_lines().get(entity_id)
    return f"gazetteer, report line {line}" if line else "gazetteer"


@cache
def _first_lines() -> dict[str, int]:
    found = {}
    for entity in load_entities():
        lines = [line for form in entity.forms for line in form.lines]
        if lines:
            found[entity.id] = min(lines)
    return found
