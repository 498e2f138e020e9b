"""Datasette under /explore: facets, SQL with time limits, JSON and CSV, for who is signed in, read-only, over our views only.

Every page of it is in the audit. It has no script of its own here: its templates stand in a frame of ours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.config import Review
from pipeline.review.display import show_plain
from pipeline.review.identity import find_visitor
from pipeline.review.questions import QUESTIONS
from pipeline.store import Store
from pipeline.store.explore import find_problem

BASE = "/explore/"
NAME = "xabar"
TEMPLATES = Path(__file__).with_name("explore_templates")
CLOSED = ("/-/", "/_internal", "/_memory")
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
# Datasette's markup as a screen reader needs it: named fields, headings in order, a table that scrolls by keyboard.
REPAIRS = {
    '<select name="_filter_column': '<select aria-label="Column" name="_filter_column',
    '<select name="_filter_op': '<select aria-label="Comparison" name="_filter_op',
    '<select name="_sort"': '<select aria-label="Order" name="_sort"',
    '<input type="text" name="_filter_value': '<input aria-label="Value" type="text" name="_filter_value',
    '<textarea id="sql-editor"': '<textarea aria-label="SQL" id="sql-editor"',
    '<div class="table-wrapper">': '<div class="table-wrapper" tabindex="0" role="region" aria-label="Rows">',
    "<h3>": "<h2>",
    "</h3>": "</h2>",
}
LEAST_ROWS, MOST_ROWS = 20, 1000
TIME_LIMIT_MS = 1000


class Explore:
    """The ASGI application that is mounted: it asks who is there, refuses, records, and lets Datasette answer."""

    def __init__(self, db_path: Path, settings: Review) -> None:
        self._db_path = db_path
        # As many rows as may leave without a second person: a query is no way round an export.
        self._rows = min(MOST_ROWS, max(LEAST_ROWS, settings.four_eyes_items))
        self._inner: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        refused = await run_in_threadpool(self._admit, request)
        if refused is not None:
            await refused(scope, receive, send)
            return
        if self._inner is None:
            self._inner = make_datasette(self._db_path, self._rows).app()

        # Datasette puts its base before every path that it writes, so it gets the rest only.
        raw = scope.get("raw_path", scope["path"].encode()).partition(b"?")[0]
        inner = {"path": _strip(scope["path"]), "raw_path": _strip(raw.decode("latin-1")).encode("latin-1"), "root_path": ""}
        await self._inner({**scope, **inner}, receive, _Closing(send))

    def _admit(self, request: Request) -> Response | None:
        path, query = request.url.path, request.url.query
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Nothing can be sent to this page.", status_code=405)
        with Store.open(request.app.state.db_path) as store:
            visitor = find_visitor(request, store)
            if visitor is None:
                return RedirectResponse(f"/sign-in?to={quote(path + (f'?{query}' if query else ''), safe='')}", status_code=303)
            inner = _strip(path)
            if inner.startswith(CLOSED):
                return PlainTextResponse("There is no page at this address.", status_code=404)
            for _, value in parse_qsl(query, keep_blank_values=True):
                if problem := find_problem(value):
                    return PlainTextResponse(f"This was not asked: {problem}.", status_code=400)
            store.ledger.record("explore", {"page": inner[:200], "query": query[:2000]}, by=visitor.name or None)
        return None


def _strip(path: str) -> str:
    return "/" + path.removeprefix(BASE)


class _Closing:
    """Sends on what Datasette answers: under our policy, and in pages every hidden character written out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body: list[bytes] | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"], headers["Cache-Control"] = POLICY, "no-store"
            if headers.get("content-type", "").startswith("text/html"):
                del headers["content-length"]
                self._start, self._body = message, []
                return
        elif self._body is not None:
            self._body.append(message.get("body", b""))
            if message.get("more_body"):
                return
            page = str(show_plain(b"".join(self._body).decode("utf-8", "replace")))
            for theirs, ours in REPAIRS.items():
                page = page.replace(theirs, ours)
            await self._send(self._start)
            message = {"type": "http.response.body", "body": page.encode()}
        await self._send(message)


def make_datasette(db_path: Path, rows: int) -> Any:
    """Datasette over one database, so many rows at a time."""
    from datasette.app import Datasette

    from pipeline.review.explore_plugin import QuietDatabase, register

    register()
    made = Datasette(
        metadata=_describe(),
        template_dir=str(TEMPLATES),
        settings={
            "base_url": BASE,
            "max_returned_rows": rows,
            "default_page_size": min(50, rows),
            "sql_time_limit_ms": TIME_LIMIT_MS,
            "facet_time_limit_ms": TIME_LIMIT_MS,
            "allow_download": False,
            "allow_csv_stream": False,
            "default_cache_ttl": 0,
        },
    )
    made.remove_database("_memory")
    made.add_database(QuietDatabase(made, str(db_path), is_mutable=True), name=NAME)
    return made


def _describe() -> Mapping[str, Any]:
    queries = {key: {"sql": question.sql, "title": question.title} for key, question in QUESTIONS.items()}
    return {"title": "Explore", "databases": {NAME: {"queries": queries}}}
