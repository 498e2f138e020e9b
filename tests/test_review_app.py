"""The pages of the review application, driven in-process on a real database."""

import re
import sqlite3
from pathlib import Path

import pytest

from pipeline.records import Mention
from pipeline.store import Store, connection
from tests.conftest import make_page, make_source_row
from tests.test_review_sample import (
    ALL,
    OVERRIDE,
    TEXTS,
    make_desk,
    make_doc,
    make_languages,
    make_mention,
    open_client,
    read_token,
    send_decision,
)


def test_queue_shows_flagged_undecided_items_by_score(tmp_path: Path) -> None:
    docs = [*make_languages(), make_doc(5, title="Below the line", flagged=False)]
    html = open_client(make_desk(tmp_path, docs)).get("/").text
    places = [html.index(title) for title, _ in TEXTS.values()]
    assert places == sorted(places)
    assert "Below the line" not in html
    assert "Sinov xabarlari" in html
    assert "newspaper" in html
    assert "20 Sep 2026" in html
    assert "reason 0" in html
    for name in ("Uzbek (Latin)", "Uzbek (Cyrillic)", "Tajik", "Russian", "English"):
        assert name in html
    for route in TEXTS:
        assert f'<bdi lang="{route}">' in html
    assert "0.99" in html
    assert 'width="99.0"' in html
    assert "Below the line" in open_client(tmp_path / "review.db").get("/?show=all").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?language=uz-Cyrl", {"uz-Cyrl"}),
        ("?language=tg", {"tg"}),
        ("?search=учения", {"ru"}),
        ("?search=exercise+border", {"en"}),
        ("?entity=taliban", set(TEXTS)),
        ("?topic=group-relations&language=ru", {"ru"}),
        ("?source=sinov&language=en", {"en"}),
        ("?decision=relevant", set()),
    ],
)
def test_filter_leaves_what_it_says(tmp_path: Path, query: str, expected: set[str]) -> None:
    html = open_client(make_desk(tmp_path, make_languages())).get("/" + query).text
    assert {route for route, (title, _) in TEXTS.items() if title in html} == expected


def test_unknown_filters_are_ignored_and_said(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_languages()))
    response = client.get("/?language=xx&source=nobody&decision=maybe&show=1&entity=none&page=-3&colour=red&search=%22AND%00(")
    assert response.status_code == 200
    said = response.text.split("Ignored in the address:")[1].split("</p>")[0]
    for word in ("xx", "nobody", "maybe", "none", "-3", "colour"):
        assert f"“{word}”" in said
    assert "page 7 is past the end" in client.get("/?page=7").text


def test_long_queue_has_pages_and_keeps_its_filters(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, [make_doc(n, score=0.9) for n in range(53)]))
    first, second = client.get("/?language=en").text, client.get("/?language=en&page=2").text
    assert len(re.findall('class="row"', first)) == 50
    assert len(re.findall('class="row"', second)) == 3
    assert 'href="/?language=en&amp;page=2"' in first
    assert "Page 2 of 2" in second
    assert "53" in second


def test_empty_states_say_what_to_do(tmp_path: Path) -> None:
    path = make_desk(tmp_path, [])
    assert f"xabar status --db {path}" not in open_client(path).get("/").text
    assert f"xabar crawl --db {path}" in open_client(path).get("/").text
    with Store.open(path) as store:
        store.pages.save(make_page(), "x.warc.gz", 0)
    assert f"xabar run --db {path}" in open_client(path).get("/").text
    with Store.open(path) as store:
        store.documents.save([make_doc(0)])
    client = open_client(path)
    assert "Nothing left to review" in client.get("/?language=tg").text
    send_decision(client, make_doc(0))
    assert "Every flagged item has a decision" in client.get("/").text


def test_item_shows_text_evidence_and_custody(tmp_path: Path) -> None:
    docs = make_languages()
    docs[4] = make_doc(
        4,
        **{name: getattr(docs[4], name) for name in ("title", "text", "mentions", "evidence", "labels")},
        published="2026-09-20",
        published_source="visible-text",
        cluster_id=docs[3].cluster_id,
    )
    html = open_client(make_desk(tmp_path, docs)).get(f"/item/{docs[4].id}").text
    assert re.search(r'<mark class="m m-org" tabindex="0" aria-describedby="tip-1">Taliban<span class="tag" lang="en">ORG', html)
    for fact in (
        "Taliban movement",
        "form &#39;Taliban&#39;",
        "name list and entity model",
        "0.97",
        '<span class="evidence">The ',
        "Relevant event report",
        "Group relations",
        "News event",
        "reason 4",
        "printed on the page",
        "20 Sep 2026",
        make_page(4).body_sha256,
        "x.warc.gz",
        "41004",
        "22 Sep 2026, 10:00 UTC",
        "Other reports of the same story",
        TEXTS["ru"][0],
        "Uzbekistan",
        "confidence 0.98",
        "Invented for the demo",
    ):
        assert fact in html, fact
    assert 'rel="noreferrer noopener nofollow"' in html
    assert 'target="_blank"' in html
    assert '<div class="text" lang="en">' in html


