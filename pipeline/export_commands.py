"""`xabar export`: chosen documents in the format of another tool, or one with its evidence. It is all in the audit."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipeline.export.write import Order
    from pipeline.review.filter import Filter
    from pipeline.store import Store

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
KINDS = "jsonl, csv, parquet, stix, misp, label-studio, doccano, prodigy, spacy or atom."
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make this command part of `xabar`."""
    app.command()(export)


def export(
    kind: Annotated[str, typer.Option("--format", help=KINDS)] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="File (or folder, for a bundle) to write; must not exist.")] = None,
    language: Annotated[str, typer.Option(help="uz-Latn, uz-Cyrl, tg, ru or en.")] = "",
    source: Annotated[str, typer.Option(help="Only this source (its id).")] = "",
    topic: Annotated[str, typer.Option(help="Only this topic.")] = "",
    organisation: Annotated[str, typer.Option(help="Only documents that name this gazetteer entry (its id).")] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="From this day on (2026-09-22).")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="Until this day.")] = "",
    decision: Annotated[str, typer.Option(help="relevant, not-relevant, unsure, defer, or none.")] = "",
    flagged: Annotated[bool, typer.Option("--flagged", help="Only flagged documents.")] = False,
    decided: Annotated[bool, typer.Option("--decided", help="Only documents with a decision.")] = False,
    query: Annotated[
        str, typer.Option("--filter", metavar="QUERY", help="A queue as the page's address says it: ?language=tg")
    ] = "",
    saved: Annotated[str, typer.Option(metavar="[OWNER:]NAME", help="A filter that somebody saved on the review page.")] = "",
    bodies: Annotated[bool, typer.Option("--bodies", help="Also the texts; the audit says so.")] = False,
    persons: Annotated[bool, typer.Option("--persons", help="Also persons outside the gazetteer; the audit says so.")] = False,
    bundle: Annotated[str | None, typer.Option(metavar="ID", help="The custody bundle of this document.")] = None,
    db: Db = DEFAULT_DB,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file whose [gazetteer] lists count too.")] = None,
) -> None:
    """Write documents in the format of another tool, or one document with all its evidence. Every export is in the audit."""
    from pipeline.config import load_config
    from pipeline.entities import use_lists
    from pipeline.export.write import Order

    use_lists(load_config(config).gazetteer.paths)
    values = {"language": language, "source": source, "topic": topic, "entity": organisation, "since": since, "until": until}
    chosen = {name: value for name, value in (values | {"decision": decision}).items() if value}
    chosen |= {"show": "flagged"} if flagged else {}
    if bundle is not None:
        _bundle(db, bundle, out, bool(chosen or decided or query or saved or bodies or persons))
    else:
        _check(decided and bool(decision), bool(query and saved))
        _write(db, Order(kind, {"verdict": "decided"} if decided else {}, bodies, persons), out, query, saved, chosen)


def _check(two_decisions: bool, two_queues: bool) -> None:
    from pipeline.records import Stop

    if two_decisions or two_queues:
        raise Stop("say either --decided or --decision, and either --filter or --saved")


def _bundle(db: Path, document_id: str, out: Path | None, chosen: bool) -> None:
    from pipeline.custody.bundle import make_bundle
    from pipeline.records import Stop
    from pipeline.store import Store

    if out is None or chosen:
        raise Stop("--bundle ID takes --out FOLDER and no filter, and none of --bodies, --persons")
    with Store.open(db) as store:
        make_bundle(store, document_id, out)
    typer.echo(f"{out}: the bundle of {document_id}; 'xabar verify --bundle {out}' verifies it anywhere", err=True)


def _write(db: Path, order: "Order", out: Path | None, query: str, saved: str, chosen: dict[str, str]) -> None:
    from pipeline.export.write import export as write
    from pipeline.store import Store

    order.check()
    with Store.open(db) as store:
        found, title = _find(store, query, saved, chosen)
        count = write(store, replace(order, filters={**found.for_store(), **order.filters}, title=title), out)
    typer.echo(f"{count} documents exported", err=True)


def _find(store: "Store", query: str, saved: str, chosen: dict[str, str]) -> "tuple[Filter, str]":
    """The filter and its name. Raises Stop for anything that the queue does not know: a wrong filter is a wrong export."""
    from models.relevance.labels import load_labels
    from pipeline.records import Stop
    from pipeline.review.filter import read_filter
    from pipeline.review.listing import find_choices, read_query

    query = _find_saved(store, saved) if saved else query
    start = read_query(query) if query or saved else {"show": "all", "decision": "any"}
    topics = load_labels()["topics"]
    if (topic := chosen.get("topic")) and topic not in topics:
        raise Stop(f"topic {topic!r} is unknown (known: {', '.join(topics)}); nothing was exported")
    found, ignored = read_filter(start | chosen, find_choices(store.queue, store.queue.sources()))
    if ignored:
        raise Stop(f"{'; '.join(ignored)}; nothing was exported")
    return found, f"xabar: {saved.split(':')[-1]}" if saved else f"xabar{found.query()}"


def _find_saved(store: "Store", saved: str) -> str:
    from pipeline.records import Stop

    found = store.notebook.named(saved)
    if len(found) == 1:
        return found[0].query
    names = ", ".join(f"{item.owner}:{item.name}" for item in found or store.notebook.named())
    raise Stop(
        f"--saved {saved!r}: {'several people have it' if found else 'nobody saved that'} (say one of: {names or 'none yet'})"
    )
