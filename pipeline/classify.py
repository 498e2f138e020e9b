"""What a document is about and how relevant it is, with the sentences that say so; a long report section by section."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from gazetteer.entries import load_entities
from models import registry
from models.relevance.classify import Hit, Judgement
from pipeline.records import CLOSER, Document, Label

LONG_CHARACTERS = 12_000  # from here on one relevant section would drown in the rest
RELEVANT = ("R2", "R3")
Judge = Callable[[str, str, str, str, Sequence[Hit]], Judgement]


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

    Without a judge the shipped model is asked.
    """
    asked: Judge = judge or registry.load("relevance")
    return [_classify_parts(doc, asked) if _is_long(doc) else _label(doc, judge_part(doc, asked)) for doc in docs]


def judge_part(doc: Document, judge: Judge, start: int = 0, end: int | None = None) -> Judgement:
    """What a model says of the text from `start` to `end`, or of all of it."""
    stop = len(doc.text) if end is None else end
    return judge(doc.title, doc.text[start:stop], doc.language, doc.script, make_hits(doc, start, stop))


def make_hits(doc: Document, start: int, end: int) -> list[Hit]:
    """The mentions of entities between `start` and `end` as the classifier reads them, counted from `start`."""
    return [
        Hit(m.start - start, m.end - start, m.entity_id, m.kind, m.certain, m.name, _cite(m.entity_id))
        for m in doc.mentions
        if m.entity_id and start <= m.start and m.end <= end
    ]


def _is_long(doc: Document) -> bool:
    return len(doc.text) >= LONG_CHARACTERS and len(doc.sections) > 1


def _classify_parts(doc: Document, judge: Judge) -> Document:
    """A report is as relevant as its most relevant section, which gives the reasons; evidence comes from every relevant one."""
    places = sorted({0, *(section.start for section in doc.sections)})
    titles = {section.start: section.title for section in doc.sections}
    parts = [_Part(start, end, titles.get(start, ""), judge_part(doc, judge, start, end))
             for start, end in zip(places, [*places[1:], len(doc.text)], strict=True)]
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
        "key": {name: 1.0 for name, given in (("two-key", judgement.keyed), (CLOSER, judgement.closer)) if given},
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
