"""The commands as a user runs them: exit status, one readable line, nothing half-written."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from pipeline import __version__
from pipeline.evidence import EvidenceWriter
from pipeline.records import Page
from pipeline.store import Store
from tests.conftest import make_page

UZBEK = "Surxondaryoda IShIDga aʼzolikda gumon qilingan guruh qoʻlga olindi, deb xabar berdi Davlat xavfsizlik xizmati."


def xabar(*arguments: object, folder: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=100,
        env=os.environ | {"PYTHONWARNINGS": "error", "PYTHONPATH": os.getcwd()},
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[bytes]) -> str:
    assert done.returncode == 2, done.stderr.decode()
    assert done.stdout == b""
    [line] = done.stderr.decode().splitlines()
    assert line.startswith("xabar: ")
    return line


def test_version_and_help_do_not_pay_for_the_heavy_packages() -> None:
    assert xabar("--version").stdout.decode() == f"xabar {__version__}\n"
    listed = xabar("--help")
    assert listed.returncode == 0
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline.cli", "--help"], capture_output=True, text=True, check=True
    ).stderr
    for heavy in ("spacy", "transformers", "scrapy", "trafilatura", "starlette", "numpy", "lxml", "sqlite_utils"):
        assert f" {heavy}\n" not in loaded, f"{heavy} is imported for --help"


def test_scan_waits_for_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "Toshkentda yangi kutubxona ochildi."}\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline.cli", "scan", str(tmp_path / "x.jsonl")],
        capture_output=True,
        text=True,
        check=True,
    )
    for heavy in ("spacy", "transformers", "scrapy", "trafilatura", "starlette", "lxml", "sqlite_utils", "warcio", "onnxruntime"):
        assert f" {heavy}\n" not in done.stderr, f"{heavy} is imported for a text in which nothing is suspicious"


def test_a_missing_database_is_one_line_and_is_not_created(tmp_path: Path) -> None:
    for command in ("run", "status", "verify", "review"):
        assert "no database there; 'xabar crawl --db nothing.db' makes one" in one_line(
            xabar(command, "--db", "nothing.db", folder=tmp_path)
        )
    assert list(tmp_path.iterdir()) == []


def test_a_locked_database_is_one_line(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db", create=True).close()
    other = sqlite3.connect(tmp_path / "x.db")
    other.execute("BEGIN IMMEDIATE")
    assert "locked by another program" in one_line(xabar("run", "--db", tmp_path / "x.db"))
    other.close()


def test_an_unknown_key_stops_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[crawl]\ndelay_second = 3\n")
    line = one_line(xabar("crawl", "--config", "my.toml", folder=tmp_path))
    assert "my.toml: [crawl] unknown key 'delay_second'; did you mean 'delay_seconds'?" in line
    assert [path.name for path in tmp_path.iterdir()] == ["my.toml"]


def test_a_source_file_with_a_typing_slip_names_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "sinov.toml").write_text('nmae = "Sinov"\nhomepage = "https://sinov.example/"\n')
    line = one_line(xabar("crawl", "--sources", "sources", folder=tmp_path))
    assert "sinov.toml" in line
    assert "nmae" in line
    assert not (tmp_path / "xabar.db").exists()


def test_an_unknown_source_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    assert "unknown source 'no-such'" in one_line(xabar("crawl", "no-such", folder=tmp_path))
    (tmp_path / "empty").mkdir()
    assert "no source files (*.toml) there" in one_line(xabar("crawl", "--sources", "empty", folder=tmp_path))
    assert not (tmp_path / "xabar.db").exists()


def test_nobody_is_crawled_without_a_contact(tmp_path: Path) -> None:
    line = one_line(xabar("crawl", folder=tmp_path))
    assert "[crawl] contact is empty" in line
    assert 'contact = "desk@your.org"' in line
    assert list(tmp_path.iterdir()) == [], "nothing was asked and nothing written"


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    Store.open(tmp_path / "x.db", create=True).close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = one_line(xabar("review", "--db", tmp_path / "x.db", "--port", taken.getsockname()[1]))
    assert str(taken) is not None
    assert "--port" in line


def test_wrong_use_is_status_2() -> None:
    for arguments in (["bogus"], ["run", "--dbb", "x"], ["crawl", "--limit", "many"], ["scan", "--stages", "bogus"]):
        assert xabar(*arguments).returncode == 2


def test_scan_reads_standard_input_and_reports_bad_lines_by_its_status(tmp_path: Path) -> None:
    good = json.dumps({"id": "1", "text": UZBEK}).encode() + b"\n"
    done = xabar("scan", stdin=good)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["flagged"] is True
    (tmp_path / "in.jsonl").write_bytes(good + b"no\n" + good)
    done = xabar("scan", tmp_path / "in.jsonl")
    assert done.returncode == 1
    assert ["error" in json.loads(line) for line in done.stdout.splitlines()] == [False, True, False]
    assert "cannot be read" in one_line(xabar("scan", tmp_path / "none.jsonl"))


def test_scan_answers_before_the_input_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "scan", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"id": "1", "text": UZBEK}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "1"
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_extract_reads_files_and_survives_bad_ones(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(make_page(1).body)
    (tmp_path / "b.html").write_bytes(b"")
    done = xabar("extract", "a.html", "b.html", "none.html", folder=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [row["path"] for row in rows] == ["a.html", "b.html", "none.html"]
    assert set(rows[0]) >= {"title", "text", "published", "published_source", "language"}
    assert rows[0]["language"] == "uz"
    assert "empty" in rows[1]["error"]
    assert "No such file" in rows[2]["error"]


def test_run_status_and_verify_tell_the_same_story(tmp_path: Path) -> None:
    pages = [make_page(1), make_page(2, b""), make_page(3, b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8)]
    _archive(tmp_path / "x.db", pages)
    done = xabar("run", "--db", tmp_path / "x.db", "--json")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == {"document": 1, "skipped": 2}
    facts = json.loads(xabar("status", "--db", tmp_path / "x.db", "--json").stdout)
    assert (facts["pages"], facts["waiting"], facts["languages"]) == (3, 0, {"uz-Latn": 1})
    assert facts["skipped"] == {"empty": 1, "not-text": 1}
    assert b"uz-Latn" in xabar("status", "--db", tmp_path / "x.db").stdout
    assert xabar("verify", "--db", tmp_path / "x.db").returncode == 0
    [warc] = (tmp_path / "x-warc").iterdir()
    warc.unlink()
    done = xabar("verify", "--db", tmp_path / "x.db")
    assert done.returncode == 1
    assert done.stdout.decode().count("missing; restore it") == 3
    done = xabar("run", "--again", "--db", tmp_path / "x.db")
    assert done.returncode == 1
    assert "3 quarantined" in done.stdout.decode()


def test_the_catalogue_the_gazetteer_and_the_models_can_be_looked_at() -> None:
    assert len(json.loads(xabar("sources", "list", "--json").stdout)) >= 5
    found = [json.loads(line) for line in xabar("gazetteer", "match", "IShIDga", "--language", "uz").stdout.splitlines()]
    assert [match["entity_id"] for match in found] == ["islamic-state"]
    assert b"language" in xabar("models", "list").stdout


def test_help_is_quick() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        xabar("--help")
        times.append(time.perf_counter() - start)
    assert min(times) < 2.0, f"xabar --help took {min(times):.2f} s at best"


def _archive(path: Path, pages: list[Page]) -> None:
    with Store.open(path, create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        for page in pages:
            store.pages.save(page, *writer.append(page))
