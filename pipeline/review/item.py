"""The page of one item with its evidence, and deciding: append, take back, go on."""

from collections import Counter
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from pipeline.corrected import apply, list_entities
from pipeline.live import load_heads
from pipeline.names import find_names
from pipeline.records import Document, Label
from pipeline.review.correct import list_labels
from pipeline.review.difference import compare_lines
from pipeline.review.endpoint import Endpoint
from pipeline.review.filter import Filter, read_filter
from pipeline.review.listing import find_choices, is_demo, last_decision
from pipeline.review.passage import cut_passages, list_places
from pipeline.review.security import REVIEWER_COOKIE, clean_name, set_cookie
from pipeline.review.visit import Visit
from pipeline.review.wording import CLAUSES, REASONS, VERDICTS
from pipeline.store.desk import Decision, SecondOpinions
from pipeline.store.opinions import GOLD_VERDICTS

NOTE_MAX_CHARACTERS = 4000
AHEAD = "x-xabar-ahead"  # the header of requests by a script that holds the next item ready
TOPIC_SHOWN_FROM = 0.2
# Between these the model does not know: neither its yes nor its no is worth much.
ABSTAIN_FROM, ABSTAIN_TO = 0.4, 0.6


def show_item(visit: Visit) -> Response:
    """GET /item/<id>"""
    store, query = visit.store, visit.request.query_params
    doc = load(visit, visit.request.path_params["document_id"])
    sources = store.queue.sources()
    chosen, _ = read_filter(query, find_choices(store.queue, sources))
    # What a script fetches ahead is not read before it is shown, which the script says then (mark_read).
    visit.record("fetched ahead" if AHEAD in visit.request.headers else "read", doc.id)
    looks = "names" in query and visit.visitor.may("analyst")
    if looks:
        # Shown on this page and nowhere kept: persons outside the gazetteer are not stored.
        doc = find_names([doc], cascade=False, heads=load_heads(store))[0]
    hidden = bool(visit.reader) and store.opinions.is_hidden(doc.id, visit.reader)
    return visit.render(
        "item.html",
        **_find_facts(visit, doc, chosen),
        **_find_opinions(visit, doc.id, hidden),
        chosen=chosen,
        home="/" + chosen.query(page=chosen.page),
        keep=chosen.query(page=chosen.page),
        sources=sources,
        decided=last_decision(visit, query.get("decided", "")),
        undone="undone" in query,
        looks=looks,
        is_demo=is_demo(sources),
        reviewer=visit.visitor.name,
        is_reviewer_fixed=visit.visitor.is_name_fixed,
        note_max=NOTE_MAX_CHARACTERS,
        schema=list_labels(),
        entities=list_entities() if visit.visitor.may("analyst") else {},
        abstain=(ABSTAIN_FROM, ABSTAIN_TO),
    )


def decide(visit: Visit) -> Response:
    """POST /item/<id>/decide: append a decision, then go on to the next item of the same queue."""
    store, form, document_id = visit.store, visit.form, visit.request.path_params["document_id"]
    name = visit.visitor.name if visit.visitor.is_name_fixed else clean_name(form.get("reviewer", "")) or visit.visitor.name
    _check(visit, name)
    load(visit, document_id)
    store.desk.decide(
        document_id,
        name,
        form.get("verdict", ""),
        reason=form.get("reason", ""),
        note=form.get("note", "").strip(),
        clause=form.get("clause", ""),
        seen=int(form["seen"][:18]) if form.get("seen", "").isdecimal() else None,
        copies=bool(form.get("copies")),
        adjudicate=bool(form.get("adjudicate")),
        second=_second_opinions(visit),
    )
    response = _go_on(visit, document_id, name)
    if not visit.visitor.is_name_fixed:
        set_cookie(response, REVIEWER_COOKIE, name, secure=visit.request.app.state.secure)
    return response


def mark_read(visit: Visit) -> Response:
    """POST /item/<id>/read: the item that was fetched ahead is before the reader now."""
    visit.record("read", load(visit, visit.request.path_params["document_id"]).id)
    return Response(status_code=204)


