"""What follows a form: nothing, an ending that its language knows, or more letters, so that it is part of another word."""

import re
from collections.abc import Callable

from gazetteer.inflect import en, ru, tg, uz
from gazetteer.pattern import Pattern
from gazetteer.shadow import Shadow

SUFFIX_CHARACTERS = 14
FREE = frozenset({"any", "none"})  # what Pattern.ending says where nothing needs to follow
JOINERS = frozenset({"'", "-", '"'})
_TOKEN = re.compile(r"(?:[^\W_]|'(?=[^\W_]))+")
_ENDINGS: dict[str, Callable[[str, bool], str | None]] = {
    "uz": uz.explain,
    "tg": tg.explain,
    "en": en.explain,
    "ru": ru.explain,
}


def read_ending(shadow: Shadow, end: int, pattern: Pattern, language: str) -> tuple[int, str] | None:
    """Return where the token ends and what its ending is, or None where the form is part of another word."""
    folded = shadow.fold_part(end, end + SUFFIX_CHARACTERS + 2)
    joiner, stop = _token_end(folded)
    ending = folded[len(joiner) : stop]
    is_free = pattern.ending in FREE
    if joiner == '"':
        rule = _explain(ending, pattern, language) if pattern.ending == "any" else None
        return (end, join(pattern.rule, f"{rule} after the quote" if rule else "")) if is_free else None
    if not ending:
        return (end, pattern.rule) if is_free else None
    rule = _explain(joiner * (joiner == "'") + ending, pattern, language) or _explain(ending, pattern, language)
    if rule:
        return end + stop, join(pattern.rule, rule)
    if joiner == "-" and is_free and (en.is_compound(ending) or not pattern.form.ambiguous):
        return end, pattern.rule
    if not joiner and ending.isdigit() and not pattern.form.ambiguous and is_free:
        return end, join(pattern.rule, "footnote number")
    return None


def join(first: str, second: str) -> str:
    """Two rules as one explanation."""
    return " + ".join(part for part in (first, second) if part)


def _token_end(folded: str) -> tuple[str, int]:
    joiner = folded[:1] if folded[:1] in JOINERS else ""
    start = len(joiner)
    found = _TOKEN.match(folded, start, start + SUFFIX_CHARACTERS + 1)
    return joiner, min(found.end(), start + SUFFIX_CHARACTERS) if found else start


def _explain(ending: str, pattern: Pattern, language: str) -> str | None:
    form = pattern.form
    if pattern.ending == "stem":
        return ru.explain_stem(ending)
    if pattern.ending == "possessive":
        return uz.explain(ending, False) if uz.starts_with_possessive(ending) else None
    if pattern.ending == "none":
        return None
    may_be_plural = " " not in form.text or form.kind == "demonym" or pattern.entity.kind in {"person", "term"}
    for known in dict.fromkeys((form.language, language)):
        if known in _ENDINGS and (known != "ru" or form.kind == "abbrev" or form.text.isupper()):
            rule = _ENDINGS[known](ending, may_be_plural)
            if rule:
                return rule
    return None
