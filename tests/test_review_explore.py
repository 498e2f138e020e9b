"""Explore: facets, SQL, JSON and CSV for who is signed in; no text, private person, secret or hidden verdict comes out."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pipeline.records import Mention
from pipeline.review.questions import QUESTIONS
from pipeline.store import Store
from pipeline.store.desk import SecondOpinions
from pipeline.store.explore import VIEWS, find_problem
from tests.conftest import make_page
from tests.test_review_accounts import open_session, open_with_accounts
from tests.test_review_sample import HOST, make_desk, make_doc, make_languages, open_client

SECRET, PRIVATE = "words of the text itself", "a private person"
ASK_ALWAYS = SecondOpinions(from_score=0.0)
STOLEN = [
    "select text from documents",
    "select title from documents",
    "select * from documents_fts where documents_fts match 'words'",
    "select c1 from documents_fts_content",
    "select snippet(documents_fts, 1, '', '', '', 9) from documents_fts",
    "select text, why from mentions",
    "select name, password from users",
    "select token_sha256 from sessions",
    "select note, reviewer, verdict from decisions",
    "select note from drafts",
    "select subject from audit",
    "select verdict from queue",
    "select * from opinions",
    "select * from gold",
    "select * from feeds",
    "select group_concat(title) from explore_items",
    "select json_group_array(title) from explore_items",
    "with explore_items as (select text as title from documents) select * from explore_items",
    "with explore_decisions as (select verdict from decisions) select * from explore_decisions",
    "with explore_decisions /* ( */ (a) as materialized (select verdict from decisions) select a from explore_decisions",
    "with opinions as (select reviewer from decisions) select * from opinions",
    "select * from (select text from documents) as explore_items",
    "select item from explore_items where exists (select 1 from documents where text like 'words%')",
    "attach database '/etc/passwd' as x",
    "select load_extension('x')",
    "select readfile('/etc/passwd')",
    "pragma database_list",
    "select * from pragma_database_list",
    "insert into decisions(document_id) values ('x')",
    "drop table decisions",
    "update queue set verdict = 'relevant'",
    "select printf('%1000000000d', 1)",
]


CLOSED = """-/databases -/databases.json -/settings.json -/threads -/plugins.json -/permissions -/logout -/actor _internal
    _internal.db xabar.db _memory xabar/users xabar/documents xabar/documents/x xabar/decisions.csv -/static/../../../etc/passwd
    -/static/..%2f..%2fpasswd ..%2f..%2fetc%2fpasswd xabar/%2e%2e%2f%2e%2e"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Items with a text, a stored private person, and a first verdict that waits for a second opinion."""
    mention = Mention(0, 5, PRIVATE, "PER", None, ("ner",), 0.9, PRIVATE, "")
    docs = [*make_languages(), make_doc(5, text=f"{SECRET}: {PRIVATE}", mentions=(mention,))]
    path = make_desk(tmp_path, [])
    with Store.open(path) as store:
        for number in range(len(docs)):
            store.pages.save(make_page(number), "x.warc.gz", number)
        store.documents.save(docs, persons="all")
        store.desk.decide(docs[0].id, "aziza", "relevant", note=SECRET, second=ASK_ALWAYS)
        store.desk.decide(docs[1].id, "aziza", "not-relevant")
    return path


def ask(client: TestClient, sql: str) -> Any:
    return client.get(f"/explore/xabar.json?sql={quote(sql)}&_shape=array")