def undo(visit: Visit) -> Response:
    """POST /undo: take back one's newest decision that is not taken back yet, and show its item again."""
    document_id = visit.store.desk.undo(visit.visitor.name) if visit.visitor.name else None
    if document_id is None:
        raise HTTPException(400, "There is no decision of yours left to undo.")
    chosen, _ = read_filter(visit.request.query_params, find_choices(visit.store.queue, visit.store.queue.sources()))
    query = chosen.query(page=chosen.page)
    return RedirectResponse(f"/item/{quote(document_id, safe='')}{query}{'&' if query else '?'}undone=1", status_code=303)


def keep_draft(visit: Visit) -> Response:
    """POST /item/<id>/draft: keep a note that is being written."""
    note = visit.form.get("note", "")[:NOTE_MAX_CHARACTERS]
    if visit.visitor.name:
        visit.store.notebook.keep_draft(visit.request.path_params["document_id"], visit.visitor.name, note)
    return Response(status_code=204)


def compare(visit: Visit) -> Response:
    """GET /item/<id>/versions/<other id>: what changed at this address between two visits, word by word."""
    old = load(visit, visit.request.path_params["other_id"])
    new = load(visit, visit.request.path_params["document_id"])
    visit.record("read", new.id)
    before, after = ([doc.title, *doc.text.splitlines()] for doc in (old, new))
    return visit.render("versions.html", old=old, new=new, changes=compare_lines(before, after))


def set_gold(visit: Visit) -> Response:
    """POST /item/<id>/gold: an agreed verdict makes the item one that measures reviewers; no verdict ends that."""
    document_id, verdict = visit.request.path_params["document_id"], visit.form.get("verdict", "")
    load(visit, document_id)
    if verdict and (verdict not in GOLD_VERDICTS or not visit.visitor.name):
        raise HTTPException(400, f"A gold item is {' or '.join(GOLD_VERDICTS)}, and says who made it one. Nothing was saved.")
    if verdict:
        visit.store.opinions.set_gold(document_id, verdict, visit.form.get("why", "").strip()[:500], visit.visitor.name)
    else:
        visit.store.opinions.drop_gold(document_id, visit.visitor.name)
    return RedirectResponse(f"/item/{quote(document_id, safe='')}", status_code=303)


def load(visit: Visit, document_id: str) -> Document:
    """The document. Raises HTTPException 404 with what may be the cause."""
    doc = visit.store.documents.load(document_id)
    if doc is None:
        words = visit.say(
            "There is no item “%(id)s” in this database. It may have been analysed again and dropped, or the link belongs to "
            "another database.",
            id=document_id,
        )
        raise HTTPException(404, words)
    return doc


def _second_opinions(visit: Visit) -> SecondOpinions:
    # Alone there is nobody to ask.
    settings = visit.request.app.state.settings
    if visit.visitor.alone:
        return SecondOpinions()
    return SecondOpinions(settings.second_share, settings.second_from_score, after_unsure=True)


def _go_on(visit: Visit, document_id: str, name: str) -> Response:
    store, settings = visit.store, visit.request.app.state.settings
    chosen, _ = read_filter(visit.request.query_params, find_choices(store.queue, store.queue.sources()))
    query = chosen.query(page=chosen.page)
    passing = f"{query}{'&' if query else '?'}decided={quote(document_id, safe='')}"
    if settings.session_items and store.opinions.count_today(name) >= settings.session_items:
        return JSONResponse({"to": "/enough"}) if AHEAD in visit.request.headers else RedirectResponse("/enough", status_code=303)
    following = store.opinions.next_gold(name, settings.gold_every) if visit.reader else None
    following = following or store.queue.after(document_id, chosen.for_store(visit.reader))
    there = f"/item/{quote(following, safe='')}{passing}" if following else f"/{passing}&end=1"
    if AHEAD not in visit.request.headers:
        return RedirectResponse(there, status_code=303)
    said = visit.render("said.html", decided=last_decision(visit, document_id), keep=query)
    return JSONResponse({"to": there, "item": following or "", "said": bytes(said.body).decode()})


