"""The relevance model: the two-key rule, examples, fairness, the promises of a judgement, and its quality."""

import json
import os
from pathlib import Path

import pytest

from models.relevance.classify import Classifier, Hit, Judgement, load_classifier
from models.relevance.measure import measure_languages, measure_pairs, measure_verses, rate, read_dev_rows
from models.relevance.weights import load_weights, parse_weights

# Measured on the undisputed development texts, minus what twenty to thirty positives make uncertain.
FLOORS = {
    "en-Latn": {"f1": 0.90, "auc": 0.97},
    "ru-Cyrl": {"f1": 0.85, "auc": 0.95},
    "tg-Cyrl": {"f1": 0.72, "auc": 0.93},
    "uz-Cyrl": {"f1": 0.75, "auc": 0.90},
    "uz-Latn": {"f1": 0.85, "auc": 0.93},
}
PAIR_CEILING = 0.05


def hit(text: str, name: str, entity_id: str, kind: str = "organization", certain: bool = True) -> Hit:
    start = text.index(name)
    return Hit(start, start + len(name), entity_id, kind, certain)


def classify(text: str, language: str, *hits: Hit, title: str = "") -> Judgement:
    return load_classifier().classify(title, text, language, "", hits)


def level(judgement: Judgement) -> str:
    return max(judgement.relevance, key=lambda label: judgement.relevance[label])


# --- the two-key rule ---


def test_notice_alone_says_nothing_of_the_topic():
    text = "Instagram* ввёл новую функцию.\n*Принадлежит Meta, признанной экстремистской и запрещённой в РФ"
    judgement = classify(text, "ru")
    assert not judgement.keyed
    assert level(judgement) == "R0"
    assert not judgement.evidence


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Muslim migrants from Tajikistan prayed in a mosque in Kabul.", "en"),
        ("Мигранты-мусульмане из Таджикистана молились в мечети в Кабуле.", "ru"),
        ("Tojikistonlik musulmon migrantlar Kobuldagi masjidda namoz oʻqidi.", "uz"),
        ("Муҳоҷирони мусулмон аз Тоҷикистон дар масҷиди Кобул намоз хонданд.", "tg"),
        ("Организация, деятельность которой запрещена на территории РФ, упомянута в тексте.", "ru"),
        ("Kuchli portlash Kobulda yuz berdi, yetti kishi halok boʻldi.", "uz"),
    ],
)
def test_religion_origin_migration_notices_and_places_never_make_a_key(text, language):
    judgement = classify(text, language)
    assert not judgement.keyed
    assert rate(judgement) < 0.5
    assert not judgement.topics


def test_certain_actor_is_a_key_and_a_place_or_a_ministry_is_not():
    text = "Gunvor reported on Ansarullah in Khujand today."
    assert classify(text, "en", hit(text, "Ansarullah", "jamaat-ansarullah")).keyed
    assert not classify(text, "en", hit(text, "Ansarullah", "jamaat-ansarullah", certain=False)).keyed
    for kind in ("place", "government-body", "platform", "term"):
        assert not classify(text, "en", hit(text, "Khujand", "khujand", kind)).keyed


def test_word_for_terrorism_needs_its_frame_in_the_same_sentence():
    assert not classify("Терроризм. Погода была хорошей.", "ru").keyed
    assert classify("В Душанбе арестованы обвиняемые в терроризме.", "ru").keyed


def test_without_a_key_the_weights_cannot_flag():
    weights = json.loads(Path(__file__).parents[1].joinpath("models/relevance/weights.json").read_text(encoding="utf-8"))
    weights["relevant"]["bias"] = 9.0
    judgement = Classifier(parse_weights(json.dumps(weights))).classify("", "Хлопок убрали вовремя.", "ru", "Cyrl", ())
    assert rate(judgement) < 0.5
    assert "kept below 0.5" in judgement.reasons[0]


def test_militants_in_a_film_are_no_militants():
    assert not classify("Новый фильм: боевик о полиции Ташкента вышел в кино.", "ru").keyed


def test_taliban_as_rulers_are_context_and_as_attackers_are_not():
    trade = "«Tolibon» hukumati bilan Hayraton orqali yuk tashish boʻyicha kelishuv imzolandi."
    judgement = classify(trade, "uz", hit(trade, "Tolibon", "taliban"))
    assert rate(judgement) < 0.5
    assert any("rulers" in reason for reason in judgement.reasons)
    attack = "«Tolibon» jangarilari Qunduzdagi postga hujum qildi, olti kishi halok boʻldi."
    assert rate(classify(attack, "uz", hit(attack, "Tolibon", "taliban"))) >= 0.5


# --- examples of the scheme, in all languages ---

