"""Names are found with their evidence, look-alikes are refused, and hostile text changes nothing."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazetteer.bench import make_entities
from gazetteer.entries import Entity, Form, load_entities
from gazetteer.match import Match, Matcher, find_disclaimers, load_matcher

MATCHER = load_matcher()
PIECES = [
    "IShIDga",
    "«Толибон»нинг",
    "ИГ",
    "ИГ-Хорасан",
    "давлати исломӣ",
    "Al-Qaeda's",
    "террор ",
    "Ansarullah",
    "О",
    "ʻ",
    "ş",
    "\u200b",
]


def find(text: str, language: str) -> dict[str, Match]:
    return {match.entity_id: match for match in MATCHER.find(text, language)}


@pytest.mark.parametrize(
    ("language", "text", "entity_ids"),
    [
        ("uz", "Sud IShID gʻoyalarini targʻib qilganlikda ayblangan shaxs ustidan hukm oʻqidi.", ["islamic-state"]),
        ("uz", "«Толибон»нинг ИШИДга қарши операцияси ҳақида маълум қилинди.", ["taliban", "islamic-state"]),
        ("uz", "“Islom davlati” guruhi hujum uchun javobgarlikni oʻz zimmasiga oldi.", ["islamic-state"]),
        ("uz", "Ular “Ansorulloh” jamoatiga aloqadorlikda gumon qilinmoqda.", ["jamaat-ansarullah"]),
        ("uz", "O`zbekiston islom harakati va al-Qoida bilan aloqada boʻlgan.", ["imu", "al-qaeda"]),
        ("uz", "Ўзбекистон ислом ҳаракатининг собиқ раҳбари Тоҳир Йўлдош ҳақида", ["imu", "tahir-yuldash"]),
        ("uz", "Toliblar Qunduz yaqinidagi harbiy nuqtaga hujum qildi.", ["taliban"]),
        ("uz", "Bu haqda Davlat xavfsizlik xizmati va YeXHT bayonot berdi.", ["ca-intelligence-agencies", "osce"]),
        ("uz", "ФХХ ходимлари Москвада бир гуруҳни қўлга олди.", ["fsb"]),
        ("tg", "Дар марз бо Афғонистон узви гурӯҳи “Ансоруллоҳ” боздошт шуд.", ["jamaat-ansarullah"]),
        ("tg", "Точикистон аъзои Чамоати Ансоруллохро боздошт кард.", ["jamaat-ansarullah"]),
        ("tg", "Ҷангҷӯёни доъиш ба посгоҳ ҳамла карданд.", ["islamic-state"]),
        ("tg", "ЮНИСЕФ аз Толибон хост, ки мактабҳоро кушоянд.", ["taliban"]),
        ("tg", "Вазорати умури дохила аз боздошти се нафар хабар дод.", ["tajik-law-enforcement"]),
        ("tg", "Њаракати исломии Ўзбекистон ва Алқоида", ["imu", "al-qaeda"]),
        ("ru", "Эксперт объяснил, почему ИГ-Хорасан усилило пропаганду на таджикском.", ["iskp"]),
        ("ru", "Боевики «Исламского государства» взяли ответственность за взрыв.", ["islamic-state"]),
        ("ru", "ФСБ задержала сторонника ИГ (организация запрещена в РФ).", ["fsb", "islamic-state"]),
        ("ru", "Пакистанские талибы (ТТП) совершили нападение в Вазиристане.", ["ttp"]),
        ("ru", "В сети «Хаккани» назвали нового командира.", ["haqqani-network"]),
        ("ru", "Фронт национального сопротивления (ФНС) атаковал талибов в Панджшере.", ["national-resistance-front", "taliban"]),
        ("en", "ETIM is led by Abdul Haq, according to the monitoring team.", ["etim", "abdul-haq-forqan-network"]),
        ("en", "Four IS militants were killed near Kunar.", ["islamic-state"]),
        ("en", "The Pakistan Taliban and the Haqqani network denied it.", ["ttp", "haqqani-network"]),
        ("en", "IJU and Katibat al-Tawhid wal-Jihad were sanctioned.", ["islamic-jihad-union", "katibat-tawhid-jihad"]),
    ],
)
def test_name_is_found(language, text, entity_ids):
    found = find(text, language)
    assert [id_ for id_ in entity_ids if id_ not in found] == []


@pytest.mark.parametrize(
    ("language", "text", "entity_id"),
    [
        ("uz", "Imom Termiziy asari «Movarounnahr» nashriyotida chop etildi.", "channel-movarounnahr"),
        ("uz", "Xuroson viloyatida zaʼfaron hosili yigʻib olindi.", "iskp"),
        ("uz", "Шаҳидлар хотираси ёд этилди.", "unit-shuhado"),
        ("uz", "Илм толиблари учун янги стипендия эълон қилинди.", "taliban"),
        ("uz", "Xolis va haqqoniy axborot berish muhim.", "haqqani-network"),
        ("uz", "Umumiy qoida shunday, har bir qoidaga amal qiling.", "al-qaeda"),
        ("uz", "U ishidan boʻshadi va ishida xato qildi.", "islamic-state"),
        ("uz", "Ikki davlat fuqarolari ID-karta bilan oʻtadi.", "islamic-state"),
        ("uz", "Islomiy davlatlar hamkorligi tashkiloti yigʻildi.", "islamic-state"),
        ("uz", "Usmon Gʻoziy serialining yangi qismi namoyish etildi.", "usmon-ghazi"),
        ("uz", "Ўзбекистон Президенти ҳузуридаги Хавфсизлик кенгаши йиғилди.", "un-security-council"),
        ("uz", "Yamandagi husiylar (Ansorulloh) harakati kemaga hujum qildi.", "jamaat-ansarullah"),
        ("uz", "Tolibjon aka va shoir Orif Tolib suhbatlashdi.", "taliban"),
        ("uz", "Набаъ сурасининг тафсири ўқилди.", "al-naba"),
        ("tg", "Толибон ва олимони илмҳои динӣ ба ҳамоиш омаданд.", "taliban"),
        ("tg", "Дар донишкада толибони соли аввал имтиҳон супориданд.", "taliban"),
        ("tg", "Ҷангҷӯёни Ансоруллоҳ дар Яман киштиеро боздоштанд.", "jamaat-ansarullah"),
        ("tg", "Рӯзи душанбе шумораи муҳоҷирони меҳнатӣ эълон шуд.", "dushanbe"),
        ("tg", "Ӯ солҳо дар радиои «Садои Хуросон» дар Машҳад кор кард.", "voice-of-khorasan-uzbek"),
        ("tg", "Ҳар як қоидаи забон истисно дорад.", "al-qaeda"),
        ("tg", "Олимон дар бораи мафҳуми давлати исломӣ баҳс карданд.", "islamic-state"),
        ("tg", "Амаки ман омад ва амакам рафт.", "amak"),
        ("ru", "ФНС разъяснила порядок уплаты налога.", "national-resistance-front"),
        ("ru", "В Мешхеде, провинция Хорасан-Резави, прошла выставка.", "iskp"),
        ("ru", "Ира, я иду домой, а ты идёшь?", "imu"),
        ("ru", "Бадри открыл ресторан в Тбилиси.", "unit-badri"),
        ("ru", "Правда, потом всё изменилось.", "out-pravda"),
        ("ru", "Хуситы из «Ансар Аллах» обстреляли судно у берегов Йемена.", "jamaat-ansarullah"),
        ("ru", "Транстихоокеанское партнёрство (ТТП) обсудили министры торговли.", "ttp"),
        ("en", "IS THE MARKET BACK? ANALYSTS SAY IT IS.", "islamic-state"),
        ("en", "Ansar Allah drones hit a ship off Yemen.", "jamaat-ansarullah"),
        ("en", "Hafiz Saeed's LeT rejected the report.", "hafiz-saeed-khan"),
        ("en", "They left before dawn and drove a Lexus IS 300.", "out-dawn"),
        ("en", "Sheikh Muhammad Ali opened a bakery.", "sheikh-muhammad-ali"),
        ("en", "Sura an-Naba was recited at the mosque.", "al-naba"),
    ],
)
def test_look_alike_is_refused(language, text, entity_id):
    assert entity_id not in find(text, language)


@pytest.mark.parametrize("language", ["tg", "ru", "uz", "en", "und"])
def test_short_name_never_fires_inside_a_longer_one(language):
    ids = [match.entity_id for match in MATCHER.find("Отряды ИГ-Хорасан и Исламского государства – Вилаят Хорасан", language)]
    assert ids == ["iskp", "iskp"]


def test_alias_is_resolved_to_its_target():
    found = find("Tajik Taliban commander reported at the border.", "en")
    assert list(found) == ["jamaat-ansarullah"]
    assert found["jamaat-ansarullah"].form == "Tajik Taliban"


def test_ambiguous_name_says_what_settled_it():
    match = find("Боевики Исламского государства напали на пост.", "ru")["islamic-state"]
    assert match.why.endswith("; capital inside a sentence")
    match = find("ба деҳа ҷангҷӯёни давлати исломӣ расиданд", "tg")["islamic-state"]
    assert "(militancy)" in match.why
    assert match.certain


def test_full_name_settles_its_abbreviation():
    text = "Исламское государство (ИГ) заявило об этом. " + "Обычное предложение без намёков. " * 20 + "Позже ИГ молчало."
    assert [match.text for match in MATCHER.find(text, "ru")] == ["Исламское государство", "ИГ", "ИГ"]


def test_only_groups_and_their_people_are_certain():
    found = find("Ашраф Гани в Telegram назвал талибов и «Аль-Каиду» угрозой для Узбекистана и НАТО.", "ru")
    assert {id_ for id_, match in found.items() if match.certain} == {"taliban", "al-qaeda"}
    assert {"ashraf-ghani", "telegram", "uzbekistan", "nato"} <= set(found)


def test_common_personal_name_near_violence_is_found_but_not_certain():
    match = find("A terror suspect named Tahir Yuldashev was detained.", "en")["tahir-yuldash"]
    assert not match.certain
    assert find("IMU leader Tahir Yuldashev was named.", "en")["tahir-yuldash"].certain


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Tajiks, Uzbeks and Muslim migrants pray in the mosque."),
        ("ru", "Таджики, узбеки и мигранты-мусульмане молятся в мечети."),
        ("tg", "Тоҷикон ва муҳоҷирони мусалмон дар масҷид намоз мехонанд."),
        ("uz", "Oʻzbeklar, tojiklar va muhojirlar masjidda namoz oʻqiydi."),
    ],
)
def test_people_faith_and_migrants_are_no_names(language, text):
    assert MATCHER.find(text, language) == []


def test_form_of_another_language_counts_only_where_it_is_no_other_word():
    assert "taliban" in find("Толибон раҳбари баёнот берди.", "uz")
    assert "nato" not in find("Посольство вручило ноту протеста.", "ru")
    assert "islamic-state" not in find("Sono nato il 3 maggio. UN IS ID", "und")


def test_offsets_survive_invisible_characters_and_reform_letters():
    text = "Бугун Та\u00adли\u200bбан ва IŞIDga qarşi ҳамда Daeş"
    found = [(match.text, match.entity_id) for match in MATCHER.find(text, "uz")]
    assert ("Та\u00adли\u200bбан", "taliban") in found
    assert ("IŞIDga", "islamic-state") in found
    assert ("Daeş", "islamic-state") in found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(st.characters(codec=None, exclude_categories=()), max_size=6)).map(" ".join))
def test_every_match_is_a_slice_of_its_text_in_order(text):
    for language in ("uz", "tg", "ru", "en", "und"):
        last = 0
        for match in MATCHER.find(text, language):
            assert match.text == text[match.start : match.end] != ""
            assert match.end <= len(text)
            assert match.start >= last
            last = match.end


@pytest.mark.parametrize("text", ["Uzbekistan", "Талибан", "Oʻzbekiston", "Исламское движение Узбекистана", "IShID"])
def test_name_at_the_end_of_the_text_ends_there(text):
    (match,) = MATCHER.find(text, "und")
    assert (match.start, match.end) == (0, len(text))


def test_huge_text_and_control_characters_do_no_harm():
    assert [match.entity_id for match in MATCHER.find("\0" * 1000 + "IShIDga\0\ud800", "uz")] == ["islamic-state"]
    text = "Обычный текст без имён, но длинный. " * 280_000
    started = time.process_time()
    assert len(text) > 10_000_000
    (match,) = MATCHER.find(f"\u200f{text}Та\u200dлибан", "ru")
    assert (match.start, match.end, match.text) == (len(text) + 1, len(text) + 9, "Та\u200dлибан")
    assert time.process_time() - started < 30


def test_many_ambiguous_names_take_linear_time():
    started = time.process_time()
    MATCHER.find("Бадри Усман Гази ИГ " * 10_000, "ru")
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    ("text", "disclaimer"),
    [
        ("Движение «Талибан» (запрещено в РФ) заявило.", "(запрещено в РФ)"),
        (
            "ИГ (террористическая организация, запрещённая в России) отступило.",
            "(террористическая организация, запрещённая в России)",
        ),
        ("Instagram* обновился. *Принадлежит Meta, признанной экстремистской и запрещённой в РФ.", None),
        ("Ансоруллоҳ (мамнӯъ дар Тоҷикистон) номида шуд.", "(мамнӯъ дар Тоҷикистон)"),
        ("Hizb ut-Tahrir (banned in Tajikistan) denied it.", "(banned in Tajikistan)"),
        ("Tashkilot (Oʻzbekistonda taqiqlangan) aʼzosi", "(Oʻzbekistonda taqiqlangan)"),
        ("Ташкилот (Ўзбекистонда фаолияти тақиқланган) аъзоси", "(Ўзбекистонда фаолияти тақиқланган)"),
    ],
)
def test_disclaimer_is_found_to_be_left_out(text, disclaimer):
    ((start, end),) = find_disclaimers(text)
    assert text[start:end] == (disclaimer or "*Принадлежит Meta, признанной экстремистской и запрещённой в РФ.")


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (
            "ru",
            "ФСБ задержала сторонника ИГ (организация запрещена в РФ).",
            {"fsb": "", "islamic-state": "(организация запрещена в РФ)"},
        ),
        ("ru", "Движение «Талибан»* и «Аль-Каида» (запрещена в России).", {"taliban": "*", "al-qaeda": "(запрещена в России)"}),
        ("uz", "IShID (Oʻzbekistonda taqiqlangan) aʼzosi", {"islamic-state": "(Oʻzbekistonda taqiqlangan)"}),
        ("tg", "ДОИШ (мамнӯъ дар Русия) дар Русия", {"islamic-state": "(мамнӯъ дар Русия)", "russia": ""}),
        ("en", "Hizb ut-Tahrir (banned in Tajikistan) denied it.", {"hizb-ut-tahrir": "(banned in Tajikistan)"}),
    ],
)
def test_disclaimer_is_remembered_with_its_name_and_its_state_is_no_hit(language, text, found):
    assert {match.entity_id: match.disclaimer for match in MATCHER.find(text, language)} == found


def test_ban_as_news_in_another_country_is_no_disclaimer():
    assert find_disclaimers("Суд рассмотрел дело о взрыве в городе.") == []


def test_entity_off_by_default_is_matched_only_on_request():
    entity = Entity("x", "person", "X", "off-by-default", (Form("Somebody Special", "en", "Latn"),))
    assert Matcher([entity]).find("Somebody Special came.", "en") == []
    assert [match.entity_id for match in Matcher([entity], frozenset({"x"})).find("Somebody Special came.", "en")] == ["x"]


@pytest.mark.parametrize("mark", ["\u200d", "\u200c", "\u200e", "\u200f", "\u00ad", "\u2060", "\ufeff"])
@pytest.mark.parametrize(
    ("language", "name", "id_"), [("ru", "Талибан", "taliban"), ("tg", "Ҷамоати Ансоруллоҳ", "jamaat-ansarullah")]
)
def test_invisible_and_direction_marks_inside_a_name_hide_nothing(mark, language, name, id_):
    written = mark.join(name)
    text = f"\u200f\0 {written} \ud800"
    (match,) = MATCHER.find(text, language)
    assert (match.entity_id, text[match.start : match.end]) == (id_, written)


def test_letter_that_no_alphabet_of_ours_has_stands_only_for_itself():
    matcher = Matcher([Entity("x", "organization", "X", "match", (Form("Sør Fœbar", "en", "Latn"),))])
    assert [match.start for match in matcher.find("The Sør Fœbar met; S?r F?bar, Sær Føbar did not.", "en")] == [4]


def test_long_list_finds_what_a_short_one_finds():
    names = [
        f"Vorkadun {first}{second}{third} Zelmira" for first in "bdfgklmnprstvz" for second in "aeiouw" for third in range(250)
    ]
    extra = [Entity(f"x-{n}", "organization", name, "match", (Form(name, "en", "Latn"),)) for n, name in enumerate(names)]
    large = Matcher([*MATCHER.entities.values(), *extra])
    text = "Vorkadun ze249 Zelmira met the Taliban\u2019s envoys; IS-Khorasan did not."
    assert [match.entity_id for match in large.find(text, "en")][1:] == [match.entity_id for match in MATCHER.find(text, "en")]
    assert large.find(text, "en")[0].text == "Vorkadun ze249 Zelmira"


def test_bench_fills_the_list_up_to_the_size_with_names_of_its_own():
    lines = [f"Vorkadun {first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    size = sum(len(entity.forms) for entity in load_entities()) + 40
    entities = make_entities(lines, size)
    assert sum(len(entity.forms) for entity in entities) == size
    assert [match.entity_id for match in Matcher(entities).find("Vorkadun aanyki keldi", "uz")] == []
    assert [match.text for match in Matcher(entities).find("Vorkadun abniki keldi", "uz")] == ["Vorkadun abniki"]
