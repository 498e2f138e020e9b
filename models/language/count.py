"""From texts to the counts of a profile: n-grams within words, the rarest left out."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from models.language.fold import fold
from models.language.profile import LONGEST, Profile, pack_profile

# More letters than this say nothing more, and their counts only take room.
MOST_LETTERS = 500_000

_WORD = re.compile(r"[^\W\d_]+")


def count_grams(texts: Iterable[str]) -> Counter[str]:
    """How often each 1- to 4-gram stands in the folded texts."""
    words: Counter[str] = Counter()
    for text in texts:
        words.update(_WORD.findall(fold(text)))
    grams: Counter[str] = Counter()
    for word, count in words.items():
        for gram in iter_grams(word):
            grams[gram] += count
    return grams


def iter_grams(word: str) -> list[str]:
    """All n-grams of one word, its ends marked by spaces; the space alone is none."""
    padded = f" {word} "
    grams = [padded[at : at + size] for size in range(2, LONGEST + 1) for at in range(len(padded) - size + 1)]
    return [*word, *grams]


def make_profile(name: str, grams: Counter[str], shares: Sequence[float]) -> Profile:
    """The profile of these counts, without what is seen once or is less than its length's share of all n-grams of this length."""
    totals = [0] * LONGEST
    for gram, count in grams.items():
        totals[len(gram) - 1] += count
    scale = min(1.0, MOST_LETTERS / max(1, totals[0]))
    kept = {gram: count for gram, count in grams.items() if count > 1 and count >= shares[len(gram) - 1] * totals[len(gram) - 1]}
    counts = {gram: max(1, round(count * scale)) for gram, count in kept.items()}
    return pack_profile(name, counts, tuple(round(total * scale) for total in totals))
