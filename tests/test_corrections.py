"""Corrections say nothing of persons outside the gazetteer."""

from pathlib import Path

import pytest

from pipeline.records import Stop
from pipeline.store import Store
from tests.test_review_sample import make_desk, make_doc


def test_a_person_outside_the_gazetteer_is_never_stored(tmp_path: Path) -> None:
    doc = make_doc(0)
    with Store.open(make_desk(tmp_path, [doc])) as store:
        span = {"action": "add", "start": 0, "end": 4, "label": "PER", "entity_id": None}
        with pytest.raises(Stop, match="never stored"):
            store.corrections.add(doc.id, "zarina", "entities", span)
        assert store.corrections.of(doc.id) == []
        store.corrections.add(doc.id, "zarina", "entities", span | {"entity_id": "a-known-person"})
        assert len(store.corrections.of(doc.id)) == 1
