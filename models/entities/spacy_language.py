"""Uzbek and Tajik for spaCy, which has neither: where a token ends, and which words say little.

Apostrophes are letters of both languages and never end a token. A case suffix after a quotation mark is a token of its own
(`«Tolibon»ning`, `“Ансоруллоҳ”-ро`), so that the name between the marks is one too.
"""

import tomllib
from importlib.resources import files

from spacy.lang.char_classes import ALPHA, CURRENCY, LIST_ELLIPSES, LIST_ICONS, UNITS
from spacy.language import BaseDefaults, Language

_QUOTES = ("«", "»", "“", "”", "„", '"')
_SIGNS = (",", r"\.", ":", ";", r"\!", r"\?", r"\(", r"\)", r"\[", r"\]", "—", "–", "…")
_PREFIXES = (*_QUOTES, *_SIGNS, "§", "%", "=", r"\+", *LIST_ELLIPSES, *LIST_ICONS)
_SUFFIXES = (*_QUOTES, *_SIGNS, "%", rf"(?<=[0-9])(?:{CURRENCY})", rf"(?<=[0-9])(?:{UNITS})", *LIST_ELLIPSES, *LIST_ICONS)
_INFIXES = (*_QUOTES, *LIST_ELLIPSES, *LIST_ICONS, rf"(?<=[{ALPHA}])(?:,|/|—|–)(?=[{ALPHA}])", r"(?<=[»”\"])-")

_STOP_WORDS = tomllib.loads((files("models.entities") / "stop_words.toml").read_text(encoding="utf-8"))


class _UzbekDefaults(BaseDefaults):
    prefixes, suffixes, infixes = _PREFIXES, _SUFFIXES, _INFIXES
    stop_words = set(_STOP_WORDS["uz"].split())  # noqa: RUF012  # as spaCy declares it


class _TajikDefaults(BaseDefaults):
    prefixes, suffixes, infixes = _PREFIXES, _SUFFIXES, _INFIXES
    stop_words = set(_STOP_WORDS["tg"].split())  # noqa: RUF012  # as spaCy declares it


class Uzbek(Language):
    """`spacy.blank("uz")`, both scripts."""

    lang = "uz"
    Defaults = _UzbekDefaults


class Tajik(Language):
    """`spacy.blank("tg")`, Cyrillic."""

    lang = "tg"
    Defaults = _TajikDefaults
