"""What Datasette asks us: which connection, who may see what, how a cell is shown. Only for the instances that we made."""

import sqlite3
import sys
import traceback
from typing import Any

from datasette import Response, hookimpl
from datasette.database import Database
from datasette.plugins import pm
from datasette.utils.asgi import Base400
from datasette.views.base import DatasetteError
from markupsafe import Markup

from pipeline.review.display import web_address
from pipeline.store.explore import VIEWS, guard

NAME = "xabar"
OPEN_ACTIONS = ("view-instance", "execute-sql", "view-query")


class QuietDatabase(Database):
    """Counts no table, for none of them may be read, and writes no refused query to the terminal: the reader is told."""

    async def execute(self, sql: str, params: Any = None, **options: Any) -> Any:
        """The rows of a query."""
        return await super().execute(sql, params, **options | {"log_sql_errors": False})

    async def table_counts(self, limit: int = 10) -> dict[str, None]:  # noqa: ARG002  Datasette's signature
        """Every table, uncounted."""
        return dict.fromkeys(await self.table_names())


def register() -> None:
    """Make the hooks known, once in a process."""
    if not pm.has_plugin(NAME):
        pm.unregister(name="datasette.handle_exception")
        pm.register(sys.modules[__name__], name=NAME)


@hookimpl
def prepare_connection(conn: Any, database: str) -> None:
    """Of our database only what may be explored."""
    if database == NAME:
        guard(conn)


@hookimpl
def permission_allowed(action: str, resource: Any) -> bool:
    """Our views and queries, and nothing of Datasette's own tools."""
    if action == "view-table":
        return resource[0] == NAME and resource[1] in VIEWS
    if action == "view-database":
        return bool(resource == NAME)
    return action in OPEN_ACTIONS


@hookimpl
def render_cell(value: object, column: str, database: str) -> Markup | None:
    """An item is a link to its page, an address one that gives nothing away."""
    if database != NAME or not isinstance(value, str):
        return None
    if column == "item" and value.isalnum():
        return Markup('<a href="/item/{0}">{0}</a>').format(value)
    if column in ("url", "homepage") and web_address(value):
        return Markup('<a href="{0}" rel="noreferrer noopener nofollow" target="_blank">{0}</a>').format(value)
    return None


@hookimpl(tryfirst=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """An error in words, on our page or as JSON. Datasette's own handler would print what it was working on to the terminal."""
    status, message = _explain(exception)

    async def answer() -> Any:
        if request.path.endswith(".json"):
            return Response.json({"ok": False, "error": message, "status": status}, status=status)
        page = await datasette.render_template(
            "error.html", {"title": f"Not shown ({status})", "error": message}, request=request
        )
        return Response.html(page, status=status)

    return answer


def _explain(exception: Exception) -> tuple[int, str]:
    if isinstance(exception, sqlite3.DatabaseError):
        return 400, f"This cannot be asked here: {exception}."
    if isinstance(exception, DatasetteError):
        # Its message may be markup with a script in it.
        is_late = exception.title == "SQL Interrupted"
        return exception.status, "The query took too long and was interrupted." if is_late else str(exception.message)
    if isinstance(exception, Base400):
        return exception.status, str(exception.args[0] if exception.args else "")
    traceback.print_exception(exception)
    return 500, "Something unexpected happened; the terminal of 'xabar review' shows what."
