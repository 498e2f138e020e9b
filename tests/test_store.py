"""The store on a real SQLite file: nothing twice, nothing half, and every error in words."""

import json
import sqlite3
import string
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.migrations import migrations
from pipeline.records import (
    Citation,
    Document,
    Fetch,
    Label,
    Link,
    Mention,
    PageSpan,
    Quarantined,
    Reason,
    Section,
    Skipped,
    Stop,
)
from pipeline.store import Store, connection
from pipeline.store.seal import outcome_digest
from tests.conftest import FETCHED, make_page

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
NUMBER = st.floats(0, 1)
SPAN = st.tuples(st.integers(0, 99), st.integers(0, 99))
MENTION = st.builds(
    Mention,
    st.integers(0, 99),
    st.integers(0, 99),
    TEXT,
    st.sampled_from(["ORG", "PER"]),
    st.none() | TEXT,
    st.lists(st.sampled_from(["gazetteer", "ner"]), max_size=2).map(tuple),
    NUMBER,
    TEXT,
    TEXT,
    TEXT,
    st.booleans(),
)
LABEL = st.builds(Label, st.sampled_from(["relevance", "topics"]), st.text(string.ascii_letters, min_size=1), NUMBER, TEXT)
DOCUMENT = st.builds(
    Document,
    st.text(string.hexdigits, min_size=20, max_size=20),
    TEXT,
    TEXT,
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(lambda d: d.replace(microsecond=0)),
    TEXT,
    TEXT,
    st.none() | TEXT,
    st.none() | TEXT,
    TEXT,
    TEXT,
    NUMBER,
    TEXT,
    TEXT,
    st.lists(MENTION, max_size=3).map(tuple),
    st.lists(LABEL, max_size=3, unique_by=lambda label: (label.axis, label.label)).map(tuple),
    st.lists(SPAN, max_size=3).map(tuple),
    NUMBER,
    st.booleans(),
    st.lists(TEXT, max_size=3).map(tuple),
)


