"""What the wording model may read: the text without words for peoples, faiths and migrants, and without countries and places.

Where something happened is told by the evidence features, whose rules can be read; a vector of the whole text must not learn it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from models import LANGUAGES
from models.relevance.fold import fold
from models.relevance.lexicon import Lexicon, load_concepts, load_lexicon, read_concepts
from models.relevance.notice import find_notices
from models.relevance.reading import NOTICE_WORD, TIES

MASK = "X"
PLACES = frozenset({*TIES, "foreign", "war-zone"})
MASKED = "masked"
_ARTICLE = re.compile(r"(?<!\w)an?\s+\Z")  # a or an tells with which sound the masked word began


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text; its stretches begin at `starts`, and where they come from in the text as it was stands in `origins`."""

    text: str
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def find_origin(self, place: int) -> int:
        """The place in the text as it was."""
        number = max(bisect_right(self.starts, place) - 1, 0)
        return self.origins[number] + place - self.starts[number]


def mask(text: str, language: str) -> Masked:
    """The text with every protected word, country and place of the word lists replaced by X, legal notices left out."""
    folded = fold(text)
    notices = find_notices(folded, [one.start for one in load_lexicon(language).find(folded) if one.concept == NOTICE_WORD])
    hidden = [(_skip_article(folded, start), end) for start, end in _load_lexicon(language).find_all(folded)]
    pieces: list[str] = []
    starts, origins, size, place = [0], [0], 0, 0
    for start, end, put in sorted([*((a, b, MASK) for a, b in hidden), *((a, b, "") for a, b in notices)]):
        if start >= place:
            pieces += [text[place:start], put]
            size += start - place + len(put)
            starts.append(size)
            origins.append(end)
            place = end
        elif end > place:
            place = origins[-1] = end
    return Masked("".join([*pieces, text[place:]]), tuple(starts), tuple(origins))


def _skip_article(folded: str, start: int) -> int:
    article = _ARTICLE.search(folded, max(start - 4, 0), start)
    return article.start() if article else start


@cache
def _load_lexicon(language: str) -> Lexicon:
    """Only what is masked, in one automaton of its own: the evidence lists are searched for every text, this one seldom."""
    known = load_concepts()
    concepts = {name: concept for name, concept in known.items() if concept.role == "protected" or name in PLACES}
    return Lexicon(concepts | read_concepts(MASKED), (language,) if language in LANGUAGES else LANGUAGES)
