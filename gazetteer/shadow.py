"""The folded shadow of a text with a way back to its offsets, also where folding cannot be one to one."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from gazetteer.fold import fold

# Invisible characters inside names, and letters of reform spellings that stand for two.
_UNEVEN = dict.fromkeys("\xad\u200b\u200c\u200d\u2060\ufeff́\u200e\u200f", "") | {
    "ş": "sh",
    "Ş": "Sh",
    "ç": "ch",
    "Ç": "Ch",
}
_FIND_UNEVEN = re.compile(f"[{''.join(_UNEVEN)}]")


@dataclass(frozen=True, slots=True)
class Shadow:
    """`folded` has the length of `plain`; `starts` and `shifts` lead from it back to the original text."""

    plain: str
    folded: str
    starts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def original(self, offset: int) -> int:
        """The offset in the original text of a character of the shadow."""
        if not self.starts:
            return offset
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]

    def original_end(self, offset: int) -> int:
        """The offset in the original text right after the character before `offset`."""
        return self.original(offset - 1) + 1 if self.starts else offset


def make_shadow(text: str) -> Shadow:
    """Fold a text; only a text with uneven characters pays for the map."""
    if text.isascii() or not any(character in text for character in _UNEVEN):
        return Shadow(text, fold(text))
    parts: list[str] = []
    starts, shifts = [0], [0]
    length = last = 0
    for found in _FIND_UNEVEN.finditer(text):
        kept, new = text[last : found.start()], _UNEVEN[found.group()]
        parts += [kept, new]
        length += len(kept)
        for number in range(1, len(new)):
            starts.append(length + number)
            shifts.append(found.start() - length - number)
        length += len(new)
        last = found.end()
        starts.append(length)
        shifts.append(last - length)
    plain = "".join([*parts, text[last:]])
    return Shadow(plain, fold(plain), tuple(starts), tuple(shifts))
