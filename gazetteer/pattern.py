"""Turn forms into folded patterns: spellings that folding cannot reach become patterns of their own."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gazetteer.alphabet import UNKNOWN, encode
from gazetteer.entries import load_context
from gazetteer.fold import fold
from gazetteer.inflect import ru, uz
from gazetteer.record import Entity, Form
from gazetteer.shadow import make_shadow
from gazetteer.transliterate import iter_transliterations
from gazetteer.typing_error import LONG, iter_errors

LONG_ENOUGH = 5
MOST_JOINTS = 3
_NEVER_TOLERANT = frozenset({"abbrev", "stem"})
Declensions = Mapping[str, Sequence[str]]
_OUTER = '«»“”"„'
_DASH = re.compile(r"\s+[-–—]\s+|[-–—]")
_ARTICLE = re.compile(r"(?<!\w)((?:al|el|ал|аль|эль))-(?=\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of writing one form. `written` keeps the capitals and has the length of its folded `key`.

    `ending` says what may follow: `any` ending of the language, only a `possessive`, a `stem` ending, or `none`.
    """

    key: str
    written: str
    form: Form
    entity: Entity
    rule: str = ""
    ending: str = "any"


def iter_patterns(entities: Iterable[Entity], declensions: Declensions | None = None) -> Iterator[Pattern]:
    """Yield every pattern of every matched form; `declensions` are the shipped ones where none are given."""
    cases = ru.load_declensions() if declensions is None else declensions
    for entity in entities:
        for form in entity.forms:
            if form.is_matched:
                for written, rule, ending in dict.fromkeys(_iter_all(form, cases, entity.kind == "person")):
                    shadow = make_shadow(written)
                    yield Pattern(shadow.folded, shadow.plain, form, entity, rule, ending)


def is_tolerant(pattern: Pattern) -> bool:
    """True if the name counts also with one typing error: long, and not a word that needs a context to count."""
    form = pattern.form
    if len(pattern.key) < LONG or '"' in pattern.key or form.kind in _NEVER_TOLERANT or UNKNOWN in encode(pattern.key):
        return False
    if form.typos is not None:
        return form.typos
    # The names of ministries and councils are made of ordinary words, which would be compared wherever they stand.
    is_name = pattern.entity.is_in_scope or pattern.entity.kind == "person"
    return is_name and not (form.ambiguous or form.unless or form.case == "exact")


def _iter_all(form: Form, cases: Declensions, is_person: bool) -> Iterator[tuple[str, str, str]]:
    yield from _iter_written(form, cases)
    if is_person:
        for spelling in iter_transliterations(form.text):
            yield spelling, f"transliterated '{spelling}'", "any"
    if form.typos and len(form.text) < LONG:
        for spelling in iter_errors(form.text, form.script):
            yield spelling, "typing error", "any"


def _iter_written(form: Form, cases: Declensions) -> Iterator[tuple[str, str, str]]:
    ending = "stem" if form.kind == "stem" else "any"
    for spelling in iter_spellings(form.text):
        yield spelling, "", ending
        if form.language == "uz":
            for stem, rule in uz.iter_stems(spelling):
                yield stem, rule, "possessive"
    if form.language == "tg" and "ӣ" in form.text:
        for spelling in iter_spellings(form.text.replace("ӣ", "й")):
            yield spelling, "ӣ written й", ending
    if form.language == "ru":
        for case in cases.get(form.text, ()):
            for spelling in iter_spellings(case):
                yield spelling, f"declined '{case}'", "none"


def iter_spellings(text: str) -> Iterator[str]:
    """Yield the form and its variants: quotes left out, dash or space or nothing, apostrophe or hard sign left out."""
    plain = text.strip(_OUTER) if text[0] in _OUTER and text[-1] in _OUTER else text
    quoteless = re.sub(f"[{_OUTER}]", "", plain)
    for base in dict.fromkeys((plain, quoteless, *_iter_quoted(quoteless))):
        for joined in _iter_joined(base):
            yield joined
            bare = re.sub("[ʻʼ’'ъ]", "", joined)
            if bare != joined and len(bare) >= LONG_ENOUGH:
                yield bare


def _iter_quoted(text: str) -> Iterator[str]:
    """`Ansorulloh jamoati` is also written `"Ansorulloh" jamoati`, `сеть Хаккани` also `сеть "Хаккани"`."""
    first, _, rest = text.partition(" ")
    if rest and fold(first) in _heads():
        yield f'{first} "{rest}"'
    rest, _, last = text.rpartition(" ")
    if rest and fold(last) in _heads():
        yield f'"{rest}" {last}'


@cache
def _heads() -> frozenset[str]:
    return frozenset(fold(word) for words in load_context()["heads"].values() for word in words)


def _iter_joined(text: str) -> Iterator[str]:
    joints = len(_DASH.findall(text))
    if not 0 < joints <= MOST_JOINTS:
        yield text
        return
    pieces = _DASH.split(text)
    tight = "-" if _DASH.search(text) and not re.search(r"\s[-–—]\s", text) else " - "
    for choice in itertools.product(dict.fromkeys((tight, "-", " ")), repeat=joints):
        yield pieces[0] + "".join(joint + piece for joint, piece in zip(choice, pieces[1:], strict=True))
    if " " in text and tight == "-":
        yield text.replace(" ", "-")
    glued = _ARTICLE.sub(r"\1", text)
    if glued != text:
        yield glued
