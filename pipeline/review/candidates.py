"""The page of new names: what the archive proposes for the name list; two different people accept one, one refuses."""

from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from gazetteer.discovery import Proposal, find_similar
from gazetteer.fold import fold
from gazetteer.own import match_known
from pipeline.candidates import Ballot, find, vote
from pipeline.records import Stop
from pipeline.review.endpoint import Endpoint
from pipeline.review.visit import Visit
from pipeline.store.candidates import NEW, Standing

NEWEST = 500  # flagged items that are read for names: a page must not wait for the whole archive
OPEN = ("new", "waiting")


class Row(NamedTuple):
    """One name with its votes; `like` is an entity whose spelling it may be."""

    proposal: Proposal
    standing: Standing
    like: str

    @property
    def voters(self) -> dict[str, str]:
        """What each person says now."""
        return {item.reviewer: item.verdict for item in self.standing.votes}


def show_candidates(visit: Visit) -> Response:
    """GET /candidates: names that recur in flagged items and are not in the list, with counts, sources and snippets."""
    standings, matcher = visit.store.candidates.all(), match_known()
    rows = [Row(item, standings.get(fold(item.name), NEW), find_similar(item, matcher)) for item in _find(visit)]
    shows_all = visit.request.query_params.get("show") == "all"
    shown = [row for row in rows if shows_all or row.standing.state in OPEN]
    return visit.render("candidates.html", rows=shown, settled=len(rows) - len(shown), shows_all=shows_all, newest=NEWEST)


def answer_candidate(visit: Visit) -> Response:
    """POST /candidates: accept or refuse one name under one's own name."""
    fields = {name: " ".join(visit.form.get(name, "").split())[:200] for name in ("name", "verdict", "kind", "same_as", "note")}
    if not visit.visitor.name:
        raise HTTPException(400, "A vote needs your name: decide on one item first, or sign in. Nothing was saved.")
    if not fields["name"] or fields["verdict"] not in ("accept", "refuse"):
        raise HTTPException(400, "A name is accepted or refused. Nothing was saved.")
    ballot = Ballot(reviewer=visit.visitor.name, **(fields | {"kind": fields["kind"] or "organization"}))
    try:
        vote(visit.store, _find(visit), ballot)
    except Stop as error:
        raise HTTPException(400, visit.say("Nothing was saved: %(reason)s.", reason=str(error))) from error
    return RedirectResponse("/candidates", status_code=303)


def _find(visit: Visit) -> list[Proposal]:
    """The proposals of the newest flagged items, read again only when others have come."""
    ids = [id_ for id_, _ in visit.store.queue.documents({"flagged": True}, newest=NEWEST)]
    state = visit.request.app.state
    known: tuple[list[str], list[Proposal]] | None = getattr(state, "candidates", None)
    if known is None or known[0] != ids:
        docs = (doc for id_ in ids if (doc := visit.store.documents.load(id_)))
        known = state.candidates = (ids, find(docs))
    return known[1]


ENDPOINTS = (
    Endpoint("/candidates", show_candidates, "analyst"),
    Endpoint("/candidates", answer_candidate, "analyst", post=True),
)
