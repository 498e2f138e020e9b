"""Dates as people and machines write them in Uzbek, Tajik, Russian, English and Persian; what is not a full date is none."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from email.utils import parsedate_to_datetime

from pipeline.extract.hijri import find_hijri_dates

FIRST_YEAR = 1990  # older than any site: epoch zeros and typing slips

# First row of a month: Latin script, second: Cyrillic. Uzbek writes both sentabr and sentyabr; ь is often left out; Russian and
# Tajik inflect (января, январи); abbreviations are those of bylines.
_MONTHS = """
yanvar january jan|январь январ января январи янв|ژانویه جنوری
fevral february feb|февраль феврал февраля феврали фев февр|فوریه فبروری
mart march mar|март марта марти мар|مارس مارچ
aprel april apr|апрель апрел апреля апрели апр|آوریل اپریل
may|май мая майи маи|مه می
iyun june jun|июнь июн июня июни|ژوئن جون
iyul july jul|июль июл июля июли|ژوئیه جولای
avgust august aug|август августа августи авг|اوت آگوست اگست
sentabr sentyabr sentiabr september sept sep|сентябрь сентябр сентября сентябри сентабр сентабрь сентабри сен сент|سپتامبر سپتمبر
oktabr oktyabr oktiabr october oct|октябрь октябр октября октябри октабр октабрь октабри окт|اکتبر اکتوبر
noyabr noabr november nov|ноябрь ноябр ноября ноябри нояб ноя|نوامبر نومبر
dekabr december dec|декабрь декабр декабря декабри дек|دسامبر دسمبر
"""
MONTHS = {name: number for number, row in enumerate(_MONTHS.strip().splitlines(), 1) for name in re.split(r"[ |]", row)}

ROMAN = {name: number for number, name in enumerate(
    ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), 1)}

# Case endings that Uzbek puts on a month: 22-sentabrda, 2026-yilning 22-sentabrida.
_ENDING = re.compile(r"(?:i?(?:da|dan|dagi|gacha|ning)|i|и?(?:да|дан|даги|гача|нинг)|и)$")
_FOREIGN = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
_FOLD = {**{ord(digit): str(place) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for place, digit in enumerate(digits)},
         ord("ي"): "ی", ord("ك"): "ک"}
_UTC = re.compile(
    r"\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\s?\+00:?00|\s?(?:UTC|GMT))$|\d\d:\d\d\s(?:GMT|UTC|\+0000)$", re.IGNORECASE)

_WORD = r"([^\W\d_]{2,14})"
_DAY = r"(?<![\d.:,/-])(\d{1,2})"
_YEAR = r"((?:19|20)\d\d)(?!\d)"
_DAY_MONTH_YEAR = re.compile(
    rf"{_DAY}(?:st|nd|rd|th|-го|-?[юу]ми?)?(?:[-\s]{{1,3}}|\.\s?)(?:of\s)?{_WORD}\.?[,،]?[\s-]{{1,3}}"
    rf"(?:соли\s{{1,2}}|с\.\s{{0,2}}|yil\s{{1,2}}|kuni,?\s{{1,2}}|куни,?\s{{1,2}})?{_YEAR}")
_YEAR_WORD = r"[\s-]{0,2}(?:yil(?:ning)?|йил(?:нинг)?|й\.|y\.)"
_YEAR_DAY_MONTH = re.compile(rf"(?<!\d){_YEAR}{_YEAR_WORD}[\s,]{{1,3}}(\d{{1,2}})[\s-]{{1,3}}{_WORD}(?![^\W\d_])")
_YEAR_MONTH_DAY = re.compile(
    rf"(?<!\d){_YEAR}{_YEAR_WORD}[\s,]{{1,3}}{_WORD}(?:\s(?:oyi(?:ning)?|ойи(?:нинг)?))?\s(\d{{1,2}})(?:-?(?:kuni|куни|chi|чи))?(?![\d:])")
_SOLI_DAY_MONTH = re.compile(rf"соли\s{_YEAR},?\s(\d{{1,2}})[\s-]{_WORD}(?![^\W\d_])")
_ROMAN = re.compile(rf"{_DAY}([./\s])([IVX]{{1,4}})\2{_YEAR}")
_MONTH_DAY_YEAR = re.compile(rf"(?<![^\W\d_]){_WORD}\.?\s{{1,3}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}{_YEAR}")
_YEAR_FIRST = re.compile(r"(?<![\d./-])((?:19|20)\d\d)([-./])(\d\d)\2(\d\d)(?![\d])")
_DAY_FIRST = re.compile(r"(?<![\d./:-])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)(?![\d./-]\d|\d)")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d{4,6}Z?)?$")
_URL = re.compile(r"/((?:19|20)\d\d)(?:/(\d\d?)/(\d\d?)(?=[/?#]|$)|([-_])(\d\d)\4(\d\d)(?=[-_/.?#]|$)|(\d\d)(\d\d)(?=/))")


def find_dates(text: str, *, day_first: bool = True) -> list[tuple[int, int, date]]:
    """Every full date written in the text as (start, end, date), in order. Without `day_first`, dd/mm/yyyy is not a date."""
    if _FOREIGN.search(text):
        text = text.translate(_FOLD)
    found = [item for item in _iter_dates(text, day_first) if item is not None]
    return sorted([*found, *find_hijri_dates(text)], key=lambda item: item[0])


def read_stamp(value: str, zone: tzinfo | None = None) -> date | None:
    """The day of a machine-written date: ISO 8601, RFC 2822, yyyymmdd, or a date in words.

    The day is the one printed; a time in UTC is moved into the `zone` of the source, where it may be a day later.
    """
    value = value.strip()[:80]
    if zone and _UTC.search(value) and (moved := _move(value, zone)):
        return moved
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


def _move(value: str, zone: tzinfo) -> date | None:
    """The day in the zone of a time in UTC."""
    text = re.sub(r"\s?(?:UTC|GMT|Z)$", "+00:00", value, flags=re.IGNORECASE)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return _plausible(moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(zone).date())
    except (ValueError, OverflowError):
        return None


def _iter_dates(text: str, day_first: bool) -> Iterator[tuple[int, int, date] | None]:
    for match in _DAY_MONTH_YEAR.finditer(text):
        yield _spell(match, match[3], match[2], match[1])
    for match in _YEAR_DAY_MONTH.finditer(text):
        yield _spell(match, match[1], match[3], match[2])
    for match in _YEAR_MONTH_DAY.finditer(text):
        yield _spell(match, match[1], match[2], match[3])
    for match in _SOLI_DAY_MONTH.finditer(text):
        yield _spell(match, match[1], match[3], match[2])
    for match in _ROMAN.finditer(text):
        yield _place(match, make_date(match[4], ROMAN.get(match[3], 0), match[1]))
    for match in _MONTH_DAY_YEAR.finditer(text):
        yield _spell(match, match[3], match[1], match[2])
    for match in _YEAR_FIRST.finditer(text):
        yield _place(match, make_date(match[1], match[3], match[4]))
    for match in _DAY_FIRST.finditer(text):
        if day_first or int(match[1]) > 12 or match[1] == match[3]:
            yield _place(match, make_date(match[4], match[3], match[1]))


def _spell(match: re.Match[str], year: str, month: str, day: str) -> tuple[int, int, date] | None:
    number = MONTHS.get(month.lower()) or MONTHS.get(_ENDING.sub("", month.lower()))
    return _place(match, make_date(year, number, day)) if number else None


def _place(match: re.Match[str], day: date | None) -> tuple[int, int, date] | None:
    return (match.start(), match.end(), day) if day else None


def _plausible(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= 2100 else None
