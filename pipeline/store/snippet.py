"""The passage of a text in which a reader's words stand, marked. The full-text index could say it too, but would walk every
document that has one of the words for each page of a list."""

import re
from unicodedata import combining, normalize

BEFORE, AFTER = 70, 170  # characters round the first word that was found
OPEN, CLOSE, CUT = "\x02", "\x03", "…"


class _Fold(dict[int, int]):
    """Each character as the index compares it, one for one: small, without its marks."""

    def __missing__(self, code: int) -> int:
        char = chr(code).lower()
        parts = normalize("NFD", char)
        plain = parts[0] if len(parts) > 1 and all(combining(part) for part in parts[1:]) else char
        self[code] = ord(plain) if len(plain) == 1 else code
        return self[code]


_FOLD = _Fold()


def make_snippet(text: str, pattern: re.Pattern[str]) -> str:
    """The passage round the first match, OPEN and CLOSE round each one in it; the beginning when nothing matches.

    `pattern` is of folded letters, see `fold`.
    """
    folded = fold(text)
    first = pattern.search(folded)
    start, end = _find_passage(text, first.start() if first else 0)
    found, at = [], start
    for match in pattern.finditer(folded, start, end):
        found += [_clean(text[at : match.start()]), OPEN, _clean(match[0] and text[match.start() : match.end()]), CLOSE]
        at = match.end()
    passage = "".join((*found, _clean(text[at:end])))
    return f"{CUT if start else ''}{passage.strip()}{CUT if end < len(text.rstrip()) else ''}"


def fold(text: str) -> str:
    """The text as the index compares it, of the same length."""
    return text.translate(_FOLD)


def _find_passage(text: str, at: int) -> tuple[int, int]:
    start, end = max(0, at - BEFORE), min(len(text), at + AFTER)
    if start:
        start = next((place + 1 for place in range(start, at) if text[place].isspace()), start)
    if end < len(text):
        end = next((place for place in range(end, at, -1) if text[place].isspace()), end)
    return start, end


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(OPEN, " ").replace(CLOSE, " "))
