"""Uzbek endings in both scripts, read on folded text: derivation, plural, possessive, case, particle, in that order."""

import re
from collections.abc import Iterator
from functools import lru_cache

_PARTS = ("derivation", "plural", "possessive", "case", "particle")
_LATIN = re.compile(
    r"(?P<derivation>chilik|chi|lik)?(?P<plural>lar)?"
    r"(?P<possessive>ingiz|imiz|miz|ing|im|si|i)?"
    r"(?P<case>ning|niki|ni|gacha|kacha|qacha|gaga|ga|ka|qa|dagi|dan|da|cha|dek|day)?"
    r"(?P<particle>lar(?:ning|ni|ga|dan|da)?|mi|dir|ku|chi|yu)?"
)
_CYRILLIC = re.compile(
    r"(?P<derivation>чилик|чи|лик)?(?P<plural>лар)?"
    r"(?P<possessive>ингиз|имиз|миз|инг|им|си|и)?"
    r"(?P<case>нинг|ники|ни|гача|кача|га|ка|даги|дан|да|ча|дек|дай)?"
    r"(?P<particle>лар(?:нинг|ни|га|дан|да)?|ми|дир|ку|чи|ю)?"
)
_SOFTENED = {"q": "gʻ", "k": "g", "қ": "ғ", "к": "г"}


@lru_cache(maxsize=4096)
def explain(ending: str, may_be_plural: bool = True) -> str | None:
    """Name the parts of a folded ending (`plural -lar + case suffix -ning`), or None where it is no Uzbek ending."""
    found = _LATIN.fullmatch(ending) or _CYRILLIC.fullmatch(ending)
    if not found or (found["plural"] and not may_be_plural):
        return None
    parts = [f"{part}{' suffix' * (part == 'case')} -{found[part]}" for part in _PARTS if found[part]]
    return " + ".join(parts) or None


def iter_stems(form: str) -> Iterator[tuple[str, str]]:
    """Yield (stem, rule) for stems that change before a possessive: tarmoq, tarmogʻi; jangarilik, jangariligi."""
    last = form[-1].lower()
    if last in _SOFTENED and len(form) > 4 and not form.isupper():
        soft = _SOFTENED[last]
        yield form[:-1] + soft, f"{last} -> {soft} before a possessive"


def starts_with_possessive(ending: str) -> bool:
    """True for the endings that soften the consonant before them."""
    return ending[:1] in {"i", "и"}
