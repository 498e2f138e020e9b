"""`sources check`, `record` and `add` on a site of loopback: what works, what not, what the site suggests."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import make_page
from tests.spider_site import ROOT, SETTINGS, Answer, Site, article

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
RSS = {"Content-Type": "application/rss+xml"}
HOME = b"<html><head><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head><body>x</body></html>"


def sources(folder: Path, *arguments: object) -> tuple[int, str, str]:
    (folder / "x.toml").write_text(SETTINGS.format(delay=0.05, timeout=5.0, max_bytes=1_000_000), encoding="utf-8")
    line = [sys.executable, "-m", "pipeline.cli", "sources", *map(str, arguments), "--config", str(folder / "x.toml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=200)
    return done.returncode, done.stdout, done.stderr


def test_a_source_that_works_gets_its_day_and_one_that_does_not_gets_the_reasons(tmp_path: Path) -> None:
    with Site("127.0.9.1") as good, Site("127.0.9.2") as bad:
        for site in (good, bad):
            site.pages |= {f"/news/{number}": article(number) for number in range(4)}
            feed = site.feed(f"/news/{number}" for number in range(4))
            site.pages |= {"/": Answer(HOME), "/feed.xml": Answer(feed, headers=RSS)}
            site.pages["/robots.txt"] = Answer(f"User-agent: *\nDisallow:\nSitemap: {site.base}/map.xml\n".encode())
        folder = tmp_path / "sources"
        folder.mkdir()
        (folder / "good.toml").write_text(good.toml("feed:/feed.xml"))
        (folder / "bad.toml").write_text(bad.toml("feed:/old.xml", verified="false"))
        status, out, err = sources(tmp_path, "check", "--sources", folder, "--json")
        rows = {row["source"]: row for row in json.loads(out)}
        assert status == 1, err
        assert rows["good"]["works"] == [f"feed {good.base}/feed.xml: 4 items, 0 with a date, 4 in the article paths"]
        assert {article["language"] for article in rows["good"]["articles"]} == {"uz"}
        assert rows["bad"]["fails"] == ["feed: HTTP 404"]
        assert sorted(rows["bad"]["suggests"]) == [f"feed {bad.base}/feed.xml", f"sitemap {bad.base}/map.xml"]
        assert "verified_on = 20" in (folder / "good.toml").read_text()
        assert "verified_on" not in (folder / "bad.toml").read_text()
        assert len([path for path in good.paths() if path.startswith("/news/")]) == 2, "two articles are enough"


def test_a_golden_page_is_kept_with_what_was_read_from_it(tmp_path: Path) -> None:
    with Site("127.0.9.3", {"/news/1": article(1)}) as site:
        folder = tmp_path / "sources"
        folder.mkdir()
        (folder / "tong.toml").write_text(site.toml("feed:/feed.xml"))
        out_folder = ("--sources", folder, "--out", tmp_path / "golden")
        status, out, err = sources(tmp_path, "record", "tong", f"{site.base}/news/1", *out_folder)
        assert status == 0, err
        page = Path(out.strip())
        assert page.read_bytes() == make_page(1).body
        assert json.loads(page.with_suffix(".json").read_text())["language"] == "uz"
        site.pages |= {"/": Answer(HOME), "/news/2": article(2)}
        site.pages["/feed.xml"] = Answer(site.feed(["/news/1", "/news/2"]), headers=RSS)
        again = ("check", "tong", "--sources", folder, "--golden", tmp_path / "golden", "--json")
        status, out, err = sources(tmp_path, *again)
        assert (status, json.loads(out)[0]["changed"]) == (0, []), err
        title = json.loads(page.with_suffix(".json").read_text())["title"]
        site.pages["/news/1"] = Answer(make_page(1).body.replace(title.encode(), b"Boshqa sarlavha"))
        facts = json.loads(page.with_suffix(".json").read_text())
        page.with_suffix(".json").write_text(json.dumps(facts | {"published": "2001-01-01"}))
        status, out, err = sources(tmp_path, *again)
        assert status == 1
        changed = json.loads(out)[0]["changed"]
        was = f"from the same bytes: published was '2001-01-01', is {facts['published']!r}"
        assert changed[0] == f"golden page {site.base}/news/1: {was}"
        assert any(line.endswith(f"title was {title!r}, is 'Boshqa sarlavha'") for line in changed)
        del site.pages["/news/1"]
        assert f"golden page {site.base}/news/1: does not come any more" in json.loads(sources(tmp_path, *again)[1])[0]["changed"]
        status, _, err = sources(tmp_path, "record", "tong", f"{site.base}/about", "--sources", folder)
        assert status == 2
        assert "is not among the article paths of tong (/news/ on " in err


def test_a_new_site_becomes_a_file_with_the_ways_in_that_it_declares(tmp_path: Path) -> None:
    told = ("--name", "Tong", "--country", "UZ", "--languages", "uz,ru", "--kind", "news-site")
    with Site("127.0.9.4", {"/": Answer(HOME)}) as site:
        status, out, err = sources(tmp_path, "add", f"{site.base}/", *told, "--out", tmp_path / "own")
        assert status == 0, err
        [path] = (tmp_path / "own").glob("*.toml")
        assert tomllib.loads(path.read_text())["start"] == [{"feed": f"{site.base}/feed.xml"}]
        assert f"xabar sources check {path.stem}" in out
    status, _, err = sources(tmp_path, "add", "https://t.me/somebody", *told)
    assert status == 2
    assert "is on the deny list and is never asked" in err
