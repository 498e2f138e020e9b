"""Templates: one environment per language, everything autoescaped, nothing undefined goes unnoticed."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.review import display, wording
from pipeline.review.translation import INTERFACE, find_language, load_translation, speak

TEMPLATES = Path(__file__).with_name("templates")


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. What its frame shows of the visitor, the demo and the way back to the queue (`home`) may be left out."""
    language = find_language(request)
    defaults = {
        "is_demo": False,
        "home": "/",
        "visitor": None,
        "token": "",
        "settings": None,
        "menu": [],
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "language": language,
        "asset": request.scope.get("root_path", "") + "/static",
    }
    return HTMLResponse(_environment(language).get_template(template).render(defaults | values), status_code=status)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        # Before the escaping, on every expression: no template can forget to write hidden characters out.
        finalize=display.show_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translation = load_translation(language)
    environment.install_gettext_translations(translation, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.filters |= {
        "show": display.show,
        "snippet": display.show_snippet,
        "code": wording.say_code,
        "kind": wording.say_kind,
        "country": wording.say_country,
        "day": wording.say_date,
        "moment": wording.say_time,
        "route": wording.name_language,
        # The words that the code carries are English; this says them in the page's language.
        "said": speak(language),
    }
    environment.globals |= {
        "wording": wording,
        "route_of": wording.route_of,
        "web_address": display.web_address,
        "INTERFACE": INTERFACE,
    }
    return environment
