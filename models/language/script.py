"""Which script a text is written in: the gate in front of the profiles, and a guess for scripts that have none."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

LAST = 0xFFFF
# First and last code point, ISO 15924 name.
_BLOCKS = (
    (0x0041, 0x024F, "Latn"), (0x02BB, 0x02BC, "Latn"), (0x0370, 0x03FF, "Grek"), (0x0400, 0x052F, "Cyrl"),
    (0x0530, 0x058F, "Armn"), (0x0590, 0x05FF, "Hebr"), (0x0600, 0x06FF, "Arab"), (0x0750, 0x077F, "Arab"),
    (0x08A0, 0x08FF, "Arab"), (0x0900, 0x097F, "Deva"), (0x0980, 0x0DFF, "Brah"), (0x0E00, 0x0E7F, "Thai"),
    (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"), (0x1800, 0x18AF, "Mong"), (0x1C80, 0x1C8F, "Cyrl"),
    (0x1C90, 0x1CBF, "Geor"), (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"), (0x2C60, 0x2C7F, "Latn"),
    (0x2D30, 0x2D7F, "Tfng"), (0x2DE0, 0x2DFF, "Cyrl"), (0x3040, 0x30FF, "Jpan"), (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"), (0xA640, 0xA69F, "Cyrl"), (0xA720, 0xA7FF, "Latn"), (0xAC00, 0xD7A3, "Hang"),
    (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFC, "Arab"), (0xFF21, 0xFF5A, "Latn"),
)  # fmt: skip
_SCRIPTS = ("", *dict.fromkeys(name for _, _, name in _BLOCKS))
_ONE_LANGUAGE = {"Grek": "el", "Armn": "hy", "Hebr": "he", "Thai": "th", "Geor": "ka", "Hang": "ko", "Jpan": "ja", "Hani": "zh"}
# Letters that one language of the Arabic script has and its neighbours lack, the most telling first.
_ARABIC = (("ps", "ټډړږښڼۍ"), ("ug", "ۇۆە"), ("ps", "ې"), ("ur", "ٹڈڑےہ"), ("fa", "پچژگیک"))


def encode(text: str) -> Codes:
    """The code points of a text, those beyond the basic plane as U+FFFF: no language of ours is written there."""
    codes: Codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.minimum(codes, LAST, dtype=np.uint32)


def find_script(codes: Codes) -> str:
    """The script of most letters ("" if there is no letter at all); a tie goes to the first in the table."""
    return measure_script(codes)[0]


def measure_script(codes: Codes) -> tuple[str, int]:
    """The script of most letters, and how many letters of any script in the table there are."""
    # As bytes: counting one of them is a hundred times as fast as counting in an array of this size.
    kinds = _TABLE.take(codes).tobytes()
    letters = len(kinds) - kinds.count(0)
    best, most = 0, 0
    for at in range(1, len(_SCRIPTS)):
        count = kinds.count(at)
        if count > most:
            best, most = at, count
            if 2 * most >= letters:
                break
    return _SCRIPTS[best], letters


def find_scripts(codes: Codes, starts: NDArray[np.int64]) -> list[tuple[str, int]]:
    """The script of most letters of each part, and how many letters of that script it has."""
    part = np.zeros(len(codes), dtype=np.int64)
    part[starts[1:]] = 1
    kinds = np.cumsum(part) * len(_SCRIPTS) + _TABLE.take(codes)
    counts = np.bincount(kinds, minlength=len(starts) * len(_SCRIPTS)).reshape(len(starts), -1)
    counts[:, 0] = 0
    best = counts.argmax(axis=1)
    return [(_SCRIPTS[at], int(row[at])) for at, row in zip(best.tolist(), counts, strict=True)]


def is_letter(codes: Codes) -> NDArray[np.bool_]:
    """True for every letter of a script in the table."""
    found: NDArray[np.bool_] = _TABLE[codes] > 0
    return found


def guess_by_script(script: str, folded: str) -> str:
    """The likeliest language of a script that no profile covers, "" where that would be a lottery."""
    if script != "Arab":
        return _ONE_LANGUAGE.get(script, "")
    return next((language for language, letters in _ARABIC if any(letter in folded for letter in letters)), "ar")


def _make_table() -> NDArray[np.uint8]:
    table = np.zeros(LAST + 1, dtype=np.uint8)
    for first, last, name in _BLOCKS:
        # All of the large blocks are letters, and asking for each takes a tenth of the start-up.
        large = name in ("Hani", "Hang")
        letters = [code for code in range(first, last + 1) if large or chr(code).isalpha()]
        table[letters] = _SCRIPTS.index(name)
    return table


_TABLE = _make_table()
