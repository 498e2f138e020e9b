"""Words as the entity heads see them: a name begins and ends with one."""

import re

# Letters with the marks of Uzbek and Tajik inside; the English possessive is a word of its own, so that names end before it.
_WORD = re.compile(r"\d+|[^\W\d_]+(?:['`´ʻʼʽ‘’‛′](?!s\b|S\b)[^\W\d_]+)*|\S")
_PIECE_OF_SPACE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


def find_words(text: str) -> list[tuple[int, int]]:
    """Spans of words, numbers and signs, in code points, from left to right."""
    return [match.span() for match in _WORD.finditer(text) if match.group() not in _PIECE_OF_SPACE]
