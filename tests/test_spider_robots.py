"""robots.txt is asked for once a day: what was read holds for several crawls, what could not be read is asked again."""

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.records import Rules
from pipeline.store import Store
from tests.spider_site import Answer, Site, article, run_crawl

RSS = {"Content-Type": "application/rss+xml"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def age(database: Path, hours: int) -> None:
    """Move what is known of robots.txt into the past."""
    raw = sqlite3.connect(database)
    raw.execute("UPDATE robots SET fetched_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', ?)", (f"{-hours} hours",))
    raw.commit()
    raw.close()


def test_rules_hold_for_a_day_and_are_obeyed_from_memory_too(tmp_path: Path) -> None:
    rules = Answer(b"User-agent: *\nDisallow: /news/2\nCrawl-delay: 0.3\n")
    with Site("127.0.11.10", robots=rules) as known, Site("127.0.11.11", robots=Answer(status=500)) as closed:
        for site in (known, closed):
            site.pages |= {f"/news/{number}": article(number) for number in range(3)}
            site.pages["/feed.xml"] = Answer(site.feed(f"/news/{number}" for number in range(3)), headers=RSS)
        sources = {"known": known.toml("feed:/feed.xml"), "closed": closed.toml("feed:/feed.xml")}
        assert run_crawl(tmp_path, sources)["known"]["fetched"] == 2
        site_log = len(known.log)
        again = run_crawl(tmp_path, sources)
        later = known.log[site_log:]
        assert "/robots.txt" not in [asked.path for asked in later]
        assert again["known"]["reasons"] == {"robots.txt forbids": 1}
        assert again["closed"]["fetched"] == 0
        assert closed.paths().count("/robots.txt") >= 2, "what could not be read is asked again by every crawl"
        assert set(closed.paths()) == {"/robots.txt"}
        assert all(b.began - a.began >= 0.3 for a, b in pairwise(later)), "Crawl-delay is remembered too"
        age(tmp_path / "x.db", 25)
        site_log = len(known.log)
        run_crawl(tmp_path, sources)
        assert next(asked.path for asked in known.log[site_log:]) == "/robots.txt", "a day later it is asked again, and first"
        assert "/news/2" not in known.paths()


def test_what_is_known_for_longer_or_from_the_future_is_not_used(store: Store) -> None:
    store.pages.remember_rules(Rules("a.example", 404, b""))
    assert store.pages.recall_rules("a.example") == Rules("a.example", 404, b"")
    assert store.pages.recall_rules("b.example") is None
    for hours in (25, -2):
        age(store.path, hours)
        assert store.pages.recall_rules("a.example") is None
