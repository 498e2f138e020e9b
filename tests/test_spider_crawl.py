"""Whole crawls of small hostile and friendly sites on loopback, judged by what the servers saw."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.spider_site import ROOT, Answer, Site, article, run_crawl

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
RSS = {"Content-Type": "application/rss+xml"}
GZIP = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
DELAY = 0.2


@pytest.fixture
def site() -> Iterator[Site]:
    """A friendly site with three articles in a feed."""
    with Site(pages={f"/news/{number}": article(number) for number in range(3)}) as opened:
        feed = opened.feed(f"/news/{number}" for number in range(3))
        opened.pages["/feed.xml"] = Answer(feed, headers={**RSS, "ETag": '"feed"'})
        yield opened


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One crawl of eight sites at once: `rows` is what it said, the sites know what they were asked."""
    with ExitStack() as stack:
        names = ("good", "elsewhere", "closed", "broken", "free", "trap", "faulty", "strict")
        sites = {name: stack.enter_context(Site(f"127.0.6.{number}")) for number, name in enumerate(names, 1)}
        for number, site in enumerate(sites.values()):
            site.pages |= {f"/news/{n}": article(10 * number + n) for n in range(4)}
            site.pages["/feed.xml"] = Answer(site.feed(f"/news/{n}" for n in range(4)), headers=RSS)
        _set_up(sites)
        sources = {name: site.toml("feed:/feed.xml") for name, site in sites.items() if name != "elsewhere"}
        sources["trap"] = sites["trap"].toml("listing:/news/", allow="/")
        rows = run_crawl(tmp_path_factory.mktemp("web"), sources, delay=DELAY, max_bytes=100_000)
        yield SimpleNamespace(rows=rows, **sites)


def _set_up(sites: dict[str, Site]) -> None:
    elsewhere, good, faulty = sites["elsewhere"].base, sites["good"], sites["faulty"]
    paths = ["/news/0", "/news/1", f"{elsewhere}/news/1", "/private/x", "https://t.me/x"]
    good.pages["/feed.xml"] = Answer(good.feed(paths), headers=RSS)
    sites["closed"].pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /news/1\nDisallow: /news/2\n")
    sites["broken"].pages["/robots.txt"] = Answer(b"oops", status=500)
    sites["free"].pages["/robots.txt"] = Answer(b"none", status=404)
    sites["strict"].pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.5\n")
    sites["trap"].pages |= {"/news/": Answer(b"<a href='/news/0'>x</a><a rel='next' href='/news/?page=2'>next</a>")}
    sites["trap"].pages |= {
        f"/news/?page={n}": Answer(b"<a href='/news/0'>x</a><a rel='next' href='/news/?page=%d'>next</a>" % (n + 1))
        for n in range(2, 300)
    }
    faulty.pages |= {
        "/news/a": Answer(status=302, headers={"Location": f"{elsewhere}/news/1"}),
        "/news/b": Answer(status=302, headers={"Location": "http://10.0.0.1/news/1"}),
        "/news/c": Answer(status=302, headers={"Location": "/login"}),
        "/news/d": Answer(b"x" * 200_000),
        "/news/e": Answer(gzip.compress(b"a" * 2_000_000), headers=GZIP),
        "/news/f": Answer(b"half", headers={"Content-Length": "900", "Connection": "close"}),
        "/news/g": Answer(status=410),
        "/news/h": Answer(gzip.compress(article(77).body), headers=GZIP),
        "/news/i": Answer(status=302, headers={"Location": "/news/i"}),
    }
    faulty.pages["/feed.xml"] = Answer(faulty.feed(f"/news/{letter}" for letter in "abcdefghi"), headers=RSS)


def ended(row: dict) -> int:
    return sum(row[key] for key in ("fetched", "unchanged", "failed", "refused"))


def test_robots_txt_is_asked_first_and_once(web):
    for name in ("good", "closed", "broken", "free", "trap", "faulty", "strict"):
        paths = getattr(web, name).paths()
        assert paths[0] == "/robots.txt", name
        assert paths.count("/robots.txt") == (3 if name == "broken" else 1), name


def test_robots_txt_that_forbids_is_obeyed(web):
    assert not {"/news/1", "/news/2"} & set(web.closed.paths())
    assert web.rows["closed"]["fetched"] == 2
    assert web.rows["closed"]["reasons"]["robots.txt forbids"] == 2


def test_robots_txt_that_fails_closes_the_site(web):
    assert set(web.broken.paths()) == {"/robots.txt"}
    assert web.rows["broken"]["fetched"] == 0
    assert "robots.txt could not be read (HTTP 500)" in str(web.rows["broken"]["reasons"])


def test_robots_txt_that_is_not_there_opens_the_site(web):
    assert web.rows["free"]["fetched"] == 4


def test_links_to_other_sites_are_counted_and_not_followed(web):
    assert web.rows["good"]["fetched"] == 2
    assert web.rows["good"]["refused"] == 2
    assert "/private/x" not in web.good.paths()


