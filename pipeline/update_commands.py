"""The commands for everyday running: update and status. Each a few lines; what they do is one import away."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.source_commands import CATALOGUE, Sources

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make these commands part of `xabar`."""
    for command in (update, status):
        app.command()(command)


def update(
    sources: Sources = CATALOGUE,
    shard: Annotated[str, typer.Option(help="Only the part of this machine, such as 1/4; hosts are never split.")] = "1/1",
    budget: Annotated[float | None, typer.Option(help="End cleanly after so many minutes.")] = None,
    db: Db = DEFAULT_DB,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Crawl what is due, analyse it, judge the sources and tell of alarms. Status 1 if something was left or a source is ill."""
    from pipeline.config import load_config
    from pipeline.crawl import check_contact, choose_sources
    from pipeline.custody.state import record_state
    from pipeline.lease import Lease
    from pipeline.report import show_crawl
    from pipeline.store import Store
    from pipeline.update import Clock, Stopped, choose_shard
    from pipeline.update import update as update_all
    from pipeline.update_report import print_update, update_summary

    settings = load_config(config)
    chosen = choose_shard(choose_sources(sources, []), shard)
    check_contact(chosen, settings)
    clock, ended = Clock(settings.update.budget_minutes if budget is None else budget), ""
    with Lease(db), Store.open(db, create=True) as store, store.ledger.run("update") as summary:
        record_state(store, settings)
        done = None
        try:
            done = update_all(store, chosen, settings, clock, show=show_crawl)
        except Stopped as error:
            ended = str(error)
        ill = [row for row in store.visits.states() if row["state"] in ("degraded", "broken", "blocked")]
        summary |= update_summary(done, ended, ill)
    typer.echo(json.dumps(summary, ensure_ascii=False, indent=2)) if as_json else print_update(summary)
    raise typer.Exit(1 if summary["left"] or ended or ill else 0)


def status(
    db: Db = DEFAULT_DB,
    sources: Sources = CATALOGUE,
    accept: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="You have looked: what it gives now is the new usual.")
    ] = None,
    prometheus: Annotated[Path | None, typer.Option(help="Also write a textfile for Prometheus.")] = None,
    as_json: AsJson = False,
) -> None:
    """What is in the database, and how each source does: state, reason, since when. Status 1 if a source is ill."""
    from dataclasses import asdict

    from pipeline.metrics import write_metrics
    from pipeline.records import Stop
    from pipeline.report import print_summary
    from pipeline.store import Store
    from pipeline.update_report import health_rows, print_health
    from spiders.source import load_sources

    with Store.open(db) as store:
        if accept is not None:
            if not store.visits.state(accept):
                raise Stop(f"source {accept!r} was never visited; 'xabar status' lists those that were")
            store.visits.accept(accept, "accepted by an operator")
        missed = store.sample.missed()
        summary: dict[str, Any] = store.ledger.summary() | {
            "missed": asdict(missed) if missed else None,
            "paused_by_gate": sorted(store.gate.paused()),
            "last_runs": store.ledger.last_runs(),
        }
        rows = health_rows(store, load_sources(sources))
    if prometheus:
        write_metrics(prometheus, summary, rows)
    if as_json:
        typer.echo(json.dumps(summary | {"sources": rows}, ensure_ascii=False, indent=2))
    else:
        print_summary(summary)
        print_health(rows)
    ill = [row for row in rows if row["alarms"]]
    for row in ill:
        sys.stderr.write(f"ALARM source={row['source']} state={row['state']} since={row['since']} reason={row['reason']!r}\n")
    raise typer.Exit(1 if ill else 0)
