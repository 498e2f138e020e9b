"""Counts of a language's 1- to 3-grams in the format of langdetect, whose own profiles are one of our sources.

langdetect's rules are kept: an n-gram never spans two words, a space stands only at its ends, and P(n-gram | language) is its
count over the count of all n-grams of its length. Nakatani Shuyo, Language Detection Library for Java, 2010.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.language.fold import fold

LONGEST = 3
CALIBRATION_FILE = "calibration.json"

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """`freq` maps an n-gram to its count, `n_words` holds the total of 1-, 2- and 3-grams, `name` is the label."""

    name: str
    freq: dict[str, int]
    n_words: tuple[int, int, int]

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
    """How often each 1- to 3-gram stands in the folded texts."""
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


def make_profile(name: str, grams: Counter[str], least: int) -> Profile:
    """The profile of these counts without what was seen fewer than `least` times."""
    kept = {gram: count for gram, count in grams.items() if count >= least}
    totals = [sum(count for gram, count in kept.items() if len(gram) == size) for size in range(1, LONGEST + 1)]
    return Profile(name, kept, (totals[0], totals[1], totals[2]))
