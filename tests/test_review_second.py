"""Second opinions: who is asked, what stays hidden, how a dispute ends, gold items, undo, copies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pipeline.config import load_config
from pipeline.records import Document, Stop
from pipeline.review.app import make_app
from pipeline.review.security import make_token
from pipeline.store import Store
from pipeline.store.check import check_database
from pipeline.store.desk import SecondOpinions
from tests.test_review_sample import HOST, make_desk, make_doc, open_client, send_decision

ALWAYS = SecondOpinions(1.0)
NAMES = {"aziza": "analyst", "bek": "analyst", "lola": "lead"}


def open_team(folder: Path, docs: list[Document], **settings: Any) -> dict[str, TestClient]:
    """Three browsers in which two analysts and a lead are signed in; every first decision asks for a second opinion."""
    path = make_desk(folder, docs)
    app = make_app(path, settings=replace(load_config().review, **({"second_share": 1.0, "gold_every": 0} | settings)))
    clients = {}
    with Store.open(path) as store:
        for number, (name, role) in enumerate(NAMES.items()):
            store.accounts.add(name, role, None)
            store.accounts.open_session(name, f"{number:032x}", 1)
            cookies = {"xabar_session": f"{number:032x}"}
            clients[name] = TestClient(app, base_url=HOST, follow_redirects=False, cookies=cookies)
            clients[name].headers["x-token"] = make_token(app.state.secret, f"{number:032x}")
    return clients


def post(client: TestClient, path: str, **fields: str) -> Any:
    return client.post(path, data={"token": client.headers["x-token"]} | fields)


def decide(client: TestClient, doc: Document, verdict: str, **fields: str) -> Any:
    return post(client, f"/item/{doc.id}/decide", verdict=verdict, **fields)


def test_a_second_reviewer_sees_nothing_of_the_first_until_they_decided(tmp_path: Path) -> None:
    doc = make_doc(0)
    team = open_team(tmp_path, [doc, make_doc(1)])
    decide(team["aziza"], doc, "relevant", note="a note of the first", seen="0")
    asked = "/?second=asked&decision=any&show=all"
    assert "Title 0" in team["bek"].get(asked).text
    assert "Title 0" not in team["aziza"].get(asked).text, "nobody gives the second opinion on their own"
    for path in (asked, f"/item/{doc.id}", f"/?decision=any&decided={doc.id}"):
        page = team["bek"].get(path).text
        assert "aziza" not in page.split("</form>")[-1] + page.split("<main")[1].split('name="reviewer"')[0], path
        assert "a note of the first" not in page
        assert 'class="verdict relevant"' not in page
    assert "Title 0" not in team["bek"].get("/?decision=relevant").text, "a list must not tell either"
    assert "a note of the first" in team["aziza"].get(f"/item/{doc.id}").text
    decide(team["bek"], doc, "not-relevant", seen="0")
    assert "a note of the first" in team["bek"].get(f"/item/{doc.id}").text
    with Store.open(tmp_path / "review.db") as store:
        assert [(d.reviewer, d.mode) for d in store.desk.decisions(doc.id)] == [("bek", "blind"), ("aziza", "first")]
        assert store.queue.rows({"second": "disputed"})[0].id == doc.id


def test_a_lead_ends_the_dispute_and_both_opinions_stay(tmp_path: Path) -> None:
    doc = make_doc(0)
    team = open_team(tmp_path, [doc])
    decide(team["aziza"], doc, "relevant", seen="0")
    decide(team["bek"], doc, "not-relevant", seen="0")
    assert "Two reviewers disagree" in team["lola"].get(f"/item/{doc.id}").text
    assert "Title 0" in team["lola"].get("/?second=disputed&decision=any&show=all").text
    assert decide(team["aziza"], doc, "relevant", adjudicate="1").status_code == 403
    assert decide(team["lola"], doc, "relevant", adjudicate="1").status_code == 303
    with Store.open(tmp_path / "review.db") as store:
        [row] = store.queue.rows({"second": "settled"})
        assert row.verdict == "relevant"
        assert len(store.desk.decisions(doc.id)) == 3
        store.desk.decide(doc.id, "bek", "not-relevant")
        assert store.queue.rows({"second": "settled"})[0].verdict == "relevant", "the adjudicated verdict stands"
        assert store.opinions.record("bek")["overruled"] == 1


def test_two_who_decide_at_once_both_stand_and_are_told(tmp_path: Path) -> None:
    doc = make_doc(0)
    team = open_team(tmp_path, [doc, make_doc(1)], second_share=0.0, second_from_score=2.0)
    decide(team["aziza"], doc, "relevant", seen="0")
    answer = decide(team["bek"], doc, "not-relevant", seen="0")
    page = team["bek"].get(answer.headers["location"]).text
    assert "Also decided by" in page
    assert "Both decisions stand" in page
    with Store.open(tmp_path / "review.db") as store:
        assert {d.reviewer: d.mode for d in store.desk.decisions(doc.id)} == {"aziza": "first", "bek": "blind"}


@pytest.mark.parametrize(
    ("second", "score", "verdict", "wanted"),
    [
        (SecondOpinions(), 1.0, "relevant", False),
        (SecondOpinions(from_score=0.9), 0.9, "relevant", True),
        (SecondOpinions(from_score=0.9), 0.89, "relevant", False),
        (SecondOpinions(after_unsure=True), 0.5, "unsure", True),
        (SecondOpinions(1.0), 0.5, "defer", False),
        (SecondOpinions(1.0), 0.5, "not-relevant", True),
    ],
)
def test_a_second_opinion_is_wanted_where_it_matters(second: SecondOpinions, score: float, verdict: str, wanted: bool) -> None:
    assert second.wanted("d", score, verdict) is wanted


def test_the_sample_has_its_share_and_cannot_be_chosen() -> None:
    drawn = [SecondOpinions(0.1).wanted(f"document {n}", 0.5, "relevant") for n in range(5000)]
    assert 0.08 < sum(drawn) / 5000 < 0.12
    assert drawn == [SecondOpinions(0.1).wanted(f"document {n}", 0.5, "not-relevant") for n in range(5000)]


def test_a_decision_reaches_the_undecided_copies_and_undo_takes_all_back(tmp_path: Path) -> None:
    docs = [make_doc(n, cluster_id="story") for n in range(3)] + [make_doc(3)]
    path = make_desk(tmp_path, docs)
    with Store.open(path) as store:
        store.desk.decide(docs[2].id, "timur", "not-relevant")
        assert [(row.id, row.reports) for row in store.queue.rows({"verdict": "none"})] == [(docs[0].id, 3), (docs[3].id, 1)]
    client = open_client(path)
    assert "also for 1 other report of this story" in client.get(f"/item/{docs[0].id}").text
    send_decision(client, docs[0], "relevant", copies="1")
    with Store.open(path) as store:
        said = {doc.id: [(d.reviewer, d.verdict, d.mode) for d in store.desk.decisions(doc.id)] for doc in docs}
        assert said[docs[1].id] == [("N. K.", "relevant", "copy")]
        assert said[docs[2].id] == [("timur", "not-relevant", "first")]
        assert store.desk.undo("N. K.") == docs[0].id
        assert store.desk.undo("N. K.") is None
        assert {row.id for row in store.queue.rows({"verdict": "none"})} == {docs[0].id, docs[3].id}
        assert [d.verdict for d in store.desk.decisions(docs[1].id)] == ["withdrawn", "relevant"]
    assert check_database(path).damage == []


def test_undo_has_no_limit_and_gives_back_what_was_said_before(tmp_path: Path) -> None:
    docs = [make_doc(n) for n in range(2)]
    path = make_desk(tmp_path, docs)
    client = open_client(path)
    for doc, verdict in ((docs[0], "relevant"), (docs[1], "unsure"), (docs[0], "not-relevant")):
        answer = send_decision(client, doc, verdict)
    assert "/undo" in client.get(answer.headers["location"]).text
    standing = []
    for _ in range(3):
        page = client.get(f"/item/{docs[0].id}").text
        answer = client.post("/undo", data={"token": page.split('name="token" value="')[1].split('"')[0]})
        standing.append((answer.headers["location"].split("?")[0].rsplit("/", 1)[1], _verdicts(path)))
    assert standing == [
        (docs[0].id, {docs[0].id: "relevant", docs[1].id: "unsure"}),
        (docs[1].id, {docs[0].id: "relevant"}),
        (docs[0].id, {}),
    ]
    answer = client.post("/undo", data={"token": page.split('name="token" value="')[1].split('"')[0]})
    assert answer.status_code == 400
    assert "no decision of yours left" in answer.text


def test_a_gold_item_comes_unmarked_and_measures_only_the_reviewer(tmp_path: Path) -> None:
    docs = [make_doc(n) for n in range(5)]
    team = open_team(tmp_path, docs, gold_every=2, second_share=0.0, second_from_score=2.0)
    decide(team["lola"], docs[4], "not-relevant", seen="0")
    assert post(team["aziza"], f"/item/{docs[4].id}/gold", verdict="relevant").status_code == 403
    post(team["lola"], f"/item/{docs[4].id}/gold", verdict="not-relevant", why="agreed by all")
    decide(team["aziza"], docs[0], "relevant", seen="0")
    answer = decide(team["aziza"], docs[1], "relevant", seen="0")
    assert answer.headers["location"].startswith(f"/item/{docs[4].id}"), "after two decisions"
    page = team["aziza"].get(answer.headers["location"]).text
    assert "agreed by all" not in page
    assert "lola" not in page
    assert "old item" not in page.replace("Gold items right", "")
    decide(team["aziza"], docs[4], "relevant", seen="0")
    with Store.open(tmp_path / "review.db") as store:
        assert _verdicts(tmp_path / "review.db")[docs[4].id] == "not-relevant"
        assert store.opinions.record("aziza") == store.opinions.record("aziza") | {"gold": 1, "gold_right": 0}
        with pytest.raises(Stop, match="gold item"):
            store.opinions.set_gold(docs[0].id, "unsure", "", "lola")
    assert "0 / 1" in team["aziza"].get("/me").text


def test_agreement_counts_only_what_was_said_independently(tmp_path: Path) -> None:
    docs = [make_doc(n) for n in range(8)]
    team = open_team(tmp_path, docs)
    for number, doc in enumerate(docs):
        decide(team["aziza"], doc, "relevant" if number % 2 else "not-relevant", seen="0")
        decide(team["bek"], doc, "relevant" if number % 2 or number == 0 else "not-relevant", seen="0")
        decide(team["bek"], doc, "not-relevant")
    with Store.open(tmp_path / "review.db") as store:
        said = store.opinions.independent()
    assert len(said) == 16
    page = team["lola"].get("/agreement").text
    assert "0.76" in page, "alpha of one difference in eight"
    assert "<bdi>aziza</bdi>, <bdi>bek</bdi>" in page


def test_a_day_has_its_limit(tmp_path: Path) -> None:
    docs = [make_doc(n) for n in range(3)]
    team = open_team(tmp_path, docs, session_items=2)
    assert decide(team["aziza"], docs[0], "relevant").headers["location"].startswith("/item/")
    assert decide(team["aziza"], docs[1], "relevant").headers["location"] == "/enough"
    assert "2 decisions today" in team["aziza"].get("/enough").text
    assert decide(team["aziza"], docs[2], "relevant").status_code == 403


def test_four_eyes_nobody_grants_their_own_request(tmp_path: Path) -> None:
    team = open_team(tmp_path, [make_doc(0)])
    for name in ("aziza", "lola"):
        post(team[name], "/requests/gazetteer", form="Sinov guruhi", why="a public source", language="uz-Latn")
    assert "Waits for a second person" in team["aziza"].get("/requests").text
    assert post(team["aziza"], "/requests/1/answer", answer="granted").status_code == 403
    assert post(team["lola"], "/requests/2/answer", answer="granted").status_code == 403
    assert post(team["lola"], "/requests/1/answer", answer="granted").status_code == 303
    assert post(team["lola"], "/requests/1/answer", answer="refused").status_code == 403
    assert post(team["lola"], "/requests/77/answer", answer="refused").status_code == 404
    with Store.open(tmp_path / "review.db") as store:
        assert [(r.id, r.answer, r.answered_by) for r in store.requests.all()] == [(2, "", None), (1, "granted", "lola")]
        subject = store.requests.all()[1].subject
        assert store.requests.granted("gazetteer", subject, "aziza") is not None
        assert store.requests.granted("gazetteer", subject, "bek") is None
        with pytest.raises(Stop, match="own request"):
            store.requests.answer(2, "lola", granted=True)


def test_a_note_is_kept_while_it_is_written_and_goes_with_the_decision(tmp_path: Path) -> None:
    doc = make_doc(0)
    team = open_team(tmp_path, [doc])
    assert post(team["aziza"], f"/item/{doc.id}/draft", note="half a sent").status_code == 204
    assert "half a sent" in team["aziza"].get(f"/item/{doc.id}").text
    assert "half a sent" not in team["bek"].get(f"/item/{doc.id}").text
    decide(team["aziza"], doc, "relevant", note="half a sentence")
    with Store.open(tmp_path / "review.db") as store:
        assert store.notebook.draft(doc.id, "aziza") == ""


def _verdicts(path: Path) -> dict[str, str]:
    with Store.open(path) as store:
        return {row.id: str(row.verdict) for row in store.queue.rows({"verdict": "any"}) if row.verdict}
