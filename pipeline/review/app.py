"""The review application: the route table, every answer hardened, every error a page that helps."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pipeline.config import Review, load_config
from pipeline.records import Stop
from pipeline.review import candidates, correct, dashboard, exporting, feed, item, listing, signing, team
from pipeline.review.endpoint import make_route
from pipeline.review.explore import Explore
from pipeline.review.render import render
from pipeline.review.security import Guard, harden
from pipeline.review.throttle import Throttle

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
STATIC = Path(__file__).with_name("static")
TITLES = {400: "This request cannot be answered", 401: "Signed out", 403: "Refused", 404: "Not found", 405: "Not possible here"}
PLAIN_WORDS = {
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "The one thing that can be sent to this page is a decision, by the form of an item.",
}


# Each module of pages has its own list; a new module is one word here and one line in menu.py.
MODULES = (listing, item, correct, team, signing, dashboard, exporting, feed, candidates)
ENDPOINTS = tuple(endpoint for module in MODULES for endpoint in module.ENDPOINTS)


def make_app(
    db_path: Path,
    *,
    reviewer: str | None = None,
    allowed_hosts: Sequence[str] = LOOPBACK,
    settings: Review | None = None,
    may_be_alone: bool = True,
) -> Starlette:
    """The application over one database, opened anew for every request.

    `reviewer` fixes the name on all decisions of single-user mode; `may_be_alone` allows that mode while nobody has an account.
    """
    settings = settings or load_config().review
    public = urlsplit(settings.public_url)
    hosts = (*allowed_hosts, public.hostname) if public.hostname else allowed_hosts
    app = Starlette(
        routes=[
            *map(make_route, ENDPOINTS),
            Mount("/explore", Explore(db_path, settings)),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, allowed_hosts=hosts, refuse=_refuse)],
        exception_handlers={Stop: _show_stop, HTTPException: _show_http_error, 500: _show_crash},
    )
    app.state.db_path = db_path
    app.state.reviewer = reviewer
    app.state.settings = settings
    app.state.secure = public.scheme == "https"
    app.state.may_be_alone = may_be_alone
    app.state.throttle = Throttle()
    app.state.figures = {}  # of the dashboard, as they were counted last
    app.state.secret = secrets.token_bytes(32)
    return app


def _refuse(request: Request, status: int, message: str) -> Response:
    return render(request, "error.html", status=status, title=TITLES[status], message=message, is_ours=status != 400)


def _show_http_error(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "")
    message = PLAIN_WORDS.get(detail, detail)
    return render(request, "error.html", status=status, title=TITLES.get(status, "Not saved"), message=message, is_ours=True)


def _show_stop(request: Request, error: Exception) -> Response:
    title = "The database cannot be used just now"
    message = str(error) if request.method == "GET" else f"Nothing was saved; go back and try again. {error}"
    return render(request, "error.html", status=503, title=title, message=message, is_ours=True)


def _show_crash(request: Request, _: Exception) -> Response:
    message = "Something unexpected happened; the terminal of 'xabar review' shows what. Decisions saved before are safe."
    response = render(request, "error.html", status=500, title="An error of ours", message=message, is_ours=True)
    # Starlette answers a crash outside the middleware, so the headers are put on here.
    harden(response.headers)
    return response
