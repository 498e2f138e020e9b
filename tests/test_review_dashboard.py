"""The dashboard: its counts are those of the archive after every change, each row leads to its items, few are never counted."""

import csv
import io
import re
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Document, Mention
from pipeline.review.dashboard import FIGURES
from pipeline.review.figure import HEIGHT, list_weeks, stack
from pipeline.review.network import make_network
from pipeline.store import Store
from tests.conftest import make_page
from tests.test_review_sample import HOST, make_desk, make_doc, open_client, send_decision

ENTITIES = {"taliban": "ORG", "al-qaeda": "ORG", "islamic-state": "ORG", "afghan-badakhshan": "LOC", "kabul": "LOC"}
DAYS = [(date(2026, 3, 30) + timedelta(days=3 * n)).isoformat() for n in range(40)]


def make_named(number: int, *entities: str, **changes: object) -> Document:
    """A document that names these entities, each twice."""
    names = [
        Mention(start, start + 1, "T", ENTITIES[entity], entity, ("gazetteer",), 0.9, "", entity)
        for start in (0, 5)
        for entity in entities
    ]
    return make_doc(number, mentions=tuple(names), published=DAYS[number % len(DAYS)], **changes)


def count_anew(path: Path) -> tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
    """What the counters must say, computed from documents and mentions."""
    weeks, pairs = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    with Store.open(path) as store:
        for doc in (doc for doc in store.documents.all() if doc.flagged):
            day = date.fromisoformat(doc.published or doc.fetched_at.date().isoformat())
            week = (day - timedelta(days=day.weekday())).isoformat()
            weeks["route", f"uz-{doc.script}" if doc.language == "uz" else doc.language, week] += 1
            weeks["source", doc.source, week] += 1
            named = {mention.entity_id: mention.label for mention in doc.mentions if mention.entity_id}
            for entity, label in named.items():
                weeks[label, str(entity), week] += 1
            groups = sorted(str(entity) for entity, label in named.items() if label == "ORG")
            pairs.update((one, two, week) for place, one in enumerate(groups) for two in groups[place + 1 :])
    return weeks, pairs


def read_counters(path: Path) -> tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]]:
    db = sqlite3.connect(path)
    weeks = db.execute("SELECT what, name, week, documents FROM flagged_weeks WHERE documents != 0").fetchall()
    pairs = db.execute("SELECT one, two, week, documents FROM named_pairs WHERE documents != 0").fetchall()
    db.close()
    return tuple(Counter({row[:3]: row[3] for row in rows}) for rows in (weeks, pairs))  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(6))
