"""The index of copies on disk: it grows with the archive, is saved with its documents, and knows the stories."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.batch import process
from pipeline.cluster import Index, cluster, make_entry
from pipeline.evidence import EvidenceWriter
from pipeline.records import Document, Quarantined
from pipeline.run import run
from pipeline.store import Store, segments
from pipeline.store.clusters import MOST_CANDIDATES, MOST_PER_KEY, MOST_VERSIONS, MemoryIndex
from tests.conftest import make_page
from tests.test_cluster import BRIDGE, HARVEST, make_doc, make_text


def test_the_stored_index_answers_as_the_one_in_memory(store: Store) -> None:
    texts = [make_text(seed // 3, 60 + seed) for seed in range(60)]
    docs = [make_doc(number, text) for number, text in enumerate(texts)]
    in_memory = [doc.cluster_id for doc in cluster(docs, MemoryIndex())]
    stored = [doc.cluster_id for start in range(0, 60, 7) for doc in _save(store, docs[start : start + 7])]
    assert stored == in_memory
    assert len(set(stored)) == 20


def test_keys_that_moved_into_segments_and_were_merged_are_found_like_fresh_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FRESH_ROWS", 40)
    monkeypatch.setattr(segments, "FAN", 3)
    texts = [make_text(seed // 3, 60 + seed) for seed in range(90)]
    docs = [make_doc(number, text) for number, text in enumerate(texts)]
    in_memory = [doc.cluster_id for doc in cluster(docs, MemoryIndex())]
    assert [doc.cluster_id for start in range(0, 90, 4) for doc in _save(store, docs[start : start + 4])] == in_memory
    with _open(store) as db:
        levels = [row[0] for row in db.execute("SELECT level FROM cluster_segments ORDER BY id")]
        assert max(levels) >= 2
        assert len(levels) < 9
    with Store.open(store.path) as after:
        assert {known.cluster_id for known in after.clusters.find(make_entry(docs[5]))} == {in_memory[5]}


def test_what_was_deleted_is_not_found_in_a_segment_and_leaves_it_at_the_next_merge(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FRESH_ROWS", 10)
    monkeypatch.setattr(segments, "FAN", 2)
    old, *_ = [_save(store, [make_doc(number, text)])[0] for number, text in enumerate((BRIDGE, HARVEST))]
    with _open(store) as db:
        db.execute("DELETE FROM documents WHERE id = 'd0'")
    assert store.clusters.find(make_entry(old)) == []
    for number in (2, 3):
        _save(store, [make_doc(number, make_text(number))])
    with _open(store) as db:
        assert [len(row[0]) // 8 for row in db.execute("SELECT keys FROM cluster_segments")] == [3 * 12]


def test_two_commands_see_what_the_other_one_merged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "FRESH_ROWS", 10)
    monkeypatch.setattr(segments, "FAN", 2)
    with Store.open(store.path) as other:
        for number in range(6):
            doc = _save(store if number % 2 else other, [make_doc(number, make_text(number))])[0]
            assert [known.id for known in (other if number % 2 else store).clusters.find(make_entry(doc))] == [doc.id]


def test_analysing_again_changes_no_cluster_and_leaves_no_rows_behind(store: Store) -> None:
    docs = [make_doc(number, text) for number, text in enumerate([BRIDGE, HARVEST, BRIDGE[:500], HARVEST[:600], make_text(1)])]
    before = _save(store, docs)
    rows = _count(store)
    for start in (0, 2, 4):
        _save(store, docs[start : start + 2], replace=True)
    assert {doc.id: doc.cluster_id for doc in store.documents.all()} == {doc.id: doc.cluster_id for doc in before}
    assert _count(store) == rows


def test_a_document_between_two_stories_stays_where_it_is_when_it_is_analysed_again(store: Store) -> None:
    first, second = make_text(1, 100), make_text(2, 100)
    bridge, *_ = reversed(_save(store, [make_doc(0, first), make_doc(1, second), make_doc(2, f"{first} {second}")]))
    for doc in list(store.documents.all()):
        assert _save(store, [doc], replace=True)[0].cluster_id == doc.cluster_id
    assert store.documents.load("d2") == bridge


def test_a_new_version_finds_its_cluster_in_a_later_batch(store: Store) -> None:
    first = _save(store, [make_doc(0, BRIDGE, url="https://site.invalid/live")])
    second = _save(store, [make_doc(1, HARVEST, url="https://site.invalid/live")])
    assert first[0].cluster_id == second[0].cluster_id


def test_what_is_saved_no_longer_waits_in_memory(store: Store) -> None:
    doc = _save(store, [make_doc(0, BRIDGE)])[0]
    assert [known.id for known in store.clusters.find(make_entry(doc))] == ["d0"]
    with _open(store) as db:
        db.execute("DELETE FROM documents")
    assert store.clusters.find(make_entry(doc)) == []
    assert _count(store) == (0, 0)


def test_a_document_is_found_once_and_as_it_is_now(store: Store) -> None:
    _save(store, [make_doc(0, BRIDGE)])
    indexes: tuple[Index, ...] = (store.clusters, MemoryIndex())
    for index in indexes:
        for text in (BRIDGE, HARVEST, HARVEST):
            index.remember(make_entry(make_doc(0, text)))
        assert [known.hashes for known in index.find(make_entry(make_doc(0, HARVEST)))] == [
            make_entry(make_doc(0, HARVEST)).hashes
        ]
    assert index.find(make_entry(make_doc(9, BRIDGE))) == []


def test_killed_before_the_save_nothing_is_remembered(store: Store) -> None:
    abandoned = cluster([make_doc(0, BRIDGE)], store.clusters)
    assert _count(store) == (0, 0)
    with Store.open(store.path) as after:
        assert after.clusters.find(make_entry(abandoned[0])) == []
        assert _save(after, [make_doc(0, BRIDGE)])[0].cluster_id == abandoned[0].cluster_id


def test_a_save_that_fails_leaves_neither_document_nor_index(store: Store) -> None:
    _keep_pages(store, ["d0"])
    docs = cluster([make_doc(0, BRIDGE), make_doc(1, HARVEST)], store.clusters)
    with pytest.raises(sqlite3.IntegrityError):  # d1 has no page
        store.documents.save(docs)
    assert _count(store) == (0, 0)
    assert list(store.documents.all()) == []


def test_what_a_later_stage_quarantines_is_not_in_the_index_and_its_copies_stay_together(store: Store) -> None:
    def choke(docs: Sequence[Document]) -> list[Document]:
        if any(doc.id == "d0" for doc in docs):
            raise RuntimeError("poison")
        return list(docs)

    def gather_batch(docs: Sequence[Document]) -> list[Document]:
        return cluster(docs, store.clusters)

    outcomes = process([make_doc(number, BRIDGE[: 700 - number]) for number in range(3)], (gather_batch, choke))
    _keep_pages(store, [outcome.id for outcome in outcomes])
    store.documents.save(outcomes)
    assert [type(outcome) for outcome in outcomes] == [Quarantined, Document, Document]
    assert _count(store)[0] == 2
    retried = cluster([make_doc(0, BRIDGE[:700])], store.clusters)
    assert {doc.cluster_id for doc in store.documents.all()} == {retried[0].cluster_id}


def test_a_set_phrase_in_every_document_costs_a_bounded_number_of_rows_and_candidates(store: Store) -> None:
    phrase = make_text(0, 60)
    docs = [make_doc(number, f"{phrase} {make_text(number + 1, 200)}", url="https://x.invalid/") for number in range(50)]
    for start in range(0, 50, 10):
        _save(store, docs[start : start + 10])
    with _open(store) as db:
        (most,) = db.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM cluster_keys GROUP BY key)").fetchone()
    assert 2 <= most <= MOST_PER_KEY
    assert len(store.clusters.find(make_entry(docs[49]))) <= MOST_CANDIDATES + MOST_VERSIONS + 1


def test_the_store_tells_how_many_reports_from_how_many_outlets_and_which_stands_for_them(store: Store) -> None:
    cut = BRIDGE[:500]
    docs = [
        make_doc(0, cut, source="a", published="2026-09-01"),
        make_doc(1, BRIDGE, source="b", published="2026-09-03"),
        make_doc(2, BRIDGE + " Так сообщает район.", source="c", published="2026-09-02"),
        make_doc(3, BRIDGE, source="b"),
        make_doc(4, HARVEST, source="b"),
        make_doc(5, BRIDGE + " Дополнено.", source="b", url="https://site1.invalid/1"),
    ]
    done = _save(store, docs)
    story = store.clusters.story(done[0].cluster_id)
    assert story is not None
    assert (story.reports, story.outlets) == (4, 3), "a new version of a page is no report of its own"
    assert story.representative == "d2", "the earliest that is not cut short"
    assert store.clusters.story("unknown") is None


def test_the_runner_gathers_across_batches_and_runs(store: Store) -> None:
    html = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
    bodies = [html.format("Мост открыт", BRIDGE), html.format("Урожай", HARVEST), html.format("Новый мост", BRIDGE[:560])]
    for number, body in enumerate(bodies):
        with EvidenceWriter(store.evidence_folder) as writer:
            page = make_page(number, body.encode())
            store.pages.save(page, *writer.append(page))
        assert len(list(run(store, flag_at=0.5, batch_size=1))) == 1
    before = [doc.cluster_id for doc in store.documents.all()]
    assert (before[0] == before[2], before[0] == before[1]) == (True, False)
    assert len(list(run(store, flag_at=0.5, batch_size=2, again=True))) == 2
    assert [doc.cluster_id for doc in store.documents.all()] == before


def _save(store: Store, docs: Sequence[Document], *, replace: bool = False) -> list[Document]:
    _keep_pages(store, [doc.id for doc in docs])
    done = cluster(docs, store.clusters)
    store.documents.save(done, replace=replace)
    return done


def _keep_pages(store: Store, ids: Sequence[str]) -> None:
    with _open(store) as db:
        row = ", ".join("?" * 10)
        db.executemany(
            f"INSERT OR IGNORE INTO pages VALUES ({row})", [(i, i, "s", "", 200, "x", "w", 0, None, None) for i in ids]
        )


def _count(store: Store) -> tuple[int, int]:
    with _open(store) as db:
        sketches, keys = (
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("cluster_sketches", "cluster_keys")
        )
    return sketches, keys


@contextmanager
def _open(store: Store) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(Path(store.path))
    try:
        yield db
        db.commit()
    finally:
        db.close()
