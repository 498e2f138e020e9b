"""`xabar archive`: the rows of `xabar import` and `xabar run`, whatever is killed in between and whatever is broken."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.archive.item import iter_lines, read_items
from pipeline.archive.job import find_segments, make_archive
from pipeline.archive.load import load_archive
from pipeline.archive.plan import ANALYSE, READ, Plan, read_manifest
from pipeline.archive.pool import Local, choose_pool
from pipeline.archive.segment import Bad, iter_pages
from pipeline.archive.work import Maker, Marker
from pipeline.config import load_config, make_priority
from pipeline.evidence import find_damage
from pipeline.importing import Imported, import_files, make_finder
from pipeline.records import Quarantined, Stop
from pipeline.run import run
from pipeline.store import Store
from spiders.source import Source, load_sources
from tests.conftest import make_page, make_source_row

pq = pytest.importorskip("pyarrow.parquet", reason="not run: pyarrow is not installed")
HOST = "http://127.0.0.1"
NEWS = "Samarqandda Oʻzbekiston islom harakati bilan bogʻliqlikda ayblangan besh kishi {} yilga qamaldi."
RELEVANT = (3, 6, 13, 23)  # few: the encoder reads them
FOOT = "Saytdan olingan maʼlumotlardan foydalanilganda havola berilsin"
SAME = {
    "documents": "id url source fetched_at title text published published_source language script language_confidence guess"
    " cluster_id score flagged reasons evidence",
    "mentions": "document_id start end text label entity_id found_by probability why name kind certain",
    "labels": "document_id axis label probability model",
}


def no_show(what: str, done: int, total: int) -> None:
    pass


class InProcess:
    """One unit after another, here: what is tested is the work, not the processes."""

    def __init__(self, maker: Maker, stop_after: int | None = None) -> None:
        self._work, self._left = maker.make(), stop_after
        self.done: list[tuple[str, int]] = []

    def each(self, leg: str, numbers: Sequence[int]) -> Iterator[int]:
        for number in numbers:
            if self._left == 0:
                raise KeyboardInterrupt
            self._left = None if self._left is None else self._left - 1
            self._work(leg, [number])
            self.done.append((leg, number))
            yield number


@dataclass(frozen=True)
class Finished:
    """An archive of three segments, and the database of the usual way over the same."""

    plan: Plan
    summary: dict[str, int]
    usual: Path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("finished")
    found = write_sources(folder)
    make_segments(folder)
    plan = make_plan(folder, found)
    assert plan.begin()
    return Finished(plan, make_archive(plan, InProcess(Maker(plan)), settings(folder)), run_as_usual(folder, found))


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Source]:
    return write_sources(tmp_path)


def write_sources(where: Path) -> dict[str, Source]:
    folder = where / "sources"
    folder.mkdir()
    (folder / "sinov.toml").write_text(
        f'name = "Sinov"\nhomepage = "{HOST}/"\ncountry = "UZ"\nlanguages = ["uz"]\nkind = "newspaper"\n'
        f'start = [{{feed = "{HOST}/feed.xml"}}]\nallow = ["/news/"]\nnote = "test"\n'
    )
    return dict(load_sources(folder))


def body(number: int) -> bytes:
    relevant = "".join(f"<p>{NEWS.format(number + part)}</p>" for part in range(4)) if number in RELEVANT else ""
    return make_page(number % 20).body.replace(b"</article>", f"{relevant}<p>{FOOT}</p></article>".encode())


def write_segment(path: Path, numbers: Sequence[int], text: Callable[[int], bytes] = body) -> None:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in numbers:
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            for url in (f"{HOST}/news/{number}", f"http://example.com/{number}"):
                dated = {"WARC-Date": "2026-09-22T10:00:00Z"}
                data = text(number)
                writer.write_record(
                    writer.create_warc_record(
                        url, "response", payload=BytesIO(data), length=len(data), http_headers=headers, warc_headers_dict=dated
                    )
                )


def make_plan(tmp_path: Path, sources: dict[str, Source], out: str = "out") -> Plan:
    return Plan(tmp_path / out, find_segments([tmp_path / "warcs"]), sources, None, True, 8)


def make_few(tmp_path: Path) -> None:
    """Three segments of nine pages, two of them relevant."""
    (tmp_path / "warcs").mkdir()
    for number, name in enumerate("abc"):
        write_segment(tmp_path / "warcs" / f"{name}.warc.gz", range(3 * number + 1, 3 * number + 3 + (number < 2)))


def make_segments(tmp_path: Path) -> None:
    (tmp_path / "warcs").mkdir()
    write_segment(tmp_path / "warcs" / "a.warc.gz", range(14))
    write_segment(tmp_path / "warcs" / "b.warc.gz", [*range(14, 30), 3])  # the last one stands in a.warc.gz already
    write_segment(tmp_path / "warcs" / "c.warc.gz", [50, 51], lambda _: b"<html><body><p>qisqa</p></body></html>")


def settings(tmp_path: Path) -> Any:
    (tmp_path / "x.toml").write_text("[run]\nbatch_size = 8\n[retention]\ndays = 0\n")
    return load_config(tmp_path / "x.toml")


def read_table(out: Path, table: str) -> list[dict[str, Any]]:
    return [row for path in sorted((out / table).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def read_sqlite(db: Path, table: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(db)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]
    finally:
        connection.close()


def pick(rows: Sequence[dict[str, Any]], table: str, ids: set[str] | None = None) -> list[tuple[Any, ...]]:
    names = SAME[table].split()
    return [tuple(row[name] for name in names) for row in rows if ids is None or row[names[0]] in ids]


def run_as_usual(tmp_path: Path, sources: dict[str, Source]) -> Path:
    db = tmp_path / "usual.db"
    with Store.open(db, create=True) as store:
        store.ledger.save_sources([make_source_row()])
        import_files(store, [tmp_path / "warcs"], sources, source=None)
        for _ in run(store, flag_at=0.5, batch_size=8, priority=make_priority(settings(tmp_path).score)):
            pass
    return db


def test_the_archive_writes_the_rows_of_import_and_run(finished: Finished) -> None:
    plan, summary = finished.plan, finished.summary
    for table in SAME:
        expected = pick(read_sqlite(finished.usual, table), table)
        assert len(expected) > 10
        assert pick(read_table(plan.out, table), table) == expected, table
    assert [FOOT in row["text"] for row in read_table(plan.out, "documents")].count(True) < 30, "repeated lines were learned"
    outcomes = {row["page_id"]: row["outcome"] for row in read_table(plan.out, "outcomes")}
    assert outcomes == {row["page_id"]: row["outcome"] for row in read_sqlite(finished.usual, "outcomes")}
    assert (summary["documents"], summary["skipped"]) == (30, 2)
    assert summary["flagged"] == len(RELEVANT)
    assert summary["left: host not in the catalogue"] == 33
    assert not plan.work.exists(), "what holds texts on the way is gone"
    assert read_manifest(plan.out)["done"]
    assert not plan.begin(), "a second call has nothing to do"


def test_what_was_flagged_comes_into_a_database_with_its_evidence_and_twice_changes_nothing(
    tmp_path: Path, finished: Finished
) -> None:
    db = tmp_path / "fresh.db"
    for turn in range(2):
        with Store.open(db, create=True) as store:
            done = Imported()
            load_archive(store, finished.plan.out, done)
            assert (done.stored > 0, done.broken) == (turn == 0, [])
            assert find_damage(store) == []
    ids = {row["id"] for row in read_sqlite(finished.usual, "documents") if row["flagged"]}
    assert {row["id"] for row in read_sqlite(db, "documents")} == ids
    for table in SAME:
        assert pick(read_sqlite(db, table), table) == pick(read_sqlite(finished.usual, table), table, ids), table


def test_a_job_stopped_at_any_unit_goes_on_where_it_was(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_few(tmp_path)
    whole, plan = make_plan(tmp_path, sources, "whole"), make_plan(tmp_path, sources)
    whole.begin()
    make_archive(whole, InProcess(Maker(whole)), settings(tmp_path))
    done: list[tuple[str, int]] = []

    def fall_over(what: str, number: int, total: int) -> None:
        if (what, number) == ("write", 1):
            raise KeyboardInterrupt

    for stop_after, show in ((1, no_show), (1, no_show), (1, no_show), (1, fall_over), (1, no_show)):
        assert plan.begin()
        pool = InProcess(Maker(plan), stop_after)
        with suppress(KeyboardInterrupt):
            make_archive(plan, pool, settings(tmp_path), show)
        done += pool.done
    assert sorted(done) == [(ANALYSE, 0), (READ, 0), (READ, 1), (READ, 2)], "nothing was done twice"
    for table in ("mentions", "labels", "outcomes"):
        assert read_table(plan.out, table) == read_table(whole.out, table)
    assert pick(read_table(plan.out, "documents"), "documents") == pick(read_table(whole.out, "documents"), "documents")
    assert not plan.begin()


def test_evidence_that_a_kill_left_behind_is_removed(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_few(tmp_path)
    plan = make_plan(tmp_path, sources)
    plan.begin()
    (plan.out / "evidence").mkdir()
    (plan.out / "evidence" / "left-by-a-kill.warc.gz").write_bytes(b"")
    make_archive(plan, InProcess(Maker(plan)), settings(tmp_path))
    left = [path.name for path in (plan.out / "evidence").iterdir()]
    assert set(left) == {row["warc_file"] for row in read_table(plan.out, "documents") if row["flagged"]}


def test_broken_records_are_set_aside_and_what_follows_them_is_read(tmp_path: Path, sources: dict[str, Source]) -> None:
    (tmp_path / "warcs").mkdir()
    path = tmp_path / "warcs" / "a.warc.gz"
    write_segment(path, range(6))
    good = list(iter_pages(path, make_finder(sources, None), Imported()))
    offsets = [found[0] for found in good if not isinstance(found, Bad)]
    data = bytearray(path.read_bytes())
    data[offsets[2] + 30 : offsets[2] + 90] = b"\xff" * 60  # inside a member
    path.write_bytes(bytes(data[: offsets[5] + 40]))  # and torn off at the end
    plan = make_plan(tmp_path, sources)
    plan.begin()
    summary = make_archive(plan, InProcess(Maker(plan)), settings(tmp_path))
    assert [row["url"][-1] for row in read_table(plan.out, "outcomes")] == ["0", "1", "3", "4"]
    bad = list(iter_lines(plan.out / "quarantine" / "00000-a.jsonl"))
    assert [row["offset"] for row in bad] == [offsets[2], offsets[5]]
    assert summary["quarantined"] == 2


def test_a_page_cut_off_in_its_middle_is_no_page(tmp_path: Path, sources: dict[str, Source]) -> None:
    path = tmp_path / "a.warc.gz"
    write_segment(path, range(3), lambda number: body(number) + os.urandom(2000).hex().encode())
    *_, last = [found for found in iter_pages(path, make_finder(sources, None), Imported()) if not isinstance(found, Bad)]
    path.write_bytes(path.read_bytes()[: last[0] + 1500])
    found = list(iter_pages(path, make_finder(sources, None), Imported()))
    assert [isinstance(one, Bad) for one in found] == [False, False, True]
    assert isinstance(found[-1], Bad)
    assert found[-1].offset == last[0]


def test_an_item_that_kills_twice_is_left_at_the_third_attempt(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_segments(tmp_path)
    plan = make_plan(tmp_path, sources)
    plan.begin()
    maker = Maker(plan)
    InProcess(maker)._work(READ, [0])
    second = list(read_items(plan.file(READ, 0)))[1]
    for _ in range(2):
        Marker(plan.at(READ, 0)).note(second.offset)
    InProcess(maker)._work(READ, [0])
    assert second.id not in {item.id for item in read_items(plan.file(READ, 0))}
    assert any(row.get("offset") == second.offset for row in map(json.loads, plan.bad(0).read_text().splitlines()))
    assert Marker(plan.at(READ, 0)).killer is None, "done: the mark is gone"
    shutil.copy(plan.file(READ, 0), plan.part(0))
    for _ in range(2):
        Marker(plan.at(ANALYSE, 0)).note(1)
    InProcess(maker)._work(ANALYSE, [0])
    outcomes = [item.outcome for item in read_items(plan.file(ANALYSE, 0))]
    assert [place for place, outcome in enumerate(outcomes) if isinstance(outcome, Quarantined)] == [1]


def test_segments_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"nothing\.warc: no such file or folder"):
        find_segments([tmp_path / "nothing.warc"])
    with pytest.raises(Stop, match=r"no \.warc or \.warc\.gz there"):
        find_segments([tmp_path])


def test_other_segments_or_a_strange_folder_stop(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_segments(tmp_path)
    make_plan(tmp_path, sources).begin()
    (tmp_path / "warcs" / "d.warc.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(Stop, match="was begun with other segments"):
        make_plan(tmp_path, sources).begin()
    with pytest.raises(Stop, match="is not empty and holds no archive job"):
        make_plan(tmp_path, sources, "warcs").begin()
    with Store.open(tmp_path / "x.db", create=True) as store, pytest.raises(Stop, match="is not finished"):
        load_archive(store, tmp_path / "out", Imported())


def test_old_unflagged_texts_and_unknown_persons_are_left_out(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_few(tmp_path)
    (tmp_path / "old.toml").write_text("[run]\nbatch_size = 8\n[retention]\ndays = 1\n")
    plan = make_plan(tmp_path, sources)
    plan.begin()
    make_archive(plan, InProcess(Maker(plan)), load_config(tmp_path / "old.toml"))
    rows = read_table(plan.out, "documents")
    assert {bool(row["text"]) for row in rows if row["flagged"]} == {True}
    assert {row["text"] for row in rows if not row["flagged"]} == {""}
    assert not [row for row in read_table(plan.out, "mentions") if row["label"] == "PER" and not row["entity_id"]]


def test_ray_is_asked_for_by_name_where_it_is_missing(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_few(tmp_path)
    maker = Maker(make_plan(tmp_path, sources))
    assert isinstance(choose_pool(maker, 0, None), Local)
    if find_spec("ray") is None:
        with pytest.raises(Stop, match=r"Ray, which is not installed: pip install 'xabar\[scale\]'"):
            choose_pool(maker, 0, "auto")


@pytest.mark.slow
def test_the_command_works_in_processes_and_says_what_it_did(tmp_path: Path, sources: dict[str, Source]) -> None:
    make_few(tmp_path)
    command = [sys.executable, "-m", "pipeline.cli", "archive", "warcs", "--out", "out", "--sources", "sources", "--jobs", "2"]
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "documents 8" in done.stdout
    assert "3 segments, in processes of this machine" in done.stderr
    assert len(read_table(tmp_path / "out", "documents")) == 8
    command = [sys.executable, "-m", "pipeline.cli", "import", "out", "--db", "x.db", "--sources", "sources"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(read_sqlite(tmp_path / "x.db", "documents")) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ray_writes_the_rows_of_this_machine(tmp_path: Path, sources: dict[str, Source]) -> None:
    if find_spec("ray") is None or not os.environ.get("XABAR_RAY"):
        pytest.skip("not run: Ray takes a minute to start on a busy machine; install it and set XABAR_RAY=1")
    make_few(tmp_path)
    here, there = make_plan(tmp_path, sources, "here"), make_plan(tmp_path, sources, "there")
    here.begin()
    there.begin()
    make_archive(here, InProcess(Maker(here)), settings(tmp_path))
    make_archive(there, choose_pool(Maker(there), 0, os.environ.get("XABAR_RAY_ADDRESS", "local")), settings(tmp_path))
    for table in SAME:
        assert pick(read_table(there.out, table), table) == pick(read_table(here.out, table), table), table
