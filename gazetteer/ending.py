"""What follows a form: nothing, an ending that its language knows, or more letters, so that it is part of another word."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

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


class Grammar(NamedTuple):
    """What may stand behind a form: `ending` as in Pattern, `declines` whether Russian hangs case endings on it."""

    ending: str
    language: str
    declines: bool
    may_be_plural: bool
    is_ambiguous: bool


def make_grammar(pattern: Pattern) -> Grammar:
    """The grammar of one pattern."""
    form = pattern.form
    may_be_plural = " " not in form.text or form.kind == "demonym" or pattern.entity.kind in {"person", "term"}
    declines = form.kind == "abbrev" or form.text.isupper()
    return Grammar(pattern.ending, form.language, declines, may_be_plural, bool(form.ambiguous))


def read_ending(shadow: Shadow, end: int, grammar: Grammar, language: str) -> tuple[int, str] | None:
    """Return where the token ends and what its ending is, or None where the form is part of another word."""
    folded = shadow.fold_part(end, end + SUFFIX_CHARACTERS + 2)
    start = folded[:1] in JOINERS
    found = _TOKEN.match(folded, start, start + SUFFIX_CHARACTERS + 1)
    stop = min(found.end(), start + SUFFIX_CHARACTERS) if found else int(start)
    read = _read(folded[:start], folded[start:stop], grammar, language)
    return read and (end + stop * read[0], read[1])


@lru_cache(maxsize=16384)
def _read(joiner: str, ending: str, grammar: Grammar, language: str) -> tuple[bool, str] | None:
    """Whether the ending belongs to the name, and which it is; None where the form is part of another word."""
    is_free = grammar.ending in FREE
    if joiner == '"':
        rule = _explain(ending, grammar, language) if grammar.ending == "any" else None
        return (False, f"{rule} after the quote" if rule else "") if is_free else None
    if not ending:
        return (False, "") if is_free else None
    rule = _explain(joiner * (joiner == "'") + ending, grammar, language) or _explain(ending, grammar, language)
    if rule:
        return True, rule
    if joiner == "-" and is_free and (en.is_compound(ending) or not grammar.is_ambiguous):
        return False, ""
    if not joiner and ending.isdigit() and not grammar.is_ambiguous and is_free:
        return False, "footnote number"
    return None


def _explain(ending: str, grammar: Grammar, language: str) -> str | None:
    if grammar.ending == "stem":
        return ru.explain_stem(ending)
    if grammar.ending == "possessive":
        return uz.explain(ending, False) if uz.starts_with_possessive(ending) else None
    if grammar.ending == "none":
        return None
    for known in dict.fromkeys((grammar.language, language)):
        if known in _ENDINGS and (known != "ru" or grammar.declines):
            rule = _ENDINGS[known](ending, grammar.may_be_plural)
            if rule:
                return rule
    return None


def join(*rules: str) -> str:
    """Rules as one explanation."""
    return " + ".join(rule for rule in rules if rule)
