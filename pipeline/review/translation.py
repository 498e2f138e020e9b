"""The interface's languages: gettext catalogues, read from their .po files when they are first needed."""

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

LOCALE = Path(__file__).with_name("locale")
COOKIE = "xabar_language"
# As each calls itself.
INTERFACE = {"en": "English", "uz": "Oʻzbekcha", "ru": "Русский", "tg": "Тоҷикӣ"}


@cache
def load_translation(language: str) -> NullTranslations:
    """The catalogue of a language; English is the language of the templates."""
    if language == "en":
        return NullTranslations()
    with (LOCALE / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def speak(language: str) -> Callable[..., str]:
    """What says a message of ours, with its values, in a language."""
    translate = load_translation(language).gettext

    def say(text: str, **values: object) -> str:
        said = translate(text) if text else ""
        return said % values if values else said

    return say


def find_language(request: Request) -> str:
    """The language that was chosen, else the first one of the browser's that we have, else English."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in INTERFACE:
        return chosen
    wanted = [
        part.split(";")[0].split("-")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")[:9]
    ]
    return next((language for language in wanted if language in INTERFACE), "en")
