"""A long name is found with one typing error, a short one is not; letters of the other alphabet hide nothing."""

import pytest

from gazetteer.compile import compile_list
from gazetteer.cut import BORDERS, TOLERANT, split
from gazetteer.entries import Entity, Form, load_entities
from gazetteer.match import Matcher, load_matcher
from gazetteer.typing_error import LONG, iter_ends, iter_errors

MATCHER = load_matcher()


def find(text, language):
    return {match.entity_id: match.text for match in MATCHER.find(text, language)}


@pytest.mark.parametrize(
    ("language", "text", "written", "id_"),
    [
        ("uz", "Oʻzbekiston islom harkatining sobiq aʼzosi.", "Oʻzbekiston islom harkatining", "imu"),
        ("uz", "Шарқий Туркистн ислом ҳаракатига қўшилган.", "Шарқий Туркистн ислом ҳаракатига", "etim"),
        ("tg", "Ҷамоати Ансоруллоҳҳ мамнӯъ аст.", "Ҷамоати Ансоруллоҳҳ", "jamaat-ansarullah"),
        ("tg", "Ҳаракати исломии Ӯзбкистонро мамнӯъ донист.", "Ҳаракати исломии Ӯзбкистонро", "imu"),
        ("ru", "Боевики Исламскго движения Узбекистана.", "Исламскго движения Узбекистана", "imu"),
        ("ru", "Лидер Техрик-е Таилбан Пакистан убит.", "Техрик-е Таилбан Пакистан", "ttp"),
        ("ru", "Хибатула Ахундзада выступил.", "Хибатула Ахундзада", "hibatullah-akhundzada"),
        ("en", "Fighters of the Eastren Turkistan Islamic Movement.", "Eastren Turkistan Islamic Movement", "etim"),
        ("en", "The Islamic Movment of Uzbekistan's leader", "Islamic Movment of Uzbekistan's", "imu"),
        ("en", "slamic Movement of Uzbekistan", "slamic Movement of Uzbekistan", "imu"),
        ("en", "Osama bin Ladn died.", "Osama bin Ladn", "osama-bin-laden"),
    ],
)
def test_long_name_with_one_error_is_found_and_says_so(language, text, written, id_):
    match = next(match for match in MATCHER.find(text, language) if match.entity_id == id_)
    assert match.text == written
    assert "typing error" in match.why


@pytest.mark.parametrize(
    ("language", "text"), [("ru", "Талибин и Талибэн"), ("uz", "IShIDD va Tolibom"), ("en", "Talibon ran, Al-Qaesa too")]
)
def test_short_name_with_an_error_is_another_word(language, text):
    assert find(text, language).keys() <= {"taliban"} & {match.entity_id for match in MATCHER.find("Talibon", language)}


def test_two_errors_are_too_many():
    assert find("Islmic Movment of Uzbekistan", "en").keys() <= {"uzbekistan"}


def test_exact_name_wins_over_a_neighbour_with_an_error():
    forms = [Form("Lake Front Alpha", "en", "Latn"), Form("Lake Front Alphas", "en", "Latn")]
    matcher = Matcher([Entity(f"x{n}", "organization", "X", "match", (form,)) for n, form in enumerate(forms)])
    assert [match.entity_id for match in matcher.find("The Lake Front Alphas met.", "en")] == ["x1"]
    assert [match.entity_id for match in matcher.find("The Lake Front Alpha met.", "en")] == ["x0"]


def test_form_may_ask_for_tolerance_or_refuse_it():
    short = Form("Vorkadun", "en", "Latn", typos=True)
    long = Form("Invented Lake Front", "en", "Latn", typos=False)
    matcher = Matcher([Entity("x", "organization", "X", "match", (short, long))])
    assert [match.why for match in matcher.find("The Vorkadum met.", "en")] == ["form 'Vorkadun' + typing error"]
    assert matcher.find("Inveted Lake Front", "en") == []


