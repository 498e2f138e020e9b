"""The article's text: own paragraph scoring where it is sure of itself, else the better of that and trafilatura."""

import logging
import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

from pipeline.extract.body import find_paragraphs, is_listing
from pipeline.extract.budget import Budget
from pipeline.extract.tree import Block

SURE_CHARACTERS = 400
SURE_TOPIC_SHARE = 0.25
TOPIC_CHARACTERS = 50_000  # enough to see what a text is about
MAX_TRAFILATURA_ELEMENTS = 5_000  # beyond these its passes cost more than a second a page
MAX_TRAFILATURA_BYTES = 1_000_000
TRAFILATURA_SECONDS = 0.6  # what must be left of the page's time
_WORDS = re.compile(r"\w+")


def read_text(tree: Any, blocks: Sequence[Block], title: str, at: int | None, budget: Budget) -> str:
    """Paragraphs separated by newlines; empty if nothing reads like an article."""
    own = "\n".join(block.text for block in find_paragraphs(blocks, title, at))
    sure = len(own) >= SURE_CHARACTERS and (at is not None or _share(title, own) >= 2 * SURE_TOPIC_SHARE)
    if sure and _share(title, own) >= SURE_TOPIC_SHARE:
        return own
    if not own and is_listing(blocks):  # trafilatura would make an article of the teasers
        return ""
    other = _drop_title(_ask_trafilatura(tree), title) if budget.left > TRAFILATURA_SECONDS else ""
    if not own or (_share(title, other) > _share(title, own) and 2 * len(other) > len(own)):
        return other
    return own


def _drop_title(text: str, title: str) -> str:
    """The title is a field of its own; trafilatura often repeats it as the first line."""
    first, _, rest = text.partition("\n")
    return rest if _WORDS.findall(first.lower()) == _WORDS.findall(title.lower()) else text


def _share(title: str, text: str) -> float:
    """Part of the headline's longer words that the text repeats, whatever their endings."""
    wanted = {word[:5] for word in _WORDS.findall(title.lower()) if len(word) > 3}
    said = {word[:5] for word in _WORDS.findall(text[:TOPIC_CHARACTERS].lower())}
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _ask_trafilatura(tree: Any) -> str:
    """Favouring precision, without comments, metadata, language checks or its cache of seen texts: same page, same answer."""
    if sum(1 for _, _ in zip(tree.iter(), range(MAX_TRAFILATURA_ELEMENTS + 1), strict=False)) > MAX_TRAFILATURA_ELEMENTS:
        return ""
    page = etree.tostring(tree, encoding="utf-8", method="html")
    if len(page) > MAX_TRAFILATURA_BYTES:
        return ""
    import trafilatura  # half a second to import, and most pages never need it
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs every page it finds nothing on as an error
    found = trafilatura.bare_extraction(page, favor_precision=True, include_comments=False, include_tables=False,
                                        with_metadata=False, deduplicate=False)
    lines = (" ".join(line.split()) for line in (getattr(found, "text", None) or "").splitlines())
    return "\n".join(line for line in lines if line)
