"""One key for all spellings of a personal name, in either alphabet: `Хибатулла Ахундзада`, `Haybatulloh Oxundzoda`.

Alphabets and languages disagree on vowels (a, o, u; e, i, y), on kh, x and h, q and k, w and v, zh, dj and j, on double
letters, on a last h and on whether parts are written together; on the other consonants they agree. So the key is the
consonants in order, with one sign for whatever vowels stand between them.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gazetteer.fold import fold

VOWEL = "a"
LEAST_CONSONANTS = 6  # with fewer, names of other people have the key too: Абдул Азим has that of Abdullah Azzam
ARTICLES = frozenset({"al", "el", "аль", "ал", "эль"})
_ASSIMILATED = re.compile(r"(?:a|а)(?:ль|[dnrstzднрстз]|sh|ш)")  # ad-Din, аз-Завахири: the l has become the next letter
_SOUNDS = "a b v g d e z i y k l m n o p r s t u f x ts C S S i e u a"
_CYRILLIC = dict(zip("абвгдезийклмнопрстуфхцчшщыэюя", _SOUNDS.split(), strict=True))
_LATIN = str.maketrans(_CYRILLIC | {"ж": "j", "ъ": "", "ь": "", "'": "", "-": "", " ": ""})
_DJIM = str.maketrans("ҷҶљЉ", "жЖжЖ")  # folding makes them ч
_SAME = (
    (re.compile("tch|ch"), "C"),
    (re.compile("sh"), "S"),
    (re.compile("dzh|dj|zh"), "j"),
    (re.compile("kh|x"), "h"),
    (re.compile("gh"), "g"),
    (re.compile("ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("ck|[qkc]"), "k"),
    (re.compile("w"), "v"),
    (re.compile("[aeiouy]+"), VOWEL),
    (re.compile(r"(.)\1+"), r"\1"),
)
_SPELT = (  # how the signs of a key begin to be written, in each alphabet; the other signs are letters
    {"h": "h kh x", "k": "k q c", "j": "j dj dzh zh", "C": "ch tch", "S": "sh", "g": "g gh", "f": "f ph", "t": "t th", "v": "v w"}
    | {VOWEL: "a e i o u y ai ay au ea ee ei ey ia ie io iy oa oo ou oy ua uo uy ya ye yo yu"},
    {latin: letter for letter, latin in _CYRILLIC.items() if len(latin) == 1}
    | {"h": "х", "S": "ш щ", "C": "ч", "j": "ж дж ч", VOWEL: "а е и о у э ю я аи ай ау еи ей иа ии ий ои ой оу уи уй уа йо йу"},
)


def make_key(words: Iterable[str]) -> str:
    """The key of a name's words; a last h of a word counts as little as its vowel."""
    key = ""
    for word in words:
        key = add_word(key, word)
    return key


def add_word(key: str, word: str) -> str:
    """The key of a name with one more word."""
    more = _reduce(word)
    return key + more[key[-1:] == more[:1] and bool(key) :]


def iter_parts(words: Iterable[str]) -> Iterator[str]:
    """The keys that a name has up to the end of each of its words, and up to where -ullah and -uddin may stand apart."""
    key = ""
    for word in words:
        before, key = key, add_word(key, word)
        yield key
        for second in ("ala", "adan"):
            if key.endswith(second) and len(key) - len(second) > len(before):
                yield key.removesuffix(second)


@lru_cache(maxsize=16384)
def _reduce(word: str) -> str:
    key = fold(word.translate(_DJIM)).translate(_LATIN).replace("ibragim", "ibrahim")
    for pattern, sign in _SAME:
        key = pattern.sub(sign, key)
    return key[:-1] if key.endswith(f"{VOWEL}h") else key


def is_telling(key: str) -> bool:
    """False for a key that too many names have."""
    return len(key.replace(VOWEL, "")) >= LEAST_CONSONANTS


def is_article(word: str) -> bool:
    """True for `al` in all its shapes, which is often left out."""
    lower = word.lower()
    return lower in ARTICLES or bool(_ASSIMILATED.fullmatch(lower))


def iter_beginnings(key: str) -> Iterator[str]:
    """The folded ways in which a name with this key may begin, as far as it takes to have a vowel and what is on both sides."""
    signs = key[: max(key.find(VOWEL), 1) + 2]
    for spelt in _SPELT:
        choices = [spelt.get(sign, sign).split() for sign in signs]
        if signs[-1] == VOWEL:  # the first letter will do of what comes last
            choices[-1] = [letter for letter in choices[-1] if len(letter) == 1]
        if spelt is _SPELT[0] or not any(sign.isascii() and sign.isalpha() for choice in choices for sign in choice):
            yield from map(fold, map("".join, itertools.product(*choices)))
