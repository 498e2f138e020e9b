"""Inflected and typographic variants of a name, made from grammars, for tests: imports nothing of the gazetteer.

RULES names every rule with its reference. Works: Sjoberg, Uzbek Structural Grammar (1962); Bodrogligeti, An Academic
Reference Grammar of Modern Literary Uzbek (2003); Perry, A Tajik Persian Reference Grammar (2005); Zaliznyak,
Grammaticheskij slovar russkogo jazyka (2003), declension types by gender and stem.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.russian_declension import decline

RULES = {
    "uz-case": "Sjoberg 1962 and Bodrogligeti 2003, noun: case suffixes -ning -ni -ga/-ka/-qa -da -dan",
    "uz-locative": "Bodrogligeti 2003: forms built on cases, -gacha -dagi -niki -dagilar",
    "uz-particle": "Sjoberg 1962: enclitics and predicatives, -mi -dir -chi -dek, also after a case",
    "uz-plural": "Sjoberg 1962: -lar, also in respect after a person's name, before the case suffix",
    "uz-quote": "Uzbek orthography: the suffix stands after the closing quotation mark",
    "uz-hyphen": "Uzbek usage with abbreviations: the suffix after a hyphen",
    "uz-reform": "draft Latin alphabets since 2018: ş ç õ ğ for sh ch oʻ gʻ",
    "tg-ezafe": "Perry 2005, ezafe: -и on the head, final -ӣ written и before it",
    "tg-object": "Perry 2005, direct object marker: -ро, also after plural and clitic",
    "tg-clitic": "Perry 2005, enclitic pronouns: -аш -ашон",
    "tg-conjunction": "Perry 2005, enclitic conjunction: -у, -ву after vowels, -ю",
    "tg-indefinite": "Perry 2005, indefinite enclitic: -е",
    "tg-plural": "Perry 2005, plural: -ҳо, of names of groups and their members",
    "tg-quote": "Tajik newspaper usage: the suffix after a quotation mark and a hyphen",
    "tg-hyphen": "Tajik newspaper usage: the suffix after a hyphen behind an abbreviation",
    "tg-plain": "typing without Tajik letters: ҳ қ ғ ҷ ӣ ӯ as х к г ч и у",
    "tg-font": "letters of Tajik fonts before Unicode: њ ќ ѓ љ ї ў",
    "ru-case": "Zaliznyak: oblique cases of head noun and agreeing adjectives, of every part of a personal name",
    "ru-abbreviation": "colloquial case endings behind an abbreviation read as a word: -а -у -ом -е",
    "en-possessive": "English possessive: 's, ' after s, straight and typographic, also after a closing quotation mark",
    "en-compound": "English compounds of a name and a participle behind a hyphen",
    "quotes": "quotation marks of the four languages",
    "space": "no-break space or line break between words",
    "invisible": "soft hyphen or zero-width joiner inside a word, left by web pages",
    "apostrophe": "the signs typed for ʻ and ʼ",
    "dash": "the signs typed for a hyphen",
    "punctuation": "a mark right beside the name: bracket, slash, comma, stop, asterisk, dash",
    "capitals": "a name in capitals, as in headlines",
    "plain": "ё as е; Uzbek Cyrillic without ў қ ғ ҳ",
}
MARKS = (("(", ")"), ("/", "/"), ("", ","), ("", "."), ("", ";"), ("", "*"), ("—", "—"), ("", "?"), ("", "…"), ("[", "]"))
MARKS += (("", "!"), ("", ":"), ("", ")"), ("#", ""), ("*", ""), ("", "\t"), ("(", ""))
QUOTES = (("«", "»"), ("“", "”"), ('"', '"'), ("„", "“"))
APOSTROPHES = "ʻʼ‘’'`´"
_MARKED = re.compile('[«»“”„"]')
_TAJIK_ENDINGS = {
    "и": "tg-ezafe",
    **dict.fromkeys(("ро", "ашро", "ашонро"), "tg-object"),
    **dict.fromkeys(("аш", "ашон"), "tg-clitic"),
    "рову": "tg-conjunction",
    "е": "tg-indefinite",
}
_TAJIK_PLAIN = str.maketrans("ҳқғҷӣӯҲҚҒҶӢӮ", "хкгчиуХКГЧИУ")
_TAJIK_FONT = str.maketrans("ҳқғҷӣӯҲҚҒҶӢӮ", "њќѓљїўЊЌЃЉЇЎ")
_UZBEK_PLAIN = str.maketrans("ўқғҳЎҚҒҲ", "укгхУКГХ")


@dataclass(frozen=True, slots=True)
class Variant:
    """What stands in the text: `before` and `after` belong to the sentence, `name` is exactly what must be found."""

    name: str
    rule: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A form as a linguist sees it: how it is written, what it names, whether capitals must stay."""

    text: str
    language: str
    script: str
    is_person: bool = False
    is_abbreviation: bool = False
    is_people: bool = False
    keeps_capitals: bool = False
    in_quotes: bool = False


