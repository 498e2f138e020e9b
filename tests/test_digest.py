"""A digest names what was newly flagged, counts it, and carries nothing that a page could run."""

from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from defusedxml import ElementTree

from pipeline.digest import make_digest, read_since, write_digest
from pipeline.digest.chart import draw_bars
from pipeline.records import Document, Mention, Stop
from pipeline.store import Store
from tests.conftest import FETCHED, make_page, make_source_row

HOSTILE = "<script>alert(1)</script> & «Tong» [x](javascript:1)"


@pytest.fixture
def filled(store: Store) -> Store:
    store.ledger.save_sources([make_source_row(name="Sinov <i>", flags=["state", "party-to-conflict"])])
    docs = []
    rows = [(HOSTILE, True, "a"), ("Nusxa", True, "a"), ("Boshqa", True, "b"), ("Oddiy", False, "c")]
    for number, (title, flagged, cluster) in enumerate(rows):
        page = make_page(number)
        store.pages.save(page, "x.warc.gz", number)
        mention = Mention(0, 2, "Bi", "ORG", "org", ("gazetteer",), 0.9, name="Birlik")
        docs.append(Document(page.id, page.url, page.source, FETCHED, title, "Bir matn.", "2026-09-21", "meta", "uz", "Latn",
                             cluster_id=cluster, mentions=(mention,), score=0.9 - number / 10, flagged=flagged,
                             reasons=("a <reason>",)))
    store.documents.save(docs)
    return store


def test_flagged_stories_are_counted_once_with_their_copies(filled: Store) -> None:
    digest = make_digest(filled, "24h")
    assert [(story["id"], len(story["documents"])) for story in digest.stories] == [("a", 2), ("b", 1)]
    assert digest.organisations == {"Birlik": 2}
    assert digest.languages == {"uz-Latn": 3}
    assert make_digest(filled, "2999-01-01").stories == []


def test_the_files_are_well_formed_and_nothing_in_them_runs(filled: Store, tmp_path: Path) -> None:
    page, text, feed = (file.read_text() for file in write_digest(make_digest(filled, "7d"), tmp_path / "digest"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "owned or run by a state" in page
    assert "speaks for a party to the conflict" in page
    assert page.count("<svg") == 3
    assert "\\[x\\]\\(javascript:1\\)" in text
    assert "Bir matn" not in page + text + feed, "titles and counts, no texts"
    parsed = feedparser.parse(feed.encode())
    assert not parsed.bozo
    assert [entry.title_detail.value for entry in parsed.entries][1] == "Boshqa"
    assert ElementTree.fromstring(feed.encode()).find("{*}entry/{*}title").text == HOSTILE
    assert sorted(path.name for path in (tmp_path / "digest").iterdir()) == ["digest.atom", "digest.html", "digest.md"]


def test_an_empty_digest_says_so(store: Store, tmp_path: Path) -> None:
    page, text, _ = (file.read_text() for file in write_digest(make_digest(store, "24h"), tmp_path))
    assert "Nothing was flagged" in page
    assert "Nothing was flagged" in text


def test_a_chart_is_xml_and_says_its_numbers_in_words() -> None:
    root = ElementTree.fromstring(draw_bars("Til <x>", [("o'zbek & tojik", 5), ("ru", 2)]))
    assert root.find("{*}title").text == "Til <x>: o'zbek & tojik 5, ru 2"
    assert draw_bars("x", []) == ""


def test_since_is_a_day_or_a_span() -> None:
    now = datetime(2026, 9, 22, 12, tzinfo=UTC)
    assert read_since("24h", now) == "2026-09-21T12:00:00+00:00"
    assert read_since("7d", now) == "2026-09-15T12:00:00+00:00"
    assert read_since("2026-09-01", now) == "2026-09-01T00:00:00+00:00"
    with pytest.raises(Stop, match="--since 'kecha' must be a day"):
        read_since("kecha", now)
