"""The strict loader: good data becomes records, bad data says where it is bad and what would be good."""

import os
import re
from pathlib import Path

import pytest
import yaml

from gazetteer.entries import DATA, LABELS, GazetteerError, load_entities, load_protected, read_entities
from gazetteer.fact import load_facts, read_facts
from gazetteer.source import load_sources, read_sources

GOOD = "- {id: a, kind: organization, name: A, policy: match, forms: {en: [{text: Alpha, added: high}]}}\n"
DESIGNATION = "{authority: UN, list: L, status: listed, date: 2001-10"


def read(tmp_path, text, name="people.yaml"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_entities([path])


def test_shipped_data_loads_and_is_sorted():
    entities = load_entities()
    assert len(entities) > 280
    assert [entity.id for entity in entities] == sorted(entity.id for entity in entities)
    assert all(entity.label == LABELS[entity.kind] for entity in entities)


def test_every_file_has_its_entities_sorted():
    for path in DATA.glob("*.yaml"):
        ids = re.findall(r"^- id: (\S+)", path.read_text("utf-8"), re.MULTILINE)
        assert ids == sorted(ids), path.name


def test_every_draft_entity_is_there():
    folder = os.environ.get("XABAR_EVAL_DATA")
    if not folder:
        pytest.skip("not run: XABAR_EVAL_DATA is not set")
    draft = yaml.safe_load((Path(folder) / "gazetteer" / "draft.yaml").read_text("utf-8"))
    wanted = {entity["id"] for entity in draft["entities"]}
    assert len(wanted) == 276
    assert wanted <= {entity.id for entity in load_entities()}


def test_shipped_data_stays_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 1_500_000


def test_entities_asked_for_by_name_are_there():
    ids = {entity.id for entity in load_entities()}
    added = {"gorno-badakhshan", "hizb-ut-tahrir", "islamic-jihad-union", "katibat-tawhid-jihad", "isaf"}
    assert added | {"katibat-imam-bukhari", "hayat-tahrir-al-sham"} <= ids


def test_tajik_badakhshan_is_not_the_afghan_province():
    afghan = next(entity for entity in load_entities() if entity.id == "afghan-badakhshan")
    assert not any("Горный" in form.text or "Кӯҳистони" in form.text for form in afghan.forms)


def test_relations_to_sources_are_there_and_say_who_asserts_them():
    relations = [relation for entity in load_entities() for relation in entity.relations]
    to_sources = [relation for relation in relations if relation.target in load_sources()]
    assert len(to_sources) == 44
    assert all(relation.asserted_by for relation in relations)
    assert all(relation.lines or relation.asserted_by in {"project", "unknown"} for relation in relations)


def test_source_without_the_prefix_and_double_source_are_refused(tmp_path):
    path = tmp_path / "sources.yaml"
    block = "- {id: src-a, name: A, kind: newspaper, languages: [ru], crawl: allow, lines: [3]}\n"
    path.write_text(block, "utf-8")
    assert read_sources(path)["src-a"].lines == (3,)
    for text, message in ((block + block, "'src-a': duplicate id"), (block.replace("src-a", "a"), "starts with 'src-'")):
        path.write_text(text, "utf-8")
        with pytest.raises(GazetteerError, match=message):
            read_sources(path)


def test_designations_name_authority_list_and_date_or_say_unknown():
    designations = [designation for entity in load_entities() for designation in entity.designations]
    assert len(designations) >= 40
    assert all(designation.authority and designation.list for designation in designations)
    guessed = [designation for designation in designations if "background knowledge" in designation.note]
    assert guessed
    assert {designation.confidence for designation in guessed} <= {"low", "medium"}


def test_facts_name_entities_that_exist_and_their_line():
    facts = load_facts()
    ids = {entity.id for entity in load_entities()}
    assert len(facts) == 67
    assert all(set(fact.entities) <= ids and 0 < fact.line <= 320 for fact in facts)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("entities: [a]", "entities: [b]", "fact 'F1': unknown entity 'b'"),
        ("line: 3", "line: x", "`lines` must be a list of line numbers"),
        ("answer: '5'", "answer: 5", "question and answer must be text"),
        ("question: How many?, ", "", "fact 'F1': missing `question`"),
        ("F1", "F1, colour: red", "unknown key 'colour'"),
    ],
)
def test_bad_fact_is_named(tmp_path, old, new, message):
    good = "- {id: F1, line: 3, question: How many?, answer: '5', entities: [a], must: [five]}\n"
    assert old in good
    path = tmp_path / "facts.yaml"
    path.write_text(good, "utf-8")
    assert read_facts(path, ["a"])[0].line == 3
    path.write_text(good.replace(old, new), "utf-8")
    with pytest.raises(GazetteerError, match=re.escape(message)):
        read_facts(path, ["a"])


