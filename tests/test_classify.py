"""Long reports are judged section by section: one relevant section is found among many that are not."""

from dataclasses import replace

import pytest

from pipeline.classify import LONG_CHARACTERS, classify
from pipeline.entities import find_entities
from pipeline.records import Document, PageSpan, Section
from pipeline.score import make_score
from tests.conftest import FETCHED

DRY = "The district repaired its canals, and the council read its accounts aloud in the school. " * 30
HOT = (
    "On Monday the security service detained three members of the Islamic State Khorasan Province near Termez. "
    "The prosecutor's office said that the suspects had planned a terrorist attack. "
)


@pytest.fixture(scope="module")
def report() -> Document:
    text, sections = "", []
    for number in range(8):
        part = f"Chapter {number}\n" + (HOT if number == 5 else "") + DRY
        sections.append(Section(len(text), len(text) + len(part), 2, f"Chapter {number}"))
        text += part + "\n"
    half = sections[4].start
    parts = (Section(0, half, 1, "First half"), *sections[:4], Section(half, len(text), 1, "Second half"), *sections[4:])
    pages = tuple(PageSpan(n + 1, part.start, part.end) for n, part in enumerate(sections))
    doc = Document("r", "u", "s", FETCHED, "Yearbook", text, language="en", script="Latn", pages=pages, sections=parts)
    assert len(text) > LONG_CHARACTERS
    return make_score(classify(find_entities([doc])), flag_at=0.5)[0]


def test_one_relevant_section_flags_the_report_and_is_named(report: Document) -> None:
    assert report.flagged
    assert report.reasons[0] == "read by section; the most relevant is section “Chapter 5” from page 6"


def test_every_section_has_its_relevance_and_a_chapter_that_of_its_best_part(report: Document) -> None:
    relevance = {section.title: section.relevance for section in report.sections}
    assert relevance["Chapter 5"] == relevance["Second half"] == report.score
    assert all((relevance[f"Chapter {number}"] or 0) < 0.3 for number in (0, 1, 2, 3, 4, 6, 7))
    assert (relevance["First half"] or 0) < 0.3


def test_evidence_lies_in_the_relevant_section(report: Document) -> None:
    chapter = next(section for section in report.sections if section.title == "Chapter 5")
    assert report.evidence
    assert all(chapter.start <= start < end <= chapter.end for start, end in report.evidence)


def test_a_short_document_is_judged_whole(report: Document) -> None:
    sections = (Section(0, 20, 1, "a"), Section(20, 40, 1, "b"))
    (doc,) = classify([replace(report, text=HOT, mentions=(), pages=(), sections=sections)])
    assert all(section.relevance is None for section in doc.sections)
