"""A database of an earlier version moves forward and keeps what is in it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlite_utils import Database

from pipeline.evidence import EvidenceWriter
from pipeline.migrations import migrations
from pipeline.run import run
from pipeline.store import Store
from tests.conftest import make_page

Rows = TypeVar("Rows")
STEPS = [step.name for step in migrations.pending(Database(memory=True))][:-1]

DOCUMENT = """
INSERT INTO documents(id, url, source, fetched_at, title, text, language, script, language_confidence, guess, cluster_id, score,
    flagged, reasons, evidence)
VALUES (?, ?, 'sinov', '2026-09-22T10:00:00+00:00', 'Yangi yoʻl', 'Eski matn', 'uz', 'Latn', 1.0, '', 'eski', 0.5, 1, '[]', '[]')
"""


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A database as the first migration alone makes it, with two analysed pages, a decision and the run that made them."""
    path = tmp_path / "x.db"
    db = sqlite3.connect(path)
    migrations.apply(Database(db, execute_plugins=False), stop_before="m002_cluster_index")
    with EvidenceWriter(path.with_name("x-warc")) as writer:
        for number in range(2):
            page = make_page(0, url=f"http://127.0.0.1/{number}")
            file, offset = writer.append(page)
            row = (page.id, page.url, page.source, page.fetched_at.isoformat(), 200, page.body_sha256, file, offset, None, None)
            db.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            db.execute("INSERT INTO outcomes VALUES (?, 'document', NULL, NULL, NULL, '2026-09-22')", (page.id,))
            db.execute(DOCUMENT, (page.id, page.url))
    db.execute(
        "INSERT INTO decisions(document_id, reviewer, verdict, decided_at) SELECT id, 'z', 'relevant', 'now' FROM documents"
    )
    db.execute("INSERT INTO runs(command, started_at) VALUES ('run', '2026-09-22')")
    db.commit()
    db.close()
    return path


def test_the_first_version_moves_forward_and_keeps_its_rows(first_version: Path) -> None:
    before = _dump(first_version)
    assert "cluster_keys" not in before
    Store.open(first_version).close()
    after = _dump(first_version)
    for name in before.keys() - {"_sqlite_migrations"}:
        # A later version may add columns at the end.
        kept = [row[: len(old)] for row, old in zip(after[name], before[name], strict=True)]
        assert kept == before[name], name
    assert [row[1] for row in after["queue"]] == [row[1] for row in before["documents"]]
    assert [row[-2] for row in after["queue"]] == ["relevant", "relevant"]
    assert after["cluster_keys"] == after["cluster_sketches"] == []


def test_moving_forward_twice_is_moving_once(first_version: Path) -> None:
    Store.open(first_version).close()
    once = _dump(first_version)
    Store.open(first_version).close()
    assert _dump(first_version) == once


def test_a_moved_database_works_and_its_old_documents_enter_the_index_when_analysed_again(first_version: Path) -> None:
    with Store.open(first_version) as store:
        with EvidenceWriter(store.evidence_folder) as writer:
            store.pages.save(make_page(7), *writer.append(make_page(7)))
        assert len([outcome for batch in run(store, flag_at=0.5, batch_size=9) for outcome in batch]) == 1
        assert len(_dump(first_version)["cluster_sketches"]) == 1
        list(run(store, flag_at=0.5, batch_size=1, again=True))
        clusters = {doc.url: doc.cluster_id for doc in store.documents.all()}
        assert clusters["http://127.0.0.1/0"] == clusters["http://127.0.0.1/1"] != "eski"
        assert [decision.verdict for doc in store.documents.all() for decision in store.desk.decisions(doc.id)] == [
            "relevant"
        ] * 2
    assert len(_dump(first_version)["cluster_sketches"]) == 3


@pytest.mark.parametrize("stop", STEPS)
def test_a_new_database_is_the_same_whatever_version_it_began_with(stop: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    db = sqlite3.connect(old)
    migrations.apply(Database(db, execute_plugins=False), stop_before=stop)
    db.close()
    Store.open(old).close()
    Store.open(new, create=True).close()
    assert _read(old, _schema) == _read(new, _schema)


def _dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table that is not the inside of the full-text index."""

    def rows(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts_%'")]
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}

    return _read(path, rows)


def _schema(db: sqlite3.Connection) -> list[tuple[str, str]]:
    return db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()


def _read(path: Path, query: Callable[[sqlite3.Connection], Rows]) -> Rows:
    db = sqlite3.connect(path)
    try:
        return query(db)
    finally:
        db.close()
