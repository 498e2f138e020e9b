"""An HTML page becomes an article: decoded, parsed once, then date, title and text read from the same tree."""

from collections.abc import Mapping
from datetime import date, tzinfo

from pipeline.extract.article import Article
from pipeline.extract.budget import Budget
from pipeline.extract.encoding import decode
from pipeline.extract.headline import read_title
from pipeline.extract.hijri import name_calendar
from pipeline.extract.jsonld import read_articles
from pipeline.extract.layout import drop_elements, read_own_date, read_own_text, read_own_title
from pipeline.extract.published import find_title, read_structured_date, read_visible_date
from pipeline.extract.text import read_text
from pipeline.extract.tree import parse, read_blocks, strip_unseen
from pipeline.records import Layout

NO_LAYOUT = Layout("")


def read_html(body: bytes, headers: Mapping[str, str], url: str, *, latest: date | None = None,
              zone: tzinfo | None = None, layout: Layout | None = None) -> Article:
    """Title, text and day of one page; dates after `latest` are not believed. An empty text means there is no article.

    `zone` is the source's clock, by which a time in UTC becomes a day; `layout` is where its file says that things stand.
    Raises TooSlow.
    """
    budget = Budget()
    tree = parse(decode(body, headers))
    budget.check("parsing")
    if tree is None:
        return Article("", "")
    articles = read_articles(tree)
    layout = layout or NO_LAYOUT
    stated = read_own_date(tree, layout, latest, zone) or read_structured_date(tree, articles, latest, zone)
    title = read_own_title(tree, layout) or read_title(tree, articles)
    strip_unseen(tree)
    drop_elements(tree, layout)
    budget.check("the metadata")
    blocks = read_blocks(tree)
    at = find_title(blocks, title)
    budget.check("cutting it into blocks")
    text = read_own_text(tree, blocks, layout) or read_text(tree, blocks, title, at, budget)
    budget.check("finding the text")
    day, source = stated or read_visible_date(tree, blocks, at, text, url, latest, zone) or (None, None)
    return Article(title, text, day.isoformat() if day else None, source, calendar=name_calendar(day))
