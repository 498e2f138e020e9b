"""How much a source publishes, by weekday and hour: learned from what came, and forgotten slowly."""

from datetime import UTC, date, datetime
from functools import lru_cache
from math import exp, log

from spiders.country import country, is_ramadan

HALF_LIFE_DAYS = 28.0
PRIOR_HOURS = 48.0  # so many hours of what the source's file says count as seen
PRIOR_SHAPE_HOURS = 2.0  # so many hours of an even week, for each weekday and hour
DEFAULT_PER_WEEK = 7
IDLE_SHAPE = 0.25  # a weekday with less than this share of an even one is a day off
# What a day off leaves of an ordinary one, until the source has shown it.
PRIOR_FACTORS = {"ordinary": 1.0, "rest": 0.05, "ramadan": 0.6}
PRIOR_DAYS = 3.0


class Rhythm:
    """Expected articles per hour. Time may be measured in them: a night, a weekend or a feast then hardly counts."""

    def __init__(self, per_week: int | None, code: str) -> None:
        rate = (DEFAULT_PER_WEEK if per_week is None else per_week) / 168.0
        self._code = code
        self._came, self._hours = rate * PRIOR_HOURS, PRIOR_HOURS
        self._weekday = [[0.0, 0.0] for _ in range(7)]
        self._clock = [[0.0, 0.0] for _ in range(24)]
        self._off = {kind: [0.0, 0.0] for kind in PRIOR_FACTORS}
        self._shapes: tuple[list[float], list[float]] | None = None
        self._forgot = 0

    def expect(self, start: datetime, end: datetime) -> float:
        """How many articles this source usually publishes between two moments."""
        return sum(part for _, _, part, _ in self._parts(start, end))

    def learn(self, start: datetime, end: datetime, came: int) -> None:
        """Take in that so many articles came between two moments."""
        parts = self._parts(start, end)
        total = sum(part for _, _, part, _ in parts)
        self._forget(int(end.timestamp() // 86400))
        for hour, weight, part, kind in parts:
            # What came in a long interval is spread as this source usually writes.
            share = came * (part / total if total else weight / len(parts))
            if kind != "ordinary":
                off = self._off[kind]
                off[0] += share
                off[1] += part / self._factor(kind)
                continue
            self._came += share
            self._hours += weight
            for pair in (self._weekday[(hour // 24 + 3) % 7], self._clock[hour % 24]):
                pair[0] += share
                pair[1] += weight
        self._shapes = None

    def active_hours(self, start: datetime, end: datetime) -> float:
        """Hours between two moments without feasts and without the weekdays on which this source hardly writes."""
        rate, total = self._came / self._hours, 0.0
        for hour, weight, _, kind in self._parts(start, end):
            if kind != "rest" and _shape(self._weekday[(hour // 24 + 3) % 7], rate) >= IDLE_SHAPE:
                total += weight
        return total

    def per_week(self) -> float:
        """Articles in an ordinary week."""
        return 168.0 * self._came / self._hours

    def _parts(self, start: datetime, end: datetime) -> list[tuple[int, float, float, str]]:
        """Every hour of the clock between two moments: its number, the share of it, what is expected in it, the kind of day."""
        rate = self._came / self._hours
        if self._shapes is None:
            self._shapes = [_shape(pair, rate) for pair in self._weekday], [_shape(pair, rate) for pair in self._clock]
        weekday, clock = self._shapes
        factors = {kind: self._factor(kind) for kind in PRIOR_FACTORS}
        first, last = start.timestamp() / 3600, end.timestamp() / 3600
        parts = []
        for hour in range(int(first), int(-(-last // 1))):
            kind = _kind(self._code, hour // 24)
            weight = min(hour + 1, last) - max(hour, first)
            expected = rate * weekday[(hour // 24 + 3) % 7] * clock[hour % 24] * factors[kind]
            parts.append((hour, weight, weight * expected, kind))
        return parts

    def _factor(self, kind: str) -> float:
        came, expected = self._off[kind]
        if kind == "ordinary":
            return 1.0
        prior = PRIOR_DAYS * 24 * self._came / self._hours + 1e-9
        return (came + PRIOR_FACTORS[kind] * prior) / (expected + prior)

    def _forget(self, day: int) -> None:
        if day <= self._forgot:
            return
        keep = exp(-log(2) * min(day - self._forgot, HALF_LIFE_DAYS) / HALF_LIFE_DAYS) if self._forgot else 1.0
        self._forgot = day
        self._came, self._hours = self._came * keep, self._hours * keep
        for pair in (*self._weekday, *self._clock):
            pair[0] *= keep
            pair[1] *= keep


@lru_cache(maxsize=65536)
def _kind(code: str, day: int) -> str:
    """The kind of a day, counted from 1970: rest (holiday or feast), ramadan or ordinary."""
    home, when = country(code), _date(day)
    if home.rests(when):
        return "rest"
    return "ramadan" if home.feasts and is_ramadan(when) else "ordinary"


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * 86400, UTC).date()


def _shape(pair: list[float], rate: float) -> float:
    return (pair[0] + rate * PRIOR_SHAPE_HOURS) / (rate * (pair[1] + PRIOR_SHAPE_HOURS)) if rate else 0.0