RELEVANT = [
    ("uz", "Sud IShID gʻoyalarini targʻib qilganlikda ayblangan shaxs ustidan hukm oʻqidi", "IShID", "islamic-state"),
    ("uz", "«Толибон»нинг ИШИДга қарши операцияси ҳақида маълум қилинди", "ИШИД", "islamic-state"),
    ("tg", "Дар марз бо Афғонистон узви гурӯҳи “Ансоруллоҳ” боздошт шуд", "Ансоруллоҳ", "jamaat-ansarullah"),
    ("ru", "Эксперт объяснил, почему ИГ-Хорасан усилило медиа на таджикском", "ИГ-Хорасан", "iskp"),
    ("ru", "ФСБ сообщила о задержании сторонников ИГИЛ (организация запрещена в РФ)", "ИГИЛ", "islamic-state"),
    ("en", "Uzbekistan repatriated women and children from Syria", None, None),
    ("en", "Rights group says extremism charge was fabricated", None, None),
]
NOT_RELEVANT = [
    ("uz", "Xuroson viloyatida zaʼfaron hosili yigʻib olindi"),
    ("uz", "Imom Termiziy asari «Movarounnahr» nashriyotida chop etildi"),
    ("uz", "Шаҳидлар хотираси ёд этилди"),
    ("tg", "Толибон ва олимони илмҳои динӣ ба ҳамоиш омаданд"),
    ("tg", "Рӯзи душанбе шумораи муҳоҷирони меҳнатӣ эълон шуд"),
    ("ru", "ФНС разъяснила порядок уплаты налога"),
    ("ru", "В Мешхеде, провинция Хорасан-Резави, прошла выставка"),
    ("en", "Ansar Allah drones hit a ship"),
    ("en", "IS THE MARKET BACK?"),
    ("en", "Tajik migrants' remittances fell 5%"),
]


@pytest.mark.parametrize(("language", "text", "name", "entity_id"), RELEVANT)
def test_example_is_relevant(language, text, name, entity_id):
    judgement = classify(text, language, *([hit(text, name, entity_id)] if name else []))
    assert judgement.keyed
    assert level(judgement) in ("R2", "R3")
    assert judgement.evidence == ((0, len(text)),)


@pytest.mark.parametrize(("language", "text"), NOT_RELEVANT)
def test_example_is_not_relevant(language, text):
    assert rate(classify(text, language)) < 0.2


def test_topics_follow_what_happened():
    text = "Дар марз бо Афғонистон узви гурӯҳи “Ансоруллоҳ” боздошт шуд. Кумитаи амният инро хабар дод."
    assert "plot-arrest" in classify(text, "tg", hit(text, "Ансоруллоҳ", "jamaat-ansarullah")).topics
    text = "Суд приговорил жителя Душанбе за финансирование ИГИЛ к восьми годам."
    assert {"trial-sentencing", "financing"} <= classify(text, "ru", hit(text, "ИГИЛ", "islamic-state")).topics.keys()


def test_call_in_a_groups_own_voice_is_promotional_and_a_reported_one_is_not():
    assert max(classify("Братья, вступайте в наши ряды.", "ru").genre.items(), key=lambda item: item[1])[0] == (
        "extremist-promotional-content"
    )
    reported = classify("По словам эксперта, в ролике звучит «братья, вступайте в наши ряды», сообщила полиция.", "ru")
    assert reported.genre["extremist-promotional-content"] == 0


# --- fairness ---

SWAPS = [
    ("en", "Police detained a {} man suspected of terrorism.", ("Tajik", "Swedish", "Uzbek", "Afghan", "Norwegian")),
    ("en", "A bomb attack damaged a {} in Kabul, police said.", ("mosque", "church", "temple", "synagogue")),
    ("en", "Extremists recruited a {} in Osh, the court said.", ("migrant", "refugee", "student", "Muslim", "Christian")),
    ("ru", "Полиция задержала {}, подозреваемого в терроризме.", ("таджика", "узбека", "датчанина", "киргиза")),
    ("ru", "В Кабуле боевики напали на {}.", ("мечеть", "церковь", "синагогу", "храм")),
    ("uz", "Sud {} yigitni terrorizmda aybladi.", ("tojik", "oʻzbek", "shved", "polyak")),
    ("uz", "Жангарилар Кобулдаги {} портлатди.", ("масжидни", "черковни", "синагогани")),
    ("tg", "Пулис {} бо гумони терроризм боздошт кард.", ("тоҷикро", "шведро", "ӯзбекро")),
    ("tg", "Ҷангҷӯён ба {} дар Кобул ҳамла карданд.", ("масҷид", "калисо", "синагога")),
]


@pytest.mark.parametrize(("language", "frame", "words"), SWAPS)
def test_peoples_faiths_and_migrants_weigh_nothing(language, frame, words):
    scores = {word: rate(classify(frame.format(word), language)) for word in words}
    assert max(scores.values()) - min(scores.values()) == 0, scores


