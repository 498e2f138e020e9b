"""The audit says when the settings or the names changed, once for every change."""

import json
from dataclasses import replace

from pipeline.config import load_config
from pipeline.custody.inspection import inspect_archive
from pipeline.custody.state import record_state
from pipeline.store import Store
from pipeline.store.check import open_snapshot


def read_audit(store: Store, action: str) -> list[list[str]]:
    db = open_snapshot(store.path)
    rows = [json.loads(row[0]) for row in db.execute("SELECT subject FROM audit WHERE action = ? ORDER BY id", (action,))]
    db.close()
    return [row["changed"] for row in rows]


def test_a_change_is_written_once_and_names_what_changed(store: Store) -> None:
    config = load_config()
    for _ in range(3):
        record_state(store, config)
    record_state(store, replace(config, score=replace(config.score, flag_at=0.7)))
    record_state(store, config)
    assert read_audit(store, "configuration") == [[], ["score"], ["score"]]
    assert read_audit(store, "gazetteer") == [[]]
    assert inspect_archive(store.path)[0].damage == []


def test_another_file_of_names_is_a_change(store: Store) -> None:
    assert store.ledger.record_change("gazetteer", {"people.yaml": "1", "places.yaml": "1"})
    assert not store.ledger.record_change("gazetteer", {"people.yaml": "1", "places.yaml": "1"})
    assert store.ledger.record_change("gazetteer", {"people.yaml": "2", "more.yaml": "1"})
    assert read_audit(store, "gazetteer") == [[], ["more.yaml", "people.yaml", "places.yaml"]]
