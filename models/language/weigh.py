"""What every part of one text says about its language, all parts at once."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.language.calibration import Temperature, find_familiar
from models.language.detect import LANGUAGES
from models.language.detector import FEWEST_LETTERS
from models.language.fold import fold
from models.language.score import Scorer
from models.language.script import Codes, encode, find_scripts

Floats = NDArray[np.float64]

LABELS = (*LANGUAGES, "und")
# The least that one part can leave of a language: names, code and slips must not outweigh everything around them.
LEAST = 1e-4
# And what one letter can take away, in nats: a line of two words is too short to change the language.
NATS_PER_LETTER = 0.3
# The start of a part is evidence enough, and so much of a text is read at once: memory stays small, time linear.
PART_CHARACTERS = 120
BATCH_CHARACTERS = 20_000

_BREAK = "\x1e"


def weigh(parts: Sequence[str], scorers: Mapping[str, Scorer], temperatures: Mapping[str, Temperature]) -> Floats:
    """Log-probabilities, shape (parts, LABELS), none below log(LEAST), nor far below zero for a short part."""
    return np.concatenate([_weigh_batch(batch, scorers, temperatures) for batch in _iter_batches(parts)])


def _iter_batches(parts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for part in parts:
        batch.append(part[:PART_CHARACTERS])
        size += len(batch[-1])
        if size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _weigh_batch(parts: list[str], scorers: Mapping[str, Scorer], temperatures: Mapping[str, Temperature]) -> Floats:
    clean = (part.replace(_BREAK, " ") for part in parts)
    codes = encode(f"{_BREAK}{fold(_BREAK.join(clean))}{_BREAK}")
    starts = np.flatnonzero(codes == ord(_BREAK))[:-1]
    scripts = find_scripts(codes, starts)
    found = np.zeros((len(parts), len(LABELS)))
    found[:, -1] = 1.0
    for script in sorted({script for script, letters in scripts if letters >= FEWEST_LETTERS} & scorers.keys()):
        mine = [at for at, (other, letters) in enumerate(scripts) if other == script and letters >= FEWEST_LETTERS]
        found[mine] = _find_probabilities(codes, starts, scorers[script], temperatures[script])[mine]
    letters = np.array([letters if letters >= FEWEST_LETTERS else 0 for _, letters in scripts])
    return np.log(np.maximum(found, np.maximum(LEAST, np.exp(-NATS_PER_LETTER * letters))[:, np.newaxis]))


def _find_probabilities(codes: Codes, starts: NDArray[np.int64], scorer: Scorer, temperature: Temperature) -> Floats:
    """Shape (parts, LABELS): what is left for none of ours goes to und."""
    scores = scorer.score_parts(codes, starts)
    probabilities = temperature.find_probabilities(scores.log_likelihoods, scores.grams[:, np.newaxis], scorer.labels)
    probabilities *= find_familiar(scores.familiarity, np.maximum(1.0, scores.threes)[:, np.newaxis])
    found = np.zeros((len(starts), len(LABELS)))
    for column, label in enumerate(LABELS[:-1]):
        if label in scorer.labels:
            found[:, column] = probabilities[:, scorer.labels.index(label)]
    found[:, -1] = 1.0 - found.sum(axis=1)
    return found
