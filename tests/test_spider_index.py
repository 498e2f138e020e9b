"""Reading what announces articles: feeds, sitemaps and lists, sound ones and broken ones."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spiders.feed import read_feed
from spiders.index import NotAnIndex
from spiders.listing import read_listing
from spiders.sitemap import read_sitemap
from spiders.source import Source, load_source

HOME = "https://tong.example"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "tong.toml"
    path.write_text(f'name = "Tong"\nhomepage = "{HOME}/"\ncountry = "UZ"\nlanguages = ["uz"]\nkind = "newspaper"\n'
                    f'start = [{{feed = "{HOME}/rss"}}]\nallow = ["/news/"]\n', encoding="utf-8")
    return load_source(path)


def urls(index):
    return [link.url for link in index.links]


def test_rss_gives_addresses_titles_and_dates(source):
    body = ("<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Тонг</title>"
            "<item><title>Йўл очилди &amp; таъмирланди</title><link> /news/1 </link>"
            "<pubDate>Fri, 02 Jan 2026 10:30:00 +0500</pubDate></item>"
            "<item><title></title><link>https://tong.example/news/2</link></item></channel></rss>").encode()
    first, second = read_feed(body, f"{HOME}/rss", source).links
    assert first.url == f"{HOME}/news/1"
    assert first.title == "Йўл очилди & таъмирланди"
    assert datetime.fromisoformat(first.published or "") == datetime(2026, 1, 2, 5, 30, tzinfo=UTC)
    assert (second.title, second.published) == (None, None)


def test_atom_gives_addresses(source):
    body = (b"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><entry><id>1</id><title>a</title>"
            b"<link href='/news/1'/><updated>2026-01-02T10:30:00Z</updated></entry></feed>")
    [link] = read_feed(body, f"{HOME}/atom", source).links
    assert link.url == f"{HOME}/news/1"
    assert datetime.fromisoformat(link.published or "") == datetime(2026, 1, 2, 10, 30, tzinfo=UTC)


def test_feed_in_windows_1251_is_read(source):
    body = ("<?xml version='1.0' encoding='windows-1251'?><rss version='2.0'><channel><item><title>Новости дня</title>"
            "<link>https://tong.example/news/1</link></item></channel></rss>").encode("cp1251")
    assert read_feed(body, HOME, source).links[0].title == "Новости дня"


def test_feed_with_an_unescaped_ampersand_is_read_all_the_same(source):
    body = (b"<rss version='2.0'><channel><item><title>A & B</title><link>https://tong.example/news/1?a=1&b=2</link></item>"
            b"<item><title>C</title><link>https://tong.example/news/2</link></item></channel>")
    assert len(read_feed(body, HOME, source).links) == 2


def test_entities_of_a_feed_are_not_blown_up(source):
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    body = (f"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY e0 'aaaaaaaaaa'>{levels}]><rss version='2.0'><channel>"
            "<item><title>&e11;</title><link>https://tong.example/news/1</link></item></channel></rss>").encode()
    index = read_feed(body, HOME, source)
    assert len(index.links[0].title or "") < 10_000


@pytest.mark.parametrize(("body", "words"), [
    (b"", "0 bytes"),
    (b"<!doctype html><html><head><title>Not found</title></head><body>x</body></html>", "HTML page, not a feed"),
    (b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>", "has no items"),
    (b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</tit", "not well-formed and has no items"),
])
def test_what_is_no_feed_is_named(source, body, words):
    with pytest.raises(NotAnIndex, match=words):
        read_feed(body, HOME, source)


SITEMAP = (b"<?xml version='1.0' encoding='UTF-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
           b"<url><loc>https://tong.example/news/old</loc><lastmod>2025-01-01</lastmod></url>"
           b"<url><loc>https://tong.example/news/none</loc></url>"
           b"<url><loc> https://tong.example/news/new </loc><lastmod>2026-01-01T10:00:00Z</lastmod></url></urlset>")


@pytest.mark.parametrize("body", [SITEMAP, gzip.compress(SITEMAP)])
def test_sitemap_is_read_newest_first_packed_or_not(source, body):
    assert urls(read_sitemap(body, HOME, source)) == [f"{HOME}/news/{name}" for name in ("new", "old", "none")]


def test_sitemap_index_leads_to_sitemaps_and_not_to_articles(source):
    body = (b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>https://tong.example/a.xml</loc>"
            b"<lastmod>2025-01-01</lastmod></sitemap><sitemap><loc>https://tong.example/b.xml</loc><lastmod>2026-01-01</lastmod>"
            b"</sitemap></sitemapindex>")
    index = read_sitemap(body, HOME, source)
    assert index.links == ()
    assert index.indexes == (f"{HOME}/b.xml", f"{HOME}/a.xml")


def test_endless_sitemap_is_cut(source):
    body = b"<urlset>" + b"".join(b"<url><loc>https://tong.example/news/%d</loc></url>" % n for n in range(5000)) + b"</urlset>"
    assert len(read_sitemap(body, HOME, source).links) == 2000


@pytest.mark.parametrize(("body", "words"), [
    (b"", "0 bytes"),
    (b"<html><body><p>Not found</p></body></html>", "HTML page, not a sitemap|not a sitemap|no addresses"),
    (b"\x1f\x8b\x08\x00broken", "cannot be unpacked"),
    (b"\xff\xd8\xff\xe0 a picture", "not a sitemap|no addresses"),
])
def test_what_is_no_sitemap_is_named(source, body, words):
    with pytest.raises(NotAnIndex, match=words):
        read_sitemap(body, HOME, source)


def page(*parts: str) -> bytes:
    return f"<html><body>{''.join(parts)}</body></html>".encode()


def test_list_gives_articles_of_the_allowed_paths_and_the_next_page(source):
    body = page("<a href='/news/1'> Birinchi\n xabar </a>", "<a href='2'>Ikkinchi</a>", "<a href='/about'>Biz</a>",
                "<a href='https://t.me/x'>kanal</a>", "<a rel='next' href='?page=2'>keyingi</a>",
                "<a href='mailto:a@b.example'>xat</a>")
    index = read_listing(body, f"{HOME}/news/", source)
    assert urls(index) == [f"{HOME}/news/1", f"{HOME}/news/2", "https://t.me/x"]
    assert index.links[0].title == "Birinchi xabar"
    assert index.next_url == f"{HOME}/news/?page=2"


def test_next_page_is_found_by_its_number(source):
    links = "".join(f"<a href='/news/?page={number}'>{number}</a>" for number in (1, 2, 3, 4))
    index = read_listing(page("<a href='/news/1'>x</a>", links), f"{HOME}/news/?page=2", source)
    assert index.next_url == f"{HOME}/news/?page=3"


def test_last_page_leads_nowhere(source):
    links = "".join(f"<a href='/news/?page={number}'>{number}</a>" for number in (1, 2, 3))
    assert read_listing(page("<a href='/news/1'>x</a>", links), f"{HOME}/news/?page=3", source).next_url is None


@pytest.mark.parametrize(("body", "words"), [
    (b"", "0 bytes"),
    (page("<p>Not found</p>"), "links to no article$"),
    (page("<a href='/news/?page=2'>next</a>"), "links to no article, only to further lists"),
])
def test_what_is_no_list_is_named(source, body, words):
    with pytest.raises(NotAnIndex, match=words):
        read_listing(body, f"{HOME}/news/", source)
