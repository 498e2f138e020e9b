"""The commands of the people who own the list, as they run them."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from gazetteer.entries import DATA
from pipeline.gazetteer_commands import app
from pipeline.records import Document, Stop
from pipeline.store import Store
from tests.conftest import make_page

OWN = (
    "- {id: lake-front, kind: organization, name: Lake Front, policy: match,"
    " forms: {en: [{text: Invented Lake Front, added: low}]}}\n"
)


def run(*arguments):
    done = CliRunner().invoke(app, list(map(str, arguments)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists") / "data"
    shutil.copytree(DATA, folder)
    (folder / "own.yaml").write_text(OWN, "utf-8")
    text = (folder / "organizations.yaml").read_text("utf-8")
    (folder / "organizations.yaml").write_text(text.replace("    - {text: ETIM/TIP, added: high}\n", ""), "utf-8")
    return folder


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "x.db"
    texts = ["Militants of the Invented Lake Front attacked a post.", "A group named “Sons of the Dune” claimed the attack."]
    texts += [
        "The group “Sons of the Dune” recruits fighters; Karim Invented was detained.",
        "A “Sons of the Dune” film was shown.",
    ]
    with Store.open(path, create=True) as store:
        for number, text in enumerate(texts):
            page = make_page(number)
            store.pages.save(page, "f", number)
            store.documents.save([make_document(page, text, flagged=number < 3)])
    return path


def make_document(page, text, flagged):
    return Document(page.id, page.url, page.source, page.fetched_at, "", text, language="en", flagged=flagged)


def test_show_tells_forms_relations_designations_and_facts():
    shown = run("show", "al-qaeda").stdout
    assert "form Al-Qaeda (en-Latn, name): report lines 29," in shown
    assert "asserted by: the policy report in its own voice" in shown
    assert "listed by UN Security Council" in shown
    assert json.loads(run("show", "al-qaeda", "--json").stdout)["id"] == "al-qaeda"
    assert "fact F06 (line 47)" in run("show", "unit-chinese-battalion").stdout


def test_unknown_entity_names_near_ones():
    with pytest.raises(Stop, match=r"no entity 'qaeda' in the gazetteer; near it: al-qaeda"):
        run("show", "qaeda")


def test_lint_of_a_folder_and_of_the_shipped_list(changed):
    assert run("lint").stdout == "the gazetteer is clean\n"
    (changed / "short.yaml").write_text(OWN.replace("lake-front", "short").replace("Invented Lake Front", "Lak"), "utf-8")
    done = run("lint", changed)
    (changed / "short.yaml").unlink()
    assert done.exit_code == 1
    assert "form 'Lak' (en): shorter than 4 letters" in done.stdout
    with pytest.raises(Stop, match="no YAML files of entities here"):
        run("lint", changed / "generated")


def test_diff_without_texts_lists_forms(changed):
    assert run("diff", DATA, changed).stdout.splitlines() == ["removed form etim: ETIM/TIP (en-Latn)", "added entity lake-front"]


def test_diff_over_texts_lists_hits(changed, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"id": "a", "text": "The Invented Lake Front met.", "language": "en", "source": "own"}\n', "utf-8")
    (change,) = json.loads(run("diff", DATA, changed, path, "--json").stdout)
    assert (change["change"], change["entity_id"], change["source"]) == ("new", "lake-front", "own")
    assert "lost          1  lake-front  own en" in run("diff", changed, DATA, path).stdout
    path.write_text('{"id": "a"}\n', "utf-8")
    with pytest.raises(Stop, match="line 1: not a JSON object with `text`"):
        run("diff", DATA, changed, path)


def test_backtest_counts_new_hits_of_the_stored_documents(changed, db):
    done = run("backtest", changed, "--db", db)
    assert "new           1  lake-front" in done.stdout
    assert "Militants of the Invented Lake Front attacked a post." in done.stdout
    assert run("backtest", DATA, "--db", db).stdout == "no hit differs\n"


def test_candidates_recur_in_flagged_documents_and_are_no_persons(db):
    (item,) = json.loads(run("candidates", "--db", db, "--json").stdout)
    assert (item["name"], len(item["documents"])) == ("Sons of the Dune", 2)
    assert all(len(snippet) <= 120 for snippet in item["snippets"])
    assert run("candidates", "--db", db, "--at-least", 3).stdout == "no unknown name recurs\n"


def test_import_writes_a_file_that_loads(tmp_path):
    source, out = tmp_path / "own.csv", tmp_path / "own.yaml"
    source.write_text("id,kind,name,writing,form\nlake,organization,Lake,en,Invented Lake Front\n", "utf-8")
    assert "1 entities in" in run("import", "csv", source, "--out", out).stdout
    assert "text: Invented Lake Front" in run("import", "csv", source).stdout
    with pytest.raises(Stop, match=r"unknown list 'xls' \(known: un, geonames, csv\)"):
        run("import", "xls", source)
    with pytest.raises(Stop, match=r"nothing.csv: No such file"):
        run("import", "csv", tmp_path / "nothing.csv")
    source.write_text("id,kind,name,writing,form\nlake,lake,Lake,en,Invented Lake Front\n", "utf-8")
    with pytest.raises(Stop, match="unknown kind 'lake'"):
        run("import", "csv", source, "--out", out)
