"""The queue page: what waits for review, by score, under the filters of the address."""

import shlex
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import Filter, describe, read_filter
from pipeline.review.visit import Visit
from pipeline.review.wording import DECISIONS, LANGUAGES
from pipeline.store import Store

PAGE_ROWS = 50


def show_queue(visit: Visit) -> Response:
    """GET /"""
    store, query = visit.store, visit.request.query_params
    sources = store.queue.sources()
    if not sources:
        return visit.render("empty.html", **_explain_emptiness(store))
    chosen, ignored = read_filter(query, sources, store.queue.entity_name)
    total = store.queue.count(chosen.for_store())
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(chosen.page, pages)
    if page != chosen.page:
        ignored.append(f"page {chosen.page} is past the end, this is page {page}")
        chosen = replace(chosen, page=page)
    names = {id_: source["name"] for id_, source in sources.items()}
    return visit.render(
        "queue.html",
        rows=store.queue.rows(chosen.for_store(), limit=PAGE_ROWS, offset=(page - 1) * PAGE_ROWS),
        first=(page - 1) * PAGE_ROWS + 1,
        total=total,
        page=page,
        pages=pages,
        chosen=chosen,
        ignored=ignored,
        chips=describe(chosen, names),
        options=_list_options(store, names),
        waiting=store.queue.count(Filter().for_store()),
        decided=last_decision(store, query.get("decided", "")),
        at_end="end" in query,
        is_demo=is_demo(sources),
    )


def is_demo(sources: dict[str, dict[str, str]]) -> bool:
    """Whether every source says of itself that it is invented."""
    return bool(sources) and all("invented" in source["note"].lower() for source in sources.values())


def _list_options(store: Store, names: dict[str, str]) -> dict[str, list[tuple[str, str, int]]]:
    counts = store.queue.tallies()
    verdicts = counts["verdict"] | {"any": sum(counts["verdict"].values())}
    return {
        "language": [(code, words, counts["route"].get(code, 0)) for code, words in LANGUAGES.items()],
        "source": [(id_, name, counts["source"].get(id_, 0)) for id_, name in names.items()],
        "decision": [(code, words, verdicts.get(code, 0)) for code, words in DECISIONS.items()],
    }


def last_decision(store: Store, document_id: str) -> dict[str, Any] | None:
    """The newest decision on the item just left, read from the store, to be said on the next page."""
    decisions = store.desk.decisions(document_id) if document_id else []
    doc = store.documents.load(document_id) if decisions else None
    return {"doc": doc, "decision": decisions[0]} if doc else None


def _explain_emptiness(store: Store) -> dict[str, Any]:
    summary, db = store.ledger.summary(), shlex.quote(str(store.path))
    if not summary["pages"]:
        return {"reason": "Nothing was crawled into this database yet.", "command": f"xabar crawl --db {db}"}
    if summary["waiting"]:
        words = f"{summary['waiting']} fetched pages wait for analysis."
        return {"reason": words, "command": f"xabar run --db {db}"}
    words = f"None of the {summary['pages']} fetched pages was an article in a supported language; this says why:"
    return {"reason": words, "command": f"xabar status --db {db}"}


ENDPOINTS = (Endpoint("/", show_queue, "reader"),)
