"""Archives that earlier versions wrote, kept as they were: each moves forward, keeps what was in it, and verifies.

A migration is added together with an archive of the version before it; `python -m tests.test_stored_versions` writes one.
"""

import sqlite3
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from sqlite_utils import Database

from pipeline.custody.inspection import inspect_archive
from pipeline.custody.removal import apply_retention
from pipeline.evidence import EvidenceWriter
from pipeline.migrations import migrations
from pipeline.run import run
from pipeline.store import Store
from tests.conftest import make_page
from tests.custody_archive import VOUCHED, make_archive

FOLDER = Path(__file__).with_name("archives")
VERSIONS = [step.name for step in migrations.pending(Database(memory=True))]
STORED = {path.name.removesuffix(".tar.gz"): path for path in FOLDER.glob("*.tar.gz")}


@pytest.fixture(params=sorted(STORED))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The database of a stored archive, in a folder of its own."""
    with tarfile.open(STORED[request.param]) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "x.db"


def test_every_version_up_to_the_newest_stored_one_is_stored() -> None:
    numbers = [name.partition("_")[0] for name in VERSIONS]
    assert len(STORED) >= 10
    lacking = {number for number in numbers if number < max(STORED)} - STORED.keys()
    assert not lacking, f"no archive of {sorted(lacking)}: check that version out, run python -m tests.test_stored_versions there"


def test_an_old_archive_keeps_its_rows_and_verifies(old: Path) -> None:
    before = _read(old)
    assert before["documents"]
    assert before["decisions"]
    with Store.open(old) as store, store.ledger.run("run"):
        pass  # the next command seals what a version from before the seals has left
    after = _read(old)
    for table, rows in before.items():
        # A later version may add columns at the end.
        assert [row[: len(rows[0])] for row in after[table][: len(rows)]] == rows, table
    findings, pages = inspect_archive(old)
    assert findings.damage == []
    assert pages == len(before["pages"])


def test_an_old_archive_goes_on_being_used(old: Path) -> None:
    with Store.open(old) as store:
        kept = {doc.id: doc.text for doc in store.documents.all()}
        with EvidenceWriter(store.evidence_folder) as writer:
            store.pages.save(make_page(55), *writer.append(make_page(55)))
        assert len([outcome for batch in run(store, flag_at=0.5, batch_size=9) for outcome in batch]) == 1
        assert {doc.id: doc.text for doc in store.documents.all()}.items() >= kept.items()
        decided = [doc.id for doc in store.documents.all() if store.desk.decisions(doc.id)]
        apply_retention(store, 1)
        left = {doc.id: doc.text for doc in store.documents.all()}
        assert {ident: left[ident] for ident in decided} == {ident: kept[ident] for ident in decided}
    assert inspect_archive(old)[0].damage == []


def _read(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows that the audit vouches for, in the tables that this version has."""
    db = sqlite3.connect(path)
    try:
        there = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        tables = {name: db.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in VOUCHED if name in there}
        return {name: rows for name, rows in tables.items() if rows}
    finally:
        db.close()


def keep_present() -> Path:
    """Write an archive of the present version."""
    target = FOLDER / f"{VERSIONS[-1].partition('_')[0]}.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        path = make_archive(Path(folder) / "a", 6)
        with Store.open(path) as store:
            with EvidenceWriter(store.evidence_folder) as writer:
                for number in range(20, 23):
                    store.pages.save(make_page(number), *writer.append(make_page(number)))
            list(run(store, flag_at=0.5, batch_size=4))
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = DELETE")
        db.close()
        with tarfile.open(target, "w:gz") as packed:
            for item in sorted(path.parent.iterdir()):
                packed.add(item, item.name)
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{keep_present()}\n")
