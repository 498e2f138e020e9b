"""`xabar archive`: web archives of any size, on this machine or on a Ray cluster."""

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from pipeline.source_commands import CATALOGUE, Sources

ADDRESS = "A Ray cluster: auto, or ray://HOST:10001; 'local' starts Ray here. Without it this machine's processes do the work."


def register(app: typer.Typer) -> None:
    """Make this command part of `xabar`."""
    app.command()(archive)


def archive(
    warcs: Annotated[list[Path], typer.Argument(metavar="WARC...", help="Segments, or folders of them; CC-NEWS included.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the Parquet files; a job that was stopped goes on there.")],
    address: Annotated[str | None, typer.Option(help=ADDRESS)] = None,
    source: Annotated[
        str | None, typer.Option("--source", help="Everything belongs to this source, whatever its address.")
    ] = None,
    sources: Sources = CATALOGUE,
    jobs: Annotated[int, typer.Option(min=0, help="So many processes; 0 means one for each core.")] = 0,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Analyse WARC segments into Parquet; 'xabar import DIR' brings what was flagged into a database."""
    from pipeline.archive.job import find_segments, make_archive
    from pipeline.archive.output import import_arrow
    from pipeline.archive.plan import Plan, read_manifest
    from pipeline.archive.pool import choose_pool
    from pipeline.archive.work import Maker
    from pipeline.config import load_config
    from pipeline.crawl import choose_sources
    from spiders.source import load_sources

    import_arrow()
    settings, catalogue = load_config(config), load_sources(sources)
    fixed = choose_sources(sources, [source])[source] if source else None
    how = (settings.run.cascade, settings.run.batch_size, settings.gazetteer.paths)
    plan = Plan(out.resolve(), find_segments(warcs), catalogue, fixed, *how)
    if plan.begin():
        here = "in processes of this machine" + ("" if find_spec("ray") else " (Ray is not installed)")
        sys.stderr.write(f"{len(plan.segments)} segments, {'on Ray' if address else here}\n")
        make_archive(plan, choose_pool(Maker(plan), jobs, address), settings, _Bar())
    summary = read_manifest(plan.out)["summary"]
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        typer.echo("; ".join(f"{name} {count:,}" for name, count in summary.items()) + f"; in {out}")
    raise typer.Exit(1 if summary["quarantined"] else 0)


class _Bar:
    """How far each pass is: one line that changes on a terminal, a line per tenth elsewhere; on standard error."""

    def __init__(self) -> None:
        self._shown = ("", -1)
        self._begun = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show it."""
        live = sys.stderr.isatty()
        step = done if live else done * 10 // total
        if (what, step) == self._shown:
            return
        self._shown = (what, step)
        bar, passed = "#" * (done * 30 // total), time.monotonic() - self._begun
        line = f"{what:8} [{bar:<30}] {done} of {total}, {passed:.0f} s"
        sys.stderr.write(f"\r{line}" + ("\n" if done == total else "") if live else f"{line}\n")
        sys.stderr.flush()