@pytest.mark.parametrize(
    "name",
    ["Vorkadun Zelmira Front", "Vorkadu-Zelmira", "Vorkadunzelmirafront", "Vorkadun Zel Mir", "Ал-Воркадуни Зелмира"],
)
def test_every_single_error_of_a_long_name_is_found(name):
    assert len(name) >= LONG
    script = "Latn" if name.isascii() else "Cyrl"
    matcher = Matcher([Entity("x", "organization", "X", "match", (Form(name, "en", script),))])
    missed = [written for written in iter_errors(name.lower(), script) if not matcher.find(f"so {written} met", "en")]
    assert missed == []


@pytest.mark.parametrize("name", ["Vorka Zelmiradun", "Vo Zelmiradunov", "V Zelmiradunova"])
def test_behind_a_short_first_word_every_error_is_found_but_a_letter_for_the_space(name):
    matcher = Matcher([Entity("x", "organization", "X", "match", (Form(name, "en", "Latn"),))])
    missed = [written for written in iter_errors(name.lower(), "Latn") if not matcher.find(f"so {written} met", "en")]
    assert {len(written) for written in missed} <= {len(name)}
    first, last = name.lower().split()
    assert all(written.startswith(first) and written.endswith(last) for written in missed)


def test_one_error_leaves_one_of_the_two_pieces_of_every_shipped_name():
    compiled = compile_list(load_entities())
    names = [key for key, flag in zip(compiled.keys, compiled.flags, strict=True) if flag & TOLERANT]
    assert len(names) > 4_000
    for key in names:
        near, start, end = split(key)
        assert near <= start - 1 or key[near - 1 : near].translate(BORDERS) == b" "
        assert (end - start > 4 and start + end - near > 8) or end == len(key)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (b"abcdef", []),
        (b"abxdef", [6]),
        (b"abdef", [5]),
        (b"abccdef", [7]),
        (b"abcdefg", [7]),
        (b"abdcef", [6]),
        (b"zz", []),
        (b"abcde", [5]),
    ],
)
def test_ends_of_a_name_with_one_error(text, ends):
    assert list(iter_ends(b"abcdef", text, 0)) == ends


@pytest.mark.parametrize(
    ("language", "text", "id_"),
    [
        ("ru", "Tалибaн и другие", "taliban"),  # Latin T and a
        ("ru", "движение Хизб ут-Tахрир", "hizb-ut-tahrir"),
        ("uz", "Tolibоn harakati", "taliban"),  # Cyrillic о
        ("uz", "ИШИДгa qarshi", "islamic-state"),
        ("tg", "Ҷaмоати Aнсоруллоҳро", "jamaat-ansarullah"),
        ("en", "the Tаliban said", "taliban"),  # Cyrillic а
        ("en", "Al-Qаeda's men", "al-qaeda"),
    ],
)
def test_letter_of_the_other_alphabet_hides_nothing(language, text, id_):
    (match,) = [match for match in MATCHER.find(text, language) if match.entity_id == id_]
    assert text[match.start : match.end] == match.text


def test_latin_name_with_a_cyrillic_ending_stays_latin():
    assert find("USAIDу гуфт", "tg") == {"usaid": "USAIDу"}


@pytest.mark.parametrize("mark", ["\0", "\x07", "\x9f", "\u061c", "\u202e", "\u2066", "\ufe0f", "\u0301"])
def test_control_and_direction_characters_inside_a_name_hide_nothing(mark):
    written = "Та" + mark + "либан"
    (match,) = MATCHER.find(f"Вчера {written} заявил", "ru")
    assert match.text == written


def test_name_ends_with_the_mark_upon_its_last_letter():
    text = "Сирожиддин Ҳаққонии\u0306 деди"
    (match,) = MATCHER.find(text, "uz")
    assert match.text == "Сирожиддин Ҳаққонии\u0306"


def test_nul_between_words_still_parts_them():
    assert [match.text for match in MATCHER.find("слово\0Талибан\0Слово", "ru")] == ["Талибан"]
