"""What hostile, broken and slow sites do to a crawl, and what must not come of it."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.spider_site import ROOT, Answer, Site, article, run_crawl, start_crawl

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
RSS = {"Content-Type": "application/rss+xml"}


def announce(site: Site, paths: Iterable[str], wait: float = 0.0) -> None:
    site.pages["/feed.xml"] = Answer(site.feed(paths), headers=RSS, wait=wait)


def crawl_feed(folder: Path, site: Site) -> dict[str, object]:
    return run_crawl(folder, {"s": site.toml("feed:/feed.xml")})["s"]


def test_two_addresses_that_lead_to_one_page_are_both_counted(tmp_path: Path) -> None:
    with Site() as site:
        site.pages |= {f"/news/{n}": Answer(status=302, headers={"Location": "/news/3"}) for n in (1, 2)} | {
            "/news/3": article(3)
        }
        announce(site, ["/news/1", "/news/2"])
        row = crawl_feed(tmp_path, site)
    assert row["fetched"] + row["unchanged"] + row["failed"] + row["refused"] == 2


def test_a_redirected_article_is_unchanged_at_the_second_crawl(tmp_path: Path) -> None:
    with Site() as site:
        site.pages |= {"/news/1": Answer(status=302, headers={"Location": "/news/3"}), "/news/3": article(3)}
        announce(site, ["/news/1"])
        assert crawl_feed(tmp_path, site)["fetched"] == 1
        assert crawl_feed(tmp_path, site)["unchanged"] == 1


def test_a_dead_site_is_a_failure_and_no_polite_refusal(tmp_path: Path) -> None:
    with Site() as site:
        toml = site.toml("feed:/feed.xml")
    row = run_crawl(tmp_path, {"s": toml})["s"]
    assert row["failed"] >= 1


def test_an_unchanged_index_of_sitemaps_still_leads_to_the_sitemaps_below_it(tmp_path: Path) -> None:
    name = "http://www.sitemaps.org/schemas/sitemap/0.9"

    def list_pages(*paths: str) -> Answer:
        urls = "".join(f"<url><loc>{site.base}{path}</loc></url>" for path in paths)
        return Answer(f"<urlset xmlns='{name}'>{urls}</urlset>".encode(), headers={"Content-Type": "application/xml"})

    with Site() as site:
        index = f"<sitemapindex xmlns='{name}'><sitemap><loc>{site.base}/below.xml</loc></sitemap></sitemapindex>".encode()
        site.pages |= {"/index.xml": Answer(index, headers={"ETag": '"i"'}), "/news/1": article(1), "/news/2": article(2)}
        site.pages["/below.xml"] = list_pages("/news/1")
        run_crawl(tmp_path, {"s": site.toml("sitemap:/index.xml")})
        site.pages["/below.xml"] = list_pages("/news/1", "/news/2")
        run_crawl(tmp_path, {"s": site.toml("sitemap:/index.xml")})
        assert "/news/2" in site.paths()


def test_a_host_gets_one_request_at_a_time_even_when_redirects_lead_to_it(tmp_path: Path) -> None:
    with Site("127.0.5.1") as first, Site("127.0.5.2") as second:
        first.pages |= {f"/news/{n}": Answer(status=302, headers={"Location": f"{second.base}/news/r{n}"}) for n in range(4)}
        second.pages |= {f"/news/r{n}": article(n, wait=0.3) for n in range(4)} | {
            f"/news/d{n}": article(20 + n, wait=0.3) for n in range(4)
        }
        announce(first, [f"/news/{n}" for n in range(4)] + [f"{second.base}/news/d{n}" for n in range(4)])
        run_crawl(tmp_path, {"s": first.toml("feed:/feed.xml", hosts=f'["{second.netloc}"]')}, delay=0.2)
        log = sorted(second.log, key=lambda asked: asked.began)
    assert len(log) >= 8
    assert min(later.began - earlier.ended for earlier, later in pairwise(log)) >= 0.2


def test_a_crawl_that_is_told_to_stop_ends_soon(tmp_path: Path) -> None:
    with Site() as site:
        site.pages |= {f"/news/{n}": article(n) for n in range(60)}
        announce(site, [f"/news/{n}" for n in range(60)])
        process = start_crawl(tmp_path, {"s": site.toml("feed:/feed.xml")}, delay=1.0)
        deadline = time.monotonic() + 90
        while len(site.log) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=200)
        assert 4 <= len(site.log) < 50, "more than a minute of pauses was left"


def test_a_host_that_hangs_up_again_and_again_is_left_alone(tmp_path: Path) -> None:
    with Site() as site:
        site.pages |= {f"/news/{n}": Answer(hang_up=True) for n in range(12)}
        announce(site, [f"/news/{n}" for n in range(12)])
        row = crawl_feed(tmp_path, site)
        assert len(site.log) <= 8
    assert row["failed"] == 12
    assert any("given up after 5" in reason for reason in row["reasons"])


def test_scrapy_itself_lists_and_crawls(tmp_path: Path) -> None:
    with Site() as site:
        site.pages["/news/1"] = article(1)
        announce(site, ["/news/1"])
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "s.toml").write_text(site.toml("feed:/feed.xml"))
        crawl = ["crawl", "feed", "-a", "source=s", "-a", f"sources={tmp_path}/sources", "-O", f"{tmp_path}/o.jsonl"]
        quick = ["XABAR_ALLOW_PRIVATE_HOSTS=127.0.0.0/8", "DOWNLOAD_DELAY=0.1", "AUTOTHROTTLE_START_DELAY=0.1"]
        listed, crawled = (
            subprocess.run(
                [sys.executable, "-m", "scrapy", *arguments],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            for arguments in (["list"], [*crawl, *(part for setting in quick for part in ("-s", setting))])
        )
    assert listed.stdout.split() == ["addresses", "feed", "listing", "report", "sitemap"]
    assert crawled.returncode == 0, crawled.stderr
    [line] = (tmp_path / "o.jsonl").read_text().splitlines()
    assert json.loads(line)["url"].endswith("/news/1")


def test_robots_txt_that_redirects_nowhere_closes_the_site(tmp_path: Path) -> None:
    with Site(robots=Answer(status=302)) as site:
        site.pages["/news/1"] = article(1)
        announce(site, ["/news/1"])
        crawl_feed(tmp_path, site)
        assert "/feed.xml" not in site.paths()


def test_a_retry_waits_as_long_as_the_site_asks(tmp_path: Path) -> None:
    with Site() as site:
        site.pages["/news/1"] = lambda n: Answer(status=503, headers={"Retry-After": "2"}) if n == 1 else article(1)
        announce(site, ["/news/1"])
        crawl_feed(tmp_path, site)
        first, second = (asked.began for asked in site.log if asked.path == "/news/1")
    assert second - first >= 2


def test_opt_outs_are_refused_and_unreadable_packing_fails(tmp_path: Path) -> None:
    with Site() as site:
        site.pages |= {
            "/news/1": Answer(article(1).body, headers={"X-Robots-Tag": "noindex, noarchive"}),
            "/news/2": Answer(article(2).body, headers={"TDM-Reservation": "1"}),
            "/news/3": Answer(b"\x8b\x00\x80abc\x03", headers={"Content-Encoding": "compress"}),
            "/news/4": Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
            "/news/5": Answer(gzip.compress(b"a" * 5_000_000), headers={"Content-Encoding": "gzip"}),
        }
        announce(site, [f"/news/{n}" for n in range(1, 6)])
        row = crawl_feed(tmp_path, site)
    assert (row["fetched"], row["refused"], row["failed"]) == (0, 2, 3)


def test_a_page_in_another_character_set_than_it_declares_is_kept_and_noted(tmp_path: Path) -> None:
    body = "<html><body><p>Министерство сообщило о работе пункта пропуска.</p></body></html>".encode("cp1251")
    with Site() as site:
        site.pages["/news/1"] = Answer(body, headers={"Content-Type": "text/html; charset=utf-8"})
        announce(site, ["/news/1"])
        row = crawl_feed(tmp_path, site)
    assert (row["fetched"], row["failed"]) == (1, 0)
    assert row["reasons"] == {"declares utf-8 and is in another character set": 1}


def test_one_bad_link_does_not_cost_the_feed(tmp_path: Path) -> None:
    with Site() as site:
        site.pages["/news/1"] = article(1)
        announce(site, ["http://[::1", "http://127.0.5.1:99999/news/9", "/news/1"])
        assert crawl_feed(tmp_path, site)["fetched"] == 1


def test_a_list_that_goes_on_without_anything_new_is_left_at_once(tmp_path: Path) -> None:
    def page(number: int) -> Answer:
        return Answer(f"<a href='/news/1'>x</a><a rel='next' href='/news/?page={number + 1}'>next</a>".encode())

    with Site() as site:
        site.pages |= {"/news/1": article(1), "/news/": page(1)} | {f"/news/?page={n}": page(n) for n in range(2, 80)}
        run_crawl(tmp_path, {"s": site.toml("listing:/news/")})
        assert len(site.log) < 6


def test_a_wrong_allow_does_not_look_like_an_empty_source(tmp_path: Path) -> None:
    with Site() as site:
        announce(site, ["/xabar/1", "/xabar/2"])
        assert crawl_feed(tmp_path, site)["reasons"] == {"links outside the allowed paths, not followed": 2}
