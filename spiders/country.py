"""Where a source is at home: the days on which it may rest, and what to have checked before it is crawled."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from hijridate import Gregorian

COUNTRIES = Path(__file__).with_name("countries.toml")
SHAWWAL, DHU_AL_HIJJAH, RAMADAN = 10, 12, 9
# One day early, because the moon is seen on another evening in another country.
FEASTS = {SHAWWAL: range(1, 4), DHU_AL_HIJJAH: range(10, 14)}


@dataclass(frozen=True, slots=True)
class Country:
    """One entry of countries.toml; `weekend` holds weekdays, Monday is 0, `holidays` month-day texts."""

    code: str
    name: str
    legal: str
    weekend: frozenset[int]
    holidays: frozenset[str]
    feasts: bool = False

    def rests(self, day: date) -> bool:
        """Whether the day is a public holiday or a feast; a weekend is not."""
        return f"{day:%m-%d}" in self.holidays or (self.feasts and (_is_feast(day) or _is_feast(day + timedelta(days=1))))


@cache
def countries() -> dict[str, Country]:
    """Every country of the catalogue by its code."""
    rows = tomllib.loads(COUNTRIES.read_text(encoding="utf-8"))
    found = {}
    for code, row in rows.items():
        weekend, holidays = frozenset(row["weekend"]), frozenset(row["holidays"])
        found[code] = Country(code, row["name"], row["legal"], weekend, holidays, row.get("feasts", False))
    return found


def country(code: str) -> Country:
    """A country by its code; one that is not on the list rests like several countries."""
    return countries().get(code.upper(), countries()["XX"])


def is_ramadan(day: date) -> bool:
    """Whether the day lies in the month of fasting, when many desks write less."""
    return _hijri(day)[0] == RAMADAN


def _is_feast(day: date) -> bool:
    month, number = _hijri(day)
    return number in FEASTS.get(month, ())


@lru_cache(maxsize=4096)
def _hijri(day: date) -> tuple[int, int]:
    found = Gregorian(day.year, day.month, day.day).to_hijri()
    return found.month, found.day
