"""What the web and the machine throw at a crawl: the rest goes on, or the crawl stops with one line; nothing half-written."""

import gzip
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.evidence import find_damage
from pipeline.store import Store
from spiders.index import NotAnIndex
from spiders.sitemap import MAX_LINKS, read_sitemap
from spiders.source import Source, Start
from tests.spider_site import ROOT, SETTINGS, Answer, Site, article, run_crawl

HOME = "https://tong.example/"
SOURCE = Source("tong", "Tong", HOME, "UZ", ("uz",), "newspaper", (Start("sitemap", HOME),), ("/",), frozenset({"tong.example"}))
NAMESPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
RSS = {"Content-Type": "application/rss+xml"}


def urls(count: int, base: str = HOME) -> bytes:
    rows = "".join(f"<url><loc>{base}news/{n}</loc><lastmod>2026-01-{n % 28 + 1:02}</lastmod></url>" for n in range(count))
    return f"<?xml version='1.0'?><urlset {NAMESPACE}>{rows}</urlset>".encode()


def maps(addresses: list[str]) -> bytes:
    rows = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return f"<?xml version='1.0'?><sitemapindex {NAMESPACE}>{rows}</sitemapindex>".encode()


def test_a_sitemap_of_fifty_thousand_is_read_in_seconds_newest_first_and_cut() -> None:
    began = time.process_time()
    index = read_sitemap(gzip.compress(urls(50_000)), f"{HOME}s.xml.gz", SOURCE)
    assert time.process_time() - began < 10
    assert len(index.links) == MAX_LINKS
    assert {link.published for link in index.links[:1700]} == {"2026-01-28"}


@pytest.mark.parametrize("body", [
    b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><urlset><url><loc>&a;", b"\x1f\x8b broken", b"<html>", b"\xff\xfe"])
def test_what_is_no_sitemap_is_named(body: bytes) -> None:
    with pytest.raises(NotAnIndex):
        read_sitemap(body, HOME, SOURCE)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_rest_of_the_run_goes_on(tmp_path: Path) -> None:
    with Site("127.0.10.1") as nested, Site("127.0.10.2") as heavy, Site("127.0.10.3") as calendar, Site("127.0.10.4") as odd:
        nested.pages["/s.xml"] = Answer(maps([f"{nested.base}/a.xml.gz"]))
        nested.pages["/a.xml.gz"] = Answer(gzip.compress(maps([f"{nested.base}/b.xml"])))
        nested.pages |= {"/b.xml": Answer(maps([f"{nested.base}/c.xml", f"{nested.base}/s.xml"]))}
        nested.pages |= {"/c.xml": Answer(urls(3, f"{nested.base}/")), **{f"/news/{n}": article(n) for n in range(3)}}
        rules = b"User-agent: *\nDisallow: /private/\n" + b"# x\n" * 2_400_000
        heavy.pages |= {"/robots.txt": Answer(rules), "/news/1": article(1)}
        heavy.pages["/feed.xml"] = Answer(heavy.feed(["/news/1"]), headers=RSS)
        for day in range(1, 90):
            calendar.pages[f"/calendar/?page={day}"] = Answer(b"<a rel=next href='/calendar/?page=%d'>keyin</a>" % (day + 1))
        paths = ["/news/%D1%8F", "/news/я", "/news/a b", "/news/%zz"]
        odd.pages |= {"/news/%D1%8F": article(1), "/news/a%20b": article(2), "/news/%zz": article(3), "/news/%ZZ": article(3)}
        odd.pages["/feed.xml"] = Answer(odd.feed(paths), headers=RSS)
        rows = run_crawl(tmp_path, {
            "nested": nested.toml("sitemap:/s.xml"),
            "heavy": heavy.toml("feed:/feed.xml"),
            "calendar": calendar.toml("listing:/calendar/?page=1"),
            "odd": odd.toml("feed:/feed.xml"),
            "nowhere": odd.toml("feed:/feed.xml").replace(odd.base, "http://nowhere.invalid"),
        }, max_bytes=12_000_000)
        assert rows["nested"]["fetched"] == 3
        assert nested.paths().count("/s.xml") == 1, "an index that leads to itself is read once"
        assert rows["heavy"]["fetched"] == 1, "500 KiB of robots.txt are read, and its rules stand at its beginning"
        assert len([path for path in calendar.paths() if "calendar" in path]) <= 51
        assert rows["odd"]["fetched"] >= 2
        assert odd.paths().count("/news/%D1%8F") == 1, "two ways to write one address are one request"
        assert any("host name not found" in reason for reason in rows["nowhere"]["reasons"]), rows["nowhere"]["reasons"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_full_disk_stops_the_crawl_with_one_line_and_nothing_is_half_written(tmp_path: Path) -> None:
    with Site("127.0.10.5") as site:
        body = b"<p>" + os.urandom(40_000).hex().encode() + b"</p>"
        site.pages |= {f"/news/{n}": Answer(article(n).body + body, headers={"Content-Type": "text/html"}) for n in range(40)}
        site.pages["/feed.xml"] = Answer(site.feed(f"/news/{n}" for n in range(40)), headers=RSS)
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "tong.toml").write_text(site.toml("feed:/feed.xml"))
        (tmp_path / "x.toml").write_text(SETTINGS.format(delay=0.02, timeout=5.0, max_bytes=1_000_000), encoding="utf-8")
        Store.open(tmp_path / "x.db", create=True).close()
        line = [sys.executable, "-m", "pipeline.cli", "crawl", "--sources", str(tmp_path / "sources"),
                "--config", str(tmp_path / "x.toml"), "--db", str(tmp_path / "x.db")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(line, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=200,
                              preexec_fn=_no_file_above_half_a_megabyte)
    lines = [text for text in done.stderr.splitlines() if not text.startswith("so far: ")]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    assert "cannot be written" in lines[0]
    assert len(site.paths()) < 40, "a full disk is no reason to go on asking"
    with Store.open(tmp_path / "x.db") as store:
        assert find_damage(store) == []


def _no_file_above_half_a_megabyte() -> None:
    """As good as a full disk: a write fails in the middle."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
