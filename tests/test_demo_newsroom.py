"""The demo's newsroom: what it holds, how it answers, and that it goes away without a trace."""

import gzip
import http.client
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.robotparser
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest

from pipeline.demo.item import Item, load_items
from pipeline.demo.newsroom import HOSTS, Newsroom
from pipeline.demo.site import Site, load_words
from pipeline.records import Stop
from spiders.source import load_sources

INVENTED = "Invented for the demo: no event on this page is real."
NO_SUCH_ADDRESS = "192.0.2.1"  # RFC 5737: belongs to nobody
ITEMS = load_items()
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom(port=0) as opened:
        yield opened


def find_site(room: Newsroom, name: str) -> Site:
    return next(site for site in room.sites if site.id == name)


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_every_page_says_in_english_and_in_its_own_language_that_it_is_invented(room: Newsroom) -> None:
    for url, item in room.expected().items():
        status, headers, body = fetch(url)
        assert status == 200, url
        html = unescape(body.decode(headers.get_content_charset("utf-8")))
        assert INVENTED in html, url
        assert load_words()[item.words]["invented"] in html, url
    for site in room.sites:
        for path in ("/", "/news/", "/private/archive"):
            assert INVENTED.encode() in fetch(site.base + path)[2], path


def test_one_page_is_windows_1251_and_says_so(room: Newsroom) -> None:
    [(url, item)] = [(url, item) for url, item in room.expected().items() if item.charset != "utf-8"]
    _, headers, body = fetch(url)
    assert headers["Content-Type"] == "text/html; charset=windows-1251"
    assert b'<meta charset="windows-1251">' in body
    assert item.title in body.decode("windows-1251")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_sites_have_hosts_and_layouts_of_their_own_and_are_found_in_different_ways(room: Newsroom) -> None:
    hosts = {urlsplit(site.base).hostname for site in room.sites}
    assert len(room.sites) == 5
    assert hosts in (set(HOSTS), {"127.0.0.1"})
    assert {site.start for site in room.sites} == {("feed",), ("sitemap",), ("listing",), ("feed", "listing")}
    assert len({site.layout for site in room.sites}) >= 3


def test_an_unchanged_page_answers_304_to_its_etag_and_to_its_date(room: Newsroom) -> None:
    paths = ("/feed.xml", "/sitemap.xml", "/news/", "/news/?page=2", "/robots.txt")
    for url in [*room.expected(), *(site.base + path for site in room.sites for path in paths if len(site.items) > 12)]:
        status, headers, body = fetch(url)
        assert (status, bool(body)) == (200, True), url
        again, _, nothing = fetch(url, If_None_Match=headers["ETag"])
        assert (again, nothing) == (304, b""), url
        assert fetch(url, If_Modified_Since=headers["Last-Modified"])[0] == 304, url


def test_a_changed_or_nonsensical_validator_gets_the_whole_page(room: Newsroom) -> None:
    url = next(iter(room.expected()))
    fresh = fetch(url)[1]["Last-Modified"]
    assert fetch(url, If_None_Match='W/"0000000000000000"')[0] == 200
    assert fetch(url, If_Modified_Since="Mon, 01 Jan 2024 00:00:00 GMT")[0] == 200
    assert fetch(url, If_Modified_Since="yesterday")[0] == 200
    assert fetch(url, If_None_Match='"other"', If_Modified_Since=fresh)[0] == 200


def test_gzip_is_given_to_who_asks_and_is_the_same_page(room: Newsroom) -> None:
    url = next(iter(room.expected()))
    _, plain_headers, plain = fetch(url)
    _, headers, packed = fetch(url, Accept_Encoding="gzip, deflate")
    assert plain_headers["Content-Encoding"] is None
    assert headers["Content-Encoding"] == "gzip"
    assert headers["ETag"] == plain_headers["ETag"]
    assert len(packed) < len(plain)
    assert gzip.decompress(packed) == plain


