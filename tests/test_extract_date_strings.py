"""200 date strings in each language, in every way its sites write them: none read wrong, nearly all read; and what is no date.

Each string is a way of writing (`d` day, `m` month's name, `n` its number, `y` year) with a day drawn by seed.
"""

import random
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from pipeline.extract.dates import find_dates, read_stamp
from pipeline.extract.hijri import HijriDay, convert, name_calendar

EACH, SHARE = 200, 0.99
NUMBERS = [
    "{d:02}.{n:02}.{y}",
    "{y}-{n:02}-{d:02}",
    "{d}.{n}.{y}",
    "{d:02}/{n:02}/{y}",
    "{h} {d:02}.{n:02}.{y}",
    "{d:02}.{n:02}.{y} {h}",
]
WRITTEN = {
    "uz-Latn": (
        "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
        [
            "{y}-yil {d}-{m}",
            "{y} yil {d} {m}",
            "{y}-yil, {d}-{m}",
            "{d}-{m}, {y}",
            "{d} {m} {y}-yil",
            "{d}-{m} {y}-yil",
            "{d} {m}, {y}",
            "{y}-yilning {d}-{m}ida",
            "{y}-yil {d}-{m} kuni",
            "{y}-yil {m} oyining {d}-kuni",
            "{d}-{m} kuni, {y}",
            "{y}-yil {d}-{m}da",
            "Toshkent, {d}-{m}, {y}. OʻzA",
            "{d}-{M} {y} yil, {h}",
            "{h} / {d} {m} {y}",
            "{d} {m} {y} | {h}",
            "{y}-yil {d}-{m}, soat {h}",
            "{y} yil {d}-{m}dan",
            *NUMBERS,
        ],
    ),
    "uz-Cyrl": (
        "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
        [
            "{y} йил {d} {m}",
            "{y} йил {d}-{m}",
            "{y}-йил {d}-{m}",
            "{d} {m} {y} йил",
            "{d}-{m}, {y}",
            "{d} {m}, {y}",
            "{d} {m} {y}",
            "{y} йил {d} {m} куни",
            "{d} {m} куни, {y}",
            "{d} {M} {y} йил, {h}",
            "Тошкент, {d} {m} {y} йил",
            "{h} | {d} {m} {y}",
            "{y} йил, {d}-{m}",
            "{y} йил {d}-{m}, соат {h}",
            "{y} й. {d} {m}",
            *NUMBERS,
        ],
    ),
    "tg": (
        "январи феврали марти апрели майи июни июли августи сентябри октябри ноябри декабри",
        [
            "{d} {m} соли {y}",
            "{d} {m} {y}",
            "{d}-{m} соли {y}",
            "{d}-уми {m} соли {y}",
            "{d}-юми {m} соли {y}",
            "санаи {d} {m} соли {y}",
            "Душанбе, {d} {m} соли {y}. АМИТ",
            "{d} {M} {y}, {h}",
            "{h}, {d} {m} {y}",
            "({d} {m} соли {y})",
            "{d} {m} с. {y}",
            "{d} {m}, {y}",
            "рӯзи {d} {m} соли {y}",
            *NUMBERS,
        ],
    ),
    "ru": (
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        [
            "{d} {m} {y}",
            "{d} {m} {y} года",
            "{d} {m} {y} г.",
            "{d} {m} {y} г., {h}",
            "{h}, {d} {m} {y}",
            "{d} {M} {y}",
            "{d}-го {m} {y} года",
            "вторник, {d} {m} {y}",
            "Ташкент, {d} {m} {y} — корр.",
            "({d} {m} {y})",
            "{d} {m}, {y}",
            "{d} {m} {y}, {h} МСК",
            "от {d} {m} {y} г. № 7",
            "{d}.{R}.{y}",
            *NUMBERS,
        ],
    ),
    "en": (
        "January February March April May June July August September October November December",
        [
            "{d} {m} {y}",
            "{m} {d}, {y}",
            "{m} {d} {y}",
            "{d}{o} {m} {y}",
            "{m} {d}{o}, {y}",
            "the {d}{o} of {m} {y}",
            "{d} {s} {y}",
            "{s} {d}, {y}",
            "{s}. {d}, {y}",
            "{d}-{s}-{y}",
            "Tuesday, {d} {m} {y}",
            "Tue {s} {d} {y}",
            "Published: {m} {d}, {y} {h}",
            "{m} {d}, {y}, {h} UTC",
            "KABUL, {s} {d}, {y}",
            "{d} {U} {y}",
            "{y}-{n:02}-{d:02}",
            "{y}/{n:02}/{d:02}",
            "{d:02}.{n:02}.{y}",
        ],
    ),
    "fa": (
        "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
        ["{d} {m} {y}", "{d} {m}، {y}", "کابل، {d} {m} {y}", "{y}/{n:02}/{d:02}", "{d} {m} {y} - {h}"],
    ),
}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def make_strings(language: str) -> list[tuple[str, date]]:
    months, ways = WRITTEN[language]
    chance = random.Random(language)  # noqa: S311  repeatable, no secret
    found = []
    for place in range(EACH):
        day = date.fromordinal(chance.randint(date(2009, 1, 1).toordinal(), date(2026, 11, 20).toordinal()))
        month = months.split()[day.month - 1]
        ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
        text = ways[place % len(ways)].format(
            d=day.day,
            m=month,
            M=month.title(),
            U=month.upper(),
            s=month[:3],
            n=day.month,
            y=day.year,
            o=ordinal,
            R=ROMAN[day.month - 1],
            h=f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
        )
        found.append((text.translate(PERSIAN) if language == "fa" else text, day))
    return found


