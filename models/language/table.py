"""The n-grams of several profiles as tables that numpy looks up: letters to rows, rows to log-probabilities.

A text is read by windows of four letters. Every window has one row, that of its longest beginning that some profile knows, and
the row holds the sum of what all its beginnings say: one look-up and one addition a letter instead of four.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.language.profile import LONGEST, Profile
from models.language.script import LAST

Floats = NDArray[np.float32]
Keys = NDArray[np.int32]
Rows = NDArray[np.uint16]

# The probability of what a profile never saw, per length. langdetect takes 0.5 / 10,000, which was worse at 20 characters.
# Profiles keep only the frequent 4-grams: one that is missing may well exist.
SMOOTHING = np.array([0.1, 0.1, 0.1, 0.2]) / 10_000
UNSEEN = float(np.log(SMOOTHING[2]))

# The rows of windows without a letter, and of letters in an order that no profile has. Letters are numbered from here on.
NOTHING, STRANGE, _FIRST = 0, 1, 2
_MOST_ROWS = 0x10000


@dataclass(frozen=True, slots=True)
class Table:
    """`numbers` gives code points their number, 0 for all that is no letter here; `size` is one more than the last.

    The number of a letter is its row, too, and a row times `size` its key: `two[key + second]` is the key of two letters,
    `three[key + third]` that of three, `four[key + fourth]` the row of four. `weights` has a column per profile and a last one,
    how many 1- to 3-grams of the window are known. `familiar` has a line per profile: the log-probability of the 3-gram alone,
    for every row up to three letters.
    """

    numbers: Rows
    size: int
    two: Keys
    three: Keys
    four: Rows
    weights: Floats
    familiar: Floats


@dataclass(frozen=True, slots=True)
class _Grams:
    """All n-grams of all profiles: the number of each letter, the column and the probability that the n-gram has there."""

    digits: Keys
    lengths: NDArray[np.int8]
    columns: NDArray[np.int8]
    shares: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Tree:
    """`rows` of the n-grams, the first row of every length and the end, the row each row goes on from, and the tables."""

    rows: Keys
    starts: tuple[int, ...]
    parents: NDArray[np.int64]
    steps: tuple[Rows, ...]


def make_table(profiles: Sequence[Profile]) -> Table:
    """The table of these profiles, whose columns are in their order. Raises ValueError for more n-grams than can be numbered."""
    codes = np.concatenate([profile.grams for profile in profiles])
    shares = np.concatenate([profile.find_shares() for profile in profiles])
    numbers, size = _number_letters(codes, shares)
    columns = np.repeat(np.arange(len(profiles), dtype=np.int8), [len(profile.grams) for profile in profiles])
    lengths = np.concatenate([profile.lengths for profile in profiles])
    grams = _Grams(numbers.take(codes).astype(np.int32), lengths, columns, shares)
    tree = _grow(grams, size)
    weights, familiar = _weigh(grams, tree, len(profiles))
    two, three, four = tree.steps
    return Table(numbers, size, two * np.int32(size), three * np.int32(size), four, weights, familiar)


def _number_letters(codes: Rows, shares: NDArray[np.float32]) -> tuple[Rows, int]:
    mass = np.bincount(codes[:, 0], weights=shares, minlength=LAST + 1)
    for place in range(1, LONGEST):
        mass += np.bincount(codes[:, place], weights=shares, minlength=LAST + 1)
    mass[[0, ord(" ")]] = 0.0
    letters = _sort(np.flatnonzero(mass), mass[mass > 0])
    numbers = np.zeros(LAST + 1, dtype=np.uint16)
    numbers[letters] = np.arange(_FIRST, _FIRST + len(letters))
    return numbers, _FIRST + len(letters)


def _sort(keys: NDArray[np.int64], mass: NDArray[Any]) -> NDArray[np.int64]:
    """The most frequent first: what a text asks for then lies close together in memory."""
    return keys[np.argsort(-mass, kind="stable")]


def _grow(grams: _Grams, size: int) -> _Tree:
    """Number the n-grams, length by length. One whose beginning no profile knows cannot be reached and has no row of its own."""
    rows, starts, parents, steps = grams.digits[:, 0], [NOTHING, size], [np.zeros(size, dtype=np.int64)], []
    for place in range(1, LONGEST):
        # Rows, not keys: the last table is the largest, and two bytes a cell keep it small.
        step = np.repeat(np.arange(starts[-1], dtype=np.uint16), size)
        if place == 1:
            step[_FIRST:size] = STRANGE
        keys = rows * size + grams.digits[:, place]
        mine = (grams.lengths == place + 1) & (rows >= starts[-2])
        known = _find_known(keys[mine], grams.shares[mine], step)
        if starts[-1] + len(known) > _MOST_ROWS:
            raise ValueError(f"more than {_MOST_ROWS} n-grams in one script: leave out rarer ones in training")
        step[known] = np.arange(starts[-1], starts[-1] + len(known))
        rows = np.where(grams.lengths > place, step.take(keys), rows)
        starts.append(starts[-1] + len(known))
        parents.append(known // size)
        steps.append(step)
    return _Tree(rows, tuple(starts), np.concatenate(parents), tuple(steps))


def _find_known(keys: Keys, shares: NDArray[np.float32], step: Rows) -> NDArray[np.int64]:
    """The different keys, the most frequent first; their cells in the table are written over."""
    marks = np.zeros(len(step), dtype=np.bool_)
    marks[keys] = True
    known = np.flatnonzero(marks)
    if len(known) < _MOST_ROWS:
        step[known] = np.arange(len(known))
    return _sort(known, np.bincount(step.take(keys), weights=shares, minlength=len(known))[: len(known)])


def _weigh(grams: _Grams, tree: _Tree, columns: int) -> tuple[Floats, Floats]:
    """The weights and the familiarity of every row."""
    found = np.empty((tree.starts[-1], columns + 1), dtype=np.float32)
    found[:] = np.repeat(SMOOTHING, np.diff(tree.starts))[:, np.newaxis]
    kept = tree.rows >= np.array(tree.starts)[grams.lengths - 1]
    found[tree.rows[kept], grams.columns[kept]] += grams.shares[kept]
    np.log(found, out=found)
    single = np.bincount(tree.rows[grams.lengths == 1], minlength=tree.starts[1])[: tree.starts[1]] > 0
    found[: tree.starts[1]][~single] = 0.0
    found[:, -1] = np.repeat([1.0, 1.0, 1.0, 0.0], np.diff(tree.starts))
    found[: tree.starts[1], -1] = single
    familiar = _find_familiar(found[: tree.starts[3], :-1], tree)
    for start, end in zip(tree.starts[1:], tree.starts[2:], strict=False):
        found[start:end] += found[tree.parents[start:end]]
    return found, familiar


def _find_familiar(logs: Floats, tree: _Tree) -> Floats:
    """The log-probability of the 3-gram itself, of those of no profile as well; a window around no letter has none."""
    familiar = logs.T.copy()
    familiar[:, : tree.starts[2]] = UNSEEN
    words_end = np.unique(tree.steps[0][:: tree.starts[1]])
    familiar[:, words_end[words_end >= tree.starts[1]]] = 0.0
    familiar[:, NOTHING] = 0.0
    return familiar
