"""Naive Bayes over all 1- to 3-grams of a text: langdetect's model, summed exactly instead of sampled at random."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.language.profile import LONGEST, Profile, load_profiles
from models.language.script import Codes, encode, find_script

Floats = NDArray[np.float64]

# The probability of what a profile never saw. langdetect takes 0.5 / 10,000, which was worse at 20 characters.
SMOOTHING = 0.1 / 10_000
UNSEEN = float(np.log(SMOOTHING))


@dataclass(frozen=True, slots=True)
class Score:
    """What the profiles say of a text.

    `log_likelihoods`, one per label, rest on `grams` n-grams that some profile knows; `familiarity` is the mean log-probability
    per label of all its 3-grams, of which it has `threes`: low where the text is in none of the languages.
    """

    log_likelihoods: Floats
    grams: int
    familiarity: Floats
    threes: int


class Scorer:
    """Log-likelihoods of a text under several profiles of one script.

    Letters are numbered, 0 for all that is no letter of these profiles, so an n-gram is one number and all n-grams of a text
    are looked up at once. Row 0 of the weights belongs to the n-grams that no profile knows: it adds nothing.
    """

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.labels = tuple(profile.name for profile in profiles)
        grams = sorted(set().union(*(profile.freq for profile in profiles)))
        letters = sorted(set("".join(grams)) - {" "})
        self._size = len(letters) + 1
        self._number = np.zeros(0x10000, dtype=np.int64)
        self._number[[ord(letter) for letter in letters]] = range(1, self._size)
        self._rows = [np.zeros(self._size**length, dtype=np.uint16) for length in range(1, LONGEST + 1)]
        lengths, keys = _measure(grams), self._find_keys(grams)
        for length, table in enumerate(self._rows, 1):
            (at,) = np.nonzero(lengths == length)
            table[keys[at]] = at + 1
        self._weights = _make_weights(profiles, grams)

    def score(self, codes: Codes) -> Score:
        """Add up what every n-gram of the text says."""
        ones = np.zeros(len(codes) + 2, dtype=np.int64)
        ones[1:-1] = self._number[codes]
        twos = ones[:-1] * self._size + ones[1:]
        threes = (twos[:-1] * self._size + ones[2:])[ones[1:-1] > 0]
        known = [table[keys] for table, keys in zip(self._rows, (ones, twos, threes), strict=True)]
        short, long = (rows[rows > 0] for rows in (np.concatenate(known[:2]), known[2]))
        sums = self._weights[long].sum(axis=0, dtype=np.float64)
        familiarity = (sums + (len(threes) - len(long)) * UNSEEN) / max(1, len(threes))
        sums += self._weights[short].sum(axis=0, dtype=np.float64)
        return Score(sums, len(short) + len(long), familiarity, len(threes))

    def _find_keys(self, grams: Sequence[str]) -> NDArray[np.int64]:
        """The number of each n-gram in base `size`; the zeros in front of a short one change nothing."""
        padded = "".join(gram.rjust(LONGEST, "\0") for gram in grams)
        digits = self._number[encode(padded)].reshape(-1, LONGEST)
        keys: NDArray[np.int64] = digits @ self._size ** np.arange(LONGEST - 1, -1, -1)
        return keys


def make_scorers(profiles: Iterable[Profile]) -> dict[str, Scorer]:
    """One scorer per script of the profiles."""
    by_script: dict[str, list[Profile]] = defaultdict(list)
    for profile in sorted(profiles, key=lambda profile: profile.name):
        by_script[find_script(encode("".join(profile.freq)))].append(profile)
    return {script: Scorer(group) for script, group in by_script.items()}


def load_scorers(folder: Path) -> dict[str, Scorer]:
    """One scorer per script of the profiles in this folder. Raises ValueError for a missing or broken profile."""
    return make_scorers(load_profiles(folder))


def _make_weights(profiles: Sequence[Profile], grams: Sequence[str]) -> NDArray[np.float32]:
    """Shape (1 + n-grams, labels): log P(n-gram | label)."""
    weights = np.full((len(grams) + 1, len(profiles)), SMOOTHING)
    row = {gram: at for at, gram in enumerate(grams, 1)}
    for column, profile in enumerate(profiles):
        at = np.fromiter(map(row.__getitem__, profile.freq), dtype=np.int64)
        counts = np.fromiter(profile.freq.values(), dtype=np.float64)
        weights[at, column] += counts / np.array(profile.n_words)[_measure(profile.freq) - 1]
    np.log(weights, out=weights)
    return weights.astype(np.float32)


def _measure(grams: Iterable[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, grams), dtype=np.int64)
