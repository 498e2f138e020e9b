"""The commands for accounts of the review page: `xabar users add|change|list`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.records import Stop

app = typer.Typer(no_args_is_help=True, help="Accounts of the review page: add, change, list.")

Db = Annotated[Path, typer.Option("--db", help="The SQLite database.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As it stands beside decisions; at most 80 characters.")]
Role = Annotated[str, typer.Option(help="reader (looks), analyst (decides), lead (adjudicates, grants), admin.")]
NoPassword = Annotated[bool, typer.Option("--no-password", help="Only the reverse proxy signs this user in.")]
DEFAULT_DB = Path("xabar.db")


@app.command()
def add(name: Name, role: Role = "analyst", no_password: NoPassword = False, db: Db = DEFAULT_DB) -> None:
    """Make an account. The password is asked for, or read from standard input. From the first account on everybody signs in."""
    from pipeline.review.password import hash_password
    from pipeline.store import Store

    with Store.open(db, create=True) as store:
        store.accounts.add(_check_name(name), role, None if no_password else hash_password(_ask_password()))
    typer.echo(f"{name} can sign in as {role}", err=True)


@app.command()
def change(
    name: Name,
    role: Annotated[str | None, typer.Option(help="The new role.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    active: Annotated[bool | None, typer.Option("--on/--off", help="Let the user in again, or no longer.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Change role or password, or shut an account; what the user decided stays. Open sessions of the user end."""
    from pipeline.review.password import hash_password
    from pipeline.store import Store

    if role is None and active is None and not password:
        raise Stop("nothing to change: give --role ROLE, --password, --on or --off")
    with Store.open(db) as store:
        store.accounts.change(name, role=role, password=hash_password(_ask_password()) if password else None, active=active)
    typer.echo(f"{name} was changed", err=True)


@app.command("list")
def list_users(
    db: Db = DEFAULT_DB, as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False
) -> None:
    """Every account with its role and how it signs in."""
    from pipeline.store import Store

    with Store.open(db) as store:
        users = store.accounts.all()
    rows = [
        {"name": u.name, "role": u.role, "signs_in": "password" if u.password else "reverse proxy", "active": u.active}
        for u in users
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows or [{"name": "no accounts: the review page is open to whoever uses this machine"}]:
        typer.echo(
            "  ".join(str(value) for value in row.values() if not isinstance(value, bool))
            + ("" if row.get("active", True) else "  shut")
        )


def _check_name(name: str) -> str:
    from pipeline.review.security import clean_name

    if not name or clean_name(name) != name:
        raise Stop(f"user {name!r}: a name is one line of at most 80 visible characters")
    return name


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
