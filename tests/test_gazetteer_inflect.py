"""Endings: what may follow a form in each language, and that every inflection of every form is found again."""

import pytest

from gazetteer.entries import load_entities
from gazetteer.fold import fold
from gazetteer.inflect import en, ru, tg, uz
from gazetteer.inflect.decline import render
from gazetteer.match import load_matcher
from gazetteer.transliterate import iter_transliterations

MATCHER = load_matcher()
SEARCHED = [
    (entity, form)
    for entity in load_entities()
    for form in entity.forms
    if form.is_matched and not form.ambiguous and not form.unless and entity.policy not in {"disclaimer", "alias"}
    if entity.tier != "author-or-journalist" and form.kind != "stem" and form.text[-1].isalpha()
]


@pytest.mark.parametrize(
    ("ending", "rule"),
    [
        ("ga", "case suffix -ga"),
        ("ning", "case suffix -ning"),
        ("дан", "case suffix -дан"),
        ("lardagi", "plural -lar + case suffix -dagi"),
        ("чилик", "derivation -чилик"),
        ("larining", "plural -lar + possessive -i + case suffix -ning"),
        ("нингми", "case suffix -нинг + particle -ми"),
        ("gacha", "case suffix -gacha"),
    ],
)
def test_uzbek_ending_is_explained(ending, rule):
    assert uz.explain(ending) == rule


@pytest.mark.parametrize("ending", ["an", "jon", "ilm", "xona", "bek", "ов", "журнал", ""])
def test_what_is_no_uzbek_ending_is_refused(ending):
    assert uz.explain(ending) is None


@pytest.mark.parametrize(
    ("ending", "rule"),
    [
        ("ро", "object marker -ро"),
        ("и", "ezafe -и"),
        ("ҳо", "plural -хо"),
        ("иҳоро", "demonym -и + plural -хо + object marker -ро"),
        ("иён", "demonym -и + plural -ен"),
        ("у", "conjunction -у"),
        ("ашон", "clitic -ашон"),
        ("ҳоеро", "plural -хо + indefinite -е + object marker -ро"),
    ],
)
def test_tajik_ending_is_explained(ending, rule):
    assert tg.explain(fold(ending)) == rule


@pytest.mark.parametrize("ending", ["илм", "ҷон", "бек", "ов", ""])
def test_what_is_no_tajik_ending_is_refused(ending):
    assert tg.explain(fold(ending)) is None


def test_english_and_russian_endings_are_explained():
    assert en.explain("'s") == "possessive 's"
    assert en.explain("ism") is None
    assert ru.explain("ом") == "colloquial case ending -ом"
    assert ru.explain("овый") is None
    assert ru.explain_stem("цами") == "ending -цами"
    assert ru.explain_stem("ского") == "ending -ского"


@pytest.mark.parametrize(
    ("language", "text", "found", "entity_id"),
    [
        ("uz", "IShIDga qarshi kurash davom etmoqda.", "IShIDga", "islamic-state"),
        ("uz", "ИШИД-нинг икки аъзоси қўлга олинди.", "ИШИД-нинг", "islamic-state"),
        ("uz", "«Tolibon»ning bayonoti eʼlon qilindi.", "Tolibon", "taliban"),
        ("uz", "O‘zbekiston islomiy harakatidan chiqqanlar", "O‘zbekiston islomiy harakatidan", "imu"),
        ("uz", "ЎИҲнинг собиқ аъзоси ҳибсга олинди.", "ЎИҲнинг", "imu"),
        ("uz", "Толибонларгача ҳеч ким бормаган.", "Толибонларгача", "taliban"),
        ("tg", "Узви Ҷамоати Ансоруллоҳро боздошт карданд.", "Ҷамоати Ансоруллоҳро", "jamaat-ansarullah"),
        ("tg", "ДОИШиҳо масъулиятро ба дӯш гирифтанд.", "ДОИШиҳо", "islamic-state"),
        ("tg", "Ҳаракати исломии Ӯзбекистонро дар рӯйхат гузоштанд.", "Ҳаракати исломии Ӯзбекистонро", "imu"),
        ("tg", "Ал-Қоидаву дигар гурӯҳҳо", "Ал-Қоидаву", "al-qaeda"),
        ("tg", "“Ансоруллоҳ”-ро Суди Олии Тоҷикистон мамнӯъ кард.", "Ансоруллоҳ", "jamaat-ansarullah"),
        ("ru", "Исламского движения Узбекистана", "Исламского движения Узбекистана", "imu"),
        ("ru", "сообщили об ИГИЛе", "ИГИЛе", "islamic-state"),
        ("ru", "двое игиловцев сдались", "игиловцев", "islamic-state"),
        ("ru", "с Хайбатуллой Ахундзадой", "Хайбатуллой Ахундзадой", "hibatullah-akhundzada"),
        ("ru", "талибское правительство", "талибское", "taliban"),
        ("en", "the Taliban's spokesman", "Taliban's", "taliban"),
        ("en", "an ISIS-inspired plot", "ISIS", "islamic-state"),
    ],
)
def test_inflected_name_is_found_whole(language, text, found, entity_id):
    assert (found, entity_id) in [(match.text, match.entity_id) for match in MATCHER.find(text, language)]


