"""A compiled list comes back from the cache as it was; a file that does not fit is compiled again."""

import json
import shutil

import pytest

from gazetteer import cache
from gazetteer.compile import compile_list
from gazetteer.compiled import pack_entity, unpack_entity
from gazetteer.entries import DATA, load_entities
from gazetteer.folder import open_matcher
from gazetteer.match import Matcher, load_matcher

OWN = "- {id: a, kind: organization, name: A, policy: match, forms: {en: [{text: Invented Lake Front, added: high}]}}\n"
TEXT = "The Invented Lake Front met the Taliban."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = tmp_path / "data"
    data.mkdir()
    (data / "own.yaml").write_text(OWN, "utf-8")
    return data


def files(folder):
    return sorted((folder.parent / "cache" / "xabar").glob("*"))


def test_every_entity_comes_back_as_it_was():
    for entity in load_entities():
        assert unpack_entity(pack_entity(entity)) == entity


def test_list_from_the_cache_finds_what_a_fresh_one_finds(folder):
    fresh, cached = open_matcher(folder), open_matcher(folder)
    assert len(files(folder)) == 1
    assert fresh.find(TEXT, "en") == cached.find(TEXT, "en") != []
    assert fresh.entities == cached.entities


def test_shipped_list_from_the_cache_is_the_list():
    assert load_matcher().entities == {entity.id: entity for entity in load_entities()}


def test_changed_data_is_another_file(folder):
    open_matcher(folder)
    (folder / "own.yaml").write_text(OWN.replace("Lake", "Sea"), "utf-8")
    assert open_matcher(folder).find(TEXT, "en") == []
    assert len(files(folder)) == 2


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "other"])
def test_damaged_file_is_compiled_again(folder, damage):
    found = open_matcher(folder).find(TEXT, "en")
    (path,) = files(folder)
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:-9], "changed": whole[:-9] + b"x" * 9, "empty": b"", "other": b"{}\n"}[damage])
    assert open_matcher(folder).find(TEXT, "en") == found
    assert path.read_bytes() == whole


def test_file_of_other_data_is_not_believed(folder):
    open_matcher(folder)
    (path,) = files(folder)
    key = path.stem.removeprefix("gazetteer-")
    assert cache.read_compiled(path, key) is not None
    assert cache.read_compiled(path, "0" * 32) is None
    header, body = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps(json.loads(header) | {"format": "xabar-gazetteer 0"}).encode() + b"\n" + body)
    assert cache.read_compiled(path, key) is None


def test_without_a_place_to_write_everything_works(folder, monkeypatch):
    (folder.parent / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "file"))
    assert [match.entity_id for match in open_matcher(folder).find(TEXT, "en")] == ["a"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pathlib.Path.home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert cache.find_cache_path("x") is None
    assert [match.entity_id for match in open_matcher(folder).find(TEXT, "en")] == ["a"]


def test_install_that_cannot_be_written_is_cached_elsewhere(folder):
    shutil.copy(DATA / "context.yaml", folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    open_matcher(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_old_files_go(folder):
    for number in range(cache.MOST_KEPT + 3):
        (folder / "own.yaml").write_text(OWN.replace("Lake", f"Lake{number}"), "utf-8")
        open_matcher(folder)
    assert len(files(folder)) == cache.MOST_KEPT


def test_compiled_list_is_no_code():
    compiled = compile_list(load_entities()[:3])
    assert Matcher.of(compiled).entities.keys() == {entity.id for entity in load_entities()[:3]}
    assert json.loads(compiled.packed_facts)["ids"] == [entity.id for entity in load_entities()[:3]]
