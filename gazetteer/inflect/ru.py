"""Russian endings that people hang on abbreviations and stems; full declensions are generated once (see decline)."""

import json
import re
from functools import cache
from pathlib import Path

GENERATED = Path(__file__).parent.parent / "data" / "generated" / "ru.json"
_ABBREVIATION = frozenset({"а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"})
_STEM = re.compile(r"(?:ск)?(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими)|ец|ц(?:а|у|ем|е|ы|ев|ам|ами|ах)")


def explain(ending: str, may_be_plural: bool = True) -> str | None:  # noqa: ARG001  # same shape as the other languages
    """Name a colloquial case ending of an abbreviation (ИГИЛа, ИГИЛ-ом), or None."""
    return f"colloquial case ending -{ending}" if ending in _ABBREVIATION else None


def explain_stem(ending: str) -> str | None:
    """Name the adjective or demonym ending after a stem (талиб-ский, игилов-цы), or None."""
    return f"ending -{ending}" if _STEM.fullmatch(ending) else None


@cache
def load_declensions() -> dict[str, list[str]]:
    """Form -> its other written cases, from the generated file; `python -m gazetteer.inflect.decline` renews it."""
    declensions: dict[str, list[str]] = json.loads(GENERATED.read_text("utf-8"))
    return declensions
