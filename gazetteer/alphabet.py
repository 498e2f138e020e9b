"""One byte a letter: the letters of our four languages, their folding and their classes as tables of 256 bytes.

A text becomes bytes in one pass, folded in a second and classed in a third, each a table look-up in C: a tenth of
what a chain of `str.replace` takes, and offsets stay what they are.
"""

import codecs
from collections.abc import Iterator

APOSTROPHES = "ʻʼ‘’`´ʿʾ′"
QUOTES = "«»“”„‹›"
DASHES = "–—‑‐−‒"
SPACES = "\n\u00a0\t\r\u2009\u202f"
# Tajik and Uzbek letters are often typed without their mark; љ њ ќ ѓ ї are the letters of old Tajik fonts.
CYRILLIC = {"ё": "е", "ў": "у", "ӯ": "у", "қ": "к", "ќ": "к", "ғ": "г", "ѓ": "г", "ҳ": "х", "њ": "х"} | {
    "ҷ": "ч",
    "љ": "ч",
    "ӣ": "и",
    "ї": "и",
    "і": "и",
}
LATIN = {"ğ": "g", "õ": "o", "ö": "o", "ı": "i", "ŏ": "o", "ó": "o", "ǵ": "g", "ḡ": "g", "ï": "i"} | {
    "ā": "a",
    "á": "a",
    "ī": "i",
    "ū": "u",
    "ḥ": "h",
    "ṣ": "s",
    "ḍ": "d",
    "ṭ": "t",
}
ONE_TO_ONE = (
    dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(QUOTES, '"') | dict.fromkeys(DASHES, "-") | dict.fromkeys(SPACES, " ")
)
ONE_TO_ONE |= CYRILLIC | LATIN
UNKNOWN = 0x1A  # SUB, the control character that stands for what an alphabet does not have
LATIN_LETTER, CYRILLIC_LETTER, DIGIT, OTHER, STRANGE = b"LCD X"
FOLDED = "cp1251"  # folding leaves ASCII and Russian letters; this page has both


def encode(text: str) -> bytes:
    """The folded text, one byte a code point; what the alphabet does not have is UNKNOWN."""
    return codecs.charmap_encode(text, _HANDLER, _ENCODING)[0].translate(_FOLD)


def decode(folded: bytes) -> str:
    """Folded bytes as text."""
    return folded.decode(FOLDED)


def iter_runs(codes: bytes, code: int) -> Iterator[tuple[int, int]]:
    """Where one code stands, from and to; a regular expression takes twenty times as long to find that there is none."""
    start = codes.find(code)
    while start >= 0:
        end = start + 1
        while codes[end : end + 1] == codes[start : start + 1]:
            end += 1
        yield start, end
        start = codes.find(code, end)


def _replace_run(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  # what an encoder hands to its handler
    return chr(UNKNOWN) * (error.end - error.start), error.end


_HANDLER = "xabar-unknown"
codecs.register_error(_HANDLER, _replace_run)


def _list_letters() -> str:
    """Every character that has a code, 256 at most, ASCII first."""
    lower = "абвгдежзийклмнопрстуфхцчшщъыьэюя" + "".join(CYRILLIC) + "ğõö"
    signs = "".join(sign for sign in (*APOSTROPHES, *QUOTES, *DASHES, *SPACES) if not sign.isascii())
    return "".join(map(chr, range(128))) + lower + lower.upper() + signs + "ı…•№"


_LETTERS = _list_letters().ljust(256, "\ufffe")
_ENCODING = codecs.charmap_build(_LETTERS)


def fold_letter(letter: str) -> str:
    """What one character folds to: itself in lower case, or its plain letter; never more or less than one character."""
    lower = "i" if letter == "İ" else letter.lower()
    return ONE_TO_ONE.get(lower if len(lower) == 1 else letter, lower if len(lower) == 1 else letter)


_FOLD = bytes(fold_letter(letter).encode(FOLDED, "replace")[0] if letter != "\ufffe" else UNKNOWN for letter in _LETTERS)


def _class_of(code: int) -> int:
    letter = bytes([code]).decode(FOLDED, "replace")
    if code < ord(" ") or code == 0x7F or letter == "\ufffd":
        return STRANGE
    if letter.isalpha():
        return LATIN_LETTER if letter.isascii() else CYRILLIC_LETTER
    return DIGIT if letter.isdigit() else OTHER


CLASSES = bytes(map(_class_of, range(256)))
