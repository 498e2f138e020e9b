"""What the store keeps of corrections and models: appended, vouched for by the audit, never changed."""

import sqlite3
from pathlib import Path

import pytest

from pipeline.custody.inspection import inspect_archive
from pipeline.records import Stop
from pipeline.store import Store
from pipeline.store.models import SHIPPED
from tests.test_review_sample import make_desk, make_languages

SPAN = {"action": "add", "start": 0, "end": 4, "label": "ORG", "entity_id": None}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return make_desk(tmp_path, make_languages())


def test_corrections_come_back_as_they_were_made_oldest_first(desk: Path) -> None:
    with Store.open(desk) as store:
        doc = next(store.documents.all())
        store.corrections.add(doc.id, "zarina", "language", {"language": "tg"}, note="sarlavha tojikcha")
        store.corrections.add(doc.id, "karim", "entities", SPAN)
        found = store.corrections.of(doc.id)
    assert [(c.reviewer, c.task, c.value) for c in found] == [
        ("zarina", "language", {"language": "tg"}),
        ("karim", "entities", SPAN),
    ]
    assert found[0].note == "sarlavha tojikcha"


@pytest.mark.parametrize(
    ("task", "value", "message"),
    [
        ("colour", {}, "unknown"),
        ("language", {"language": "xx"}, "known: uz, tg, ru, en, und"),
        ("language", {}, "must have exactly: language"),
        ("entities", SPAN | {"end": 10_000}, "not inside document"),
        ("entities", SPAN | {"action": "paint"}, "known: add, remove"),
        ("entities", SPAN | {"start": "0"}, "must have exactly"),
    ],
)
def test_a_correction_that_says_nothing_sensible_is_refused(
    task: str, value: dict[str, object], message: str, desk: Path
) -> None:
    with Store.open(desk) as store:
        doc = next(store.documents.all())
        with pytest.raises(Stop, match=message):
            store.corrections.add(doc.id, "zarina", task, value)
        assert store.corrections.of(doc.id) == []


def test_live_is_the_shipped_model_until_one_is_promoted_and_again_after_the_rollback(store: Store) -> None:
    assert store.models.live("relevance") == SHIPPED
    store.models.save("r-1", "relevance", {"seed": 7}, "{}")
    store.models.save("r-1", "relevance", {"seed": 8}, "changed")
    store.models.record("relevance", "r-1", "promote")
    store.models.record("relevance", "r-2", "refuse", ["uz-Cyrl: worse"])
    assert store.models.live("relevance") == "r-1"
    assert store.models.live("language") == SHIPPED
    store.models.record("relevance", SHIPPED, "rollback")
    assert store.models.live("relevance") == SHIPPED
    assert [model.manifest for model in store.models.all("relevance")] == [{"seed": 7}]
    assert [promotion.action for promotion in store.models.promotions()] == ["promote", "refuse", "rollback"]


@pytest.mark.parametrize("table", ["corrections", "models", "evaluations", "promotions"])
def test_what_was_learned_cannot_be_changed_and_a_forced_change_is_found(table: str, desk: Path) -> None:
    with Store.open(desk) as store:
        doc = next(store.documents.all())
        store.corrections.add(doc.id, "zarina", "entities", SPAN)
        store.models.save("r-1", "relevance", {}, "{}")
        store.models.add_evaluation("r-1", SHIPPED, {"f1": 1})
        store.models.record("relevance", "r-1", "promote")
    assert not _find(desk, table)
    db = sqlite3.connect(desk)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(f"DELETE FROM {table}")
    db.execute(f"DROP TRIGGER {table}_delete")
    db.execute(f"DELETE FROM {table}")
    db.commit()
    db.close()
    assert _find(desk, table)


def _find(database: Path, table: str) -> list[str]:
    return [line for line in inspect_archive(database)[0].damage if line.startswith(table)]
