"""Which names of the gazetteer stand in a document, and where."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gazetteer import own
from gazetteer.block import GazetteerError
from gazetteer.match import Match, Matcher
from gazetteer.own import open_with_own
from models.language.detect import Detection
from models.language.paragraph import find_languages
from pipeline.records import Document, Mention, Stop


def find_entities(docs: Sequence[Document], *, lists: Sequence[Path] = ()) -> list[Document]:
    """Fill `mentions`, with what found each one and why; every passage is read in its own language.

    `lists` are the operator's own names beside the shipped ones. Raises Stop where they cannot be read.
    """
    try:
        matcher = open_with_own(lists)
    except GazetteerError as error:
        raise Stop(str(error)) from error
    return [replace(doc, mentions=tuple(_iter_mentions(doc, matcher))) for doc in docs]


def use_lists(lists: Sequence[Path]) -> None:
    """Pages and exports know the operator's own names too, from now on in this process. Raises Stop where they cannot be read."""
    try:
        own.use_lists(lists)
    except GazetteerError as error:
        raise Stop(str(error)) from error


def _iter_mentions(doc: Document, matcher: Matcher) -> Iterator[Mention]:
    main = Detection(doc.language, doc.script, doc.language_confidence, doc.guess)
    for passage in find_languages(doc.text, main):
        text = doc.text[passage.start : passage.end]
        yield from (_make_mention(match, passage.start) for match in matcher.find(text, passage.language, passage.script))


def _make_mention(match: Match, offset: int) -> Mention:
    return Mention(
        match.start + offset,
        match.end + offset,
        match.text,
        match.label,
        match.entity_id,
        ("gazetteer",),
        match.probability,
        match.why,
        match.name,
        match.kind,
        match.certain,
    )
