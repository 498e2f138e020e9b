"""Decline the Russian forms with pymorphy3 and write them down, so that nothing of it is loaded at run time.

Usage: python -m gazetteer.inflect.decline
"""

import json
import re
from collections.abc import Iterator
from functools import cache

import pymorphy3

from gazetteer.entries import Form, load_entities
from gazetteer.inflect.ru import GENERATED

CASES = ("gent", "datv", "accs", "ablt", "loct")
SHORTEST = 4
_WORD = re.compile(r"[^\W\d_]+")
_PARTICLES = frozenset({"аль", "аз", "ат", "ан", "ас", "аш", "ад", "уль", "ут", "эль", "бен", "бин", "е", "и", "валь"})
_HARD, _SOFT, _FEMININE = ("а", "у", "а", "ом", "е"), ("я", "ю", "я", "ем", "е"), ("ы", "е", "у", "ой", "е")
_FEMININE_SOFT = ("и", "е", "ю", "ей", "е")


def decline(form: Form, is_person: bool = False) -> list[str]:
    """Return the other cases of a Russian form; empty for abbreviations, stems and what does not decline."""
    if form.kind in {"abbrev", "stem"} or len(form.text) < SHORTEST:
        return []
    words = list(_WORD.finditer(form.text))
    is_phrase = not is_person and _is_phrase([word.group() for word in words])
    changing = [(word, _cases(word.group(), is_phrase)) for word in _declinable(words, is_phrase)]
    choices = [changing] if is_phrase or len(changing) < 2 else [changing, changing[:-1], changing[-1:]]
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


def _is_phrase(words: list[str]) -> bool:
    """True where a known common noun or adjective leads (`Исламское движение Узбекистана`)."""
    first = _nominative(words[0])
    return first is not None and "Name" not in first.tag and "Surn" not in first.tag and len(words) > 1


def _is_adjective(word: str) -> bool:
    parsed = _nominative(word)
    return parsed is not None and parsed.tag.POS in {"ADJF", "PRTF"}


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
    last = word[-1].lower()
    if last == "й" and not word.lower().endswith(("ий", "ой")):
        return [word[:-1] + ending for ending in _SOFT]
    if last == "ь":
        return [word[:-1] + ending for ending in _SOFT]
    if last == "а":
        endings = ("и", *_FEMININE[1:]) if word[-2].lower() in "гкхжшчщ" else _FEMININE
        return [word[:-1] + ending for ending in endings]
    if last == "я":
        return [word[:-1] + ending for ending in _FEMININE_SOFT]
    if last in "бвгджзклмнпрстфхцчшщ":
        return [word + ending for ending in _HARD]
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
