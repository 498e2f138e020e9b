"""The command `xabar gazetteer candidates`: what the archive proposes, and the two people who accept it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.records import Stop

if TYPE_CHECKING:
    from gazetteer.discovery import Proposal
    from pipeline.store import Store
    from pipeline.store.candidates import Standing

KINDS = "organization, armed-unit, media-outlet, publication, platform, government-body, research-source"
DEFAULT_DB = Path("xabar.db")


def register(app: typer.Typer) -> None:
    """Make this command part of `xabar gazetteer`."""
    app.command("candidates")(candidates)


def candidates(
    accept: Annotated[
        str | None, typer.Option(metavar="NAME", help="Accept this name; it enters when a second person does.")
    ] = None,
    refuse: Annotated[str | None, typer.Option(metavar="NAME", help="Refuse this name; it leaves the queue.")] = None,
    reviewer: Annotated[str, typer.Option(help="Who says so; two different people must accept.")] = "",
    kind: Annotated[str, typer.Option(help=f"What it names: {KINDS}; never a person.")] = "organization",
    same_as: Annotated[str, typer.Option("--same-as", metavar="ID", help="It is another spelling of this entity.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
    at_least: Annotated[int, typer.Option(min=2, help="In at least so many documents.")] = 2,
    show_all: Annotated[bool, typer.Option("--all", help="Also the accepted and the refused ones.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the accepted ones as entries for gazetteer/data.")] = False,
    db: Annotated[Path, typer.Option("--db", help="The SQLite database.")] = DEFAULT_DB,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file whose [gazetteer] lists count too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Unknown organisations that recur in flagged documents; two people accept one; persons are never proposed."""
    from pipeline.candidates import Ballot, find, vote
    from pipeline.config import load_config
    from pipeline.entities import use_lists
    from pipeline.store import Store

    if accept is not None and refuse is not None:
        raise Stop("--accept and --refuse are two votes: give one of them")
    lists = load_config(config).gazetteer.paths
    use_lists(lists)
    with Store.open(db) as store:
        if as_yaml:
            typer.echo(_render_accepted(store))
            return
        proposals = find(store.documents.all(), at_least=at_least, lists=lists)
        if accept is None and refuse is None:
            _show(store, proposals, show_all, as_json)
            return
        name = accept if accept is not None else refuse or ""
        ballot = Ballot(name, "accept" if accept is not None else "refuse", reviewer, kind, same_as, note)
        standing = vote(store, proposals, ballot, lists=lists)
        typer.echo(_say(standing.votes[-1].written, standing))


def _say(name: str, standing: "Standing") -> str:
    who = ", ".join(vote.reviewer for vote in standing.accepting)
    if standing.state == "accepted":
        return f"'{name}': accepted by {who}; 'xabar gazetteer candidates --yaml' prints its entry"
    if standing.state == "waiting":
        return f"'{name}': accepted by {who}, waits for a second person"
    return f"'{name}': refused by {', '.join(vote.reviewer for vote in standing.votes if vote.verdict == 'refuse')}"


def _show(store: "Store", proposals: "Sequence[Proposal]", show_all: bool, as_json: bool) -> None:
    from gazetteer.discovery import find_similar
    from gazetteer.fold import fold
    from gazetteer.own import match_known
    from pipeline.store.candidates import NEW

    standings = store.candidates.all()
    rows = [(item, standings.get(fold(item.name), NEW)) for item in proposals]
    rows = [(item, standing) for item, standing in rows if show_all or standing.state in {"new", "waiting"}]
    if as_json:
        typer.echo(json.dumps([_as_row(item, standing) for item, standing in rows], ensure_ascii=False, indent=2))
        return
    for item, standing in rows:
        typer.echo(f"{item.name}  {len(item.documents)} documents, {', '.join(sorted(item.sources))}; {item.why}")
        if standing.votes:
            typer.echo(f"    {_say(item.name, standing)}")
        if similar := find_similar(item, match_known()):
            typer.echo(f"    perhaps a spelling of {similar}: then say --same-as {similar}")
        for snippet in item.snippets:
            typer.echo(f"    {snippet}")
    if not rows:
        typer.echo("no unknown name recurs")


def _as_row(item: "Proposal", standing: "Standing") -> dict[str, Any]:
    from gazetteer.discovery import find_similar
    from gazetteer.own import match_known
    from pipeline.candidates import SETS

    votes = [{"reviewer": vote.reviewer, "verdict": vote.verdict, "voted_at": vote.voted_at} for vote in standing.votes]
    return (
        asdict(item)
        | {key: sorted(getattr(item, key)) for key in SETS}
        | {"state": standing.state, "votes": votes}
        | {"like": find_similar(item, match_known())}
    )


def _render_accepted(store: "Store") -> str:
    """Entries for gazetteer/data, one for each accepted name; a spelling of a known entity as a form to add there."""
    from gazetteer.discovery import Proposal, render_form, render_stub
    from pipeline.candidates import SETS

    blocks = []
    for standing in store.candidates.all().values():
        if standing.state != "accepted":
            continue
        first, last = standing.accepting[0], standing.accepting[-1]
        by = " and ".join(f"{vote.reviewer} ({vote.voted_at[:10]})" for vote in standing.accepting)
        documents, sources, languages = (set(json.loads(last.evidence)[key]) for key in SETS)
        proposal = Proposal(first.written, "", documents, sources, languages)
        if first.entity_id:
            blocks.append(f"# {first.entity_id}: add the form; accepted by {by}\n{render_form(proposal)}")
        else:
            blocks.append(render_stub(proposal, first.kind, f"proposed by the archive, accepted by {by}"))
    return "\n\n".join(blocks) or "# nothing is accepted yet"
