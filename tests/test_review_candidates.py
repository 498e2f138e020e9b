"""The page of new names: shown with their evidence, accepted by two different people, refused by one, never a person."""

from pathlib import Path

from starlette.testclient import TestClient

from pipeline.records import Document
from pipeline.review import candidates
from pipeline.store import Store
from tests.conftest import make_page
from tests.test_review_accounts import open_session, open_with_accounts
from tests.test_review_sample import make_desk, make_doc, open_client, read_token
from tests.test_review_second import open_team, post

NAME = "Sons of the Dune"
SNIPPET = "claimed the attack"


def make_docs() -> list[Document]:
    texts = [
        "A group named “Sons of the Dune” claimed the attack.",
        "The group “Sons of the Dune” recruits fighters; Karim was held.",
    ]
    return [
        *(make_doc(number, text=text, source=f"source-{number}") for number, text in enumerate(texts)),
        make_doc(2, text="The group “Sons of the Dune” is a film about an attack.", flagged=False),
    ]


def accept(client: TestClient, **fields: str) -> TestClient:
    return post(client, "/candidates", **({"name": NAME, "verdict": "accept", "kind": "organization"} | fields))


def test_a_name_is_shown_with_counts_sources_and_snippets(tmp_path: Path) -> None:
    page = open_team(tmp_path, make_docs())["aziza"].get("/candidates").text
    assert NAME in page
    assert SNIPPET in page
    assert "in 2 items" in page
    assert "source-0, source-1" in page
    assert "Nobody has voted yet" in page
    assert "Karim" not in page.replace(make_docs()[1].text, "")


def test_two_different_people_accept_a_name(tmp_path: Path) -> None:
    team = open_team(tmp_path, make_docs())
    assert accept(team["aziza"]).status_code == 303
    assert accept(team["aziza"]).status_code == 303
    assert "Waits for a second person" in team["bek"].get("/candidates").text
    assert accept(team["bek"]).headers["location"] == "/candidates"
    assert NAME not in team["bek"].get("/candidates").text
    settled = team["bek"].get("/candidates?show=all").text
    assert "Accepted" in settled
    with Store.open(tmp_path / "review.db") as store:
        (standing,) = store.candidates.all().values()
        assert [vote.reviewer for vote in standing.accepting] == ["aziza", "bek"]
        assert any("candidate_votes" in str(row) for row in store.ledger.audit(20))


def test_one_refusal_takes_a_name_out(tmp_path: Path) -> None:
    team = open_team(tmp_path, make_docs())
    accept(team["aziza"])
    post(team["bek"], "/candidates", name=NAME, verdict="refuse", note="a film")
    assert NAME not in team["aziza"].get("/candidates").text
    assert "a film" in team["aziza"].get("/candidates?show=all").text


def test_the_second_person_finds_what_the_first_said_chosen(tmp_path: Path) -> None:
    team = open_team(tmp_path, make_docs())
    accept(team["aziza"], kind="media-outlet")
    assert '<option value="media-outlet" selected>' in team["bek"].get("/candidates").text
    refused = accept(team["bek"])
    assert refused.status_code == 400
    assert "aziza accepted" in refused.text
    assert "media-outlet" in refused.text


def test_what_cannot_be_voted_on_is_refused_and_nothing_is_saved(tmp_path: Path) -> None:
    team = open_team(tmp_path, make_docs())
    for fields, says in (
        ({"name": "Karim Karimov"}, "is not proposed"),
        ({"kind": "person"}, "persons are never proposed"),
        ({"same_as": "osama-bin-laden"}, "is a person"),
        ({"same_as": "nobody-there"}, "no entity"),
        ({"kind": "planet"}, "kind"),
        ({"verdict": "maybe"}, "accepted or refused"),
        ({"name": ""}, "accepted or refused"),
    ):
        answer = accept(team["aziza"], **fields)
        assert answer.status_code == 400, fields
        assert says in answer.text
        assert "Nothing was saved" in answer.text
    assert team["aziza"].post("/candidates", data={"token": "x", "name": NAME, "verdict": "accept"}).status_code == 403
    with Store.open(tmp_path / "review.db") as store:
        assert store.candidates.all() == {}


def test_readers_do_not_vote(tmp_path: Path) -> None:
    client, token = open_session(open_with_accounts(tmp_path), "reader")
    assert client.get("/candidates").status_code == 403
    assert client.post("/candidates", data={"token": token, "name": NAME, "verdict": "accept"}).status_code == 403
    assert "New names" not in client.get("/").text


def test_nobody_votes_without_a_name(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, make_docs()))
    token = read_token(client.get("/candidates").text)
    answer = client.post("/candidates", data={"token": token, "name": NAME, "verdict": "accept"})
    assert answer.status_code == 400
    assert "needs your name" in answer.text


def test_names_are_read_again_only_when_other_items_have_come(tmp_path: Path) -> None:
    team, path = open_team(tmp_path, make_docs()), tmp_path / "review.db"
    assert "in 2 items" in team["aziza"].get("/candidates").text
    with Store.open(path) as store:
        store.pages.save(make_page(7), "f", 7)
        store.documents.save([make_doc(7, text="The group “Sons of the Dune” attacked a post.")])
    assert "in 3 items" in team["aziza"].get("/candidates").text
    assert candidates.NEWEST == 500


def test_markup_in_a_text_stays_text(tmp_path: Path) -> None:
    text = "A group named “Dune <b>Sons</b>” claimed an attack. The group Dunes claimed the attack <script>alert(1)</script>"
    texts = [text, f"{text} again"]
    docs = [make_doc(number, text=text) for number, text in enumerate(texts)]
    page = open_team(tmp_path, docs)["aziza"].get("/candidates").text
    assert "<script>alert" not in page
    assert "<i>" not in page.split("</header>", 1)[-1]
