"""The page of one item, with its evidence, and the one thing that can be posted: a decision."""

from collections import Counter
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from pipeline.records import Document, Label
from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import Filter, read_filter
from pipeline.review.highlight import cut_text
from pipeline.review.listing import is_demo, last_decision
from pipeline.review.security import REVIEWER_COOKIE, clean_name, set_cookie
from pipeline.review.visit import Visit
from pipeline.review.wording import REASONS, VERDICTS
from pipeline.store import Store

NOTE_MAX_CHARACTERS = 4000
TOPIC_SHOWN_FROM = 0.2


def show_item(visit: Visit) -> Response:
    """GET /item/<id>"""
    store, query = visit.store, visit.request.query_params
    doc = _load(store, visit.request.path_params["document_id"])
    sources = store.queue.sources()
    chosen, _ = read_filter(query, sources, store.queue.entity_name)
    visit.record("read", doc.id)
    return visit.render(
        "item.html",
        doc=doc,
        **_find_facts(store, doc, chosen),
        chosen=chosen,
        home="/" + chosen.query(page=chosen.page),
        keep=chosen.query(page=chosen.page),
        sources=sources,
        decided=last_decision(store, query.get("decided", "")),
        is_demo=is_demo(sources),
        reviewer=visit.visitor.name,
        is_reviewer_fixed=visit.visitor.is_name_fixed,
        note_max=NOTE_MAX_CHARACTERS,
    )


def decide(visit: Visit) -> Response:
    """POST /item/<id>/decide: append a decision, then go on to the next item of the same queue."""
    store, form, document_id = visit.store, visit.form, visit.request.path_params["document_id"]
    name = visit.visitor.name if visit.visitor.is_name_fixed else clean_name(form.get("reviewer", "")) or visit.visitor.name
    verdict, reason, note = form.get("verdict", ""), form.get("reason", ""), form.get("note", "").strip()
    _check(name, verdict, reason, note)
    _load(store, document_id)
    chosen, _ = read_filter(visit.request.query_params, store.queue.sources(), store.queue.entity_name)
    store.desk.decide(document_id, name, verdict, reason=reason, note=note)
    following = store.queue.after(document_id, chosen.for_store())
    query = chosen.query(page=chosen.page)
    passing = f"{query}{'&' if query else '?'}decided={quote(document_id, safe='')}"
    where = f"/item/{quote(following, safe='')}{passing}" if following else f"/{passing}&end=1"
    response = RedirectResponse(where, status_code=303)
    if not visit.visitor.is_name_fixed:
        set_cookie(response, REVIEWER_COOKIE, name)
    return response


def _check(name: str, verdict: str, reason: str, note: str) -> None:
    if not name:
        raise HTTPException(400, "A decision needs a reviewer's name. Nothing was saved; go back and write yours.")
    if verdict not in VERDICTS:
        raise HTTPException(400, f"“{verdict}” is not a decision (known: {', '.join(VERDICTS)}). Nothing was saved.")
    if reason and reason not in REASONS:
        raise HTTPException(400, f"“{reason}” is not a reason (known: {', '.join(REASONS)}). Nothing was saved.")
    if len(note) > NOTE_MAX_CHARACTERS:
        raise HTTPException(400, f"The note is longer than {NOTE_MAX_CHARACTERS} characters. Nothing was saved.")


def _load(store: Store, document_id: str) -> Document:
    doc = store.documents.load(document_id)
    if doc is None:
        raise HTTPException(
            404,
            f"There is no item “{document_id}” in this database. It may have been analysed again and dropped, "
            "or the link belongs to another database.",
        )
    return doc


def _find_facts(store: Store, doc: Document, chosen: Filter) -> dict[str, Any]:
    filters = chosen.for_store()
    return {
        "source": store.ledger.source(doc.source),
        "paragraphs": cut_text(doc.text, doc.mentions, doc.evidence),
        "names": _count_names(doc),
        "axes": _sort_labels(doc.labels),
        "others": store.desk.others_in_cluster(doc.id),
        "custody": store.desk.custody(doc.id),
        "decisions": store.desk.decisions(doc.id),
        "next_id": store.queue.after(doc.id, filters),
        "previous_id": store.queue.before(doc.id, filters),
        "left": store.queue.count(filters),
    }


def _count_names(doc: Document) -> list[dict[str, Any]]:
    # One line per thing in the world; what has no entity is counted by its wording.
    keys = [(m.entity_id or "", m.name or m.text, m.label) for m in doc.mentions]
    return [{"entity_id": key[0], "name": key[1], "label": key[2], "count": n} for key, n in Counter(keys).most_common()]


def _sort_labels(labels: tuple[Label, ...]) -> dict[str, list[Label]]:
    axes: dict[str, list[Label]] = {"relevance": [], "topics": [], "genre": []}
    for label in labels:
        if label.axis in axes and (label.axis == "relevance" or label.probability >= TOPIC_SHOWN_FROM):
            axes[label.axis].append(label)
    axes["relevance"].sort(key=lambda label: label.label)
    for axis in ("topics", "genre"):
        axes[axis].sort(key=lambda label: -label.probability)
    return axes


ENDPOINTS = (
    Endpoint("/item/{document_id}", show_item, "reader"),
    Endpoint("/item/{document_id}/decide", decide, "analyst", post=True),
)
