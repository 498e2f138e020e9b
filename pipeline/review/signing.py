"""Signing in and out."""

import secrets
from math import ceil
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from pipeline.review.endpoint import Endpoint
from pipeline.review.password import is_password
from pipeline.review.security import SESSION_COOKIE, clean_name, set_cookie
from pipeline.review.visit import Visit


def show_sign_in(visit: Visit) -> Response:
    """GET /sign-in"""
    if visit.visitor.alone or visit.visitor.name:
        return RedirectResponse(safe_path(visit.request.query_params.get("to", "")), status_code=303)
    return _render(visit, visit.request.query_params.get("to", ""), "")


def sign_in(visit: Visit) -> Response:
    """POST /sign-in: a session of its own for the right password, else a page that says no more than that it was wrong."""
    state, name, wanted = visit.request.app.state, clean_name(visit.form.get("name", "")), visit.form.get("to", "")
    address = visit.request.client.host if visit.request.client else ""
    if state.settings.proxy_header:
        raise HTTPException(403, "Here the organisation's own sign-in is used: the reverse proxy names the user.")
    if wait := state.throttle.wait(name, address):
        return _render(
            visit, wanted, visit.say("Too many wrong passwords. Try again in %(num)s seconds.", num=ceil(wait)), status=429
        )
    user = visit.store.accounts.get(name)
    if not is_password(user.password if user else None, visit.form.get("password", "")) or user is None or not user.active:
        state.throttle.fail(name, address)
        if user:
            visit.store.ledger.record("sign in refused", None, by=user.name)
        return _render(visit, wanted, visit.say("This name and password do not belong together."), status=403)
    state.throttle.succeed(name)
    token = secrets.token_hex(16)
    visit.store.accounts.open_session(user.name, token, state.settings.session_hours)
    response = RedirectResponse(safe_path(wanted), status_code=303)
    seconds = int(state.settings.session_hours * 3600)
    set_cookie(response, SESSION_COOKIE, token, seconds=seconds, secure=state.secure)
    return response


def sign_out(visit: Visit) -> Response:
    """POST /sign-out"""
    visit.store.accounts.close_session(visit.session)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def safe_path(wanted: str) -> str:
    """A path of this site to go on to; the queue for anything else, so that a link cannot lead elsewhere after signing in."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain and not parts.netloc and not parts.scheme else "/"


def _render(visit: Visit, wanted: str, problem: str, *, status: int = 200) -> Response:
    return visit.render("sign-in.html", status=status, wanted=safe_path(wanted), problem=problem)


ENDPOINTS = (
    Endpoint("/sign-in", show_sign_in, ""),
    Endpoint("/sign-in", sign_in, "", post=True),
    Endpoint("/sign-out", sign_out, "", post=True),
)