def test_match_says_form_and_ending():
    (match,) = MATCHER.find("IShIDga qarshi", "uz")
    assert match.why == "form 'IShID' + case suffix -ga"
    assert (match.form, match.rule) == ("IShID", "case suffix -ga")
    (match,) = MATCHER.find("бойцы Исламского движения Узбекистана", "ru")
    assert match.why == "form 'Исламское движение Узбекистана' + declined 'Исламского движения Узбекистана'"


def find_ids(text, language):
    return {match.entity_id for match in MATCHER.find(text, language)}


@pytest.mark.parametrize("language", ["uz", "tg", "en"])
def test_every_generated_inflection_of_every_form_is_found(language):
    endings = {
        "uz-Latn": ("ning", "ga", "dagi"),
        "uz-Cyrl": ("нинг", "дан"),
        "tg-Cyrl": ("ро", "и", "у"),
        "en-Latn": ("'s", "’s"),
    }
    missed = []
    for entity, form in SEARCHED:
        for ending in endings.get(f"{form.language}-{form.script}", ()) if form.language == language else ():
            text = f"Bu {form.text}{ending} haqida" if form.script == "Latn" else f"Ин {form.text}{ending} аст"
            if entity.id not in find_ids(text, language):
                missed.append((entity.id, form.text, ending))
    assert missed == []


def test_every_russian_declension_of_every_form_is_found():
    declined = [
        (entity, case) for entity, form in SEARCHED if form.language == "ru" for case in ru.load_declensions().get(form.text, ())
    ]
    assert len(declined) > 1_000
    assert [(entity.id, case) for entity, case in declined if entity.id not in find_ids(f"О них: {case}.", "ru")] == []


def test_uzbek_consonant_softens_before_a_possessive():
    assert list(uz.iter_stems("jangarilik")) == [("jangarilig", "k -> g before a possessive")]
    assert list(uz.iter_stems("тармоқ")) == [("тармоғ", "қ -> ғ before a possessive")]
    assert list(uz.iter_stems("ДАК")) == []


def test_generated_declensions_are_current():
    assert ru.GENERATED.read_text("utf-8") == render(), "run python -m gazetteer.inflect.decline"


@pytest.mark.parametrize(
    ("language", "text", "entity_id"),
    [
        ("en", "Haibatulloh Akhundzoda spoke.", "hibatullah-akhundzada"),
        ("en", "Serajuddin or Sirajiddin Haqqani’s men left.", "sirajuddin-haqqani"),
        ("uz", "Sirojiddin Haqqoniyning bayonoti", "sirajuddin-haqqani"),
        ("ru", "По словам Сираджиддин Хаккани, нет.", "sirajuddin-haqqani"),
        ("tg", "Ҳайбатулло Охундзодаро дид.", "hibatullah-akhundzada"),
    ],
)
def test_person_is_found_in_the_spellings_of_other_alphabets(language, text, entity_id):
    assert entity_id in find_ids(text, language)


def test_transliteration_keeps_capitals_and_leaves_single_words_alone():
    spellings = list(iter_transliterations("Invented Khalilullah"))
    assert {"Invented Xalilulloh", "Invented Halilulla", "Invented Khalilulloh"} <= set(spellings)
    assert list(iter_transliterations("Khalilullah")) == []
    assert list(iter_transliterations("Shah Thabit")) == []
