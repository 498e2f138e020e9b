"""The strict loader: good data becomes records, bad data says where it is bad and what would be good."""

import pytest

from gazetteer.entries import DATA, LABELS, GazetteerError, load_entities, load_protected, read_entities

GOOD = "- {id: a, kind: organization, name: A, policy: match, forms: {en: [{text: Alpha, added: high}]}}\n"


def read(tmp_path, text, name="people.yaml"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_entities([path])


def test_shipped_data_loads_and_is_sorted():
    entities = load_entities()
    assert len(entities) > 280
    assert [entity.id for entity in entities] == sorted(entity.id for entity in entities)
    assert all(entity.label == LABELS[entity.kind] for entity in entities)


def test_shipped_data_stays_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 1_500_000


def test_entities_asked_for_by_name_are_there():
    ids = {entity.id for entity in load_entities()}
    added = {"gorno-badakhshan", "hizb-ut-tahrir", "islamic-jihad-union", "katibat-tawhid-jihad", "isaf"}
    assert added | {"katibat-imam-bukhari", "hayat-tahrir-al-sham"} <= ids


def test_tajik_badakhshan_is_not_the_afghan_province():
    afghan = next(entity for entity in load_entities() if entity.id == "afghan-badakhshan")
    assert not any("Горный" in form.text or "Кӯҳистони" in form.text for form in afghan.forms)


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
        ("policy: match", "policy: match, relations: [{type: part-of, target: b}]", "relation to unknown entry 'b'"),
        ("name: A, ", "", "entry 'a': missing `name`"),
        ("forms: {en: [{text: Alpha, added: high}]}", "forms: [x]", "forms must be a mapping of writings"),
    ],
)
def test_bad_entry_is_named_with_what_would_be_good(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(GazetteerError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert str(caught.value).startswith("gazetteer/data/people.yaml: ")
    assert message in str(caught.value)


def test_duplicate_id_names_the_first_file(tmp_path):
    with pytest.raises(GazetteerError, match=r"entry 'a': duplicate id \(first in gazetteer/data/people.yaml\)"):
        read(tmp_path, GOOD + GOOD)


@pytest.mark.parametrize("text", ["a: b", "- [1, 2", "- just text", "- {id: a}"])
def test_file_of_another_shape_is_refused(tmp_path, text):
    with pytest.raises(GazetteerError, match=r"gazetteer/data/people.yaml"):
        read(tmp_path, text)
