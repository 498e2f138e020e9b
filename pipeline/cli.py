"""The commands, each a few lines: what they do is one import away."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import __version__, gazetteer_commands, source_commands, users_commands
from pipeline.archive_commands import register as register_archive
from pipeline.custody_commands import register as register_custody
from pipeline.export_commands import register as register_export
from pipeline.gate_commands import register as register_gate
from pipeline.import_commands import register as register_import
from pipeline.models_commands import register as register_models
from pipeline.names_commands import register as register_names
from pipeline.records import Document, Outcome, Stop
from pipeline.source_commands import CATALOGUE, Sources
from pipeline.update_commands import register as register_update

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(
    no_args_is_help=True, help="The models: which are installed, and how to retrain, compare, promote and take back."
)
for name, part in (
    ("sources", source_commands.app),
    ("gazetteer", gazetteer_commands.app),
    ("models", models_app),
    ("users", users_commands.app),
):
    app.add_typer(part, name=name)

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Source ids; none means all.")]
Limit = Annotated[int | None, typer.Option(min=1, help="At most N articles per source.")]
Retry = Annotated[bool, typer.Option("--retry", help="Also try the quarantined pages again.")]
Again = Annotated[bool, typer.Option("--again", help="Analyse every page anew, after a change of names or models.")]
Cascade = Annotated[bool, typer.Option(help="Let cheap stages decide which documents the encoder reads; without, it reads all.")]
Jobs = Annotated[
    int | None, typer.Option(min=0, help="So many processes analyse; 0 means one for each core. Default: [run] jobs.")
]
Texts = Annotated[list[Path] | None, typer.Argument(metavar="[FILE|-]...", help="JSONL; '-' or nothing is standard input.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="HTML or PDF files.")]
DEFAULT_DB = Path("xabar.db")
ALL_STAGES = "language,gazetteer,entities,classify"


def main() -> None:
    """Entry point: every expected failure is one readable line and an exit status (0 done, 1 some failed, 2 wrong use)."""
    try:
        app()
    except Stop as error:
        print(f"xabar: {error}", file=sys.stderr)
        sys.exit(2)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"xabar {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")]


@app.callback()
def _options(version: Version = False) -> None:
    """Watch public news for extremism-related items about Central Asia, and put the evidence before an analyst."""


@app.command()
def crawl(
    names: Names = None,
    sources: Sources = CATALOGUE,
    limit: Limit = None,
    due: Annotated[bool, typer.Option("--due", help="Only the sources whose time has come.")] = False,
    db: Db = DEFAULT_DB,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch what is new at the sources. Ends with a summary per source; status 1 if anything failed or was left."""
    from pipeline.config import load_config
    from pipeline.crawl import check_contact, choose_sources
    from pipeline.crawl import crawl as crawl_all
    from pipeline.custody.state import record_state
    from pipeline.health.judge import judge
    from pipeline.report import crawl_rows, print_crawl, print_dropped, show_crawl
    from pipeline.schedule import find_due
    from pipeline.store import Store

    settings, chosen = load_config(config), choose_sources(sources, names or [])
    check_contact(chosen, settings)
    with Store.open(db, create=True) as store, store.ledger.run("crawl") as summary:
        record_state(store, settings)
        waiting = find_due(store, chosen, datetime.now(UTC)) if due else dict.fromkeys(chosen, "")
        chosen = {name: chosen[name] for name in waiting}
        rows = crawl_rows(crawl_all(store, chosen, settings, limit=limit, show=show_crawl))
        summary["sources"] = rows
        judge(store, chosen.values())
        dropped = sorted(store.gate.paused())
    if as_json:
        _print_json(rows)
    else:
        print_crawl(rows)
        print_dropped(dropped)
    raise typer.Exit(1 if any(row["failed"] or not row["finished"] for row in rows) else 0)


