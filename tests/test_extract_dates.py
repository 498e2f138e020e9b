"""Dates in five ways of writing, and everything that only looks like one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.dates import MONTHS, find_dates, read_stamp, read_url_date

DAY = date(2026, 9, 22)


@pytest.mark.parametrize(
    "text",
    [
        "2026-yil 22-sentyabr",
        "2026-yil, 22-sentabr",
        "22-sentabr, 2026",
        "22 sentyabr 2026-yil",
        "22-Sentabr 2026 yil, 10:30",
        "22 сентябрь 2026 йил",
        "2026 йил 22 сентябрь",
        "2026 йил 22-сентабр",
        "22 сентябр, 2026",
        "22 сентябри соли 2026",
        "22 сентябри 2026",
        "22-сентябри соли 2026",
        "Душанбе, 22 сентябри соли 2026. АМИТ",
        "22 сентября 2026",
        "22 сентября 2026 г., 14:05",
        "22 сен. 2026",
        "14:05, 22 сент 2026",
        "22 September 2026",
        "September 22, 2026",
        "Sept. 22, 2026",
        "22nd Sep 2026",
        "Tue Sep 22 2026",
        "SEPTEMBER 22, 2026",
        "22.09.2026",
        "22/09/2026",
        "22-09-2026",
        "14:05 22.09.2026",
        "22.09.2026, 14:05",
        "2026-09-22",
        "2026.09.22 14:05",
        "2026/09/22",
    ],
)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    found = find_dates(text)
    assert [day for *_, day in found] == [DAY]
    start, end, _ = found[0]
    assert "22" in text[start:end]
    assert "2026" in text[start:end]


@pytest.mark.parametrize(
    "text",
    [
        "2026",
        "2026-yil",
        "соли 2026",
        "сентябрь 2026",
        "September 2026",
        "2026-09",
        "22 сентября",
        "22 sentyabr",
        "31.02.2026",
        "00.09.2026",
        "22.13.2026",
        "12.22.09.2026",
        "192.22.09.2026",
        "22 нафар 2026",
        "3 кишвар 2026",
        "0001-01-01",
        "1970-01-01",
        "22:09:2026",
        "1.22.09.20261",
        "+998 22 092 2026",
        "соли 2022, 10 нафар",
        "вчера, 14:05",
        "bugun 10:30",
    ],
)
def test_what_is_no_full_date_is_none(text: str) -> None:
    assert find_dates(text) == []
    assert read_stamp(text) is None


def test_american_and_european_order_are_not_confused() -> None:
    assert find_dates("09/10/2026", day_first=False) == []
    assert [day for *_, day in find_dates("22/09/2026", day_first=False)] == [DAY]
    assert [day for *_, day in find_dates("09/10/2026")] == [date(2026, 10, 9)]
    assert read_stamp("09/10/2026") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-09-22T05:00:00+05:00", DAY),
        ("2026-09-22 05:00", DAY),
        ("20260922", DAY),
        ("20260922T101500Z", DAY),
        (" 2026-09-22 ", DAY),
        ("Tue, 22 Sep 2026 10:00:00 GMT", DAY),
        ("Tue, 22 Sep 26 10:00:00 +0500", DAY),
        ("22.09.2026", DAY),
        ("22 сентября 2026", DAY),
        ("20261301", None),
        ("2026", None),
        ("", None),
        ("now", None),
        ("9" * 500, None),
    ],
)
def test_machine_written_days(value: str, expected: date | None) -> None:
    assert read_stamp(value) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/2026/09/22/title/", DAY),
        ("https://a.example/news/2026/9/22", DAY),
        ("https://a.example/2026-09-22-title.html", DAY),
        ("https://a.example/20260922/1.html", DAY),
        ("https://a.example/uz/2026_09_22_title", DAY),
        ("https://a.example/speech-22-09-2026-1.html", None),
        ("https://a.example/after-2015-11-13-remembered", None),
        ("https://a.example/2026/09/", None),
        ("https://a.example/2026/13/41/x", None),
        ("https://a.example/id/20260922", None),
        ("https://2026-09-22.example/a", None),
        ("https://a.example/x?day=/2026/09/22/", None),
        ("https://a.example/2026/09/22/on-the-road/2020/01/02/x", None),
    ],
)
def test_dates_of_addresses_are_year_first_and_in_a_place_of_their_own(url: str, expected: date | None) -> None:
    assert read_url_date(url) == expected


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(MONTHS)))
def test_every_day_is_read_back_with_every_name_of_its_month(day: date, name: str) -> None:
    written = day.replace(month=MONTHS[name], day=min(day.day, 28))
    for text in (
        f"{written.day} {name} {written.year}",
        f"{written.year} йил {written.day} {name}",
        f"{written.day}-{name}, {written.year}",
        f"{name.title()} {written.day}, {written.year}",
        f"({written.day} {name.upper()} соли {written.year})",
    ):
        assert [found for *_, found in find_dates(text)] == [written], text


@given(st.text(max_size=200))
def test_any_text_gives_places_inside_itself(text: str) -> None:
    for start, end, day in find_dates(text):
        assert 0 <= start < end <= len(text)
        assert date(1990, 1, 1) <= day < date(2100, 12, 31) + timedelta(days=1)
