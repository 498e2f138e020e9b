"""The commands that bring pages in and take news out: import and digest."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.source_commands import CATALOGUE, Sources

if TYPE_CHECKING:
    from pipeline.importing import Imported

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
KINDS = "WARC, WACZ, JSONL, HTML or PDF files, folders of them, or what 'xabar archive' wrote."
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make these commands part of `xabar`."""
    app.command("import")(import_pages)
    app.command()(digest)


def import_pages(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=KINDS)],
    source: Annotated[
        str | None, typer.Option("--source", help="Everything belongs to this source, whatever its address.")
    ] = None,
    sources: Sources = CATALOGUE,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> None:
    """Store pages that others fetched, CC-NEWS included: only those of the catalogue's hosts; can be stopped and run again."""
    from pipeline.archive.load import is_archive, load_archive
    from pipeline.crawl import KEPT, choose_sources
    from pipeline.importing import check_paths, import_files
    from pipeline.store import Store
    from spiders.source import load_sources

    catalogue = load_sources(sources)
    fixed = choose_sources(sources, [source])[source] if source else None
    check_paths(paths)  # before there is a database
    with Store.open(db, create=True) as store, store.ledger.run("import") as summary:
        store.ledger.save_sources({key: getattr(one, key) for key in KEPT} for one in catalogue.values())
        done = import_files(store, [path for path in paths if not is_archive(path)], catalogue, source=fixed, show=_show)
        for path in filter(is_archive, paths):
            load_archive(store, path, done)
        summary |= asdict(done) | {"left": dict(done.left)}
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=2))
    else:
        left = "; ".join(f"{reason} ({count})" for reason, count in done.left.most_common())
        typer.echo(
            f"{done.stored} pages stored of {done.found} found in {done.files} files" + (f"; left: {left}" if left else "")
        )
        for line in done.broken[:20]:
            typer.echo(f"broken: {line}")
    raise typer.Exit(1 if done.broken else 0)


def digest(
    since: Annotated[str, typer.Option(help="A day such as 2026-09-22, or 24h, 7d.")] = "24h",
    out: Annotated[Path, typer.Option(help="Folder for digest.html, digest.md and digest.atom.")] = Path("digest"),
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> None:
    """What was flagged since then: HTML, Markdown and Atom, with counts by organisation and language and small charts."""
    from pipeline.digest import make_digest, write_digest
    from pipeline.store import Store

    with Store.open(db) as store:
        found = make_digest(store, since)
    files = write_digest(found, out)
    if as_json:
        typer.echo(
            json.dumps(asdict(found) | {"files": [str(file) for file in files]}, ensure_ascii=False, indent=2, default=str)
        )
    else:
        typer.echo(f"{len(found.stories)} stories flagged since {found.since}; " + ", ".join(str(file) for file in files))


def _show(done: "Imported") -> None:
    sys.stderr.write(f"so far: {done.stored} pages stored of {done.found} found\n")
