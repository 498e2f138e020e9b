"""Templates: one environment, everything autoescaped, nothing undefined goes unnoticed."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.review import display, wording

TEMPLATES = Path(__file__).with_name("templates")


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. What its frame shows of the visitor, the demo and the way back to the queue (`home`) may be left out."""
    defaults = {
        "is_demo": False,
        "home": "/",
        "visitor": None,
        "token": "",
        "settings": None,
        "asset": request.scope.get("root_path", "") + "/static",
    }
    return HTMLResponse(_environment.get_template(template).render(defaults | values), status_code=status)


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        # Before the escaping, on every expression: no template can forget to write hidden characters out.
        finalize=display.show_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "show": display.show,
        "code": wording.say_code,
        "kind": wording.say_kind,
        "country": wording.say_country,
        "day": wording.say_date,
        "moment": wording.say_time,
        "route": wording.name_language,
    }
    environment.globals |= {"wording": wording, "route_of": wording.route_of, "web_address": display.web_address}
    return environment


_environment = _make_environment()
