"""Uzbek terms are written once, in Latin letters, and read in Cyrillic too."""

import re

_PAIRS = {
    "o'": "ў", "g'": "ғ", "sh": "ш", "ch": "ч", "yo": "ё", "yu": "ю", "ya": "я", "ye": "е", "ts": "ц",
    "a": "а", "b": "б", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "ҳ", "i": "и", "j": "ж", "k": "к", "l": "л", "m": "м",
    "n": "н", "o": "о", "p": "п", "q": "қ", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "x": "х", "y": "й", "z": "з",
    "'": "ъ",
}  # fmt: skip
_TOKEN = re.compile("o'|g'|sh|ch|yo|yu|ya|ye|ts|[a-z']")


def make_cyrillic(term: str) -> str:
    """Turn a lower-case Uzbek Latin term into Cyrillic; signs such as `*` stay."""
    written = re.sub(r"\be", "э", term)
    return _TOKEN.sub(lambda match: _PAIRS[match[0]], written)
