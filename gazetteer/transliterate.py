"""Spellings of personal names between the alphabets: kh, x and h; -ullah and -ulloh; -zada and -zoda; -uddin and -iddin."""

import itertools
import re
from collections.abc import Iterator

MOST = 100
_GROUPS = (
    ("akhund", "axund", "ahund", "oxund", "okhund"),
    ("ullah", "ulloh", "ulla", "ullo"),
    ("zada", "zadah", "zadeh", "zade", "zoda"),
    ("uddin", "iddin", "eddin", "uddeen"),
    ("muhammad", "mohammad", "muhammed", "mohammed"),
    ("omar", "umar", "omer"),
    ("osama", "usama", "usoma"),
    ("siraj", "siroj", "seraj"),
    ("haqqan", "haqqon", "hakkan"),
    ("mawlawi", "mawlavi", "mavlavi", "maulavi", "molavi"),
    ("ibrahim", "ibrohim"),
    ("yusuf", "yousuf", "yusef", "yousef"),
    ("ghani", "gani", "gʻani"),
    ("kh", "x", "h"),
    ("ахунд", "охунд"),
    ("уллах", "уллох", "уллоҳ", "улла", "улло"),
    ("зада", "заде", "зода"),
    ("уддин", "иддин", "еддин"),
    ("мухаммад", "мохаммад", "мухаммед", "мохаммед"),
    ("омар", "умар"),
    ("усама", "осама", "усома"),
    ("сирадж", "сирож", "сироҷ"),
    ("ибрагим", "ибрахим", "иброхим", "иброҳим"),
)
_ALTERNATIVES = {spelling: group for group in _GROUPS for spelling in group}
_FIND = re.compile("|".join(sorted((key for key in _ALTERNATIVES if key != "h"), key=len, reverse=True)), re.IGNORECASE)


def iter_transliterations(name: str) -> Iterator[str]:
    """Yield other spellings of a name of several words, at most 100, those with the fewest changes first.

    A bare h stays, since sh, ch and th hold it too.
    """
    if " " not in name:
        return
    found = list(_FIND.finditer(name))
    choices = [[_cased(other, part.group()) for other in _ALTERNATIVES[part.group().lower()]] for part in found]
    spelt = [part.group().lower() for part in found]

    def count_changes(chosen: tuple[str, ...]) -> int:
        return sum(other.lower() != part for other, part in zip(chosen, spelt, strict=True))

    for chosen in sorted(itertools.product(*choices), key=count_changes)[: MOST + 1]:
        written = name
        for part, other in reversed(list(zip(found, chosen, strict=True))):
            written = written[: part.start()] + other + written[part.end() :]
        if written != name:
            yield written


def _cased(other: str, like: str) -> str:
    return other.capitalize() if like[0].isupper() else other
