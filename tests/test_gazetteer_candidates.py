"""Names from the archive: shown with their evidence, accepted by two people, refused by one, never a person."""

import sqlite3
from contextlib import closing

import pytest
import yaml

from gazetteer.compare import Text
from gazetteer.discovery import Proposal, find_proposals, find_similar, render_stub
from gazetteer.entries import read_entities
from gazetteer.match import load_matcher
from pipeline.custody.inspection import inspect_archive
from pipeline.records import Stop
from pipeline.store import Store
from tests.test_gazetteer_commands import db, run  # noqa: F401  # the fixture of flagged documents

NAME = "Sons of the Dune"


def vote(path, verdict, reviewer, *more):
    return run("candidates", f"--{verdict}", NAME, "--reviewer", reviewer, "--db", path, *more).stdout


def test_one_person_is_not_enough_and_two_are(db):  # noqa: F811
    assert "accepted by Ada, waits for a second person" in vote(db, "accept", "Ada")
    assert run("candidates", "--yaml", "--db", db).stdout == "# nothing is accepted yet\n"
    assert "accepted by Ada, Bek;" in vote(db, "accept", "Bek")
    assert run("candidates", "--db", db).stdout == "no unknown name recurs\n"
    assert "accepted by Ada, Bek" in run("candidates", "--db", db, "--all").stdout


@pytest.mark.parametrize("again", ["Ada", " ada ", "ADA"])
def test_the_same_person_twice_is_one(db, again):  # noqa: F811
    vote(db, "accept", "Ada")
    assert "waits for a second person" in vote(db, "accept", again)


def test_one_refusal_takes_the_name_out_until_it_is_taken_back(db):  # noqa: F811
    vote(db, "accept", "Ada")
    vote(db, "accept", "Bek")
    assert "refused by Cem" in vote(db, "refuse", "Cem", "--note", "a film")
    assert run("candidates", "--yaml", "--db", db).stdout == "# nothing is accepted yet\n"
    assert "accepted by Ada, Bek, Cem" in vote(db, "accept", "Cem")


def test_accepted_name_becomes_an_entry_that_loads_with_who_accepted_it(db, tmp_path):  # noqa: F811
    vote(db, "accept", "Ada", "--kind", "media-outlet")
    vote(db, "accept", "Bek", "--kind", "media-outlet")
    path = tmp_path / "accepted.yaml"
    path.write_text(run("candidates", "--yaml", "--db", db).stdout, "utf-8")
    (entity,) = read_entities([path])
    assert (entity.kind, entity.policy, entity.forms[0].text) == ("media-outlet", "context", NAME)
    assert "accepted by Ada (" in entity.provenance
    assert "and Bek (" in entity.provenance


def test_spelling_of_a_known_entity_becomes_a_form(db):  # noqa: F811
    vote(db, "accept", "Ada", "--same-as", "imu")
    vote(db, "accept", "Bek", "--same-as", "imu")
    shown = run("candidates", "--yaml", "--db", db).stdout
    assert shown.startswith("# imu: add the form; accepted by Ada (")
    (form,) = yaml.safe_load(shown)["en"]
    assert (form["text"], form["added"]) == (NAME, "low")


def test_two_people_must_mean_the_same(db):  # noqa: F811
    vote(db, "accept", "Ada", "--same-as", "imu")
    with pytest.raises(Stop, match="Ada accepted 'Sons of the Dune' as a spelling of imu; say the same"):
        vote(db, "accept", "Bek")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--accept", NAME), "a vote needs the reviewer's name"),
        (("--accept", "Karim Invented", "--reviewer", "Ada"), "'Karim Invented' is not proposed from this archive"),
        (("--accept", NAME, "--reviewer", "Ada", "--kind", "person"), "persons are never proposed"),
        (("--accept", NAME, "--reviewer", "Ada", "--kind", "persn"), r"kind 'persn' is unknown \(known: organization,"),
        (("--accept", NAME, "--reviewer", "Ada", "--same-as", "osama-bin-laden"), "is a person"),
        (("--accept", NAME, "--reviewer", "Ada", "--same-as", "nothing"), "no entity 'nothing'"),
        (("--accept", NAME, "--refuse", NAME, "--reviewer", "Ada"), "give one of them"),
    ],
)
def test_wrong_vote_says_what_to_do_and_saves_nothing(db, arguments, message):  # noqa: F811
    with pytest.raises(Exception, match=message):
        run("candidates", *arguments, "--db", db)
    with Store.open(db) as store:
        assert store.candidates.all() == {}


def test_where_there_are_accounts_only_an_analyst_votes(db):  # noqa: F811
    with Store.open(db) as store:
        store.accounts.add("ada", "analyst", None)
        store.accounts.add("bek", "reader", None)
    assert "accepted by ada" in vote(db, "accept", "ada")
    for name in ("bek", "cem"):
        with pytest.raises(Stop, match="has no active account of an analyst"):
            vote(db, "accept", name)


def test_votes_cannot_be_changed_and_verify_names_one_that_was(db):  # noqa: F811
    vote(db, "accept", "Ada")
    assert not [line for line in inspect_archive(db)[0].damage if "candidate_votes" in line]
    with closing(sqlite3.connect(db)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="votes are append-only"):
            connection.execute("UPDATE candidate_votes SET verdict = 'refuse'")
        connection.execute("DROP TRIGGER candidate_votes_update")
        connection.execute("UPDATE candidate_votes SET verdict = 'refuse'")
        connection.commit()
    assert [line for line in inspect_archive(db)[0].damage if "candidate_votes" in line]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Лидер группировки Абу Сафар напал на пост, боевики группировки Абу Сафар отступили."),
        ("en", "Fighters of the group Karim Vorkadun attacked; the militants call him “Mullah Vorkadun”."),
        ("tg", "Ҷангҷӯёни гурӯҳи Раҳим Воркадун ҳамла карданд, террор."),
        ("uz", "Jangarilar guruhi, “Qori Vorkadun” va Vorkadun Zelmirov guruhi, hujum qildi."),
    ],
)
def test_leader_beside_the_word_group_is_no_group(language, text):
    texts = [Text(str(number), text, language, "own") for number in range(3)]
    assert find_proposals(texts, load_matcher()) == []


def test_spelling_close_to_a_known_name_is_pointed_out():
    assert find_similar(Proposal("Islomic Movment of Uzbekiston", ""), load_matcher()) == "imu"
    assert find_similar(Proposal("Sons of the Dune", ""), load_matcher()) == ""


def test_entry_of_a_name_with_quotes_loads(tmp_path):
    path = tmp_path / "stub.yaml"
    path.write_text(render_stub(Proposal("Sons of 'the' Dune: №1", "", languages={"ru"}), "organization", "by 'Ada': x"), "utf-8")
    (entity,) = read_entities([path])
    assert entity.name == "Sons of 'the' Dune: №1"
