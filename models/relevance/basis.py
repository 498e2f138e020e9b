"""The coordinates in which wording is weighed: the directions in which the training texts' states differ most.

Few and nearly independent of each other, so that heads are small, quick to train, and can remember texts that are not there
any more. The file also has the state of a sentence of ours: another encoder's states would mean something else, and show.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.encoder.choice import find_file
from models.encoder.encode import BrokenModel, load_encoder
from models.relevance.wording import Floats, Read, Worded, read_wording

PATH = Path(__file__).parent / "basis.safetensors"
PREFIX = "wording:"
PROBE = ("en", "", "The committee opened a new library and two schools near the river on Monday, residents said.")
TINY = 1e-9
ALIKE = 0.98  # cosine; the same encoder on another processor gives 0.999


class Located(NamedTuple):
    """The coordinates of a text, float32 [coordinates], and of its sentences, float32 [sentences, coordinates]."""

    text: Floats
    sentences: Floats

    def weigh(self, weights: Floats, bias: float) -> tuple[float, int | None]:
        """Log-odds by a linear head, halfway between the whole text and its most telling sentence; and which that is.

        An article has dull sentences too: by the whole alone they would drown the one that matters.
        """
        whole = float(self.text @ weights) + bias
        if not len(self.sentences):
            return whole, None
        each = self.sentences @ weights
        best = int(each.argmax())
        return (whole + float(each[best]) + bias) / 2, best


@dataclass(frozen=True, slots=True)
class Basis:
    """`mean` float32 [size] and `axes` float32 [coordinates, size] of states; `probe` is the state of PROBE."""

    mean: Floats
    axes: Floats
    probe: Floats

    def place(self, states: Floats) -> Floats:
        """The coordinates of states of unit length, float32 [..., coordinates]."""
        return np.asarray((states - self.mean) @ self.axes.T, dtype=np.float32)

    def describe(self, coordinates: Floats) -> dict[str, float]:
        """The coordinates of a text by name, as a head of weights.json reads them."""
        return {f"{PREFIX}{number}": float(value) for number, value in enumerate(coordinates)}

    def locate(self, worded: Worded) -> Located:
        """Where a text and each of its sentences stand."""
        lengths = np.linalg.norm(worded.parts, axis=1, keepdims=True)
        return Located(self.place(worded.state), self.place(worded.parts / np.maximum(lengths, TINY)))


@cache
def load_basis(path: Path | None = None, reader: Read | None = None) -> Basis:
    """The coordinates that stand on the encoder. Raises BrokenModel when they are missing, damaged or belong to another one."""
    path = path or find_file(PATH)
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "np") as stored:
            basis = Basis(*(stored.get_tensor(name).astype(np.float32) for name in ("mean", "axes", "probe")))
    except (OSError, SafetensorError) as error:
        raise BrokenModel(f"{path}: is missing or damaged ({error}); install xabar again, or run {_COMMAND}") from error
    now = read_probe(reader or load_encoder().read)
    if now.shape != basis.probe.shape or float(basis.probe @ now) < ALIKE:
        raise BrokenModel(f"{path}: was made with another encoder; run {_COMMAND}")
    return basis


def read_probe(read: Read) -> Floats:
    """The state of PROBE now."""
    return read_wording([PROBE], read)[0].state


_COMMAND = "`python -m pipeline.learn.ship` in a checkout"
