"""What the demo newsroom answers: articles and listings from templates, feeds, sitemaps and robots.txt."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.demo.item import Item
from pipeline.demo.site import Site, load_words

ITEMS_PER_LISTING = 12
RELATED_ITEMS = 5
CRAWL_DELAY_SECONDS = 0.2

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before its transfer: what, of which type, last changed when."""

    body: bytes
    content_type: str
    modified: datetime | None = None
    status: int = 200


def answer(site: Site, path: str, query: str) -> Answer:
    """The answer of one site to one address; 404 where there is nothing."""
    fixed = {"/robots.txt": make_robots, "/feed.xml": make_feed, "/sitemap.xml": make_sitemap}
    if path in fixed:
        return fixed[path](site)
    if path in ("/", "/news/"):
        return make_listing(site, _page_number(query))
    if path.startswith("/private/"):
        return _render(site, "private", site.words, title=load_words()[site.words]["subscribers"])
    item = site.find_item(path.removeprefix("/news/")) if path.startswith("/news/") else None
    return make_article(site, item) if item else _render(site, "missing", site.words, title="404", status=404)


def make_article(site: Site, item: Item) -> Answer:
    """One item in its site's layout, in the item's own wording and declared charset."""
    others = [other for other in site.items if other != item and other.published]
    same = [other for other in others if other.words == item.words] or others
    at = sum(map(ord, item.slug)) % len(same)
    related = [*same[at:], *same[:at]][:RELATED_ITEMS]
    template = item.kind if item.kind != "article" else site.layout
    return _render(
        site, template, item.words, charset=item.charset, modified=item.published or _newest(site),
        item=item, title=item.title, related=related, json_ld=_describe(site, item), same=same,
    )


def make_listing(site: Site, number: int) -> Answer:
    """Page `number` of the site's HTML listing, newest first, with rel=next until the last one."""
    pages = max(1, -(-len(site.items) // ITEMS_PER_LISTING))
    if number > pages:
        return _render(site, "missing", site.words, title="404", status=404)
    chosen = site.items[(number - 1) * ITEMS_PER_LISTING : number * ITEMS_PER_LISTING]
    return _render(
        site, "listing", site.words, modified=_newest(site),
        title=load_words()[site.words]["news"], chosen=chosen, number=number, pages=pages,
    )


def make_feed(site: Site) -> Answer:
    """RSS 2.0 of the dated items, as many as the site gives away."""
    chosen = [item for item in site.items if item.published][: site.feed_items]
    return _render_xml(site, "feed.xml", "application/rss+xml", items=chosen)


def make_sitemap(site: Site) -> Answer:
    """News sitemap of every item, pages that are no articles included, as real ones do."""
    return _render_xml(site, "sitemap.xml", "application/xml", items=site.items)


def make_robots(site: Site) -> Answer:
    """The rules of every site: no /private/, not too fast, and where the sitemap is."""
    rules = f"User-agent: *\nDisallow: /private/\nCrawl-delay: {CRAWL_DELAY_SECONDS}\n\nSitemap: {site.base}/sitemap.xml\n"
    return Answer(rules.encode(), "text/plain; charset=utf-8", _newest(site))


def print_date(item: Item) -> str:
    """The day and time as a site of the item's language prints it; empty without a date."""
    if item.published is None:
        return ""
    words, moment = load_words()[item.words], item.published
    return str(words["date"]).format(
        year=moment.year, month=words["months"][moment.month - 1], day=moment.day, time=moment.strftime("%H:%M")
    )


def _page_number(query: str) -> int:
    value = parse_qs(query).get("page", ["1"])[0]
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 5 and int(value) > 0 else 1


def _newest(site: Site) -> datetime | None:
    return max((item.published for item in site.items if item.published), default=None)


def _describe(site: Site, item: Item) -> str:
    # Inside <script> only "<" can end the element, so it alone is escaped.
    facts = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": item.title,
        "datePublished": item.published.isoformat() if item.published else None, "inLanguage": item.language,
        "mainEntityOfPage": site.url_of(item), "publisher": {"@type": "Organization", "name": site.name},
    }
    return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")


def _render(
    site: Site, template: str, words: str, *,
    charset: str = "utf-8", modified: datetime | None = None, status: int = 200, **values: Any,
) -> Answer:
    wording = load_words()
    html = _TEMPLATES.get_template(f"{template}.html").render(
        site=site, words=wording[words], invented=wording["en-Latn"]["invented"], language=words.partition("-")[0],
        print_date=print_date, charset=charset, **values,
    )
    return Answer(html.encode(charset, "xmlcharrefreplace"), f"text/html; charset={charset}", modified, status)


def _render_xml(site: Site, template: str, content_type: str, items: Any) -> Answer:
    xml = _TEMPLATES.get_template(template).render(site=site, items=items, rfc_date=format_datetime)
    return Answer(xml.encode(), f"{content_type}; charset=utf-8", _newest(site))
