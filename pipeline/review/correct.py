"""Corrections on an item's page: language, relevance, topics, genre, and names that were missed or are none."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from models.relevance.labels import LabelText, load_labels
from pipeline.corrected import list_entities
from pipeline.records import Document
from pipeline.review.endpoint import Endpoint
from pipeline.review.visit import Visit
from pipeline.store.corrections import LANGUAGES

LABELS = ("ORG", "PER", "LOC", "EVENT", "WORK", "TERM")
WORD = re.compile(r"[\w'ʻʼ‘’`-]")


@cache
def list_labels() -> dict[str, dict[str, LabelText]]:
    """The label scheme by axis."""
    return load_labels()


def snap(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks around it, widened to whole words."""
    while start < end and not WORD.match(text[start]):
        start += 1
    while end > start and not WORD.match(text[end - 1]):
        end -= 1
    if start == end:
        return start, end
    while start > 0 and WORD.match(text[start - 1]):
        start -= 1
    while end < len(text) and WORD.match(text[end]):
        end += 1
    return start, end


def correct(visit: Visit) -> Response:
    """POST /item/<id>/correct"""
    document_id = visit.request.path_params["document_id"]
    doc = visit.store.documents.load(document_id)
    if doc is None:
        raise HTTPException(404, visit.say("There is no item “%(id)s” in this database. Nothing was saved.", id=document_id))
    if not visit.visitor.name:
        raise HTTPException(
            400, "A correction needs a reviewer's name: decide on an item first, which asks for it. Nothing was saved."
        )
    task = visit.form.get("task", "")
    if task not in READERS:
        raise HTTPException(400, f"“{task}” cannot be corrected (known: {', '.join(READERS)}). Nothing was saved.")
    for value in READERS[task](visit.form, doc):
        visit.store.corrections.add(document_id, visit.visitor.name, "entities" if task == "remove" else task, value)
    query = visit.request.url.query
    return RedirectResponse(f"/item/{quote(document_id, safe='')}{'?' + query if query else ''}#names", status_code=303)


def _read_language(form: Mapping[str, str], _: Document) -> list[dict[str, object]]:
    return [{"language": _require(form, "language", LANGUAGES)}]


def _read_relevance(form: Mapping[str, str], _: Document) -> list[dict[str, object]]:
    return [{"relevance": _require(form, "relevance", list_labels()["relevance"])}]


def _read_genre(form: Mapping[str, str], _: Document) -> list[dict[str, object]]:
    return [{"genre": _require(form, "genre", list_labels()["genre"])}]


def _read_topics(form: Mapping[str, str], _: Document) -> list[dict[str, object]]:
    return [{"topics": [topic for topic in list_labels()["topics"] if form.get(f"topic-{topic}")]}]


def _read_span(form: Mapping[str, str], doc: Document) -> list[dict[str, object]]:
    entity_id = form.get("entity_id", "").strip() or None
    label = _require(form, "label", LABELS)
    if entity_id:
        if entity_id not in list_entities():
            raise HTTPException(
                400, f"“{entity_id}” is not in the gazetteer; leave the entry empty for a new name. Nothing was saved."
            )
        label = list_entities()[entity_id][1]
    if label == "PER" and not entity_id:
        raise HTTPException(400, "Persons outside the gazetteer are never stored. Nothing was saved.")
    start, end = _find_span(form, doc.text)
    return [{"action": "add", "start": start, "end": end, "label": label, "entity_id": entity_id}]


def _find_span(form: Mapping[str, str], text: str) -> tuple[int, int]:
    words = form.get("text", "").strip()
    if form.get("start", "").isdecimal() and form.get("end", "").isdecimal():
        start, end = (min(int(form[name][:9]), len(text)) for name in ("start", "end"))
    else:
        start = text.find(words) if words else -1
        end = start + len(words)
    start, end = snap(text, start, end) if 0 <= start < end else (0, 0)
    if start == end:
        raise HTTPException(
            400, f"“{words[:80]}” does not stand in the text like this. Select the words in the text. Nothing was saved."
        )
    return start, end


def _read_removal(form: Mapping[str, str], doc: Document) -> list[dict[str, object]]:
    wanted = (form.get("entity_id", "") or None, form.get("name", ""), form.get("label", ""))
    found = [m for m in doc.mentions if (m.entity_id, m.name or m.text, m.label) == wanted]
    if not found and form.get("start", "").isdecimal() and form.get("end", "").isdecimal():
        start, end = int(form["start"][:9]), int(form["end"][:9])
        label = _require(form, "label", LABELS)
        return [{"action": "remove", "start": start, "end": end, "label": label, "entity_id": wanted[0]}]
    if not found:
        raise HTTPException(400, "This name does not stand in this item any more. Nothing was saved; reload the page.")
    return [{"action": "remove", "start": m.start, "end": m.end, "label": m.label, "entity_id": m.entity_id} for m in found]


def _require(form: Mapping[str, str], name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    value = form.get(name, "")
    if value not in known:
        raise HTTPException(400, f"{name} “{value}” is unknown (known: {', '.join(known)}). Nothing was saved.")
    return value


READERS = {
    "language": _read_language,
    "relevance": _read_relevance,
    "genre": _read_genre,
    "topics": _read_topics,
    "entities": _read_span,
    "remove": _read_removal,
}
ENDPOINTS = (Endpoint("/item/{document_id}/correct", correct, "analyst", post=True),)
