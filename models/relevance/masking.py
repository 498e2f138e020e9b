"""What the encoder may read: the text without words for peoples, faiths and migrants, and without countries and places.

Where something happened is told by the evidence features, whose rules can be read; a vector of the whole text must not learn it.
"""

from models.relevance.fold import fold
from models.relevance.lexicon import load_lexicon
from models.relevance.notice import find_notices
from models.relevance.reading import NOTICE_WORD, TIES

MASK = "X"
PLACES = frozenset({*TIES, "foreign", "war-zone"})


def mask(text: str, language: str) -> str:
    """The text with every protected word, country and place in its word lists replaced by X, legal notices left out."""
    lexicon, folded = load_lexicon(language), fold(text)
    notices = find_notices(folded, [one.start for one in lexicon.find(folded) if one.concept == NOTICE_WORD])
    pieces, place = [], 0
    for start, end, put in sorted(
        [*((a, b, MASK) for a, b in lexicon.find_masked(folded, PLACES)), *((a, b, "") for a, b in notices)]
    ):
        if start >= place:
            pieces += [text[place:start], put]
        place = max(place, end)
    return "".join([*pieces, text[place:]])
