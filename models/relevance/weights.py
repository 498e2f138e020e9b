"""The numbers of the model: linear heads over named features, read from `weights.json` (never a pickle)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.encoder.choice import BrokenModel, find_file
from models.relevance.labels import load_labels

FAMILY = "evidence"
PATH = Path(__file__).parent / "weights.json"


class BadWeights(ValueError):
    """A weights file that cannot be used."""


@dataclass(frozen=True, slots=True)
class Head:
    """One logistic question over the features."""

    bias: float
    weights: Mapping[str, float]

    def add_up(self, features: Mapping[str, float]) -> float:
        """The log-odds that the answer is yes."""
        weights, total = self.weights, 0.0
        for name, value in features.items():
            if name in weights:
                total += weights[name] * value
        return self.bias + total


@dataclass(frozen=True, slots=True)
class Heads:
    """Every question but the first. Log-odds of topics count from the line at which each is given."""

    event: Head
    context: Head
    topics: Mapping[str, Head]
    genre: Mapping[str, Head]
    calibration: Mapping[str, tuple[float, float]]  # by language: slope and shift that make the log-odds of relevance honest


@dataclass(frozen=True, slots=True)
class Weights:
    """All heads. `heads` serve texts that only the evidence was read of, `worded` those that the encoder has read.

    `relevant` reads the evidence; `wording`, if there is one, the wording alone, and its word is added to the evidence's.
    """

    version: int
    relevant: Head
    heads: Heads
    wording: Head | None = None
    worded: Heads | None = None
    trained_as: str = ""

    @property
    def name(self) -> str:
        """Name and version, as stored with every label; the id of a retrained model."""
        return self.trained_as or f"{FAMILY}-{self.version}"


@cache
def load_weights() -> Weights:
    """The shipped weights. Raises BadWeights."""
    return parse_weights(read_shipped())


def read_shipped() -> str:
    """The text of the weights that come with xabar, or with the encoder that was chosen instead. Raises BrokenModel."""
    path = find_file(PATH)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BrokenModel(f"{path}: cannot be read ({error.strerror}); install xabar again, or make the folder again") from error


def parse_weights(text: str) -> Weights:
    """Read weights strictly: every topic and genre of the label scheme, nothing else."""
    data = json.loads(text)
    wording = data.get("wording")
    return Weights(
        version=data["version"],
        relevant=_read_head(data["relevant"]),
        heads=_read_heads(data),
        wording=_read_head(wording["relevant"]) if wording else None,
        worded=_read_heads(wording) if wording else None,
        trained_as=data.get("trained_as", ""),
    )


def squash(log_odds: float) -> float:
    """Log-odds to probability, safe for any size."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-min(log_odds, 500.0)))
    grown = math.exp(max(log_odds, -500.0))
    return grown / (1 + grown)


def _read_heads(data: Mapping[str, Any]) -> Heads:
    labels = load_labels()
    for axis in ("topics", "genre"):
        if data[axis].keys() != labels[axis].keys():
            odd = min(data[axis].keys() ^ labels[axis].keys())
            raise BadWeights(f"weights.json: {axis} do not fit labels.toml ('{odd}'); run python -m pipeline.learn.ship")
    return Heads(
        event=_read_head(data["event"]),
        context=_read_head(data["context"]),
        topics={name: _read_head(head) for name, head in data["topics"].items()},
        genre={name: _read_head(head) for name, head in data["genre"].items()},
        calibration={language: (float(slope), float(shift)) for language, (slope, shift) in data["calibration"].items()},
    )


def _read_head(data: Mapping[str, object]) -> Head:
    bias, weights, line = data["bias"], data["weights"], data.get("line", 0.0)
    if not isinstance(bias, int | float) or not isinstance(weights, dict) or not isinstance(line, int | float):
        raise BadWeights("weights.json: a head needs 'bias' (a number) and 'weights' (a table)")
    return Head(float(bias) - float(line), {str(name): float(value) for name, value in weights.items()})
