"""Legal notices (`запрещена в РФ`, `иностранный агент`, `taqiqlangan`): found, so that they can be set aside."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

REACH = 320  # characters on either side of a word; a notice is shorter


def find_notices(folded: str, places: Iterable[int]) -> list[tuple[int, int]]:
    """Spans of the legal notices around these places of a folded text, in order and apart from each other."""
    windows = _merge((max(place - REACH, 0), place + REACH) for place in sorted(places))
    spans = [match.span() for start, end in windows for pattern in _load() for match in pattern.finditer(folded, start, end)]
    return _merge(sorted(spans))


def _merge(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


@cache
def _load() -> tuple[re.Pattern[str], ...]:
    text = (files("models.relevance") / "terms" / "disclaimer.toml").read_text(encoding="utf-8")
    return tuple(re.compile(pattern) for pattern in tomllib.loads(text)["notice"]["patterns"])
