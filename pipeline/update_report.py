"""What `xabar update` and `xabar status` print of the sources."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.alarm import describe
from pipeline.health import State
from pipeline.health.judge import replay
from pipeline.report import list_counts, print_table
from pipeline.store import Store
from pipeline.update import Done
from spiders.source import Source


def health_rows(store: Store, sources: Mapping[str, Source]) -> list[dict[str, Any]]:
    """A row per visited or paused source, ill first: source, state, alarms, reason, since, visited, week, usual, languages."""
    found = {row["source"]: row for row in store.visits.states()}
    rows = []
    for name in sorted(found.keys() | {name for name, source in sources.items() if source.paused}):
        source = sources.get(name)
        row = found.get(
            name, {"source": name, "state": State.PAUSED.value, "reason": "", "since": "", "visited": None, "week": None}
        )
        paused = source.paused if source else "no longer in the catalogue"
        if paused:
            row |= {"state": State.PAUSED.value, "reason": paused}
        watch = replay(store, source) if source and not paused else None
        usual = round(watch.usual_per_week(), 1) if watch else None
        languages = {language: round(share, 2) for language, share in watch.languages().items()} if watch else {}
        rows.append(
            row | {"alarms": State(row["state"]).alarms, "week": row["week"] or 0, "usual": usual, "languages": languages}
        )
    return sorted(rows, key=lambda row: (-list(State).index(State(row["state"])), row["source"]))


def print_health(rows: Sequence[Mapping[str, Any]]) -> None:
    """A line per source, those that need a look first."""
    if not rows:
        return
    states = Counter(row["state"] for row in rows)
    print(f"\nsources    {', '.join(f'{state} {count}' for state, count in states.items())}\n")
    print_table(
        ("source", "state", "since", "7 days", "usual", "languages", "reason"),
        [
            (
                row["source"],
                row["state"],
                row["since"][:16].replace("T", " "),
                row["week"],
                "" if row["usual"] is None else f"{row['usual']:g}",
                " ".join(f"{name} {share:.0%}" for name, share in row["languages"].items()),
                row["reason"],
            )
            for row in rows
        ],
    )


def update_summary(done: Done | None, ended: str, ill: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `xabar update` did, for people and machines."""
    done = done or Done()
    return {
        "due": done.due,
        "fetched": sum(row["fetched"] for row in done.rows),
        "unchanged": sum(row["unchanged"] for row in done.rows),
        "failed": sum(row["failed"] for row in done.rows),
        "outcomes": done.outcomes,
        "dropped": done.dropped,
        "changes": [describe(change) for change in done.changes],
        "ill": [row["source"] for row in ill],
        "left": done.left + ([ended] if ended else []),
        "sources": done.rows,
    }


def print_update(summary: Mapping[str, Any]) -> None:
    """One line for what was done, one for each thing that was left."""
    print(
        f"{summary['due']} sources were due: {summary['fetched']} articles fetched, {summary['unchanged']} unchanged, "
        f"{summary['failed']} failed; {list_counts(summary['outcomes'])}"
    )
    for line in summary["left"]:
        print(f"left: {line}")
    if summary["ill"]:
        print(f"need a look: {', '.join(summary['ill'])}; 'xabar status' says why")
