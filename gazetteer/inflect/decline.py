"""Decline the Russian forms with pymorphy3 and write them down, so that nothing of it is loaded at run time.

Usage: python -m gazetteer.inflect.decline
"""

import json
import re
from collections.abc import Iterator
from functools import cache

import pymorphy3

from gazetteer.entries import load_entities
from gazetteer.inflect.ru import GENERATED
from gazetteer.record import Form

CASES = ("gent", "datv", "accs", "ablt", "loct")
SHORTEST = 4
LONGEST_STEM = 5
_Change = tuple[re.Match[str], list[str]]
_WORD = re.compile(r"[^\W\d_]+")
_PARTICLES = frozenset({"аль", "аз", "ат", "ан", "ас", "аш", "ад", "уль", "ут", "эль", "бен", "бин", "е", "и", "валь"})
_HARD, _SOFT, _FEMININE = ("а", "у", "а", "ом", "е"), ("я", "ю", "я", "ем", "е"), ("ы", "е", "у", "ой", "е")
_FEMININE_SOFT = ("и", "е", "ю", "ей", "е")
_PLURAL = ("ов", "ам", "ов", "ами", "ах")
_HUSHING = "жцчшщ"
_ADJECTIVE = re.compile(r"(.*[сц]к)(ий|ая|ое|ие)", re.IGNORECASE)
_ADJECTIVES = {
    "ий": ("ого", "ому", "ого", "им", "ом"),
    "ая": ("ой", "ой", "ую", "ой", "ой"),
    "ое": ("ого", "ому", "ое", "им", "ом"),
    "ие": ("их", "им", "их", "ими", "их"),
}


def decline(form: Form, is_person: bool = False) -> list[str]:
    """Return the other cases of a Russian form; empty for abbreviations, stems and what does not decline."""
    if form.kind in {"abbrev", "stem"} or len(form.text) < SHORTEST:
        return []
    words = list(_WORD.finditer(form.text))
    is_phrase = not is_person and _is_phrase([word.group() for word in words])
    changing = [(word, _cases(word.group(), is_phrase)) for word in _declinable(words, is_phrase)]
    choices = _choose(changing, is_phrase)
    if is_phrase and len(words) > len(changing) > 1 and not _nominative(changing[-1][0].group()):
        choices.append([*changing[:-1], (words[-1], _cases(words[-1].group(), False))])
    cases = [
        _inflected(form.text, [(word, cases[number]) for word, cases in choice])
        for choice in choices
        for number in range(len(CASES))
    ]
    return [case for case in dict.fromkeys(cases) if case != form.text]


def render() -> str:
    """Return the whole generated file as text."""
    forms = sorted((form.text, decline(form, is_person)) for form, is_person in _iter_russian())
    lines = [f"{_json(text)}: {_json(cases)}" for text, cases in dict(forms).items() if cases]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write the generated file."""
    GENERATED.parent.mkdir(exist_ok=True)
    GENERATED.write_text(render(), "utf-8")


def _iter_russian() -> Iterator[tuple[Form, bool]]:
    for entity in load_entities():
        for form in entity.forms:
            if form.language == "ru" and form.is_matched:
                yield form, entity.kind == "person"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _declinable(words: list[re.Match[str]], is_phrase: bool) -> Iterator[re.Match[str]]:
    """The words that change: adjectives up to the head noun and the noun; of a proper name, every part of it."""
    for word in words:
        if not word.group().isupper() and word.group().lower() not in _PARTICLES:
            yield word
        if is_phrase and not _is_adjective(word.group()):
            return


def _choose(changing: list[_Change], is_phrase: bool) -> list[list[_Change]]:
    """Of a proper name people decline every part, all but the last, only the last, or only the first."""
    if is_phrase or len(changing) < 2:
        return [changing]
    return [changing, changing[:-1], changing[-1:], changing[:1]]


def _is_phrase(words: list[str]) -> bool:
    """True where a known common noun or adjective leads (`Исламское движение Узбекистана`)."""
    if words[0].lower() in _PARTICLES:
        return False
    if _ADJECTIVE.fullmatch(words[0]) and len(words) > 1:
        return True
    first = _nominative(words[0])
    return first is not None and "Name" not in first.tag and "Surn" not in first.tag and len(words) > 1


def _is_adjective(word: str) -> bool:
    parsed = _nominative(word)
    return parsed.tag.POS in {"ADJF", "PRTF"} if parsed else bool(_ADJECTIVE.fullmatch(word))


@cache
def _analyzer() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


@cache
def _nominative(word: str) -> "pymorphy3.analyzer.Parse | None":
    """The best known reading in the nominative, or None."""
    for parsed in _analyzer().parse(word):
        if parsed.is_known and "nomn" in parsed.tag and parsed.tag.POS in {"NOUN", "ADJF", "PRTF"} and "Abbr" not in parsed.tag:
            return parsed
    return None


def _cases(word: str, is_phrase: bool) -> list[str]:
    parsed = _nominative(word)
    if parsed and (is_phrase or not {"Name", "Surn"} & set(parsed.tag.grammemes)):
        return _known(parsed, word)
    return _guess(word)


def _known(parsed: "pymorphy3.analyzer.Parse", word: str) -> list[str]:
    number = "plur" if "plur" in parsed.tag else "sing"
    found = (parsed.inflect({case, number}) for case in CASES)
    return [_cased(item.word, word) if item else word for item in found]


def _guess(word: str) -> list[str]:
    """Endings of an unknown name by its last letter; names in -о, -е, -и, -у stay as they are."""
    if len(word) < 2:
        return [word] * len(CASES)
    last, before = word[-1].lower(), word[-2].lower()
    adjective = _ADJECTIVE.fullmatch(word)
    if adjective:
        return [adjective[1] + ending for ending in _ADJECTIVES[adjective[2].lower()]]
    if word.lower().endswith(("чики", "ники")):
        return [word[:-1] + ending for ending in _PLURAL]
    if last == "й" and not word.lower().endswith(("ий", "ой")):
        return [word[:-1] + ending for ending in _SOFT]
    if last == "ь":
        return [word[:-1] + ending for ending in _SOFT]
    if last == "а":
        first = "и" if before in "гкхжшчщ" else "ы"
        fourth = "ей" if before in _HUSHING else "ой"
        return [word[:-1] + ending for ending in (first, *_FEMININE[1:3], fourth, _FEMININE[4])]
    if last == "я":
        return [word[:-1] + ending for ending in _FEMININE_SOFT]
    if last in "бвгджзклмнпрстфхцчшщ":
        is_surname = len(word) > LONGEST_STEM and word.lower().endswith(("ов", "ев"))
        fourth = "ым" if is_surname else "ем" if last in _HUSHING else "ом"
        return [word + ending for ending in (*_HARD[:3], fourth, _HARD[4])]
    return [word] * len(CASES)


def _cased(inflected: str, like: str) -> str:
    if like.isupper():
        return inflected.upper()
    return inflected.capitalize() if like[0].isupper() else inflected


def _inflected(text: str, changes: list[tuple[re.Match[str], str]]) -> str:
    for word, case in reversed(changes):
        text = text[: word.start()] + case + text[word.end() :]
    return text


if __name__ == "__main__":
    main()
