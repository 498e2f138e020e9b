"""Naive Bayes over all 1- to 4-grams of a text: langdetect's model, summed exactly instead of sampled at random."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.language.profile import Profile, load_profiles
from models.language.script import Codes, encode, find_script

Floats = NDArray[np.float64]
Rows = NDArray[np.uint16]

LONGEST_DENSE = 3

# The probability of what a profile never saw. langdetect takes 0.5 / 10,000, which was worse at 20 characters.
SMOOTHING = 0.1 / 10_000
# Profiles keep only the frequent 4-grams: one that is missing may well exist.
SMOOTHING_FOURS = 0.2 / 10_000
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


@dataclass(frozen=True, slots=True)
class Scores:
    """The same of several parts, one per row of `log_likelihoods` and `familiarity`, one per number of the others."""

    log_likelihoods: Floats
    grams: NDArray[np.int64]
    familiarity: Floats
    threes: NDArray[np.int64]


class Scorer:
    """Log-likelihoods of a text under several profiles of one script.

    Letters are numbered, 0 for all that is no letter of these profiles, so an n-gram is one number and all n-grams of a text
    are looked up at once. Row 0 of the weights belongs to the n-grams that no profile knows: it adds nothing. A 4-gram is the
    row of its first three letters and its fourth letter, for which a second table is small enough.
    """

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.labels = tuple(profile.name for profile in profiles)
        known = sorted(set().union(*(profile.freq for profile in profiles)))
        grams = [gram for gram in known if len(gram) <= LONGEST_DENSE]
        letters = sorted(set("".join(grams)) - {" "})
        self._size = len(letters) + 1
        self._number = np.zeros(0x10000, dtype=np.int32)
        self._number[[ord(letter) for letter in letters]] = range(1, self._size)
        # One table for all lengths: the keys of the short n-grams stand behind those of the long ones.
        self._starts = {3: 0, 2: self._size**3, 1: self._size**3 + self._size**2}
        self._rows = np.zeros(sum(self._size**length for length in self._starts), dtype=np.uint16)
        self._rows[self._find_keys(grams)] = range(1, len(grams) + 1)
        self._weights = _make_weights(profiles, grams, SMOOTHING)
        self._four_rows, fours = self._number_fours([gram for gram in known if len(gram) > LONGEST_DENSE])
        self._four_weights = _make_weights(profiles, fours, SMOOTHING_FOURS)

    def score(self, codes: Codes) -> Score:
        """Add up what every n-gram of the text says."""
        rows = self._look_up(codes)
        fours = self._look_up_fours(rows)
        threes, known = np.count_nonzero(rows[3]), np.count_nonzero(rows[0])
        # einsum takes a third of the time that `sum` takes here, and no second core.
        long, short = (np.einsum("ij->j", self._weights.take(part, axis=0)) for part in (rows[0], rows[1:3].ravel()))
        # Most 4-grams of a text have no row: leaving these out saves more than finding them costs.
        longest = np.einsum("ij->j", self._four_weights.take(fours[fours > 0], axis=0))
        familiarity = (long + (threes - known) * UNSEEN) / max(1, threes)
        return Score(long + short + longest, int(np.count_nonzero(rows[:3])), familiarity, int(threes))

    def score_parts(self, codes: Codes, starts: NDArray[np.int64]) -> Scores:
        """The same for every part of a text; each part must start with something that is no letter, and so must end the text."""
        rows = self._look_up(codes)
        known = np.add.reduceat(rows > 0, starts + 1, axis=1, dtype=np.int64)
        long, *short = (np.add.reduceat(self._weights.take(row, axis=0), starts + 1, axis=0) for row in rows[:3])
        longest = np.add.reduceat(self._four_weights.take(self._look_up_fours(rows), axis=0), starts + 1, axis=0)
        familiarity = (long + (known[3] - known[0])[:, np.newaxis] * UNSEEN) / np.maximum(1, known[3])[:, np.newaxis]
        return Scores(long + short[0] + short[1] + longest, known[:3].sum(axis=0), familiarity, known[3])

    def _look_up(self, codes: Codes) -> Rows:
        """Shape (4, characters + 2): the rows of the 3-, 2- and 1-grams around each character, and the letters' numbers."""
        size, count = self._size, len(codes) + 2
        keys = np.zeros((3, count), dtype=np.int32)
        threes, twos, ones = keys
        self._number.take(codes, out=ones[1:-1])
        np.multiply(ones[:-1], size, out=twos[:-1])
        twos[:-1] += ones[1:]
        np.multiply(twos[:-2], size, out=threes[1:-1])
        threes[1:-1] += ones[2:]
        rows = np.empty((4, count), dtype=np.uint16)
        rows[3] = ones
        twos += self._starts[2]
        ones += self._starts[1]
        self._rows.take(keys, out=rows[:3])
        return rows

    def _look_up_fours(self, rows: Rows) -> Rows:
        """The rows of the 4-grams that start where the 3-gram around each character starts."""
        keys = rows[0].astype(np.int32)
        keys *= self._size
        keys[:-2] += rows[3, 2:]
        found: Rows = self._four_rows.take(keys)
        return found

    def _number_fours(self, grams: Sequence[str]) -> tuple[Rows, list[str]]:
        """The table of the 4-grams whose first three letters have a row, and these 4-grams in the order of their rows."""
        firsts = self._rows[self._find_keys([gram[:LONGEST_DENSE] for gram in grams])].astype(np.int32)
        lasts = self._number[encode("".join(gram[-1] for gram in grams))]
        kept = np.flatnonzero(firsts)
        table = np.zeros(len(self._weights) * self._size, dtype=np.uint16)
        table[firsts[kept] * self._size + lasts[kept]] = range(1, len(kept) + 1)
        return table, [grams[at] for at in kept.tolist()]

    def _find_keys(self, grams: Sequence[str]) -> NDArray[np.int64]:
        """Where each n-gram stands in the table: its number in base `size`, behind all of the longer ones."""
        padded = "".join(gram.rjust(LONGEST_DENSE, "\0") for gram in grams)
        digits = self._number[encode(padded)].reshape(-1, LONGEST_DENSE)
        keys: NDArray[np.int64] = digits @ self._size ** np.arange(LONGEST_DENSE - 1, -1, -1)
        keys += np.array([0, *(self._starts[length] for length in range(1, LONGEST_DENSE + 1))])[_measure(grams)]
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


def _make_weights(profiles: Sequence[Profile], grams: Sequence[str], smoothing: float) -> NDArray[np.float32]:
    """Shape (1 + n-grams, labels): log P(n-gram | label), and a row of zeros in front."""
    weights = np.full((len(grams) + 1, len(profiles)), smoothing)
    row = {gram: at for at, gram in enumerate(grams, 1)}
    for column, profile in enumerate(profiles):
        kept = [gram for gram in profile.freq if gram in row]
        at = np.fromiter(map(row.__getitem__, kept), dtype=np.int64)
        counts = np.fromiter(map(profile.freq.__getitem__, kept), dtype=np.float64)
        weights[at, column] += counts / np.array(profile.n_words)[_measure(kept) - 1]
    np.log(weights, out=weights)
    weights[0] = 0.0
    return weights.astype(np.float32)


def _measure(grams: Iterable[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, grams), dtype=np.int64)