@app.command()
def run(
    retry: Retry = False,
    again: Again = False,
    cascade: Cascade = True,
    jobs: Jobs = None,
    db: Db = DEFAULT_DB,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Analyse the pages that have no outcome yet. Status 1 if a page had to be quarantined."""
    from pipeline.config import load_config, make_priority
    from pipeline.crew import count_jobs
    from pipeline.custody.state import record_state
    from pipeline.report import print_outcomes
    from pipeline.run import run as run_all
    from pipeline.store import Store

    settings = load_config(config)
    counts: Counter[str] = Counter()
    with Store.open(db) as store, store.ledger.run("run") as summary:
        record_state(store, settings)
        total = store.pages.count_pending(retry=retry, again=again)
        priority = make_priority(settings.score)
        batches = run_all(
            store,
            flag_at=settings.score.flag_at,
            batch_size=settings.run.batch_size,
            retry=retry,
            again=again,
            cascade=cascade and settings.run.cascade,
            persons=settings.store.persons,
            priority=priority,
            lists=settings.gazetteer.paths,
            jobs=count_jobs(settings.run.jobs if jobs is None else jobs, total),
        )
        for outcomes in _show_progress(batches, total):
            counts.update(_kinds(outcomes))
        summary |= counts
        broken, dropped = store.documents.quarantined(), sorted(store.gate.paused())
    _print_json(dict(counts)) if as_json else print_outcomes(counts, broken, dropped)
    raise typer.Exit(1 if counts["quarantined"] else 0)


@app.command()
def scan(
    files: Texts = None,
    stages: Annotated[str, typer.Option(help="Which stages to run.")] = ALL_STAGES,
    cascade: Cascade = True,
    config: ConfigFile = None,
) -> None:
    """Screen texts without storing anything: JSONL {"id", "text", ...} in, JSONL with the findings out, same order."""
    from pipeline.config import load_config, make_priority
    from pipeline.scan import dump, make_scan_stages
    from pipeline.scan import scan as scan_lines

    settings, wanted = load_config(config), [name.strip() for name in stages.split(",") if name.strip()]
    priority = make_priority(settings.score)
    lists, full = settings.gazetteer.paths, cascade and settings.run.cascade
    chosen = make_scan_stages(wanted, settings.score.flag_at, priority, cascade=full, lists=lists)
    failed = False
    for path in files or [Path("-")]:
        with _open_lines(path) as lines:
            for row in scan_lines(lines, chosen):
                failed = failed or "error" in row
                print(dump(row), flush=True)
    raise typer.Exit(1 if failed else 0)


@app.command()
def extract(files: Files) -> None:
    """Read files: JSONL {"path", "title", "text", "published", "published_source", "language"}, or {"path", "error"}."""
    from pipeline.read import read_files
    from pipeline.scan import dump

    failed = False
    for row in read_files(files):
        failed = failed or "error" in row
        print(dump(row), flush=True)
    raise typer.Exit(1 if failed else 0)


@app.command()
def review(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default: 8000).")] = None,
    reviewer: Annotated[str | None, typer.Option(help="Your name, written beside your decisions.")] = None,
    order: Annotated[str, typer.Option(help="The queue that the address opens: score, uncertain, newest or random.")] = "score",
    db: Db = DEFAULT_DB,
    config: ConfigFile = None,
) -> None:
    """Open the review page: the queue, each item with its evidence, and your decisions."""
    from pipeline.config import load_config
    from pipeline.entities import use_lists
    from pipeline.review.server import name_page, serve

    everything, page = load_config(config), name_page(order)
    use_lists(everything.gazetteer.paths)
    settings = everything.review
    serve(
        db,
        host or settings.host,
        settings.port if port is None else port,
        reviewer=reviewer,
        settings=settings,
        on_ready=lambda url: print(f"review page: {url}{page}   (Ctrl-C ends it)", flush=True),
    )


register_update(app)
register_import(app)
register_custody(app)
register_export(app)
register_archive(app)
register_names(models_app)
register_gate(source_commands.app)


@app.command()
def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Open the review page at the end.")] = True,
    port: Annotated[int, typer.Option(help="Port of the review page.")] = 8000,
    newsroom_port: Annotated[int, typer.Option(help="Port of the invented news sites; another one means new addresses.")] = 8700,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo keeps its database.")] = Path("demo"),
) -> None:
    """Crawl the bundled newsroom on loopback, analyse it and open the review page. Everything in it is invented."""
    from pipeline.demo.tour import show_demo

    show_demo(folder, port=port, newsroom_port=newsroom_port, serve_page=serve)


register_models(models_app)


def _kinds(outcomes: Sequence[Outcome]) -> Iterable[str]:
    for outcome in outcomes:
        yield type(outcome).__name__.lower()
        if isinstance(outcome, Document) and outcome.flagged:
            yield "flagged"


def _show_progress(batches: Iterable[Sequence[Outcome]], total: int) -> Iterable[Sequence[Outcome]]:
    """A bar on a terminal, a plain line per tenth elsewhere; on standard error, so that --json stays clean."""
    if sys.stderr.isatty():
        with typer.progressbar(length=total, label="analysing", file=sys.stderr) as bar:
            for batch in batches:
                yield batch
                bar.update(len(batch))
        return
    done = shown = 0
    for batch in batches:
        yield batch
        done += len(batch)
        if done * 10 // total > shown:
            shown = done * 10 // total
            print(f"analysed {done} of {total} pages", file=sys.stderr, flush=True)


def _open_lines(path: Path) -> Any:
    from contextlib import nullcontext

    if str(path) == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return path.open("rb")
    except OSError as error:
        raise Stop(f"{path}: cannot be read ({error.strerror}); give a JSONL file, or '-' for standard input") from error


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
