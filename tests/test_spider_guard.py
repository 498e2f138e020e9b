"""What is never asked. The rules alone; test_spider_crawl.py shows that a whole crawl keeps them."""

import ipaddress
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.http import Request
from scrapy.settings import Settings
from twisted.internet.error import DNSLookupError

from spiders.guard import Guard, PublicResolver, Refused, is_private, read_networks
from spiders.source import Source, Start

LOOPBACK = ["127.0.0.0/8"]


def make_source(*hosts: str, allow: tuple[str, ...] = ("/news/",)) -> Source:
    return Source("tong", "Tong", f"https://{hosts[0]}/", "UZ", ("uz",), "newspaper", (Start("feed", f"https://{hosts[0]}/rss"),),
                  allow, frozenset(hosts))


def ask(url: str, source: Source, *, ranges: list[str] | None = None, **meta: object) -> None:
    crawler = SimpleNamespace(settings=Settings({"XABAR_ALLOW_PRIVATE_HOSTS": ranges or []}),
                              spider=SimpleNamespace(sources={source.id: source}))
    Guard(crawler).process_request(Request(url, meta={"source": source, **meta}))


def test_own_host_passes():
    ask("https://tong.example/news/1", make_source("tong.example"))


def test_robots_txt_belongs_to_no_source_but_must_be_of_one():
    source = make_source("tong.example")
    ask("https://tong.example/robots.txt", source, source_of_nobody=True)
    crawler = SimpleNamespace(settings=Settings(), spider=SimpleNamespace(sources={source.id: source}))
    Guard(crawler).process_request(Request("https://tong.example/robots.txt"))
    with pytest.raises(Refused, match="another site"):
        Guard(crawler).process_request(Request("https://elsewhere.example/robots.txt"))


@pytest.mark.parametrize(("url", "words"), [
    ("https://elsewhere.example/news/1", "another site, elsewhere.example"),
    ("https://tong.example:8443/news/1", "another site"),
    ("https://tong.example.elsewhere.example/", "another site"),
    ("https://t.me/news/1", "t.me is on the deny list"),
    ("https://www.t.me/", "on the deny list"),
    ("ftp://tong.example/news/1", "no web address"),
    ("file:///etc/hostname", "no web address"),
    ("data:text/html,x", "no web address"),
    ("http://127.0.0.1/news/1", "private address, 127.0.0.1"),
    ("http://10.1.2.3/", "private address"),
    ("http://169.254.169.254/latest/", "private address"),
    ("http://[::1]/", "private address"),
    ("http://[::ffff:10.0.0.1]/", "private address"),
    ("http://localhost/", "private address"),
])
def test_everything_else_is_refused_with_the_reason(url, words):
    with pytest.raises(Refused, match=words):
        ask(url, make_source("tong.example"))


def test_deny_list_wins_over_a_source_that_names_the_host():
    with pytest.raises(Refused, match="deny list"):
        ask("https://t.me/news/1", make_source("t.me"))


def test_private_address_of_a_source_needs_the_configuration():
    source = make_source("127.0.0.1")
    with pytest.raises(Refused, match="private address"):
        ask("http://127.0.0.1/news/1", source)
    ask("http://127.0.0.1/news/1", source, ranges=LOOPBACK)
    with pytest.raises(Refused, match="private address"):
        ask("http://10.0.0.1/news/1", make_source("10.0.0.1"), ranges=LOOPBACK)


def test_redirect_out_of_the_article_paths_is_refused():
    moved = {"redirect_urls": ["https://tong.example/news/1"], "article": True}
    ask("https://tong.example/news/2", make_source("tong.example"), **moved)
    with pytest.raises(Refused, match="redirect leads out of the source's article paths, to /login: refused"):
        ask("https://tong.example/login", make_source("tong.example"), **moved)


@pytest.mark.parametrize("host", ["0.0.0.0", "127.8.9.1", "192.168.1.1", "172.16.0.1",
                                  "100.64.0.1", "198.18.0.1", "[fe80::1]", "[fd00::1]", "::"])
def test_addresses_that_are_not_public(host):
    assert is_private(host, ())


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "tong.example", "10.example", ""])
def test_public_addresses_and_names(host):
    assert not is_private(host, ())


def test_broken_range_is_an_error():
    with pytest.raises(ValueError, match="127"):
        read_networks(["127.0.0.0/33"])


def test_name_that_resolves_to_a_private_address_is_not_resolved():
    resolver = PublicResolver.__new__(PublicResolver)
    resolver.allowed = [ipaddress.ip_network("127.0.0.0/8")]
    assert resolver._check("127.0.0.1", "tong.example") == "127.0.0.1"
    with pytest.raises(DNSLookupError, match=r"tong\.example leads to a private address, 10\.0\.0\.1"):
        resolver._check("10.0.0.1", "tong.example")


def test_no_file_of_the_room_speaks_to_a_proxy_or_poses_as_a_browser():
    room = Path(__file__).resolve().parent.parent / "spiders"
    assert not [path.name for path in room.glob("*.py") if "Mozilla" in path.read_text(encoding="utf-8")]
