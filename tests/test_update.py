"""`xabar update` as a timer starts it: what is due, who holds the lease, what is left, and what it says."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline.alarm import tell
from pipeline.config import load_config
from pipeline.crawl import choose_sources
from pipeline.custody.inspection import inspect_archive
from pipeline.health.judge import Change, judge
from pipeline.lease import Lease
from pipeline.metrics import write_metrics
from pipeline.records import Stop
from pipeline.run import run
from pipeline.schedule import find_due
from pipeline.source_commands import CATALOGUE
from pipeline.store import Store
from pipeline.update import choose_shard
from tests.spider_site import ROOT, SETTINGS, Answer, Site, article

RSS = {"Content-Type": "application/rss+xml", "ETag": '"feed"'}
CHANGE = Change("tong", "ok", "broken", "nothing new", datetime(2026, 10, 5, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration and an empty folder of sources."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "x.toml").write_text(SETTINGS.format(delay=0.05, timeout=3.0, max_bytes=1_000_000), encoding="utf-8")
    return tmp_path


def start(folder: Path, command: str, *arguments: str) -> "subprocess.Popen[str]":
    config = ("--config", str(folder / "x.toml")) if command == "update" else ()
    line = [sys.executable, "-m", "pipeline.cli", command, "--json", "--sources", str(folder / "sources"), *config,
            "--db", str(folder / "x.db"), *arguments]
    return subprocess.Popen(line, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: "subprocess.Popen[str]") -> tuple[int, dict, str]:
    out, err = process.communicate(timeout=110)
    assert process.returncode in (0, 1), err
    return process.returncode, json.loads(out), err


def friendly(site: Site, count: int = 3) -> str:
    site.pages |= {f"/news/{number}": article(number) for number in range(count)}
    site.pages["/feed.xml"] = Answer(site.feed(f"/news/{number}" for number in range(count)), headers=RSS)
    return site.toml("feed:/feed.xml")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_update_does_all_once_and_its_successor_finds_nothing_due(folder: Path) -> None:
    with Site("127.0.8.1") as site:
        (folder / "sources" / "tong.toml").write_text(friendly(site))
        status, done, _ = finish(start(folder, "update"))
        assert (status, done["due"], done["fetched"], done["outcomes"]) == (0, 1, 3, {"document": 3})
        asked = len(site.log)
        assert finish(start(folder, "update"))[1]["due"] == 0
        assert len(site.log) == asked, "nothing was due, so nobody was asked"
        status, shown, _ = finish(start(folder, "status"))
        assert [(row["source"], row["state"], row["week"]) for row in shown["sources"]] == [("tong", "ok", 3)]
        assert status == 0
    with Store.open(folder / "x.db") as store:
        [visit] = store.visits.ledger()
        assert visit["ended_at"]
        assert visit["why_not"] is None
        assert store.visits.history("tong", "2000")[0]["measured"]["languages"] == {"uz": 3}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_terminated_update_ends_cleanly_and_what_was_cut_off_is_still_due(folder: Path) -> None:
    with Site("127.0.8.2") as quick, Site("127.0.8.3") as slow:
        (folder / "sources" / "quick.toml").write_text(friendly(quick))
        (folder / "sources" / "slow.toml").write_text(friendly(slow, 40))
        for number in range(40):
            slow.pages[f"/news/{number}"] = article(number, wait=0.5)
        process = start(folder, "update")
        deadline = time.monotonic() + 60
        while sum(path.startswith("/news/") for path in slow.paths()) < 3 and time.monotonic() < deadline:
            time.sleep(0.1)
        held = start(folder, "update")
        assert held.wait(timeout=60) == 2
        assert held.communicate()[1].startswith(f"xabar: 'xabar update' runs already: process {process.pid} on ")
        process.send_signal(signal.SIGTERM)
        status, done, err = finish(process)
        assert status == 1
        assert "stopped by a signal" in done["left"]
        assert "Traceback" not in err
    with Store.open(folder / "x.db") as store:
        sources = choose_sources(folder / "sources", [])
        assert list(find_due(store, sources, datetime.now(UTC))) == ["slow"]
        why = {row["source"]: row["why_not"] for row in store.visits.ledger()}
        assert why == {"quick": None, "slow": "stopped before its end"}
        with Lease(folder / "x.db"):
            pass


def test_a_second_lease_says_who_holds_the_first(tmp_path: Path) -> None:
    with Lease(tmp_path / "x.db"), pytest.raises(Stop, match=rf"runs already: process {os.getpid()} on .* since 20"):
        Lease(tmp_path / "x.db").__enter__()
    with Lease(tmp_path / "x.db"):
        pass


def test_shards_share_the_catalogue_without_overlap_and_split_no_host() -> None:
    sources = choose_sources(CATALOGUE, [])
    parts = [choose_shard(sources, f"{number}/4") for number in (1, 2, 3, 4)]
    assert sorted(name for part in parts for name in part) == sorted(sources)
    assert all(len(part) > len(sources) / 10 for part in parts)
    for wrong in ("0/4", "5/4", "1", "a/b", "1/0"):
        with pytest.raises(Stop, match="must be such as 1/4"):
            choose_shard(sources, wrong)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_two_machines_crawled_comes_together_as_if_one_had(folder: Path) -> None:
    sites = [Site(f"127.0.8.{number}") for number in (20, 21, 22, 23)]
    with sites[0], sites[1], sites[2], sites[3]:
        for number, site in enumerate(sites):
            (folder / "sources" / f"s{number}.toml").write_text(friendly(site))
        asked = []
        for shard in ("1/2", "2/2"):
            before = {site.netloc for site in sites if site.log}
            assert finish(start(folder, "update", "--shard", shard, "--db", f"{folder}/{shard[0]}.db"))[0] == 0
            asked.append({site.netloc for site in sites if site.log} - before)
        assert asked[0].isdisjoint(asked[1])
        assert len(asked[0] | asked[1]) == 4
        assert finish(start(folder, "update", "--db", f"{folder}/whole.db"))[0] == 0
    folders = [str(folder / f"{number}-warc") for number in (1, 2) if (folder / f"{number}-warc").exists()]
    status, done, _ = finish(start(folder, "import", *folders, "--db", f"{folder}/merged.db"))
    assert (status, done["stored"]) == (0, 12)
    _, again, _ = finish(start(folder, "import", *folders, "--db", f"{folder}/merged.db"))
    assert again["stored"] == 0, "a second time adds nothing"
    with Store.open(folder / "merged.db") as merged, Store.open(folder / "whole.db") as whole:
        list(run(merged, flag_at=0.5, batch_size=8))
        assert _told(merged) == _told(whole)
    assert inspect_archive(folder / "merged.db")[0].damage == []


def _told(store: Store) -> set[tuple[str, str, str, str]]:
    return {(doc.url, doc.source, doc.title, doc.text) for doc in store.documents.all()}


def test_due_are_the_new_and_the_old_longest_first_and_never_the_paused(store: Store) -> None:
    catalogue = choose_sources(CATALOGUE, []) | choose_sources(CATALOGUE, ["habr"])
    sources = {name: catalogue[name] for name in ("uza", "kun-uz", "crss", "habr")}
    store.visits.plan({"uza": "2026-01-01", "crss": "2026-01-01"})
    store.visits.start(["uza", "crss"])
    row = {"read": 1, "fetched": 1, "unchanged": 0, "failed": 0, "refused": 0, "finished": True, "reasons": {}}
    store.visits.end([row | {"source": "uza"}, row | {"source": "crss"}])
    soon = datetime.now(UTC) + timedelta(hours=3)
    assert list(find_due(store, sources, soon)) == ["uza", "kun-uz"]
    assert list(find_due(store, sources, soon + timedelta(days=2))) == ["uza", "crss", "kun-uz"]


def test_a_killed_run_is_written_down_as_one(store: Store) -> None:
    store.visits.plan({"uza": "2026-01-01T00:00:00+00:00"})
    store.visits.start(["uza"])
    store.visits.plan({"uza": "2026-01-01T00:00:00+00:00"})
    assert [visit["why_not"] for visit in store.visits.ledger()] == [None, "the run was killed"]


def test_an_alarm_reaches_the_log_and_a_webhook_and_a_dead_webhook_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    got: list[dict] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.handle_request, daemon=True).start()
    settings = load_config().alarm
    object.__setattr__(settings, "webhook", f"http://127.0.0.1:{server.server_address[1]}/")
    assert tell([CHANGE, Change("uza", "", "ok", "fine", CHANGE.since)], settings) == []
    server.server_close()
    assert got[0]["changes"][0]["state"] == "broken"
    assert [row["source"] for row in got[0]["changes"]] == ["tong"], "a source that is new and well is no news"
    line = capsys.readouterr().err
    assert line.startswith("ALARM source=tong state=broken before=ok since=2026-10-05T00:00+00:00 reason='nothing")
    [failure] = tell([CHANGE], settings)
    assert failure.startswith("alarm could not be sent to http://127.0.0.1:")


def test_a_state_is_kept_with_the_moment_it_began_and_told_once(store: Store) -> None:
    source = choose_sources(CATALOGUE, ["uza"])["uza"]
    row = {"source": "uza", "read": 0, "fetched": 0, "unchanged": 0, "failed": 1, "refused": 0, "finished": True,
           "reasons": {"feed: HTTP 403": 1}}
    told = []
    for _ in range(12):
        store.visits.plan({"uza": "2026-01-01T00:00:00+00:00"})
        store.visits.start(["uza"])
        store.visits.end([row])
        told += [(change.before, change.state) for change in judge(store, [source])]
    assert told == [("", "ok"), ("ok", "blocked")]
    assert "HTTP 403" in store.visits.state("uza")["reason"]


def test_metrics_are_written_whole(tmp_path: Path) -> None:
    rows = [{"source": "uza", "state": "ok", "week": 7, "visited": "2026-10-05T00:00:00+00:00"}]
    write_metrics(tmp_path / "x.prom", {"pages": 5, "waiting": 0, "flagged": 1}, rows)
    lines = (tmp_path / "x.prom").read_text().splitlines()
    assert 'xabar_source_state{source="uza",state="ok"} 1' in lines
    assert 'xabar_source_state{source="uza",state="blocked"} 0' in lines
    assert 'xabar_source_articles_week{source="uza"} 7' in lines
    assert "xabar_pages 5" in lines
    with pytest.raises(Stop, match="cannot be written"):
        write_metrics(tmp_path / "nowhere" / "x.prom", {"pages": 5, "waiting": 0, "flagged": 1}, rows)
