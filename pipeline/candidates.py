"""Names that the archive proposes for the list, and the votes of people on them: for the command and for the page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gazetteer.block import GazetteerError
from gazetteer.compare import Text
from gazetteer.discovery import Proposal, find_proposals, is_personal
from gazetteer.fold import fold
from gazetteer.own import open_with_own, read_with_own
from gazetteer.show import find_entity
from pipeline.records import Document, Stop
from pipeline.store import Store
from pipeline.store.candidates import Standing, Vote

KINDS = ("organization", "armed-unit", "media-outlet", "publication", "platform", "government-body", "research-source")
SETS = ("documents", "sources", "languages")


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one person says of one proposed name."""

    name: str
    verdict: str
    reviewer: str
    kind: str = "organization"
    same_as: str = ""
    note: str = ""


def find(docs: Iterable[Document], *, at_least: int = 2, lists: Sequence[Path] = ()) -> list[Proposal]:
    """Unknown organisations that recur in these documents; what is in the own lists is known."""
    texts = (Text(doc.id, doc.text, doc.language, doc.source) for doc in docs if doc.flagged)
    return find_proposals(texts, open_with_own(lists), at_least)


def vote(store: Store, proposals: Sequence[Proposal], ballot: Ballot, *, lists: Sequence[Path] = ()) -> Standing:
    """Save a vote on a proposed name; raises Stop saying why it cannot be, and never accepts a person."""
    proposal = next((item for item in proposals if fold(item.name) == fold(ballot.name)), None)
    if proposal is None:
        known = ", ".join(f"'{item.name}'" for item in proposals[:8]) or "nothing"
        raise Stop(
            f"'{ballot.name}' is not proposed from this archive (proposed: {known}); 'xabar gazetteer candidates' shows them"
        )
    kind = _check_kind(ballot, lists)
    _check_account(store, ballot.reviewer)
    evidence = json.dumps({key: sorted(getattr(proposal, key)) for key in SETS}, ensure_ascii=False)
    name = fold(proposal.name)
    row = (ballot.reviewer, ballot.verdict, kind, ballot.same_as, evidence, ballot.note)
    store.candidates.vote(Vote(0, name, proposal.name, *row, ""))
    return store.candidates.standing(name)


def _check_kind(ballot: Ballot, lists: Sequence[Path]) -> str:
    if ballot.kind == "person" or is_personal(ballot.name):
        raise Stop(
            "persons are never proposed and never accepted here; a person of public role enters by a reviewed change of the data"
        )
    if ballot.kind not in KINDS:
        raise Stop(f"kind '{ballot.kind}' is unknown (known: {', '.join(KINDS)})")
    if not ballot.same_as:
        return ballot.kind
    try:
        entity = find_entity(ballot.same_as, read_with_own(lists))
    except GazetteerError as error:
        raise Stop(str(error)) from error
    if entity.kind == "person":
        raise Stop(f"'{ballot.same_as}' is a person: spellings of persons are never proposed")
    return entity.kind


def _check_account(store: Store, reviewer: str) -> None:
    """Where people have accounts, only an active one may vote: two names must be two people."""
    if not store.accounts.exist():
        return
    user = store.accounts.get(reviewer.strip())
    if user is None or not user.active or user.role == "reader":
        raise Stop(f"reviewer {reviewer!r} has no active account of an analyst; 'xabar users list' names them")