def test_nobody_asks_a_site_that_is_in_no_catalogue(web):
    assert web.elsewhere.paths() == []


def test_every_fault_has_its_own_words(web):
    row = web.rows["faulty"]
    words = " | ".join(row["reasons"])
    for expected in ("redirect leads to another site, 127.0.6.2", "redirect leads to a private address, 10.0.0.1",
                     "redirect leads out of the source's article paths, to /login", "larger than", "unpacks to more than",
                     "connection closed before the whole page came", "HTTP 410", "redirects in a circle"):
        assert expected in words
    assert row["fetched"] == 1
    assert ended(row) == 9


def test_endless_list_ends(web):
    pages = [path for path in web.trap.paths() if path.startswith("/news/?")]
    assert len(pages) <= 50
    assert web.rows["trap"]["fetched"] == 1


def test_one_request_at_a_time_and_no_pause_below_the_floor(web):
    for name in ("good", "closed", "free", "trap", "faulty", "strict"):
        log = sorted(getattr(web, name).log, key=lambda asked: asked.began)
        # A body that we give up ends for us before it ends for the server: there the pause counts from the question.
        pauses = [later.began - (earlier.began if name == "faulty" else earlier.ended) for earlier, later in pairwise(log)]
        assert min(pauses) >= (0.5 if name == "strict" else DELAY), (name, pauses)


def test_requests_say_who_asks_and_carry_nothing_else(web):
    for asked in web.good.log:
        assert asked.headers["user-agent"].startswith("xabar/")
        assert "https://desk.example/contact" in asked.headers["user-agent"]
        assert not {"cookie", "referer", "authorization"} & set(asked.headers)


def test_second_crawl_is_conditional_and_brings_nothing_twice(site, tmp_path):
    sources = {"tong": site.toml("feed:/feed.xml")}
    assert run_crawl(tmp_path, sources)["tong"]["fetched"] == 3
    site.log.clear()
    second = run_crawl(tmp_path, sources)["tong"]
    assert (second["fetched"], second["unchanged"]) == (0, 3)
    assert all(asked.headers.get("if-none-match") for asked in site.log if asked.path != "/robots.txt")


def test_article_the_first_crawl_missed_comes_although_the_feed_is_unchanged(site, tmp_path):
    sources = {"tong": site.toml("feed:/feed.xml")}
    site.pages["/news/1"] = Answer(status=404)
    assert run_crawl(tmp_path, sources)["tong"]["fetched"] == 2
    site.pages["/news/1"] = article(1)
    second = run_crawl(tmp_path, sources)["tong"]
    assert (second["fetched"], second["unchanged"]) == (1, 2)


def test_same_bytes_without_validators_are_unchanged(tmp_path):
    with Site(pages={"/news/0": Answer(article(0).body, headers={"Content-Type": "text/html"})}) as site:
        site.pages["/feed.xml"] = Answer(site.feed(["/news/0"]), headers=RSS)
        sources = {"tong": site.toml("feed:/feed.xml")}
        assert run_crawl(tmp_path, sources)["tong"]["fetched"] == 1
        assert run_crawl(tmp_path, sources)["tong"]["unchanged"] == 1


def test_limit_is_per_source(site, tmp_path):
    row = run_crawl(tmp_path, {"tong": site.toml("feed:/feed.xml")}, "--limit", "2")["tong"]
    assert row["fetched"] == 2
    assert len([path for path in site.paths() if path.startswith("/news/")]) == 2


def test_list_is_paged_to_its_end(tmp_path):
    with Site(pages={f"/news/{number}": article(number) for number in range(6)}) as site:
        for number in (1, 2, 3):
            links = "".join(f"<a href='/news/{n}'>{n}</a>" for n in (2 * number - 2, 2 * number - 1))
            following = f"<a href='/news/?page={number + 1}'>next</a>" if number < 3 else ""
            site.pages["/news/" if number == 1 else f"/news/?page={number}"] = Answer((links + following).encode())
        assert run_crawl(tmp_path, {"tong": site.toml("listing:/news/")})["tong"]["fetched"] == 6


def test_scrapy_knows_the_spiders():
    command = [sys.executable, "-m", "scrapy", "list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["addresses", "feed", "listing", "report", "sitemap"]


def test_reasons_survive_as_json(site, tmp_path):
    site.pages["/news/2"] = Answer(status=403)
    row = run_crawl(tmp_path, {"tong": site.toml("feed:/feed.xml")})["tong"]
    assert json.loads(json.dumps(row)) == row
    assert row["reasons"] == {"HTTP 403": 1}
    assert os.listdir(tmp_path / "x-warc")


def test_database_knows_what_was_fetched(site, tmp_path):
    run_crawl(tmp_path, {"tong": site.toml("feed:/feed.xml")})
    done = subprocess.run([sys.executable, "-m", "pipeline.cli", "verify", "--db", str(Path(tmp_path, "x.db"))], cwd=ROOT,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
