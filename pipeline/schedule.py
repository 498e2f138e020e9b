"""When a source is due: its own interval, a second look soon after a visit that failed, and no more than that."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipeline.store import Store
from spiders.source import Source

SECOND_LOOK_MINUTES = 30


def next_due(started: datetime, interval_hours: int, failed_in_a_row: int) -> datetime:
    """When to come again after a visit: 30 minutes after the first failure, an hour after the second, up to the interval."""
    whole = timedelta(hours=interval_hours)
    if not failed_in_a_row:
        return started + whole
    return started + min(whole, timedelta(minutes=SECOND_LOOK_MINUTES * 2 ** min(failed_in_a_row - 1, 20)))


def find_due(store: Store, sources: Mapping[str, Source], now: datetime) -> dict[str, str]:
    """Since when each due source is due, the longest first. A source that was never visited is due at once."""
    visits, due = store.visits.last_started(), {}
    for name, source in sources.items():
        started, failed = visits.get(name, (None, 0))
        when = next_due(datetime.fromisoformat(started), source.interval_hours, failed) if started else now
        if not source.paused and when <= now:
            due[name] = when.isoformat(timespec="seconds")
    return dict(sorted(due.items(), key=lambda item: item[1]))
