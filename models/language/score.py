"""Naive Bayes over all 1- to 4-grams of a text: langdetect's model, summed exactly instead of sampled at random."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.language.profile import Profile, load_profiles
from models.language.script import Codes, find_script
from models.language.table import Keys, Rows, Table, make_table

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """What the profiles say of a text.

    `log_likelihoods`, one per label, rest on `grams` n-grams of 1 to 3 letters that some profile knows. The text has `threes`
    3-grams around a letter, found in the table under `keys`.
    """

    log_likelihoods: Floats
    grams: int
    threes: int
    keys: Keys


@dataclass(frozen=True, slots=True)
class Scores:
    """The same of several parts, one per row of `log_likelihoods` and `familiarity`, one per number of the others."""

    log_likelihoods: Floats
    grams: NDArray[np.int64]
    familiarity: Floats
    threes: NDArray[np.int64]


class Scorer:
    """Log-likelihoods of a text under several profiles of one script."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.labels = tuple(profile.name for profile in profiles)
        self._profiles = profiles

    @cached_property
    def _table(self) -> Table:
        # Made for the first text in this script: that is a third of the start-up, and many runs see one script only.
        return make_table(self._profiles)

    def score(self, codes: Codes) -> Score:
        """Add up what every n-gram of the text says."""
        numbers, threes, fours = self._look_up(codes)
        # einsum takes a third of the time that `sum` takes here, and no second core.
        total = np.einsum("ij->j", self._table.weights.take(fours, axis=0))
        return Score(total[:-1], int(total[-1]), int(np.count_nonzero(numbers)), threes)

    def find_familiarity(self, score: Score, column: int) -> float:
        """The mean log-probability of the text's 3-grams under one profile: low where the text is in another language."""
        found = self._table.familiar[column].take(score.keys // self._table.size)
        return float(np.add.reduce(found)) / max(1, score.threes)

    def score_parts(self, codes: Codes, starts: NDArray[np.int64]) -> Scores:
        """The same for every part of a text; each part must start with something that is no letter, and so must end the text."""
        numbers, threes, fours = self._look_up(codes)
        total = np.add.reduceat(self._table.weights.take(fours, axis=0), starts + 1, axis=0)
        letters = np.add.reduceat(numbers > 0, starts + 1, dtype=np.int64)
        familiar = np.add.reduceat(self._table.familiar.take(threes // self._table.size, axis=1), starts + 1, axis=1).T
        return Scores(total[:, :-1], total[:, -1].astype(np.int64), familiar / np.maximum(1, letters)[:, np.newaxis], letters)

    def _look_up(self, codes: Codes) -> tuple[NDArray[np.int64], Keys, Rows]:
        """The letters' numbers behind one that is no letter, and from there the keys of the 3-grams and rows of the 4-grams."""
        table = self._table
        count = len(codes) + 1
        numbers = np.zeros(count + 3, dtype=np.int64)
        numbers[1:-3] = table.numbers.take(codes, mode="clip")
        twos = table.two.take(numbers[:count] * table.size + numbers[1:-2])
        threes = table.three.take(twos + numbers[2:-1])
        return numbers[:count], threes, table.four.take(threes + numbers[3:])


def make_scorers(profiles: Iterable[Profile]) -> dict[str, Scorer]:
    """One scorer per script of the profiles."""
    by_script: dict[str, list[Profile]] = defaultdict(list)
    for profile in sorted(profiles, key=lambda profile: profile.name):
        by_script[find_script(profile.grams.ravel().astype(np.uint32))].append(profile)
    return {script: Scorer(group) for script, group in by_script.items()}


def load_scorers(folder: Path) -> dict[str, Scorer]:
    """One scorer per script of the profiles in this folder. Raises ValueError for a missing or broken profile."""
    return make_scorers(load_profiles(folder))