@settings(max_examples=80, deadline=None)
@given(doc=DOCUMENT)
def test_a_document_comes_back_as_it_was_saved(doc: Document, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Store.open(tmp_path_factory.mktemp("db") / "x.db", create=True) as store:
        _keep_page(store, doc.id)
        assert store.documents.save([doc], persons="all") == 1
        assert store.documents.save([doc], persons="all") == 0, "saving twice changes nothing"
        assert store.documents.load(doc.id) == doc
        assert store.documents.save([doc], replace=True, persons="all") == 1
        assert list(store.documents.all()) == [doc]


def test_every_kind_of_outcome_is_counted_once(store: Store) -> None:
    for number in range(3):
        store.pages.save(make_page(number), "a.warc.gz", number)
    ids = [make_page(number).id for number in range(3)]
    outcomes = [
        Document(ids[0], "u", "s", FETCHED, "t", "x", language="tg", script="Cyrl", flagged=True),
        Skipped(ids[1], "extract", Reason.TOO_SHORT, "12 characters"),
        Quarantined(ids[2], "extract", "boom", "trace"),
    ]
    assert store.documents.save(outcomes) == 3
    assert store.documents.save(outcomes) == 0
    summary = store.ledger.summary()
    assert summary["outcomes"] == {"document": 1, "quarantined": 1, "skipped": 1}
    assert (summary["pages"], summary["waiting"], summary["skipped"]) == (3, 0, {"too-short": 1})
    assert (summary["languages"], summary["flagged_by_language"]) == ({"tg": 1}, {"tg": 1})


def test_a_source_that_changed_its_language_shows_in_the_summary(store: Store) -> None:
    for number in range(3):
        store.pages.save(make_page(number), "a.warc.gz", number)
        why = "looks like 'kk', script Cyrl" if number else "looks like 'fa', script Arab"
        store.documents.save([Skipped(make_page(number).id, "detect_language", Reason.UNSUPPORTED_LANGUAGE, why)])
    page = make_page(0)
    latest = page.fetched_at.isoformat()
    assert store.ledger.summary()["unread"] == [
        {"source": page.source, "language": "looks like 'kk', script Cyrl", "pages": 2, "latest": latest},
        {"source": page.source, "language": "looks like 'fa', script Arab", "pages": 1, "latest": latest},
    ]


def test_pending_pages_shrink_as_outcomes_come_and_retry_brings_back_the_quarantined(store: Store) -> None:
    pages = [make_page(number) for number in range(5)]
    for page in pages:
        store.pages.save(page, "a.warc.gz", 0)
    store.documents.save([Quarantined(pages[0].id, "extract", "boom"), Skipped(pages[1].id, "extract", Reason.EMPTY)])
    assert [[ref.id for ref in batch] for batch in store.pages.pending(batch=2)] == [[pages[2].id, pages[3].id], [pages[4].id]]
    assert store.pages.count_pending(retry=True) == 4
    assert store.pages.count_pending(again=True) == 5


def test_the_same_bytes_are_one_page_and_changed_bytes_another(store: Store) -> None:
    assert store.pages.save(make_page(1), "a", 0)
    assert not store.pages.save(make_page(1), "b", 9)
    assert store.pages.save(make_page(1, b"changed"), "b", 9)
    assert store.ledger.summary()["pages"] == 2


def test_validators_and_links_are_remembered(store: Store) -> None:
    assert store.pages.recall("http://x/feed") is None
    fetch = Fetch("http://x/feed", '"a"', "Mon", "ff", (Link("http://x/1", "Хабар", "2026-09-22"), Link("http://x/2")))
    store.pages.remember(fetch, "s")
    assert store.pages.recall("http://x/feed") == fetch
    store.pages.save(make_page(1), "a", 0)
    recalled = store.pages.recall(make_page(1).url)
    assert recalled is not None
    assert (recalled.etag, recalled.body_sha256) == ('"1"', make_page(1).body_sha256)


def test_decisions_are_appended_and_can_not_be_changed(store: Store) -> None:
    _keep_document(store, "d1")
    store.desk.decide("d1", "zarina", "relevant", note="aniq")
    store.desk.decide("d1", "timur", "not-relevant")
    store.desk.decide("d1", "zarina", "unsure")
    assert [(d.reviewer, d.verdict) for d in store.desk.decisions("d1")] == [
        ("zarina", "unsure"),
        ("timur", "not-relevant"),
        ("zarina", "relevant"),
    ]
    raw = sqlite3.connect(store.path)
    for sql in (
        "UPDATE decisions SET verdict = 'defer'",
        "DELETE FROM decisions",
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute(sql)
    raw.close()
    assert store.ledger.first_broken_link() is None


@pytest.mark.parametrize(
    ("document", "reviewer", "verdict", "says"),
    [
        ("d1", "zarina", "maybe", "known: relevant"),
        ("d1", " ", "relevant", "reviewer"),
        ("no", "zarina", "relevant", "not in this"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(store: Store, document: str, reviewer: str, verdict: str, says: str) -> None:
    _keep_document(store, "d1")
    with pytest.raises(Stop, match=says):
        store.desk.decide(document, reviewer, verdict)
    assert store.desk.decisions("d1") == []


def test_a_changed_audit_row_is_found(store: Store) -> None:
    for number in range(3):
        with store.ledger.run(f"r{number}"):
            pass
    raw = sqlite3.connect(store.path)
    raw.execute("DROP TRIGGER audit_update")
    raw.execute("UPDATE audit SET subject = 'x' WHERE id = 2")
    raw.commit()
    raw.close()
    assert store.ledger.first_broken_link() == 2


def test_the_queue_is_ordered_filtered_and_walked(store: Store) -> None:
    for number, (language, score) in enumerate([("uz", 0.9), ("tg", 0.7), ("uz", 0.7), ("ru", 0.2)]):
        _keep_document(store, f"d{number}", language=language, score=score, flagged=score >= 0.5, title=f"Хабар {number}")
    assert [row.id for row in store.queue.rows({})] == ["d0", "d1", "d2", "d3"]
    assert [row.id for row in store.queue.rows({"route": "uz-Latn"})] == ["d0", "d2"]
    assert [row.id for row in store.queue.rows({"flagged": 1, "source": "s"}, limit=2, offset=1)] == ["d1", "d2"]
    assert [row.id for row in store.queue.rows({"search": 'NEAR("хабар" 3) OR'})] == [], "what a reader types is no FTS5 syntax"
    assert [row.id for row in store.queue.rows({"search": "хабар 3"})] == ["d3"]
    assert store.queue.after("d1", {}) == "d2"
    store.desk.decide("d1", "zarina", "relevant")
    assert store.queue.after("d1", {"verdict": "none"}) == "d2"
    assert store.queue.count({"verdict": "none"}) == 3
    assert [row.verdict for row in store.queue.rows({"verdict": "relevant"})] == ["relevant"]
    with pytest.raises(ValueError, match="unknown filter"):
        store.queue.rows({"colour": "red"})


def test_a_database_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"no database there; 'xabar crawl --db .*nothing\.db' makes one"):
        Store.open(tmp_path / "nothing.db")
    assert not (tmp_path / "nothing.db").exists()
    with pytest.raises(Stop, match="no such folder"):
        Store.open(tmp_path / "no" / "x.db", create=True)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database " * 100)
    with pytest.raises(Stop, match="not a readable xabar database"):
        Store.open(path)
    assert path.read_text().startswith("these are notes")


def test_a_locked_database_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "x.db"
    with Store.open(path, create=True) as store:
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Stop, match="locked by another program"):
            store.pages.save(make_page(1), "a", 0)
        other.execute("ROLLBACK")
        other.close()
        assert store.pages.save(make_page(1), "a", 0), "the store is usable again"


def test_two_programs_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    first, second = Store.open(tmp_path / "x.db", create=True), Store.open(tmp_path / "x.db", create=True)
    first.pages.save(make_page(1), "a", 0)
    assert second.pages.has(make_page(1).id)
    first.close()
    second.close()


def test_the_schema_is_strict_and_wal(store: Store) -> None:
    raw = sqlite3.connect(store.path)
    assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    tables = {row[1]: row[5] for row in raw.execute("PRAGMA table_list") if row[0] == "main"}
    ours = ("pages", "fetches", "documents", "mentions", "labels", "outcomes", "decisions", "audit", "runs", "sources")
    assert all(tables[name] == 1 for name in ours), "strict"
    raw.close()
    assert len(migrations._migrations) >= 1


def _keep_page(store: Store, page_id: str) -> None:
    with store._connection.write() as db:
        db.execute("INSERT INTO pages VALUES (?, 'u', 's', '2026-09-22T10:00:00+00:00', 200, '', 'a', 0, NULL, NULL)", (page_id,))


def _keep_document(store: Store, document_id: str, **changes: object) -> None:
    _keep_page(store, document_id)
    values = {
        "id": document_id,
        "url": "http://x/",
        "source": "s",
        "fetched_at": FETCHED,
        "title": "Хабар",
        "text": "матн",
        "language": "uz",
        "script": "Latn",
    } | changes
    store.documents.save([Document(**values)])  # type: ignore[arg-type]  # the values are of many kinds


def test_what_is_sealed_at_once_is_what_is_read_back(store: Store) -> None:
    pages = [make_page(number) for number in range(3)]
    for page in pages:
        store.pages.save(page, "x.warc.gz", 0)
    whole = Document(
        pages[0].id, pages[0].url, "sinov", FETCHED, "t", "Tolibon “suhbati”", language_confidence=1, score=1, flagged=True,
        published="2026-09-01", published_source="meta", reasons=("sabab — ʻx",), evidence=((0, 3),),
        mentions=(Mention(0, 7, "Tolibon", "ORG", None, ("gazetteer", "ner"), 1, certain=False),),
        labels=(Label("relevance", "R3", 1, "m"), Label("genre", "news-event", 0, "m")),
        pages=(PageSpan(1, 0, 9),), sections=(Section(0, 9, 1, "Bob", 0.5),), citations=(Citation("1", "c", ("u",), 1, None),),
    )  # fmt: skip
    outcomes = [whole, Skipped(pages[1].id, "extract", Reason.TOO_SHORT), Quarantined(pages[2].id, "extract", "E: x", "trace")]
    assert store.documents.save([*outcomes, whole]) == 3
    sealed = json.loads(store.ledger.audit(1)[0]["subject"])
    with store.documents._connection.write() as db:
        assert sealed == {page.id: outcome_digest(db, page.id) for page in pages}


def test_a_document_analysed_again_keeps_its_verdict_in_the_queue(store: Store) -> None:
    page = make_page(1)
    store.pages.save(page, "x.warc.gz", 0)
    doc = Document(page.id, page.url, "sinov", FETCHED, "t", "x", language="uz", script="Latn", flagged=True, score=0.9)
    store.documents.save([doc])
    fresh = store.queue.rows({"flagged": 1, "verdict": "none"})
    assert [(row.id, row.second) for row in fresh] == [(page.id, "")]
    store.desk.decide(page.id, "birinchi", "relevant")
    store.documents.save([doc], replace=True)
    assert store.queue.rows({"flagged": 1, "verdict": "none"}) == []
    assert [row.verdict for row in store.queue.rows({"flagged": 1, "verdict": "relevant"})] == ["relevant"]