def _check(visit: Visit, name: str) -> None:
    form, settings = visit.form, visit.request.app.state.settings
    verdict, reason, clause = form.get("verdict", ""), form.get("reason", ""), form.get("clause", "")
    if not name:
        raise HTTPException(400, "A decision needs a reviewer's name. Nothing was saved; go back and write yours.")
    if verdict not in VERDICTS:
        raise HTTPException(400, f"“{verdict}” is not a decision (known: {', '.join(VERDICTS)}). Nothing was saved.")
    if reason and reason not in REASONS:
        raise HTTPException(400, f"“{reason}” is not a reason (known: {', '.join(REASONS)}). Nothing was saved.")
    if clause and clause not in CLAUSES:
        raise HTTPException(400, f"“{clause}” is not a clause (known: {', '.join(CLAUSES)}). Nothing was saved.")
    if len(form.get("note", "").strip()) > NOTE_MAX_CHARACTERS:
        raise HTTPException(400, f"The note is longer than {NOTE_MAX_CHARACTERS} characters. Nothing was saved.")
    if form.get("adjudicate") and not visit.visitor.may("lead"):
        raise HTTPException(403, "This needs the role “lead”. Nothing was saved.")
    if settings.session_items and visit.store.opinions.count_today(name) >= settings.session_items:
        raise HTTPException(
            403, f"You made {settings.session_items} decisions today, the limit that is set here. Nothing was saved."
        )


def _find_facts(visit: Visit, doc: Document, chosen: Filter) -> dict[str, Any]:
    store, filters = visit.store, chosen.for_store(visit.reader)
    corrected = apply(doc, store.corrections.of(doc.id))
    return {
        "doc": corrected.doc,
        "said": corrected.said,
        "removed": corrected.removed,
        "source": store.ledger.source(doc.source),
        "passages": cut_passages(corrected.doc),
        "places": list_places(corrected.doc),
        "names": _count_names(corrected.doc),
        "axes": _sort_labels(doc.labels),
        "others": store.desk.others_in_cluster(doc.id),
        "translations": store.tellings.same_story(doc.id),
        "versions": [v for v in store.documents.versions(doc.id) if v["id"] != doc.id],
        "custody": store.desk.custody(doc.id),
        "next_id": store.queue.after(doc.id, filters),
        "previous_id": store.queue.before(doc.id, filters),
        "left": store.queue.count(filters, at_most=1000),
    }


def _find_opinions(visit: Visit, document_id: str, hidden: bool) -> dict[str, Any]:
    store, decisions = visit.store, visit.store.desk.decisions(document_id)
    newest: dict[str, Decision] = {}
    for decision in decisions:
        newest.setdefault(decision.reviewer, decision)
    verdicts = {d.verdict for d in newest.values() if d.verdict not in ("withdrawn", "defer") and d.mode != "gold"}
    settled = any(d.mode == "adjudication" and d.verdict != "withdrawn" for d in newest.values())
    return {
        "hidden": hidden,
        "decisions": [] if hidden else decisions,
        "seen": 0 if hidden or not decisions else decisions[0].id,
        "disputed": not hidden and not settled and len(verdicts) > 1,
        "draft": store.notebook.draft(document_id, visit.visitor.name),
        "gold": store.opinions.gold(document_id) if visit.visitor.may("lead") and not hidden else None,
    }


def _count_names(doc: Document) -> list[dict[str, Any]]:
    # One line per thing in the world; what has no entity is counted by its wording.
    keys = [(m.entity_id or "", m.name or m.text, m.label) for m in doc.mentions]
    first = dict(reversed(list(zip(keys, doc.mentions, strict=True))))
    return [
        {"entity_id": key[0], "name": key[1], "label": key[2], "count": n, "first": first[key]}
        for key, n in Counter(keys).most_common()
    ]


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
    Endpoint("/item/{document_id}/read", mark_read, "reader", post=True),
    Endpoint("/item/{document_id}/draft", keep_draft, "analyst", post=True),
    Endpoint("/item/{document_id}/versions/{other_id}", compare, "reader"),
    Endpoint("/item/{document_id}/gold", set_gold, "lead", post=True),
    Endpoint("/undo", undo, "analyst", post=True),
)
