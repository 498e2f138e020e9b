"""The same story in another language is found where figures and names say so, and two like events are never called one."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.metric import find_share_interval
from pipeline.entities import find_entities
from pipeline.names import find_names
from pipeline.records import Document
from pipeline.store import Store
from pipeline.store.tellings import Telling
from pipeline.translation import agree, find_figures, find_same, find_translations, make_telling
from tests.conftest import FETCHED, make_page

TEXTS = Path(__file__).with_name("texts") / "translations.jsonl"  # written for this test: stories in pairs that are alike
CHOSEN_ON = 14  # stories; the rule was chosen looking at these, the later ones were written afterwards


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def docs(rows: list[dict[str, Any]]) -> list[Document]:
    script = {"en": "Latn", "uz": "Latn", "ru": "Cyrl", "tg": "Cyrl"}
    made = [
        Document(f"{row['story']}-{row['language']}", f"http://h.invalid/{n}", f"s{n}", FETCHED, row["title"], row["text"],
                 language=row["language"], script=script[row["language"]])
        for n, row in enumerate(rows)
    ]  # fmt: skip
    return find_names(find_entities(made), cascade=False)


def save(store: Store, docs: list[Document]) -> dict[str, str]:
    """Pages and documents in one batch; the ids that they have in the store by those of the test."""
    pages = [make_page(0, url=doc.url) for doc in docs]
    for page in pages:
        store.pages.save(page, "x.warc", 0)
    named = [replace(doc, id=page.id) for doc, page in zip(docs, pages, strict=True)]
    store.documents.save(find_translations(named, store.tellings), replace=True)
    return {doc.id: page.id for doc, page in zip(docs, pages, strict=True)}


def make(number: int, language: str, **changes: Any) -> Telling:
    vector = np.zeros(4, np.float32)
    vector[0] = 1.0
    values: dict[str, Any] = {"names": frozenset({"taliban"}), "figures": frozenset({"12", "340"}), "day": 700_000}
    return Telling(str(number), language, vector=vector, **(values | changes))


def test_translations_are_found_and_like_events_are_not(rows: list[dict[str, Any]], docs: list[Document]) -> None:
    tellings = [make_telling(doc) for doc in docs]
    counts = {late: [0, 0, 0, 0] for late in (False, True)}  # translations found and all, other pairs found and all
    for (one, first), (other, second) in combinations(zip(tellings, rows, strict=True), 2):
        if one.language == other.language:
            continue
        count, same = counts[min(first["story"], second["story"]) > CHOSEN_ON], first["story"] == second["story"]
        count[0 if same else 2] += bool(find_same(one, [other]))
        count[1 if same else 3] += 1
    print({("written after" if late else "chosen on"): count for late, count in counts.items()})
    print("recall of the later ones", find_share_interval(counts[True][0], counts[True][1]))
    assert counts[False][2] == counts[True][2] == 0
    assert counts[True][0] / counts[True][1] >= 0.6
    assert [counts[False][1], counts[True][1]] == [84, 36], "every pair of languages of every story"


def test_figures_are_compared_whatever_stands_between_thousands_and_years_do_not_count() -> None:
    assert find_figures("In 2023: 6,000 or 1 240 of 12.5 million; 4.000") == {"6000", "1240", "12.5", "4000"}


def test_a_vector_alone_makes_nothing_sure() -> None:
    one = make(1, "en")
    assert find_same(one, [make(2, "ru")]) == [("2", 1.0)]
    assert find_same(one, [make(2, "ru", figures=frozenset())]) == []
    assert find_same(one, [make(2, "ru", figures=frozenset({"12", "341"}))]) == [], "half of the figures are others"
    assert agree(replace(one, figures=frozenset({"123"})), make(2, "ru", figures=frozenset({"123", "7"})))
    nameless = make(2, "ru", figures=frozenset({"123"}), names=frozenset())
    assert not agree(replace(one, figures=frozenset({"123"})), nameless), "three digits need a name"
    assert find_same(one, [replace(make(2, "ru"), vector=np.array([0, 1, 0, 0], np.float32))]) == []


def test_pairs_are_stored_shown_both_ways_and_go_with_their_documents(store: Store, docs: list[Document]) -> None:
    story = [doc for doc in docs if doc.id.startswith("1-")]
    ids: dict[str, str] = {}
    for doc in story:  # one batch each, as a running archive meets them
        ids |= save(store, [doc])
    names = {stored: name for name, stored in ids.items()}
    found = {name: {names[other["id"]] for other in store.tellings.same_story(ids[name])} for name in ids}
    assert len(found["1-ru"]) >= 2
    assert all(one in found[other] for one, others in found.items() for other in others), "each is shown the other"
    fresh = make_telling(story[0])
    assert {names[other.id] for other in store.tellings.near(fresh, 3)} == set(ids) - {"1-en"}
    assert store.tellings.near(replace(fresh, day=fresh.day + 7), 3) == [], "only the days around it"
    with store.documents._connection.write() as db:
        db.execute("UPDATE documents SET text = '' WHERE id = ?", (ids["1-ru"],))
        for place in (
            "mentions WHERE document_id",
            "labels WHERE document_id",
            "details WHERE document_id",
            "documents WHERE id",
        ):
            db.execute(f"DELETE FROM {place} = ?", (ids["1-uz"],))
    assert {names[other.id] for other in store.tellings.near(fresh, 3)} == {"1-tg"}, "without a text it is not compared any more"
    assert ids["1-uz"] not in {other["id"] for other in store.tellings.same_story(ids["1-ru"])}


def test_a_batch_finds_itself_and_saving_again_changes_nothing(store: Store, docs: list[Document]) -> None:
    batch = [replace(doc, fetched_at=doc.fetched_at + timedelta(days=n % 2)) for n, doc in enumerate(docs) if doc.id[:2] == "17"]
    ids = save(store, batch)
    before = {name: store.tellings.same_story(stored) for name, stored in ids.items()}
    assert len(before["17-en"]) == 3
    assert save(store, batch) == ids
    after = {name: store.tellings.same_story(stored) for name, stored in ids.items()}
    assert {name: [other["id"] for other in others] for name, others in after.items()} == {
        name: [other["id"] for other in others] for name, others in before.items()
    }


def test_a_document_that_the_encoder_did_not_read_is_not_compared(store: Store, docs: list[Document]) -> None:
    ids = save(store, [replace(doc, sense=None) for doc in docs[:4]])
    assert all(store.tellings.same_story(stored) == [] for stored in ids.values())
    assert all(doc.sense is None for doc in find_translations(docs, store.tellings)), "nobody reads it after this"
