"""The queue page: what waits for review, in the chosen order, under the filters of the address; and the filters one keeps."""

import shlex
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from pipeline.corrected import list_entities
from pipeline.review.correct import list_labels
from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import Choices, Filter, clean_line, describe, read_filter
from pipeline.review.security import clean_name
from pipeline.review.visit import Visit
from pipeline.review.wording import DECISIONS, LANGUAGES
from pipeline.store import Store
from pipeline.store.queue import COUNT_AT_MOST
from pipeline.store.queue import Queue as StoreQueue

PAGE_ROWS = 50
WAITING_AT_MOST = 200  # beside another filter "200+" says enough


def show_queue(visit: Visit) -> Response:
    """GET /"""
    store, query, reader = visit.store, visit.request.query_params, visit.reader
    sources = store.queue.sources()
    if not sources:
        return visit.render("empty.html", **_explain_emptiness(visit))
    chosen, ignored = read_filter(query, find_choices(store.queue, sources), visit.say)
    found = store.queue.page(chosen.for_store(reader), chosen.page, PAGE_ROWS)
    page, total, rows = found.number, found.total, found.rows
    if page != chosen.page:
        ignored.append(visit.say("page %(asked)s is past the end, this is page %(page)s", asked=chosen.page, page=page))
        chosen = replace(chosen, page=page)
    names = {id_: source["name"] for id_, source in sources.items()}
    return visit.render(
        "queue.html",
        rows=rows,
        hidden={row.id for row in rows if row.verdict and reader and store.opinions.is_hidden(row.id, reader)},
        first=(page - 1) * PAGE_ROWS + 1,
        total=total,
        is_counted=total < COUNT_AT_MOST,
        is_cut=found.is_cut,
        page=page,
        pages=max(1, -(-total // PAGE_ROWS)),
        chosen=chosen,
        ignored=ignored,
        chips=describe(chosen, names, visit.say),
        options=_list_options(store, names, sources),
        waiting=total if chosen.is_default else store.queue.count(Filter().for_store(reader), at_most=WAITING_AT_MOST),
        waiting_at_most=WAITING_AT_MOST,
        decided=last_decision(visit, query.get("decided", "")),
        saved=store.notebook.filters(visit.visitor.name) if visit.visitor.name else [],
        feeds=store.notebook.feeds(visit.visitor.name) if visit.visitor.name else {},
        at_end="end" in query,
        is_demo=is_demo(sources),
    )


def save_filter(visit: Visit) -> Response:
    """POST /filters: keep the queue of the form's `query` under a name."""
    name, owner = clean_name(visit.form.get("name", "")), visit.visitor.name
    if not name or not owner:
        raise HTTPException(400, "A saved filter needs a name, and you need one too: decide on an item first. Nothing was saved.")
    sources = visit.store.queue.sources()
    chosen, _ = read_filter(read_query(visit.form.get("query", "")), find_choices(visit.store.queue, sources))
    visit.store.notebook.save_filter(owner, name, chosen.query())
    return RedirectResponse(f"/{chosen.query()}", status_code=303)


def delete_filter(visit: Visit) -> Response:
    """POST /filters/<number>/delete"""
    number = visit.request.path_params["number"]
    if number.isdecimal():
        visit.store.notebook.delete_filter(visit.visitor.name, int(number[:18]))
    return RedirectResponse("/", status_code=303)


def find_choices(queue: StoreQueue, sources: dict[str, dict[str, str]]) -> Choices:
    """What the filters of the address may be in this database."""
    return Choices(sources, {source["kind"] for source in sources.values() if source["kind"]}, queue.entity_name)


def is_demo(sources: dict[str, dict[str, str]]) -> bool:
    """Whether every source says of itself that it is invented."""
    return bool(sources) and all("invented" in source["note"].lower() for source in sources.values())


def last_decision(visit: Visit, document_id: str) -> dict[str, Any] | None:
    """What was just decided on the item that was left, and what others say of it, read from the store."""
    store, reader = visit.store, visit.visitor.name
    decisions = store.desk.decisions(document_id) if document_id else []
    doc = store.documents.load(document_id) if decisions else None
    if doc is None or store.opinions.is_hidden(document_id, reader):
        return None
    mine = next((d for d in decisions if d.reviewer == reader), decisions[0])
    newest: dict[str, Any] = {}
    for decision in decisions:
        newest.setdefault(decision.reviewer, decision)
    others = [d for d in newest.values() if d.reviewer != mine.reviewer and d.verdict != "withdrawn" and mine.mode != "gold"]
    copies = sum(1 for d in store.desk.batch(mine.id))
    return {"doc": doc, "decision": mine, "others": others, "copies": copies}


def read_query(query: str) -> dict[str, str]:
    """What stands behind an address, forgivingly: with or without the question mark, nothing if it is no query."""
    try:
        return dict(parse_qsl(clean_line(query).removeprefix("?"), keep_blank_values=True, max_num_fields=40))
    except ValueError:
        return {}


def _list_options(store: Store, names: dict[str, str], sources: dict[str, dict[str, str]]) -> dict[str, Any]:
    counts = store.queue.tallies()
    verdicts = counts["verdict"] | {"any": sum(counts["verdict"].values())}
    return {
        "language": [(code, words, counts["route"].get(code, 0)) for code, words in LANGUAGES.items()],
        "source": [(id_, name, counts["source"].get(id_, 0)) for id_, name in names.items()],
        "decision": [(code, words, verdicts.get(code, 0)) for code, words in DECISIONS.items()],
        "kind": sorted({source["kind"] for source in sources.values() if source["kind"]}),
        "topic": [(label, text.name) for label, text in list_labels()["topics"].items()],
        "entity": [(id_, name) for id_, (name, label) in list_entities().items() if label == "ORG"],
        "reviewer": store.opinions.reviewers(),
    }


def _explain_emptiness(visit: Visit) -> dict[str, Any]:
    summary, db, say = visit.store.ledger.summary(), shlex.quote(str(visit.store.path)), visit.say
    if not summary["pages"]:
        return {"reason": say("Nothing was crawled into this database yet."), "command": f"xabar crawl --db {db}"}
    if summary["waiting"]:
        words = say("Fetched pages that wait for analysis: %(num)s.", num=summary["waiting"])
        return {"reason": words, "command": f"xabar run --db {db}"}
    words = say("No fetched page was an article in a supported language (pages: %(num)s); this says why:", num=summary["pages"])
    return {"reason": words, "command": f"xabar status --db {db}"}


ENDPOINTS = (
    Endpoint("/", show_queue, "reader"),
    Endpoint("/filters", save_filter, "reader", post=True),
    Endpoint("/filters/{number}/delete", delete_filter, "reader", post=True),
)
