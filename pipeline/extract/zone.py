"""The clock by which a source prints its days: a time in UTC may be a day later there."""

from datetime import tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Only countries with one clock: where there are several, the day stays as it is printed.
ZONES = {
    "AF": "Asia/Kabul", "AM": "Asia/Yerevan", "AZ": "Asia/Baku", "BY": "Europe/Minsk", "DE": "Europe/Berlin",
    "GB": "Europe/London", "GE": "Asia/Tbilisi", "IN": "Asia/Kolkata", "IQ": "Asia/Baghdad", "IR": "Asia/Tehran",
    "KG": "Asia/Bishkek", "PK": "Asia/Karachi", "SY": "Asia/Damascus", "TJ": "Asia/Dushanbe", "TM": "Asia/Ashgabat",
    "TR": "Europe/Istanbul", "UZ": "Asia/Tashkent"}  # fmt: skip


@cache
def find_zone(country: str) -> tzinfo | None:
    """The time zone of a country (ISO 3166), None where it has several or the system does not know it."""
    try:
        return ZoneInfo(ZONES[country.upper()])
    except (KeyError, ZoneInfoNotFoundError):
        return None