def test_head_has_the_headers_and_no_body(room: Newsroom) -> None:
    url = next(iter(room.expected()))
    status, headers, body = fetch(url, "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(fetch(url)[2])


def test_robots_forbids_private_pages_which_answer_and_show_in_the_log(room: Newsroom) -> None:
    for site in room.sites:
        rules = urllib.robotparser.RobotFileParser()
        rules.parse(fetch(f"{site.base}/robots.txt")[2].decode().splitlines())
        assert rules.can_fetch("xabar", f"{site.base}/news/anything")
        assert not rules.can_fetch("xabar", f"{site.base}/private/archive")
        assert rules.site_maps() == [f"{site.base}/sitemap.xml"]
        assert b"Crawl-delay: 0.2" in fetch(f"{site.base}/robots.txt")[2]
        assert fetch(f"{site.base}/private/archive", User_Agent="curious")[0] == 200
        assert ("/private/archive", "curious") in {(entry.path, entry.user_agent) for entry in room.log if entry.site == site.id}


def test_the_log_can_be_read_from_any_site_and_is_not_in_itself(room: Newsroom) -> None:
    url = next(iter(room.expected()))
    fetch(url, If_None_Match='W/"abc"', User_Agent="reader")
    rows = json.loads(fetch(room.sites[-1].base + "/-/log.json")[2])
    wanted = {"path": urlsplit(url).path, "status": 200, "user_agent": "reader", "if_none_match": 'W/"abc"'}
    assert wanted.items() <= rows[-1].items()
    assert not any(row["path"].startswith("/-/") for row in rows)


def test_sitemaps_name_every_page_of_their_site(room: Newsroom) -> None:
    for site in room.sites:
        tree = ElementTree.fromstring(fetch(f"{site.base}/sitemap.xml")[2])  # noqa: S314  our own server's answer
        assert [loc.text for loc in tree.findall("s:url/s:loc", SITEMAP)] == [site.url_of(item) for item in site.items]
        titles = [title.text for title in tree.findall("s:url/n:news/n:title", SITEMAP)]
        assert titles == [item.title for item in site.items if item.published]


def test_feeds_parse_and_date_their_entries(room: Newsroom) -> None:
    for site in room.sites:
        feed = feedparser.parse(fetch(f"{site.base}/feed.xml")[2])
        assert not feed.bozo
        dated = [item for item in site.items if item.published][: site.feed_items]
        assert [(entry.link, entry.title) for entry in feed.entries] == [(site.url_of(item), item.title) for item in dated]
        assert all(entry.published_parsed.tm_year == 2026 for entry in feed.entries)


def test_listings_lead_to_every_page_by_rel_next(room: Newsroom) -> None:
    for site in room.sites:
        url, seen, pages = f"{site.base}/news/", set[str](), 0
        while url:
            html, pages = fetch(url)[2].decode(), pages + 1
            seen |= {urljoin(url, path) for path in re.findall(r'href="(/news/[a-z][^"?]*)"', html)}
            following = re.search(r'rel="next" href="([^"]+)"', html)
            url = urljoin(url, unescape(following[1])) if following else ""
        assert seen == {site.url_of(item) for item in site.items}
        assert pages == -(-len(site.items) // 12)


def test_unknown_addresses_answer_404(room: Newsroom) -> None:
    base = room.sites[0].base
    for path in ("/news/none", "/news/?page=99", "/nothing", "/news/../../item.py", "/templates/paper.html"):
        assert fetch(base + path)[0] == 404, path
    assert fetch(f"{base}/news/?page=x")[0] == 200


def test_written_sources_are_what_the_spiders_load(room: Newsroom, tmp_path: Path) -> None:
    room.write_sources(tmp_path / "sources")
    room.write_sources(tmp_path / "sources")
    sources = load_sources(tmp_path / "sources")
    assert sources.keys() == {site.id for site in room.sites}
    for site in room.sites:
        source = sources[site.id]
        assert (source.name, source.homepage, source.languages) == (site.name, f"{site.base}/", site.languages)
        assert tuple(start.kind for start in source.start) == site.start
        assert all(fetch(start.url)[0] == 200 for start in source.start)
        assert all(source.allows(site.url_of(item)) for item in site.items)
        assert not source.allows(f"{site.base}/private/archive")
        assert set(site.languages) == {item.language for item in site.items if item.outcome != "unsupported-language"}


def test_stopping_ends_every_thread_and_connection_at_once() -> None:
    before = set(threading.enumerate())
    room = Newsroom(port=0)
    room.start()
    room.start()
    address = urlsplit(room.sites[0].base)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=5) as idle:
        idle.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        room.stop()
        assert time.monotonic() - began < 2
    room.stop()
    assert room.sites == ()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(address.hostname), address.port or 0), timeout=5)


def test_a_port_in_use_is_one_readable_line_and_leaves_nothing_listening() -> None:
    with Newsroom(port=0) as first:
        address = urlsplit(first.sites[0].base)
        second = Newsroom(port=address.port or 0, hosts=[str(address.hostname)] * 5)
        with pytest.raises(Stop, match=rf"{address.netloc} .*in use; end the program that listens there") as stopped:
            second.start()
        assert "\n" not in str(stopped.value)
        assert second.sites == ()


def test_without_addresses_of_its_own_every_site_gets_a_port_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), Newsroom(port=0, hosts=[NO_SUCH_ADDRESS] * 5) as room:
        assert {urlsplit(site.base).hostname for site in room.sites} == {"127.0.0.1"}
        assert len({site.base for site in room.sites}) == 5
        assert all(fetch(site.base + "/")[0] == 200 for site in room.sites)
    assert f"{NO_SUCH_ADDRESS} is no address of this machine: the demo's sites share 127.0.0.1" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_module_serves_until_it_is_told_to_end(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "pipeline.demo.newsroom", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert fetch(line.split()[0])[0] == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_every_item_belongs_to_a_site(room: Newsroom) -> None:
    served: list[Item] = [item for site in room.sites for item in site.items]
    assert Counter(item.slug for item in served) == Counter(item.slug for item in ITEMS)
    assert find_site(room, "mojaz-xabar").find_item("haj-kvotasi") is not None
