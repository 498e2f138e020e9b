"""Figures for Prometheus: a textfile that its node exporter reads."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.health import State
from pipeline.records import Stop


def write_metrics(path: Path, summary: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the file whole or not at all. Raises Stop when it cannot be written."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text("\n".join(_lines(summary, rows)) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Stop(f"{path}: cannot be written ({error.strerror}); check the folder given with --prometheus") from error


def _lines(summary: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for name, key, words in (
        ("pages", "pages", "Pages stored."),
        ("pages_waiting", "waiting", "Pages without an outcome."),
        ("documents_flagged", "flagged", "Documents that are flagged."),
    ):
        yield from (f"# HELP xabar_{name} {words}", f"# TYPE xabar_{name} gauge", f"xabar_{name} {summary[key]}")
    yield from ("# HELP xabar_source_state 1 for the state that a source is in.", "# TYPE xabar_source_state gauge")
    for row in rows:
        for state in State:
            yield f'xabar_source_state{{source="{row["source"]}",state="{state.value}"}} {int(row["state"] == state.value)}'
    yield from ("# HELP xabar_source_articles_week Articles of the last seven days.", "# TYPE xabar_source_articles_week gauge")
    for row in rows:
        yield f'xabar_source_articles_week{{source="{row["source"]}"}} {row["week"]}'
    yield from ("# HELP xabar_source_visited_seconds When it was last visited.", "# TYPE xabar_source_visited_seconds gauge")
    for row in rows:
        if row["visited"]:
            seconds = datetime.fromisoformat(row["visited"]).timestamp()
            yield f'xabar_source_visited_seconds{{source="{row["source"]}"}} {seconds:.0f}'
