"""An HTML page becomes an article: decoded, parsed once, then date, title and text read from the same tree."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from itertools import islice
from typing import Any

from pipeline.extract.article import Article
from pipeline.extract.budget import Budget
from pipeline.extract.encoding import decode
from pipeline.extract.hijri import name_calendar
from pipeline.extract.jsonld import read_articles
from pipeline.extract.jsonld import read_text as read_property
from pipeline.extract.published import find_title, read_structured_date, read_visible_date
from pipeline.extract.text import read_text
from pipeline.extract.tree import parse, read_blocks, squash, strip_unseen

MAX_TITLE_CHARACTERS = 500
MAX_HEADINGS = 20
MAX_SITE_CHARACTERS = 25
_SEPARATOR = re.compile(r"\s*(?:\||»|•|::)\s*|\s[—–-]\s")
_WORDS = re.compile(r"\w+")


def read_html(body: bytes, headers: Mapping[str, str], url: str, *, latest: date | None = None,
              zone: tzinfo | None = None) -> Article:
    """Title, text and day of one page; dates after `latest` are not believed. An empty text means there is no article.

    `zone` is the source's clock, by which a time in UTC becomes a day. Raises TooSlow.
    """
    budget = Budget()
    tree = parse(decode(body, headers))
    budget.check("parsing")
    if tree is None:
        return Article("", "")
    articles = read_articles(tree)
    stated = read_structured_date(tree, articles, latest, zone)
    title = read_title(tree, articles)
    strip_unseen(tree)
    budget.check("the metadata")
    blocks = read_blocks(tree)
    at = find_title(blocks, title)
    budget.check("cutting it into blocks")
    text = read_text(tree, blocks, title, at, budget)
    budget.check("finding the text")
    day, source = stated or read_visible_date(tree, blocks, at, text, url, latest, zone) or (None, None)
    return Article(title, text, day.isoformat() if day else None, source, calendar=name_calendar(day))


def read_title(tree: Any, articles: Sequence[dict[str, Any]]) -> str:
    """The headline: what <h1>, og:title, JSON-LD and <title> agree on, without the site's name."""
    named = squash("".join((tree.find(".//title").itertext()) if tree.find(".//title") is not None else ""))
    shared = _read_meta(tree, "og:title") or _read_meta(tree, "twitter:title")
    headline = squash(read_property(articles[0], "headline")) if articles else ""
    claims = [claim for claim in (headline, shared, named) if claim]
    headings = [text for element in islice(tree.iter("h1"), MAX_HEADINGS) if (text := squash("".join(element.itertext())))]
    for heading in headings:
        if not claims or any(_overlap(heading, claim) >= 0.6 for claim in claims):
            return heading[:MAX_TITLE_CHARACTERS]
    title = headline or _strip_site(shared, tree) or _strip_site(named, tree) or (headings[0] if headings else "")
    return title[:MAX_TITLE_CHARACTERS]


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
