"""Propose organisations and media that the list does not know: recurring names beside security words, never persons.

A name is proposed only where the text itself treats it as an organisation: in quotation marks, as an abbreviation, or
after a word such as `group` or `harakati`. A person's name has none of these, and what looks like one is left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from gazetteer.alphabet import encode
from gazetteer.compare import Text, cut_snippet
from gazetteer.context import Context, WordSets
from gazetteer.entries import load_context, load_given_names, load_protected
from gazetteer.fold import fold
from gazetteer.frequency import load_frequent
from gazetteer.match import Matcher
from gazetteer.shadow import Shadow

MOST_SNIPPETS = 3
CLOSE = 0.8
_PARTS = re.compile(r"[\w']+")
_CAPITAL = r"[A-ZА-ЯЁЎҚҒҲҶӢӮ]"
_WORD = rf"{_CAPITAL}[\w'ʻʼ’‘-]*"
_QUOTED = re.compile(rf"[«“\"„]({_WORD}(?:\s[\w'ʻʼ’‘-]+){{0,3}})[»”\"“]")
_ABBREVIATION = re.compile(rf"(?<![\w-])({_CAPITAL}{{3,7}})(?![\w])")
_SEQUENCE = re.compile(rf"({_WORD}(?:\s{_WORD}){{0,3}})")
_PERSONAL = re.compile(
    r"(?:ов|ова|ев|ева|ин|ина|ович|евич|овна|евна|зода|зоде|заде|пур)\b"
    r"|(?:ov|ova|yev|yeva|ev|eva|ovich|ovna|zoda|zade)\b"
)


def is_personal(name: str) -> bool:
    """True for what may be a person: an ending of surnames, or a given name, kunya or title in it."""
    return bool(_PERSONAL.search(name.lower())) or not load_given_names().isdisjoint(_PARTS.findall(fold(name)))


@dataclass(slots=True)
class Proposal:
    """One unknown name with where it stood; `documents` are ids, so that a copied story counts once per document."""

    name: str
    why: str
    documents: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    snippets: list[str] = field(default_factory=list)


def find_proposals(texts: Iterable[Text], matcher: Matcher, at_least: int = 2) -> list[Proposal]:
    """Names that at least so many texts have, most frequent first."""
    words = WordSets(load_context())
    proposals: dict[str, Proposal] = {}
    for text in texts:
        for name, why, start, end in _iter_unknown(text, matcher, words):
            proposal = proposals.setdefault(fold(name), Proposal(name, why))
            if text.id not in proposal.documents and len(proposal.snippets) < MOST_SNIPPETS:
                proposal.snippets.append(cut_snippet(text.text, start, end))
            proposal.documents.add(text.id)
            proposal.sources.add(text.source)
            proposal.languages.add(text.language)
    found = [proposal for proposal in proposals.values() if len(proposal.documents) >= at_least]
    return sorted(found, key=lambda proposal: (-len(proposal.documents), proposal.name))


def find_similar(proposal: Proposal, matcher: Matcher) -> str:
    """The id of an entity that has a form much like the name, of which it may be a spelling, or an empty string."""
    forms = {fold(form.text): entity for entity in matcher.entities.values() for form in entity.forms if form.is_matched}
    near = get_close_matches(fold(proposal.name), list(forms), n=1, cutoff=CLOSE)
    return forms[near[0]].id if near and forms[near[0]].kind != "person" else ""


def render_stub(proposal: Proposal, kind: str, provenance: str) -> str:
    """A YAML entry to fill in: it says nothing but where the name was seen and who accepted it, and alerts nobody."""
    slug = re.sub(r"\W+", "-", fold(proposal.name)).strip("-")
    head = [f"- id: candidate-{slug}", f"  kind: {kind}", f"  name: {_quote(proposal.name)}", "  policy: context"]
    return "\n".join([*head, f"  provenance: {_quote(provenance)}", "  forms:", render_form(proposal, "    ")])


def render_form(proposal: Proposal, indent: str = "") -> str:
    """The form as a line under its writing."""
    seen = ", ".join(sorted(source for source in proposal.sources if source)) or "own archive"
    form = f"{{text: {_quote(proposal.name)}, added: low, seen: {_quote(seen)}}}"
    return f"{indent}{_find_writing(proposal)}:\n{indent}- {form}"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _find_writing(proposal: Proposal) -> str:
    language = min(proposal.languages)
    cyrillic = bool(re.search("[Ѐ-ӿ]", proposal.name))
    if language == "uz":
        return "uz-Cyrl" if cyrillic else "uz-Latn"
    return language if language in {"ru", "tg"} and cyrillic else "ru" if cyrillic else "en"


def _iter_unknown(text: Text, matcher: Matcher, words: WordSets) -> Iterator[tuple[str, str, int, int]]:
    known = [(match.start, match.end) for match in matcher.find(text.text, text.language)]
    context = Context(Shadow(text.text, encode(text.text)), words)
    taken: list[tuple[int, int]] = list(known)
    for name, why, start, end in _iter_named(text.text, text.language):
        is_new = not any(start < other_end and other_start < end for other_start, other_end in taken)
        if is_new and not _is_ordinary(name) and not is_personal(name) and not context.is_shouting(start, end):
            near = context.find_word("militancy", start, end)
            if near:
                taken.append((start, end))
                yield name, f"{why}, near '{near}'", start, end


def _iter_named(text: str, language: str) -> Iterator[tuple[str, str, int, int]]:
    for why, pattern in (("in quotation marks", _QUOTED), ("abbreviation", _ABBREVIATION)):
        for found in pattern.finditer(text):
            yield found.group(1), why, found.start(1), found.end(1)
    for found in _SEQUENCE.finditer(text):
        head = _head_beside(text, language, found.start(), found.end())
        if head:
            yield found.group(1), f"beside '{head}'", found.start(1), found.end(1)


def _head_beside(text: str, language: str, start: int, end: int) -> str:
    """The noun that makes a name an organisation: right before it (Tajik, Russian, English) or right after it (Uzbek)."""
    heads = _heads()
    before, after = text[max(0, start - 30) : start].split(), text[end : end + 30].split()
    beside = [*(before[-1:] if language != "uz" else ()), *(after[:1] if language not in {"ru", "tg"} else ())]
    return next((word for word in beside if fold(word).strip(".,;:") in heads), "")


@cache
def _heads() -> frozenset[str]:
    return frozenset(fold(word) for words in load_context()["heads"].values() for word in words)


def _is_ordinary(name: str) -> bool:
    return all(word in _ordinary() for word in fold(name).split())


@cache
def _ordinary() -> frozenset[str]:
    return frozenset(fold(word) for words in (*load_frequent().values(), *load_protected().values()) for word in words)
