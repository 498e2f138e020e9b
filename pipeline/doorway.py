"""At the door of the archive: a page in a group's own voice is recognised before anything of it is written.

Three looks, each of which fewer pages need: at the visible words (does anything name a group or call people?), at the longer
lines (does anybody report, judge or analyse?), and at the article itself as `xabar run` reads it. Words hidden by letters of
another alphabet, frames in other lines than the article's, and files that are no HTML come to the same gate in the run.
"""

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from gazetteer.entries import load_entities
from models.relevance.fold import fold
from models.relevance.lexicon import load_concepts
from models.relevance.voice import FRAMES
from pipeline.batch import process
from pipeline.classify import Judge
from pipeline.extract.encoding import decode
from pipeline.gate import drop_promotional
from pipeline.records import Page, Reason, Skipped, Stage
from pipeline.run import make_road

ALONE, TOGETHER = ("call",), ("invitation",)  # concepts: the second counts beside a word for armed people only
SHORT_LETTERS = 4  # names up to here count as whole words only
LINE_CHARACTERS = 40  # shorter ones are menus
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Doorkeeper:
    """Says of a page whether it may not be kept. `judge` and `lists` as for the run: a live model, the operator's own names."""

    def __init__(self, judge: Judge | None = None, lists: Sequence[Path] = ()) -> None:
        road = make_road(0.5, judge=judge, lists=lists)
        self._stages: tuple[Stage, ...] = (*road.read, *road.analyse[: road.analyse.index(drop_promotional) + 1])

    def refuses(self, page: Page) -> bool:
        """Whether the page is in a group's own voice. What cannot be read is let in: the run says what is wrong with it."""
        if not is_html(page):
            return False
        text = take_text(_decode(page))
        if not may_speak(text) or is_framed(text):
            return False
        (outcome,) = process([page], self._stages)
        return isinstance(outcome, Skipped) and outcome.reason is Reason.PROMOTIONAL


def is_html(page: Page) -> bool:
    """Whether its first bytes are those of a text and not of a PDF, a picture or a packed file."""
    return b"<" in page.body[:4096] and b"\x00" not in page.body[:512]


def take_text(html: str) -> str:
    """The visible words, folded, one line between two tags."""
    return fold(unescape(_HIDDEN.sub("\n", html)))


def may_speak(text: str) -> bool:
    """Whether the words name a listed group, call people, or invite them beside a word for armed people."""
    names, kinds = _load_words()
    found = set()
    for number, start, end in names.find_matches_as_indexes(text):
        if _is_whole(text, start, end):
            found.add(kinds[number])
            if "alone" in found or found >= {"together", "armed"}:
                return True
    return False


def is_framed(text: str) -> bool:
    """Whether somebody stands between the words and the reader, in any of our languages; menus do not count."""
    lines = "\n".join(line for line in text.splitlines() if len(line) >= LINE_CHARACTERS)
    return any(_is_whole(lines, start, end) for _, start, end in _load_frames().find_matches_as_indexes(lines))


def _decode(page: Page) -> str:
    # Nearly all pages are UTF-8, and looking for another character set is most of the work of this module.
    try:
        return page.body.decode("utf-8")
    except UnicodeDecodeError:
        return decode(page.body, page.headers)


def _is_whole(text: str, start: int, end: int) -> bool:
    """A word begins here; a short one ends here too, a longer one may have an ending."""
    if start and text[start - 1].isalnum():
        return False
    return end - start > SHORT_LETTERS or end == len(text) or not text[end].isalnum()


@cache
def _load_words() -> tuple[AhoCorasick, list[str]]:
    concepts, words = load_concepts(), dict[str, str]()
    for name, concept in concepts.items():
        kind = "alone" if name in ALONE else "together" if name in TOGETHER else "armed" if concept.role == "key" else ""
        if kind:
            words |= {fold(term.rstrip("*")): kind for written in concept.terms.values() for term in written}
    for entity in load_entities():
        if entity.is_in_scope and entity.label == "ORG":
            words |= {fold(form.text): "alone" for form in entity.forms}
    return AhoCorasick(list(words), matchkind=MatchKind.LeftmostLongest), list(words.values())


@cache
def _load_frames() -> AhoCorasick:
    concepts = load_concepts()
    terms = {fold(term.rstrip("*")) for name in FRAMES for written in concepts[name].terms.values() for term in written}
    return AhoCorasick(sorted(terms), matchkind=MatchKind.LeftmostLongest)