def test_demo_banner_only_when_every_source_is_invented(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_languages(), note="A daily newspaper."))
    assert "Invented for the demo" not in client.get("/").text


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    script = '<script>alert("1")</script>'
    text = f'{script} & "quoted" {OVERRIDE}txet Taliban'
    mention = make_mention(
        text, "Taliban", why=script, name=script, label=f'X" onfocus="x{OVERRIDE}', kind=script + OVERRIDE, entity_id='a"b'
    )
    doc = make_doc(
        0,
        title=f"{script}{OVERRIDE}x",
        text=text,
        url="javascript:alert(1)",
        mentions=(mention,),
        published=f'"><b>{OVERRIDE}',
        reasons=(script,),
        source=script,
        published_source=script,
    )
    client = open_client(make_desk(tmp_path, [doc]))
    with Store.open(tmp_path / "review.db") as store:
        store.desk.decide(doc.id, script, "relevant", reason=script, note=script)
    for address in (
        f"/{ALL}",
        f"/item/{doc.id}",
        f"/{ALL}&search=%3Cscript%3E",
        f"/{ALL}&language=%3Cscript%3E",
        "/item/%3Cscript%3E",
    ):
        html = client.get(address).text
        assert "<script>alert" not in html
        assert OVERRIDE not in html
        assert "<b>" not in html
        assert len(re.findall("<script", html)) == 1, address
        assert not re.search(r'href="\s*javascript:|\sonfocus="', html)
    html = client.get(f"/item/{doc.id}").text
    assert "U+202E" in html
    assert "javascript:alert(1)" in html
    assert "not a web address" in html


def test_mention_at_the_very_end_and_overlapping_ones_are_all_explained(tmp_path: Path) -> None:
    text = "Islamic State Khorasan fled to Kunar"
    mentions = (
        make_mention(text, "Islamic State Khorasan", name="Long name"),
        make_mention(text, "State Khorasan fled", name="Crossing name"),
        make_mention(text, "Khorasan", label="LOC", name="Inner name"),
        make_mention(text, "Kunar", label="LOC", name="End name"),
        Mention(30, 99, "beyond", "ORG", None, ("ner",), 0.5),
    )
    html = open_client(make_desk(tmp_path, [make_doc(0, text=text, mentions=mentions)])).get(f"/item/{make_doc(0).id}").text
    assert html.count("<mark") == 2 == html.count("</mark>")
    for name in ("Long name", "Crossing name", "Inner name", "End name"):
        assert f'<bdi class="tip-name">{name}' in html


def test_long_text_is_shown_whole(tmp_path: Path) -> None:
    text = "\n".join(f"Paragraph {n} names Taliban." + " x" * 90 for n in range(500))
    starts = [m.start() for m in re.finditer("Taliban", text)]
    mentions = tuple(Mention(s, s + 7, "Taliban", "ORG", "taliban", ("gazetteer",), 0.9) for s in starts)
    assert len(text) > 100_000
    doc = make_doc(0, text=text, mentions=mentions)
    html = open_client(make_desk(tmp_path, [doc])).get(f"/item/{doc.id}").text
    assert html.count("<mark") == 500
    assert "Paragraph 499" in html


def test_unknown_item_and_page_help(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_languages()))
    for address in ("/item/nothing", "/nothing", "/static/nothing.css"):
        response = client.get(address)
        assert response.status_code == 404, address
        assert 'href="/"' in response.text, address
    assert "no item “nothing”" in client.get("/item/nothing").text


def test_missing_and_foreign_database_give_a_readable_page(tmp_path: Path) -> None:
    response = open_client(tmp_path / "no.db").get("/")
    assert response.status_code == 503
    assert "no database there" in response.text
    (tmp_path / "text.db").write_text("no database at all, only words " * 40)
    response = open_client(tmp_path / "text.db").get("/")
    assert response.status_code == 503
    assert "not a readable xabar database" in response.text


def test_locked_database_gives_a_readable_page_and_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_SECONDS", 0.05)
    doc = make_doc(0)
    path = make_desk(tmp_path, [doc])
    client = open_client(path)
    token = read_token(client.get(f"/item/{doc.id}").text)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    response = client.post(f"/item/{doc.id}/decide", data={"token": token, "verdict": "relevant", "reviewer": "N. K."})
    assert client.get(f"/item/{doc.id}").status_code == 503, "a read that cannot be put into the audit is not answered"
    other.execute("ROLLBACK")
    other.close()
    assert response.status_code == 503
    assert "Nothing was saved" in response.text
    assert "locked by another program" in response.text
    with Store.open(path) as store:
        assert store.desk.decisions(doc.id) == []


def test_a_text_is_read_again_for_every_name_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    doc = make_doc(0, text="The delegation flew from Lisbon to Geneva on Monday.")
    path = make_desk(tmp_path, [doc])
    client = open_client(path, reviewer="N. K.")
    assert "<mark" not in client.get(f"/item/{doc.id}").text
    page = client.get(f"/item/{doc.id}?names=1").text
    assert "read anew for this page" in page
    assert page.count("<mark") >= 1
    assert 'name="task" value="remove"' not in page
    with Store.open(path) as store:
        assert store.documents.load(doc.id) == doc


def test_the_source_card_says_who_speaks(tmp_path: Path) -> None:
    doc = make_doc(0)
    path = make_desk(tmp_path, [doc])
    with Store.open(path) as store:
        store.ledger.save_sources([make_source_row(flags=["state", "party-to-conflict"])])
    page = open_client(path).get(f"/item/{doc.id}").text
    assert "owned or run by a state" in page
    assert "speaks for a party to the conflict" in page
