"""A text in passages for reading: page numbers and headings of reports, long stretches without a name and quotations folded."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.records import Document
from pipeline.review.highlight import Run, cut_text, find_paragraphs

LONG_PARAGRAPHS = 60  # from here on a text is long
QUIET_PARAGRAPHS = 6  # so many paragraphs in a row without name or evidence are folded in a long text
QUOTED_CHARACTERS = 60
QUOTED = re.compile(
    rf"«[^»\n]{{{QUOTED_CHARACTERS},}}»|“[^”\n]{{{QUOTED_CHARACTERS},}}”|„[^“\n]{{{QUOTED_CHARACTERS},}}“|\"[^\"\n]{{{QUOTED_CHARACTERS},}}\""
)
GROUP_VOICE = ("statement-by-group-as-reported", "extremist-promotional-content")
OWN_VOICE = "extremist-promotional-content"
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the text. `start` is its offset in code points; `page` is set where a new page of a report begins."""

    start: int
    runs: tuple[Run, ...]
    page: int | None
    heading: bool

    @property
    def names(self) -> int:
        """How many marks stand in it."""
        return sum(bool(chunk.mentions) for run in self.runs for chunk in run.chunks)

    @property
    def is_quiet(self) -> bool:
        """No name and no evidence."""
        return not self.names and not any(run.evidence for run in self.runs)


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs that are shown, or folded away: `quiet` (nothing was found in them) or `quote` (a group's own words)."""

    paragraphs: tuple[Paragraph, ...]
    fold: str = ""

    @property
    def names(self) -> int:
        """How many marks stand in it."""
        return sum(paragraph.names for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a report in which names stand: where to jump, and how many there are."""

    start: int
    title: str
    page: int | None
    names: int


def cut_passages(doc: Document) -> list[Passage]:
    """The whole text in order."""
    paragraphs = list(_iter_paragraphs(doc))
    is_long = len(paragraphs) > LONG_PARAGRAPHS
    marked = [(_find_fold(doc, paragraph), paragraph) for paragraph in paragraphs]
    passages: list[Passage] = []
    for fold, paragraph in marked:
        if passages and passages[-1].fold == fold:
            passages[-1] = Passage((*passages[-1].paragraphs, paragraph), fold)
        else:
            passages.append(Passage((paragraph,), fold))
    return [_unfold(passage, is_long) for passage in passages]


def list_places(doc: Document) -> list[Place]:
    """The innermost sections with names, those with the most first; empty for a text without sections."""
    counts: dict[int, int] = {}
    for mention in doc.mentions:
        if section := doc.section_at(mention.start):
            counts[section.start] = counts.get(section.start, 0) + 1
    titles = {section.start: section.title for section in doc.sections}
    places = [Place(start, titles[start], doc.page_at(start), names) for start, names in counts.items()]
    return sorted(places, key=lambda place: (-place.names, place.start))


def _iter_paragraphs(doc: Document) -> Iterator[Paragraph]:
    headings = {section.start for section in doc.sections}
    last: int | None = None
    for (start, _), runs in zip(find_paragraphs(doc.text), cut_text(doc.text, doc.mentions, doc.evidence), strict=True):
        page = doc.page_at(start)
        yield Paragraph(start, runs, page if page != last else None, start in headings)
        last = page


def _find_fold(doc: Document, paragraph: Paragraph) -> str:
    genres = {label.label for label in doc.labels if label.axis == "genre" and label.probability >= LIKELY}
    if OWN_VOICE in genres:
        return "quote"
    if genres.intersection(GROUP_VOICE) and QUOTED.search("".join(_texts(paragraph.runs))):
        return "quote"
    return "quiet" if paragraph.is_quiet and not paragraph.heading else ""


def _texts(runs: Sequence[Run]) -> Iterator[str]:
    yield from (chunk.text for run in runs for chunk in run.chunks)


def _unfold(passage: Passage, is_long: bool) -> Passage:
    keep = passage.fold == "quote" or (passage.fold == "quiet" and is_long and len(passage.paragraphs) >= QUIET_PARAGRAPHS)
    return passage if keep else Passage(passage.paragraphs)