def make_variants(name: Name, count: int = 20) -> list[Variant]:
    """Return `count` different variants, always the same ones: inflections first, then their typographic variants."""
    inflected = list(dict.fromkeys(_INFLECT[name.language](name)))
    first = sorted(inflected, key=_shuffle)[: count * 3 // 5]
    rest = [variant for item in [*inflected, Variant(name.text, "")] for variant in _iter_typography(item, name)]
    chosen: dict[tuple[str, str, str], Variant] = {}
    for variant in [*first, *sorted(rest, key=_shuffle), *inflected]:
        if variant.rule and (not name.in_quotes or variant.before):
            chosen.setdefault((variant.before, variant.name, variant.after), variant)
    return list(chosen.values())[:count]


def _shuffle(variant: Variant) -> str:
    return hashlib.sha256(f"{variant.before}|{variant.name}|{variant.after}".encode()).hexdigest()


def _inflect_uzbek(name: Name) -> Iterator[Variant]:
    text = name.text
    cyrillic = name.script == "Cyrl"

    def write(latin: str) -> str:
        return _to_cyrillic(latin) if cyrillic else latin

    last = text[-1].lower()
    dative = {"k": "ka", "к": "ka", "q": "qa", "қ": "qa"}.get(last, "ga")
    dative = "ga" if name.is_abbreviation else dative
    cases = ["ning", "ni", dative, "da", "dan"]
    for ending in cases:
        yield Variant(text + write(ending), "uz-case")
    for ending in (dative + "cha", "dagi", "niki", "dagilar", "dagilarning"):
        yield Variant(text + write(ending), "uz-locative")
    for ending in ("mi", "dir", "chi", "dek", "danmi", "gami" if dative == "ga" else dative + "mi", "ningmi"):
        yield Variant(text + write(ending), "uz-particle")
    if (name.is_person or name.is_people) and not text.lower().endswith(("lar", "лар")):
        for ending in ("lar", "larning", "larga", "lardan"):
            yield Variant(text + write(ending), "uz-plural")
    yield from _iter_after_quotes(text, "uz-quote", [write(ending) for ending in ("ning", "ga", "dan")])
    if name.is_abbreviation:
        for ending in ("ning", "ga", "dan", "dagi"):
            yield Variant(f"{text}-{write(ending)}", "uz-hyphen")


def _iter_after_quotes(text: str, rule: str, endings: list[str]) -> Iterator[Variant]:
    if not _MARKED.search(text):
        for left, right in QUOTES:
            for ending in endings:
                yield Variant(text, rule, left, right + ending)


def _inflect_tajik(name: Name) -> Iterator[Variant]:
    if name.script == "Latn":
        return
    text = name.text
    base = text[:-1] + "и" if text.endswith("ӣ") else text
    for ending, rule in _TAJIK_ENDINGS.items():
        yield Variant(base + ending, rule)
    for ending in ("ву", "ю") if base[-1].lower() in "аеёиоуӯэюя" else ("у",):
        yield Variant(base + ending, "tg-conjunction")
    if (name.is_people or (name.is_abbreviation and " " not in text)) and not base.endswith("ҳо"):
        for ending in ("ҳо", "ҳоро", "ҳои", "ҳое", "ҳову"):
            yield Variant(base + ending, "tg-plural")
    yield from _iter_after_quotes(text, "tg-quote", ["-ро", "-и", "ро"])
    if name.is_abbreviation:
        for ending in ("ро", "и", "ҳо"):
            yield Variant(f"{text}-{ending}", "tg-hyphen")


def _inflect_russian(name: Name) -> Iterator[Variant]:
    for case in decline(name.text, name.is_person, name.is_people):
        yield Variant(case, "ru-case")
    if name.is_abbreviation and re.fullmatch(r"[А-Я]*[АЕИОУЭЮЯ][А-Я]*[БВГДЖЗКЛМНПРСТФХЦЧШЩ]", name.text):
        for ending in "ауе":
            yield Variant(name.text + ending, "ru-abbreviation")
        yield Variant(name.text + "ом", "ru-abbreviation")


def _inflect_english(name: Name) -> Iterator[Variant]:
    text = name.text
    for sign in "'’":
        yield Variant(text + sign + "s", "en-possessive")
        if text.endswith("s"):
            yield Variant(text, "en-possessive", after=sign)
    yield from _iter_after_quotes(text, "en-possessive", ["’s"])
    for participle in ("linked", "affiliated", "backed", "led", "based", "related"):
        yield Variant(text, "en-compound", after="-" + participle)


_INFLECT = {"uz": _inflect_uzbek, "tg": _inflect_tajik, "ru": _inflect_russian, "en": _inflect_english}


def _iter_typography(variant: Variant, name: Name) -> Iterator[Variant]:
    """Typographic variants of a name as it stands, with or without an ending."""
    text = variant.name
    is_quoted = variant.before or _MARKED.search(text)
    if not is_quoted and not variant.after:
        quoted = text == name.text or name.language == "ru"
        for left, right in QUOTES if quoted else ():
            yield Variant(text, f"{variant.rule} + quotes".removeprefix(" + "), left, right)
        for left, right in MARKS:
            mark = ("«", "»") if name.in_quotes else ("", "")
            yield Variant(text, f"{variant.rule} + punctuation".removeprefix(" + "), left + mark[0], mark[1] + right)
    for rule, written in _iter_written(text, name):
        if written != text:
            yield Variant(written, f"{variant.rule} + {rule}".removeprefix(" + "), variant.before, variant.after)
            if not is_quoted and text == name.text:
                for left, right in QUOTES:
                    yield Variant(written, f"quotes + {rule}", left, right)


def _iter_written(text: str, name: Name) -> Iterator[tuple[str, str]]:
    yield "space", text.replace(" ", "\u00a0")
    yield "space", text.replace(" ", "\n")
    for sign in "\u00ad\u200d":
        yield "invisible", re.sub(r"(?<=\w{3})(?=\w{3})", sign, text, count=1)
    if name.language in {"uz", "en"}:
        for sign in APOSTROPHES:
            yield "apostrophe", re.sub("[ʻʼ‘’'`]", sign, text)
    for sign in "‑‐–":
        yield "dash", re.sub(r"(?<=\w)-(?=\w)", sign, text)
    if not name.keeps_capitals or name.text.isupper():
        yield "capitals", text.upper()
    yield from _iter_respelled(text, name)


def _iter_respelled(text: str, name: Name) -> Iterator[tuple[str, str]]:
    if name.language == "ru":
        yield "plain", text.replace("ё", "е").replace("Ё", "Е")
    if name.language == "tg" and name.script == "Cyrl":
        yield "tg-plain", text.translate(_TAJIK_PLAIN)
        yield "tg-font", text.translate(_TAJIK_FONT)
    if name.language == "uz" and name.script == "Cyrl":
        yield "plain", text.translate(_UZBEK_PLAIN)
    if name.language == "uz" and name.script == "Latn" and not name.keeps_capitals:
        pairs = (("sh", "ş"), ("Sh", "Ş"), ("ch", "ç"), ("Ch", "Ç"), ("oʻ", "õ"), ("Oʻ", "Õ"), ("gʻ", "ğ"), ("Gʻ", "Ğ"))
        for old, new in pairs:
            text = text.replace(old, new)
        yield "uz-reform", text


def _to_cyrillic(ending: str) -> str:
    """Uzbek suffixes in Cyrillic; ng is written нг, ch is ч."""
    return ending.replace("ch", "ч").translate(str.maketrans("ngiadcqkrlmse", "нгиадцқкрлмсе"))
