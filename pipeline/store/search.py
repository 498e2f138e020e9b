"""A reader's words as a full-text query: either script, any apostrophe, any ending of Uzbek, Tajik, Russian and English.

The index keeps the words as they were printed; the query names the ways in which one word may be printed. So nothing is stored
twice, and a better table of spellings needs no new index. In quotation marks a phrase is searched exactly as it stands.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

from pipeline.store.snippet import fold

APOSTROPHE = re.compile("['ʻʼ‘’`´ʿʾ′]")
# As the tokenizer sees them: two modifier letters belong to the word, every other apostrophe parts it in two, or it is left out.
PRINTED = ("ʻ", "ʼ", " ", "")
MOST_SPELLINGS = 32
LEAST_STEM = 4

# In pairs; those of several letters come first.
_CYRILLIC = (
    "shch щ yoʻ йў oʻ ў gʻ ғ sh ш ch ч yo ё yu ю ya я ye е ts ц a а b б d д e е f ф g г h ҳ i и j ж k к l л m м n н o о p п q қ"
    " r р s с t т u у v в x х y й z з ʻ ъ"
)
_LATIN = (
    "а a б b в v г g д d е e ж j з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х x ц s ч ch ш sh ъ ʻ ы i э e ю yu я ya"
    " ё yo ў oʻ қ q ғ gʻ ҳ h щ sh ҷ j ӣ i ӯ u"
)
TO_CYRILLIC = tuple(zip(_CYRILLIC.split()[::2], _CYRILLIC.split()[1::2], strict=True))
TO_LATIN = dict(zip(_LATIN.split()[::2], _LATIN.split()[1::2], strict=True)) | {"ь": ""}
# Letters that are often typed without their mark: a search without the mark finds both.
PLAIN = {"ў": "у", "ӯ": "у", "қ": "к", "ғ": "г", "ҳ": "х", "ҷ": "ч", "ӣ": "и"}
MARKED = {"у": "уўӯ", "к": "кқ", "г": "гғ", "х": "хҳ", "ч": "чҷ"}
# A short word is no beginning to search by (суд is in судьба): its usual endings are named one by one.
SHORT = 3
_SHORT_LATIN = "lar i si ni ning ga ka da dan s larning larni larga larda lardan ining ini iga ida idan"
_SHORT_CYRILLIC = "лар и си ни нинг га ка да дан ларни ларга ининг ини ига ида идан а у ом е ы ов ам ами ах ҳо ро ҳои аш"
SHORT_ENDINGS = {"Latn": ("", *_SHORT_LATIN.split()), "Cyrl": ("", *_SHORT_CYRILLIC.split())}
ENDINGS = {
    "Latn": re.compile(
        r"(?:lik|chi)?(?:lar)?(?:ingiz|imiz|miz|ing|im|si|i)?(?:ning|niki|ni|gacha|kacha|qacha|ga|ka|qa|dagi|dan|da|cha|dek|day)?"
        r"(?:mi|dir|ku)?|s|es|ed|ing"
    ),
    "Cyrl": re.compile(
        r"(?:лик|чи)?(?:лар)?(?:ингиз|имиз|миз|инг|им|си|и)?(?:нинг|ники|ни|гача|кача|қача|га|ка|қа|даги|дан|да|ча|дек|дай)?"
        r"(?:ми|дир|ку)?|(?:ҳо)?(?:и|ии|ӣ|е)?(?:аш|ат|ам|ашон)?(?:ро)?(?:у|ю)?"
        r"|а|у|ы|и|е|я|ю|ой|ей|ом|ем|ов|ев|ам|ям|ами|ями|ах|ях|ый|ий|ая|ое|ые|ие|ого|его|ому|ему|ым|им|ых|их|ыми|ими|ую"
    ),
}


def match(words: str) -> str:
    """The FTS5 query in which all the words must stand; what a reader types is never FTS5 syntax."""
    parts = _split(words)
    return " AND ".join(_quote(part.strip('"')) if part.startswith('"') else _word(part) for part in parts) or '""'


def find_pattern(words: str) -> re.Pattern[str]:
    """The same as a pattern that finds any of the words in a folded text, to mark them there."""
    terms = [
        fold(term)
        for part in _split(words)
        for term in ([f"{part}"] if part.startswith('"') else [t for piece in _pieces(part) for t in _iter_terms(piece)])
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_write_pattern, terms)) or '(?!)'})(?!\w)")


def iter_spellings(word: str) -> Iterator[str]:
    """The ways in which a word may be printed, its own first, at most MOST_SPELLINGS."""
    seen = dict.fromkeys(islice(_spell(APOSTROPHE.sub("ʻ", word.lower())), 4 * MOST_SPELLINGS))
    yield from islice(seen, MOST_SPELLINGS)


def find_stem(word: str) -> str:
    """The word without the longest ending that leaves at least four letters and half of it; in lower case."""
    word = APOSTROPHE.sub("ʻ", word.lower())
    endings = ENDINGS["Latn" if re.search("[a-z]", word) else "Cyrl"]
    least = max(LEAST_STEM, (len(word) + 1) // 2)
    return next((word[:cut] for cut in range(least, len(word)) if endings.fullmatch(word[cut:])), word)


@lru_cache(maxsize=1024)
def _word(word: str) -> str:
    return " AND ".join(f"({' OR '.join(_iter_terms(piece))})" for piece in _pieces(word)) or '""'


def _split(words: str) -> list[str]:
    return [part for part in re.findall(r'"[^"]*"|[^\s"]+', words.replace("\0", " ")) if re.search(r"\w", part)]


def _pieces(word: str) -> list[str]:
    return [piece for piece in re.split(r"[^\w'ʻʼ‘’`´ʿʾ′]+", word) if piece.strip("'ʻʼ‘’`´ʿʾ′_")]


def _write_pattern(term: str) -> str:
    # A quoted term as _iter_terms makes it: words in quotation marks, and a star where any ending may follow.
    tokens = re.findall(r"\w+", term)
    return r"[\W_]+".join(map(re.escape, tokens)) + (r"\w*" if term.endswith("*") else "") if tokens else "(?!)"


def _iter_terms(piece: str) -> Iterator[str]:
    if piece.isdigit():
        yield _quote(piece)
        return
    for spelling in iter_spellings(find_stem(piece)):
        if len(spelling) > SHORT:
            yield f"{_quote(spelling)}*"
        else:
            endings = SHORT_ENDINGS["Latn" if re.search("[a-z]", spelling) else "Cyrl"]
            yield from (_quote(spelling + ending) for ending in endings)


def _spell(stem: str) -> Iterator[str]:
    yield from _print_apostrophes(stem)
    if re.search("[a-z]", stem):
        cyrillic = _to_cyrillic(stem)
        if re.search("[a-z]", cyrillic):  # no Uzbek word
            return
        yield from (cyrillic, cyrillic.replace("ъ", ""))
        if cyrillic.startswith("е") and not stem.startswith("ye"):
            yield "э" + cyrillic[1:]
        yield "".join(PLAIN.get(letter, letter) for letter in cyrillic)
    else:
        yield from _print_apostrophes("".join(TO_LATIN.get(letter, letter) for letter in stem))
        yield "".join(PLAIN.get(letter, letter) for letter in stem)
        yield from ("".join(letters) for letters in product(*(MARKED.get(letter, letter) for letter in stem)))


def _print_apostrophes(stem: str) -> Iterator[str]:
    places = stem.count("ʻ")
    if places > 2:
        yield from (stem.replace("ʻ", printed) for printed in PRINTED)
        return
    for chosen in product(PRINTED, repeat=places):
        parts = stem.split("ʻ")
        yield "".join(part + printed for part, printed in zip(parts, (*chosen, ""), strict=True)).strip()


def _to_cyrillic(stem: str) -> str:
    for latin, cyrillic in TO_CYRILLIC:
        stem = stem.replace(latin, cyrillic)
    return stem


def _quote(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'
