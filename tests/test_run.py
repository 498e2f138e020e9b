"""The runner: every page ends in exactly one outcome, whatever the stages do."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch import BrokenStage, process
from pipeline.records import Document, Quarantined, Reason, Skipped
from pipeline.run import make_road, run
from pipeline.store import Store
from tests.conftest import FETCHED, make_page

BODIES = st.one_of(
    st.integers(0, 5).map(lambda n: make_page(n).body),  # good
    st.binary(max_size=40),  # short, often undecodable
    st.just(b"<html><body><p>qisqa</p></body></html>"),  # short
    st.just("Министерство сообщило. ".encode("cp1251") * 40),  # another charset
    st.just(make_page(0).body.replace(b"<p>", b"<p>ZAHAR ")),  # poison, see below
)


def to_document(pages: Sequence[Any]) -> list[Any]:
    return [
        Document(page.id, page.url, page.source, page.fetched_at, "t", page.body.decode("utf-8", "replace")) for page in pages
    ]


def choke_on_poison(docs: Sequence[Document]) -> list[Document]:
    if any("ZAHAR" in doc.text for doc in docs):
        raise RuntimeError("poison")
    return [replace(doc, title=doc.title.upper()) for doc in docs]


@settings(max_examples=60, deadline=None)
@given(bodies=st.lists(BODIES, max_size=24), batch=st.integers(1, 9))
def test_outcome_ids_equal_page_ids_for_any_mix_and_any_batch_size(bodies: list[bytes], batch: int) -> None:
    pages = [make_page(number, body) for number, body in enumerate(bodies)]
    stages = (make_road(0.5).stages[0], choke_on_poison, *make_road(0.5).stages[1:3])
    outcomes = [outcome for start in range(0, len(pages), batch) for outcome in process(pages[start : start + batch], stages)]
    assert [outcome.id for outcome in outcomes] == [page.id for page in pages]
    for page, outcome in zip(pages, outcomes, strict=True):
        assert isinstance(outcome, Document | Skipped | Quarantined)
        assert isinstance(outcome, Quarantined) == (b"ZAHAR" in page.body)


def test_bad_document_does_not_take_its_batch_with_it() -> None:
    pages = [make_page(n) for n in range(7)] + [make_page(7, b"ZAHAR")] + [make_page(n) for n in range(8, 16)]
    outcomes = process(pages, (to_document, choke_on_poison))
    quarantined = [outcome for outcome in outcomes if isinstance(outcome, Quarantined)]
    assert [outcome.id for outcome in quarantined] == [pages[7].id]
    assert quarantined[0].stage == "choke_on_poison"
    assert quarantined[0].error == "RuntimeError: poison"
    assert "choke_on_poison" in quarantined[0].traceback


def test_a_batch_of_nothing_but_poison_is_quarantined_when_the_sample_passes() -> None:
    outcomes = process([make_page(n, b"ZAHAR") for n in range(4)], (to_document, choke_on_poison))
    assert all(isinstance(outcome, Quarantined) for outcome in outcomes)


def test_a_stage_that_fails_on_everything_stops_the_run_and_names_itself() -> None:
    def fall_over(docs: Sequence[Document]) -> list[Document]:
        raise OSError("model file is gone")

    with pytest.raises(BrokenStage, match=r"fall_over fails on every page.*model file is gone"):
        process([make_page(n) for n in range(3)], (to_document, fall_over))


def test_a_stage_that_loses_items_is_found_out() -> None:
    def lose_one(docs: Sequence[Document]) -> list[Document]:
        return list(docs)[:-1]

    with pytest.raises(BrokenStage, match="returned 0 items for 1"):
        process([make_page(n) for n in range(3)], (to_document, lose_one))


def test_what_was_skipped_meets_no_later_stage() -> None:
    def skip_all(pages: Sequence[Any]) -> list[Skipped]:
        return [Skipped(page.id, "skip_all", Reason.TOO_SHORT) for page in pages]

    def never(docs: Sequence[Document]) -> list[Document]:
        raise AssertionError("a skipped page came here")

    assert [o.id for o in process([make_page(1), make_page(2)], (skip_all, never))] == [make_page(1).id, make_page(2).id]


def test_an_empty_batch_is_no_work() -> None:
    assert process([], make_road(0.5).stages) == []


def test_a_page_whose_archive_record_is_gone_is_quarantined_and_the_others_go_on(store: Store) -> None:
    from pipeline.evidence import EvidenceWriter

    with EvidenceWriter(store.evidence_folder) as writer:
        for number in range(3):
            store.pages.save(make_page(number), *writer.append(make_page(number)))
    store.pages.save(make_page(9), "gone.warc.gz", 0)
    outcomes = [outcome for batch in run(store, flag_at=0.5, batch_size=10) for outcome in batch]
    assert sorted(outcome.id for outcome in outcomes) == sorted(make_page(n).id for n in (0, 1, 2, 9))
    broken = store.documents.quarantined()
    assert [row["page_id"] for row in broken] == [make_page(9).id]
    assert "restore it from a backup" in broken[0]["error"]
    assert list(run(store, flag_at=0.5, batch_size=10)) == [], "a second run has nothing to do"


def test_fetched_at_is_kept() -> None:
    outcome = process([make_page(1)], (to_document,))[0]
    assert isinstance(outcome, Document)
    assert outcome.fetched_at == FETCHED
