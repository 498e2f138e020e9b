"""A year of scripted sources under a fake clock: what Watch says of them, and how soon. `python -m tests.simulated_year`.

A source has a rhythm of its own (weekday, hour, clumps, feasts that the calendar misses by a day, a slower Ramadan), outages,
perhaps a doubling of its volume, a month without visits or a month of silence. At a drawn moment it is copied and each copy dies
in another way. Nothing here knows how Watch judges.
"""

import argparse
import copy
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import mean, median, quantiles
from typing import Any

import numpy as np

from pipeline.health import Expectation, Observation, Watch
from pipeline.schedule import next_due
from spiders.country import country, is_ramadan

START = datetime(2026, 10, 1, tzinfo=UTC)  # so that Navruz, Ramadan and both feasts lie in the year
DAYS = 365
DEATHS = ("frozen", "http-404", "blocked", "html-feed", "language", "short", "repeated", "undated")
LANGUAGES = ("uz", "tg", "ru", "en", "other")
FOLLOWED_DAYS = 75
LONG_OUTAGE = timedelta(hours=2)  # whoever says that a source is away for longer is right


@dataclass
class Script:
    """What a source does; the hourly rates hold every feast, gap and doubling."""

    interval: int
    per_week: float
    code: str
    rates: np.ndarray[Any, Any]
    resting: np.ndarray[Any, Any]
    outages: list[tuple[datetime, datetime, str]]
    silence: tuple[datetime, datetime] | None
    unvisited: tuple[datetime, datetime] | None
    mix: np.ndarray[Any, Any]
    length: float
    dated: float
    doubled: datetime | None
    article_failures: float
    dies: datetime = START
    cumulated: np.ndarray[Any, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.cumulated = np.concatenate(([0.0], np.cumsum(self.rates)))

    def volume(self, start: datetime, end: datetime) -> float:
        """Articles that the script has between two moments."""
        first, last = (self._sum((moment - START).total_seconds() / 3600) for moment in (start, end))
        return last - first

    def _sum(self, hours: float) -> float:
        whole = int(hours)
        return float(self.cumulated[whole] + (hours - whole) * self.rates[whole])

    def active_hours(self, start: datetime, end: datetime) -> float:
        """Hours between two moments without the days on which this source rests."""
        first, last = (int((moment - START).total_seconds() // 3600) for moment in (start, end))
        return (end - start).total_seconds() / 3600 - float(self.resting[first:last].sum())


def make_script(draw: random.Random) -> Script:
    """One source."""
    rng = np.random.default_rng(draw.getrandbits(32))
    per_week = draw.choice((draw.uniform(0.7, 4), draw.uniform(4, 30), draw.uniform(30, 150), draw.uniform(150, 900)))
    interval = draw.choice((24, 24, 72)) if per_week < 4 else draw.choice((12, 24)) if per_week < 30 else \
        draw.choice((3, 4, 6)) if per_week < 150 else draw.choice((1, 1, 2, 3))
    code = draw.choice(("UZ", "UZ", "TJ", "KG", "KZ", "RU", "AF", "US", "XX"))
    weekend = draw.choice((0.0, 0.15, 0.4, 0.8, 1.0))
    night = draw.choice((0.03, 0.1, 0.3, 0.7))
    # The more a desk writes, the less one day differs from the next.
    clump = draw.uniform(2.0, 9.0) if per_week < 30 else draw.uniform(5.0, 20.0) if per_week < 150 else draw.uniform(10.0, 40.0)
    holiday, ramadan = draw.choice((0.0, 0.1, 0.4, 0.8)), draw.uniform(0.4, 1.0)
    doubled = START + timedelta(days=draw.uniform(40, 330)) if draw.random() < 0.3 else None
    silence, unvisited = _month(draw, 0.2), _month(draw, 0.25)
    hours = (DAYS + FOLLOWED_DAYS + 2) * 24
    rates, resting = np.zeros(hours), np.zeros(hours, dtype=bool)
    home, shift = country(code), draw.choice((-1, 0, 0, 1))
    for day in range(hours // 24):
        date = (START + timedelta(days=day)).date()
        # The moon is seen a day before or after the calendar's.
        rests = home.rests(date) if home.rests(date) == home.rests(date + timedelta(days=shift)) else draw.random() < 0.7
        is_weekend = date.weekday() in home.weekend
        level = rng.gamma(clump) / clump * (weekend if is_weekend else 1.0) * (holiday if rests else 1.0)
        level *= ramadan if home.feasts and is_ramadan(date) else 1.0
        resting[day * 24:day * 24 + 24] = rests or home.rests(date) or (is_weekend and weekend < 0.2)
        for hour in range(24):
            moment = START + timedelta(days=day, hours=hour)
            on = not (silence and silence[0] <= moment < silence[1])
            more = 2.0 if doubled and moment > doubled else 1.0
            rates[day * 24 + hour] = level * (night if hour < 6 or hour > 21 else 1.0) * on * more
    calm = rates[: int((doubled - START).total_seconds() // 3600) if doubled else hours]
    written = calm[calm > 0].mean()
    rates *= per_week / 168 / max(1e-9, written * (calm > 0).mean() if silence is None else written)
    mix = rng.dirichlet([0.15, 0.15, 0.3, 0.15, 0.05])
    return Script(interval, per_week, code, rates, resting, list(_outages(draw)), silence, unvisited, mix,
                  draw.uniform(900, 5000), draw.choice((0.0, 0.9, 1.0, 1.0)), doubled, draw.uniform(0.0, 0.03),
                  dies=START + timedelta(days=draw.uniform(70, 350)))


def _month(draw: random.Random, share: float) -> tuple[datetime, datetime] | None:
    begin = START + timedelta(days=draw.uniform(60, 300))
    return (begin, begin + timedelta(days=30)) if draw.random() < share else None


def _outages(draw: random.Random) -> Iterator[tuple[datetime, datetime, str]]:
    """Short ones that nobody has to know of, some that last for hours."""
    for count, minutes in ((draw.randrange(0, 60), 25), (draw.randrange(0, 8), 200)):
        for _ in range(count):
            begin = START + timedelta(days=draw.uniform(0, DAYS + FOLLOWED_DAYS))
            error = draw.choice(("HTTP 503", "timed out after 30 s"))
            yield begin, begin + timedelta(minutes=draw.expovariate(1 / minutes)), error


class Life:
    """A source that is visited; copied when it dies."""

    def __init__(self, script: Script, seed: int) -> None:
        # What a person wrote into the file.
        said = round(script.per_week * random.Random(seed).uniform(0.5, 2.0))  # noqa: S311  no secret, a repeatable draw
        self.script, self.rng = script, np.random.default_rng(seed)
        self.watch = Watch(Expectation(script.interval, max(1, said), script.code))
        self.at, self.read_at, self.failed = START, START - timedelta(days=3), 0
        self.death = ""

    def step(self) -> tuple[Observation, str]:
        """One visit: what was seen, and the state after it."""
        seen = self._visit()
        self.failed = 0 if seen.read else self.failed + 1
        self.at = next_due(self.at, self.script.interval, self.failed) + timedelta(minutes=float(self.rng.uniform(0, 4)))
        if self.script.unvisited and self.script.unvisited[0] <= self.at < self.script.unvisited[1]:
            self.at = self.script.unvisited[1]
        return seen, self.watch.see(seen).state.value

    def _visit(self) -> Observation:
        for begin, end, error in self.script.outages:
            if begin <= self.at < end:
                return Observation(self.at, read=False, error=error)
        errors = {"http-404": "feed: HTTP 404", "blocked": "feed: HTTP 403", "html-feed": "feed: is an HTML page, not a feed"}
        if self.death in errors:
            return Observation(self.at, read=False, error=errors[self.death])
        start = max(self.read_at, self.at - timedelta(days=14), START)  # a feed reaches two weeks back
        volume = self.script.volume(start, self.at) if self.at > START else self.script.per_week
        self.read_at = self.at
        count = 0 if self.death == "frozen" else int(self.rng.poisson(volume))
        failed = int(self.rng.binomial(count, self.script.article_failures)) if count else 0
        return self._describe(count - failed, failed)

    def _describe(self, count: int, failed: int) -> Observation:
        if not count:
            return Observation(self.at, failed=failed, error="HTTP 500" if failed else "")
        mix = self.script.mix
        if self.death == "language":
            mix = np.eye(len(LANGUAGES))[4 if mix[4] < 0.02 else int(np.argmin(mix))]
        factor = 0.12 if self.death == "short" else 1.0
        lengths = tuple(int(length * factor) for length in self.rng.lognormal(np.log(self.script.length), 0.6, min(count, 30)))
        repeats = count if self.death == "repeated" else int(self.rng.binomial(count, 0.004))
        dated = 0 if self.death == "undated" else int(self.rng.binomial(count, self.script.dated))
        languages = dict(zip(LANGUAGES, map(int, self.rng.multinomial(count, mix)), strict=True))
        return Observation(self.at, fetched=count, failed=failed, languages={k: v for k, v in languages.items() if v},
                           lengths=lengths, repeats=repeats, dated=dated, titled=count, documents=count,
                           error="HTTP 500" if failed else "")


@dataclass
class Year:
    """What a healthy year showed: false alarms, and how each death was noticed, in expected intervals of the source."""

    false_alarms: list[str] = field(default_factory=list)
    delays: dict[str, float | None] = field(default_factory=dict)
    hours: dict[str, float] = field(default_factory=dict)
    silence_noticed: bool | None = None
    days_to_recover: float | None = None
    interval_hours: float = 0.0


def run_source(seed: int) -> Year:
    """A year of one source, and its deaths."""
    draw = random.Random(seed)  # noqa: S311  no secret, a repeatable draw
    script = make_script(draw)
    life, year, before, gaps, last_new = Life(script, seed), Year(), "ok", [], START
    dying: Life | None = None
    while life.at < START + timedelta(days=DAYS):
        if dying is None and life.at >= script.dies and before in ("ok", "quiet") and not _in(script.silence, life.at, 3):
            dying = copy.deepcopy(life)
        at = life.at
        seen, state = life.step()
        if seen.fetched and not _in(script.silence, last_new, 0) and not _spans(script.unvisited, last_new, at):
            gaps.append(script.active_hours(last_new, at))
        last_new = at if seen.fetched else last_new
        alarms = state not in ("ok", "quiet", "paused")
        if alarms and before in ("ok", "quiet", "paused"):
            if _in(script.silence, at, 0):
                year.silence_noticed = True
            elif not _is_long_outage(script, at):
                year.false_alarms.append(f"{life.watch.last.reason} ({script.interval} h, {script.per_week:.0f} a week)")
        before = state
    year.interval_hours = max(script.interval, quantiles(gaps, n=20)[18] if len(gaps) > 4 else 168 / script.per_week * 3)
    if script.silence and year.silence_noticed is None:
        year.silence_noticed = False
    for death in DEATHS if dying else ():
        # A source that never had dates cannot lose them.
        if death == "undated" and script.dated == 0.0:
            continue
        year.hours[death], year.delays[death] = _die(copy.deepcopy(dying), death, year.interval_hours)
    return year


def _die(life: "Life | None", death: str, interval: float) -> tuple[float, float | None]:
    assert life is not None
    began, life.death, life.script.silence = life.at - timedelta(hours=life.script.interval / 2), death, None
    while life.at < began + timedelta(days=FOLLOWED_DAYS - 15):
        at = life.at
        if life.step()[1] in ("degraded", "broken", "blocked"):
            return (at - began).total_seconds() / 3600, max(0.0, life.script.active_hours(began, at)) / interval
    return float("inf"), None


def _is_long_outage(script: Script, at: datetime) -> bool:
    return any(begin <= at <= end + timedelta(hours=1) and end - begin > LONG_OUTAGE for begin, end, _ in script.outages)


def _in(span: tuple[datetime, datetime] | None, at: datetime, days_before: int) -> bool:
    return bool(span and span[0] - timedelta(days=days_before) <= at < span[1])


def _spans(span: tuple[datetime, datetime] | None, begin: datetime, end: datetime) -> bool:
    return bool(span and begin < span[1] and end > span[0])


def run_year(seed: int, sources: int) -> dict[str, Any]:
    """All sources of one seed: false alarms per source and year, and how deaths were noticed."""
    years = [run_source(seed * 100_003 + number) for number in range(sources)]
    delays: dict[str, list[float]] = defaultdict(list)
    missed: Counter[str] = Counter()
    for year in years:
        for death, delay in year.delays.items():
            delays[death].append(float("inf") if delay is None else delay)
            missed[death] += delay is None
    counts = [len(year.false_alarms) for year in years]
    return {
        "seed": seed, "sources": sources,
        "false alarms a source a year": round(mean(counts), 3), "most of one source": max(counts),
        "sources with 3 or more": sum(count >= 3 for count in counts),
        "deaths": {death: _describe(found, missed[death]) for death, found in sorted(delays.items())},
        "silent months noticed": f"{sum(year.silence_noticed is True for year in years)} of "
                                 f"{sum(year.silence_noticed is not None for year in years)}",
        "reasons": dict(Counter(reason[:15] for year in years for reason in year.false_alarms).most_common(8)),
        "examples": [reason for year in years for reason in year.false_alarms][:6],
    }


def _describe(delays: list[float], missed: int) -> dict[str, float]:
    """In expected intervals of the source."""
    return {"n": len(delays), "median": round(median(delays), 2), "most": round(max(delays), 2),
            "within 2": sum(delay <= 2 for delay in delays), "never": missed}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="10-19", help="such as 0-9 (for tuning) or 10-19 (for the report)")
    parser.add_argument("--sources", type=int, default=200)
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    for seed in range(int(first), int(last or first) + 1):
        print(json.dumps(run_year(seed, arguments.sources), ensure_ascii=False), flush=True)
