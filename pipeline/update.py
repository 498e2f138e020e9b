"""`xabar update`: whatever is due, and then everything that follows from it. May be killed at any moment and run again."""

import hashlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline.alarm import tell
from pipeline.config import Config, make_priority
from pipeline.crawl import crawl
from pipeline.crew import count_jobs
from pipeline.custody.removal import Busy, apply_retention
from pipeline.digest import make_digest, write_digest
from pipeline.health.judge import Change, judge
from pipeline.records import Document, Quarantined, Stop
from pipeline.report import crawl_rows
from pipeline.run import run
from pipeline.schedule import find_due
from pipeline.store import Store
from spiders.source import Source
from spiders.tally import Tally

BUDGET_FOR_CRAWL = 0.7


@dataclass
class Done:
    """What one update did."""

    due: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    dropped: int = 0
    left: list[str] = field(default_factory=list)


class Stopped(Exception):
    """SIGTERM or SIGINT came, or the time is up: what is saved is whole, the rest is still due."""


class Clock:
    """How much of the run's time is left, and whether a signal asked for the end."""

    def __init__(self, budget_minutes: float) -> None:
        self._end = time.monotonic() + budget_minutes * 60 if budget_minutes else float("inf")
        self.signalled = False

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT end the run between two batches."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raises Stopped."""
        if self.signalled:
            raise Stopped("stopped by a signal")
        if time.monotonic() > self._end:
            raise Stopped("the run's time is up")

    def left_seconds(self) -> float:
        """0 means without end."""
        return 0.0 if self._end == float("inf") else max(1.0, self._end - time.monotonic())

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signature is Python's
        self.signalled = True


def choose_shard(sources: Mapping[str, Source], shard: str) -> dict[str, Source]:
    """The part of the catalogue that falls to machine I of N, `I/N`: all sources of one host fall to one machine."""
    number, _, count = shard.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise Stop(f"--shard {shard!r} must be such as 1/4: the first of four machines")
    return {name: source for name, source in sources.items() if _place(source) % int(count) == int(number) - 1}


def update(store: Store, sources: Mapping[str, Source], config: Config, clock: Clock, *, show: Callable[[Tally], None]) -> Done:
    """Crawl what is due, analyse, judge, tell, drop what retention drops. Raises Stopped; what was done is in the database."""
    due = find_due(store, sources, datetime.now(UTC))
    done = Done(due=len(due))
    try:
        if due:
            _crawl(store, {name: sources[name] for name in due}, due, config, clock, done, show)
        _analyse(store, config, clock, done)
    finally:
        done.changes = judge(store, [source for name, source in sources.items() if name in due or source.paused])
        done.left += tell(done.changes, config.alarm)
    # After the visits are measured: what is dropped now has been learned from.
    if config.update.digest_folder:
        write_digest(make_digest(store, "24h"), Path(config.update.digest_folder))
    try:
        done.dropped = apply_retention(store, config.retention.days)
    except Busy as error:
        done.left.append(f"retention: {error}; the next update does it")
    return done


def _crawl(
    store: Store,
    sources: dict[str, Source],
    due: dict[str, str],
    config: Config,
    clock: Clock,
    done: Done,
    show: Callable[[Tally], None],
) -> None:
    budget = clock.left_seconds() * BUDGET_FOR_CRAWL
    tally = crawl(store, sources, config, limit=None, show=show, due=due, budget_seconds=budget)
    done.rows = crawl_rows(tally)
    done.left += [f"{row['source']}: not finished, still due" for row in done.rows if not row["finished"]]
    clock.signalled |= tally.end_reason == "shutdown"
    clock.listen()
    clock.check()


def _analyse(store: Store, config: Config, clock: Clock, done: Done) -> None:
    batches = run(
        store,
        flag_at=config.score.flag_at,
        batch_size=config.run.batch_size,
        cascade=config.run.cascade,
        lists=config.gazetteer.paths,
        persons=config.store.persons,
        priority=make_priority(config.score),
        jobs=count_jobs(config.run.jobs, store.pages.count_pending()),
    )
    for outcomes in batches:
        for outcome in outcomes:
            kind = type(outcome).__name__.lower()
            done.outcomes[kind] = done.outcomes.get(kind, 0) + 1
            if isinstance(outcome, Document) and outcome.flagged:
                done.outcomes["flagged"] = done.outcomes.get("flagged", 0) + 1
            if isinstance(outcome, Quarantined):
                done.left.append(f"{outcome.id}: quarantined in {outcome.stage}: {outcome.error}")
        clock.check()


def _place(source: Source) -> int:
    host = sorted(source.hosts)[0].removeprefix("www.")
    return int(hashlib.sha256(host.encode()).hexdigest(), 16)