def test_counters_follow_every_change_of_the_archive(tmp_path: Path, seed: int) -> None:
    def named(number: int) -> Document:
        chosen = [entity for place, entity in enumerate(ENTITIES) if (number * 7 + seed) >> place & 1]
        return make_named(number, *chosen, flagged=(number + seed) % 3 != 0, language=("tg", "en", "uz")[number % 3])

    path = make_desk(tmp_path, [named(number) for number in range(24)])
    assert read_counters(path) == count_anew(path)
    with Store.open(path) as store:
        # Analysed again: other names, other flags.
        store.documents.save(
            [make_named(number, "taliban", "kabul", flagged=number % 2 == 0) for number in range(10)], replace=True
        )
    assert read_counters(path) == count_anew(path)
    db = sqlite3.connect(path)
    gone = [make_doc(number).id for number in (2, 3, 4)]
    # In either order: names first, or the document first.
    for order in (("mentions", "documents"), ("documents", "mentions")):
        document = gone.pop()
        for table in ("labels", *order):
            db.execute(f"DELETE FROM {table} WHERE {'id' if table == 'documents' else 'document_id'} = ?", (document,))
    db.commit()
    db.close()
    assert read_counters(path) == count_anew(path)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty flagged reports, some decided; Kabul in four of them, Badakhshan in five."""
    docs = [
        make_named(n, "taliban", *(["al-qaeda"] if n % 2 else []), *(["afghan-badakhshan"] if n < 5 else [])) for n in range(26)
    ]
    docs += [make_named(n, "taliban", "kabul") for n in range(26, 30)]
    path = make_desk(tmp_path_factory.mktemp("dashboard"), docs)
    with Store.open(path) as store:
        store.visits.conclude("sinov", "broken", "=1+1", datetime(2026, 9, 22, tzinfo=UTC))
        for number in range(12):
            store.desk.decide(docs[number].id, "aziza", "relevant" if number % 3 else "not-relevant")
            store.desk.decide(docs[number].id, "bek", "relevant", seen=0)
    return path


def read_rows(path: Path, key: str) -> list[dict[str, str]]:
    answer = open_client(path).get(f"/dashboard/{key}?weeks=all")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_row_leads_to_as_many_items_as_it_counts(desk: Path) -> None:
    client = open_client(desk)
    page = client.get("/dashboard?weeks=all").text
    for words, number in (("English", 30), ("Taliban", 30), ("Al-Qaeda", 13), ("Badakhshan (Afghanistan)", 5)):
        found = re.search(rf'<th scope="row"><a href="([^"]+)"><bdi>{re.escape(words)}</bdi></a></th><td class="number">', page)
        assert found, words
        listed = client.get(unescape(found[1])).text
        assert f"<strong>{number}</strong> item" in listed, (words, found[1])
    pair = re.search(r'<a href="(/\?[^"]*also=[^"]+)"><bdi>', page)
    assert pair
    assert "<strong>13</strong> items" in client.get(unescape(pair[1])).text


def test_a_place_in_fewer_than_five_reports_is_nowhere(desk: Path) -> None:
    assert [(row["Place"], row["Reports"]) for row in read_rows(desk, "places")] == [("Badakhshan (Afghanistan)", "5")]
    page = open_client(desk).get("/dashboard?weeks=all").text
    assert "Kabul" not in page
    assert "which are not shown: 1." in page


def test_precision_and_agreement_are_those_of_the_decisions(desk: Path) -> None:
    rows = read_rows(desk, "precision")
    assert sum(int(row["Decided"]) for row in rows) == 12
    with Store.open(desk) as store:
        said = store.opinions.independent()
    assert len(said) == 24
    assert read_rows(desk, "agreement")[0]["Items"] == "12"


def test_what_is_shown_again_follows_decisions_and_new_documents(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, [make_doc(number) for number in range(3)]))

    def read_counts() -> tuple[str, ...]:
        page = client.get("/dashboard?weeks=all").text
        return tuple(re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL))

    first = read_counts()
    assert first
    assert read_counts() == first
    send_decision(client, make_doc(1))
    decided = read_counts()
    assert decided != first
    with Store.open(tmp_path / "review.db") as store:
        store.pages.save(make_page(7), "x.warc.gz", 50_000)
        store.documents.save([make_doc(7)])
    assert read_counts() not in (first, decided)


def test_numbers_are_exported_by_name_in_the_audit_and_never_as_formulas(desk: Path) -> None:
    for key in FIGURES:
        assert read_rows(desk, key), key
    with Store.open(desk) as store:
        assert read_rows(desk, "sources")[0]["Reason"] == "'=1+1"
        assert {"export"} == {row["action"] for row in store.ledger.audit(len(FIGURES))}
    assert open_client(desk).get("/dashboard/nothing").status_code == 404


def test_an_empty_database_has_an_empty_dashboard(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, []))
    page = client.get("/dashboard").text
    assert "Nothing was flagged in this time." in page
    assert "Nothing flagged was decided yet." in page
    for key in FIGURES:
        assert client.get(f"/dashboard/{key}").status_code == 200
    assert HOST not in page


def test_a_counted_page_reads_no_text_and_scans_no_archive(desk: Path) -> None:
    seen: list[str] = []
    with Store.open(desk) as store:
        connection = store._connection
        plain = connection.all, connection.one

        def watch(call: object) -> object:
            def ask(sql: str, *values: object) -> object:
                seen.extend(str(row[3]) for row in plain[0](f"EXPLAIN QUERY PLAN {sql}", *values))
                return call(sql, *values)  # type: ignore[operator]

            return ask

        connection.all, connection.one = watch(plain[0]), watch(plain[1])  # type: ignore[method-assign,assignment]
        for name in ("route", "ORG"):
            store.dashboard.weeks(name, "")
        store.dashboard.places("")
        store.dashboard.count_waiting("2026-01-01", "")
        store.dashboard.bands()
        store.dashboard.totals()
    assert seen
    assert not any(
        re.search(r"SCAN (documents|mentions|queue)\b(?! USING (COVERING )?INDEX queue_judged)", step) for step in seen
    ), seen


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(list_weeks("2026-09-21", 6)), st.integers(0, 50)), max_size=5))
def test_columns_stand_on_the_ground_and_end_at_the_top(series: list[dict[str, int]]) -> None:
    weeks = list_weeks("2026-09-21", 6)
    drawn = stack([(f"s{n}", "", counts) for n, counts in enumerate(series)], weeks)
    for rect in drawn.rects:
        assert -0.1 <= rect.y <= HEIGHT
        assert rect.y + rect.height <= HEIGHT + 0.1
        assert 0 <= rect.x <= rect.x + rect.width <= drawn.width
    assert drawn.most == max((sum(counts.get(week, 0) for counts in series) for week in weeks), default=0)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda pair: pair[0] < pair[1]), st.integers(1, 99), max_size=30
    )
)
def test_every_pair_is_drawn_inside_the_frame(counts: dict[tuple[int, int], int]) -> None:
    pairs = [(f"group {one}", f"group {two}", documents) for (one, two), documents in counts.items()]
    drawn = make_network(pairs, ["/"] * len(pairs))
    assert len(drawn.edges) == len(pairs)
    assert {node.name for node in drawn.nodes} == {name for pair in pairs for name in pair[:2]}
    places = {(node.x, node.y) for node in drawn.nodes}
    assert len(places) == len(drawn.nodes), "no two on one place"
    assert all(0 < x < drawn.width and 0 < y < drawn.height for x, y in places)
