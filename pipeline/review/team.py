"""The team's pages: how far reviewers agree, one's own record, what waits for a second pair of eyes, the audit, the limit."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from pipeline.review.agreement import Estimate, estimate_alpha, estimate_kappa, pair_up
from pipeline.review.endpoint import Endpoint
from pipeline.review.exporting import GRANTED_HOURS
from pipeline.review.exporting import KIND as EXPORT
from pipeline.review.security import clean_name, set_cookie
from pipeline.review.signing import safe_path
from pipeline.review.translation import COOKIE, INTERFACE
from pipeline.review.visit import Visit
from pipeline.store.opinions import Opinion

AUDIT_ROWS = 200
LEAST_PAIRS = 5  # fewer common items say nothing of two reviewers


def show_agreement(visit: Visit) -> Response:
    """GET /agreement: over what was said independently of each other, first opinions and blind second ones."""
    said = visit.store.opinions.independent()
    pairs = pair_up((o.document_id, o.reviewer, o.verdict) for o in said)
    names_pairs = visit.visitor.may("lead")
    return visit.render(
        "agreement.html",
        whole=estimate_all(said),
        languages=[(route, estimate_all(part)) for route, part in sorted(split_by_language(said).items())],
        labels=[(verdict, estimate_all(said, only=verdict)) for verdict in sorted({o.verdict for o in said})],
        pairs=[
            (one, two, estimate_kappa(values))
            for (one, two), values in sorted(pairs.items())
            if len(values) >= LEAST_PAIRS and (names_pairs or visit.visitor.name in (one, two))
        ],
        least=LEAST_PAIRS,
    )


def show_record(visit: Visit) -> Response:
    """GET /me: one's own decisions, gold items, agreement and calibration. Nobody else's."""
    name, opinions = visit.visitor.name, visit.store.opinions
    before = visit.request.query_params.get("before", "")
    return visit.render(
        "record.html",
        record=opinions.record(name),
        bands=opinions.calibration(name),
        history=opinions.history(name, before=int(before[:18]) if before.isdecimal() else None),
    )


def show_requests(visit: Visit) -> Response:
    """GET /requests: what somebody asked for and another must grant, and the form that proposes a name for the gazetteer."""
    found = visit.store.requests.all()
    if not visit.visitor.may("lead"):
        found = [request for request in found if request.asked_by == visit.visitor.name]
    since = (datetime.now(UTC) - timedelta(hours=GRANTED_HOURS)).isoformat()
    return visit.render(
        "requests.html",
        requests=found,
        ready={r.id for r in found if r.kind == EXPORT and r.asked_by == visit.visitor.name and (r.answered_at or "") >= since},
        asked="asked" in visit.request.query_params,
    )


def propose(visit: Visit) -> Response:
    """POST /requests/gazetteer: propose a form of a name; a second person grants it, a linguist puts it into the data file."""
    fields = {name: " ".join(visit.form.get(name, "").split())[:200] for name in ("form", "language", "entity_id", "why")}
    if not fields["form"] or not fields["why"] or not visit.visitor.name:
        raise HTTPException(400, "A proposal has a form, a reason with its public source, and your name. Nothing was saved.")
    visit.store.requests.ask("gazetteer", fields, visit.visitor.name)
    return RedirectResponse("/requests", status_code=303)


def answer_request(visit: Visit) -> Response:
    """POST /requests/<number>/answer: grant or refuse what another person asked for."""
    number, answer = visit.request.path_params["number"], visit.form.get("answer", "")
    if answer not in ("granted", "refused") or not number.isdecimal():
        raise HTTPException(400, "A request is granted or refused. Nothing was saved.")
    request = visit.store.requests.get(int(number[:18]))
    if request is None:
        raise HTTPException(404, f"There is no request {number}. Nothing was saved.")
    if request.answer or request.asked_by == visit.visitor.name:
        raise HTTPException(403, "A request is answered once, and by another person than the one who asked. Nothing was saved.")
    visit.store.requests.answer(request.id, visit.visitor.name, granted=answer == "granted")
    return RedirectResponse("/requests", status_code=303)


def show_audit(visit: Visit) -> Response:
    """GET /audit: who did what, the newest first."""
    before = visit.request.query_params.get("before", "")
    rows = visit.store.ledger.audit(AUDIT_ROWS, before=int(before[:18]) if before.isdecimal() else None)
    return visit.render("audit.html", rows=[row | {"subject": _shorten(row["subject"])} for row in rows])


def show_enough(visit: Visit) -> Response:
    """GET /enough: the day's limit is reached."""
    return visit.render("enough.html", count=visit.store.opinions.count_today(visit.visitor.name))


def choose_language(visit: Visit) -> Response:
    """POST /language: the interface's language, kept in this browser."""
    chosen = visit.form.get("language", "")
    response = RedirectResponse(safe_path(visit.form.get("to", "")), status_code=303)
    if chosen in INTERFACE:
        set_cookie(response, COOKIE, chosen, secure=visit.request.app.state.secure)
    return response


def estimate_all(said: list[Opinion], *, only: str = "") -> Estimate:
    """Alpha over these opinions; `only`: of this verdict against all others."""
    units: dict[str, list[str | bool]] = defaultdict(list)
    for opinion in said:
        units[opinion.document_id].append(opinion.verdict == only if only else opinion.verdict)
    return estimate_alpha(list(units.values()))


def split_by_language(said: list[Opinion]) -> dict[str, list[Opinion]]:
    """The opinions by the language of their documents."""
    parts: dict[str, list[Opinion]] = defaultdict(list)
    for opinion in said:
        parts[opinion.route].append(opinion)
    return parts


def _shorten(subject: str) -> str:
    value: Any = json.loads(subject) if subject[:1] in '["{n' else subject
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean_name(text) if len(text) < 300 else clean_name(text[:300]) + "…"


ENDPOINTS = (
    Endpoint("/agreement", show_agreement, "reader"),
    Endpoint("/me", show_record, "analyst"),
    Endpoint("/requests", show_requests, "analyst"),
    Endpoint("/requests/gazetteer", propose, "analyst", post=True),
    Endpoint("/requests/{number}/answer", answer_request, "lead", post=True),
    Endpoint("/audit", show_audit, "admin"),
    Endpoint("/enough", show_enough, "reader"),
    Endpoint("/language", choose_language, "", post=True),
)
