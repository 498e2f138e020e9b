"""The headline of a page: what its headings, its metadata and its <title> agree on, without the site's name."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pipeline.extract.jsonld import read_text as read_property
from pipeline.extract.tree import squash

MAX_TITLE_CHARACTERS = 500
MAX_HEADINGS = 20
MAX_SMALL_HEADINGS = 500  # lists of other articles often stand before the article
MAX_SITE_CHARACTERS = 25
LEAST_SHARED = 0.6  # of the heading's words
_SEPARATOR = re.compile(r"\s*(?:\||»|•|::)\s*|\s[—–-]\s")
_WORDS = re.compile(r"\w+")


def read_title(tree: Any, articles: Sequence[dict[str, Any]]) -> str:
    """The headline: what <h1>, og:title, JSON-LD and <title> agree on, without the site's name."""
    named = squash("".join((tree.find(".//title").itertext()) if tree.find(".//title") is not None else ""))
    shared = _read_meta(tree, "og:title") or _read_meta(tree, "twitter:title")
    headline = squash(read_property(articles[0], "headline")) if articles else ""
    claims = [claim for claim in (headline, shared, named) if claim]
    headings = list(_iter_headings(tree, MAX_HEADINGS, "h1"))
    for heading in headings:
        if not claims or any(_overlap(heading, claim) >= LEAST_SHARED for claim in claims):
            if better := _find_beside_site(tree, heading, claims):
                return better[:MAX_TITLE_CHARACTERS]
            return heading[:MAX_TITLE_CHARACTERS]
    title = headline or _strip_site(shared, tree) or _strip_site(named, tree) or (headings[0] if headings else "")
    return title[:MAX_TITLE_CHARACTERS]


def _find_beside_site(tree: Any, heading: str, claims: Sequence[str]) -> str:
    """The headline where the <h1> is only the site's name: a longer part of the <title>, which a smaller heading repeats."""
    parts = [part for claim in claims for part in _SEPARATOR.split(claim) if part]
    if not any(_fold(part) == _fold(heading) for part in parts):
        return ""
    longer = {_fold(part) for part in parts if len(part) > len(heading)}
    return next((other for other in _iter_headings(tree, MAX_SMALL_HEADINGS, "h2", "h3") if _fold(other) in longer), "")


def _iter_headings(tree: Any, most: int, *tags: str) -> Iterator[str]:
    texts = (squash("".join(element.itertext())) for element in islice(tree.iter(*tags), most))
    return (text for text in texts if text)


def _fold(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


def _read_meta(tree: Any, name: str) -> str:
    for element in tree.iter("meta"):
        if (element.get("property") or element.get("name") or "").lower() == name:
            return squash(element.get("content") or "")
    return ""


def _overlap(heading: str, claim: str) -> float:
    """Share of the heading's words that the claim has too."""
    words = _WORDS.findall(heading.lower())
    known = set(_WORDS.findall(claim.lower()))
    return sum(word in known for word in words) / len(words) if words else 0.0


def _strip_site(title: str, tree: Any) -> str:
    """`Headline | Site`: the site's name goes, where og:site_name says it or where the tail looks like one."""
    site = _read_meta(tree, "og:site_name").lower()
    title = title[:MAX_TITLE_CHARACTERS]
    while separators := list(_SEPARATOR.finditer(title)):
        cut = separators[-1]
        head, tail = title[: cut.start()], title[cut.end():]
        is_dash = cut[0].strip() in ("—", "–", "-")
        if not head or (is_dash and tail.lower() != site and (len(tail) > MAX_SITE_CHARACTERS or len(head) < 2 * len(tail))):
            break  # a dash may belong to the headline
        title = head
    return title
