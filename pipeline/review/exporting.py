"""The export page: a filter, a format, and what may leave; large exports, texts and private persons need a second person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from tempfile import TemporaryFile
from typing import IO, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from pipeline.export.write import FORMATS, Order, write_to
from pipeline.records import Stop
from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import Filter, describe, read_filter
from pipeline.review.listing import find_choices, read_query
from pipeline.review.visit import Visit
from pipeline.store.requests import Request

GRANTED_HOURS = 24  # a grant is for now, not for good
GROWN = 1.1  # and for as many documents as were asked for, and a tenth more
KIND = "export"
CHUNK_BYTES = 1 << 16
MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "jsonl": "application/jsonl", "atom": "application/atom+xml"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to export: the queue's filter, the format, and whether texts and private persons leave with it."""

    chosen: Filter
    kind: str
    bodies: bool
    persons: bool

    def order(self, reader: str) -> Order:
        """The same for the writers of formats; `reader` is whose export it is."""
        title = f"xabar{self.chosen.query()}"
        return Order(self.kind, self.chosen.for_store(reader), self.bodies, self.persons, title)

    def subject(self) -> dict[str, Any]:
        """What a second person is asked about."""
        return {"format": self.kind, "filter": self.chosen.query(), "bodies": self.bodies, "persons": self.persons}


def show_export(visit: Visit) -> Response:
    """GET /export: the filter of the address, how many documents it leaves, and the formats."""
    store, sources = visit.store, visit.store.queue.sources()
    chosen, ignored = read_filter(visit.request.query_params, find_choices(store.queue, sources), visit.say)
    return visit.render(
        "export.html",
        chosen=chosen,
        ignored=ignored,
        chips=describe(chosen, {id_: source["name"] for id_, source in sources.items()}, visit.say),
        count=store.queue.count_documents(chosen.for_store(visit.reader)),
        formats=FORMATS,
        has_parquet=find_spec("pyarrow") is not None,
    )


def export(visit: Visit) -> Response:
    """POST /export: the file, or the request to a second person."""
    wish = _read_wish(visit)
    order, nothing = wish.order(visit.reader), visit.say("Nothing was exported.")
    try:
        chosen = order.check()
    except Stop as error:
        raise HTTPException(400, f"{error}. {nothing}") from error
    count = visit.store.queue.count_documents(order.filters)
    grant = find_grant(visit, wish, count)
    if grant is None and needs_second(visit, wish, count):
        visit.store.requests.ask(KIND, wish.subject() | {"documents": count}, visit.visitor.name)
        return RedirectResponse("/requests?asked=1", status_code=303)
    to = f"xabar-{datetime.now(UTC):%Y-%m-%d}.{chosen.ending}"
    visit.record("export", order.describe(to) | {"documents": count, "request": grant.id if grant else None})
    stream = TemporaryFile()  # noqa: SIM115  closed when it is sent
    write_to(visit.store, order, stream)
    media = MEDIA_TYPES.get(chosen.ending, "application/octet-stream")
    return StreamingResponse(_send(stream), media_type=media, headers={"Content-Disposition": f'attachment; filename="{to}"'})


def needs_second(visit: Visit, wish: Wish, count: int) -> bool:
    """Whether another person must grant it: so many documents, or texts or private persons that no lead asks for. Alone there is
    nobody to ask."""
    if visit.visitor.alone:
        return False
    is_large = count > visit.request.app.state.settings.four_eyes_items
    return is_large or ((wish.bodies or wish.persons) and not visit.visitor.may("lead"))


def find_grant(visit: Visit, wish: Wish, count: int) -> Request | None:
    """A grant of the last day for exactly this, and for about as many documents."""
    since = datetime.now(UTC) - timedelta(hours=GRANTED_HOURS)
    for request in visit.store.requests.all(KIND):
        asked = dict(request.subject)
        most = GROWN * asked.pop("documents", 0)
        mine = request.asked_by == visit.visitor.name and request.answer == "granted" and asked == wish.subject()
        if mine and count <= most and datetime.fromisoformat(request.answered_at or "") >= since:
            return request
    return None


def _read_wish(visit: Visit) -> Wish:
    store, form = visit.store, visit.form
    choices = find_choices(store.queue, store.queue.sources())
    chosen, ignored = read_filter(read_query(form.get("query", "")), choices, visit.say)
    if ignored:
        nothing = visit.say("Nothing was exported.")
        raise HTTPException(400, f"{'; '.join(ignored)}. {nothing}")
    kind = form.get("format", "")
    if kind not in FORMATS:
        raise HTTPException(400, visit.say("The format “%(name)s” is unknown. Nothing was exported.", name=kind))
    return Wish(chosen, kind, bool(form.get("bodies")) or FORMATS[kind].of_texts, bool(form.get("persons")))


def _send(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        stream.seek(0)
        while part := stream.read(CHUNK_BYTES):
            yield part


ENDPOINTS = (Endpoint("/export", show_export, "analyst"), Endpoint("/export", export, "analyst", post=True))
