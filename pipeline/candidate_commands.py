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

KINDS = ("organization", "armed-unit", "media-outlet", "publication", "platform", "government-body", "research-source")
DEFAULT_DB = Path("xabar.db")
SETS = ("documents", "sources", "languages")


def register(app: typer.Typer) -> None:
    """Make this command part of `xabar gazetteer`."""
    app.command("candidates")(candidates)


def candidates(
    accept: Annotated[
        str | None, typer.Option(metavar="NAME", help="Accept this name; it enters when a second person does.")
    ] = None,
    refuse: Annotated[str | None, typer.Option(metavar="NAME", help="Refuse this name; it leaves the queue.")] = None,
    reviewer: Annotated[str, typer.Option(help="Who says so; two different people must accept.")] = "",
    kind: Annotated[str, typer.Option(help=f"What it names: {', '.join(KINDS)}; never a person.")] = "organization",
    same_as: Annotated[str, typer.Option("--same-as", metavar="ID", help="It is another spelling of this entity.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
    at_least: Annotated[int, typer.Option(min=2, help="In at least so many documents.")] = 2,
    show_all: Annotated[bool, typer.Option("--all", help="Also the accepted and the refused ones.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the accepted ones as entries for gazetteer/data.")] = False,
    db: Annotated[Path, typer.Option("--db", help="The SQLite database.")] = DEFAULT_DB,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Unknown organisations that recur in flagged documents; two people accept one; persons are never proposed."""
    from pipeline.store import Store

    if accept is not None and refuse is not None:
        raise Stop("--accept and --refuse are two votes: give one of them")
    with Store.open(db) as store:
        if as_yaml:
            typer.echo(_render_accepted(store))
            return
        proposals = _find(store, at_least)
        if accept is None and refuse is None:
            _show(store, proposals, show_all, as_json)
            return
        name = accept if accept is not None else refuse or ""
        _vote(store, proposals, name, "accept" if accept is not None else "refuse", reviewer, kind, same_as, note)


def _find(store: "Store", at_least: int) -> "list[Proposal]":
    from gazetteer.compare import Text
    from gazetteer.discovery import find_proposals
    from gazetteer.match import load_matcher

    texts = (Text(doc.id, doc.text, doc.language, doc.source) for doc in store.documents.all() if doc.flagged)
    return find_proposals(texts, load_matcher(), at_least)


def _vote(
    store: "Store", proposals: "Sequence[Proposal]", name: str, verdict: str, reviewer: str, kind: str, same_as: str, note: str
) -> None:
    from gazetteer.fold import fold
    from gazetteer.show import find_entity
    from pipeline.store.candidates import Vote

    proposal = next((item for item in proposals if fold(item.name) == fold(name)), None)
    if proposal is None:
        known = ", ".join(f"'{item.name}'" for item in proposals[:8]) or "nothing"
        raise Stop(f"'{name}' is not proposed from this archive (proposed: {known}); 'xabar gazetteer candidates' shows them")
    from gazetteer.discovery import is_personal

    if kind == "person" or is_personal(name):
        raise Stop(
            "persons are never proposed and never accepted here; a person of public role enters by a reviewed change of the data"
        )
    if kind not in KINDS:
        raise Stop(f"kind '{kind}' is unknown (known: {', '.join(KINDS)})")
    if same_as:
        entity = find_entity(same_as)
        if entity.kind == "person":
            raise Stop(f"'{same_as}' is a person: spellings of persons are never proposed")
        kind = entity.kind
    _check_account(store, reviewer)
    evidence = json.dumps({key: sorted(getattr(proposal, key)) for key in SETS}, ensure_ascii=False)
    store.candidates.vote(Vote(0, fold(proposal.name), proposal.name, reviewer, verdict, kind, same_as, evidence, note, ""))
    typer.echo(_say(proposal.name, store.candidates.standing(fold(proposal.name))))


def _check_account(store: "Store", reviewer: str) -> None:
    """Where people have accounts, only an active one may vote: two names must be two people."""
    if not store.accounts.exist():
        return
    user = store.accounts.get(reviewer.strip())
    if user is None or not user.active or user.role == "reader":
        raise Stop(f"reviewer {reviewer!r} has no active account of an analyst; 'xabar users list' names them")


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
    from gazetteer.match import load_matcher
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
        if similar := find_similar(item, load_matcher()):
            typer.echo(f"    perhaps a spelling of {similar}: then say --same-as {similar}")
        for snippet in item.snippets:
            typer.echo(f"    {snippet}")
    if not rows:
        typer.echo("no unknown name recurs")


def _as_row(item: "Proposal", standing: "Standing") -> dict[str, Any]:
    from gazetteer.discovery import find_similar
    from gazetteer.match import load_matcher

    votes = [{"reviewer": vote.reviewer, "verdict": vote.verdict, "voted_at": vote.voted_at} for vote in standing.votes]
    return (
        asdict(item)
        | {key: sorted(getattr(item, key)) for key in SETS}
        | {"state": standing.state, "votes": votes}
        | {"like": find_similar(item, load_matcher())}
    )


def _render_accepted(store: "Store") -> str:
    """Entries for gazetteer/data, one for each accepted name; a spelling of a known entity as a form to add there."""
    from gazetteer.discovery import Proposal, render_form, render_stub

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
