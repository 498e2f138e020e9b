"""The command that lets a source be read again after the gate for promotional content has paused it."""

from pathlib import Path
from typing import Annotated

import typer

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make it part of `xabar sources`."""
    app.command()(resume)


def resume(source: Annotated[str, typer.Argument(metavar="SOURCE", help="A source id.")], db: Db = DEFAULT_DB) -> None:
    """Read a source again that the gate for promotional content has paused; that you did is in the audit."""
    from pipeline.store import Store

    with Store.open(db) as store:
        store.gate.resume(source)
    typer.echo(f"{source} is read again from the next crawl on")