def test_authors_states_and_offices_are_out_of_scope():
    scope = {entity.id: entity.is_in_scope for entity in load_entities()}
    assert all(scope[id_] for id_ in ("islamic-state", "imu", "osama-bin-laden", "amak"))
    outside = ("ashraf-ghani", "author-umarov", "nato", "tajikistan", "telegram", "term-jihad", "northern-alliance")
    assert not any(scope[id_] for id_ in outside)


def test_protected_words_exist_in_every_writing():
    assert set(load_protected()) == {"en", "ru", "tg", "uz-Latn", "uz-Cyrl"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: organization", "kind: persn", "entry 'a': unknown kind 'persn' (known: person, organization,"),
        ("policy: match", "policy: mach", "entry 'a': unknown policy 'mach' (known: match, context,"),
        ("{en: [", "{de: [", "entry 'a': unknown language 'de' (known: en, ru, tg,"),
        ("text: Alpha", "text: ' '", "entry 'a': empty form under en"),
        ("added: high", "added: hihg", "form 'Alpha': unknown confidence 'hihg' (known: high, medium, low)"),
        ("added: high", "added: high, kind: abbrv", "form 'Alpha': unknown kind 'abbrv'"),
        ("added: high", "added: high, colour: red", "form 'Alpha': unknown key 'colour'"),
        ("added: high", "note: x", "say either `lines` (of the report) or `added`"),
        ("added: high", "added: high, needs: [quotes]", "`needs` without `ambiguous`"),
        ("added: high", "added: high, ambiguous: x, needs: [moon]", "form 'Alpha': unknown condition 'moon'"),
        ("added: high", "added: high, case: upper", "unknown case 'upper' (known: any, exact)"),
        ("policy: match", "policy: match, size: 3", "entry 'a': unknown key 'size'"),
        ("policy: match", "policy: match, relations: [{type: part-of, target: b}]", "relation 'b': missing `asserted_by`"),
        (
            "policy: match",
            "policy: match, relations: [{type: part-of, target: b, asserted_by: report}]",
            "relation to unknown entry 'b'",
        ),
        (
            "policy: match",
            "policy: match, relations: [{type: part-of, target: a, asserted_by: somebody}]",
            "unknown asserted_by 'somebody' (known: report, afghan-opposition,",
        ),
        ("text: Alpha", "text: '«A»'", "a form needs at least 2 letters or digits"),
        ("text: Alpha", "text: '«»'", "a form needs at least 2 letters or digits"),
        ("policy: match", f"policy: match, designations: [{DESIGNATION}, size: 1}}]", "unknown key 'size'"),
        ("policy: match", f"policy: match, designations: [{DESIGNATION}}}]", "say either `lines` (of the report) or `added`"),
        (
            "policy: match",
            f"policy: match, designations: [{DESIGNATION.replace('2001-10', '10.2001')}, added: low}}]",
            "date '10.2001' must be 'YYYY', 'YYYY-MM'",
        ),
        ("name: A, ", "", "entry 'a': missing `name`"),
        ("name: A, ", "name: A, name: B, ", "key 'name' stands twice in one block"),
        ("added: high}]", "added: high}, {text: Alpha, added: low}]", "form 'Alpha': stands twice under en-Latn"),
        ("text: Alpha", "text: طالبان", "form 'طالبان': most of its letters are in no alphabet of ours"),
        ("forms: {en: [{text: Alpha, added: high}]}", "forms: [x]", "forms must be a mapping of writings"),
    ],
)
def test_bad_entry_is_named_with_what_would_be_good(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(GazetteerError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith(f"{tmp_path / 'people.yaml'}: ")
    assert message in str(caught.value)


def test_duplicate_id_names_the_first_file(tmp_path):
    with pytest.raises(GazetteerError, match=r"entry 'a': duplicate id \(first in .*people.yaml\)"):
        read(tmp_path, GOOD + GOOD)


@pytest.mark.parametrize("text", ["a: b", "- [1, 2", "- just text", "- {id: a}"])
def test_file_of_another_shape_is_refused(tmp_path, text):
    with pytest.raises(GazetteerError, match=r"people.yaml: "):
        read(tmp_path, text)