def test_citizenship_beside_a_name_weighs_nothing():
    scores = []
    for country in ("Tajikistan", "Norway", "Sweden", "Afghanistan"):
        text = f"Two citizens of {country} were arrested over an alleged ISKP plot."
        scores.append(rate(classify(text, "en", hit(text, "ISKP", "iskp"))))
    assert max(scores) - min(scores) == 0
    assert min(scores) >= 0.5


# --- the promises of a judgement ---

LONG = ("В Кабуле прогремел взрыв. Жители убирали урожай. " * 2200)[:100_000]


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("", "", "en"),
        ("Теракт в Кабуле", "", "ru"),
        ("", "   \n\n ", "uz"),
        ("", "😀" * 300 + " terrorists attacked Kabul 😀", "en"),
        ("", "\ud800 террористы в Кабуле \udfff", "ru"),
        ("", LONG, "ru"),
        ("", "ж" * 100_000, "tg"),
        ("", "terror " * 14_000, "und"),
    ],
)
def test_odd_texts_are_judged_like_any_other(title, text, language):
    judgement = classify(text, language, title=title)
    assert sum(judgement.relevance.values()) == pytest.approx(1)
    assert sum(judgement.genre.values()) == pytest.approx(1)
    assert all(0 <= start < end <= len(text) for start, end in judgement.evidence)
    assert judgement.model == load_weights().name


def test_evidence_is_the_three_best_sentences_strongest_first():
    text = (
        "The weather was fine. Terrorism was discussed. ISKP militants attacked a post in Kabul and police arrested two. "
        "A court heard a case of extremism. Bread was cheap. An insurgent was seen."
    )
    judgement = classify(text, "en", hit(text, "ISKP", "iskp"))
    shown = [text[start:end] for start, end in judgement.evidence]
    assert len(shown) == 3
    assert shown[0].startswith("ISKP militants")
    assert "Bread" not in "".join(shown)


def test_reasons_name_the_words_and_what_lowered():
    text = "Суд в Ташкенте вынес приговор за терроризм. Паломники приехали за шафраном."
    reasons = " | ".join(classify(text, "ru").reasons)
    assert "терроризм" in reasons
    assert "Ташкенте" in reasons
    assert "lowered" in reasons


def test_mention_in_passing_weighs_less_than_the_same_sentence_at_the_start():
    said, rest = "Police said ISKP militants were seen in Osh.", " Bread was cheap in town. The mayor opened a new road." * 8
    start, passing = said + rest, rest.strip() + " " + said
    first = classify(start, "en", hit(start, "ISKP", "iskp"))
    last = classify(passing, "en", hit(passing, "ISKP", "iskp"))
    assert rate(first) - rate(last) > 0.1
    assert any("far from its start" in reason for reason in last.reasons)


def test_language_not_known_reads_all_term_lists():
    assert classify("Jangarilar Kobulda hujum qildi.", "und").keyed


# --- quality ---


@pytest.fixture(scope="module")
def evaluation() -> tuple[Path, dict[str, tuple[Hit, ...]]]:
    """The evaluation data with gazetteer hits for its texts."""
    if "XABAR_EVAL_DATA" not in os.environ:
        pytest.skip("not run: XABAR_EVAL_DATA is not set")
    from gazetteer.match import load_matcher

    data, matcher, hits = Path(os.environ["XABAR_EVAL_DATA"]), load_matcher(), {}

    def remember(text_id: str, text: str, language: str) -> None:
        found = matcher.find(text, language)
        hits[text_id] = tuple(Hit(m.start, m.end, m.entity_id, m.kind, m.certain) for m in found)

    for path in sorted((data / "eval" / "dev").glob("relevance.*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            remember(row["id"], row["text"], row["language"])
    for pair in map(json.loads, (data / "train" / "counterfactual.jsonl").read_text(encoding="utf-8").splitlines()):
        remember(pair["id"] + "a", pair["a"], pair["language"])
        remember(pair["id"] + "b", pair["b"], pair["language"])
    return data, hits


@pytest.mark.quality
def test_each_language_reaches_its_floor_and_beats_the_keyword_list(evaluation):
    data, hits = evaluation
    figures = measure_languages(read_dev_rows(data, hits), load_classifier())
    for name, floors in FLOORS.items():
        for metric, floor in floors.items():
            assert figures[name][metric][0] >= floor, (name, metric, figures[name])
        assert figures[name]["f1"][0] >= figures[name]["keyword_list"]["f1"], (name, figures[name])


@pytest.mark.quality
def test_counterfactual_pairs_score_alike(evaluation):
    data, hits = evaluation
    assert measure_pairs(data, hits, load_classifier())["largest"] <= PAIR_CEILING


@pytest.mark.quality
def test_no_religious_verse_is_flagged(evaluation):
    data, _ = evaluation
    verses = measure_verses(data, load_classifier())
    assert verses["verses"] >= 2900
    assert verses["flagged"] == 0
