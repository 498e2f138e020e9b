"""Search: one word finds its other script, its other apostrophes and its other endings, not words that only begin alike."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.store import Store
from pipeline.store.search import MOST_SPELLINGS, find_stem, iter_spellings, match
from tests.test_review_sample import make_desk, make_doc

TEXTS = (
    "Kecha Tolibonning bayonoti eʼlon qilindi.",
    "Толибон вакиллари Ўзбекистонга келди.",
    "Oʻzbekiston chegarasida mashq oʻtkazildi.",
    "O’zbekistonda sud hukm o‘qidi.",
    "Ҷамоати Ансоруллоҳро дар Тоҷикистон манъ карданд.",
    "Суда над участниками группы не было, судьба их неизвестна.",
    "Судьба посёлка решена.",
    "The exercises near the border ended.",
    "Суднинг қарори ўқилди.",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_desk(tmp_path_factory.mktemp("search"), [make_doc(n, title="", text=text) for n, text in enumerate(TEXTS)])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Толибон", {0, 1}),
        ("tolibon", {0, 1}),
        ("Tolibonlarga", {0, 1}),
        ("O'zbekiston", {1, 2, 3}),
        ("O‘zbekistonning", {1, 2, 3}),
        ("Ўзбекистон", {1, 2, 3}),
        ("Узбекистон", {1}),
        ("oʻzbekiston mashq", {2}),
        ("Ансоруллоҳ", {4}),
        ("Ансоруллох", {4}),
        ("Точикистон", {4}),
        ("суд", {3, 5, 8}),
        ("sud", {3, 5, 8}),
        ("судьба", {5, 6}),
        ("exercise", {7}),
        ('"Tolibonning bayonoti"', {0}),
        ('"Tolibon bayonoti"', set()),
        ("eʼlon", {0}),
        ("e'lon", {0}),
        ("элон", set()),
        ('NEAR("border" 3) OR', set()),
        ("*", set()),
    ],
)
def test_words_find_what_a_reader_means(desk: Path, words: str, found: set[int]) -> None:
    with Store.open(desk) as store:
        rows = store.queue.rows({"search": words})
    assert {int(row.url.rsplit("/", 1)[1]) for row in rows} == found


def test_snippet_marks_the_word_that_was_found(desk: Path) -> None:
    with Store.open(desk) as store:
        [row] = store.queue.rows({"search": "ансоруллоҳ"})
    assert row.snippet == "Ҷамоати \x02Ансоруллоҳро\x03 дар Тоҷикистон манъ карданд."


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("abоқў'ʻ’\"*()-:^ANDORNEAR ", max_size=40))
def test_whatever_is_typed_is_a_query(words: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match(words),)).fetchone()
    db.close()


@settings(deadline=None)
@given(st.text("abeghkoqʻ'уқхиг", min_size=1, max_size=12))
def test_spellings_are_few_and_the_stem_is_the_beginning(word: str) -> None:
    assert 1 <= len(list(iter_spellings(word))) <= MOST_SPELLINGS
    assert word.lower().replace("'", "ʻ").startswith(find_stem(word))


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"flagged": 1, "verdict": "none"}, "queue_waiting_score"),
        ({"flagged": 1, "verdict": "none", "order": "newest", "since": "2026-01-01"}, "queue_waiting_day"),
        ({"flagged": 1, "verdict": "none", "order": "doubt"}, "queue_waiting_doubt"),
        ({"flagged": 1, "verdict": "none", "order": "random", "topic": "attack"}, "queue_waiting_place"),
        ({"flagged": 1, "verdict": "none", "route": "tg"}, "queue_waiting_route"),
        ({"flagged": 1, "verdict": "none", "source": "s"}, "queue_waiting_source"),
        ({"verdict": "relevant"}, "queue_decided"),
        ({"second": "asked", "verdict": "any"}, "queue_second"),
        ({"verdict": "any"}, "queue_score"),
    ],
)
def test_every_list_walks_an_index_in_its_order_and_finds_copies_by_their_story(
    desk: Path, filters: dict[str, str | int], index: str
) -> None:
    with Store.open(desk) as store:
        steps = store.queue.explain(filters)
        store.queue.rows(filters)
        store.queue.count(filters)
        for document in (make_doc(0).id, make_doc(8).id):
            store.queue.after(document, filters)
            store.queue.before(document, filters)
    assert any(f"q USING INDEX {index}" in step for step in steps), steps
    assert all("queue_cluster" in step for step in steps if " r USING" in step), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
