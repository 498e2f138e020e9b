"""Tajik endings, read on folded text (ҳ is х, ё is е): plural, ezafe, indefinite, clitic, object marker, conjunction."""

import re
from functools import lru_cache

_PARTS = {
    "demonym": "demonym",
    "plural": "plural",
    "adjective": "adjective",
    "ezafe": "ezafe",
    "indefinite": "indefinite",
    "clitic": "clitic",
    "object": "object marker",
    "copula": "copula",
    "conjunction": "conjunction",
}
_ENDING = re.compile(
    r"(?P<demonym>и(?=хо|ен))?(?P<plural>хо|гон|вон|ен|он)?(?P<adjective>ги)?(?P<ezafe>ии|и|йи)?(?P<indefinite>е)?"
    r"(?P<clitic>ашон|атон|амон|аш|ат|ам)?(?P<object>ро)?(?P<copula>анд|аст|ст)?(?P<conjunction>ву|ю|у)?"
)


@lru_cache(maxsize=4096)
def explain(ending: str, may_be_plural: bool = True) -> str | None:
    """Name the parts of a folded ending (`ezafe -и`), or None where it is no Tajik ending."""
    found = _ENDING.fullmatch(ending)
    if not found or (found["plural"] and not may_be_plural):
        return None
    return " + ".join(f"{name} -{found[part]}" for part, name in _PARTS.items() if found[part]) or None
