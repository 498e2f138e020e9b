"""When a source is due: its own interval, a second look soon after a visit that failed, and no more than that."""

from datetime import datetime, timedelta

SECOND_LOOK_MINUTES = 30


def next_due(started: datetime, interval_hours: int, failed_in_a_row: int) -> datetime:
    """When to come again after a visit: 30 minutes after the first failure, an hour after the second, up to the interval."""
    whole = timedelta(hours=interval_hours)
    if not failed_in_a_row:
        return started + whole
    return started + min(whole, timedelta(minutes=SECOND_LOOK_MINUTES * 2 ** min(failed_in_a_row - 1, 20)))
