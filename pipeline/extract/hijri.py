"""Solar Hijri dates of Persian and Dari sources, turned into the calendar that everybody else prints.

Leap years after the 33-year rule, which agrees with the official calendar from 1206 to 1498 (1827 to 2119).
"""

import re
from collections.abc import Iterator
from datetime import date

# Persian names, then those of Dari and Pashto; in Tajik letters only with the word that says which calendar is meant.
_MONTHS = """
فروردین حمل وری farvardin hamal
اردیبهشت ثور غویی ordibehesht sawr
خرداد جوزا غبرګولی khordad jawza
تیر سرطان چنگاښ tir saratan
مرداد امرداد اسد زمری mordad asad
شهریور سنبله وږی shahrivar sonbola sunbula
مهر میزان تله mehr mizan
آبان عقرب لړم aban aqrab
آذر قوس لیندۍ azar qaws
دی جدی مرغومی dey jadi
بهمن دلو سلواغه bahman dalw
اسفند حوت کب esfand hut
"""
MONTHS = {name: number for number, row in enumerate(_MONTHS.strip().splitlines(), 1) for name in row.split()}
FIRST_YEAR, LAST_YEAR = 1369, 1479  # 1990 to 2100
_LEAP_RESTS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_EPOCH, _EPOCH_YEAR = date(1990, 3, 21), 1369  # 1 Farvardin 1369

_YEAR = r"(1[34]\d\d)(?!\d)"
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_MONTH_YEAR = re.compile(
    rf"(?<![\d.:,/-])(\d{{1,2}})\s{{0,3}}(?:-\s?)?({_NAME})\s{{0,2}}[،,]?\s{{0,2}}(?:سال\s{{1,2}})?{_YEAR}", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?<![\d./:-])(\d{1,2})([-./])(\d{1,2})\2(1[34]\d\d)(?![\d./-]\d|\d)")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(1[34]\d\d)([-./])(\d{1,2})\2(\d{1,2})(?![\d./-]\d|\d)")


class HijriDay(date):
    """A day that was written in the Solar Hijri calendar."""


def name_calendar(day: date | None) -> str:
    """The calendar that a day was written in, where it is not the one that everybody prints."""
    return "solar-hijri" if isinstance(day, HijriDay) else ""


def find_hijri_dates(text: str) -> Iterator[tuple[int, int, date]]:
    """(start, end, date) of every full Solar Hijri date; digits must be ASCII already."""
    for match in _DAY_MONTH_YEAR.finditer(text):
        if day := convert(int(match[3]), MONTHS[match[2].lower()], int(match[1])):
            yield match.start(), match.end(), day
    for match in _YEAR_FIRST.finditer(text):
        if day := convert(int(match[1]), int(match[3]), int(match[4])):
            yield match.start(), match.end(), day
    for match in _DAY_FIRST.finditer(text):
        if day := convert(int(match[4]), int(match[3]), int(match[1])):
            yield match.start(), match.end(), day


def convert(year: int, month: int, day: int) -> HijriDay | None:
    """The day of a Solar Hijri date; None where there is no such day."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= _count_days(year, month)):
        return None
    days = sum(366 if _is_leap(passed) else 365 for passed in range(_EPOCH_YEAR, year))
    days += sum(_count_days(year, passed) for passed in range(1, month))
    return HijriDay.fromordinal(_EPOCH.toordinal() + days + day - 1)


def _count_days(year: int, month: int) -> int:
    return 31 if month <= 6 else 30 if month < 12 or _is_leap(year) else 29


def _is_leap(year: int) -> bool:
    return year % 33 in _LEAP_RESTS
