"""From log-likelihoods to probabilities that mean what they say: a temperature that grows with the length of the text.

The n-grams of a text overlap, so their sum is far too sure of itself, the more the longer the text. Dividing it by a * n ** b,
n being the number of n-grams, repairs that. Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.language.profile import CALIBRATION_FILE

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, NDArray[np.floating])

WANTED = ("uz-Latn", "uz-Cyrl", "tg", "ru", "en")
# The sources we read write in the wanted languages: a distractor starts with this fraction of their prior.
DISTRACTOR_PRIOR = 0.1
# This part of the held-out texts may be labelled wrong (untranslated, mixed): they must not dictate the temperature.
WRONG_GOLD = 0.01

# A text whose 3-grams have a lower mean log-probability, with some slack for a short one, is in a language without a profile.
# Measured by taking a neighbour's profile away: Mongolian sent to ours falls from 35 to 6 %, at .001 of macro-F1.
STRANGE = -8.5
STRANGE_SPREAD = 4.0
STRANGE_SOFTNESS = 0.15

_A = tuple(round(0.25 * 2 ** (step / 4), 3) for step in range(25))
_B = tuple(round(0.05 * step, 2) for step in range(17))


@dataclass(frozen=True, slots=True)
class Temperature:
    """T(n) = a * n ** b for a text of n known n-grams."""

    a: float
    b: float

    def find_probabilities_of_one(self, scores: Floats, grams: int, labels: tuple[str, ...]) -> list[float]:
        """The same as `find_probabilities` for one text, without numpy: that takes three times as long for so few numbers."""
        scale = max(1.0, self.a * max(grams, 1) ** self.b)
        scaled = [score / scale + prior for score, prior in zip(scores.tolist(), _list_prior(labels), strict=True)]
        top = max(scaled)
        powers = [math.exp(each - top) for each in scaled]
        total = sum(powers)
        return [power / total for power in powers]

    def find_probabilities(self, scores: Floats, grams: Floats | NDArray[np.int64], labels: tuple[str, ...]) -> Floats:
        """Softmax over the last axis of the tempered scores plus the log prior."""
        scaled = scores / np.maximum(1.0, self.a * np.maximum(grams, 1) ** self.b) + _make_prior(labels)
        powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        probabilities: Floats = powers / powers.sum(axis=-1, keepdims=True)
        return probabilities


@cache
def _make_prior(labels: tuple[str, ...]) -> Floats:
    """The log prior of each label."""
    return np.array(_list_prior(labels))


@cache
def _list_prior(labels: tuple[str, ...]) -> list[float]:
    return [0.0 if label in WANTED else math.log(DISTRACTOR_PRIOR) for label in labels]


def find_familiar(familiarity: Number, threes: Number) -> Number:
    """The probability that a text of so many 3-grams, one at least, is in a language that has a profile at all."""
    limit = STRANGE - STRANGE_SPREAD * threes**-0.5
    familiar: Number = 1 / (1 + math.e ** ((limit - familiarity) / STRANGE_SOFTNESS))
    return familiar


def fit_temperature(scores: Floats, grams: NDArray[np.int64], gold: NDArray[np.int64], labels: tuple[str, ...]) -> Temperature:
    """The a and b of least mean log loss, every label weighing the same. Shapes: (texts, labels), (texts,), (texts,)."""
    weight = (1.0 / np.bincount(gold, minlength=len(labels)).clip(1))[gold]
    column = grams[:, np.newaxis].astype(np.float64)

    def find_loss(a: float, b: float) -> float:
        chosen = Temperature(a, b).find_probabilities(scores, column, labels)[np.arange(len(gold)), gold]
        return float((weight * -np.log((1 - WRONG_GOLD) * chosen + WRONG_GOLD / len(labels))).sum() / weight.sum())

    _, a, b = min((find_loss(a, b), a, b) for a, b in product(_A, _B))
    return Temperature(a, b)


def dump_calibration(temperatures: Mapping[str, Temperature], folder: Path) -> None:
    """Write one temperature per script beside the profiles."""
    rows = {script: asdict(temperature) for script, temperature in sorted(temperatures.items())}
    (folder / CALIBRATION_FILE).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def load_calibration(folder: Path) -> dict[str, Temperature]:
    """Read them again. Raises ValueError that names the file if it is missing or broken."""
    path = folder / CALIBRATION_FILE
    try:
        return {script: Temperature(**row) for script, row in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: no calibration ({error!r}); run python -m models.language.train") from error
