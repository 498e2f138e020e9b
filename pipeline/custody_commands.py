"""The commands of custody: verify, backup, retention, erase, timestamp. What they do is one import away."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file with the settings that you change.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DEFAULT_DB = Path("xabar.db")
PATIENCE_SECONDS = 600.0  # for a backup or another removal to end


def register(app: typer.Typer) -> None:
    """Make these commands part of `xabar`."""
    for command in (verify, backup, retention, erase, timestamp):
        app.command()(command)


def verify(
    db: Db = DEFAULT_DB,
    bundle: Annotated[Path | None, typer.Option(help="Verify this custody bundle instead; needs no database.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare database, WARC files and audit with what was written, and name what differs. Status 1 if anything does."""
    from pipeline.custody.bundle import check_bundle
    from pipeline.custody.inspection import inspect_archive

    if bundle is not None:
        damage, head = check_bundle(bundle)
        _report(damage, [], f"{bundle}: the bundle is whole; its audit ends with row {head.id}, {head.sha256}", as_json)
        return
    findings, pages = inspect_archive(db, _tell)
    _report(
        findings.damage,
        findings.notes,
        f"{pages} pages, their outcomes, the decisions and the audit are as they were written; "
        f"the audit ends with row {findings.head.id}, {findings.head.sha256}",
        as_json,
        pages=pages,
    )


def backup(
    dest: Annotated[Path, typer.Argument(metavar="DEST", help="A folder that does not exist yet, or is empty.")],
    verify_copy: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the copy at the end.")] = True,
    link: Annotated[
        bool, typer.Option("--link", help="Hard-link the WARC files: quick, but the same bytes on the same disk.")
    ] = False,
    db: Db = DEFAULT_DB,
    as_json: AsJson = False,
) -> None:
    """Copy database and WARC files while the other commands go on. To restore, open the copy with --db."""
    from pipeline.custody.backup import make_backup
    from pipeline.custody.inspection import inspect_archive
    from pipeline.store import Store

    with Store.open(db) as store:
        copy, damage = make_backup(store, dest, link=link, show=_tell, patience_seconds=PATIENCE_SECONDS)
    if verify_copy:
        damage += inspect_archive(copy, _tell)[0].damage
    _report(damage, [], f"{copy}: the backup is complete{' and verified' if verify_copy else ''}", as_json, copy=str(copy))


def retention(
    days: Annotated[int | None, typer.Option(min=0, max=36_500, help="Instead of [retention] days; 0 drops nothing.")] = None,
    db: Db = DEFAULT_DB,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Drop the bodies of old items that nobody flagged or decided on; tombstones stay, and 'xabar verify' stays clean."""
    from pipeline.config import load_config
    from pipeline.custody.removal import apply_retention
    from pipeline.store import Store

    limit = load_config(config).retention.days if days is None else days
    with Store.open(db) as store, store.ledger.run("retention") as summary:
        dropped = apply_retention(store, limit, _tell, patience_seconds=PATIENCE_SECONDS)
        summary |= {"days": limit, "dropped": dropped}
    line = f"{summary['dropped']} bodies dropped, of items older than {limit} days" if limit else "nothing is dropped: 0 days"
    typer.echo(json.dumps(summary) if as_json else line)


def erase(
    what: Annotated[str, typer.Argument(metavar="URL|ID", help="The address or the id of an article; every version goes.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit: a reference to the request, without names.")],
    db: Db = DEFAULT_DB,
) -> None:
    """Erase an article on request: a tombstone and a salted hash of its address stay, so that it is never fetched again."""
    from pipeline.custody.removal import erase as erase_pages
    from pipeline.store import Store

    with Store.open(db) as store:
        count, copies = erase_pages(store, what, reason, patience_seconds=PATIENCE_SECONDS)
    versions = "1 version" if count == 1 else f"{count} versions"
    typer.echo(f"erased, in {versions}; backups, exports and bundles that were made before hold it still")
    for url in copies:
        typer.echo(f"another report of the same story stays: {url}")


def timestamp(
    authority: Annotated[str | None, typer.Option(metavar="URL", help="The time-stamping authority that is asked.")] = None,
    root: Annotated[Path | None, typer.Option(metavar="PEM", help="Check all stamps against this root certificate.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Have an outside authority stamp the head of the audit (RFC 3161), or check the stamps; needs the extra `timestamp`."""
    from pipeline.custody.timestamp import check_stamps, stamp_head
    from pipeline.records import Stop
    from pipeline.store import Store

    if (authority is None) == (root is None):
        raise Stop("give either --authority URL, to be stamped, or --root PEM, to check the stamps")
    with Store.open(db) as store:
        if authority is not None:
            path, moment = stamp_head(store, authority)
            typer.echo(f"{path}: stamped, {moment.isoformat()}")
        elif root is not None:
            damage, good = check_stamps(store, root)
            _report([*good, *damage] if damage else [], [], "\n".join(good) or "there are no stamps", False)


def _report(damage: list[str], notes: list[str], fine: str, as_json: bool, **facts: object) -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", nl=False, err=True)
    if as_json:
        typer.echo(json.dumps({**facts, "damage": damage, "notes": notes}, ensure_ascii=False, indent=2))
    else:
        for note in notes:
            typer.echo(f"note: {note}", err=True)
        typer.echo("\n".join(damage) or fine)
    raise typer.Exit(1 if damage else 0)


def _tell(line: str) -> None:
    """Where long work stands: written over on a terminal, a line each time elsewhere; on standard error."""
    terminal = sys.stderr.isatty()
    typer.echo(f"\r\x1b[K{line}" if terminal else line, nl=not terminal, err=True)
