"""The sample to read: top, uncertain and random items mixed, and what the random ones tell of what is missed."""

from pathlib import Path

import pytest

from pipeline.records import Document
from pipeline.store import Store
from pipeline.store.sample import DOUBTFUL, RANDOM, TOP
from tests.conftest import make_page
from tests.test_review_sample import make_doc

BELOW, FLAGGED = 240, 40


def is_relevant(doc: Document) -> bool:
    """The truth of this invented archive: every flagged one, and each twelfth of the others."""
    return doc.flagged or int(doc.url.rsplit("/", 1)[1]) % 12 == 0


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    with Store.open(path, create=True) as store:
        docs = []
        for number in range(BELOW + FLAGGED):
            store.pages.save(make_page(number), "x.warc.gz", number)
            score = 0.5 + (number - BELOW) / 100 if number >= BELOW else (number % 50) / 110
            docs.append(make_doc(number, score=round(score, 3), flagged=number >= BELOW))
        store.documents.save(docs)
    return path


def test_a_sample_has_all_three_kinds_once_each_and_mixed(archive: Path) -> None:
    with Store.open(archive) as store:
        drawn = store.sample.draw(50, seed=1)
        docs = {doc.id: doc for doc in store.documents.all()}
    assert len({one.document_id for one in drawn}) == len(drawn) == 50
    counts = {why: sum(one.why == why for one in drawn) for why in (TOP, DOUBTFUL, RANDOM)}
    assert counts == {TOP: 20, DOUBTFUL: 15, RANDOM: 15}
    assert all(not docs[one.document_id].flagged and one.probability == 15 / BELOW for one in drawn if one.why == RANDOM)
    assert [one.why for one in drawn] != sorted(one.why for one in drawn)


def test_the_seed_draws_the_same_again_and_another_seed_does_not(archive: Path) -> None:
    with Store.open(archive) as store:
        first, again, other = (store.sample.draw(30, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_decided_random_items_tell_how_many_are_missed(archive: Path) -> None:
    with Store.open(archive) as store:
        assert store.sample.missed() is None
        docs = {doc.id: doc for doc in store.documents.all()}
        for seed in range(4):
            for one in store.sample.draw(60, seed):
                store.desk.decide(one.document_id, "zarina", "relevant" if is_relevant(docs[one.document_id]) else "not-relevant")
        missed = store.sample.missed()
        unread = [doc for doc in docs.values() if not doc.flagged and not store.desk.decisions(doc.id)]
    assert missed is not None
    truth = sum(map(is_relevant, unread))
    assert missed.unread == len(unread)
    assert missed.low <= truth <= missed.high
    assert missed.low <= missed.estimate <= missed.high < len(unread)


def test_an_empty_desk_gives_an_empty_sample(store: Store) -> None:
    assert store.sample.draw(10, seed=1) == []
    assert store.sample.missed() is None
