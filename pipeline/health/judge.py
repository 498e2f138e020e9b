"""From the ledger of visits to the state of each source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.health.observation import Expectation, Observation, State
from pipeline.health.watch import Watch
from pipeline.store import Store
from spiders.source import START_KINDS, Source

DAYS_REMEMBERED = 60
INDEX_REASONS = tuple(f"{kind}: " for kind in START_KINDS)


@dataclass(frozen=True, slots=True)
class Change:
    """A source whose state is another than before."""

    source: str
    before: str
    state: str
    reason: str
    since: datetime

    @property
    def alarms(self) -> bool:
        """Whether an operator has to look."""
        return State(self.state).alarms


def judge(store: Store, sources: Iterable[Source]) -> list[Change]:
    """Measure what came, judge these sources anew and keep their states; the changes come back."""
    store.visits.measure()
    changes = []
    for source in sources:
        watch = replay(store, source)
        found = watch.last
        if found is None:
            if source.paused:
                store.visits.conclude(source.id, State.PAUSED.value, source.paused, datetime.now(UTC))
            continue
        before = store.visits.state(source.id).get("state", "")
        if store.visits.conclude(source.id, found.state.value, found.reason, found.since):
            changes.append(Change(source.id, before, found.state.value, found.reason, found.since))
    return changes


def replay(store: Store, source: Source) -> Watch:
    """A source's watch as its visits of the last DAYS_REMEMBERED days have taught it."""
    since = (datetime.now(UTC) - timedelta(days=DAYS_REMEMBERED)).isoformat(timespec="seconds")
    watch = Watch(Expectation(source.interval_hours, source.per_week, source.country, source.paused))
    accepted = store.visits.accepted(source.id)
    for visit in store.visits.history(source.id, since):
        while accepted and accepted[0] <= visit["ended_at"]:
            accepted.pop(0)
            watch.accept()
        watch.see(observe(visit))
    return watch


def observe(visit: Mapping[str, Any]) -> Observation:
    """What a row of the ledger says."""
    reasons, measured = visit["reasons"], visit["measured"]
    of_index = {reason: count for reason, count in reasons.items() if reason.startswith(INDEX_REASONS)}
    read = visit["read_index"] > 0
    failed = max(0, visit["failed"] - sum(count for reason, count in of_index.items() if "robots.txt forbids" not in reason))
    telling = (
        of_index if not read else {reason: count for reason, count in reasons.items() if reason not in of_index}
    ) or reasons
    return Observation(
        at=datetime.fromisoformat(visit["started_at"]),
        read=read,
        fetched=visit["fetched"],
        unchanged=visit["unchanged"],
        failed=failed,
        error=max(telling, key=lambda reason: telling[reason]) if telling and (failed or not visit["fetched"]) else "",
        languages=measured.get("languages", {}),
        lengths=tuple(measured.get("lengths", ())),
        repeats=measured.get("repeated", 0),
        dated=measured.get("dated", 0),
        titled=measured.get("titled", 0),
        documents=measured.get("documents", 0),
    )
