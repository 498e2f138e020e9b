"""Dates as people and machines write them in Uzbek, Tajik, Russian and English; what is not a full date is none."""

import re
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime

FIRST_YEAR = 1990  # older than any site: epoch zeros and typing slips

# First row of a month: Latin script, second: Cyrillic. Uzbek writes both sentabr and sentyabr; ь is often left out; Russian and
# Tajik inflect (января, январи); abbreviations are those of bylines.
_MONTHS = """
yanvar january jan|январь январ января январи янв
fevral february feb|февраль феврал февраля феврали фев февр
mart march mar|март марта марти мар
aprel april apr|апрель апрел апреля апрели апр
may|май мая майи маи
iyun june jun|июнь июн июня июни
iyul july jul|июль июл июля июли
avgust august aug|август августа августи авг
sentabr sentyabr sentiabr september sept sep|сентябрь сентябр сентября сентябри сентабр сентабрь сентабри сен сент
oktabr oktyabr oktiabr october oct|октябрь октябр октября октябри октабр октабрь октабри окт
noyabr noabr november nov|ноябрь ноябр ноября ноябри нояб ноя
dekabr december dec|декабрь декабр декабря декабри дек
"""
MONTHS = {name: number for number, row in enumerate(_MONTHS.strip().splitlines(), 1) for name in re.split(r"[ |]", row)}

_WORD = r"([^\W\d_]{3,9})"
_DAY = r"(?<![\d.:,/-])(\d{1,2})"
_YEAR = r"((?:19|20)\d\d)(?!\d)"
_DAY_MONTH_YEAR = re.compile(
    rf"{_DAY}(?:st|nd|rd|th)?(?:[-\s]{{1,3}}|\.\s?){_WORD}\.?,?[\s-]{{1,3}}(?:соли\s{{1,2}}|yil\s{{1,2}})?{_YEAR}")
_YEAR_DAY_MONTH = re.compile(rf"(?<!\d){_YEAR}[\s-]{{0,2}}(?:yil|йил|й\.)[\s,]{{1,3}}(\d{{1,2}})[\s-]{{1,3}}{_WORD}(?![^\W\d_])")
_MONTH_DAY_YEAR = re.compile(rf"(?<![^\W\d_]){_WORD}\.?\s{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}")
_YEAR_FIRST = re.compile(r"(?<![\d./-])((?:19|20)\d\d)([-./])(\d\d)\2(\d\d)(?![\d])")
_DAY_FIRST = re.compile(r"(?<![\d./:-])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)(?![\d./-]\d|\d)")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d{4,6}Z?)?$")
_URL = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d?)/(\d\d?)(?=[/?#]|$)|([-_])(\d\d)\4(\d\d)(?=[-_/.?#]|$)|(\d\d)(\d\d)(?=/))")


def find_dates(text: str, *, day_first: bool = True) -> list[tuple[int, int, date]]:
    """Every full date written in the text as (start, end, date), in order. Without `day_first`, dd/mm/yyyy is not a date."""
    found = [item for item in _iter_dates(text, day_first) if item is not None]
    return sorted(found, key=lambda item: item[0])


def read_stamp(value: str) -> date | None:
    """The day of a machine-written date: ISO 8601, RFC 2822, yyyymmdd, or a date in words. The day is the one printed."""
    value = value.strip()[:80]
    if match := _COMPACT.match(value):
        return make_date(*match.group(1, 2, 3))
    if dates := find_dates(value, day_first="/" not in value):  # 09/10/2026 may be either
        return dates[0][2] if len({day for *_, day in dates}) == 1 else None
    try:
        return _plausible(parsedate_to_datetime(value).date())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_url_date(url: str) -> date | None:
    """The date in the path of an address, year first only: /2026/09/22/, /2026-09-22-title, /20260922/."""
    path = re.sub(r"^[a-z+]+://[^/]*", "", url, count=1, flags=re.IGNORECASE).partition("?")[0]
    days = {day for match in _URL.finditer(path)
            if (day := make_date(match[1], match[2] or match[5] or match[7], match[3] or match[6] or match[8]))}
    return days.pop() if len(days) == 1 else None


def make_date(year: str, month: str | int, day: str) -> date | None:
    """A date, or None where there is no such day or no site could have printed it."""
    try:
        return _plausible(date(int(year), int(month), int(day)))
    except ValueError:
        return None


def _iter_dates(text: str, day_first: bool) -> Iterator[tuple[int, int, date] | None]:
    for match in _DAY_MONTH_YEAR.finditer(text):
        yield _spell(match, match[3], match[2], match[1])
    for match in _YEAR_DAY_MONTH.finditer(text):
        yield _spell(match, match[1], match[3], match[2])
    for match in _MONTH_DAY_YEAR.finditer(text):
        yield _spell(match, match[3], match[1], match[2])
    for match in _YEAR_FIRST.finditer(text):
        yield _place(match, make_date(match[1], match[3], match[4]))
    for match in _DAY_FIRST.finditer(text):
        if day_first or int(match[1]) > 12 or match[1] == match[3]:
            yield _place(match, make_date(match[4], match[3], match[1]))


def _spell(match: re.Match[str], year: str, month: str, day: str) -> tuple[int, int, date] | None:
    number = MONTHS.get(month.lower())
    return _place(match, make_date(year, number, day)) if number else None


def _place(match: re.Match[str], day: date | None) -> tuple[int, int, date] | None:
    return (match.start(), match.end(), day) if day else None


def _plausible(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= 2100 else None
