"""`xabar export`: each format is what its specification says, carries what was chosen, and nothing that may not leave."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.entities.docbin import read_docbin
from pipeline.export import jsonl
from pipeline.export.row import Row, read_rows
from pipeline.export.spreadsheet import INVISIBLE, STARTS, defuse
from pipeline.export.table import COLUMNS
from pipeline.export.write import FORMATS, Order, export
from pipeline.records import Citation, Document, Label, Mention, Section, Stop
from pipeline.store import Store
from tests.conftest import make_page, make_source_row
from tests.test_cli import one_line, xabar

TEXT = "😀 Полиция ИШИД ҳақида баёнот берди, деди Анвар Тўқимаев. Институт шарҳ берди."
PRIVATE = "Анвар Тўқимаев"  # invented for this test
ACTOR, OFFICE = "islamic-state", "afghan-mfa"


def mention(text: str, label: str, entity_id: str | None, name: str = "", kind: str = "") -> Mention:
    start = TEXT.index(text)
    return Mention(start, start + len(text), text, label, entity_id, ("gazetteer",), 0.9, "form", name, kind)


def make_doc(number: int, **changes: Any) -> Document:
    page = make_page(number)
    names = (
        mention("Полиция", "ORG", OFFICE, "Ministry", "government-body"),
        mention("ИШИД", "ORG", ACTOR, "Islamic State", "organization"),
        mention("ИШИД ҳақида", "TERM", None),
        mention(PRIVATE, "PER", None),
    )
    labels = (Label("relevance", "R3", 0.9, "v1"), Label("topics", "attack", 0.8, "v1"), Label("topics", "trial", 0.2, "v1"))
    doc = Document(page.id, page.url, "a", page.fetched_at, '=HYPERLINK("x")', TEXT, "2026-09-22", "json-ld", "uz", "Cyrl", 0.98)
    doc = replace(doc, cluster_id=page.id, mentions=names, labels=labels, evidence=((0, 9),), score=0.8, flagged=True)
    doc = replace(
        doc, reasons=("sabab",), sections=(Section(0, 9, 1, "Кириш", 0.2),), citations=(Citation("1", "Манба", (), 1, 2),)
    )
    return replace(doc, **changes)


@pytest.fixture
def full(store: Store) -> Store:
    store.ledger.save_sources([make_source_row(id="a", name="Манба & <A>")])
    docs = [make_doc(0), make_doc(1, language="tg", script="Cyrl", flagged=False, published="2026-08-01", labels=())]
    docs.append(make_doc(2, mentions=(), cluster_id=docs[0].cluster_id, published=None, title="Учинчи"))
    for number, doc in enumerate(docs):
        store.pages.save(make_page(number), "x.warc.gz", number)
        store.documents.save([doc], persons="all")
    store.desk.decide(docs[0].id, "Гулнора", "relevant", reason="new-event", note="@қайд")
    start = TEXT.index("Институт")
    value = {"action": "add", "start": start, "end": start + 8, "label": "ORG", "entity_id": None}
    store.corrections.add(docs[0].id, "Гулнора", "entities", value)
    return store


def written(store: Store, tmp_path: Path, kind: str, *, bodies: bool = False, persons: bool = False, **filters: Any) -> bytes:
    out = tmp_path / f"out.{kind}"
    out.unlink(missing_ok=True)
    export(store, Order(kind, filters, bodies, persons), out)
    return out.read_bytes()


def last_audit(store: Store) -> dict[str, Any]:
    [row] = store.ledger.audit(1)
    assert row["action"] == "export"
    return dict(json.loads(row["subject"]))


def test_our_own_lines_come_back_as_the_same_rows_and_fill_an_empty_database(full: Store, tmp_path: Path) -> None:
    lines = written(full, tmp_path, "jsonl", bodies=True, persons=True).splitlines(keepends=True)
    rows = list(jsonl.read(lines))
    assert rows == list(read_rows(full, {}, bodies=True, persons=True))
    assert [row.doc for row in rows] == list(full.documents.all()), "nothing of a document is lost"
    assert [jsonl.dump(row) for row in rows] == lines
    with Store.open(tmp_path / "other.db", create=True) as other:
        for number, row in enumerate(rows):
            other.pages.save(make_page(number), "x.warc.gz", number)
            other.documents.save([row.doc], persons="all")
        assert list(other.documents.all()) == list(full.documents.all())


@given(st.text(max_size=40), st.text(max_size=40), st.floats(0, 1), st.none() | st.text(max_size=12))
def test_any_text_survives_the_round_trip(title: str, text: str, score: float, published: str | None) -> None:
    row = Row(make_doc(0, title=title, text=text or "x", score=score, published=published, fetched_at=datetime.now(UTC)))
    assert next(jsonl.read([jsonl.dump(row)])) == row
    assert jsonl.dump(row).count(b"\n") == 1


@pytest.mark.parametrize("kind", ["jsonl", "csv", "stix", "misp", "atom"])
def test_no_body_and_no_private_person_leaves_unless_it_is_said(kind: str, full: Store, tmp_path: Path) -> None:
    data = written(full, tmp_path, kind).decode()
    for never in (PRIVATE, "баёнот", 'Манба"', "Кириш"):
        assert never not in data
    assert last_audit(full) == {"format": kind, "to": f"out.{kind}", "filters": {}, "bodies": False, "persons": False}
    assert "баёнот" in written(full, tmp_path, kind, bodies=True).replace(b"\\u", b"").decode()
    assert last_audit(full)["bodies"] is True


def test_a_private_person_is_marked_only_when_it_is_said(full: Store, tmp_path: Path) -> None:
    for kind in ("jsonl", "label-studio", "doccano", "prodigy"):
        assert '"PER"' not in written(full, tmp_path, kind, bodies=True).decode()
        assert '"PER"' in written(full, tmp_path, kind, bodies=True, persons=True).decode()
        assert last_audit(full)["persons"] is True


@pytest.mark.parametrize("kind", [name for name, chosen in FORMATS.items() if chosen.of_texts])
def test_formats_made_of_texts_refuse_to_be_empty_shells(kind: str, full: Store, tmp_path: Path) -> None:
    before = full.ledger.audit(1)
    with pytest.raises(Stop, match="say --bodies if they may leave"):
        written(full, tmp_path, kind)
    assert list(tmp_path.glob("out*")) == []
    assert full.ledger.audit(1) == before


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 3),
        ({"flagged": 1}, 2),
        ({"route": "tg"}, 1),
        ({"route": "uz-Cyrl"}, 2),
        ({"source": "a"}, 3),
        ({"source": "b"}, 0),
        ({"topic": "attack"}, 2),
        ({"topic": "trial"}, 0),
        ({"entity": ACTOR}, 2),
        ({"since": "2026-09-01"}, 2),
        ({"until": "2026-08-31"}, 1),
        ({"verdict": "relevant"}, 1),
        ({"verdict": "none"}, 2),
        ({"verdict": "decided"}, 1),
        ({"verdict": "any"}, 3),
        ({"search": "баёнот"}, 3),
        ({"flagged": 1, "entity": ACTOR, "verdict": "none"}, 0),
    ],
)
def test_filters_choose_whole_stories(filters: dict[str, Any], count: int, full: Store, tmp_path: Path) -> None:
    assert len(written(full, tmp_path, "jsonl", **filters).splitlines()) == count
    assert last_audit(full)["filters"] == filters


def test_csv_has_a_record_per_document_and_no_formula(full: Store, tmp_path: Path) -> None:
    data = written(full, tmp_path, "csv")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 3
    assert rows[0]["title"] == '\'=HYPERLINK("x")'
    assert rows[0]["note"] == "'@қайд"
    assert (rows[0]["relevance"], rows[0]["topics"], rows[0]["verdict"]) == ("R3", "attack", "relevant")
    assert rows[0]["organisations"] == f"{OFFICE}; {ACTOR}"
    assert float(rows[0]["score"]) == 0.8


@given(st.text(INVISIBLE, max_size=3), st.sampled_from(STARTS), st.text(max_size=20))
def test_no_cell_starts_a_formula_whatever_stands_before_it(before: str, start: str, rest: str) -> None:
    assert str(defuse(before + start + rest)).startswith("'")


@pytest.mark.parametrize("harmless", ["Ўзбекистон", "a=b", "2026-09-22", "", "'quoted'"])
def test_harmless_cells_stay_as_they_are(harmless: str) -> None:
    assert defuse(harmless) == harmless


def test_stix_says_what_the_standard_asks_and_calls_no_state_a_threat(full: Store, tmp_path: Path) -> None:
    bundle = json.loads(written(full, tmp_path, "stix"))
    objects = {item["id"]: item for item in bundle["objects"]}
    assert len(objects) == len(bundle["objects"]), "every object once"
    check_stix(bundle)
    kinds = [item["type"] for item in objects.values()]
    assert (kinds.count("report"), kinds.count("note"), kinds.count("threat-actor")) == (3, 1, 1)
    [actor] = [item for item in objects.values() if item["type"] == "threat-actor"]
    assert actor["external_references"][0]["external_id"] == ACTOR
    reports = [item for item in objects.values() if item["type"] == "report"]
    assert [actor["id"] in report["object_refs"] for report in reports] == [True, True, False]
    assert "No person has decided" in reports[1]["description"]
    assert "relevant (new-event)" in reports[0]["description"]
    assert reports[0]["published"] == "2026-09-22T00:00:00.000Z"
    assert "Гулнора" not in json.dumps(bundle, ensure_ascii=False), "reviewers are not named to others"
    assert json.loads(written(full, tmp_path, "stix"))["objects"] == bundle["objects"], "the same content, the same ids"


REQUIRED = {
    "report": {"name", "published", "object_refs"},
    "note": {"content", "object_refs"},
    "threat-actor": {"name"},
    "identity": {"name"},
    "marking-definition": {"definition_type", "definition"},
}


def check_stix(bundle: dict[str, Any]) -> None:
    """By hand, after section 3.2 and 4 of the standard."""
    ids = {item["id"] for item in bundle["objects"]}
    assert bundle.keys() == {"type", "id", "objects"}
    for item in (bundle, *bundle["objects"]):
        kind, _, number = item["id"].partition("--")
        assert kind == item["type"]
        assert str(UUID(number)) == number
    for item in bundle["objects"]:
        assert item["spec_version"] == "2.1"
        assert REQUIRED[item["type"]] <= item.keys()
        for name in item.keys() & {"created", "modified", "published"}:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item[name])
        assert item.get("modified", item["created"]) >= item["created"]
        assert {*item.get("object_refs", ()), *item.get("object_marking_refs", ())} <= ids
        assert item.get("object_refs", ["x"]), "a list that is there is not empty"


def test_stix_is_read_by_its_own_library(full: Store, tmp_path: Path) -> None:
    library = pytest.importorskip("stix2", reason="not run: stix2 is not installed")
    bundle = library.parse(written(full, tmp_path, "stix").decode(), allow_custom=False)
    assert len(bundle.objects) == len(json.loads(bundle.serialize())["objects"])


def test_misp_events_are_private_unpublished_and_complete(full: Store, tmp_path: Path) -> None:
    events = [item["Event"] for item in json.loads(written(full, tmp_path, "misp"))["response"]]
    assert [event["date"] for event in events] == ["2026-09-22", "2026-08-01", make_page(2).fetched_at.date().isoformat()]
    assert [event["analysis"] for event in events] == ["2", "0", "0"]
    for event in events:
        assert (event["distribution"], event["published"], event["threat_level_id"]) == ("0", False, "4")
        assert not any(attribute["to_ids"] for attribute in event["Attribute"])
        uuids = [event["uuid"], *(attribute["uuid"] for attribute in event["Attribute"])]
        assert len({UUID(number) for number in uuids}) == len(uuids)
    actors = [[a["value"] for a in event["Attribute"] if a["type"] == "threat-actor"] for event in events]
    assert [len(names) for names in actors] == [1, 1, 0]
    assert {"name": 'xabar:topic="attack"'} in events[0]["Tag"]


def test_misp_is_read_by_its_own_library(full: Store, tmp_path: Path) -> None:
    library = pytest.importorskip("pymisp", reason="not run: pymisp is not installed")
    for item in json.loads(written(full, tmp_path, "misp"))["response"]:
        event = library.MISPEvent(strict_validation=True)
        count = len(item["Event"]["Attribute"])
        event.from_dict(**item)  # which empties what it is given
        assert len(event.attributes) == count


def spans_of_label_studio(data: bytes) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    for task in json.loads(data):
        [prediction] = task["predictions"]
        values = [region["value"] for region in prediction["result"]]
        yield task["data"]["text"], [(value["start"], value["end"], value["labels"][0]) for value in values]


def spans_of_doccano(data: bytes) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    for line in data.splitlines():
        values = json.loads(line)
        yield values["text"], [tuple(item) for item in values["label"]]


def spans_of_prodigy(data: bytes) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    for line in data.splitlines():
        values = json.loads(line)
        yield values["text"], [(item["start"], item["end"], item["label"]) for item in values["spans"]]


@pytest.mark.parametrize(
    ("kind", "read"),
    [("label-studio", spans_of_label_studio), ("doccano", spans_of_doccano), ("prodigy", spans_of_prodigy)],
)
def test_spans_are_corrected_do_not_overlap_and_count_code_points(
    kind: str, read: Callable[[bytes], Iterator[tuple[str, list[tuple[int, int, str]]]]], full: Store, tmp_path: Path
) -> None:
    found = list(read(written(full, tmp_path, kind, bodies=True)))
    text, spans = found[0]
    assert len(found) == 3
    assert [(text[start:end], label) for start, end, label in spans] == [
        ("Полиция", "ORG"), ("ИШИД ҳақида", "TERM"), ("Институт", "ORG")
    ]  # fmt: skip
    assert found[2][1] == []


def test_what_people_decided_is_an_annotation_and_an_answer(full: Store, tmp_path: Path) -> None:
    tasks = json.loads(written(full, tmp_path, "label-studio", bodies=True))
    assert ["annotations" in task for task in tasks] == [True, False, False]
    assert tasks[0]["annotations"][0]["result"][-1]["value"] == {"choices": ["relevant"]}
    answers = [json.loads(line).get("answer") for line in written(full, tmp_path, "prodigy", bodies=True).splitlines()]
    assert answers == ["accept", None, None]


def test_spacy_opens_the_docbin(full: Store, tmp_path: Path) -> None:
    written(full, tmp_path, "spacy", bodies=True)
    rows = list(read_docbin(tmp_path / "out.spacy"))
    assert [row["language"] for row in rows] == ["uz", "tg", "uz"]
    assert [TEXT[start:end] for start, end, _ in rows[0]["spans"]] == ["Полиция", "ИШИД ҳақида", "Институт"]


def test_parquet_is_one_clear_line_or_a_table(full: Store, tmp_path: Path) -> None:
    if find_spec("pyarrow") is None:
        with pytest.raises(Stop, match=r"needs pyarrow, which is not installed; run: pip install 'xabar\[scale\]'"):
            written(full, tmp_path, "parquet")
        return
    import pyarrow.parquet  # type: ignore[import-not-found,unused-ignore]

    written(full, tmp_path, "parquet")
    rows = pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["flagged"] for row in rows] == [True, False, True]
    assert list(rows[0]) == list(COLUMNS)


def test_a_feed_reader_reads_the_feed(full: Store, tmp_path: Path) -> None:
    feed = feedparser.parse(written(full, tmp_path, "atom"))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.updated == feed.entries[0].updated, "the newest first: what was decided on last"
    assert feed.entries[0].link == make_page(0).url
    assert feed.entries[0].author == "Манба & <A>"
    assert {tag.term for tag in feed.entries[0].tags} >= {"attack"}
    assert len({entry.id for entry in feed.entries}) == 3
    assert written(full, tmp_path, "atom") == written(full, tmp_path, "atom")


def test_a_feed_is_written_over_and_survives_hostile_texts(full: Store, tmp_path: Path) -> None:
    full.pages.save(make_page(7), "x.warc.gz", 7)
    full.documents.save([make_doc(7, url="javascript:alert(1)", title="\x00\x1b]]><script>\ufffe", mentions=())])
    for _ in range(2):
        export(full, Order("atom", {}), tmp_path / "feed.atom")
    feed = feedparser.parse((tmp_path / "feed.atom").read_bytes())
    assert not feed.bozo
    assert len(feed.entries) == 4
    assert "javascript" not in (tmp_path / "feed.atom").read_text()


def test_an_empty_export_is_a_whole_file(full: Store, tmp_path: Path) -> None:
    for kind, chosen in FORMATS.items():
        if kind != "parquet":
            data = written(full, tmp_path, kind, bodies=chosen.of_texts, source="b")
            if chosen.ending == "json":
                json.loads(data)
    assert feedparser.parse(written(full, tmp_path, "atom", source="b")).feed.title == "xabar"


def test_the_command_takes_filters_saved_ones_and_the_address_of_the_page(full: Store, tmp_path: Path) -> None:
    full.notebook.save_filter("Гулнора", "ish", f"?entity={ACTOR}&decision=any&show=all")
    full.notebook.save_filter("Нодира", "иш", "?language=tg&show=all")
    full.notebook.save_filter("Гулнора", "иш", "?language=uz-Cyrl&decision=any")
    for arguments, count in (
        (["--language", "tg"], 1),
        (["--organisation", ACTOR, "--since", "2026-09-01"], 1),
        (["--topic", "attack", "--decision", "none"], 1),
        (["--flagged", "--decided"], 1),
        (["--filter", "?language=tg&show=all&decision=none"], 1),
        (["--saved", "ish"], 2),
        (["--saved", "Нодира:иш", "--format", "csv"], 1),
        (["--saved", "ish", "--format", "atom", "--out", tmp_path / "f"], 2),
    ):
        done = xabar("export", *arguments, "--db", full.path)
        assert done.returncode == 0, done.stderr.decode()
        assert done.stderr.decode() == f"{count} documents exported\n"
    assert feedparser.parse((tmp_path / "f").read_bytes()).feed.title == "xabar: ish"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "xml"], "known: jsonl, csv, parquet"),
        (["--language", "kk"], "language “kk” is unknown; nothing was exported"),
        (["--source", "none"], "source “none” is unknown"),
        (["--topic", "none"], "topic 'none' is unknown (known: "),
        (["--organisation", "none"], "no document mentions the name “none”"),
        (["--since", "22.09.2026"], "is not a day such as"),
        (["--decision", "maybe"], "decision “maybe” is unknown"),
        (["--decided", "--decision", "none"], "say either --decided or --decision"),
        (["--saved", "none"], "nobody saved that (say one of: none yet)"),
        (["--filter", "?x=1"], "“x” is not a filter"),
        (["--format", "spacy"], "say --bodies"),
    ],
)
def test_a_wrong_choice_is_one_line_and_exports_nothing(arguments: list[str], says: str, full: Store) -> None:
    before = full.ledger.audit(1)
    assert says in one_line(xabar("export", *arguments, "--db", full.path))
    assert full.ledger.audit(1) == before
