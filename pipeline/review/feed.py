"""Feeds of saved filters: an address that a feed reader can ask without signing in. The address is the key: whoever has it reads
titles and findings of that filter, no texts, until its owner ends it or loses the account."""

import io
from hashlib import sha256

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from pipeline.export.write import Order, write_to
from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import read_filter
from pipeline.review.listing import find_choices, read_query
from pipeline.review.visit import Visit
from pipeline.store.notebook import SavedFilter

NEWEST = 100  # documents in a feed


def make_feed(visit: Visit) -> Response:
    """POST /filters/<number>/feed: a new address, shown this once; an earlier one ends."""
    number = _read_number(visit)
    token = visit.store.notebook.make_feed(visit.visitor.name, number)
    saved = visit.store.notebook.filter(number)
    if token is None or saved is None:
        raise HTTPException(404, "There is no saved filter of yours with this number. Nothing was changed.")
    visit.record("feed", {"filter": saved.name, "query": saved.query})
    base = visit.request.app.state.settings.public_url.rstrip("/") or str(visit.request.base_url).rstrip("/")
    return visit.render("feed.html", saved=saved, url=f"{base}/feeds/{token}")


def end_feed(visit: Visit) -> Response:
    """POST /filters/<number>/feed/end"""
    visit.store.notebook.end_feed(visit.visitor.name, _read_number(visit))
    visit.record("feed end", {"filter": _read_number(visit)})
    return RedirectResponse("/", status_code=303)


def read_feed(visit: Visit) -> Response:
    """GET /feeds/<token>: Atom; not sent again while nothing changed."""
    saved = visit.store.notebook.feed(visit.request.path_params["token"])
    if saved is None or not _may_read(visit, saved):
        raise HTTPException(404, "There is no feed at this address, or its owner has ended it.")
    chosen, _ = read_filter(read_query(saved.query), find_choices(visit.store.queue, visit.store.queue.sources()))
    reader = saved.owner if visit.store.accounts.exist() else ""
    order = Order("atom", chosen.for_store(reader), title=f"xabar: {saved.name}", newest=NEWEST)
    stream = io.BytesIO()
    count = write_to(visit.store, order, stream)
    tag = f'"{sha256(stream.getvalue()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    visit.store.ledger.record("export", order.describe("feed") | {"documents": count}, by=saved.owner)
    return Response(stream.getvalue(), media_type="application/atom+xml", headers=headers)


def _may_read(visit: Visit, saved: SavedFilter) -> bool:
    if not visit.store.accounts.exist():
        return bool(visit.request.app.state.may_be_alone)
    owner = visit.store.accounts.get(saved.owner)
    return owner is not None and owner.active


def _read_number(visit: Visit) -> int:
    number = visit.request.path_params["number"]
    return int(number[:18]) if number.isdecimal() else 0


ENDPOINTS = (
    Endpoint("/filters/{number}/feed", make_feed, "reader", post=True),
    Endpoint("/filters/{number}/feed/end", end_feed, "reader", post=True),
    Endpoint("/feeds/{token}", read_feed, ""),
)
