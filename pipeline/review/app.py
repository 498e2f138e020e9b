"""The review application: three routes over the store, every answer hardened, every error a page that helps."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.records import Stop
from pipeline.review.item import decide, show_item
from pipeline.review.listing import show_queue
from pipeline.review.render import render
from pipeline.review.security import Guard, harden

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
STATIC = Path(__file__).with_name("static")
TITLES = {400: "This request cannot be answered", 403: "Refused", 404: "Not found", 405: "Not possible here"}
PLAIN_WORDS = {
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "The one thing that can be sent to this page is a decision, by the form of an item.",
}


def make_app(db_path: Path, *, reviewer: str | None = None, allowed_hosts: Sequence[str] = LOOPBACK) -> Starlette:
    """The application over one database, opened anew for every request. `reviewer` fixes the name on all decisions."""
    app = Starlette(
        routes=[
            Route("/", show_queue),
            Route("/item/{document_id}", show_item),
            Route("/item/{document_id}/decide", decide, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard, allowed_hosts=allowed_hosts, refuse=_refuse)],
        exception_handlers={Stop: _show_stop, HTTPException: _show_http_error, 500: _show_crash},
    )
    app.state.db_path = db_path
    app.state.reviewer = reviewer
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
