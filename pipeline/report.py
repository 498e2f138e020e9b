"""What the commands print: tables for people, made from the same facts that --json gives machines."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spiders.country import country
from spiders.source import FLAGS, Source
from spiders.tally import Tally


def crawl_rows(tally: Tally) -> list[dict[str, Any]]:
    """One row per source: source, index pages read, articles fetched, unchanged, failed, refused, reasons."""
    return [
        {
            "source": row.source,
            "fetched": row.fetched,
            "unchanged": row.unchanged,
            "failed": row.failed,
            "refused": row.refused,
            "finished": row.finished,
            "read": row.read,
            "reasons": dict(row.reasons),
        }
        for row in tally.rows()
    ]


def print_crawl(rows: Sequence[Mapping[str, Any]]) -> None:
    """A table per source: how much came, how much did not, and why not."""
    print_table(
        ("source", "fetched", "unchanged", "failed", "refused", "why"),
        [(row["source"], row["fetched"], row["unchanged"], row["failed"], row["refused"], _why(row)) for row in rows],
    )


def show_crawl(tally: Tally) -> None:
    """How far a crawl is: one line that is written over on a terminal, a line each time elsewhere; on standard error."""
    fetched, unchanged, failed = tally.totals()
    line = f"so far: {fetched} articles fetched, {unchanged} unchanged, {failed} failed"
    print(f"\r{line}   " if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def source_rows(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """One row per source: everything that its file says, and the legal note of its country."""
    return [
        {
            "id": source.id,
            "name": source.name,
            "country": source.country,
            "languages": list(source.languages),
            "kind": source.kind,
            "homepage": source.homepage,
            "start": [{start.kind: start.url} for start in source.start],
            "hosts": sorted(source.hosts),
            "allow": list(source.allow),
            "flags": list(source.flags),
            "interval_hours": source.interval_hours,
            "per_week": source.per_week,
            "paused": source.paused,
            "verified": source.verified,
            "verified_on": source.verified_on.isoformat() if source.verified_on else None,
            "note": source.note,
            "legal": source.legal,
            "file": str(source.path or ""),
        }
        for source in sorted(sources, key=lambda source: source.id)
    ]


def print_sources(rows: Sequence[Mapping[str, Any]]) -> None:
    """The catalogue as a table."""
    print_table(
        ("id", "country", "kind", "flags", "languages", "found by", "every", "seen live", "name"),
        [
            (
                row["id"],
                row["country"],
                row["kind"],
                ", ".join(row["flags"]),
                " ".join(row["languages"]),
                ", ".join(kind for start in row["start"] for kind in start),
                f"{row['interval_hours']} h",
                row["verified_on"] or ("yes" if row["verified"] else "not yet"),
                row["name"] + (f" (paused: {row['paused']})" if row["paused"] else ""),
            )
            for row in rows
        ],
    )


def print_source(row: Mapping[str, Any]) -> None:
    """One source, a line for each thing that is known of it."""
    flags = [f"{flag}: {FLAGS[flag]}" for flag in row["flags"]]
    lines = [
        ("name", row["name"]),
        ("homepage", row["homepage"]),
        ("country", f"{row['country']}, {country(row['country']).name}"),
        ("kind", row["kind"]),
        ("flags", "; ".join(flags) or "none known"),
        ("languages", " ".join(row["languages"])),
        *((kind, url) for start in row["start"] for kind, url in start.items()),
        ("hosts", " ".join(row["hosts"])),
        ("article paths", " ".join(row["allow"])),
        ("crawled", f"every {row['interval_hours']} h" + (f"; paused: {row['paused']}" if row["paused"] else "")),
        ("expected", f"about {row['per_week']} articles a week" if row["per_week"] else "not said"),
        ("seen live", row["verified_on"] or ("yes" if row["verified"] else "not yet: run 'xabar sources check'")),
        ("note", row["note"] or "none"),
        ("legal", row["legal"]),
        ("file", row["file"]),
    ]
    for name, value in lines:
        print(f"{name:14} {value}")


def print_outcomes(counts: Mapping[str, int], broken: Sequence[Mapping[str, Any]], dropped: Iterable[str] = ()) -> None:
    """How the pages of a run ended; the quarantined ones with stage and error, the sources that the gate has paused."""
    print(
        f"{counts.get('document', 0)} documents ({counts.get('flagged', 0)} flagged), {counts.get('skipped', 0)} skipped, "
        f"{counts.get('quarantined', 0)} quarantined"
    )
    print_dropped(dropped)
    for row in broken[:20]:
        print(f"  quarantined in {row['stage']}: {row['url']}: {row['error']}")
    if broken:
        print(f"{len(broken)} pages are in quarantine; 'xabar run --retry' tries them again")


def print_dropped(sources: Iterable[str]) -> None:
    """The sources that the gate has paused."""
    for name in sources:
        print(f"  PROMOTIONAL CONTENT dropped; source {name} is paused until 'xabar sources resume {name}'")


def print_summary(summary: Mapping[str, Any]) -> None:
    """The state of a database, as `xabar status` and the demo show it."""
    print(f"pages      {summary['pages']}" + (f"  ({summary['waiting']} wait for 'xabar run')" if summary["waiting"] else ""))
    print(f"outcomes   {list_counts(summary['outcomes'])}")
    print(f"skipped    {list_counts(summary['skipped'])}")
    for source in summary.get("paused_by_gate", ()):
        print(f"PAUSED     {source}: a text in a group's own voice was dropped; look, then 'xabar sources resume {source}'")
    print(f"flagged    {summary['flagged']}")
    print(f"missed     {_say_missed(summary.get('missed'))}")
    print(f"decisions  {list_counts(summary['decisions'])}\n")
    print_table(
        ("language", "documents", "flagged"),
        [(name, count, summary["flagged_by_language"][name]) for name, count in summary["languages"].items()],
    )
    print()
    print_table(
        ("source", "documents", "flagged"),
        [(name, count, summary["flagged_by_source"][name]) for name, count in summary["documents_by_source"].items()],
    )
    if summary["unread"]:
        print("\nnot read, because in another language:")
        print_table(
            ("source", "pages", "last fetched", "language"),
            [(row["source"], row["pages"], row["latest"][:10], row["language"]) for row in summary["unread"]],
        )
    for row in summary.get("last_runs", ()):
        ended = f"to {row['ended_at']}" if row["ended_at"] else "(no end: killed, or still running)"
        print(f"{row['command']:6} {row['started_at']} {ended}")


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Aligned columns; numbers to the right, the last column as long as it likes."""
    lines = [tuple(map(str, row)) for row in rows]
    widths = [max(len(row[i]) for row in [tuple(head), *lines]) for i in range(len(head))]
    for line in [tuple(head), *lines]:
        cells = [cell.rjust(width) if cell.isdigit() else cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(cells).rstrip())


def _say_missed(missed: Mapping[str, Any] | None) -> str:
    if not missed:
        return "not known; decide on a random sample ('xabar models sample')"
    return (
        f"about {missed['estimate']:.0f} relevant of {missed['unread']} unread below the line "
        f"(95 % between {missed['low']:.0f} and {missed['high']:.0f}), "
        f"from {missed['decided']} decided random ones, {missed['relevant']} of them relevant"
    )


def _why(row: Mapping[str, Any]) -> str:
    reasons = [f"{reason} ({count})" for reason, count in row["reasons"].items()]
    return "; ".join(reasons + ([] if row["finished"] else ["not finished"]))


def list_counts(counts: Mapping[str, int]) -> str:
    """`name count, name count`, or none."""
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
