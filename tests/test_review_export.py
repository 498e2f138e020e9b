"""The export page and feeds: what leaves is what the filter says; large exports and texts need a second person; all on record."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from starlette.testclient import TestClient

from pipeline.export.write import FORMATS
from pipeline.records import Mention
from pipeline.review.wording import FORMATS as WORDS
from pipeline.store import Store
from pipeline.store.desk import SecondOpinions
from tests.conftest import make_page
from tests.test_review_accounts import HASH, open_session
from tests.test_review_sample import HOST, make_desk, make_doc, make_languages, open_client, read_token

PRIVATE = "a private person"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Five languages and 150 more items, one of them with a stored private person."""
    private = Mention(0, 4, PRIVATE, "PER", None, ("ner",), 0.9, "", "")
    docs = [*make_languages(), *(make_doc(number, text=f"Body {number}.", score=0.5) for number in range(5, 150))]
    docs.append(make_doc(150, text="Body 150.", mentions=(private,), score=0.5))
    path = make_desk(tmp_path, [])
    with Store.open(path) as store:
        for number in range(len(docs)):
            store.pages.save(make_page(number), "x.warc.gz", number)
        store.documents.save(docs, persons="all")
    return path


@pytest.fixture
def team(desk: Path) -> Any:
    """The same with accounts: an analyst and two leads besides."""
    from pipeline.review.app import make_app

    with Store.open(desk) as store:
        for name, role in (("reader", "reader"), ("analyst", "analyst"), ("lead", "lead"), ("admin", "admin")):
            store.accounts.add(name, role, HASH)
    return make_app(desk)


def order(client: TestClient, token: str, kind: str = "jsonl", query: str = "?language=tg", **more: str) -> Any:
    return client.post("/export", data={"token": token, "format": kind, "query": query} | more)


def read_audit(path: Path, action: str) -> list[dict[str, Any]]:
    with Store.open(path) as store:
        return [json.loads(row["subject"]) | {"by": row["actor"]} for row in store.ledger.audit(200) if row["action"] == action]


def test_every_format_is_proposed_and_leaves_as_a_file(desk: Path) -> None:
    assert WORDS.keys() == FORMATS.keys()
    client = open_client(desk, reviewer="N. K.")
    page = client.get("/export?language=tg").text
    token = read_token(page)
    assert "<strong>1</strong> document" in page
    for kind in FORMATS:
        assert f'value="{kind}"' in page
        if kind == "parquet":
            pytest.importorskip("pyarrow", reason="not run: pyarrow is not installed")
        answer = order(client, token, kind)
        assert answer.status_code == 200, answer.text
        assert f".{FORMATS[kind].ending}" in answer.headers["content-disposition"]
        assert len(answer.content) > 100
    assert [row["format"] for row in reversed(read_audit(desk, "export"))] == list(FORMATS)


@pytest.mark.parametrize("bodies", ["", "1"])
@pytest.mark.parametrize("persons", ["", "1"])
def test_texts_and_private_persons_leave_only_when_asked_for(desk: Path, bodies: str, persons: str) -> None:
    client = open_client(desk)
    wanted = {name: value for name, value in (("bodies", bodies), ("persons", persons)) if value}
    answer = order(client, read_token(client.get("/export").text), query="?decision=any", **wanted)
    assert len(answer.text.splitlines()) == 151
    assert ("Body 150." in answer.text) is bool(bodies)
    assert (PRIVATE in answer.text) is bool(persons)
    [row] = read_audit(desk, "export")
    assert (row["bodies"], row["persons"], row["documents"]) == (bool(bodies), bool(persons), 151)


def test_many_documents_leave_when_a_second_person_has_granted_it(desk: Path, team: Any) -> None:
    analyst, token = open_session(team, "analyst")
    lead, lead_token = open_session(team, "lead")
    assert order(analyst, token).status_code == 200, "a few need nobody"
    answer = order(analyst, token, "csv", "?decision=any")
    assert (answer.status_code, answer.headers["location"]) == (303, "/requests?asked=1")
    assert "waits for a second person" in analyst.get("/requests?asked=1").text
    assert "Fetch the file" not in analyst.get("/requests").text
    assert order(lead, lead_token, "csv", "?decision=any").status_code == 303, "what one was granted, another was not"
    with Store.open(desk) as store:
        asked = next(r for r in store.requests.all("export") if r.asked_by == "analyst")
    assert asked.subject == {"format": "csv", "filter": "?decision=any", "bodies": False, "persons": False, "documents": 151}
    grant = f"/requests/{asked.id}/answer"
    assert analyst.post(grant, data={"token": token, "answer": "granted"}).status_code == 403
    assert lead.post(grant, data={"token": lead_token, "answer": "granted"}).status_code == 303
    assert "Fetch the file" in analyst.get("/requests").text
    answer = order(analyst, token, "csv", "?decision=any")
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 152
    assert order(analyst, token, "jsonl", "?decision=any").status_code == 303, "granted is exactly this"
    assert order(analyst, token, "csv", "?decision=any", bodies="1").status_code == 303
    row = read_audit(desk, "export")[0]
    assert (row["by"], row["request"], row["documents"]) == ("analyst", asked.id, 151)