def test_every_view_and_every_question_answers(desk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    client = open_client(desk)
    assert client.get("/explore").headers["location"].endswith("/explore/")
    page = client.get("/explore/")
    assert page.status_code == 200
    assert "<script" not in page.text
    listed = client.get("/explore/xabar").text
    assert "decisions_own" not in listed
    for view in VIEWS:
        assert f"/explore/xabar/{view}" in listed
        assert client.get(f"/explore/xabar/{view}").status_code == 200, view
        assert client.get(f"/explore/xabar/{view}.csv").status_code == 200, view
    for key, question in QUESTIONS.items():
        answer = client.get(f"/explore/xabar/{key}.json?_shape=array&entity=taliban")
        assert answer.status_code == 200, (key, answer.text)
        assert question.title.replace("(", "").split()[0] in listed
    assert len(client.get("/explore/xabar/naming.json?_shape=array&entity=taliban").json()) == 5
    for address in ("xabar/places", "xabar/explore_items?_facet=language&language=tg", "xabar?sql=select+1"):
        page = client.get(f"/explore/{address}").text
        links = {unescape(link) for link in re.findall(r'href="(/explore/[^"#]*)', page)}
        assert len(links) > 3, address
        for link in links:
            assert client.get(link).status_code == 200, (address, link)
    facets = client.get("/explore/xabar/explore_items.json?_facet=language").json()["facet_results"]["language"]["results"]
    assert ask(client, "select text from documents").status_code == 400
    assert capfd.readouterr() == ("", ""), "the terminal of the server is quiet"
    assert {facet["value"] for facet in facets} == {"uz-Latn", "uz-Cyrl", "tg", "ru", "en"}


@pytest.mark.parametrize("sql", STOLEN)
def test_nothing_comes_out_that_an_export_would_keep(desk: Path, sql: str) -> None:
    client = open_client(desk)
    for address in (
        f"/explore/xabar?sql={quote(sql)}",
        f"/explore/xabar.json?sql={quote(sql)}",
        f"/explore/xabar/explore_items.json?_where={quote(f'item in ({sql})')}",
    ):
        answer = client.get(address)
        assert answer.status_code == 400, (address, answer.text)
        shown = answer.text.replace("words%", "")
        assert SECRET not in shown
        assert PRIVATE not in shown
        assert "root:" not in shown
    with Store.open(desk) as store:
        assert len(list(store.documents.all())) == 6


def test_no_view_holds_a_text_a_private_person_or_a_verdict_that_waits(desk: Path) -> None:
    client = open_client(desk)
    everything = "".join(client.get(f"/explore/xabar/{view}.json?_shape=array").text for view in VIEWS)
    assert "Exercise held at the border" in everything
    for hidden in (SECRET, PRIVATE, "aziza", "The Taliban held"):
        assert hidden not in everything
    verdicts = {row["item"]: row["verdict"] for row in ask(client, "select item, verdict from explore_items").json()}
    docs = make_languages()
    assert (verdicts[docs[0].id], verdicts[docs[1].id], verdicts[docs[2].id]) == (None, "not-relevant", "none")
    assert [row["item"] for row in ask(client, "select item from explore_decisions").json()] == [docs[1].id]


def test_a_subquery_with_a_name_of_ours_is_refused_however_it_is_written() -> None:
    for sql in (
        'WITH "explore_items" AS (select 1) select 1',
        "with a as (select 1), [explore_items](x, y) as not materialized(select 1)",
        "with explore_items--\nas--(\n(select 1)",
        "with explore_items/**/(a/*)*/)/**/as/**/(select 1)",
    ):
        assert find_problem(sql), sql
    for sql in ("select * from explore_items as i where (1)", *(question.sql for question in QUESTIONS.values())):
        assert not find_problem(sql), sql
    assert find_problem("x" * 20_000)


def test_a_long_query_ends_and_many_rows_are_cut(desk: Path) -> None:
    client = open_client(desk)
    endless = "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t"
    assert "interrupted" in ask(client, endless).text
    many = "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5000) select n from t"
    answer = client.get(f"/explore/xabar.json?sql={quote(many)}").json()
    assert (len(answer["rows"]), answer["truncated"]) == (100, True)
    assert client.get(f"/explore/xabar.csv?sql={quote(many)}&_size=max").text.count("\n") <= 102
    assert len(client.get("/explore/xabar/explore_items.csv?_stream=on&_size=max").text.splitlines()) <= 102


def test_only_who_is_signed_in_explores_and_the_audit_has_each_page(tmp_path: Path) -> None:
    app = open_with_accounts(tmp_path)
    nobody = TestClient(app, base_url=HOST, follow_redirects=False)
    for path in ("", "xabar.json?sql=select+1", "xabar/explore_items.csv", "-/static/app.css"):
        assert nobody.get(f"/explore/{path}").status_code == 303, path
    reader, token = open_session(app, "reader")
    assert reader.get("/explore/xabar.json?sql=select+1").status_code == 200
    assert reader.post("/explore/xabar", data={"token": token, "sql": "select 1"}).status_code == 405
    with Store.open(app.state.db_path) as store:
        [row] = store.ledger.audit(1)
    assert (row["actor"], row["action"]) == ("reader", "explore")
    assert json.loads(row["subject"]) == {"page": "/xabar.json", "query": "sql=select+1"}


@pytest.mark.parametrize("path", CLOSED.split())
def test_no_tool_of_datasettes_no_table_and_no_file_is_served(desk: Path, path: str) -> None:
    answer = open_client(desk).get(f"/explore/{path}", follow_redirects=True)
    assert answer.status_code in (403, 404), (path, answer.status_code)
    assert "root:" not in answer.text
    assert str(desk) not in answer.text


def test_hostile_titles_stay_text_and_no_script_may_run(tmp_path: Path) -> None:
    title = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(1)>'
    client = open_client(make_desk(tmp_path, [make_doc(0, title=title, url="javascript:alert(1)", source="<b>s</b>")]))
    answer = client.get("/explore/xabar/explore_items?_facet=source&_facet=title")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "\u202e" not in answer.text
    assert "U+202E" in answer.text
    assert 'href="javascript' not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert f'href="/item/{make_doc(0).id}"' in answer.text