@pytest.mark.parametrize("language", WRITTEN)
def test_none_of_200_strings_is_read_wrong_and_nearly_all_are_read(language: str) -> None:
    strings = make_strings(language)
    read = [(text, day, {found for *_, found in find_dates(text)}) for text, day in strings]
    assert len(read) == EACH
    assert [item for item in read if item[2] - {item[1]}] == [], "wrong"
    missed = [item[0] for item in read if not item[2]]
    assert len(missed) <= (1 - SHARE) * EACH, missed


@pytest.mark.parametrize(
    "text",
    [
        "2026-yil sentabr",
        "sentabr oyida",
        "22-sentabr",
        "2026-yil 2-chorak",
        "5 mayda dona",
        "soat 22:09",
        "2026/27-oʻquv yili",
        "22-modda, 2026",
        "сентябрь 2026",
        "2026 йил кузи",
        "22-модда 2026 йил",
        "3 млн 2026",
        "соли 2026",
        "22 нафар соли 2026",
        "моҳи сентябри соли 2026",
        "осенью 2026 года",
        "22 сентября",
        "в 2026 году 22 раза",
        "№ 22-09/2026",
        "ст. 22 2026",
        "September 2026",
        "in 2026, 22 people",
        "May 2026",
        "Volume 20, 2026",
        "1401-1402",
        "سال ۱۴۰۵",
        "۳۲ سنبله ۱۴۰۵",
        "31 hut 1404",
        "ISBN 978-1-4021-2",
        "1402.13.45",
    ],
)
def test_what_is_no_full_date_in_any_language_is_none(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("۳۱ شهریور ۱۴۰۵", date(2026, 9, 22)),
        ("سه‌شنبه ۳۱ سنبلهٔ ۱۴۰۵", None),
        ("سه‌شنبه ۳۱ سنبله ۱۴۰۵", date(2026, 9, 22)),
        ("۱۴۰۵/۰۶/۳۱", date(2026, 9, 22)),
        ("31/06/1405", date(2026, 9, 22)),
        ("۱۴۰۱/۱۲/۲۱:۰۹:۱۲", date(2023, 3, 12)),
        ("۳۰ اسفند ۱۴۰۳", date(2025, 3, 20)),
        ("۳۰ اسفند ۱۴۰۴", None),
        ("۱ حمل ۱۴۰۴", date(2025, 3, 21)),
    ],
)
def test_solar_hijri_days_are_converted_and_marked(text: str, day: date | None) -> None:
    found = [found for *_, found in find_dates(text)]
    assert found == ([day] if day else [])
    assert all(name_calendar(item) == "solar-hijri" for item in found)
    assert name_calendar(date(2026, 9, 22)) == ""


def test_every_new_year_of_the_solar_hijri_calendar_is_a_spring_day() -> None:
    first = [convert(year, 1, 1) for year in range(1369, 1480)]
    assert all(isinstance(day, HijriDay) and day.month == 3 and day.day in (20, 21) for day in first)
    assert convert(1399, 1, 1) == date(2020, 3, 20)
    assert convert(1402, 1, 1) == date(2023, 3, 21)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-09-21T20:30:00Z", 22),
        ("2026-09-21T20:30:00+00:00", 22),
        ("2026-09-21 20:30 UTC", 22),
        ("2026-09-21T18:59:59Z", 21),
        ("Mon, 21 Sep 2026 20:30:00 GMT", 22),
        ("2026-09-21T20:30:00+05:00", 21),
        ("2026-09-21", 21),
        ("2026-09-21T20:30:00", 21),
    ],
)
def test_a_time_in_utc_is_a_day_by_the_clock_of_the_source(value: str, day: int) -> None:
    assert read_stamp(value, ZoneInfo("Asia/Tashkent")) == date(2026, 9, day)
    assert read_stamp(value) == date(2026, 9, 21), "without a clock the day is the one printed"
