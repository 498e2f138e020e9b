"""Other people's lists become files to review: nothing alerts, nothing is doubled, hostile XML is refused."""

import json

import pytest

from gazetteer.block import GazetteerError
from gazetteer.entries import read_entities
from gazetteer.importing import check, drop_known, import_csv, import_geonames, import_un, render

UN = """<CONSOLIDATED_LIST dateGenerated="2031-02-03T00:00:00Z"><INDIVIDUALS>
<INDIVIDUAL><FIRST_NAME>Invented</FIRST_NAME><SECOND_NAME>Personage</SECOND_NAME><UN_LIST_TYPE>Test</UN_LIST_TYPE>
<REFERENCE_NUMBER>XXi.001</REFERENCE_NUMBER><LISTED_ON>2030-01-02</LISTED_ON></INDIVIDUAL></INDIVIDUALS><ENTITIES>
<ENTITY><FIRST_NAME>INVENTED BROTHERHOOD OF THE LAKE (IBL)</FIRST_NAME><UN_LIST_TYPE>Test</UN_LIST_TYPE>
<REFERENCE_NUMBER>XXe.001</REFERENCE_NUMBER><LISTED_ON>2030-01-02</LISTED_ON>
<ENTITY_ALIAS><ALIAS_NAME>Lake Brothers</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ALIAS><ALIAS_NAME>Озёрное братство</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ALIAS><ALIAS_NAME>إخوان</ALIAS_NAME></ENTITY_ALIAS><ENTITY_ALIAS><ALIAS_NAME></ALIAS_NAME></ENTITY_ALIAS></ENTITY>
<ENTITY><FIRST_NAME>AL-QAIDA</FIRST_NAME><REFERENCE_NUMBER>XXe.002</REFERENCE_NUMBER></ENTITY>
</ENTITIES></CONSOLIDATED_LIST>"""


@pytest.fixture
def un(tmp_path):
    path = tmp_path / "un.xml"
    path.write_text(UN, "utf-8")
    return path


def test_un_entities_come_with_provenance_designation_and_the_policy_context(un, tmp_path):
    blocks, notes = drop_known(import_un(un))
    out = tmp_path / "imported.yaml"
    out.write_text(render(blocks, notes), "utf-8")
    assert check(out) == 1
    (entity,) = read_entities([out])
    assert (entity.id, entity.policy, entity.provenance) == ("un-xxe-001", "context", "UN consolidated list of 2031-02-03")
    assert not entity.is_in_scope
    forms = {form.text: (form.language, form.case) for form in entity.forms}
    assert forms == {
        "INVENTED BROTHERHOOD OF THE LAKE": ("en", "any"),
        "IBL": ("en", "exact"),
        "Lake Brothers": ("en", "any"),
        "Озёрное братство": ("ru", "any"),
    }
    assert (entity.designations[0].reference, entity.designations[0].date) == ("XXe.001", "2030-01-02")


def test_names_that_the_list_has_are_left_out_and_said(un):
    blocks, notes = drop_known(import_un(un))
    assert [block["id"] for block in blocks] == ["un-xxe-001"]
    assert notes == ["un-xxe-002 (AL-QAIDA): has names of al-qaeda, which were left out"]


def test_persons_of_the_un_list_come_only_when_asked_for(un):
    assert {block["kind"] for block in import_un(un)} == {"organization"}
    assert "un-xxi-001" in [block["id"] for block in import_un(un, persons=True)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<a", "cannot be read as the UN list"),
        ("<rss/>", "the root is 'rss', not 'CONSOLIDATED_LIST'"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>', "cannot be read as the UN list"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><CONSOLIDATED_LIST/>', "cannot be read as the UN list"),
    ],
)
def test_xml_that_is_broken_or_hostile_is_refused(tmp_path, text, message):
    path = tmp_path / "un.xml"
    path.write_text(text, "utf-8")
    with pytest.raises(GazetteerError, match=message):
        import_un(path)


def test_places_come_from_the_dump_and_from_json(tmp_path):
    dump, table = tmp_path / "TJ.txt", tmp_path / "places.json"
    fields = ["77", "Invented Pass", "Invented Pass", "Ихтироъҷой,lower case,مکان", "38", "69", "P", "PPL", "TJ"]
    dump.write_text("\t".join(fields) + "\n", "utf-8")
    place = {
        "geonameid": 77,
        "name": "Invented Pass",
        "alternatenames": ["Ихтироъҷой", "lower case", "مکان"],
        "countrycode": "TJ",
    }
    table.write_text(json.dumps([place | {"countrycode": "TJ"}]), "utf-8")
    (block,) = import_geonames(dump)
    assert block == import_geonames(table, countries=["TJ"])[0]
    assert import_geonames(table, countries=["UZ"]) == []
    assert {writing: [form["text"] for form in forms] for writing, forms in block["forms"].items()} == {
        "en": ["Invented Pass"],
        "tg": ["Ихтироъҷой"],
    }
    dump.write_text("no table\n", "utf-8")
    with pytest.raises(GazetteerError, match="cannot be read as GeoNames"):
        import_geonames(dump)


def test_csv_rows_of_one_id_are_one_entity(tmp_path):
    path, out = tmp_path / "own.csv", tmp_path / "own.yaml"
    path.write_text(
        "id,kind,name,writing,form,ambiguous,needs\n"
        "lake,organization,Lake,en,Invented Lake Front,,\nlake,organization,Lake,ru,Фронт,a common noun,militancy quotes\n",
        "utf-8",
    )
    out.write_text(render(import_csv(path)), "utf-8")
    (entity,) = read_entities([out])
    assert [form.needs for form in entity.forms] == [(), ("militancy", "quotes")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,kind,name,form\n", "columns missing: writing; unknown: none"),
        ("id,kind,name,writing,form,colour\n", "columns missing: none; unknown: colour"),
        ("id,kind,name,writing,form\na,place,A,en,\n", "line 2: needs a value in each of id, kind"),
        ("id,kind,name,writing,form\na,place,A,en,B,C\n", "line 2: needs a value in each of id, kind"),
    ],
)
def test_bad_csv_says_where(tmp_path, text, message):
    path = tmp_path / "own.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(GazetteerError, match=message):
        import_csv(path)
