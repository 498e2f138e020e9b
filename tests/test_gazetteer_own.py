"""The operator's own names beside the shipped list: read as strictly, matched, linted, in the audit, on the whole road."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from gazetteer.block import GazetteerError
from gazetteer.entries import load_entities
from gazetteer.match import load_matcher
from gazetteer.own import open_with_own, read_with_own
from pipeline.cli import app
from pipeline.config import load_config
from pipeline.custody.state import record_state
from pipeline.records import Document, Stop
from pipeline.run import make_road
from tests.test_custody_state import read_audit

YAML = """
- id: own-lake-front
  kind: organization
  name: Invented Lake Front
  policy: match
  forms:
    en: [{text: Invented Lake Front, added: low}]
    ru: [{text: Озерный фронт выдумки, added: low}]
- id: own-taliban-spelling
  kind: organization
  name: Taliban, as our desk writes it
  policy: alias
  relations: [{type: alias-of, target: taliban, asserted_by: unknown}]
  forms:
    en: [{text: Talebaan Movement, added: low}]
"""
CSV = "id,kind,name,writing,form\nown-town,place,Vorkadun,uz-Latn,Vorkadun shahri\n"


@pytest.fixture
def lists(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "names.yaml").write_text(YAML, "utf-8")
    (folder / "towns.csv").write_text(CSV, "utf-8")
    return folder


@pytest.fixture
def config(lists):
    path = lists.parent / "my.toml"
    path.write_text('[gazetteer]\nlists = ["own"]\n', "utf-8")
    return path


def find(matcher, text, language):
    return [(match.entity_id, match.text) for match in matcher.find(text, language)]


def test_own_names_are_found_beside_the_shipped_ones(lists):
    matcher = open_with_own([lists])
    text = "The Invented Lake Front's men and the Taliban met."
    assert find(matcher, text, "en") == [("own-lake-front", "Invented Lake Front's"), ("taliban", "Taliban")]
    assert find(load_matcher(), text, "en") == [("taliban", "Taliban")]
    assert find(matcher, "Vorkadun shahridan keldi", "uz") == [("own-town", "Vorkadun shahridan")]
    assert find(matcher, "The Talebaan Movement met.", "en") == [("taliban", "Talebaan Movement")]
    assert find(matcher, "Вчера Озерного фронта выдумки не стало", "ru") == [("own-lake-front", "Озерного фронта выдумки")]


def test_own_names_say_where_they_come_from(lists):
    entities = {entity.id: entity for entity in read_with_own([lists])}
    assert len(entities) == len(load_entities()) + 3
    assert entities["own-lake-front"].provenance == "own list names.yaml"
    assert entities["own-town"].provenance == "CSV towns.csv"
    assert entities["own-town"].policy == "context"


def test_changed_own_list_is_compiled_again(lists):
    before = open_with_own([lists / "names.yaml"])
    other = lists / "more.yaml"
    other.write_text(YAML.replace("Lake", "Sea"), "utf-8")
    assert find(open_with_own([other]), "Invented Sea Front", "en") == [("own-lake-front", "Invented Sea Front")]
    assert find(before, "Invented Sea Front", "en") == []
    assert len(list((lists.parent / "cache" / "xabar").iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "a.yaml",
            "- {id: taliban, kind: person, name: A, policy: match, forms: {en: [{text: Abc Def, added: low}]}}",
            "duplicate id",
        ),
        ("a.yaml", YAML.replace("target: taliban", "target: nobody"), "unknown entry 'nobody'"),
        ("a.yaml", YAML.replace("kind: organization", "kind: organisation"), "unknown kind 'organisation'"),
        ("a.csv", "id,kind,name,writing,form\nx,place,X,uz-Latn,\n", "line 2"),
        ("a.txt", "names", "no YAML or CSV"),
        ("a.yaml", "just text", "list of entries"),
    ],
)
def test_bad_own_list_names_file_and_entry(tmp_path, name, text, says):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(GazetteerError, match=says) as caught:
        read_with_own([tmp_path / name])
    assert name in str(caught.value)


def test_missing_file_is_one_line_with_what_to_do(tmp_path, lists, config):
    config.write_text('[gazetteer]\nlists = ["none.yaml"]\n', "utf-8")
    done = CliRunner().invoke(app, ["gazetteer", "match", "Taliban", "--config", str(config)])
    assert isinstance(done.exception, Stop)
    assert "none.yaml: no such file or folder" in str(done.exception)


def test_lists_are_named_from_the_folder_of_the_configuration(lists, config, monkeypatch):
    monkeypatch.chdir("/")
    assert load_config(config).gazetteer.paths == (lists,)
    assert load_config().gazetteer.paths == ()


def test_the_whole_road_finds_own_names(lists, config):
    doc = Document("1", "https://a.example/1", "a", datetime.now(UTC), "", "The Invented Lake Front attacked a post in Kunduz.")
    doc = replace(doc, language="en", script="Latn")
    find_stage = next(stage for stage in make_road(0.5, lists=(lists,)).stages if "find_entities" in repr(stage))
    assert "own-lake-front" in {mention.entity_id for mention in find_stage([doc])[0].mentions}
    lines = json.dumps({"id": "1", "text": doc.text, "language": "en"})
    done = CliRunner().invoke(app, ["scan", "--stages", "gazetteer", "--config", str(config)], input=lines)
    assert "own-lake-front" in {mention["entity_id"] for mention in json.loads(done.stdout)["mentions"]}


def test_commands_of_the_list_take_the_configuration(config):
    def run(*arguments):
        return CliRunner().invoke(app, ["gazetteer", *arguments, "--config", str(config)])

    assert "own list names.yaml" in run("show", "own-lake-front").stdout
    assert json.loads(run("match", "Invented Lake Front", "--language", "en").stdout)["entity_id"] == "own-lake-front"
    assert run("lint").exit_code == 0


def test_change_of_an_own_list_is_in_the_audit(store, lists, config):
    settings = load_config(config)
    record_state(store, settings)
    record_state(store, settings)
    (lists / "names.yaml").write_text(YAML.replace("Lake", "Sea"), "utf-8")
    record_state(store, settings)
    assert read_audit(store, "gazetteer") == [[], [str(lists / "names.yaml")]]
