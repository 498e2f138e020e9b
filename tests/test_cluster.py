"""Copies of one story share a cluster, edited or cut short; stories that only share a quotation do not."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cluster import SKETCH, cluster, make_entry, measure_copy
from pipeline.records import Document
from pipeline.store.clusters import MemoryIndex
from tests.conftest import FETCHED

# Invented for this test.
BRIDGE = (
    "В районе Кухсор открыли новый мост через реку. Старый мост закрыли весной, когда паводок подмыл одну из опор. "
    "Строители работали семь месяцев и уложили больше двух тысяч тонн бетона. Теперь жители трёх сёл добираются до рынка "
    "за четверть часа, а раньше ехали в объезд почти полтора часа. По мосту пошли школьные автобусы и машины скорой помощи. "
    "Районная администрация обещает до зимы заасфальтировать подъезды с обеих сторон. Рядом оборудуют остановку и освещение. "
    "Весной начнётся укрепление берега выше по течению, чтобы паводок больше не угрожал опорам. "
    "На эти работы в бюджете области уже заложены деньги, подрядчика выберут на открытом конкурсе в январе."
)
HARVEST = (
    "Хлопкоробы долины собрали первые сорок тысяч тонн урожая нового сезона. Уборку начали на неделю раньше обычного из-за жары. "
    "Половину полей в этом году впервые убирают машинами, остальное собирают вручную бригады из соседних посёлков. "
    "На приёмных пунктах поставили новые весы, и сдатчики видят показания на табло. Перерабатывающий завод принимает сырьё "
    "круглосуточно и рассчитывает закончить сезон к середине ноября. Агрономы говорят, что воды хватило благодаря капельному "
    "поливу на трети площади. В следующем году его хотят провести ещё на восьми тысячах гектаров, если банк одобрит кредит."
)
STATEMENT = (
    "Мы благодарим всех, кто помогал в эти трудные недели, и просим жителей сохранять спокойствие, следить за официальными "
    "сообщениями, не распространять слухов и обращаться на горячую линию, которая работает днём и ночью без выходных, а "
    "специалисты ведомства продолжат работу во всех районах области до тех пор, пока каждая семья не получит ответ на свой вопрос"
)
WORDS = ["мост", "река", "село", "дорога", "школа", "рынок", "поле", "вода", "зима", "весна", "дом", "сад", "гора", "хлеб"]


def make_doc(number: int, text: str, **changes: object) -> Document:
    values = {"url": f"https://site{number}.invalid/{number}", "source": f"site{number}", "language": "ru"} | changes
    return Document(id=f"d{number}", fetched_at=FETCHED, title="", text=text, **values)  # type: ignore[arg-type]  # many kinds


def gather(*texts: str, **changes: object) -> list[str]:
    """The cluster of each text, met in this order in a new archive."""
    docs = [make_doc(number, text, **changes) for number, text in enumerate(texts)]
    return [doc.cluster_id for doc in cluster(docs, MemoryIndex())]


def make_text(seed: int, words: int = 160) -> str:
    rng = random.Random(seed)  # noqa: S311  for test data
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(50)}" for _ in range(words))


def sentences(text: str) -> list[str]:
    return [part + "." for part in text.rstrip(".").split(". ")]


@pytest.mark.parametrize(
    "edit",
    [
        str.upper,
        lambda text: text.replace(". ", ".\n\n — "),
        lambda text: text.replace("ё", "е"),
        lambda text: "Мост в Кухсоре: что известно. " + text,
        lambda text: " ".join(sentences(text)[:4]),
        lambda text: " ".join(sentences(text)[3:]),
        lambda text: " ".join(part for number, part in enumerate(sentences(text)) if number % 4),
        lambda text: (
            text.replace("Строители", "Рабочие").replace("семь месяцев", "более полугода").replace("обещает", "намерена")
        ),
        lambda text: text + " " + make_text(1, 60),
    ],
    ids=["case", "layout", "yo", "lead", "cut-end", "cut-start", "every-fourth-dropped", "words", "longer"],
)
def test_a_copy_shares_the_cluster(edit: object) -> None:
    copy = edit(BRIDGE)  # type: ignore[operator]  # one of the functions above
    assert copy != BRIDGE
    first, second, other = gather(BRIDGE, copy, HARVEST)
    assert first == second
    assert other != first


def test_the_mark_in_uzbek_letters_may_be_written_in_any_way() -> None:
    text = "Oʻzbekistonda soʻnggi yillarda koʻplab yangi yoʻllar qurildi va ular hamma uchun ochiq boʻldi. " * 5
    assert len(set(gather(text, *(text.replace("ʻ", mark) for mark in ("'", "‘", "’", ""))))) == 1


@pytest.mark.parametrize("marks", ["«»", "“”", '""'])
def test_a_statement_that_two_articles_quote_does_not_merge_them(marks: str) -> None:
    quoted = f" {marks[0]}{STATEMENT}{marks[1]}, говорится в сообщении. "
    bridge, harvest = BRIDGE[:500] + quoted + BRIDGE[500:], HARVEST[:300] + quoted + HARVEST[300:]
    assert len(set(gather(bridge, harvest))) == 2
    assert len(set(gather(bridge, BRIDGE))) == 1, "and a copy may leave it out"


def test_a_survey_of_many_reports_draws_none_of_them_in() -> None:
    reports = [make_text(seed) for seed in range(10)]
    assert len(set(gather(" ".join(reports), *reports))) == 11
    assert len(set(gather(*reports, " ".join(reports)))) == 11


def test_short_texts_meet_only_as_exact_copies() -> None:
    short = " ".join(BRIDGE.split()[:30])
    same, exact, longer, shorter = gather(short, short.upper() + "!", BRIDGE, " ".join(short.split()[:28]))
    assert same == exact
    assert len({same, longer, shorter}) == 3


def test_texts_that_repeat_themselves_meet_only_as_exact_copies() -> None:
    line = "Сегодня в районе {0} ожидается переменная облачность без осадков, ветер слабый, ночью прохладно. "
    assert len(set(gather(line.format("Кухсор") * 6, line.format("Чашма") * 6))) == 2
    assert len(set(gather(line.format("Кухсор") * 6, line.format("кухсор").upper() * 6))) == 1


def test_languages_never_share_a_cluster() -> None:
    docs = [make_doc(0, BRIDGE), make_doc(1, BRIDGE, language="tg"), make_doc(2, "так", language="ru", url="u")]
    docs.append(make_doc(3, "так", language="uz", url="u"))
    assert len({doc.cluster_id for doc in cluster(docs, MemoryIndex())}) == 4


def test_a_new_version_of_an_article_stays_in_its_cluster() -> None:
    first, second, third = gather(BRIDGE, HARVEST, "кратко", url="https://site.invalid/live")
    assert first == second == third


def test_long_texts_are_compared_by_a_sample() -> None:
    long = make_text(1, 9000)
    assert len(make_entry(make_doc(0, long)).hashes) == 4 * SKETCH
    half = " ".join(long.split()[:4500])
    assert measure_copy(make_entry(make_doc(0, long)), make_entry(make_doc(1, half))) == pytest.approx(1, abs=0.05)
    assert len(set(gather(long, half, make_text(2, 9000)))) == 2


def test_the_measured_share_is_the_true_share() -> None:
    words = make_text(3, 240).split()
    copy = " ".join(words[:120] + make_text(4, 120).split())
    assert measure_copy(make_entry(make_doc(0, " ".join(words))), make_entry(make_doc(1, copy))) == pytest.approx(0.5, abs=0.02)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**6), kept=st.floats(0, 1), added=st.integers(0, 200), cut=st.integers(20, 200))
def test_order_of_arrival_does_not_change_whether_two_documents_are_together(
    seed: int, kept: float, added: int, cut: int
) -> None:
    rng = random.Random(seed)  # noqa: S311  for test data
    original = make_text(seed, 200)
    copy = " ".join([word for word in original.split() if rng.random() < kept][:cut] + make_text(seed + 1, added).split())
    one, two = make_doc(1, original), make_doc(2, copy)
    answers = set()
    for order in itertools.permutations([one, two]):
        for batches in ([order], [order[:1], order[1:]]):
            index = MemoryIndex()
            done = [doc.cluster_id for batch in batches for doc in cluster(batch, index)]
            answers.add(done[0] == done[1])
    assert len(answers) == 1


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_gets_a_cluster_and_twice_the_same(text: str) -> None:
    first, second = gather(text, text)
    assert first == second
    assert len(first) == 16


def test_an_uzbek_article_in_the_other_script_is_a_copy() -> None:
    latin = (
        "Qishloqda yangi ko‘prik ochildi. Eski ko‘prik bahorda suv toshqinidan so‘ng yopilgan edi. Yetti oy davomida quruvchilar "
        "ikki ming tonnadan ortiq beton yotqizdi. Endi uch qishloq aholisi bozorga chorak soatda yetib boradi, ilgari esa "
        "aylanma yo‘l bir yarim soat olardi. Ko‘prikdan maktab avtobuslari va tez yordam mashinalari o‘ta boshladi. Sex va "
        "stansiyalar ham shu yo‘ldan foydalanadi. Tuman hokimligi qishgacha yo‘lning ikki tomonini asfalt qilishga va’da berdi."
    )
    cyrillic = (
        "Қишлоқда янги кўприк очилди. Эски кўприк баҳорда сув тошқинидан сўнг ёпилган эди. Етти ой давомида қурувчилар "
        "икки минг тоннадан ортиқ бетон ётқизди. Энди уч қишлоқ аҳолиси бозорга чорак соатда етиб боради, илгари эса айланма "
        "йўл бир ярим соат оларди. Кўприкдан мактаб автобуслари ва тез ёрдам машиналари ўта бошлади. Цех ва станциялар "
        "ҳам шу йўлдан фойдаланади. Туман ҳокимлиги қишгача йўлнинг икки томонини асфальт қилишга ваъда берди."
    )
    first, second = make_doc(1, latin, language="uz", script="Latn"), make_doc(2, cyrillic, language="uz", script="Cyrl")
    assert measure_copy(make_entry(first), make_entry(second)) == 1.0
    assert len({doc.cluster_id for doc in cluster([first, second], MemoryIndex())}) == 1
    assert gather(latin, BRIDGE, language="uz")[0] != gather(latin, BRIDGE, language="uz")[1]
