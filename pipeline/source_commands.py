"""The commands over the catalogue of sources. Each a few lines; what they do is one import away."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The catalogue of sources: list, show, check, add.")
CATALOGUE = Path(__file__).resolve().parent.parent / "spiders" / "sources"
Sources = Annotated[
    Path,
    typer.Option("--sources", help="Folder of source files (default: the catalogue that comes with xabar).", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="A source's id: the name of its file.")]


@app.command("list")
def list_sources(sources: Sources = CATALOGUE, as_json: AsJson = False) -> None:
    """Every source with country, kind, flags, languages and ways in."""
    from pipeline.report import print_sources, source_rows
    from spiders.source import load_sources

    rows = source_rows(load_sources(sources).values())
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2)) if as_json else print_sources(rows)


@app.command()
def show(name: Name, sources: Sources = CATALOGUE, as_json: AsJson = False) -> None:
    """Everything known of one source: who speaks, how it is crawled, how much to expect, the legal note of its country."""
    from pipeline.crawl import choose_sources
    from pipeline.report import print_source, source_rows

    [row] = source_rows(choose_sources(sources, [name]).values())
    typer.echo(json.dumps(row, ensure_ascii=False, indent=2)) if as_json else print_source(row)
