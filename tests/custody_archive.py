"""A small archive with something in every table, and single bytes of it changed at random."""

import random
import shutil
import sqlite3
import struct
from pathlib import Path

from pipeline.evidence import EvidenceWriter
from pipeline.records import Citation, Document, Label, Mention, Outcome, Page, PageSpan, Quarantined, Reason, Section, Skipped
from pipeline.store import Store
from tests.conftest import make_page, make_source_row

# What the audit vouches for. The rest is derived or forgotten anew by every crawl: the search index, clusters, fetches.
VOUCHED = ("pages", "outcomes", "documents", "mentions", "labels", "details", "decisions", "audit", "runs", "sources")


def make_archive(folder: Path, count: int = 12) -> Path:
    """Crawled, analysed, decided on; returns the database."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "x.db"
    pages = [make_page(number) for number in range(count)]
    with Store.open(path, create=True) as store:
        with store.ledger.run("crawl") as summary, EvidenceWriter(store.evidence_folder) as writer:
            store.ledger.save_sources([make_source_row(note="sinov uchun")])
            for page in pages:
                store.pages.save(page, *writer.append(page))
            summary["pages"] = count
        with store.ledger.run("run") as summary:
            for start in range(0, count, 4):
                store.documents.save([make_outcome(number, page) for number, page in enumerate(pages[start : start + 4], start)])
            summary["documents"] = count
        for doc in list(store.documents.all())[:4]:
            store.desk.decide(doc.id, "Гулнора", "relevant", reason="aniq", note="қайд")
    return path


def make_outcome(number: int, page: Page) -> Outcome:
    if number % 6 == 4:
        return Skipped(page.id, "extract", Reason.TOO_SHORT, "12 belgi")
    if number % 6 == 5:
        return Quarantined(page.id, "extract", "ValueError: sinov", "Traceback: sinov")
    return Document(
        page.id, page.url, page.source, page.fetched_at, f"Йўл {number}", "Самарқандда йўл очилди. " * 8, "2026-09-22", "json-ld",
        "uz", "Cyrl", 0.98, "uz", page.id,
        (Mention(0, 10, "Самарқандда", "LOC", "samarqand", ("gazetteer",), 0.9, "form", "Samarqand", "place"),),
        (Label("relevance", "R1", 0.7, "v1"), Label("genre", "news-event", 0.8, "v1")),
        ((0, 23),), 0.4 + number / 100, number % 2 == 0, ("sabab",),
        "Сув институти", "", (PageSpan(1, 0, 50), PageSpan(2, 50, 192)), (Section(0, 192, 1, "Кириш", 0.2),),
        (Citation("1", "Манба", ("https://a.example/1",), 1, 22),),
    )  # fmt: skip


def copy_archive(database: Path, folder: Path) -> Path:
    shutil.copytree(database.parent, folder)
    return folder / database.name


def change_byte(path: Path, chance: random.Random) -> str:
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    data[place] ^= chance.randrange(1, 256)
    path.write_bytes(data)
    return f"{path.name}, byte {place}"


def change_cell(database: Path, chance: random.Random, tables: tuple[str, ...] = VOUCHED) -> str:
    """One byte of one value, past the triggers, as somebody with the file and an SQL shell could."""
    raw = sqlite3.connect(database)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    while True:
        table = chance.choice(tables)
        column = chance.choice([row[1] for row in raw.execute(f"PRAGMA table_info({table})")])
        rowid, value = chance.choice(raw.execute(f'SELECT rowid, "{column}" FROM {table}').fetchall())
        if value is None or value == "":
            continue
        sql = f'UPDATE {table} SET "{column}" = CAST(? AS TEXT) WHERE rowid = ?'
        if isinstance(value, str):
            data = bytearray(value.encode())
            data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
            new: object = bytes(data)
        else:
            sql = sql.replace("CAST(? AS TEXT)", "?")
            new = value ^ (1 << chance.randrange(16)) if isinstance(value, int) else _turn_bit(value, chance)
        if new != new:  # NaN, which SQLite keeps as NULL
            continue
        try:
            raw.execute(sql, (new, rowid))
            raw.commit()
        except sqlite3.IntegrityError:
            continue
        raw.close()
        return f"{table}.{column}, row {rowid}: {value!r} became {new!r}"


def dump_vouched(database: Path) -> object:
    """Every vouched row as SQLite gives it, or what it raises."""
    raw = sqlite3.connect(database)
    raw.text_factory = bytes
    try:
        return {table: raw.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in VOUCHED}
    except sqlite3.Error as error:
        return str(error)
    finally:
        raw.close()


def _turn_bit(value: float, chance: random.Random) -> float:
    data = bytearray(struct.pack(">d", value))
    data[chance.randrange(8)] ^= 1 << chance.randrange(8)
    turned: float = struct.unpack(">d", data)[0]
    return turned
