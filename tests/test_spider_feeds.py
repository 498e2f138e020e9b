"""Feeds, good and malformed, lists of reports and lists of addresses: what is announced, or why nothing is."""

import tarfile
from collections import Counter
from pathlib import Path

import pytest

from spiders.addresses import read_addresses
from spiders.discovery import read_homepage, read_robots
from spiders.feed import read_feed
from spiders.index import NotAnIndex
from spiders.report import read_reports
from spiders.source import Source, SourceError, Start, load_sources
from tests.test_source import GOOD

HOME = "https://tong.example/"
SOURCE = Source("tong", "Tong", HOME, "UZ", ("uz",), "think-tank", (Start("report", HOME),), ("/",), frozenset({"tong.example"}))


@pytest.mark.quality
@pytest.mark.timeout(600)
def test_every_feed_of_the_collection_is_read_or_refused_with_a_reason(eval_data: Path) -> None:
    """2,106 feeds, many made to be malformed: no exception but NotAnIndex, and the readable ones give their items."""
    read, reasons = 0, Counter()
    with tarfile.open(eval_data / "data" / "web" / "feeds.tar.gz") as archive:
        bodies = [archive.extractfile(member).read() for member in archive if member.isfile()]
    for body in bodies:
        try:
            links = read_feed(body, HOME, SOURCE).links
            assert all(isinstance(link.url, str) for link in links)
            read += 1
        except NotAnIndex as error:
            reasons[str(error)] += 1
    print(f"feeds {len(bodies)}, with links {read}, refused {dict(reasons)}")
    assert len(bodies) >= 2000
    assert read + sum(reasons.values()) == len(bodies)
    assert read > 0


def test_reports_come_first_as_files_and_then_as_pages() -> None:
    body = b"<a href='/docs/a.pdf'>Hisobot  A</a><a href='/reports/b'>B</a><a href='https://else.example/c.pdf'>C</a>"
    index = read_reports(body, f"{HOME}reports/", SOURCE)
    assert (index.links[0].url, index.links[0].title) == (f"{HOME}docs/a.pdf", "Hisobot A")
    assert f"{HOME}reports/b" in [link.url for link in index.links]


def test_a_list_of_addresses_has_one_a_line() -> None:
    index = read_addresses(b"# izoh\n/a\nhttps://tong.example/b  2026\n\nx\n", f"{HOME}list.txt", SOURCE)
    assert [link.url for link in index.links] == [f"{HOME}a", f"{HOME}b"]
    for body, words in ((b"<html>", "is an HTML page"), (b"# only\n", "has no addresses"), (b"", "has no addresses")):
        with pytest.raises(NotAnIndex, match=words):
            read_addresses(body, HOME, SOURCE)


def test_a_site_says_where_its_feeds_and_sitemaps_are() -> None:
    page = (b"<link rel='alternate' type='application/rss+xml' title='RSS' href='/rss'>"
            b"<link rel='alternate' hreflang='ru' href='/ru'><link rel='alternate' type='application/atom+xml' href='https://x.example/a'>")
    assert [link.url for link in read_homepage(page, HOME, SOURCE).links] == [f"{HOME}rss"]
    robots = b"User-agent: *\nDisallow:\nSitemap: https://tong.example/s.xml\n sitemap:/t.xml.gz\n"
    assert [link.url for link in read_robots(robots, f"{HOME}robots.txt", SOURCE).links] == [f"{HOME}s.xml", f"{HOME}t.xml.gz"]
    for read, body in ((read_homepage, b"<p>"), (read_robots, b"User-agent: *")):
        with pytest.raises(NotAnIndex):
            read(body, HOME, SOURCE)


def test_an_address_that_two_sources_announce_is_asked_for_one_of_them_only(tmp_path: Path) -> None:
    (tmp_path / "tong.toml").write_text(GOOD)
    (tmp_path / "kun.toml").write_text(GOOD)
    with pytest.raises(SourceError, match=r"tong\.toml: start: https://tong.example/rss is a way into 'kun' too"):
        load_sources(tmp_path)
