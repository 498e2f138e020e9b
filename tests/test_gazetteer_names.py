"""A person is found in spellings that no form has, by the key of the name; nobody else is."""

import pytest

from gazetteer.entries import Entity, Form, load_entities
from gazetteer.lint import lint
from gazetteer.match import Matcher, load_matcher
from gazetteer.namekey import is_article, is_telling, iter_beginnings, make_key
from gazetteer.names import collect_names
from gazetteer.transliterate import iter_transliterations

MATCHER = load_matcher()


def person(id_, *texts, **fields):
    return Entity(id_, "person", texts[0], "match", tuple(Form(text, "en", "Latn", **fields) for text in texts))


@pytest.mark.parametrize(
    "spellings",
    [
        [
            "Khalilullah Oxundzoda",
            "Halilulloh Akhundzadeh",
            "Xalilulla Ахундзада",
            "Халилуллоҳ Охундзода",
            "Khalil Ullah Akhund-Zada",
        ],
        ["Qodir Zhumaev", "Kadyr Djumaev", "Қодир Жумаев", "Кадыр Джумаев", "Qoder Jumayev"],
        ["Yousuf Wahhab", "Yusuf Vahob", "Юсуф Ваҳҳоб", "Yosef Wahab"],
        ["Gʻulom Chorshanba", "Ghulam Tchorshanbe", "Ғулом Чоршанбе", "Гулям Чоршанба"],
    ],
)
def test_spellings_of_one_name_have_one_key(spellings):
    assert len({make_key(spelling.replace("-", " ").split()) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Karim Nazar", "Karim Nasar"), ("Salim Tursun", "Halim Tursun"), ("Zokir Bek", "Sobir Bek")]
)
def test_other_consonants_are_another_name(one, other):
    assert make_key(one.split()) != make_key(other.split())


@pytest.mark.parametrize(
    ("language", "text", "written", "id_"),
    [
        ("ru", "Встречу с Хибатуллой Охундзодой отменили.", "Хибатуллой Охундзодой", "hibatullah-akhundzada"),
        ("ru", "Сироджиддину Хакани отвечали.", "Сироджиддину Хакани", "sirajuddin-haqqani"),
        ("en", "Hybatullah Oxundzadah's decree", "Hybatullah Oxundzadah's", "hibatullah-akhundzada"),
        ("uz", "Xibatullo Axundzodaning buyrugʻi", "Xibatullo Axundzodaning", "hibatullah-akhundzada"),
        ("tg", "Хайбатуллои Ахундзодаро дид.", "Хайбатуллои Ахундзодаро", "hibatullah-akhundzada"),
        ("en", "Eiman Az-Zawaheree spoke.", "Eiman Az-Zawaheree", "ayman-al-zawahiri"),
    ],
)
def test_person_is_found_in_a_spelling_that_no_form_has(language, text, written, id_):
    (match,) = (match for match in MATCHER.find(text, language) if match.entity_id == id_)
    assert match.text == written
    assert text[match.start : match.end] == written
    assert "spelling" in match.why or "transliterated" in match.why or "typing error" in match.why


def test_name_without_capitals_has_no_key():
    entity = person("x", "Khalilullah Akhundzada Zarin")
    assert [match.entity_id for match in Matcher([entity]).find("So Xaliluloh Oxundzoda Zareen said", "en")] == ["x"]
    assert Matcher([entity]).find("so xaliluloh oxundzoda zareen said", "en") == []


def test_name_that_needs_a_context_lends_its_key_to_nobody():
    free, bound = (
        person("x", "Salim Tursunbek Zarin"),
        person("y", "Saleem Tursonbek Zareen", ambiguous="common", needs=("militancy",)),
    )
    numbers = {"x": 0, "y": 1}
    assert list(collect_names([free], numbers)) == [make_key(["Salim", "Tursunbek", "Zarin"])]
    assert collect_names([free, bound], numbers) == {}


def test_two_persons_with_one_key_have_none_and_lint_says_so():
    one, other = person("x", "Salim Tursunbek Zarin"), person("y", "Saleem Tursonbek Zareen")
    assert collect_names([one, other], {"x": 0, "y": 1}) == {}
    assert any("'Salim Tursunbek Zarin'" in line and "'y'" in line for line in lint([one, other]))


def test_short_names_have_no_key():
    assert not is_telling(make_key(["Abdul", "Azim"]))
    assert collect_names([person("x", "Abdul Azim")], {"x": 0}) == {}


def test_no_two_persons_of_the_list_share_a_key():
    entities = [entity for entity in load_entities() if entity.kind == "person" and entity.tier != "author-or-journalist"]
    owners: dict[str, set[str]] = {}
    for entity in entities:
        for form in entity.forms:
            if form.is_matched and " " in form.text and not form.ambiguous:
                owners.setdefault(make_key(word for word in form.text.split() if not is_article(word)), set()).add(entity.id)
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_key_covers_what_the_listed_spellings_cover():
    name = "Invented Khalilullah"
    assert {make_key(spelling.split()) for spelling in iter_transliterations(name)} == {make_key(name.split())}


def test_every_way_a_name_begins_is_looked_for():
    beginnings = set(iter_beginnings(make_key(["Khalilullah", "Zarin"])))
    assert {"khal", "hol", "xal", "хал", "хол", "hayl"} <= beginnings
    assert {"ama", "ayma", "aymo", "айма", "уму"} <= set(iter_beginnings(make_key(["Ayman", "Zarin"])))
