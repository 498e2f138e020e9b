"""The route table's entries: each address names its function and the least role that may use it. What is posted is checked here,
once for all: role, form, token."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.review.identity import find_visitor
from pipeline.review.security import SESSION_COOKIE, find_session, is_token, read_form, set_cookie
from pipeline.review.translation import find_language, speak
from pipeline.review.visit import NOBODY, Visit
from pipeline.store import Store

OUT_OF_DATE = (
    "This form is out of date: the review page was started again, you signed out, or cookies are off. Nothing was saved. "
    "Go back, reload the page and try again."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address. `role`: reader, analyst, lead, admin, or nothing for pages that are open to everybody."""

    path: str
    serve: Callable[[Visit], Response]
    role: str
    post: bool = False


def make_route(endpoint: Endpoint) -> Route:
    """The Starlette route of an entry."""

    async def handle(request: Request) -> Response:
        form = await read_form(request) if endpoint.post else {}
        return await run_in_threadpool(_serve, endpoint, request, form)

    return Route(endpoint.path, handle, methods=["POST"] if endpoint.post else ["GET"])


def _serve(endpoint: Endpoint, request: Request, form: dict[str, str]) -> Response:
    session, say = find_session(request), speak(find_language(request))
    with Store.open(request.app.state.db_path) as store:
        visitor = find_visitor(request, store)
        if visitor is None and endpoint.role:
            return _ask_to_sign_in(endpoint, request)
        if not (visitor or NOBODY).may(endpoint.role):
            raise HTTPException(
                403,
                say(
                    "This needs the role “%(role)s”. Nothing was saved. An administrator can give it to you.", role=endpoint.role
                ),
            )
        if endpoint.post and not is_token(request.app.state.secret, request, form.get("token", "")):
            raise HTTPException(403, OUT_OF_DATE)
        response = endpoint.serve(Visit(request, store, visitor or NOBODY, session, form))
    if request.cookies.get(SESSION_COOKIE) != session:
        set_cookie(response, SESSION_COOKIE, session, secure=request.app.state.secure)
    return response


def _ask_to_sign_in(endpoint: Endpoint, request: Request) -> Response:
    if endpoint.post:
        raise HTTPException(
            401, "You are signed out. Nothing was saved; a note that you were writing is kept. Sign in and go back to the item."
        )
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?to={quote(wanted, safe='')}", status_code=303)
