"""The commands of the retraining loop: xabar models train, evaluate, promote, rollback, list, diff. Each a few lines."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipeline.learn.loop import Workshop
    from pipeline.store import Store

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Task = Annotated[str, typer.Option("--task", help="relevance, language or entities.")]
ModelId = Annotated[str, typer.Argument(metavar="ID", help="A model of 'xabar models list'.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="A folder of further labelled texts (train/relevance.*.jsonl); not stored.")
]
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make these commands part of `xabar models`."""
    app.command("list")(list_models)
    for command in (train, evaluate, promote, rollback, diff, sample, encoder):
        app.command()(command)


def list_models(db: Db = DEFAULT_DB, as_json: AsJson = False) -> None:
    """Which model does what, its version and its card; and the retrained ones of this database."""
    from models.registry import describe
    from pipeline.learn.catalogue import list_trained

    shipped, trained = describe(), list_trained(db)
    if as_json:
        _print_json({"shipped": [list(row) for row in shipped], "trained": trained})
        return
    typer.echo("\n".join("  ".join(map(str, row)) for row in shipped))
    for row in trained:
        typer.echo("  ".join([row["id"], row["task"], row["made_at"], f"from {row['base']}", row["state"]]))


def train(
    task: Task = "relevance",
    seed: Annotated[int, typer.Option(help="Another seed, another split of folds and draws.")] = 7,
    data: Data = None,
    encoder: Annotated[bool, typer.Option("--encoder/--no-encoder", help="Learn the wording too; or the evidence alone.")] = True,
    db: Db = DEFAULT_DB,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model from decisions, corrections and the shipped texts. It changes nothing until it is promoted."""
    _use_one_thread()
    from pipeline.config import load_config
    from pipeline.learn.loop import train as train_model
    from pipeline.learn.tracking import export_run
    from pipeline.store import Store

    settings = load_config(config).models
    with Store.open(db) as store, store.ledger.run("models train") as summary:
        shop = _open_workshop(store, data, encoder=encoder)
        model = train_model(shop, task, seed)
        summary |= {"model": model.id, "task": task}
        export_run(settings.mlflow_uri, model, shop.folder / model.id)
    _end_progress()
    if as_json:
        _print_json(model.manifest)
    else:
        counts = ", ".join(f"{name} {count}" for name, count in model.manifest["data"]["items"].items())
        typer.echo(f"{model.id}: trained on {counts}\nnext: xabar models evaluate {model.id}")


def evaluate(model: ModelId, data: Data = None, db: Db = DEFAULT_DB, as_json: AsJson = False) -> None:
    """Compare a model with the live one on the same frozen items: tables, an HTML report, what speaks against it."""
    _use_one_thread()
    from pipeline.learn.loop import REPORT
    from pipeline.learn.loop import evaluate as evaluate_model
    from pipeline.report import print_table
    from pipeline.store import Store

    with Store.open(db) as store:
        shop = _open_workshop(store, data)
        report = evaluate_model(shop, model)
        page = shop.folder / model / REPORT
    _end_progress()
    if as_json:
        _print_json(report)
        return
    print_table(("language", "texts", "figure", "live", "new", "change", "95 % interval"), _figure_rows(report))
    typer.echo("\n".join(f"against: {reason}" for reason in report["objections"]) or "nothing speaks against it")
    typer.echo(f"report: {page}")


def promote(model: ModelId, data: Data = None, db: Db = DEFAULT_DB, as_json: AsJson = False) -> None:
    """Make a model live, unless a language, a class of negatives or fairness got worse. Status 1 if it is refused."""
    _use_one_thread()
    from pipeline.learn.loop import promote as promote_model
    from pipeline.store import Store

    with Store.open(db) as store:
        objections = promote_model(_open_workshop(store, data), model)
    _end_progress()
    if as_json:
        _print_json({"model": model, "promoted": not objections, "reasons": objections})
    else:
        typer.echo(
            "\n".join([f"{model} is refused:", *objections]) if objections else f"{model} is live; 'xabar run' uses it now"
        )
    raise typer.Exit(1 if objections else 0)


def rollback(task: Task = "relevance", db: Db = DEFAULT_DB, as_json: AsJson = False) -> None:
    """Go back to the model that was live before the last promotion."""
    from pipeline.learn.loop import rollback as roll_back
    from pipeline.store import Store

    with Store.open(db) as store:
        before, after = roll_back(store, task)
    _print_json({"task": task, "before": before, "live": after}) if as_json else typer.echo(f"{task}: {after} is live again")


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="A model id, or 'shipped'.")],
    other: Annotated[str, typer.Argument(metavar="B", help="A model id, or 'shipped'.")],
    limit: Annotated[int, typer.Option(min=1, help="At most N items.")] = 50,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> None:
    """The stored documents that A and B judge differently, the biggest change first, for a human to read."""
    _use_one_thread()
    from pipeline.learn.catalogue import find_differences
    from pipeline.store import Store

    with Store.open(db) as store:
        rows = find_differences(store, one, other, _show)
    _end_progress()
    if as_json:
        _print_json(rows[:limit])
        return
    for row in rows[:limit]:
        typer.echo(f"{row['id']}  {row['language']}  {row['before']} -> {row['after']}  {row['title']}\n    {row['why']}")
    typer.echo(f"{len(rows)} verdicts differ")


def sample(
    size: Annotated[int, typer.Option(min=1, help="How many items.")] = 50,
    seed: Annotated[int, typer.Option(help="Another seed, another draw.")] = 7,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> None:
    """Items to decide on next: top ones, uncertain ones and random ones, which tell 'xabar status' how many are missed."""
    from dataclasses import asdict

    from pipeline.store import Store

    with Store.open(db) as store:
        drawn = store.sample.draw(size, seed)
    if as_json:
        _print_json([asdict(one) for one in drawn])
    else:
        typer.echo("\n".join(f"{one.document_id}  {one.why}" for one in drawn) or "nothing is left to decide on")


def encoder(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="A model of the hub, such as xlm-roberta-base, or a folder.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for it and all that stands on it.")],
    data: Data = None,
) -> None:
    """Use another encoder: fetch it, fit the heads on it; needs torch. XABAR_ENCODER=FOLDER makes every command use it."""
    from models.encoder.encode import BrokenModel
    from pipeline.learn.port import port
    from pipeline.records import Stop

    try:
        made = port(name, folder, _show, data=data)
    except BrokenModel as error:
        raise Stop(str(error)) from error
    _end_progress()
    typer.echo(f"{made.name} and what stands on it are in {folder}; XABAR_ENCODER={folder} uses them")


def _open_workshop(store: "Store", data: Path | None, *, encoder: bool = True) -> "Workshop":
    from pipeline.learn.loop import Workshop, open_states

    return Workshop(store, _show, data=data, states=open_states() if encoder else None)


def _use_one_thread() -> None:
    # Small matrices: a second thread waits more than it works (25 times slower beside another busy process). Before numpy.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _figure_rows(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            language,
            row["texts"],
            name,
            f"{figure['live']:.3f}",
            f"{figure['candidate']:.3f}",
            f"{figure['change']:+.3f}",
            f"{figure['change_interval'][0]:+.3f} to {figure['change_interval'][1]:+.3f}",
        )
        for language, row in report["languages"].items()
        for name, figure in row.items()
        if isinstance(figure, dict) and "change" in figure
    ]


def _show(what: str, done: int, total: int) -> None:
    """How far it is: one line that is written over on a terminal, a line per tenth elsewhere; on standard error."""
    if sys.stderr.isatty():
        filled = 24 * done // max(total, 1)
        typer.echo(f"\r\x1b[K{what:24} [{'#' * filled}{' ' * (24 - filled)}] {done}/{total}", nl=False, err=True)
    elif done == total or (total >= 10 and done % (total // 10) == 0 and done):
        typer.echo(f"{what}: {done} of {total}", err=True)


def _end_progress() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
