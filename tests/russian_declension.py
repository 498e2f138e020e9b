"""Decline Russian names by hand-written rules after Zaliznyak, for tests: imports nothing of the gazetteer."""

import re

# Common nouns that head the names of organisations; after the head the name stays as it is.
HEADS = frozenset(
    [
        "агентство",
        "бригада",
        "бюро",
        "движение",
        "информагентство",
        "институт",
        "клан",
        "комитет",
        "крыло",
        "медиафонд",
        "министерство",
        "организация",
        "пограничники",
        "сеть",
        "группировка",
        "совет",
        "совбез",
        "соцсеть",
        "союз",
        "служба",
        "структура",
        "талибы",
        "силы",
        "талиб",
        "талибан",
        "университет",
        "филиал",
        "фонд",
        "фронт",
        "центр",
        "эмират",
        "батальон",
        "джамаат",
        "государство",
        "партия",
        "республика",
        "газета",
        "волна",
        "крест",
        "альянс",
        "дороги",
        "хизбутчики",
        "ветвь",
        "власти",
        "группа",
        "минобороны",
        "органы",
        "погранвойска",
        "тахрировцы",
    ]
)
FROZEN = frozenset(
    [
        "абу",
        "бен",
        "бин",
        "аль",
        "аз",
        "ат",
        "ан",
        "ас",
        "аш",
        "ад",
        "уль",
        "ут",
        "эль",
        "валь",
        "е",
        "и",
        "техрик",
        "дойче",
        "радио",
        "хизб",
    ]
)
FEMININE_SIGN = frozenset({"сеть", "соцсеть", "ветвь"})
PLURAL_GENITIVE = {"силы": "сил", "дороги": "дорог", "погранвойска": "погранвойск"}
PEOPLE = frozenset({"талибы", "пограничники", "хизбутчики", "тахрировцы"})
PLURAL = PEOPLE | {"органы", "власти", "известия"}
UNCHANGING = frozenset({"бюро", "радио", "минобороны"})
_WORD = re.compile(r"[А-Яа-яЁё]+")
_ADJECTIVE = re.compile(r"(?:[нкч]ый|[кнц]ий|[жшнс]кий|ной|ая|яя|ое|ее|ые|ие)$")
_SURNAME = re.compile(r"(?:ов|ев|(?<!дд)ин)$")
_HUSHING = "гкхжчшщ"


def decline(text: str, is_person: bool, is_people: bool) -> list[str]:
    """Return genitive, dative, accusative, instrumental, prepositional where they differ from the nominative."""
    words = list(_WORD.finditer(text))
    if not words or re.search("[A-Za-z]", text):
        return []
    chosen = _choose(words, is_person)
    animate = is_person or is_people
    cases = [_write(text, [(word, _cases(word.group(), animate, is_person)[number]) for word in chosen]) for number in range(5)]
    return [case for case in dict.fromkeys(cases) if case != text]


def _choose(words: list[re.Match[str]], is_person: bool) -> list[re.Match[str]]:
    """The words that change: of a person all, of a phrase the adjectives and the head, of a transliteration the last."""
    free = [word for word in words if word.group().lower() not in FROZEN]
    if is_person:
        return free
    chosen = []
    for word in words:
        chosen.append(word)
        if word.group().lower() in HEADS:
            return chosen
        if not _ADJECTIVE.search(word.group()) or word.group().isupper() or word.group().lower() in HEADS:
            break
    if words[0].group().isupper() and " " in words[0].string:
        return []
    if len(chosen) > 1 and words[-1] is not chosen[-1] and chosen[-1].group().lower() not in FROZEN:
        return chosen
    adjectives = chosen[:-1]
    last = words[-1]
    return [*adjectives, *([last] if last in free else [])]


def _cases(word: str, animate: bool, is_person: bool) -> tuple[str, str, str, str, str]:
    low = word.lower()
    if word.isupper() and len(word) > 1:
        return (word,) * 5
    if low in PLURAL_GENITIVE or low in PLURAL:
        return _plural(word, animate)
    if low in UNCHANGING or (low[-1] in "иуюэе" and not low.endswith(("ие", "ые", "ее", "ое"))):
        return (word,) * 5
    if not is_person and low not in HEADS and _ADJECTIVE.search(low):
        return _adjective(word, animate)
    return _singular(word, animate, is_person)


def _plural(word: str, animate: bool) -> tuple[str, str, str, str, str]:
    stem, low = word[:-1], word.lower()
    soft = low.endswith(("ия", "сти"))
    ending = "ей" if low.endswith("сти") else "й" if soft else "ев" if low.endswith("цы") else "ов"
    genitive = word[: len(PLURAL_GENITIVE[low])] if low in PLURAL_GENITIVE else stem + ending
    a = "я" if soft else "а"
    return genitive, stem + a + "м", genitive if animate else word, stem + a + "ми", stem + a + "х"


def _adjective(word: str, animate: bool) -> tuple[str, str, str, str, str]:
    stem, ending = word[:-2], word[-2:]
    soft = stem[-1] in _HUSHING or ending in {"яя", "ее"} or (ending in {"ий", "ие"} and stem[-1] not in _HUSHING)
    i = "и" if soft else "ы"
    o = "е" if soft and stem[-1] not in "гкх" else "о"
    if ending in {"ая", "яя"}:
        return (stem + o + "й",) * 2 + (stem + ("юю" if ending == "яя" else "ую"), stem + o + "й", stem + o + "й")
    if ending in {"ые", "ие"}:
        return stem + i + "х", stem + i + "м", stem + i + "х" if animate else word, stem + i + "ми", stem + i + "х"
    genitive = stem + o + "го"
    accusative = genitive if animate and ending in {"ый", "ий", "ой"} else word
    return genitive, stem + o + "му", accusative, stem + i + "м", stem + o + "м"


def _singular(word: str, animate: bool, is_person: bool) -> tuple[str, str, str, str, str]:
    stem, low = word[:-1], word.lower()
    if low.endswith("ия"):
        return stem + "и", stem + "и", stem + "ю", stem + "ей", stem + "и"
    if low.endswith("ие"):
        return stem + "я", stem + "ю", word, word + "м", stem + "и"
    if low[-1] == "а":
        i = "и" if low[-2] in _HUSHING else "ы"
        return stem + i, stem + "е", stem + "у", stem + ("ей" if low[-2] in "жчшщц" else "ой"), stem + "е"
    if low[-1] == "о":
        return (stem + "а", stem + "у", word, stem + "ом", stem + "е") if not is_person and low in HEADS else (word,) * 5
    if low in FEMININE_SIGN:
        return stem + "и", stem + "и", word, word + "ю", stem + "и"
    if low[-1] in "йь":
        return stem + "я", stem + "ю", stem + "я" if animate else word, stem + "ем", stem + "е"
    instrumental = "ым" if is_person and _SURNAME.search(low) and len(low) > 5 else "ем" if low[-1] in "жчшщц" else "ом"
    return word + "а", word + "у", word + "а" if animate else word, word + instrumental, word + "е"


def _write(text: str, changes: list[tuple[re.Match[str], str]]) -> str:
    for word, case in reversed(changes):
        text = text[: word.start()] + case + text[word.end() :]
    return text
