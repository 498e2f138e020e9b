"""Counts of a language's 1- to 4-grams in the format of langdetect, whose own profiles are one of our sources.

langdetect's rules are kept: an n-gram never spans two words, a space stands only at its ends, and P(n-gram | language) is its
count over the count of all n-grams of its length. Nakatani Shuyo, Language Detection Library for Java, 2010. Its reader skips
the 4-grams, which are ours.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.language.fold import fold

LONGEST = 4
# More letters than this say nothing more, and their counts only take room.
MOST_LETTERS = 500_000
CALIBRATION_FILE = "calibration.json"

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """`freq` maps an n-gram to its count, `n_words` holds the totals of 1- to 4-grams, `name` is the label."""

    name: str
    freq: dict[str, int]
    n_words: tuple[int, ...]

    def dump(self, folder: Path) -> None:
        """Write `folder/<name>.json`, equal counts giving equal bytes."""
        row = {"freq": self.freq, "n_words": list(self.n_words), "name": self.name}
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (folder / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def load_profile(path: Path) -> Profile:
    """Read one profile. Raises ValueError that names the file if it is not one."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Profile(row["name"], row["freq"], tuple(row["n_words"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a language profile ({error!r}); run python -m models.language.train") from error


def load_profiles(folder: Path) -> list[Profile]:
    """All profiles of a folder, by name. Raises ValueError if there is none."""
    profiles = [load_profile(path) for path in sorted(folder.glob("*.json")) if path.name != CALIBRATION_FILE]
    if not profiles:
        raise ValueError(f"{folder}: no language profiles; make them with python -m models.language.train")
    return profiles


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
    return Profile(name, counts, tuple(round(total * scale) for total in totals))