def test_a_grant_ends_after_a_day_and_does_not_stretch(desk: Path, team: Any) -> None:
    analyst, token = open_session(team, "analyst")
    with Store.open(desk) as store:
        subject = {"format": "csv", "filter": "?decision=any", "bodies": False, "persons": False}
        small = store.requests.ask("export", subject | {"documents": 101}, "analyst")
        store.requests.answer(small, "lead", granted=True)
        assert order(analyst, token, "csv", "?decision=any").status_code == 303, "many more came since"
        exact = store.requests.ask("export", subject | {"documents": 151}, "analyst")
        store.requests.answer(exact, "lead", granted=True)
        assert order(analyst, token, "csv", "?decision=any").status_code == 200
        with store.requests._connection.write() as db:
            db.execute("UPDATE requests SET answered_at = '2026-01-01T00:00:00+00:00'")
    assert order(analyst, token, "csv", "?decision=any").status_code == 303


def test_only_a_lead_lets_texts_and_persons_out(desk: Path, team: Any) -> None:
    analyst, token = open_session(team, "analyst")
    lead, lead_token = open_session(team, "lead")
    for more in ({"bodies": "1"}, {"persons": "1"}):
        assert order(analyst, token, **more).status_code == 303
        assert order(lead, lead_token, **more).status_code == 200
    assert order(analyst, token, "doccano").status_code == 303, "made of texts"
    assert open_session(team, "reader")[0].get("/export").status_code == 403


def test_an_export_tells_nobody_what_a_second_opinion_must_not_know(desk: Path, team: Any) -> None:
    doc = make_languages()[2]
    with Store.open(desk) as store:
        store.desk.decide(doc.id, "lead", "relevant", note="first opinion", second=SecondOpinions(from_score=0.0))
    query = "?language=tg&decision=any"
    analyst, token = open_session(team, "analyst")
    lead, lead_token = open_session(team, "lead")
    [line] = [json.loads(line) for line in order(analyst, token, query=query).text.splitlines()]
    assert (line["verdict"], line["decisions"]) == ("none", [])
    assert "first opinion" in order(lead, lead_token, query=query).text
    assert order(analyst, token, query="?language=tg&decision=relevant").text == ""


@pytest.mark.parametrize(
    "wrong", [{"kind": "exe"}, {"kind": ""}, {"query": "?language=xx"}, {"query": "?nonsense=1"}, {"query": "?since=2026-02-31"}]
)
def test_a_wrong_order_exports_nothing(desk: Path, wrong: dict[str, str]) -> None:
    client = open_client(desk)
    answer = order(client, read_token(client.get("/export").text), **wrong)
    assert answer.status_code == 400
    assert "Nothing was exported" in answer.text
    assert read_audit(desk, "export") == []


def save_filter(client: TestClient, token: str, name: str, query: str) -> int:
    client.post("/filters", data={"token": token, "name": name, "query": query})
    with Store.open(client.app.state.db_path) as store:  # type: ignore[attr-defined]
        return next(saved.id for saved in store.notebook.named() if saved.name == name)


def make_feed(client: TestClient, token: str, number: int) -> str:
    page = client.post(f"/filters/{number}/feed", data={"token": token}).text
    return page.split("/feeds/")[1].split("<")[0].strip()


def test_a_feed_is_read_by_its_address_alone_until_it_is_ended(desk: Path, team: Any) -> None:
    analyst, token = open_session(team, "analyst")
    number = save_filter(analyst, token, "Tajik", "?language=tg")
    key = make_feed(analyst, token, number)
    reader = TestClient(team, base_url=HOST, follow_redirects=False)
    answer = reader.get(f"/feeds/{key}")
    feed = ElementTree.fromstring(answer.text)
    assert answer.headers["content-type"] == "application/atom+xml"
    assert [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")] == [make_languages()[2].title]
    assert make_languages()[2].text not in answer.text
    again = reader.get(f"/feeds/{key}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")
    [row] = read_audit(desk, "export")
    assert (row["by"], row["to"], row["documents"]) == ("analyst", "feed", 1)
    assert key not in str(read_audit(desk, "export") + read_audit(desk, "feed")) + desk.read_bytes().decode("latin-1")
    newer = make_feed(analyst, token, number)
    assert reader.get(f"/feeds/{key}").status_code == 404
    assert reader.get(f"/feeds/{newer}").status_code == 200
    with Store.open(desk) as store:
        store.accounts.change("analyst", active=False)
    assert reader.get(f"/feeds/{newer}").status_code == 404, "who has no account any more reads nothing"
    with Store.open(desk) as store:
        store.accounts.change("analyst", active=True)
    analyst, token = open_session(team, "analyst")
    analyst.post(f"/filters/{number}/feed/end", data={"token": token})
    assert reader.get(f"/feeds/{newer}").status_code == 404


def test_a_feed_belongs_to_the_filters_owner_and_goes_with_the_filter(desk: Path, team: Any) -> None:
    analyst, token = open_session(team, "analyst")
    lead, lead_token = open_session(team, "lead")
    number = save_filter(analyst, token, "all", "?decision=any")
    assert lead.post(f"/filters/{number}/feed", data={"token": lead_token}).status_code == 404
    key = make_feed(analyst, token, number)
    lead.post(f"/filters/{number}/feed/end", data={"token": lead_token})
    feed = ElementTree.fromstring(lead.get(f"/feeds/{key}").text)
    assert len(feed.findall(f"{ATOM}entry")) == 100
    analyst.post(f"/filters/{number}/delete", data={"token": token})
    assert lead.get(f"/feeds/{key}").status_code == 404


def test_alone_a_feed_works_on_loopback(desk: Path) -> None:
    client = open_client(desk, reviewer="N. K.")
    token = read_token(client.get("/").text)
    key = make_feed(client, token, save_filter(client, token, "mine", "?language=ru"))
    assert client.get(f"/feeds/{key}").status_code == 200
    assert "end the feed" in client.get("/").text
