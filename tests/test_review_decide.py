"""Deciding: appended, never overwritten, on to the next item of the same queue."""

import html as entities
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.store import Store
from tests.test_review_sample import make_desk, make_doc, make_languages, open_client, read_token, send_decision


def test_decision_is_saved_and_leads_to_the_next_item_of_the_same_queue(tmp_path: Path) -> None:
    docs = [make_doc(0), make_doc(1, language="tg", script="Cyrl"), make_doc(2), make_doc(3, flagged=False)]
    client = open_client(make_desk(tmp_path, docs))
    response = send_decision(client, docs[0], query="?language=en", reason="new-event", note="  two outlets\nsay so ")
    assert response.status_code == 303
    assert response.headers["location"] == f"/item/{docs[2].id}?language=en&decided={docs[0].id}"
    with Store.open(tmp_path / "review.db") as store:
        [decision] = store.desk.decisions(docs[0].id)
    assert (decision.reviewer, decision.verdict, decision.reason) == ("N. K.", "relevant", "new-event")
    assert decision.note == "two outlets\nsay so"
    following = client.get(response.headers["location"]).text
    assert "Saved:" in following
    assert "Title 0" in following
    assert "Change" in following


def test_end_of_the_queue_leads_back_with_a_kind_word(tmp_path: Path) -> None:
    docs = [make_doc(0), make_doc(1)]
    client = open_client(make_desk(tmp_path, docs))
    response = send_decision(client, docs[1], query="?language=en")
    assert response.headers["location"] == f"/?language=en&decided={docs[1].id}&end=1"
    page = client.get(response.headers["location"]).text
    assert "last item of this queue. Thank you." in page
    assert "1 item is still listed here" in page
    assert "Ignored" not in page


def test_two_reviewers_both_stand_and_deciding_again_undoes(tmp_path: Path) -> None:
    doc = make_doc(0)
    path = make_desk(tmp_path, [doc])
    send_decision(open_client(path), doc, "relevant", reviewer="N. K.")
    second = open_client(path)
    send_decision(second, doc, "not-relevant", reviewer="Гулнора")
    send_decision(second, doc, "unsure", reviewer="")
    with Store.open(path) as store:
        decisions = [(d.reviewer, d.verdict) for d in store.desk.decisions(doc.id)]
        assert store.ledger.first_broken_link() is None
    assert decisions == [("Гулнора", "unsure"), ("Гулнора", "not-relevant"), ("N. K.", "relevant")]
    page = second.get(f"/item/{doc.id}").text
    assert page.count("Гулнора") >= 2
    assert "N. K." in page
    assert "Unsure" in page
    assert "Title 0" in second.get("/?decision=unsure").text
    assert "Title 0" not in second.get("/?decision=relevant").text


def test_reviewer_is_asked_once_and_kept_where_scripts_cannot_read_it(tmp_path: Path) -> None:
    docs = make_languages()
    client = open_client(make_desk(tmp_path, docs))
    assert "required" in client.get(f"/item/{docs[0].id}").text.split('name="reviewer"')[1].split(">")[0]
    response = send_decision(client, docs[0], reviewer=' Oʻ. "Q";\r\n <b>ism</b>\u202e ')
    cookies = [value.lower() for value in response.headers.get_list("set-cookie")]
    assert cookies
    assert all("samesite=strict" in c and "httponly" in c for c in cookies)
    page = client.get(f"/item/{docs[1].id}").text
    assert "You decide as <bdi>" + entities.escape('Oʻ. "Q"; <b>ism</b>').replace("&quot;", "&#34;") in page
    assert "Your name, asked once" not in page


def test_reviewer_named_by_the_command_line_cannot_be_changed_by_the_form(tmp_path: Path) -> None:
    doc = make_doc(0)
    client = open_client(make_desk(tmp_path, [doc]), reviewer="On shift")
    assert 'name="reviewer"' not in client.get(f"/item/{doc.id}").text
    response = send_decision(client, doc, reviewer="Somebody else")
    assert "xabar_reviewer" not in response.headers.get("set-cookie", "")
    with Store.open(tmp_path / "review.db") as store:
        assert [d.reviewer for d in store.desk.decisions(doc.id)] == ["On shift"]


@pytest.mark.parametrize(
    "fields", [{"verdict": "yes"}, {"verdict": ""}, {"reviewer": " \u200b "}, {"reason": "because"}, {"note": "x" * 4001}]
)
def test_wrong_form_saves_nothing_and_says_so(tmp_path: Path, fields: dict[str, str]) -> None:
    doc = make_doc(0)
    client = open_client(make_desk(tmp_path, [doc]))
    response = send_decision(client, doc, **({"verdict": "relevant"} | fields))
    assert response.status_code == 400
    assert "Nothing was saved" in response.text
    with Store.open(tmp_path / "review.db") as store:
        assert store.desk.decisions(doc.id) == []


def test_unknown_item_is_not_decided(tmp_path: Path) -> None:
    doc = make_doc(0)
    client = open_client(make_desk(tmp_path, [doc]))
    token = read_token(client.get(f"/item/{doc.id}").text)
    response = client.post(
        f"/item/{quote('nobody/..', safe='')}/decide", data={"token": token, "verdict": "relevant", "reviewer": "x"}
    )
    assert response.status_code == 404


def test_previous_and_next_follow_the_queue(tmp_path: Path) -> None:
    docs = [make_doc(n, score=score) for n, score in enumerate((0.95, 0.9, 0.9, 0.9, 0.8))]
    client = open_client(make_desk(tmp_path, docs))
    for place in range(5):
        page = client.get(f"/item/{docs[place].id}?search=text").text
        for rel, neighbour in (("prev", place - 1), ("next", place + 1)):
            link = f'rel="{rel}" href="/item/{docs[neighbour % 5].id}?search=text"'
            assert (link in page) is (0 <= neighbour < 5), (place, rel)
