"""An HTML page becomes an article: decoded, parsed once, then date, title and text read from the same tree."""

from collections.abc import Mapping
from datetime import date, tzinfo

from pipeline.extract.article import Article
from pipeline.extract.budget import Budget
from pipeline.extract.encoding import decode
from pipeline.extract.headline import read_title
from pipeline.extract.hijri import name_calendar
from pipeline.extract.jsonld import read_articles
from pipeline.extract.published import find_title, read_structured_date, read_visible_date
from pipeline.extract.text import read_text
from pipeline.extract.tree import parse, read_blocks, strip_unseen


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
